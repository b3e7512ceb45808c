//! Which ticks of a window are occupied, in a pyramid of 64-bit words.

/// A set of numbers below a fixed length that finds the next one in a few steps.
///
/// A bit of layer n + 1 says whether the word of layer n with its number is not zero.
#[derive(Debug, Clone)]
pub(crate) struct Bitmap {
    layers: Vec<Vec<u64>>,
}

impl Bitmap {
    pub(crate) fn new(length: usize) -> Self {
        let mut layers = vec![vec![0; length.div_ceil(64)]];
        while layers[layers.len() - 1].len() > 1 {
            let words = layers[layers.len() - 1].len().div_ceil(64);
            layers.push(vec![0; words]);
        }
        Self { layers }
    }

    #[inline]
    pub(crate) fn insert(&mut self, number: usize) {
        let mut position = number;
        for layer in &mut self.layers {
            let word = &mut layer[position / 64];
            let was_empty = *word == 0;
            *word |= 1 << (position % 64);
            if !was_empty {
                return;
            }
            position /= 64;
        }
    }

    #[inline]
    pub(crate) fn remove(&mut self, number: usize) {
        let mut position = number;
        for layer in &mut self.layers {
            let word = &mut layer[position / 64];
            *word &= !(1 << (position % 64));
            if *word != 0 {
                return;
            }
            position /= 64;
        }
    }

    /// The lowest member at or above `from`.
    #[inline]
    pub(crate) fn next(&self, from: usize) -> Option<usize> {
        let mut position = from;
        for (depth, layer) in self.layers.iter().enumerate() {
            let word = layer.get(position / 64)? >> (position % 64);
            if word != 0 {
                return Some(self.descend(depth, position + word.trailing_zeros() as usize));
            }
            position = position / 64 + 1;
        }
        None
    }

    /// The lowest member.
    pub(crate) fn first(&self) -> Option<usize> {
        self.next(0)
    }

    /// The highest member.
    pub(crate) fn last(&self) -> Option<usize> {
        let words = &self.layers[0];
        let position = words.iter().rposition(|word| *word != 0)?;
        Some(position * 64 + 63 - words[position].leading_zeros() as usize)
    }

    /// The lowest member under the bit `position` of layer `depth`.
    #[inline]
    fn descend(&self, depth: usize, mut position: usize) -> usize {
        for layer in self.layers[..depth].iter().rev() {
            position = position * 64 + layer[position].trailing_zeros() as usize;
        }
        position
    }
}

#[cfg(test)]
mod tests {
    use super::Bitmap;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_a_set(steps in prop::collection::vec((any::<bool>(), 0_usize..9_000), 1..200)) {
            let mut bitmap = Bitmap::new(9_000);
            let mut set = BTreeSet::new();
            for (insert, number) in steps {
                if insert {
                    bitmap.insert(number);
                    set.insert(number);
                } else {
                    bitmap.remove(number);
                    set.remove(&number);
                }
                prop_assert_eq!(bitmap.last(), set.last().copied());
                for from in [0, number, number + 1, 8_999] {
                    prop_assert_eq!(bitmap.next(from), set.range(from..).next().copied());
                }
            }
        }
    }
}
