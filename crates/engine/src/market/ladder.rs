//! One side of a book: its occupied prices, best first.

#![expect(
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "ticks of a window are below 2^21 and keys within 2^62 of zero"
)]

use super::bitmap::Bitmap;
use super::slab::NONE;
use crate::prefetch::prefetch;
use std::collections::BTreeMap;

/// Ticks in the window at first.
const WINDOW_MIN: usize = 1 << 10;

/// Most ticks in the window: 4 MiB of places.
const WINDOW_MAX: usize = 1 << 20;

/// The key of no level: no price has it, since prices end at 2^62.
pub(crate) const NO_KEY: i64 = i64::MAX;

/// The occupied prices of one side, by key: a price on the ask side, a negated price on the bid
/// side, so that the lowest key is the best price on both.
///
/// A window of ticks around the market holds the place of each level and a bitmap of the occupied
/// ones; levels outside stand in an ordered map. Each level made outside earns a credit, and when
/// the credits pay for the work the window moves: it grows to take in what is within its reach, or,
/// where the new levels are out of reach, goes to where the majority is (there each level made
/// inside takes a credit back). So no price is out of reach, and orders far away cannot make
/// the others pay: the cost of every move is spread over the levels that asked for it.
#[derive(Debug, Clone)]
pub(crate) struct Ladder {
    best_key: i64,
    best_level: u32,
    /// The key of the window's first tick.
    base: i64,
    window: Vec<u32>,
    occupied: Bitmap,
    /// Levels in the window.
    inside: usize,
    far: BTreeMap<i64, u32>,
    /// Levels made outside but within reach since the last move.
    near_credits: usize,
    /// Levels made out of reach, less those made inside.
    far_credits: usize,
    /// The credits that the next move costs, as far as it is known.
    price_of_move: usize,
}

impl Ladder {
    pub(crate) fn new() -> Self {
        Self {
            best_key: NO_KEY,
            best_level: NONE,
            base: 0,
            window: vec![NONE; WINDOW_MIN],
            occupied: Bitmap::new(WINDOW_MIN),
            inside: 0,
            far: BTreeMap::new(),
            near_credits: 0,
            far_credits: 0,
            price_of_move: 0,
        }
    }

    /// The best key, [`NO_KEY`] when the side is empty.
    #[inline(always)]
    pub(crate) fn best_key(&self) -> i64 {
        self.best_key
    }

    /// The level of the best key, [`NONE`] when the side is empty.
    #[inline(always)]
    pub(crate) fn best_level(&self) -> u32 {
        self.best_level
    }

    /// The window's tick of a key, if it is inside.
    #[inline(always)]
    fn tick(&self, key: i64) -> Option<usize> {
        let tick = key.wrapping_sub(self.base).cast_unsigned();
        (tick < self.window.len() as u64).then_some(tick as usize)
    }

    /// The level at a key, or [`NONE`].
    #[inline(always)]
    pub(crate) fn level(&self, key: i64) -> u32 {
        match self.tick(key) {
            Some(tick) => self.window[tick],
            None if self.far.is_empty() => NONE,
            None => self.far.get(&key).copied().unwrap_or(NONE),
        }
    }

    /// Asks for the cache line that names the level at a key.
    #[inline(always)]
    pub(crate) fn prefetch(&self, key: i64) {
        let tick = key.wrapping_sub(self.base) as usize;
        prefetch(self.window.as_ptr().wrapping_add(tick));
    }

    /// The level at a key if the window holds it, for a prefetch only.
    #[inline(always)]
    pub(crate) fn guess(&self, key: i64) -> u32 {
        self.tick(key).map_or(NONE, |tick| self.window[tick])
    }

    /// Adds a level at a key that has none.
    #[inline]
    pub(crate) fn insert(&mut self, key: i64, level: u32) {
        if key < self.best_key {
            self.best_key = key;
            self.best_level = level;
        }
        if let Some(tick) = self.tick(key) {
            self.far_credits = self.far_credits.saturating_sub(1);
            self.insert_inside(tick, level);
        } else {
            self.insert_outside(key, level);
        }
    }

