//! One side of a book: quantities by price, the best first.

/// So many levels stand together in one block. A change moves at most one block's levels.
const BLOCK: usize = 128;
/// A block with less is joined with the one behind it where both fit in half a block.
const SPARSE: usize = BLOCK / 4;

/// Levels in the order of their keys.
#[derive(Debug, Clone)]
struct Block {
    keys: [i64; BLOCK],
    quantities: [u64; BLOCK],
    len: usize,
}

impl Block {
    fn of(key: i64, quantity: u64) -> Box<Self> {
        let mut block = Self {
            keys: [0; BLOCK],
            quantities: [0; BLOCK],
            len: 1,
        };
        block.keys[0] = key;
        block.quantities[0] = quantity;
        Box::new(block)
    }

    #[inline]
    fn keys(&self) -> &[i64] {
        &self.keys[..self.len]
    }

    /// Where the key stands, or where it would.
    #[inline]
    fn place(&self, key: i64) -> usize {
        self.keys().partition_point(|held| *held < key)
    }

    #[inline]
    fn insert(&mut self, place: usize, key: i64, quantity: u64) {
        self.keys.copy_within(place..self.len, place + 1);
        self.quantities.copy_within(place..self.len, place + 1);
        self.keys[place] = key;
        self.quantities[place] = quantity;
        self.len += 1;
    }

    #[inline]
    fn remove(&mut self, place: usize) {
        self.keys.copy_within(place + 1..self.len, place);
        self.quantities.copy_within(place + 1..self.len, place);
        self.len -= 1;
    }

    /// Keeps the first half and hands out the second.
    fn split(&mut self) -> Box<Self> {
        let half = self.len / 2;
        let mut behind = Self::of(0, 0);
        behind.len = self.len - half;
        behind.keys[..behind.len].copy_from_slice(&self.keys[half..self.len]);
        behind.quantities[..behind.len].copy_from_slice(&self.quantities[half..self.len]);
        self.len = half;
        behind
    }

    fn append(&mut self, behind: &Self) {
        let end = self.len + behind.len;
        self.keys[self.len..end].copy_from_slice(behind.keys());
        self.quantities[self.len..end].copy_from_slice(&behind.quantities[..behind.len]);
        self.len = end;
    }
}

/// Levels in sorted blocks, found by the first key of each. Keys rise from the best level on, so a
/// side of bids takes prices with their sign turned.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::vec_box,
    reason = "a new block in the middle moves pointers, not blocks of two thousand bytes"
)]
pub struct Ladder {
    /// The first key of each block, beside the blocks, so that a search reads little memory.
    firsts: Vec<i64>,
    blocks: Vec<Box<Block>>,
    len: usize,
}

impl Ladder {
    /// How many levels there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Sets the quantity of a level; none removes it. Answers whether anything changed.
    #[inline]
    pub fn set(&mut self, key: i64, quantity: u64) -> bool {
        let behind = self.firsts.partition_point(|first| *first <= key);
        let index = behind.saturating_sub(1);
        let Some(block) = self.blocks.get_mut(index) else {
            return self.begin(key, quantity);
        };
        let place = block.place(key);
        let is_held = place < block.len && block.keys[place] == key;
        match (is_held, quantity) {
            (false, 0) => false,
            (true, 0) => {
                block.remove(place);
                self.len -= 1;
                self.settle(index);
                true
            }
            (true, _) => std::mem::replace(&mut block.quantities[place], quantity) != quantity,
            (false, _) => {
                if block.len == BLOCK {
                    self.split(index);
                    return self.set(key, quantity);
                }
                block.insert(place, key, quantity);
                self.firsts[index] = block.keys[0];
                self.len += 1;
                true
            }
        }
    }

    /// The quantity of a level, 0 where it is not there.
    pub fn quantity(&self, key: i64) -> u64 {
        let behind = self.firsts.partition_point(|first| *first <= key);
        let Some(block) = self.blocks.get(behind.wrapping_sub(1)) else {
            return 0;
        };
        let place = block.place(key);
        if place < block.len && block.keys[place] == key {
            block.quantities[place]
        } else {
            0
        }
    }

    /// The best level.
    #[inline]
    pub fn best(&self) -> Option<(i64, u64)> {
        let block = self.blocks.first()?;
        Some((block.keys[0], block.quantities[0]))
    }

