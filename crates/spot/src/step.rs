//! The steps of prices and quantities.

/// One step: `mantissa / 10^decimals`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// So many of the last decimal.
    pub mantissa: u64,
    /// How many decimals it has.
    pub decimals: u8,
}

impl Step {
    /// So many steps in units of the last decimal: 64 bits times 64 bits fit 128.
    pub(crate) fn units(self, steps: u64) -> u128 {
        u128::from(steps) * u128::from(self.mantissa)
    }
}
