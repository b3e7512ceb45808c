//! Order flow: columns through the kernels.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Int8Array, Int64Array, UInt64Array};
use outcry_marketdata::book::{Level, OrderFlowImbalance, Quote};
use outcry_marketdata::candles::Key;
use outcry_marketdata::flow::{
    Anchor, Cvd, DeltaBar, DeltaBars as Bars, TickRule as Rule, Vpin, VpinBucket,
};
use outcry_marketdata::{Interval, InvalidInput, Numbers};
use pyo3::prelude::*;

use super::arrow::{Columns, Table, decimals};
use super::refused;

/// Amounts have no more decimals than this.
const SCALE_MAX: u8 = 30;

fn parse(interval: &str) -> PyResult<Interval> {
    Interval::parse(interval).map_err(refused)
}

/// What each trade adds: its quantity, or its value where `in_quote`, below zero where sold.
fn signed(columns: &Columns, in_quote: bool) -> PyResult<Vec<i128>> {
    let (quantities, sides) = (columns.numbers("quantity")?, columns.int8("side")?);
    let prices = in_quote.then(|| columns.numbers("price")).transpose()?;
    let amount = |place: usize| {
        let quantity = quantities.get(place);
        let price = prices.as_ref().map_or(1, |prices| prices.get(place));
        let value = quantity.checked_mul(price);
        let value = value
            .filter(|value| value.unsigned_abs() < 1 << 96)
            .ok_or_else(|| {
                refused(InvalidInput::new(
                    "quantity",
                    quantity,
                    "and its value must stay below 2^96",
                ))
            })?;
        Ok(if sides[place] > 0 { value } else { -value })
    };
    (0..columns.len()).map(amount).collect()
}

/// Whether trades stand in the order of (time, id).
#[pyfunction]
pub(crate) fn is_ordered(trades: &Bound<'_, PyAny>) -> PyResult<bool> {
    let columns = Columns::read(trades)?;
    let (times, ids) = (columns.int64("time_ns")?, columns.int64("trade_id")?);
    Ok(times.iter().zip(ids).is_sorted())
}

/// Sides where the source does not say them.
#[pyclass(module = "outcry._native")]
#[derive(Default)]
pub(crate) struct TickRule {
    rule: Rule,
}

#[pymethods]
impl TickRule {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Takes the next trades, in order; returns the side of each.
    fn update(&mut self, trades: &Bound<'_, PyAny>) -> PyResult<Table> {
        let columns = Columns::read(trades)?;
        let (prices, sides) = (columns.numbers("price")?, columns.int8("side")?);
        let each = sides.iter().enumerate();
        let found: Int8Array = each
            .map(|(place, side)| self.rule.update(prices.get(place), *side))
            .collect();
        Ok(Table::new(vec![("side", Arc::new(found))]))
    }

    /// Takes prices at so many decimals more from now on.
    fn rescale(&mut self, decimals: u8) {
        self.rule
            .rescale(10_i128.saturating_pow(u32::from(decimals)));
    }

    /// A copy, to try trades on.
    fn copy(&self) -> Self {
        Self { rule: self.rule }
    }
}

/// Cumulative volume delta.
#[pyclass(module = "outcry._native")]
#[derive(Clone)]
pub(crate) struct CvdSum {
    sum: Cvd,
}

#[pymethods]
impl CvdSum {
    /// A sum that begins anew with each bucket of the anchor, or at the first trade.
    #[new]
    fn new(anchor: Option<&str>) -> PyResult<Self> {
        let anchor = match anchor {
            None => Anchor::Start,
            Some(interval) => Anchor::Session(parse(interval)?),
        };
        Ok(Self {
            sum: Cvd::new(anchor),
        })
    }

    /// Takes trades in order; returns the sum after each, as decimals of a scale, or as integers of
    /// 64 bits where the scale is `None` and those hold them.
    fn update(
        &mut self,
        py: Python<'_>,
        trades: &Bound<'_, PyAny>,
        in_quote: bool,
        scale: Option<u8>,
    ) -> PyResult<Table> {
        let columns = Columns::read(trades)?;
        let times = columns.int64("time_ns")?;
        let narrow = match columns.numbers("quantity")? {
            Numbers::Narrow(quantities) if scale.is_none() && !in_quote => {
                let sides = columns.int8("side")?;
                py.detach(|| self.sum.update_narrow(times, quantities, sides))
            }
            _ => None,
        };
        let sums = match narrow {
            Some(sums) => Arc::new(Int64Array::from(sums)) as ArrayRef,
            None => self.wide_sums(times, &signed(&columns, in_quote)?, scale.unwrap_or(0)),
        };
        Ok(Table::new(vec![("cvd", sums)]))
    }

