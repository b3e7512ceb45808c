//! The two records that define an instrument.

use crate::check::require;
use crate::layout::record;
use crate::money::{DECIMALS_MAX, MONEY_MAX};
use crate::{CommandKind, RejectReason, Text, VERSION};

/// Most decimals of a tick or lot size.
const INCREMENT_DECIMALS_MAX: u8 = 18;

/// No price is higher: it leaves room for what is no price.
pub const PRICE_MAX_TICKS: i64 = 1 << 62;

/// A whole band: 10^6 parts per million.
const PPM: u32 = 1_000_000;

record! {
    /// What an instrument is: 128 bytes, followed by one [`InstrumentLimitsRecord`].
    ///
    /// Serves `add_instrument` and `update_instrument`; an update states everything anew.
    InstrumentRecord, 128 {
        /// [`CommandKind::AddInstrument`] or [`CommandKind::UpdateInstrument`].
        kind: u8,
        /// [`VERSION`].
        version: u8,
        /// Zero.
        flags: u16,
        /// The instrument's number, from 1.
        instrument: u32,
        /// Nanoseconds since 1970 UTC.
        time_ns: u64,
        /// The request id, low word first; zero for none.
        request_id: [u64; 2],
        /// The asset that is bought and sold.
        base_asset: u32,
        /// The asset that it is paid in.
        quote_asset: u32,
        /// The name, as `BTCUSDT`.
        symbol: Text<24>,
        /// The tick size is `tick_mantissa / 10^tick_decimals` of the quote asset.
        tick_mantissa: u64,
        /// The lot size is `lot_mantissa / 10^lot_decimals` of the base asset.
        lot_mantissa: u64,
        /// Decimals of the tick size.
        tick_decimals: u8,
        /// Decimals of the lot size.
        lot_decimals: u8,
        /// Decimals of the base asset's smallest unit.
        base_decimals: u8,
        /// Decimals of the quote asset's smallest unit.
        quote_decimals: u8,
        /// Most parts of an iceberg (quantity / display, rounded up); 0 for no bound.
        iceberg_parts_max: u32,
        /// Lowest price in ticks, from 1.
        price_min_ticks: i64,
        /// Highest price in ticks, at most 2^62.
        price_max_ticks: i64,
        /// Smallest quantity in lots, from 1.
        quantity_min_lots: u64,
        /// Greatest quantity in lots.
        quantity_max_lots: u64,
        /// Zeros.
        reserved: [u8; 8],
    }
}

record! {
    /// An instrument's other filters: 64 bytes, always right behind its [`InstrumentRecord`].
    InstrumentLimitsRecord, 64 {
        /// [`CommandKind::InstrumentLimits`].
        kind: u8,
        /// [`VERSION`].
        version: u8,
        /// Zero.
        flags: u16,
        /// The same instrument.
        instrument: u32,
        /// Least notional in the quote asset's smallest units, low word first.
        notional_min: [u64; 2],
        /// Greatest notional, low word first; 0 for no bound.
        notional_max: [u64; 2],
        /// Limit and stop prices stay within this many parts per million of the reference price;
        /// 0 for no band.
        band_ppm: u32,
        /// Market orders trade within this many parts per million of the reference price; 0 for
        /// no band.
        market_band_ppm: u32,
        /// Most open orders of one account; 0 for no bound.
        account_orders_max: u32,
        /// Most open orders; 0 for no bound.
        orders_max: u32,
        /// Most waiting stops of one account; 0 for no bound.
        account_stops_max: u32,
        /// Most waiting stops; 0 for no bound.
        stops_max: u32,
    }
}

impl InstrumentRecord {
    /// The tick size in units of 10^-18, or `None` for a record of wrong shape.
    #[must_use]
    pub fn tick_size(&self) -> Option<u128> {
        shifted(
            self.tick_mantissa.into(),
            self.tick_decimals,
            INCREMENT_DECIMALS_MAX,
        )
    }

    /// The lot size in units of 10^-18, or `None` for a record of wrong shape.
    #[must_use]
    pub fn lot_size(&self) -> Option<u128> {
        shifted(
            self.lot_mantissa.into(),
            self.lot_decimals,
            INCREMENT_DECIMALS_MAX,
        )
    }

    /// The value of one lot at one tick in the quote asset's smallest units, 2^128 - 1 for more.
    ///
    /// # Errors
    /// `inexact_value` when it is no whole number.
    pub fn value_unit(&self) -> Result<u128, RejectReason> {
        let mantissa = u128::from(self.tick_mantissa) * u128::from(self.lot_mantissa);
        let decimals = self.tick_decimals.saturating_add(self.lot_decimals);
        shifted(mantissa, decimals, self.quote_decimals).ok_or(RejectReason::InexactValue)
    }

    /// One lot in the base asset's smallest units, 2^128 - 1 for more.
    ///
    /// # Errors
    /// `inexact_lot` when it is no whole number.
    pub fn lot_unit(&self) -> Result<u128, RejectReason> {
        let mantissa = self.lot_mantissa.into();
        shifted(mantissa, self.lot_decimals, self.base_decimals).ok_or(RejectReason::InexactLot)
    }

