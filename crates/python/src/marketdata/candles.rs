//! Candles: the set that takes trades, and what is made of candles.

use outcry_marketdata::candles::{
    CandleRow, CandleSet as Set, Price, Settings, TradeColumns, fill_gaps,
};
use outcry_marketdata::{Interval, Numbers};
use pyo3::prelude::*;

use super::arrow::{Columns, Table};
use super::candle_rows::{Scales, rows, table};
use super::refused;

/// Prices of 64 bits as long as they fit.
#[derive(Clone)]
enum Either {
    Narrow(Set<i64>),
    Wide(Set<i128>),
}

/// Candles of many intervals and groups, fed in any order and in pieces of any size.
#[pyclass(module = "outcry._native")]
#[derive(Clone)]
pub(crate) struct CandleSet {
    set: Either,
    scales: Scales,
}

fn parsed(intervals: &[String]) -> PyResult<Vec<Interval>> {
    let each = intervals
        .iter()
        .map(|text| Interval::parse(text).map_err(refused));
    each.collect()
}

#[pymethods]
impl CandleSet {
    /// An empty set; `scales` are the decimals of prices, quantities and values.
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "Python hands lists over")]
    fn new(
        intervals: Vec<String>,
        horizon_ns: i64,
        grace_ns: i64,
        scales: (u8, u8, u8),
    ) -> PyResult<Self> {
        let intervals = parsed(&intervals)?;
        let settings = Settings {
            intervals,
            horizon_ns,
            grace_ns,
        };
        let set = Either::Narrow(Set::new(settings).map_err(refused)?);
        let (price, quantity, value) = scales;
        Ok(Self {
            set,
            scales: Scales {
                price,
                quantity,
                value,
            },
        })
    }

    /// The decimals of prices, quantities and values.
    #[getter]
    const fn scales(&self) -> (u8, u8, u8) {
        (self.scales.price, self.scales.quantity, self.scales.value)
    }

    /// Goes over to more decimals.
    fn rescale(&mut self, price: u8, quantity: u8, value: u8) -> PyResult<()> {
        let power = |to: u8, from: u8| 10_i128.pow(u32::from(to.saturating_sub(from)));
        let powers = (
            power(price, self.scales.price),
            power(quantity, self.scales.quantity),
            power(value, self.scales.value),
        );
        self.set = match &self.set {
            Either::Narrow(set) => match set.scaled::<i64>(powers) {
                Some(set) => Either::Narrow(set),
                None => Either::Wide(set.scaled(powers).ok_or_else(too_wide)?),
            },
            Either::Wide(set) => Either::Wide(set.scaled(powers).ok_or_else(too_wide)?),
        };
        self.scales = Scales {
            price,
            quantity,
            value,
        };
        Ok(())
    }

    /// Takes a frame of trades, its integers at the scales of the set.
    fn add(&mut self, py: Python<'_>, trades: &Bound<'_, PyAny>, threads: usize) -> PyResult<()> {
        let columns = Columns::read(trades)?;
        if let (Either::Narrow(set), Numbers::Wide(_)) = (&self.set, columns.numbers("price")?) {
            self.set = Either::Wide(set.scaled((1, 1, 1)).ok_or_else(too_wide)?);
        }
        match &mut self.set {
            Either::Narrow(set) => {
                let prices = columns.int64("price")?;
                add(py, set, &columns, prices, threads)
            }
            Either::Wide(set) => {
                let prices = columns.wide("price")?;
                add(py, set, &columns, &prices, threads)
            }
        }
    }

    /// Says that it is `now_ns` at least.
    fn advance(&mut self, now_ns: i64) {
        match &mut self.set {
            Either::Narrow(set) => set.advance(now_ns),
            Either::Wide(set) => set.advance(now_ns),
        }
    }

    /// What is new since this was last asked.
    fn take(&mut self) -> Table {
        match &mut self.set {
            Either::Narrow(set) => table(&set.take(), self.scales),
            Either::Wide(set) => table(&set.take(), self.scales),
        }
    }

    /// Every candle that is held.
    fn held(&self) -> Table {
        match &self.set {
            Either::Narrow(set) => table(&set.held(), self.scales),
            Either::Wide(set) => table(&set.held(), self.scales),
        }
    }

    /// The forming candles of every group.
    fn forming(&self) -> Table {
        match &self.set {
            Either::Narrow(set) => table(&set.all_forming(), self.scales),
            Either::Wide(set) => table(&set.all_forming(), self.scales),
        }
    }

    /// A copy, to try trades on.
    fn copy(&self) -> Self {
        self.clone()
    }
}

