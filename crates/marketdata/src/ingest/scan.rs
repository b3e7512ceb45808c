//! Finding a byte, eight at a time.

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
        fn finds_among_any(bytes in proptest::collection::vec(any::<u8>(), 0..40), wanted: u8) {
            let first = bytes.iter().position(|byte| *byte == wanted);
            prop_assert_eq!(find(&bytes, wanted), first);
        }
    }
}
