//! Which price levels changed, for those who keep a copy of the depth.

use super::Market;
use super::book::key_of;
use super::slab::NONE;
use outcry_protocol::Side;

/// A price level as it stands after a change; no lots and no orders when it is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelChange {
    /// The instrument's number.
    pub instrument: u32,
    /// The side of the book.
    pub side: Side,
    /// The price in ticks.
    pub price_ticks: i64,
    /// Shown lots of all orders there; 2^64 - 1 stands for more.
    pub quantity_lots: u64,
    /// How many orders stand there.
    pub orders: u32,
    /// The book's update number after the change.
    pub update_number: u64,
}

/// The levels touched since they were last taken; kept only where someone asks for them.
#[derive(Debug, Clone)]
pub(super) struct Touched {
    wanted: bool,
    levels: Vec<(u32, Side, i64)>,
}

impl Touched {
    pub(super) const fn new(wanted: bool) -> Self {
        Self {
            wanted,
            levels: Vec::new(),
        }
    }

    /// Notes that what a level shows changed.
    #[inline(always)]
    pub(super) fn note(&mut self, instrument: u32, side: Side, price_ticks: i64) {
        if self.wanted {
            let level = (instrument, side, price_ticks);
            if self.levels.last() != Some(&level) {
                self.levels.push(level);
            }
        }
    }
}

impl Market {
    /// Puts every level that changed since the last call into `changes`, by instrument, side and
    /// price, as it stands now.
    pub(crate) fn take_level_changes(&mut self, changes: &mut Vec<LevelChange>) {
        changes.clear();
        let mut levels = std::mem::take(&mut self.orders.touched.levels);
        levels
            .sort_unstable_by_key(|(instrument, side, price)| (*instrument, side.index(), *price));
        levels.dedup();
        for (instrument, side, price_ticks) in levels.drain(..) {
            let Some(book) = self.books.get(instrument) else {
                continue;
            };
            let place = book.sides[side.index()].level(key_of(side, price_ticks));
            let (quantity_lots, orders) = if place == NONE {
                (0, 0)
            } else {
                let level = &book.levels[place];
                let shown = u64::try_from(level.shown_lots()).unwrap_or(u64::MAX);
                (shown, level.orders)
            };
            changes.push(LevelChange {
                instrument,
                side,
                price_ticks,
                quantity_lots,
                orders,
                update_number: book.update_number,
            });
        }
        // The memory is kept for the next levels.
        self.orders.touched.levels = levels;
    }
}
