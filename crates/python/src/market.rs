//! An instrument's number and units, and decimals in them.

use outcry_protocol::{InstrumentRecord, StopUnit};
use pyo3::prelude::*;
use pyo3::types::PyBool;
use zerocopy::FromBytes;

use crate::arguments as take;
use crate::bytes::AlignedBytes;
use crate::decimal::{Unit, units_of, units_of_text};
use crate::errors::{invalid_value, malformed_record, shown};
use crate::placement::Steps;

const PRICE_TICKS_MAX: u128 = i64::MAX as u128;
const QUANTITY_LOTS_MAX: u128 = u64::MAX as u128;
const AMOUNT_MAX: u128 = 1 << 100;
const TRAIL_MAX_PPM: u32 = 999_999;

/// A number as Python gives it, or none.
type Given<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

/// An instrument's number and its units, as they stand.
#[pyclass(frozen, module = "outcry._native")]
#[derive(Clone, Copy)]
pub(crate) struct Market {
    number: u32,
    steps: Steps,
    quote_unit: Unit,
}

impl Market {
    /// The market of an instrument of this number and these units.
    pub(crate) const fn of(number: u32, steps: Steps, quote_decimals: u8) -> Self {
        Self {
            number,
            steps,
            quote_unit: Unit::new(1, quote_decimals),
        }
    }

    /// The instrument's number.
    pub(crate) const fn number(&self) -> u32 {
        self.number
    }

    /// What its ticks and lots are.
    pub(crate) const fn steps(&self) -> Steps {
        self.steps
    }

    pub(crate) fn ticks(self, field: &str, price: Given<'_, '_>) -> PyResult<i64> {
        let Some(price) = price else { return Ok(0) };
        Ok(units_of(field, price, self.steps.tick, PRICE_TICKS_MAX)? as i64)
    }

    pub(crate) fn lots(self, field: &str, quantity: Given<'_, '_>) -> PyResult<u64> {
        let Some(quantity) = quantity else {
            return Ok(0);
        };
        Ok(units_of(field, quantity, self.steps.lot, QUANTITY_LOTS_MAX)? as u64)
    }

    pub(crate) fn amount_units(self, amount: Given<'_, '_>) -> PyResult<u128> {
        amount.map_or(Ok(0), |amount| {
            units_of("amount", amount, self.quote_unit, AMOUNT_MAX)
        })
    }

    /// The ticks of a price as it is written, 0 for none.
    pub(crate) fn ticks_of(self, field: &str, price: Option<&str>) -> PyResult<u64> {
        Self::units_of(field, price, self.steps.tick, PRICE_TICKS_MAX).map(|ticks| ticks as u64)
    }

    /// The lots of a quantity as it is written, 0 for none.
    pub(crate) fn lots_of(self, field: &str, quantity: Option<&str>) -> PyResult<u64> {
        Self::units_of(field, quantity, self.steps.lot, QUANTITY_LOTS_MAX).map(|lots| lots as u64)
    }

    /// The smallest units of an amount as it is written, 0 for none.
    pub(crate) fn amount_of(self, field: &str, amount: Option<&str>) -> PyResult<u128> {
        Self::units_of(field, amount, self.quote_unit, AMOUNT_MAX)
    }

    fn units_of(field: &str, text: Option<&str>, unit: Unit, most: u128) -> PyResult<u128> {
        text.map_or(Ok(0), |text| units_of_text(field, text, unit, most))
    }

    /// A stop as a record holds it: a price or a trailing distance, and which of them.
    pub(crate) fn stop(
        self,
        stop: Given<'_, '_>,
        trail: Given<'_, '_>,
        trail_ppm: Given<'_, '_>,
    ) -> PyResult<(i64, StopUnit)> {
        match (stop, trail, trail_ppm) {
            (None, None, None) => Ok((0, StopUnit::Price)),
            (Some(_), None, None) => Ok((self.ticks("stop", stop)?, StopUnit::Price)),
            (None, Some(_), None) => Ok((self.ticks("trail", trail)?, StopUnit::TrailTicks)),
            (None, None, Some(ppm)) => Ok((trail_distance_ppm(ppm)?, StopUnit::TrailPpm)),
            _ => Err(stops_together(stop, trail, trail_ppm)),
        }
    }
}

#[pymethods]
impl Market {
    /// The market of an `InstrumentRecord`.
    #[new]
    #[pyo3(signature = (definition, /))]
    fn new(definition: &Bound<'_, PyAny>) -> PyResult<Self> {
        let bytes = AlignedBytes::of(definition)?;
        let Ok(definition) = InstrumentRecord::ref_from_bytes(&bytes) else {
            let text = format!("length: {} bytes are no instrument", bytes.len());
            return Err(malformed_record(0, &text));
        };
        let steps = Steps {
            tick: Unit::new(definition.tick_mantissa, definition.tick_decimals),
            lot: Unit::new(definition.lot_mantissa, definition.lot_decimals),
        };
        let quote_decimals = definition.quote_decimals;
        Ok(Self::of(definition.instrument, steps, quote_decimals))
    }
}

fn trail_distance_ppm(given: &Bound<'_, PyAny>) -> PyResult<i64> {
    let is_truth = given.is_instance_of::<PyBool>();
    match take::trail_ppm(given) {
        Ok(ppm) if ppm <= TRAIL_MAX_PPM && !is_truth => Ok(i64::from(ppm)),
        _ => {
            let bound = format!("must be an int from 0 to {TRAIL_MAX_PPM}");
            Err(invalid_value("trail_ppm", &shown(given), &bound))
        }
    }
}

#[cold]
fn stops_together(stop: Given<'_, '_>, trail: Given<'_, '_>, trail_ppm: Given<'_, '_>) -> PyErr {
    let given = [("stop", stop), ("trail", trail), ("trail_ppm", trail_ppm)];
    let said = given.iter().filter(|(_, value)| value.is_some());
    let names: Vec<&str> = said.map(|(name, _)| *name).collect();
    invalid_value("stop", &names.join(" and "), "must not be given together")
}
