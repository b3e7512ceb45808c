//! How the numbers of an instrument's orders are told.

use crate::json::{Json, PLACES, places_of};
use crate::step::Step;

const TEN: u128 = 10;

/// The steps and units of an instrument's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// The step of prices.
    pub tick: Step,
    /// The step of quantities.
    pub lot: Step,
    /// Decimals of the base asset.
    pub base_decimals: u8,
    /// Decimals of the quote asset.
    pub quote_decimals: u8,
}

impl Figures {
    /// The most decimals that a number of an order can have.
    #[must_use]
    pub fn decimals_max(self) -> u8 {
        let steps = self.tick.decimals.max(self.lot.decimals);
        steps.max(self.quote_decimals).max(PLACES)
    }

    /// So many lots in the base asset's smallest units, of which a lot is a whole number.
    pub(crate) fn base_units(self, lots: u64) -> u128 {
        rescaled(self.lot.units(lots), self.lot.decimals, self.base_decimals)
    }

    /// What so many lots come to at a price, in the quote asset's smallest units, of which a tick
    /// times a lot is a whole number. The engine takes no order above 2^100 of them.
    pub(crate) fn quote_units(self, ticks: u64, lots: u64) -> u128 {
        let step = u128::from(self.tick.mantissa) * u128::from(self.lot.mantissa);
        let decimals = self.tick.decimals + self.lot.decimals;
        let units = rescaled(step, decimals, self.quote_decimals);
        u128::from(ticks) * u128::from(lots) * units
    }

    /// Writes a price.
    pub(crate) fn write_price(self, json: &mut Json, ticks: u64) {
        let decimals = self.tick.decimals;
        json.decimal(self.tick.units(ticks), decimals, places_of(decimals));
    }

    /// Writes a quantity.
    pub(crate) fn write_quantity(self, json: &mut Json, lots: u64) {
        let places = places_of(self.base_decimals);
        json.decimal(self.lot.units(lots), self.lot.decimals, places);
    }

    /// Writes an amount of the quote asset's smallest units.
    pub(crate) fn write_amount(self, json: &mut Json, units: u128) {
        let decimals = self.quote_decimals;
        json.decimal(units, decimals, places_of(decimals));
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
