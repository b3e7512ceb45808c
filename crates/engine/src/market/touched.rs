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

/// Entries of the filter that keeps a level from being noted twice.
const RECENT: usize = 256;

/// A level by instrument, side and price.
type LevelName = (u32, Side, i64);

/// The levels touched since they were last taken; kept only where someone asks for them.
#[derive(Debug, Clone)]
pub(super) struct Touched {
    wanted: bool,
    levels: Vec<LevelName>,
    /// Levels noted lately, each with the turn in which it was, where its hash puts it.
    recent: Vec<(u64, LevelName)>,
    /// Counts how often the levels were taken.
    turn: u64,
}

impl Touched {
    pub(super) fn new(wanted: bool) -> Self {
        let entries = if wanted { RECENT } else { 0 };
        Self {
            wanted,
            levels: Vec::new(),
            recent: vec![(0, (0, Side::Buy, 0)); entries],
            turn: 1,
        }
    }

    /// Notes that what a level shows changed.
    #[inline(always)]
    pub(super) fn note(&mut self, instrument: u32, side: Side, price_ticks: i64) {
        if self.wanted {
            self.note_wanted((instrument, side, price_ticks));
        }
    }

    #[inline]
    fn note_wanted(&mut self, level: LevelName) {
        let (instrument, side, price_ticks) = level;
        let mixed = price_ticks.cast_unsigned() ^ u64::from(instrument) << 20 ^ (side as u64) << 7;
        let at = (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as usize;
        let entry = &mut self.recent[at % RECENT];
        if *entry != (self.turn, level) {
            *entry = (self.turn, level);
            self.levels.push(level);
        }
    }
}

impl Market {
    /// Puts every level that changed since the last call into `changes`, as it stands now. Those of
    /// an instrument stand together, else in no order, and one may come twice.
    pub(crate) fn take_level_changes(&mut self, changes: &mut Vec<LevelChange>) {
        changes.clear();
        let mut levels = std::mem::take(&mut self.orders.touched.levels);
        self.orders.touched.turn += 1;
        let first = levels.first().map(|level| level.0);
        if levels.iter().any(|level| Some(level.0) != first) {
            levels.sort_unstable_by_key(|level| level.0);
        }
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