    #[inline]
    fn insert_inside(&mut self, tick: usize, level: u32) {
        self.window[tick] = level;
        self.occupied.insert(tick);
        self.inside += 1;
    }

    #[cold]
    fn insert_outside(&mut self, key: i64, level: u32) {
        self.far.insert(key, level);
        if self.inside == 0 {
            self.base = key.saturating_sub(self.window.len() as i64 / 2);
            return self.take_in_far();
        }
        let reaches = self.reaches(key);
        let credits = if reaches {
            &mut self.near_credits
        } else {
            &mut self.far_credits
        };
        *credits += 1;
        if *credits <= self.price_of_move {
            return;
        }
        let credits = *credits;
        let (base, length) = if reaches {
            self.grown(key)
        } else {
            self.moved_to(key)
        };
        // Laying out 64 empty ticks or one level takes an eighth of what a far level costs.
        self.price_of_move = (length / 64 + self.inside) / 8;
        if credits > self.price_of_move {
            self.move_window(base, length);
        }
    }

    /// Whether a window can hold a key beside all that the window spans now.
    fn reaches(&self, key: i64) -> bool {
        let end = self.base.saturating_add(self.window.len() as i64);
        let span = key.max(end).abs_diff(key.min(self.base));
        span <= WINDOW_MAX as u64 / 2
    }

    /// A window of the same length around a key.
    fn moved_to(&self, key: i64) -> (i64, usize) {
        (
            key.saturating_sub(self.window.len() as i64 / 2),
            self.window.len(),
        )
    }

    /// A window that holds a key within reach, all that the window holds now, and what of the
    /// far levels is within reach on both sides, with room to spare.
    fn grown(&self, key: i64) -> (i64, usize) {
        let reach = WINDOW_MAX as i64 / 4;
        let at = |tick: Option<usize>| tick.map_or(key, |tick| self.base + tick as i64);
        let (first, last) = (at(self.occupied.first()), at(self.occupied.last()));
        let (low, high) = (first.min(key), last.max(key));
        let middle = low + (high - low) / 2;
        let mut near = self
            .far
            .range(middle.saturating_sub(reach)..middle.saturating_add(reach));
        let low = near.next().map_or(low, |(key, _)| low.min(*key));
        let high = near.next_back().map_or(high, |(key, _)| high.max(*key));
        let span = (high - low) as usize + 1;
        let length = (span * 2)
            .next_power_of_two()
            .clamp(self.window.len(), WINDOW_MAX);
        (low.saturating_sub((length - span) as i64 / 2), length)
    }

    /// Lays the window anew; levels on both sides of its edges change places.
    fn move_window(&mut self, base: i64, length: usize) {
        let old_base = self.base;
        let old = std::mem::replace(&mut self.window, vec![NONE; length]);
        self.occupied = Bitmap::new(length);
        self.base = base;
        self.inside = 0;
        self.near_credits = 0;
        self.far_credits = 0;
        self.price_of_move = 0;
        for (tick, level) in old
            .into_iter()
            .enumerate()
            .filter(|(_, level)| *level != NONE)
        {
            let key = old_base + tick as i64;
            match self.tick(key) {
                Some(tick) => self.insert_inside(tick, level),
                None => {
                    self.far.insert(key, level);
                }
            }
        }
        self.take_in_far();
    }

    /// Takes the far levels that the window covers into it.
    fn take_in_far(&mut self) {
        let end = self.base.saturating_add(self.window.len() as i64);
        let coming: Vec<_> = self
            .far
            .range(self.base..end)
            .map(|(k, l)| (*k, *l))
            .collect();
        for (key, level) in coming {
            if let Some(tick) = self.tick(key) {
                self.far.remove(&key);
                self.insert_inside(tick, level);
            }
        }
    }

    /// Removes the level at a key that has one.
    #[inline]
    pub(crate) fn remove(&mut self, key: i64) {
        match self.tick(key) {
            Some(tick) => {
                self.window[tick] = NONE;
                self.occupied.remove(tick);
                self.inside -= 1;
            }
            None => {
                self.far.remove(&key);
            }
        }
        if key == self.best_key {
            let (key, level) = self.first_after(key).unwrap_or((NO_KEY, NONE));
            self.best_key = key;
            self.best_level = level;
        }
    }

