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
    /// The value of one lot at one tick in the quote asset's smallest units.
    ///
    /// # Errors
    /// `inexact_value` when it is no whole number, `value_too_large` when it exceeds 2^100.
    pub fn value_unit(&self) -> Result<u128, RejectReason> {
        let mantissa = u128::from(self.tick_mantissa) * u128::from(self.lot_mantissa);
        let decimals = self.tick_decimals + self.lot_decimals;
        let value = shift_decimals(mantissa, decimals, self.quote_decimals)
            .map_err(|error| error.unwrap_or(RejectReason::InexactValue))?;
        require(value <= MONEY_MAX, RejectReason::ValueTooLarge)?;
        Ok(value)
    }

    /// One lot in the base asset's smallest units.
    ///
    /// # Errors
    /// `inexact_lot` when it is no whole number, `value_too_large` when it exceeds 2^100.
    pub fn lot_unit(&self) -> Result<u128, RejectReason> {
        let mantissa = u128::from(self.lot_mantissa);
        let value = shift_decimals(mantissa, self.lot_decimals, self.base_decimals)
            .map_err(|error| error.unwrap_or(RejectReason::InexactLot))?;
        require(value <= MONEY_MAX, RejectReason::ValueTooLarge)?;
        Ok(value)
    }

    /// Checks that every value is exact and none can overflow.
    ///
    /// # Errors
    /// `inexact_value`, `inexact_lot` or `value_too_large`.
    pub fn check_exact(&self) -> Result<(), RejectReason> {
        let too_large = RejectReason::ValueTooLarge;
        let value_unit = self.value_unit()?;
        let lot_unit = self.lot_unit()?;
        let quantity_max = u128::from(self.quantity_max_lots);
        let price_max = self.price_max_ticks.unsigned_abs();
        let quote_max = u128::from(price_max)
            .checked_mul(quantity_max)
            .and_then(|product| product.checked_mul(value_unit))
            .ok_or(too_large)?;
        let base_max = quantity_max.checked_mul(lot_unit).ok_or(too_large)?;
        require(quote_max <= MONEY_MAX && base_max <= MONEY_MAX, too_large)
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

/// `mantissa / 10^decimals` in units of `10^-unit_decimals`; `Err(None)` when it is no whole
/// number, `Err(Some(reason))` when it is too large.
fn shift_decimals(
    mantissa: u128,
    decimals: u8,
    unit_decimals: u8,
) -> Result<u128, Option<RejectReason>> {
    let power = |exponent: u8| 10_u128.pow(u32::from(exponent));
    if unit_decimals >= decimals {
        return mantissa
            .checked_mul(power(unit_decimals - decimals))
            .ok_or(Some(RejectReason::ValueTooLarge));
    }
    let divisor = power(decimals - unit_decimals);
    if mantissa.is_multiple_of(divisor) {
        Ok(mantissa / divisor)
    } else {
        Err(None)
    }
}

#[cfg(test)]
mod tests {
    use super::shift_decimals;

    #[test]
    fn a_value_is_exact_or_refused() {
        assert_eq!(shift_decimals(25, 2, 2), Ok(25));
        assert_eq!(shift_decimals(25, 2, 8), Ok(25_000_000));
        assert_eq!(shift_decimals(2_500, 4, 2), Ok(25));
        assert_eq!(shift_decimals(25, 4, 2), Err(None));
    }
}