fn too_wide() -> PyErr {
    crate::errors::invalid_value(
        "price_scale",
        "prices",
        "do not fit 128 bits at more decimals",
    )
}

fn add<P: Price>(
    py: Python<'_>,
    set: &mut Set<P>,
    columns: &Columns,
    prices: &[P],
    threads: usize,
) -> PyResult<()> {
    let groups = columns
        .has("group")
        .then(|| columns.uint32("group"))
        .transpose()?;
    let values = columns
        .has("value")
        .then(|| columns.wide("value"))
        .transpose()?;
    let trades = TradeColumns {
        groups,
        times_ns: columns.int64("time_ns")?,
        ids: columns.int64("trade_id")?,
        prices,
        quantities: columns.numbers("quantity")?,
        values: values.as_deref(),
        sides: columns.int8("side")?,
    };
    py.detach(|| set.add_columns(&trades, threads))
        .map_err(refused)
}

/// Candles of longer intervals, or of whole candles from parts.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "Python hands lists over")]
pub(crate) fn roll_up_candles(
    candles: &Bound<'_, PyAny>,
    interval: &str,
    intervals: Vec<String>,
    scales: (u8, u8, u8),
) -> PyResult<Table> {
    let finer = Interval::parse(interval).map_err(refused)?;
    let settings = Settings {
        intervals: parsed(&intervals)?,
        horizon_ns: i64::MAX,
        grace_ns: 0,
    };
    for coarser in &settings.intervals {
        if *coarser != finer && !coarser.is_made_of(finer) {
            let bound = format!("is not made of whole candles of {finer}");
            return Err(crate::errors::invalid_value(
                "intervals",
                &coarser.to_string(),
                &bound,
            ));
        }
    }
    let mut set = Set::<i128>::new(settings).map_err(refused)?;
    let mut rows = rows(&Columns::read(candles)?, finer)?;
    // Filled candles hold no trade; they are filled again at read.
    rows.retain(|row| row.candle.figures.sums.trades > 0);
    for row in &rows {
        set.add(row.group, &row.candle.figures).map_err(refused)?;
    }
    let (price, quantity, value) = scales;
    Ok(table(
        &set.take(),
        Scales {
            price,
            quantity,
            value,
        },
    ))
}

/// The candles of one interval with one for each bucket without a trade between two of a group.
#[pyfunction]
pub(crate) fn fill_candles(
    candles: &Bound<'_, PyAny>,
    interval: &str,
    scales: (u8, u8, u8),
) -> PyResult<Table> {
    let interval = Interval::parse(interval).map_err(refused)?;
    let mut rows = rows(&Columns::read(candles)?, interval)?;
    rows.sort_by_key(|row| (row.group, row.candle.open_time_ns));
    let mut filled: Vec<CandleRow<i128>> = Vec::with_capacity(rows.len());
    for group in rows.chunk_by(|one, other| one.group == other.group) {
        let candles: Vec<_> = group.iter().map(|row| row.candle).collect();
        let whole = fill_gaps(interval, &candles).map_err(refused)?;
        let mut given = group.iter().peekable();
        filled.extend(whole.into_iter().map(|candle| {
            let is_given = given.next_if(|row| row.candle == candle);
            is_given.copied().unwrap_or(CandleRow {
                candle,
                is_closed: true,
                revision: 0,
                ..group[0]
            })
        }));
    }
    let (price, quantity, value) = scales;
    Ok(table(
        &filled,
        Scales {
            price,
            quantity,
            value,
        },
    ))
}

/// How long a bucket of this interval is at most, in nanoseconds.
#[pyfunction]
pub(crate) fn interval_ns(interval: &str) -> PyResult<i64> {
    Ok(Interval::parse(interval).map_err(refused)?.length_ns())
}