    /// The best level worse than a key.
    #[inline]
    pub(crate) fn first_after(&self, key: i64) -> Option<(i64, u32)> {
        let inside = self.first_inside_after(key);
        if self.far.is_empty() {
            return inside;
        }
        let beyond = key.saturating_add(1);
        let outside = self
            .far
            .range(beyond..)
            .next()
            .map(|(key, level)| (*key, *level));
        [inside, outside].into_iter().flatten().min()
    }

    #[inline]
    fn first_inside_after(&self, key: i64) -> Option<(i64, u32)> {
        let from = key.saturating_sub(self.base).saturating_add(1).max(0);
        let tick = self.occupied.next(from as usize)?;
        Some((self.base + tick as i64, self.window[tick]))
    }

    /// Every level, best first.
    pub(crate) fn levels(&self) -> impl Iterator<Item = (i64, u32)> {
        let best = (self.best_level != NONE).then_some((self.best_key, self.best_level));
        std::iter::successors(best, |(key, _)| self.first_after(*key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Keys in three clusters: around the market, a wide swing, and at the ends of the world.
    fn key() -> impl Strategy<Value = i64> {
        prop_oneof![
            4 => 1_000_000_000_i64..1_000_000_300,
            3 => 999_000_000_i64..1_001_000_000,
            2 => 1_i64..40,
            1 => prop_oneof![Just(1_i64 << 62), Just(-(1_i64 << 62))],
        ]
    }

    proptest! {
        #[test]
        fn it_is_an_ordered_map(steps in prop::collection::vec((0_u8..3, key()), 1..2_000)) {
            let mut ladder = Ladder::new();
            let mut map = BTreeMap::new();
            for (number, (step, key)) in (0_u32..).zip(steps) {
                if map.remove(&key).is_some() {
                    ladder.remove(key);
                } else if step > 0 {
                    ladder.insert(key, number);
                    map.insert(key, number);
                }
                let best = map.first_key_value().map(|(key, level)| (*key, *level));
                let found = (ladder.best_level() != NONE)
                    .then_some((ladder.best_key(), ladder.best_level()));
                prop_assert_eq!(found, best);
                prop_assert_eq!(ladder.level(key), map.get(&key).copied().unwrap_or(NONE));
            }
            let all: Vec<_> = map.into_iter().collect();
            prop_assert_eq!(ladder.levels().collect::<Vec<_>>(), all);
        }
    }

    #[test]
    fn a_wide_book_comes_into_the_window_whole() {
        let mut ladder = Ladder::new();
        for step in 0..50_000_u64 {
            let key = step.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 50_000;
            if ladder.level(key as i64) == NONE {
                ladder.insert(key as i64, step as u32);
            }
        }
        assert!(
            ladder.far.len() < 100,
            "{} levels stand outside",
            ladder.far.len()
        );
    }

    #[test]
    fn levels_out_of_reach_do_not_drive_the_window_away() {
        let mut ladder = Ladder::new();
        for step in 0..3_000_i64 {
            ladder.insert(1_000_000 + step % 100 * 3 + step / 100 * 300, step as u32);
            if step % 3 == 0 {
                ladder.insert((1 << 50) + step, step as u32);
            }
        }
        assert_eq!(ladder.far.len(), 1_000, "the market stays inside");
    }

    #[test]
    fn a_wide_swing_moves_the_window_and_loses_no_level() {
        let mut ladder = Ladder::new();
        for step in 0..200_000_i64 {
            ladder.insert(1_000_000 + step * 7, step as u32);
            if step >= 50 {
                ladder.remove(1_000_000 + (step - 50) * 7);
            }
        }
        assert_eq!(ladder.levels().count(), 50);
        assert!(
            ladder.inside > ladder.far.len(),
            "the window follows the market"
        );
        assert!(
            ladder.window.len() <= 4 * WINDOW_MIN,
            "a narrow book needs no wide window"
        );
    }
}
