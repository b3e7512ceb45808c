//! The caller's resting orders by the caller's ids.

/// What the adapter knows of a resting order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resting {
    /// The caller's id.
    pub caller_id: u64,
    /// The engine's id, never 0.
    pub engine_id: u64,
    /// The limit.
    pub price_ticks: i64,
    /// What has been filled of it since the engine accepted it, in lots.
    pub filled_lots: u32,
    /// The side byte of the caller.
    pub side: u8,
}

const EMPTY: Resting = Resting {
    caller_id: 0,
    engine_id: 0,
    price_ticks: 0,
    filled_lots: 0,
    side: 0,
};

/// An open-addressing table with linear probing; what is removed leaves no trace, so the table
/// stays as small as the book.
pub struct Orders {
    slots: Box<[Resting]>,
    shift: u32,
    count: usize,
}

impl Orders {
    /// A table of `2^bits` slots.
    pub fn new(bits: u32) -> Self {
        Self {
            slots: vec![EMPTY; 1 << bits].into_boxed_slice(),
            shift: 64 - bits,
            count: 0,
        }
    }

    /// Asks for the place of an order before it is needed.
    #[inline]
    pub fn prefetch(&self, caller_id: u64) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the address is a slot's; a prefetch reads nothing.
        unsafe {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            let slot: *const Resting = &raw const self.slots[self.home(caller_id)];
            _mm_prefetch::<_MM_HINT_T0>(slot.cast());
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = caller_id;
    }

    /// The order of this id.
    #[inline]
    pub fn get_mut(&mut self, caller_id: u64) -> Option<&mut Resting> {
        let place = self.find(caller_id)?;
        Some(&mut self.slots[place])
    }

    /// Adds an order whose id is not in the table.
    #[inline]
    pub fn insert(&mut self, order: Resting) {
        if (self.count + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        self.put(order);
    }

    /// Takes an order out.
    #[inline]
    pub fn remove(&mut self, caller_id: u64) -> Option<Resting> {
        let mut hole = self.find(caller_id)?;
        let removed = self.slots[hole];
        let mut place = self.behind(hole);
        while self.slots[place].engine_id != 0 {
            let home = self.home(self.slots[place].caller_id);
            // What lies at or behind its own home within the run may move up into the hole.
            let from_home = place.wrapping_sub(home) & (self.slots.len() - 1);
            let from_hole = place.wrapping_sub(hole) & (self.slots.len() - 1);
            if from_home >= from_hole {
                self.slots[hole] = self.slots[place];
                hole = place;
            }
            place = self.behind(place);
        }
        self.slots[hole] = EMPTY;
        self.count -= 1;
        Some(removed)
    }

    #[inline]
    fn find(&self, caller_id: u64) -> Option<usize> {
        let mut place = self.home(caller_id);
        loop {
            let slot = &self.slots[place];
            if slot.engine_id == 0 {
                return None;
            }
            if slot.caller_id == caller_id {
                return Some(place);
            }
            place = self.behind(place);
        }
    }

    fn put(&mut self, order: Resting) {
        let mut place = self.home(order.caller_id);
        while self.slots[place].engine_id != 0 {
            place = self.behind(place);
        }
        self.slots[place] = order;
        self.count += 1;
    }

    #[cold]
    fn grow(&mut self) {
        let mut larger = Self::new(64 - self.shift + 1);
        for order in self.slots.iter().filter(|order| order.engine_id != 0) {
            larger.put(*order);
        }
        *self = larger;
    }

    /// Fibonacci hashing: the high bits of a product with 2^64 divided by the golden ratio.
    fn home(&self, caller_id: u64) -> usize {
        (caller_id.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift) as usize
    }

    fn behind(&self, place: usize) -> usize {
        (place + 1) & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{Orders, Resting};

    fn order(caller_id: u64) -> Resting {
        Resting {
            caller_id,
            engine_id: caller_id + 1,
            price_ticks: 5,
            filled_lots: 0,
            side: 1,
        }
    }

    /// Method: the same random insertions and removals in a standard map, in a table so small that
    /// runs wrap round its end and that it has to grow.
    #[test]
    fn the_table_holds_what_a_map_holds() {
        let mut orders = Orders::new(3);
        let mut map = HashMap::new();
        let mut state = 1_u64;
        for _ in 0..20_000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let caller_id = (state >> 33) % 97;
            let expected = map.remove(&caller_id);
            assert_eq!(orders.remove(caller_id), expected);
            if expected.is_none() {
                orders.insert(order(caller_id));
                map.insert(caller_id, order(caller_id));
            }
            let probe = (state >> 20) % 97;
            assert_eq!(orders.get_mut(probe).copied(), map.get(&probe).copied());
        }
        assert_eq!(orders.count, map.len());
    }
}
