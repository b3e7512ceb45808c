//! The distributions the flows draw from, each written out so that a seed means one flow.

use crate::mt19937::Mt19937;

const TWO_POW_26: f64 = 67_108_864.0;
const TWO_POW_53: f64 = 9_007_199_254_740_992.0;
/// Where a uniform draw is zero its logarithm would be infinite.
const SMALLEST_UNIFORM: f64 = 1e-300;

/// Draws from one Mersenne Twister.
#[derive(Clone, Debug)]
pub(crate) struct Random {
    generator: Mt19937,
}

impl Random {
    /// Draws that start from `seed`.
    pub(crate) fn new(seed: u32) -> Self {
        Self {
            generator: Mt19937::new(seed),
        }
    }

    /// A real in `[0, 1)`, of 53 random bits.
    pub(crate) fn uniform(&mut self) -> f64 {
        let high = f64::from(self.generator.next_u32() >> 5);
        let low = f64::from(self.generator.next_u32() >> 6);
        (high * TWO_POW_26 + low) * (1.0 / TWO_POW_53)
    }

    /// An integer in `0..bound`.
    #[allow(clippy::cast_sign_loss)]
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        // Truncation toward zero is the definition; the product is at least 0 and below `bound`.
        (self.uniform() * f64::from(bound)) as u32
    }

    /// A standard normal by the cosine branch of Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = self.uniform().max(SMALLEST_UNIFORM);
        let angle = self.uniform();
        libm::sqrt(-2.0 * libm::log(radius)) * libm::cos(2.0 * std::f64::consts::PI * angle)
    }

    /// An exponential of the given rate.
    pub(crate) fn exponential(&mut self, rate: f64) -> f64 {
        -libm::log(self.uniform().max(SMALLEST_UNIFORM)) / rate
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn draws_stay_within_their_bounds() {
        let mut random = Random::new(7);
        for _ in 0..10_000 {
            let real = random.uniform();
            assert!((0.0..1.0).contains(&real), "{real}");
            assert!(random.below(10) < 10);
            assert!(random.exponential(2.0) >= 0.0);
        }
    }

    #[test]
    fn normals_have_the_mean_and_variance_of_a_standard_normal() {
        let mut random = Random::new(7);
        let draws: Vec<f64> = (0..100_000).map(|_| random.normal()).collect();
        let mean = draws.iter().sum::<f64>() / 100_000.0;
        let variance = draws.iter().map(|draw| draw * draw).sum::<f64>() / 100_000.0;
        assert!(mean.abs() < 0.02, "{mean}");
        assert!((variance - 1.0).abs() < 0.02, "{variance}");
    }
}
