//! The orders at one price of one side.

use super::slab::{NONE, Pooled};

/// A queue of orders at a price, front first, linked through the orders themselves.
#[derive(Debug, Clone)]
pub(crate) struct Level {
    pub(crate) price_ticks: i64,
    /// What the orders show, in lots.
    pub(crate) shown_lots: u64,
    pub(crate) head: u32,
    pub(crate) tail: u32,
    pub(crate) orders: u32,
}

impl Level {
    pub(crate) const fn at(price_ticks: i64) -> Self {
        Self {
            price_ticks,
            shown_lots: 0,
            head: NONE,
            tail: NONE,
            orders: 0,
        }
    }
}

impl Pooled for Level {
    const BLANK: Self = Self::at(0);
}