    /// Checks that every value is exact and none can overflow.
    ///
    /// # Errors
    /// `inexact_value`, `inexact_lot` or `value_too_large`, in this order.
    pub fn check_exact(&self) -> Result<(), RejectReason> {
        let value_unit = self.value_unit()?;
        let lot_unit = self.lot_unit()?;
        let lots = u128::from(self.quantity_max_lots);
        let ticks = u128::from(self.price_max_ticks.unsigned_abs());
        let quote_max = (ticks * lots).checked_mul(value_unit);
        let base_max = lots.checked_mul(lot_unit);
        let fits = |most: Option<u128>| most.is_some_and(|most| most <= MONEY_MAX);
        require(
            fits(quote_max) && fits(base_max),
            RejectReason::ValueTooLarge,
        )
    }

    /// Checks the shape.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    pub fn check(&self) -> Result<(), RejectReason> {
        use RejectReason as R;
        require(self.version == VERSION, R::UnsupportedVersion)?;
        require(self.flags == 0, R::InvalidFlags)?;
        let assets = self.base_asset != 0 && self.quote_asset != 0;
        let distinct = self.base_asset != self.quote_asset;
        require(
            self.instrument != 0 && assets && distinct,
            R::InvalidInstrument,
        )?;
        require(
            !self.symbol.is_empty() && self.symbol.is_valid(),
            R::InvalidSymbol,
        )?;
        require(
            self.tick_mantissa != 0 && self.lot_mantissa != 0,
            R::InvalidIncrement,
        )?;
        let increments = self.tick_decimals.max(self.lot_decimals);
        require(increments <= INCREMENT_DECIMALS_MAX, R::InvalidIncrement)?;
        let decimals = self.base_decimals.max(self.quote_decimals);
        require(decimals <= DECIMALS_MAX, R::InvalidIncrement)?;
        let prices = 1 <= self.price_min_ticks
            && self.price_min_ticks <= self.price_max_ticks
            && self.price_max_ticks <= PRICE_MAX_TICKS;
        let quantities =
            1 <= self.quantity_min_lots && self.quantity_min_lots <= self.quantity_max_lots;
        require(prices && quantities, R::InvalidFilter)?;
        require(self.reserved == [0; 8], R::InvalidReserved)
    }
}

impl InstrumentLimitsRecord {
    /// Limits that bind nothing.
    #[must_use]
    pub const fn unbounded(instrument: u32) -> Self {
        Self {
            kind: CommandKind::InstrumentLimits as u8,
            version: VERSION,
            flags: 0,
            instrument,
            notional_min: [0; 2],
            notional_max: [0; 2],
            band_ppm: 0,
            market_band_ppm: 0,
            account_orders_max: 0,
            orders_max: 0,
            account_stops_max: 0,
            stops_max: 0,
        }
    }

    /// Least notional in smallest units.
    #[must_use]
    pub const fn notional_min(&self) -> u128 {
        self.notional_min[0] as u128 | (self.notional_min[1] as u128) << 64
    }

    /// Greatest notional in smallest units, or `u128::MAX` for no bound.
    #[must_use]
    pub const fn notional_max(&self) -> u128 {
        match self.notional_max[0] as u128 | (self.notional_max[1] as u128) << 64 {
            0 => u128::MAX,
            bound => bound,
        }
    }

    /// Checks the shape against the record that it follows.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    pub fn check(&self, instrument: u32) -> Result<(), RejectReason> {
        use RejectReason as R;
        require(
            self.kind == CommandKind::InstrumentLimits as u8,
            R::Malformed,
        )?;
        require(self.version == VERSION, R::UnsupportedVersion)?;
        require(self.flags == 0, R::InvalidFlags)?;
        require(self.instrument == instrument, R::InvalidInstrument)?;
        let bands = self.band_ppm.max(self.market_band_ppm) <= PPM;
        let notional = self.notional_min() <= self.notional_max();
        require(bands && notional, R::InvalidFilter)
    }
}

/// `mantissa / 10^decimals` in units of `10^-unit_decimals`, 2^128 - 1 for more than that; `None`
/// when it is no whole number.
fn shifted(mantissa: u128, decimals: u8, unit_decimals: u8) -> Option<u128> {
    let distance = decimals.abs_diff(unit_decimals);
    let power = 10_u128.saturating_pow(distance.into());
    if unit_decimals >= decimals {
        return Some(mantissa.saturating_mul(power));
    }
    mantissa.is_multiple_of(power).then(|| mantissa / power)
}

#[cfg(test)]
mod tests {
    use super::shifted;

    #[test]
    fn a_value_is_exact_or_none() {
        assert_eq!(shifted(25, 2, 2), Some(25));
        assert_eq!(shifted(25, 2, 8), Some(25_000_000));
        assert_eq!(shifted(2_500, 4, 2), Some(25));
        assert_eq!(shifted(25, 4, 2), None);
        assert_eq!(shifted(u128::MAX, 0, 24), Some(u128::MAX));
    }
}
