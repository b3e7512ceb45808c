//! The linear congruential generator that Java's documentation fixes for `java.util.Random`.

const MULTIPLIER: u64 = 0x5_deec_e66d;
const INCREMENT: u64 = 0xb;
const MASK: u64 = (1 << 48) - 1;

/// Draws as `java.util.Random` gives them, so that a seed means the same flow here and there.
#[derive(Clone, Debug)]
pub(crate) struct JavaRandom {
    state: u64,
}

impl JavaRandom {
    /// Draws that start from `seed`.
    pub(crate) fn new(seed: i64) -> Self {
        Self {
            state: (seed.cast_unsigned() ^ MULTIPLIER) & MASK,
        }
    }

    /// The next number of `bits` bits, at most 32, sign included when it is 32.
    fn next(&mut self, bits: u32) -> i32 {
        self.state = self.state.wrapping_mul(MULTIPLIER).wrapping_add(INCREMENT) & MASK;
        // The state has 48 bits, so 32 are left at most: the truncation keeps all of them.
        ((self.state >> (48 - bits)) as u32).cast_signed()
    }

    /// An integer in `0..bound`; `bound` is at least 1.
    pub(crate) fn below(&mut self, bound: i32) -> i32 {
        assert!(bound > 0, "the bound must be at least 1, not {bound}");
        if bound & (bound - 1) == 0 {
            // Fits: `bound` is at most 2^30 and the draw below 2^31, shifted right by 31.
            return ((i64::from(bound) * i64::from(self.next(31))) >> 31) as i32;
        }
        loop {
            let draw = self.next(31);
            let rest = draw % bound;
            // The last, incomplete run of `bound` numbers would favour its first ones.
            if draw.wrapping_sub(rest).wrapping_add(bound - 1) >= 0 {
                return rest;
            }
        }
    }

    /// A real in `[0, 1)`, of 53 random bits.
    pub(crate) fn uniform(&mut self) -> f64 {
        let high = f64::from(self.next(26)) * f64::from(1 << 27);
        let low = f64::from(self.next(27));
        (high + low) / 9_007_199_254_740_992.0
    }
}

#[cfg(test)]
mod tests {
    use super::JavaRandom;

    /// Printed by `new Random(42)` of a Java 17 runtime.
    #[test]
    fn draws_are_those_of_a_java_runtime() {
        let mut random = JavaRandom::new(42);
        let draws: Vec<i32> = [10, 10, 8, 40, 512]
            .map(|bound| random.below(bound))
            .to_vec();
        assert_eq!(draws, [0, 3, 5, 4, 158]);
        assert_eq!(
            random.uniform().to_bits(),
            0.942_073_543_028_212_8_f64.to_bits()
        );
    }

    /// Printed by `new Random(-3)` of a Java 17 runtime; a bound just above 2^30 makes it redraw.
    #[test]
    fn the_incomplete_run_is_drawn_again() {
        let mut random = JavaRandom::new(-3);
        let draws: Vec<i32> = (0..4).map(|_| random.below((1 << 30) + 1)).collect();
        assert_eq!(draws, [577_165_164, 754_537_216, 322_603_170, 118_466_140]);
    }
}
