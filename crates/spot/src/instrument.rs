//! What the answers to an instrument's orders need of it.

use crate::json::PLACES;
use crate::step::Step;

const TEN: u128 = 10;

/// An instrument, as far as its numbers are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instrument {
    /// Its symbol.
    pub symbol: String,
    /// The asset that is bought and sold.
    pub base: String,
    /// The asset that it is paid in.
    pub quote: String,
    /// The step of prices.
    pub tick: Step,
    /// The step of quantities.
    pub lot: Step,
    /// Decimals of the base asset.
    pub base_decimals: u8,
    /// Decimals of the quote asset.
    pub quote_decimals: u8,
}

impl Instrument {
    /// The most decimals that a number of its orders can have.
    #[must_use]
    pub fn decimals_max(&self) -> u8 {
        let steps = self.tick.decimals.max(self.lot.decimals);
        steps.max(self.quote_decimals).max(PLACES)
    }

    /// So many lots in the base asset's smallest units, of which a lot is a whole number.
    pub(crate) fn base_units(&self, lots: u64) -> u128 {
        rescaled(self.lot.units(lots), self.lot.decimals, self.base_decimals)
    }

    /// What so many lots come to at a price, in the quote asset's smallest units, of which a tick
    /// times a lot is a whole number. The engine takes no order above 2^100 of them.
    pub(crate) fn quote_units(&self, ticks: u64, lots: u64) -> u128 {
        let step = u128::from(self.tick.mantissa) * u128::from(self.lot.mantissa);
        let decimals = self.tick.decimals + self.lot.decimals;
        let units = rescaled(step, decimals, self.quote_decimals);
        u128::from(ticks) * u128::from(lots) * units
    }
}

/// `units / 10^decimals` in steps of `10^-wanted`, of which it is a whole number.
fn rescaled(units: u128, decimals: u8, wanted: u8) -> u128 {
    let power = TEN.pow(u32::from(decimals.abs_diff(wanted)));
    if wanted >= decimals {
        units * power
    } else {
        units / power
    }
}