    /// Takes the deltas of bars in order; returns the sum after each.
    fn update_bars(&mut self, bars: &Bound<'_, PyAny>, scale: u8) -> PyResult<Table> {
        let columns = Columns::read(bars)?;
        let (times, deltas) = (columns.int64("open_time")?, columns.wide("delta")?);
        Ok(Table::new(vec![(
            "cvd",
            self.wide_sums(times, &deltas, scale),
        )]))
    }

    /// Takes one trade's signed amount; returns the sum.
    fn update_one(&mut self, time_ns: i64, amount: i128) -> i128 {
        self.sum.update(time_ns, amount)
    }

    /// The sum as it would be with this amount.
    fn peek(&self, time_ns: i64, amount: i128) -> i128 {
        self.sum.peek(time_ns, amount)
    }
}

impl CvdSum {
    fn wide_sums(&mut self, times: &[i64], amounts: &[i128], scale: u8) -> ArrayRef {
        let each = times.iter().zip(amounts);
        decimals(
            each.map(|(time, amount)| Some(self.sum.update(*time, *amount))),
            scale,
        )
    }
}

fn delta_table(bars: &[DeltaBar], scale: u8) -> Table {
    let times: Int64Array = bars.iter().map(|bar| bar.open_time_ns).collect();
    let amounts = |get: fn(&DeltaBar) -> i128| decimals(bars.iter().map(|b| Some(get(b))), scale);
    let trades: UInt64Array = bars.iter().map(|bar| bar.trades).collect();
    let finals: BooleanArray = bars.iter().map(|bar| Some(bar.is_final)).collect();
    Table::new(vec![
        ("open_time", Arc::new(times)),
        ("delta", amounts(|bar| bar.delta)),
        ("min_delta", amounts(|bar| bar.min_delta)),
        ("max_delta", amounts(|bar| bar.max_delta)),
        ("volume", amounts(|bar| bar.volume)),
        ("trades", Arc::new(trades)),
        ("final", Arc::new(finals)),
    ])
}

/// Delta bars of trades in order.
#[pyfunction]
pub(crate) fn delta_bars(
    trades: &Bound<'_, PyAny>,
    interval: &str,
    in_quote: bool,
    scale: u8,
) -> PyResult<Table> {
    let columns = Columns::read(trades)?;
    let amounts = signed(&columns, in_quote)?;
    let times = columns.int64("time_ns")?;
    let bars = Bars::of_ordered(parse(interval)?, times.iter().copied().zip(amounts));
    Ok(delta_table(&bars, scale))
}

/// Delta bars of trades as they come.
#[pyclass(module = "outcry._native")]
#[derive(Clone)]
pub(crate) struct DeltaBars {
    bars: Bars,
    in_quote: bool,
    scale: u8,
}

#[pymethods]
impl DeltaBars {
    #[new]
    fn new(interval: &str, horizon_ns: i64, in_quote: bool, scale: u8) -> PyResult<Self> {
        if horizon_ns < 0 {
            let bound = "must not be below 0";
            return Err(refused(InvalidInput::new("horizon", horizon_ns, bound)));
        }
        Ok(Self {
            bars: Bars::new(parse(interval)?, horizon_ns),
            in_quote,
            scale,
        })
    }

    /// Takes amounts at so many decimals more from now on.
    fn rescale(&mut self, decimals: u8) -> PyResult<()> {
        let factor = 10_i128.checked_pow(u32::from(decimals));
        // A bar holds what 30 digits hold at most, so that 38 are not passed.
        let factor = factor.filter(|_| self.scale.saturating_add(decimals) <= SCALE_MAX);
        let factor = factor.ok_or_else(|| {
            let bound = format!("more than {SCALE_MAX} decimals");
            refused(InvalidInput::new("scale", decimals, bound))
        })?;
        self.bars.rescale(factor);
        self.scale += decimals;
        Ok(())
    }

