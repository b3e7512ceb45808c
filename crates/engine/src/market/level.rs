//! The orders at one price of one side.

use super::slab::{NONE, Pooled};

/// A queue of orders at a price, front first, linked through the orders themselves.
#[derive(Debug, Clone)]
pub(crate) struct Level {
    pub(crate) price_ticks: i64,
    /// What the orders show, in lots: the low 64 bits. A full pool of the largest orders needs 96.
    shown_low: u64,
    shown_high: u32,
    pub(crate) head: u32,
    pub(crate) tail: u32,
    pub(crate) orders: u32,
}

impl Level {
    pub(crate) const fn at(price_ticks: i64) -> Self {
        Self {
            price_ticks,
            shown_low: 0,
            shown_high: 0,
            head: NONE,
            tail: NONE,
            orders: 0,
        }
    }

    /// What the orders show, in lots.
    pub(crate) const fn shown_lots(&self) -> u128 {
        (self.shown_high as u128) << 64 | self.shown_low as u128
    }

    #[inline(always)]
    pub(crate) const fn show(&mut self, lots: u64) {
        let (low, carry) = self.shown_low.overflowing_add(lots);
        self.shown_low = low;
        self.shown_high += carry as u32;
    }

    #[inline(always)]
    pub(crate) const fn hide(&mut self, lots: u64) {
        let (low, borrow) = self.shown_low.overflowing_sub(lots);
        self.shown_low = low;
        self.shown_high -= borrow as u32;
    }
}

impl Pooled for Level {
    const BLANK: Self = Self::at(0);

    #[inline]
    fn set_next_free(&mut self, next: u32) {
        self.head = next;
    }

    #[inline]
    fn next_free(&self) -> u32 {
        self.head
    }
}
