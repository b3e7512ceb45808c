//! The rolling digest of all events.

use crate::EventRecord;

/// Odd constants without structure (the fractional part of the golden ratio and of square roots).
const KEYS: [u64; 4] = [
    0x9E37_79B9_7F4A_7C15,
    0x6A09_E667_F3BC_C909,
    0xBB67_AE85_84CA_A73B,
    0x3C6E_F372_FE94_F82B,
];
const STEP: u64 = 0xA54F_F53A_5F1D_36F1;

/// A 64-bit fold over event records in their order: equal streams have equal digests, and a
/// difference anywhere shows with probability 1 - 2^-64 for records that no one chose to collide.
///
/// The words of a record meet in two 64 by 64 bit products that do not wait for the record before;
/// only a rotation, an exclusive or, an addition and a multiplication do.
///
/// ```
/// use outcry_protocol::{Digest, EventRecord};
///
/// let mut digest = Digest::default();
/// digest.fold(&EventRecord::accepted(1, 1, 1, 1, false));
/// assert_ne!(digest, Digest::default());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Digest(pub u64);

impl Digest {
    /// Folds a record in.
    #[inline(always)]
    pub fn fold(&mut self, record: &EventRecord) {
        self.fold_words(record.words());
    }

    /// Folds 32 bytes in, as four little-endian words.
    #[inline(always)]
    pub fn fold_words(&mut self, words: [u64; 4]) {
        let first = fold_product(words[0] ^ KEYS[0], words[1] ^ KEYS[1]);
        let second = fold_product(words[2] ^ KEYS[2], words[3] ^ KEYS[3]);
        let mixed = (self.0.rotate_left(29) ^ first).wrapping_add(second);
        self.0 = mixed.wrapping_mul(STEP);
    }
}

/// Both halves of the 128-bit product, joined by exclusive or: every bit of both factors counts.
#[inline(always)]
#[must_use]
pub const fn fold_product(left: u64, right: u64) -> u64 {
    let product = left as u128 * right as u128;
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_every_word_matter() {
        let first = EventRecord::traded(1, 2, 3, 4, 0);
        let second = EventRecord::traded(1, 2, 3, 5, 0);
        let digest = |records: &[EventRecord]| {
            let mut digest = Digest::default();
            for record in records {
                digest.fold(record);
            }
            digest
        };
        assert_ne!(digest(&[first, second]), digest(&[second, first]));
        for word in 0..4 {
            let mut words = first.words();
            words[word] ^= 1;
            let mut changed = Digest::default();
            changed.fold_words(words);
            assert_ne!(changed, digest(&[first]));
        }
    }
}
