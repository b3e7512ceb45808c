//! The state machine with its ledger: sequence, time, and what a command says at its end.

use crate::accounts::Act;
use crate::config::EngineConfig;
use crate::core::Core;
use crate::emit::{Emitter, EventSink};
use crate::engine::plain_kind;
use crate::market::Ledger;
use crate::refusal::Refusal;
use crate::requests::Answer;
use crate::state::{LoadError, StateReader};
use outcry_protocol::{
    AccountRecord, AssetRecord, Command, CommandKind, DecodeError, Digest, EventRecord,
    FundsRecord, OrderRecord, SettleRecord, record_size,
};
use std::collections::BTreeMap;
use zerocopy::FromBytes;

/// A ledger as the machine drives it: the commands about money, beside what the market asks.
pub(crate) trait Keeper: Ledger {
    /// An empty ledger.
    fn new(config: &EngineConfig) -> Self;

    /// Refuses an account that is not there or may not do this; account 0 is the venue.
    fn admit(&self, account: u32, act: Act) -> Result<(), Refusal>;

    /// Refuses the fields of `set_account` that this ledger cannot keep.
    fn check_account(&self, record: &AccountRecord) -> Result<(), Refusal>;

    /// Makes or changes an account.
    fn set_account(&mut self, record: &AccountRecord) -> Result<(), Refusal>;

    /// Adds an asset.
    fn add_asset(&mut self, record: &AssetRecord) -> Result<(), Refusal>;

    /// Deposits, withdraws or transfers.
    fn move_funds(
        &mut self,
        kind: CommandKind,
        record: &FundsRecord,
        sequence: u64,
    ) -> Result<(), Refusal>;

    /// Ends a withdrawal.
    fn settle_withdrawal(&mut self, record: &SettleRecord) -> Result<(), Refusal>;

    /// How a source's number was answered before, if it was.
    fn find_source(&self, source: [u64; 2]) -> Result<Option<Answer>, Refusal>;

    /// Notes how a source's number was answered.
    fn note_source(&mut self, source: [u64; 2], sequence: u64, code: u16);

    /// Says which balances the command changed, and ends its turn.
    fn say_changes<S: EventSink>(out: &mut Emitter<'_, S, Self>)
    where
        Self: Sized;

    /// Asserts what must hold of money, given what open orders need by account and asset.
    fn assert_invariants(&self, needs: &BTreeMap<(u32, u32), u128>);

    /// Feeds the ledger's part of the state.
    fn feed_state(&self, feed: &mut impl FnMut(&[u8]));

    /// Takes up what [`Self::feed_state`] gave.
    fn load_state(&mut self, from: &mut StateReader<'_>) -> Result<(), LoadError>;
}

/// Market and ledger in one thread, without a queue between them.
#[derive(Debug, Clone)]
pub(crate) struct Machine<L> {
    pub(crate) core: Core,
    pub(crate) ledger: L,
    pub(crate) sequence: u64,
    pub(crate) time_ns: u64,
    pub(crate) digest: Digest,
}

impl<L: Keeper> Machine<L> {
    pub(crate) fn new(config: EngineConfig) -> Self {
        Self {
            ledger: L::new(&config),
            core: Core::new(config),
            sequence: 0,
            time_ns: 0,
            digest: Digest::default(),
        }
    }

    /// [`crate::Engine::apply`].
    #[inline]
    pub(crate) fn apply<S: EventSink>(
        &mut self,
        bytes: &[u8],
        sink: &mut S,
    ) -> Result<usize, DecodeError> {
        let size = record_size(bytes)?;
        if let Ok((record, _)) = OrderRecord::ref_from_prefix(bytes)
            && let Some(kind) = plain_kind(record.kind)
        {
            self.apply_plain(kind, record, sink);
            return Ok(size);
        }
        self.apply_any(bytes, size, sink)
    }

    /// Gives a command its sequence and time, and lets it run.
    #[inline(always)]
    fn run<S: EventSink>(
        &mut self,
        time_ns: u64,
        sink: &mut S,
        run: impl FnOnce(&mut Core, &mut Emitter<'_, S, L>),
    ) {
        self.sequence += 1;
        self.time_ns = self.time_ns.max(time_ns);
        let mut out = Emitter {
            sink,
            digest: &mut self.digest,
            ledger: &mut self.ledger,
            sequence: self.sequence,
            time_ns: self.time_ns,
        };
        run(&mut self.core, &mut out);
        L::say_changes(&mut out);
        self.assert_sound();
    }

    #[inline(always)]
    pub(crate) fn apply_plain<S: EventSink>(
        &mut self,
        kind: CommandKind,
        record: &OrderRecord,
        sink: &mut S,
    ) {
        self.run(record.time_ns, sink, |core, out| {
            core.run_plain(kind, record, out);
        });
    }

    #[inline(never)]
    fn apply_any<S: EventSink>(
        &mut self,
        bytes: &[u8],
        size: usize,
        sink: &mut S,
    ) -> Result<usize, DecodeError> {
        match Command::decode(bytes) {
            Err(error @ (DecodeError::Unaligned | DecodeError::Truncated { .. })) => Err(error),
            Err(_) => {
                self.run(0, sink, Core::run_malformed);
                Ok(size)
            }
            Ok((command, whole)) => {
                let time_ns = crate::core::time_of(&command);
                self.run(time_ns, sink, |core, out| core.run(&command, out));
                Ok(whole)
            }
        }
    }

    #[inline(always)]
    fn assert_sound(&self) {
        if self.core.config.check_invariants {
            self.core.market.assert_invariants();
            self.ledger.assert_invariants(&self.core.market.needs());
        }
    }
}

/// What answers a record that is no command.
pub(crate) const fn malformed(sequence: u64) -> EventRecord {
    EventRecord::rejected(sequence, 0, outcry_protocol::RejectReason::Malformed, 0, 0)
}
