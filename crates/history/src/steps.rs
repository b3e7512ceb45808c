//! What ticks and lots of an instrument are.

use outcry_protocol::{InstrumentRecord, Text};

/// The steps of an instrument, from one command to the next that changes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// Counts the steps of all instruments, from 1, in the order in which they came.
    pub number: u32,
    /// The instrument.
    pub instrument: u32,
    /// Its name.
    pub symbol: Text<24>,
    /// The asset that is bought and sold.
    pub base_asset: u32,
    /// The asset that it is paid in.
    pub quote_asset: u32,
    /// A tick is `tick_mantissa / 10^tick_decimals` of the quote asset.
    pub tick_mantissa: u64,
    /// See `tick_mantissa`.
    pub tick_decimals: u8,
    /// A lot is `lot_mantissa / 10^lot_decimals` of the base asset.
    pub lot_mantissa: u64,
    /// See `lot_mantissa`.
    pub lot_decimals: u8,
    /// Decimals of the base asset's smallest unit.
    pub base_decimals: u8,
    /// Decimals of the quote asset's smallest unit.
    pub quote_decimals: u8,
}

impl Steps {
    pub(crate) fn of(record: &InstrumentRecord, number: u32) -> Self {
        Self {
            number,
            instrument: record.instrument,
            symbol: record.symbol,
            base_asset: record.base_asset,
            quote_asset: record.quote_asset,
            tick_mantissa: record.tick_mantissa,
            tick_decimals: record.tick_decimals,
            lot_mantissa: record.lot_mantissa,
            lot_decimals: record.lot_decimals,
            base_decimals: record.base_decimals,
            quote_decimals: record.quote_decimals,
        }
    }

    /// What its ticks and lots are in money, which the rules have whole.
    pub(crate) fn units(&self) -> Units {
        let value = u128::from(self.tick_mantissa) * u128::from(self.lot_mantissa);
        let decimals = i32::from(self.tick_decimals) + i32::from(self.lot_decimals);
        let lot = i32::from(self.lot_decimals) - i32::from(self.base_decimals);
        Units {
            value: shifted(value, decimals - i32::from(self.quote_decimals)),
            lot: shifted(self.lot_mantissa.into(), lot),
        }
    }

    /// Whether these are the same but for their number.
    pub(crate) fn equal(&self, other: &Self) -> bool {
        let number = self.number;
        *self == Self { number, ..*other }
    }
}

/// One tick times one lot in the quote asset's smallest units, one lot in the base asset's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Units {
    pub(crate) value: u128,
    pub(crate) lot: u128,
}

fn shifted(mantissa: u128, decimals: i32) -> u128 {
    let power = 10_u128.saturating_pow(decimals.unsigned_abs());
    if decimals > 0 {
        mantissa / power
    } else {
        mantissa.saturating_mul(power)
    }
}
