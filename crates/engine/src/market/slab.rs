//! A pool of equal things that hands out the place freed last, which is still in the cache.

use crate::prefetch::prefetch;

/// No place.
pub(crate) const NONE: u32 = u32::MAX;

/// Fewest places added at a time.
const GROWTH_MIN: u32 = 64;

/// How many places ahead of its use a free place's memory is asked for.
const AHEAD: usize = 4;

/// Things that a pool can hold.
pub(crate) trait Pooled {
    /// What stands in a free place.
    const BLANK: Self;
}

/// A growing pool, addressed by 32-bit places; the last freed place is taken first.
///
/// The free places stand in a stack of their own rather than linked through the things, so that the
/// memory of the next ones can be asked for before they are taken.
#[derive(Debug, Clone)]
pub(crate) struct Slab<T> {
    items: Vec<T>,
    free: Vec<u32>,
}

impl<T: Pooled> Slab<T> {
    /// An empty pool whose memory for `capacity` things is there and touched.
    pub(crate) fn with_capacity(capacity: u32) -> Self {
        let mut slab = Self {
            items: Vec::new(),
            free: Vec::new(),
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
        self.items.extend((start..end).map(|_| T::BLANK));
        self.free.reserve_exact(self.items.len() - self.free.len());
        self.free.extend((start..end).rev());
    }

    /// Puts a thing into a free place.
    ///
    /// # Panics
    /// When all 2^32 - 1 places are taken.
    #[inline(always)]
    pub(crate) fn insert(&mut self, item: T) -> u32 {
        if self.free.is_empty() {
            let length = self.items.len() as u32;
            assert!(length < NONE, "all places of the pool are taken");
            self.grow(length.max(GROWTH_MIN).min(NONE - length));
        }
        let place = self.free.pop().unwrap_or(NONE);
        if let Some(next) = self.free.len().checked_sub(AHEAD) {
            prefetch(self.address(self.free[next]));
        }
        self.items[place as usize] = item;
        place
    }

    /// Frees a place.
    #[inline(always)]
    pub(crate) fn remove(&mut self, place: u32) {
        self.free.push(place);
    }

    /// How many places are taken.
    #[inline]
    pub(crate) fn used(&self) -> u32 {
        (self.items.len() - self.free.len()) as u32
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
