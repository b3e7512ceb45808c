//! A pool of equal things that hands out the place freed last, which is still in the cache.

use crate::huge_pages;
use crate::prefetch::prefetch;

/// No place.
pub(crate) const NONE: u32 = u32::MAX;

/// Fewest places added at a time.
const GROWTH_MIN: u32 = 64;

/// How many free places are known ahead of their use.
const AHEAD: usize = 4;

/// Things that a pool can hold; a free one remembers the next free place.
pub(crate) trait Pooled {
    /// What stands in a free place.
    const BLANK: Self;

    fn set_next_free(&mut self, next: u32);
    fn next_free(&self) -> u32;
}

/// A growing pool, addressed by 32-bit places; the last freed place is taken first.
///
/// The free places are linked through themselves, so they cost no memory; the first few of them are
/// known by name as well, so that their memory is asked for before they are taken.
#[derive(Debug, Clone)]
pub(crate) struct Slab<T> {
    items: Vec<T>,
    /// The first free places, each linked to the one behind it; [`NONE`] behind the last.
    free: [u32; AHEAD],
    used: u32,
}

impl<T: Pooled> Slab<T> {
    /// An empty pool whose memory for `capacity` things is there and touched.
    pub(crate) fn with_capacity(capacity: u32) -> Self {
        let mut slab = Self {
            items: Vec::new(),
            free: [NONE; AHEAD],
            used: 0,
        };
        if capacity > 0 {
            slab.grow(capacity);
        }
        slab
    }

    /// Makes room for so many more things at once.
    pub(crate) fn reserve(&mut self, more: u32) {
        let free = self.items.len() as u32 - self.used;
        if free < more {
            self.grow(more - free);
        }
    }

    /// Adds free places, to be taken in their order and before those that are free already.
    #[cold]
    fn grow(&mut self, places: u32) {
        let start = self.items.len() as u32;
        let end = start.saturating_add(places);
        let behind = self.free[0];
        self.items.reserve_exact(places as usize);
        huge_pages::advise(&self.items);
        for place in start..end {
            let mut blank = T::BLANK;
            blank.set_next_free(if place + 1 == end { behind } else { place + 1 });
            self.items.push(blank);
        }
        let mut place = if start < end { start } else { behind };
        for known in &mut self.free {
            *known = place;
            place = match place {
                NONE => NONE,
                place => self.items[place as usize].next_free(),
            };
        }
    }

    /// Puts a thing into a free place.
    ///
    /// # Panics
    /// When all 2^32 - 1 places are taken.
    #[inline(always)]
    pub(crate) fn insert(&mut self, item: T) -> u32 {
        if self.free[0] == NONE {
            let length = self.items.len() as u32;
            assert!(length < NONE, "all places of the pool are taken");
            self.grow(length.max(GROWTH_MIN).min(NONE - length));
        }
        let [place, second, third, last] = self.free;
        let next = if last == NONE {
            NONE
        } else {
            self.items[last as usize].next_free()
        };
        prefetch(self.address(next));
        self.free = [second, third, last, next];
        self.used += 1;
        self.items[place as usize] = item;
        place
    }

    /// Frees a place.
    #[inline(always)]
    pub(crate) fn remove(&mut self, place: u32) {
        let [first, second, third, _] = self.free;
        self.items[place as usize].set_next_free(first);
        self.free = [place, first, second, third];
        self.used -= 1;
    }

    /// How many places there are, free ones included.
    pub(crate) fn room(&self) -> usize {
        self.items.len()
    }

    /// How many places are taken.
    #[inline]
    pub(crate) fn used(&self) -> u32 {
        self.used
    }

    /// Every place, taken or free.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        (0_u32..).zip(&self.items)
    }

    /// Where a place stands in memory, for a prefetch.
    #[inline(always)]
    pub(crate) fn address(&self, place: u32) -> *const T {
        self.items.as_ptr().wrapping_add(place as usize)
    }
}

impl<T> std::ops::Index<u32> for Slab<T> {
    type Output = T;

    #[inline(always)]
    fn index(&self, place: u32) -> &T {
        &self.items[place as usize]
    }
}

impl<T> std::ops::IndexMut<u32> for Slab<T> {
    #[inline(always)]
    fn index_mut(&mut self, place: u32) -> &mut T {
        &mut self.items[place as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[derive(Debug, Clone, PartialEq)]
    struct Thing(u32);

    impl Pooled for Thing {
        const BLANK: Self = Self(NONE);

        fn set_next_free(&mut self, next: u32) {
            self.0 = next;
        }

        fn next_free(&self) -> u32 {
            self.0
        }
    }

    proptest! {
        #[test]
        fn a_place_is_given_to_one_at_a_time(
            capacity in 0_u32..9,
            steps in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>()), 1..400),
        ) {
            let mut slab = Slab::with_capacity(capacity);
            let mut taken = BTreeSet::new();
            let mut freed = Vec::new();
            for (number, (insert, which)) in (0_u32..).zip(steps) {
                if insert || taken.is_empty() {
                    let place = slab.insert(Thing(number));
                    if let Some(last_freed) = freed.pop() {
                        prop_assert_eq!(place, last_freed);
                    }
                    prop_assert_eq!(&slab[place], &Thing(number));
                    prop_assert!(taken.insert(place));
                } else {
                    let place = *taken.iter().nth(which.index(taken.len())).unwrap();
                    taken.remove(&place);
                    slab.remove(place);
                    freed.push(place);
                }
                prop_assert_eq!(slab.used() as usize, taken.len());
            }
        }
    }
}