    /// Takes trades; returns the bars that changed, and how many trades came behind the horizon.
    fn update(&mut self, trades: &Bound<'_, PyAny>) -> PyResult<(Table, usize)> {
        let columns = Columns::read(trades)?;
        let amounts = signed(&columns, self.in_quote)?;
        let (times, ids) = (columns.int64("time_ns")?, columns.int64("trade_id")?);
        let mut late = 0;
        for (place, amount) in amounts.into_iter().enumerate() {
            let key = Key {
                time_ns: times[place],
                id: ids[place],
            };
            late += usize::from(!self.bars.update(key, amount));
        }
        Ok((delta_table(&self.bars.take(), self.scale), late))
    }

    /// What `update` would return.
    fn peek(&self, trades: &Bound<'_, PyAny>) -> PyResult<(Table, usize)> {
        self.clone().update(trades)
    }
}

/// Buckets of equal volume and their VPIN.
#[pyclass(module = "outcry._native")]
#[derive(Clone)]
pub(crate) struct VpinBuckets {
    vpin: Vpin,
    scale: u8,
}

#[pymethods]
impl VpinBuckets {
    #[new]
    fn new(bucket_volume: i128, window: usize, scale: u8) -> PyResult<Self> {
        let vpin = Vpin::new(bucket_volume, window).map_err(refused)?;
        Ok(Self { vpin, scale })
    }

    /// Takes trades in order; returns the buckets that they fill.
    fn update(&mut self, trades: &Bound<'_, PyAny>) -> PyResult<Table> {
        let columns = Columns::read(trades)?;
        let (times, sides) = (columns.int64("time_ns")?, columns.int8("side")?);
        let quantities = columns.numbers("quantity")?;
        let mut filled = Vec::new();
        for (place, time) in times.iter().enumerate() {
            let quantity = quantities.get(place);
            let outcome = self
                .vpin
                .update(*time, quantity, sides[place] > 0, |bucket| {
                    filled.push(bucket);
                });
            outcome.map_err(refused)?;
        }
        Ok(self.table(&filled))
    }

    /// What `update` would return.
    fn peek(&self, trades: &Bound<'_, PyAny>) -> PyResult<Table> {
        self.clone().update(trades)
    }

    /// Volume and bought volume of the bucket that forms.
    const fn forming(&self) -> (i128, i128) {
        self.vpin.forming()
    }
}

impl VpinBuckets {
    fn table(&self, buckets: &[VpinBucket]) -> Table {
        let opens: Int64Array = buckets.iter().map(|bucket| bucket.open_time_ns).collect();
        let closes: Int64Array = buckets.iter().map(|bucket| bucket.close_time_ns).collect();
        let bought = buckets.iter().map(|bucket| Some(bucket.buy_volume));
        let sums = buckets.iter().map(|bucket| bucket.imbalance_sum);
        Table::new(vec![
            ("open_time", Arc::new(opens)),
            ("close_time", Arc::new(closes)),
            ("buy_volume", decimals(bought, self.scale)),
            ("imbalance_sum", decimals(sums, self.scale)),
        ])
    }
}

/// The best levels of a side, one a row.
fn levels(
    columns: &Columns,
    price: &'static str,
    quantity: &'static str,
) -> PyResult<Vec<Option<Level>>> {
    let rows = columns.int64(price)?.iter().zip(columns.int64(quantity)?);
    rows.map(|(price, shown)| {
        let bound = "must not be below 0";
        let shown = u64::try_from(*shown)
            .map_err(|_| refused(InvalidInput::new(quantity, shown, bound)))?;
        Ok(Some(Level {
            price: *price,
            quantity: shown,
        }))
    })
    .collect()
}

/// Order flow imbalance of best quotes.
#[pyclass(module = "outcry._native")]
#[derive(Clone, Default)]
pub(crate) struct OfiSum {
    flow: OrderFlowImbalance,
}

#[pymethods]
impl OfiSum {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Takes quotes in order; returns the event of each.
    fn update(&mut self, quotes: &Bound<'_, PyAny>, scale: u8) -> PyResult<Table> {
        let columns = Columns::read(quotes)?;
        let bids = levels(&columns, "bid", "bid_quantity")?;
        let asks = levels(&columns, "ask", "ask_quantity")?;
        let quotes = bids.into_iter().zip(asks);
        let events: Vec<_> = quotes
            .map(|(bid, ask)| Some(self.flow.update(Quote { bid, ask })))
            .collect();
        Ok(Table::new(vec![("ofi", decimals(events, scale))]))
    }

    /// What `update` would return.
    fn peek(&self, quotes: &Bound<'_, PyAny>, scale: u8) -> PyResult<Table> {
        self.clone().update(quotes, scale)
    }
}
