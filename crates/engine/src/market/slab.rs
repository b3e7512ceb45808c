//! A pool of equal things that hands out the place freed last, which is still in the cache.

/// No place.
pub(crate) const NONE: u32 = u32::MAX;

/// Fewest places added at a time.
const GROWTH_MIN: u32 = 64;

/// Things that can remember the next free place while they are free.
pub(crate) trait Pooled {
    /// A free place.
    const BLANK: Self;

    fn set_next_free(&mut self, next: u32);
    fn next_free(&self) -> u32;
}

/// A growing pool, addressed by 32-bit places; the last freed place is taken first.
#[derive(Debug, Clone)]
pub(crate) struct Slab<T> {
    items: Vec<T>,
    free: u32,
    used: u32,
}

impl<T: Pooled> Slab<T> {
    /// An empty pool whose memory for `capacity` things is there and touched.
    pub(crate) fn with_capacity(capacity: u32) -> Self {
        let mut slab = Self {
            items: Vec::new(),
            free: NONE,
            used: 0,
        };
        slab.grow(capacity);
        slab
    }

    /// Adds free places, to be taken in their order.
    #[cold]
    fn grow(&mut self, places: u32) {
        let start = self.items.len() as u32;
        let end = start
            .checked_add(places)
            .expect("a pool has at most 2^32 - 1 places");
        self.items.reserve_exact(places as usize);
        for place in start..end {
            let mut blank = T::BLANK;
            blank.set_next_free(if place + 1 == end {
                self.free
            } else {
                place + 1
            });
            self.items.push(blank);
        }
        if places > 0 {
            self.free = start;
        }
    }

    /// Puts a thing into a free place.
    ///
    /// # Panics
    /// When all 2^32 - 1 places are taken.
    #[inline(always)]
    pub(crate) fn insert(&mut self, item: T) -> u32 {
        if self.free == NONE {
            self.grow((self.items.len() as u32).max(GROWTH_MIN));
        }
        self.used += 1;
        let place = self.free;
        let slot = &mut self.items[place as usize];
        self.free = slot.next_free();
        *slot = item;
        place
    }

    /// Frees a place; whatever marks the thing as free is the caller's to set.
    #[inline(always)]
    pub(crate) fn remove(&mut self, place: u32) {
        self.used -= 1;
        self.items[place as usize].set_next_free(self.free);
        self.free = place;
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
