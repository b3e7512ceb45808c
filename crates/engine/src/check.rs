//! What the engine would say to a new order if money were no matter; nothing changes.
//!
//! Balance is the last of an order's checks, and nothing changes before it. So a new order comes in
//! as it always does, but to a ledger in which nobody has anything: whatever passes all other
//! checks is refused there, and whatever does not has been refused before.

use crate::accounts::Act;
use crate::core::check_expiry;
use crate::emit::{Emitter, EventSink};
use crate::engine::{Either, Engine, either};
use crate::machine::{Keeper, Machine};
use crate::market::{Ledger, Need, Settlement, Stamp, Terms};
use crate::refusal::Refusal;
use outcry_protocol::{
    Command, Digest, EventRecord, InstrumentRecord, OrderRecord, RejectReason as R,
};

impl Engine {
    /// Checks the new order at the start of `bytes` as [`Engine::apply`] would, but for its request
    /// id and the balance of its account. Nothing changes, the book included, although it is asked
    /// as if it could.
    ///
    /// # Errors
    /// The reason that the order would be refused for, and the bound that it breaks;
    /// `not_supported` for any other command, `malformed` for bytes that are none.
    pub fn check_new(&mut self, bytes: &[u8], time_ns: u64) -> Result<(), (R, u64)> {
        let checked = either!(self, machine => machine.check_new(bytes, time_ns));
        checked.map_err(|refusal| (refusal.reason, refusal.bound))
    }
}

impl<L: Keeper> Machine<L> {
    fn check_new(&mut self, bytes: &[u8], time_ns: u64) -> Result<(), Refusal> {
        let (command, _) = Command::decode(bytes).map_err(|_| R::Malformed)?;
        let time_ns = self.time_ns.max(time_ns);
        let (base, shape) = match &command {
            Command::New(record) => (*record, record.check_new()),
            Command::NewExtended(record) => {
                let future = check_expiry(record, time_ns);
                (&record.base, record.check_new().and(future))
            }
            Command::NewAmount(record) => (&record.base, record.check()),
            _ => return Err(R::NotSupported.into()),
        };
        shape?;
        self.ledger.admit(base.account, Act::Trade)?;
        self.enter_penniless(&command, base, time_ns)
    }

    fn enter_penniless(
        &mut self,
        command: &Command<'_>,
        base: &OrderRecord,
        time_ns: u64,
    ) -> Result<(), Refusal> {
        let mut out = Emitter {
            sink: &mut Nobody,
            digest: &mut Digest::default(),
            ledger: &mut Penniless(self.ledger.terms(base.account)),
            sequence: self.sequence + 1,
            time_ns,
        };
        let market = &mut self.core.market;
        let entered = match command {
            Command::NewExtended(record) => market.new_extended(record, &mut out),
            Command::NewAmount(record) => market.new_amount(record, &mut out),
            _ => market.new_plain(base, &mut out),
        };
        match entered {
            Err(refusal) if refusal.reason == R::InsufficientBalance => Ok(()),
            Err(refusal) => Err(refusal),
            Ok(_) => unreachable!("who has nothing can place nothing"),
        }
    }
}

/// Hears no event: there is none.
struct Nobody;

impl EventSink for Nobody {
    fn push(&mut self, _: &EventRecord) {
        unreachable!("a check says nothing");
    }
}

/// A ledger in which nobody has anything; it knows the terms of one account.
struct Penniless(Terms);

impl Ledger for Penniless {
    const KEEPS: bool = true;

    fn terms(&self, _: u32) -> Terms {
        self.0
    }

    fn check_decimals(&self, _: &InstrumentRecord) -> Result<(), Refusal> {
        Ok(())
    }

    fn available(&self, _: Stamp, _: u32) -> u128 {
        0
    }

    fn require(&self, _: Stamp, _: Need, _: u128) -> Result<(), Refusal> {
        Err(R::InsufficientBalance.into())
    }

    fn hold(&mut self, _: Stamp, _: Need) {}

    fn release(&mut self, _: Stamp, _: Need) {}

    fn rehold(&mut self, _: Stamp, _: Need, _: Need) {}

    fn settle(&mut self, _: &Settlement) {}
}
