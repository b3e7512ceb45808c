//! From order ids to places: an open-addressing table.

use super::slab::NONE;
use crate::huge_pages;
use crate::prefetch::prefetch;

/// Neighbouring ids share a cache line in groups of this many.
const GROUP: u32 = 8;

/// Fewest slots.
const SLOTS_MIN: usize = 1_024;

/// A slot: the low 32 bits of the id above the place; all ones when it is empty.
const EMPTY: u64 = u64::MAX;

/// Maps the ids of open orders to their places in the pool.
///
/// Ids rise one by one, so eight neighbours stand in one cache line and the lines are spread by
/// Fibonacci hashing: what is young and likely to be cancelled stays together, and old orders that
/// lived on are never met by a long run of new ones. At most three slots in eight are taken, so
/// that most searches end in the line where they begin; a removed slot is closed by moving what
/// follows it back, so there are no graves.
#[derive(Debug, Clone)]
pub(crate) struct IdTable {
    slots: Vec<u64>,
    mask: usize,
    shift: u32,
    used: usize,
}

impl IdTable {
    pub(crate) fn with_capacity(orders: usize) -> Self {
        Self::with_slots(Self::slots_for(orders))
    }

    fn slots_for(orders: usize) -> usize {
        (orders * 8 / 3 + 1).next_power_of_two().max(SLOTS_MIN)
    }

    fn with_slots(slots: usize) -> Self {
        let groups = slots / GROUP as usize;
        let mut empty = Vec::with_capacity(slots);
        huge_pages::advise(&empty);
        empty.resize(slots, EMPTY);
        Self {
            slots: empty,
            mask: slots - 1,
            shift: 32 - groups.trailing_zeros(),
            used: 0,
        }
    }

    /// The slot at which the search for an id begins.
    #[inline(always)]
    fn home(&self, tag: u32) -> usize {
        let group = (tag / GROUP).wrapping_mul(0x9E37_79B1) >> self.shift;
        (group * GROUP + tag % GROUP) as usize
    }

    /// The first place whose id has these low 32 bits and that `is_it` takes, or [`NONE`].
    #[inline(always)]
    pub(crate) fn find(&self, order_id: u64, is_it: impl Fn(u32) -> bool) -> u32 {
        let tag = order_id as u32;
        let mut at = self.home(tag);
        loop {
            let slot = self.slots[at & self.mask];
            if slot == EMPTY {
                return NONE;
            }
            if (slot >> 32) as u32 == tag && is_it(slot as u32) {
                return slot as u32;
            }
            at += 1;
        }
    }

    /// The first place whose id has these low 32 bits, for a prefetch only: it looks no further
    /// than a cache line's worth of slots.
    #[inline(always)]
    pub(crate) fn guess(&self, order_id: u64) -> u32 {
        let tag = order_id as u32;
        let home = self.home(tag);
        for at in home..home + GROUP as usize {
            let slot = self.slots[at & self.mask];
            if (slot >> 32) as u32 == tag || slot == EMPTY {
                return slot as u32;
            }
        }
        NONE
    }

    /// Asks for the cache line at which the search for an id begins.
    #[inline(always)]
    pub(crate) fn prefetch(&self, order_id: u64) {
        prefetch(self.slots.as_ptr().wrapping_add(self.home(order_id as u32)));
    }

    /// Adds an id that is not there.
    #[inline(always)]
    pub(crate) fn insert(&mut self, order_id: u64, place: u32) {
        if self.used * 8 >= self.slots.len() * 3 {
            self.grow();
        }
        self.used += 1;
        self.insert_slot(u64::from(order_id as u32) << 32 | u64::from(place));
    }

    #[inline(always)]
    fn insert_slot(&mut self, slot: u64) {
        let mut at = self.home((slot >> 32) as u32);
        while self.slots[at & self.mask] != EMPTY {
            at += 1;
        }
        self.slots[at & self.mask] = slot;
    }

    /// Makes room for so many more ids at once.
    pub(crate) fn reserve(&mut self, more: usize) {
        let slots = Self::slots_for(self.used + more);
        if slots > self.slots.len() {
            self.grow_to(slots);
        }
    }

    #[cold]
    fn grow(&mut self) {
        self.grow_to(self.slots.len() * 2);
    }

    fn grow_to(&mut self, slots: usize) {
        let mut grown = Self::with_slots(slots);
        grown.used = self.used;
        for slot in self.slots.iter().filter(|slot| **slot != EMPTY) {
            grown.insert_slot(*slot);
        }
        *self = grown;
    }

    /// Removes an id that is there with this place.
    #[inline(always)]
    pub(crate) fn remove(&mut self, order_id: u64, place: u32) {
        let wanted = u64::from(order_id as u32) << 32 | u64::from(place);
        let mut at = self.home(order_id as u32) & self.mask;
        while self.slots[at] != wanted {
            debug_assert!(self.slots[at] != EMPTY, "the id {order_id} is in the table");
            at = (at + 1) & self.mask;
        }
        self.used -= 1;
        self.close(at);
    }

    /// Empties a slot and moves back what the search for it would no longer find.
    #[inline(always)]
    fn close(&mut self, mut hole: usize) {
        let mut at = hole;
        loop {
            at = (at + 1) & self.mask;
            let slot = self.slots[at];
            if slot == EMPTY {
                break;
            }
            let home = self.home((slot >> 32) as u32);
            let way_from_home = at.wrapping_sub(home) & self.mask;
            let way_from_hole = at.wrapping_sub(hole) & self.mask;
            if way_from_home >= way_from_hole {
                self.slots[hole] = slot;
                hole = at;
            }
        }
        self.slots[hole] = EMPTY;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn it_is_a_map(steps in prop::collection::vec((any::<bool>(), 0_u64..3_000), 1..4_000)) {
            let mut table = IdTable::with_capacity(0);
            let mut map = BTreeMap::new();
            for (number, (insert, key)) in (0_u32..).zip(steps) {
                // Ids that share their low 32 bits must live side by side.
                let id = ((key % 3) << 44) | (key * 37);
                if insert && !map.contains_key(&id) {
                    table.insert(id, number);
                    map.insert(id, number);
                } else if let Some(place) = map.remove(&id) {
                    table.remove(id, place);
                }
            }
            for key in 0..3_000 {
                let id = ((key % 3) << 44) | (key * 37);
                let expected = map.get(&id).copied().unwrap_or(NONE);
                let found = table.find(id, |place| map.get(&id) == Some(&place));
                prop_assert_eq!(found, expected);
            }
        }
    }
}
