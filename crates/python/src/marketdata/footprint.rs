//! Footprints of trades, in batches and as they come.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Int64Array, UInt32Array};
use outcry_marketdata::flow::{Footprint, FootprintBars as Bars, FootprintRow, footprint};
use outcry_marketdata::ladder::Ladder;
use outcry_marketdata::{Interval, InvalidInput, Numbers};
use pyo3::prelude::*;

use super::arrow::{Columns, Table, decimals};
use super::refused;

/// The height of a row, thousandths of the ratio, the minimum, and how many are stacked.
type Rule = (i128, u32, i128, usize);

const fn how((row_size, ratio_permille, minimum, stacked): Rule) -> Footprint {
    Footprint {
        row_size,
        ratio_permille,
        minimum,
        stacked,
    }
}

/// Rows of the footprint of each bar, of trades in order.
#[pyfunction]
pub(crate) fn footprint_rows(
    py: Python<'_>,
    trades: &Bound<'_, PyAny>,
    interval: &str,
    rule: Rule,
    scales: (u8, u8),
) -> PyResult<Table> {
    let columns = Columns::read(trades)?;
    let interval = Interval::parse(interval).map_err(refused)?;
    let how = how(rule);
    let (times, prices) = (columns.int64("time_ns")?, columns.numbers("price")?);
    let (quantities, sides) = (columns.numbers("quantity")?, columns.int8("side")?);
    let (opens, rows) = py
        .detach(|| footprints(&how, interval, times, (&prices, &quantities, sides)))
        .map_err(refused)?;
    Ok(Table::new(footprint_columns(opens, &rows, scales)))
}

type Found = (Vec<i64>, Vec<FootprintRow>);

fn footprints(
    how: &Footprint,
    interval: Interval,
    times: &[i64],
    (prices, quantities, sides): (&Numbers<'_>, &Numbers<'_>, &[i8]),
) -> Result<Found, InvalidInput> {
    let (mut opens, mut rows) = (Vec::new(), Vec::new());
    let mut ladder = Ladder::new(how.row_size)?;
    let mut from = 0;
    while from < times.len() {
        let open_time_ns = interval.floor(times[from]);
        let end_ns = interval.next(open_time_ns);
        let count = times[from..].partition_point(|time| *time < end_ns).max(1);
        let bar = from..from + count;
        let (prices, quantities) = (prices.slice(bar.clone()), quantities.slice(bar.clone()));
        footprint(
            how,
            &prices,
            &quantities,
            &sides[bar],
            &mut ladder,
            &mut rows,
        )?;
        opens.resize(rows.len(), open_time_ns);
        from += count;
    }
    Ok((opens, rows))
}

/// The columns of rows, whose bars open at these times, at the scales of prices and quantities.
fn footprint_columns(
    opens: Vec<i64>,
    rows: &[FootprintRow],
    (price, quantity): (u8, u8),
) -> Vec<(&'static str, ArrayRef)> {
    let amounts = |get: fn(&FootprintRow) -> i128, scale| {
        decimals(rows.iter().map(|row| Some(get(row))), scale)
    };
    let flags = |get: fn(&FootprintRow) -> bool| -> ArrayRef {
        Arc::new(
            rows.iter()
                .map(|row| Some(get(row)))
                .collect::<BooleanArray>(),
        )
    };
    let trades: UInt32Array = rows.iter().map(|row| row.trades).collect();
    vec![
        ("open_time", Arc::new(Int64Array::from(opens))),
        ("price", amounts(|row| row.price, price)),
        ("sell_volume", amounts(|row| row.sell_volume, quantity)),
        ("buy_volume", amounts(|row| row.buy_volume, quantity)),
        ("trades", Arc::new(trades)),
        ("buy_imbalance", flags(|row| row.is_buy_imbalance)),
        ("sell_imbalance", flags(|row| row.is_sell_imbalance)),
        ("stacked", flags(|row| row.is_stacked)),
    ]
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
        let (times, prices) = (columns.int64("time_ns")?, columns.numbers("price")?);
        let (quantities, sides) = (columns.numbers("quantity")?, columns.int8("side")?);
        let late = self
            .bars
            .update(times, &prices, &quantities, sides)
            .map_err(refused)?;
        Ok((self.told(), late))
    }

    /// What `update` would return.
    fn peek(&self, trades: &Bound<'_, PyAny>) -> PyResult<(Table, usize)> {
        self.clone().update(trades)
    }
}

/// Ten to the number of decimals.
pub(super) fn power(decimals: u8) -> PyResult<i128> {
    10_i128.checked_pow(u32::from(decimals)).ok_or_else(|| {
        let bound = "decimals more leave no room in 38 digits";
        refused(InvalidInput::new("scale", decimals, bound))
    })
}

impl FootprintBars {
    fn told(&mut self) -> Table {
        let (mut opens, mut rows, mut finals) = (Vec::new(), Vec::new(), Vec::new());
        for bar in self.bars.take() {
            rows.extend(bar.rows);
            opens.resize(rows.len(), bar.open_time_ns);
            finals.resize(rows.len(), bar.is_final);
        }
        let mut columns = footprint_columns(opens, &rows, self.scales);
        columns.push(("final", Arc::new(BooleanArray::from(finals))));
        Table::new(columns)
    }
}
