//! Finding a byte, and reading digits, eight at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Where the first such byte stands.
#[inline]
pub(crate) fn find(bytes: &[u8], wanted: u8) -> Option<usize> {
    let pattern = u64::from(wanted) * ONES;
    let mut at = 0;
    while let Some(word) = bytes.get(at..at + 8) {
        let word = u64::from_le_bytes(word.try_into().expect("eight bytes were asked for"));
        let difference = word ^ pattern;
        // The lowest byte marked is one that is zero: a borrow only marks those above it.
        let marks = difference.wrapping_sub(ONES) & !difference & HIGHS;
        if marks != 0 {
            return Some(at + (marks.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    bytes[at..]
        .iter()
        .position(|byte| *byte == wanted)
        .map(|place| at + place)
}

/// So many digits always fit in 63 bits.
pub(crate) const DIGITS_MAX: usize = 18;

/// The number that at most [`DIGITS_MAX`] digits say; `None` where a byte is no digit, and 0 for
/// none.
#[inline]
pub(crate) fn digits_of(bytes: &[u8]) -> Option<u64> {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut value: u64 = 0;
    for word in words {
        value = value * 100_000_000 + eight_digits(u64::from_le_bytes(*word))?;
    }
    for byte in rest {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    Some(value)
}

/// Eight digits, the first in the lowest byte: neighbours are joined to pairs, pairs to fours.
#[inline]
fn eight_digits(word: u64) -> Option<u64> {
    let digits = word.wrapping_sub(u64::from(b'0') * ONES);
    // A byte below zero or above nine shows in the upper half of one of the two.
    let above = digits.wrapping_add(0x76 * ONES) | digits;
    if (above | word) & HIGHS != 0 {
        return None;
    }
    let pairs = (digits * 10 + (digits >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    Some((fours * 10_000 + (fours >> 32)) & 0xFFFF_FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_the_first(bytes in proptest::collection::vec(0_u8..4, 0..40), wanted in 0_u8..4) {
            let first = bytes.iter().position(|byte| *byte == wanted);
            prop_assert_eq!(find(&bytes, wanted), first);
        }

        #[test]
        fn digits_are_read(bytes in "[0-9]{0,18}") {
            let expected = if bytes.is_empty() { 0 } else { bytes.parse().unwrap() };
            prop_assert_eq!(digits_of(bytes.as_bytes()), Some(expected));
        }

        #[test]
        fn what_is_no_digit_is_none(digits in "[0-9]{1,18}", place in 0_usize..18, byte: u8) {
            prop_assume!(!byte.is_ascii_digit());
            let mut bytes = digits.into_bytes();
            let place = place % bytes.len();
            bytes[place] = byte;
            prop_assert_eq!(digits_of(&bytes), None);
        }

        #[test]
        fn finds_among_any(bytes in proptest::collection::vec(any::<u8>(), 0..40), wanted: u8) {
            let first = bytes.iter().position(|byte| *byte == wanted);
            prop_assert_eq!(find(&bytes, wanted), first);
        }
    }
}
