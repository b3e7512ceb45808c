//! The engine's face: commands in, events out, and what readers may see.

use crate::accounts::Accounts;
use crate::accounts_absent::Groups;
use crate::batch::BatchError;
use crate::config::EngineConfig;
use crate::core::Core;
use crate::emit::EventSink;
use crate::machine::Machine;
use crate::market::{DepthLevel, Market, OrderView, QueuePosition};
use outcry_protocol::{
    CommandKind, DecodeError, Digest, InstrumentLimitsRecord, InstrumentRecord, Side, TradingState,
};

/// A shard of the exchange: commands in, events out, nothing else.
#[derive(Debug, Clone)]
pub struct Engine(pub(crate) Either);

/// The machine that an engine has.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one engine to a thread, and it is what the thread has"
)]
#[derive(Debug, Clone)]
pub(crate) enum Either {
    /// Without money: every account exists and may trade anything.
    Market(Machine<Groups>),
    /// With money.
    Money(Machine<Accounts>),
}

/// The same for either machine.
macro_rules! either {
    ($engine:expr, $machine:ident => $answer:expr) => {
        match $engine {
            Engine(Either::Market($machine)) => $answer,
            Engine(Either::Money($machine)) => $answer,
        }
    };
}
pub(crate) use either;

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
        if config.money {
            Self(Either::Money(Machine::new(config)))
        } else {
            Self(Either::Market(Machine::new(config)))
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
        either!(self, machine => machine.apply(bytes, sink))
    }

    /// Applies all commands in `bytes`, in order, and answers how many there were. While one is
    /// applied the memory that those behind it will need is asked for.
    ///
    /// # Errors
    /// [`BatchError`] where the bytes cannot be read on; what stands before was applied.
    #[inline]
    pub fn apply_batch<S: EventSink>(
        &mut self,
        bytes: &[u8],
        sink: &mut S,
    ) -> Result<u64, BatchError> {
        either!(self, machine => machine.apply_batch(bytes, sink))
    }

    pub(crate) const fn core(&self) -> &Core {
        either!(self, machine => &machine.core)
    }

    /// The sequence of the last command, 0 before the first.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        either!(self, machine => machine.sequence)
    }

    /// Engine time: the greatest time that a command carried, in nanoseconds since 1970 UTC.
    #[must_use]
    pub const fn time_ns(&self) -> u64 {
        either!(self, machine => machine.time_ns)
    }

    /// The rolling digest of all events so far.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        either!(self, machine => machine.digest)
    }

    /// Whether `advance_time` at this time would find work.
    #[must_use]
    pub fn has_due_work(&self, time_ns: u64) -> bool {
        self.core().market.has_due_work(time_ns.max(self.time_ns()))
    }

    /// The definitions of all instruments, by number.
    pub fn instruments(&self) -> impl Iterator<Item = &InstrumentRecord> {
        self.core().market.books.iter().map(|book| &book.definition)
    }

    /// An instrument's definition and state.
    #[must_use]
    pub fn instrument(
        &self,
        instrument: u32,
    ) -> Option<(&InstrumentRecord, &InstrumentLimitsRecord, TradingState)> {
        let book = self.core().market.books.get(instrument)?;
        Some((&book.definition, &book.limits, book.state))
    }

    /// The last trade's price in ticks.
    #[must_use]
    pub fn last_trade(&self, instrument: u32) -> Option<i64> {
        let book = self.core().market.books.get(instrument)?;
        (book.last_trade() != 0).then_some(book.last_trade())
    }

    /// How many commands touched what the book shows; 0 for an unknown instrument.
    #[must_use]
    pub fn update_number(&self, instrument: u32) -> u64 {
        self.core()
            .market
            .books
            .get(instrument)
            .map_or(0, |book| book.update_number)
    }

    /// The best level of a side.
    #[must_use]
    pub fn best(&self, instrument: u32, side: Side) -> Option<DepthLevel> {
        self.core().market.books.get(instrument)?.depth(side).next()
    }

    /// Puts at most `most` levels of a side into `levels`, best first.
    pub fn depth(&self, instrument: u32, side: Side, most: usize, levels: &mut Vec<DepthLevel>) {
        levels.clear();
        if let Some(book) = self.core().market.books.get(instrument) {
            levels.extend(book.depth(side).take(most));
        }
    }

    /// An open order.
    #[must_use]
    pub fn order(&self, order_id: u64) -> Option<OrderView> {
        self.core().market.order(order_id)
    }

    /// A resting order's place at its price. Walks the level.
    #[must_use]
    pub fn queue_position(&self, order_id: u64) -> Option<QueuePosition> {
        self.core().market.queue_position(order_id)
    }

    /// How many orders are open on all instruments.
    #[must_use]
    pub fn open_orders(&self) -> u32 {
        self.core().market.orders.pool.used()
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
