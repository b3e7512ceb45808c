//! The state machine: sequence, time, the course of a command.

use crate::config::EngineConfig;
use crate::core::Core;
use crate::emit::{Emitter, EventSink};
use crate::market::{DepthLevel, Market, OrderView, QueuePosition};
use crate::requests::Requests;
use outcry_protocol::{
    Command, CommandKind, DecodeError, Digest, EventRecord, InstrumentLimitsRecord,
    InstrumentRecord, OrderRecord, RejectReason, Side, TradingState, record_size,
};
use zerocopy::FromBytes;

/// A shard of the exchange: commands in, events out, nothing else.
#[derive(Debug, Clone)]
pub struct Engine {
    core: Core,
    sequence: u64,
    time_ns: u64,
    digest: Digest,
}

impl Engine {
    /// Bytes of a plain resting order beside its slot in the id table.
    pub const RESTING_ORDER_BYTES: usize = Market::ORDER_BYTES;

    /// Bytes of a slot in the id table, of which at most three in eight are taken.
    pub const RESTING_ORDER_ID_BYTES: usize = Market::ORDER_ID_BYTES;

    /// An engine without instruments.
    ///
    /// # Panics
    /// When a bound of the configuration is zero that must not be, or the shard is 2^19 or more.
    #[must_use]
    pub fn new(config: EngineConfig) -> Self {
        assert!(config.work_max > 0, "work_max: 0 is below 1");
        assert!(config.mass_max > 0, "mass_max: 0 is below 1");
        assert!(
            config.shard < 1 << 19,
            "shard: {} is not below 2^19",
            config.shard
        );
        Self {
            core: Core {
                market: Market::new(&config),
                requests: Requests::new(config.remembered_requests),
                config,
            },
            sequence: 0,
            time_ns: 0,
            digest: Digest::default(),
        }
    }

    /// Applies the one command at the start of `bytes` and answers how many bytes it has.
    ///
    /// A record that is no command, or whose fields are wrong, is answered by `rejected` like any
    /// refusal and takes a sequence.
    ///
    /// # Errors
    /// When no size can be told, the bytes end within the first command, or they do not begin at an
    /// address divisible by eight. Nothing changed then.
    #[inline]
    pub fn apply<S: EventSink>(
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

    #[inline(always)]
    pub(crate) fn apply_plain<S: EventSink>(
        &mut self,
        kind: CommandKind,
        record: &OrderRecord,
        sink: &mut S,
    ) {
        let Self { core, digest, .. } = self;
        self.sequence += 1;
        self.time_ns = self.time_ns.max(record.time_ns);
        let mut out = Emitter::new(sink, digest, self.sequence, self.time_ns);
        core.run_plain(kind, record, &mut out);
        self.assert_sound();
    }

    #[inline(never)]
    fn apply_any<S: EventSink>(
        &mut self,
        bytes: &[u8],
        size: usize,
        sink: &mut S,
    ) -> Result<usize, DecodeError> {
        let decoded = Command::decode(bytes);
        if let Err(error @ (DecodeError::Unaligned | DecodeError::Truncated { .. })) = decoded {
            return Err(error);
        }
        let time_ns = decoded.map_or(0, |(command, _)| crate::core::time_of(&command));
        let Self { core, digest, .. } = self;
        self.sequence += 1;
        self.time_ns = self.time_ns.max(time_ns);
        let mut out = Emitter::new(sink, digest, self.sequence, self.time_ns);
        let size = if let Ok((command, whole)) = decoded {
            core.run(&command, &mut out);
            whole
        } else {
            core.run_malformed(&mut out);
            size
        };
        self.assert_sound();
        Ok(size)
    }

    #[inline(always)]
    fn assert_sound(&self) {
        if self.core.config.check_invariants {
            self.core.market.assert_invariants();
        }
    }

    pub(crate) const fn core(&self) -> &Core {
        &self.core
    }

    /// The sequence of the last command, 0 before the first.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Engine time: the greatest time that a command carried, in nanoseconds since 1970 UTC.
    #[must_use]
    pub const fn time_ns(&self) -> u64 {
        self.time_ns
    }

    /// The rolling digest of all events so far.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Whether `advance_time` at this time would find work.
    #[must_use]
    pub fn has_due_work(&self, time_ns: u64) -> bool {
        self.core.market.has_due_work(time_ns.max(self.time_ns))
    }

    /// The definitions of all instruments, by number.
    pub fn instruments(&self) -> impl Iterator<Item = &InstrumentRecord> {
        self.core.market.books.iter().map(|book| &book.definition)
    }

    /// An instrument's definition and state.
    #[must_use]
    pub fn instrument(
        &self,
        instrument: u32,
    ) -> Option<(&InstrumentRecord, &InstrumentLimitsRecord, TradingState)> {
        let book = self.core.market.books.get(instrument)?;
        Some((&book.definition, &book.limits, book.state))
    }

    /// The last trade's price in ticks.
    #[must_use]
    pub fn last_trade(&self, instrument: u32) -> Option<i64> {
        let book = self.core.market.books.get(instrument)?;
        (book.last_trade() != 0).then_some(book.last_trade())
    }

    /// How many commands touched what the book shows; 0 for an unknown instrument.
    #[must_use]
    pub fn update_number(&self, instrument: u32) -> u64 {
        self.core
            .market
            .books
            .get(instrument)
            .map_or(0, |book| book.update_number)
    }

    /// The best level of a side.
    #[must_use]
    pub fn best(&self, instrument: u32, side: Side) -> Option<DepthLevel> {
        self.core.market.books.get(instrument)?.depth(side).next()
    }

    /// Puts at most `most` levels of a side into `levels`, best first.
    pub fn depth(&self, instrument: u32, side: Side, most: usize, levels: &mut Vec<DepthLevel>) {
        levels.clear();
        if let Some(book) = self.core.market.books.get(instrument) {
            levels.extend(book.depth(side).take(most));
        }
    }

    /// An open order.
    #[must_use]
    pub fn order(&self, order_id: u64) -> Option<OrderView> {
        self.core.market.order(order_id)
    }

    /// A resting order's place at its price. Walks the level.
    #[must_use]
    pub fn queue_position(&self, order_id: u64) -> Option<QueuePosition> {
        self.core.market.queue_position(order_id)
    }

    /// How many orders are open on all instruments.
    #[must_use]
    pub fn open_orders(&self) -> u32 {
        self.core.market.orders.pool.used()
    }
}

/// The kind of a plain order command.
#[inline(always)]
pub(crate) const fn plain_kind(kind: u8) -> Option<CommandKind> {
    const NEW: u8 = CommandKind::New as u8;
    const CANCEL: u8 = CommandKind::Cancel as u8;
    const REPLACE: u8 = CommandKind::Replace as u8;
    match kind {
        NEW => Some(CommandKind::New),
        CANCEL => Some(CommandKind::Cancel),
        REPLACE => Some(CommandKind::Replace),
        _ => None,
    }
}

/// What answers a record that is no command.
pub(crate) const fn malformed(sequence: u64) -> EventRecord {
    EventRecord::rejected(sequence, 0, RejectReason::Malformed, 0, 0)
}