    /// Keys and quantities, the best first.
    pub fn iter(&self) -> impl Iterator<Item = (i64, u64)> {
        self.blocks.iter().flat_map(|block| {
            let quantities = block.quantities[..block.len].iter();
            block.keys().iter().copied().zip(quantities.copied())
        })
    }

    /// Removes what lies behind so many best levels.
    pub fn truncate(&mut self, levels: usize) {
        while self.len > levels {
            let Some(last) = self.blocks.last_mut() else {
                return;
            };
            let excess = (self.len - levels).min(last.len);
            last.len -= excess;
            self.len -= excess;
            if last.len == 0 {
                self.blocks.pop();
                self.firsts.pop();
            }
        }
    }

    /// Removes every level.
    pub fn clear(&mut self) {
        self.firsts.clear();
        self.blocks.clear();
        self.len = 0;
    }

    fn begin(&mut self, key: i64, quantity: u64) -> bool {
        if quantity == 0 {
            return false;
        }
        self.firsts.push(key);
        self.blocks.push(Block::of(key, quantity));
        self.len = 1;
        true
    }

    #[cold]
    fn split(&mut self, index: usize) {
        let behind = self.blocks[index].split();
        self.firsts.insert(index + 1, behind.keys[0]);
        self.blocks.insert(index + 1, behind);
    }

    /// Restores the first key of a block that lost a level, and joins blocks that hold few.
    #[inline]
    fn settle(&mut self, index: usize) {
        let len = self.blocks[index].len;
        if len == 0 {
            self.blocks.remove(index);
            self.firsts.remove(index);
            return;
        }
        self.firsts[index] = self.blocks[index].keys[0];
        if len < SPARSE
            && self
                .blocks
                .get(index + 1)
                .is_some_and(|next| len + next.len <= BLOCK / 2)
        {
            let next = self.blocks.remove(index + 1);
            self.firsts.remove(index + 1);
            self.blocks[index].append(&next);
        }
    }

    /// Panics where the structure is not what it should be.
    #[cfg(test)]
    fn check(&self) {
        assert_eq!(self.blocks.len(), self.firsts.len());
        assert_eq!(
            self.len,
            self.blocks.iter().map(|block| block.len).sum::<usize>()
        );
        for (block, first) in self.blocks.iter().zip(&self.firsts) {
            assert!(block.len > 0 && block.keys[0] == *first);
        }
        let keys: Vec<_> = self.iter().map(|(key, _)| key).collect();
        assert!(keys.is_sorted_by(|left, right| left < right));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Sets and truncations, few keys to many of them.
    fn steps() -> impl Strategy<Value = Vec<(i64, u64)>> {
        let few = (-20_i64..20, 0_u64..3);
        let many = (-5_000_i64..5_000, 0_u64..4);
        prop_oneof![
            proptest::collection::vec(few, 0..400),
            proptest::collection::vec(many, 0..4_000),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn is_an_ordered_map(steps in steps(), kept in 0_usize..300) {
            let (mut ladder, mut map) = (Ladder::default(), BTreeMap::new());
            for (key, quantity) in steps {
                let before = match quantity {
                    0 => map.remove(&key),
                    _ => map.insert(key, quantity),
                };
                let changed = ladder.set(key, quantity);
                prop_assert_eq!(changed, before.unwrap_or(0) != quantity);
                prop_assert_eq!(ladder.quantity(key), quantity);
                prop_assert_eq!(ladder.best(), map.iter().next().map(|(key, held)| (*key, *held)));
            }
            ladder.check();
            prop_assert!(ladder.iter().eq(map.iter().map(|(key, held)| (*key, *held))));
            ladder.truncate(kept);
            ladder.check();
            prop_assert!(ladder.iter().eq(map.iter().take(kept).map(|(key, held)| (*key, *held))));
        }
    }

    #[test]
    fn rising_and_falling_keys_fill_and_empty_it() {
        let mut ladder = Ladder::default();
        for key in 0..10_000 {
            assert!(ladder.set(key, 1));
            assert!(ladder.set(-key - 1, 1));
        }
        ladder.check();
        assert!(ladder.blocks.len() <= 2 * 20_000 / (BLOCK / 2));
        for key in -10_000..9_990 {
            assert!(ladder.set(key, 0));
        }
        ladder.check();
        assert_eq!((ladder.len(), ladder.blocks.len()), (10, 1));
        ladder.clear();
        assert!(ladder.is_empty() && ladder.best().is_none());
    }
}
