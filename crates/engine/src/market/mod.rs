//! The market: instruments, their books, and matching by price and time. It knows no accounts.

mod bitmap;
mod book;
mod cancel;
mod clients;
mod counts;
mod depth;
mod entry;
mod filters;
mod holds;
mod ids;
mod instruments;
mod invariants;
mod ladder;
mod ledger;
mod level;
mod list_course;
mod list_entry;
mod lists;
mod load;
mod matching;
mod order;
mod orders;
mod outlook;
mod owners;
mod queue;
mod replace;
mod slab;
mod state;
mod stops;
mod sweep;
mod touched;
mod walk;

pub use depth::{DepthLevel, QueuePosition};
pub use lists::ListView;
pub use order::Place;
pub use orders::OrderView;
pub use touched::LevelChange;

pub(crate) use ledger::{Ledger, Need, Settlement, Stamp, Terms};
pub(crate) use outlook::Outlook;

use crate::config::EngineConfig;
use instruments::Books;
use orders::Orders;
use sweep::Sweep;

/// Every instrument of a shard and all open orders.
#[derive(Debug, Clone)]
pub(crate) struct Market {
    pub(crate) orders: Orders,
    pub(crate) books: Books,
    /// Derived: what a bounded command left for its repeat.
    sweep: Option<Sweep>,
}

impl Market {
    pub(crate) const ORDER_BYTES: usize = size_of::<order::Order>();
    pub(crate) const ORDER_ID_BYTES: usize = size_of::<u64>();

    pub(crate) fn new(config: &EngineConfig) -> Self {
        Self {
            orders: Orders::new(config.shard, config.orders_capacity, config.tell_levels),
            books: Books::new(config.instrument_max),
            sweep: None,
        }
    }
}
