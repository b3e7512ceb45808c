//! Footprints of trades as they come.

use std::sync::Arc;

use arrow_array::BooleanArray;
use outcry_marketdata::flow::{Footprint, FootprintBars as Bars};
use outcry_marketdata::{Interval, InvalidInput};
use pyo3::prelude::*;

use super::arrow::{Columns, Table};
use super::flow::footprint_columns;
use super::refused;

/// The height of a row, thousandths of the ratio, the minimum, and how many are stacked.
type Rule = (i64, u32, i64, usize);

const fn how((row_size, ratio_permille, minimum, stacked): Rule) -> Footprint {
    Footprint {
        row_size,
        ratio_permille,
        minimum,
        stacked,
    }
}

/// Footprints of trades as they come.
#[pyclass(module = "outcry._native")]
#[derive(Clone)]
pub(crate) struct FootprintBars {
    bars: Bars,
    scales: (u8, u8),
}

#[pymethods]
impl FootprintBars {
    #[new]
    fn new(interval: &str, horizon_ns: i64, rule: Rule, scales: (u8, u8)) -> PyResult<Self> {
        let interval = Interval::parse(interval).map_err(refused)?;
        let bars = Bars::new(how(rule), interval, horizon_ns).map_err(refused)?;
        Ok(Self { bars, scales })
    }

    /// Takes prices and quantities at so many decimals more from now on, by a rule in their units.
    fn rescale(&mut self, price_decimals: u8, quantity_decimals: u8, rule: Rule) -> PyResult<()> {
        let (price, quantity) = (power(price_decimals)?, power(quantity_decimals)?);
        self.bars
            .rescale(how(rule), price, quantity)
            .map_err(refused)?;
        self.scales.0 += price_decimals;
        self.scales.1 += quantity_decimals;
        Ok(())
    }

    /// Takes trades; returns the rows of the bars that changed, and how many trades came behind
    /// the horizon.
    fn update(&mut self, trades: &Bound<'_, PyAny>) -> PyResult<(Table, usize)> {
        let columns = Columns::read(trades)?;
        let (times, prices) = (columns.int64("time_ns")?, columns.int64("price")?);
        let (quantities, sides) = (columns.int64("quantity")?, columns.int8("side")?);
        let late = self
            .bars
            .update(times, prices, quantities, sides)
            .map_err(refused)?;
        Ok((self.told()?, late))
    }

    /// What `update` would return.
    fn peek(&self, trades: &Bound<'_, PyAny>) -> PyResult<(Table, usize)> {
        self.clone().update(trades)
    }
}

/// Ten to the number of decimals.
pub(super) fn power(decimals: u8) -> PyResult<i64> {
    10_i64.checked_pow(u32::from(decimals)).ok_or_else(|| {
        let bound = "decimals more leave no room in 63 bits";
        refused(InvalidInput::new("scale", decimals, bound))
    })
}

impl FootprintBars {
    fn told(&mut self) -> PyResult<Table> {
        let (mut opens, mut rows, mut finals) = (Vec::new(), Vec::new(), Vec::new());
        for bar in self.bars.take().map_err(refused)? {
            rows.extend(bar.rows);
            opens.resize(rows.len(), bar.open_time_ns);
            finals.resize(rows.len(), bar.is_final);
        }
        let mut columns = footprint_columns(opens, &rows, self.scales);
        columns.push(("final", Arc::new(BooleanArray::from(finals))));
        Ok(Table::new(columns))
    }
}
