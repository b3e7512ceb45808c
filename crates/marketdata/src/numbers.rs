//! Integers of a column, as wide as they need be.

use std::ops::Range;

/// Numbers stand for decimals of so many digits at most.
const DIGITS: u32 = 38;
/// Every number lies below it, above 0 or below.
pub(crate) const NUMBER_END: i128 = 10_i128.pow(DIGITS);

/// Integers of a column.
#[derive(Debug, Clone, Copy)]
pub enum Numbers<'a> {
    /// All fit in 64 bits.
    Narrow(&'a [i64]),
    /// At least one does not.
    Wide(&'a [i128]),
}

impl<'a> Numbers<'a> {
    /// How many there are.
    pub const fn len(&self) -> usize {
        match self {
            Self::Narrow(values) => values.len(),
            Self::Wide(values) => values.len(),
        }
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number at a place.
    #[inline]
    pub fn get(&self, place: usize) -> i128 {
        match self {
            Self::Narrow(values) => i128::from(values[place]),
            Self::Wide(values) => values[place],
        }
    }

    /// Those of a range of places.
    #[must_use]
    pub fn slice(&self, places: Range<usize>) -> Numbers<'a> {
        match self {
            Self::Narrow(values) => Numbers::Narrow(&values[places]),
            Self::Wide(values) => Numbers::Wide(&values[places]),
        }
    }

    /// The least and the greatest; `None` where there is none.
    pub(crate) fn ends(&self) -> Option<(i128, i128)> {
        match self {
            Self::Narrow(values) => {
                let (least, greatest) = (values.iter().min()?, values.iter().max()?);
                Some((i128::from(*least), i128::from(*greatest)))
            }
            Self::Wide(values) => Some((*values.iter().min()?, *values.iter().max()?)),
        }
    }
}

/// So many parts of an amount, of which `parts` make the whole, rounded up; amount and share are 0
/// or above. What passes 128 bits is told as their greatest number, which lies above all numbers.
pub(crate) fn share_up(amount: i128, share: u32, parts: u32) -> i128 {
    let (share, parts) = (i128::from(share), i128::from(parts));
    let rest = (amount % parts * share + parts - 1) / parts;
    (amount / parts).saturating_mul(share).saturating_add(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_up() {
        assert_eq!(share_up(10, 700, 1_000), 7);
        assert_eq!(share_up(11, 700, 1_000), 8);
        assert_eq!(share_up(0, 700, 1_000), 0);
        let wide = NUMBER_END - 1;
        assert_eq!(share_up(wide, 1_000_000, 1_000_000), wide);
        assert_eq!(share_up(wide, 700_000, 1_000_000), 7 * 10_i128.pow(37));
        assert_eq!(share_up(wide, u32::MAX, 1_000), i128::MAX);
    }

    #[test]
    fn a_slice_is_as_wide_as_its_column() {
        for numbers in [Numbers::Narrow(&[3, 1, 2]), Numbers::Wide(&[3, 1, 2])] {
            assert_eq!((numbers.len(), numbers.ends()), (3, Some((1, 3))));
            let part = numbers.slice(1..3);
            assert_eq!((part.get(0), part.get(1)), (1, 2));
            assert!(numbers.slice(0..0).is_empty());
            assert_eq!(numbers.slice(0..0).ends(), None);
        }
    }
}
