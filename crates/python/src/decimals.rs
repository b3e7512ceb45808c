//! The Decimals that were made lately: a market says the same prices and quantities again and
//! again, and to make a Decimal costs more than all else of an answer.

use pyo3::prelude::*;

use crate::decimal::{Unit, decimal_of};

/// So many Decimals are remembered; a power of two.
const REMEMBERED: usize = 512;
/// 2^64 divided by the golden ratio: neighbours spread over all places.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// A Decimal of so many units.
struct Made {
    units: u64,
    unit: Unit,
    decimal: Py<PyAny>,
}

/// Decimals by units, each at the one place that its units give it. They never change, so one may
/// be handed out many times.
pub(crate) struct Decimals(Vec<Option<Made>>);

impl Default for Decimals {
    fn default() -> Self {
        Self((0..REMEMBERED).map(|_| None).collect())
    }
}

impl Decimals {
    /// The Decimal of so many of these units, with all their decimals.
    #[inline]
    pub(crate) fn get<'py>(
        &mut self,
        py: Python<'py>,
        units: u64,
        unit: Unit,
    ) -> PyResult<Bound<'py, PyAny>> {
        const SHIFT: u32 = u64::BITS - REMEMBERED.ilog2();
        let place = &mut self.0[(units.wrapping_mul(SPREAD) >> SHIFT) as usize];
        if let Some(made) = place
            && made.units == units
            && made.unit == unit
        {
            return Ok(made.decimal.bind(py).clone());
        }
        let decimal = decimal_of(py, u128::from(units), unit)?;
        *place = Some(Made {
            units,
            unit,
            decimal: decimal.clone().unbind(),
        });
        Ok(decimal)
    }
}
