//! A pool of equal things that hands out the place freed last, which is still in the cache.

/// No place.
pub(crate) const NONE: u32 = u32::MAX;

/// Things that can remember the next free place while they are free.
pub(crate) trait Pooled {
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

impl<T: Pooled + Clone> Slab<T> {
    /// An empty pool whose memory for `capacity` things is there and touched.
    pub(crate) fn with_capacity(capacity: u32, blank: &T) -> Self {
        let mut items = vec![blank.clone(); capacity as usize];
        items.clear();
        Self {
            items,
            free: NONE,
            used: 0,
        }
    }

    /// Puts a thing into a free place.
    ///
    /// # Panics
    /// When all 2^32 - 1 places are taken.
    #[inline]
    pub(crate) fn insert(&mut self, item: T) -> u32 {
        self.used += 1;
        if self.free == NONE {
            let place = self.items.len() as u32;
            assert!(place != NONE, "all places of the pool are taken");
            self.items.push(item);
            return place;
        }
        let place = self.free;
        let slot = &mut self.items[place as usize];
        self.free = slot.next_free();
        *slot = item;
        place
    }

    /// Frees a place; whatever marks the thing as free is the caller's to set.
    #[inline]
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
