//! The 32-bit Mersenne Twister (Matsumoto and Nishimura, 1998), as the C++ standard fixes it.

const STATE_WORDS: usize = 624;
const SHIFT_WORDS: usize = 397;
const TWIST: u32 = 0x9908_b0df;
const INITIALIZATION_MULTIPLIER: u32 = 1_812_433_253;
const HIGH_BIT: u32 = 0x8000_0000;

/// The generator's state: the words of one round and how many of them have been given out.
#[derive(Clone, Debug)]
pub(crate) struct Mt19937 {
    words: [u32; STATE_WORDS],
    given: usize,
}

impl Mt19937 {
    /// A generator that starts from `seed`.
    pub(crate) fn new(seed: u32) -> Self {
        let mut words = [seed; STATE_WORDS];
        let mut previous = seed;
        for (word, index) in words[1..].iter_mut().zip(1_u32..) {
            previous = INITIALIZATION_MULTIPLIER
                .wrapping_mul(previous ^ (previous >> 30))
                .wrapping_add(index);
            *word = previous;
        }
        Self {
            words,
            given: STATE_WORDS,
        }
    }

    /// The next 32 bits.
    pub(crate) fn next_u32(&mut self) -> u32 {
        if self.given == STATE_WORDS {
            self.refill();
        }
        let word = self.words[self.given];
        self.given += 1;
        temper(word)
    }

    fn refill(&mut self) {
        for index in 0..STATE_WORDS {
            let next = self.words[(index + 1) % STATE_WORDS];
            let joined = (self.words[index] & HIGH_BIT) | (next & !HIGH_BIT);
            let twist = if next & 1 == 1 { TWIST } else { 0 };
            self.words[index] =
                self.words[(index + SHIFT_WORDS) % STATE_WORDS] ^ (joined >> 1) ^ twist;
        }
        self.given = 0;
    }
}

fn temper(word: u32) -> u32 {
    let mut bits = word;
    bits ^= bits >> 11;
    bits ^= (bits << 7) & 0x9d2c_5680;
    bits ^= (bits << 15) & 0xefc6_0000;
    bits ^ (bits >> 18)
}

#[cfg(test)]
mod tests {
    use super::Mt19937;

    /// The C++ standard, [rand.predef]: the 10,000th number from the default seed, 5489.
    #[test]
    fn the_ten_thousandth_number_is_the_standard_one() {
        let mut generator = Mt19937::new(5489);
        let last = (0..10_000).map(|_| generator.next_u32()).last();
        assert_eq!(last, Some(4_123_659_995));
    }

    #[test]
    fn the_first_numbers_are_the_published_ones() {
        let mut generator = Mt19937::new(5489);
        let first: Vec<u32> = (0..3).map(|_| generator.next_u32()).collect();
        assert_eq!(first, [3_499_211_612, 581_869_302, 3_890_346_734]);
    }
}
