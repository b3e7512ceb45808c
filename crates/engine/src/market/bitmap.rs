//! Which ticks of a window are occupied, in a pyramid of 64-bit words.

/// A set of numbers below a fixed length that finds the next one in a few steps.
///
/// A bit of `summary` says whether a word of `words` is not zero, a bit of `roof` whether a word of
/// `summary` is not. The roof of the widest window has four words.
#[derive(Debug, Clone)]
pub(crate) struct Bitmap {
    words: Box<[u64]>,
    summary: Box<[u64]>,
    roof: Box<[u64]>,
}

impl Bitmap {
    pub(crate) fn new(length: usize) -> Self {
        let zeros = |bits: usize| vec![0; bits.div_ceil(64)].into_boxed_slice();
        let words = zeros(length);
        let summary = zeros(words.len());
        let roof = zeros(summary.len());
        Self {
            words,
            summary,
            roof,
        }
    }

    #[inline(always)]
    pub(crate) fn insert(&mut self, number: usize) {
        let word = number / 64;
        let was_empty = self.words[word] == 0;
        self.words[word] |= 1 << (number % 64);
        if was_empty {
            self.summary[word / 64] |= 1 << (word % 64);
            self.roof[word / 4_096] |= 1 << (word / 64 % 64);
        }
    }

    #[inline(always)]
    pub(crate) fn remove(&mut self, number: usize) {
        let word = number / 64;
        self.words[word] &= !(1 << (number % 64));
        if self.words[word] == 0 {
            let above = word / 64;
            self.summary[above] &= !(1 << (word % 64));
            if self.summary[above] == 0 {
                self.roof[above / 64] &= !(1 << (above % 64));
            }
        }
    }

    /// The lowest member at or above `from`.
    #[inline(always)]
    pub(crate) fn next(&self, from: usize) -> Option<usize> {
        let word = from / 64;
        let rest = self.words.get(word)? >> (from % 64);
        if rest != 0 {
            return Some(from + rest.trailing_zeros() as usize);
        }
        let word = self.next_word(word + 1)?;
        Some(word * 64 + self.words[word].trailing_zeros() as usize)
    }

    /// The first word at or above `from` that is not zero.
    #[inline]
    fn next_word(&self, from: usize) -> Option<usize> {
        let above = from / 64;
        let rest = self.summary.get(above)? >> (from % 64);
        if rest != 0 {
            return Some(from + rest.trailing_zeros() as usize);
        }
        let above = self.next_summary(above + 1)?;
        Some(above * 64 + self.summary[above].trailing_zeros() as usize)
    }

    #[inline]
    fn next_summary(&self, from: usize) -> Option<usize> {
        let start = from / 64;
        let rest = self.roof.get(start)? >> (from % 64);
        if rest != 0 {
            return Some(from + rest.trailing_zeros() as usize);
        }
        let beyond = self.roof[start + 1..].iter().position(|word| *word != 0)?;
        let at = start + 1 + beyond;
        Some(at * 64 + self.roof[at].trailing_zeros() as usize)
    }

    /// The lowest member.
    pub(crate) fn first(&self) -> Option<usize> {
        self.next(0)
    }

    /// The highest member.
    pub(crate) fn last(&self) -> Option<usize> {
        let word = self.words.iter().rposition(|word| *word != 0)?;
        Some(word * 64 + 63 - self.words[word].leading_zeros() as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::Bitmap;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_a_set(
            steps in prop::collection::vec(
                (any::<bool>(), prop_oneof![0_usize..200, 0_usize..600_000]),
                1..200,
            ),
        ) {
            let mut bitmap = Bitmap::new(600_000);
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
                for from in [0, number, number + 1, 599_999] {
                    prop_assert_eq!(bitmap.next(from), set.range(from..).next().copied());
                }
            }
        }
    }
}
