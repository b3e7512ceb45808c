//! Candles as columns, and back.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Int64Array, UInt32Array, UInt64Array};
use outcry_marketdata::Interval;
use outcry_marketdata::candles::{Candle, CandleRow, Figures, Key, Price, Sums};
use pyo3::PyResult;

use super::arrow::{Columns, Table, decimals};

/// A mean has so many decimals more than the price.
const MEAN_DECIMALS: u8 = 8;

/// Decimals of prices, quantities and values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scales {
    pub(super) price: u8,
    pub(super) quantity: u8,
    pub(super) value: u8,
}

/// Rows as the table that the package makes candles of.
pub(super) fn table<P: Price>(rows: &[CandleRow<P>], scales: Scales) -> Table {
    let candles = || rows.iter().map(|row| &row.candle);
    let price = |get: fn(&Figures<P>) -> P| {
        decimals(
            candles().map(|candle| Some(get(&candle.figures).into())),
            scales.price,
        )
    };
    let sum = |get: fn(&Sums) -> i128, scale| {
        decimals(
            candles().map(|candle| Some(get(&candle.figures.sums))),
            scale,
        )
    };
    let time = |get: fn(&Candle<P>) -> i64| -> ArrayRef {
        Arc::new(candles().map(get).collect::<Int64Array>())
    };
    let flag = |get: fn(&CandleRow<P>) -> bool| -> ArrayRef {
        Arc::new(
            rows.iter()
                .map(|row| Some(get(row)))
                .collect::<BooleanArray>(),
        )
    };
    let means = candles().map(|candle| vwap(candle, scales));
    let trades: UInt64Array = candles().map(|candle| candle.figures.sums.trades).collect();
    let groups: UInt32Array = rows.iter().map(|row| row.group).collect();
    let intervals: UInt32Array = rows.iter().map(|row| row.interval).collect();
    let revisions: UInt32Array = rows.iter().map(|row| row.revision).collect();
    Table::new(vec![
        ("group", Arc::new(groups)),
        ("interval", Arc::new(intervals)),
        ("open_time", time(|candle| candle.open_time_ns)),
        ("close_time", time(|candle| candle.end_ns - 1)),
        ("open", price(|figures| figures.open)),
        ("high", price(|figures| figures.high)),
        ("low", price(|figures| figures.low)),
        ("close", price(|figures| figures.close)),
        ("volume", sum(|sums| sums.volume, scales.quantity)),
        ("quote_volume", sum(|sums| sums.quote_volume, scales.value)),
        ("buy_volume", sum(|sums| sums.buy_volume, scales.quantity)),
        (
            "buy_quote_volume",
            sum(|sums| sums.buy_quote_volume, scales.value),
        ),
        ("trades", Arc::new(trades)),
        ("vwap", decimals(means, scales.price + MEAN_DECIMALS)),
        ("first_time", time(|candle| candle.figures.first.time_ns)),
        ("first_id", time(|candle| candle.figures.first.id)),
        ("last_time", time(|candle| candle.figures.last.time_ns)),
        ("last_id", time(|candle| candle.figures.last.id)),
        ("closed", flag(|row| row.is_closed)),
        ("revision", Arc::new(revisions)),
        ("correction", flag(|row| row.is_correction)),
    ])
}

/// The mean price in units of eight decimals more than the price has, rounded once, to even;
/// `None` without volume, or where 128 bits do not hold the way there.
fn vwap<P: Price>(candle: &Candle<P>, scales: Scales) -> Option<i128> {
    let (value, volume) = candle.vwap()?;
    let shift = i32::from(scales.price + MEAN_DECIMALS) + i32::from(scales.quantity)
        - i32::from(scales.value);
    let power = 10_i128.checked_pow(shift.unsigned_abs())?;
    let (numerator, denominator) = if shift >= 0 {
        // The whole part goes first, so that only the rest is multiplied.
        let (whole, rest) = (value.div_euclid(volume), value.rem_euclid(volume));
        let scaled = whole.checked_mul(power)?;
        return Some(scaled + rounded(rest.checked_mul(power)?, volume));
    } else {
        (value, volume.checked_mul(power)?)
    };
    Some(rounded(numerator, denominator))
}

/// A quotient by a positive divisor, rounded to the nearest, halves to even.
fn rounded(numerator: i128, denominator: i128) -> i128 {
    let (whole, rest) = (
        numerator.div_euclid(denominator),
        numerator.rem_euclid(denominator),
    );
    let above = rest > denominator - rest || (rest == denominator - rest && whole % 2 != 0);
    whole + i128::from(above)
}

/// The candles of a table, its columns at any one set of scales.
pub(super) fn rows(columns: &Columns, interval: Interval) -> PyResult<Vec<CandleRow<i128>>> {
    let times = [
        "open_time",
        "first_time",
        "first_id",
        "last_time",
        "last_id",
        "trades",
    ];
    let [
        open_times,
        first_times,
        first_ids,
        last_times,
        last_ids,
        trades,
    ] = times.map(|name| columns.int64(name));
    let wides = ["open", "high", "low", "close"].map(|name| columns.wide(name));
    let [opens, highs, lows, closes] = wides;
    let names = ["volume", "quote_volume", "buy_volume", "buy_quote_volume"];
    let [volumes, values, buy_volumes, buy_values] = names.map(|name| columns.wide(name));
    let (open_times, first_times, first_ids) = (open_times?, first_times?, first_ids?);
    let (last_times, last_ids, trades) = (last_times?, last_ids?, trades?);
    let (opens, highs, lows, closes) = (opens?, highs?, lows?, closes?);
    let (volumes, values) = (volumes?, values?);
    let (buy_volumes, buy_values) = (buy_volumes?, buy_values?);
    let groups = columns.uint32("group")?;
    let closed = columns.flags("closed")?;
    let revisions = columns.uint32("revision")?;
    let row = |at: usize| CandleRow {
        group: groups[at],
        interval: 0,
        candle: Candle {
            open_time_ns: open_times[at],
            end_ns: interval.next(open_times[at]),
            figures: Figures {
                open: opens[at],
                high: highs[at],
                low: lows[at],
                close: closes[at],
                first: Key {
                    time_ns: first_times[at],
                    id: first_ids[at],
                },
                last: Key {
                    time_ns: last_times[at],
                    id: last_ids[at],
                },
                sums: Sums {
                    volume: volumes[at],
                    quote_volume: values[at],
                    buy_volume: buy_volumes[at],
                    buy_quote_volume: buy_values[at],
                    trades: trades[at].unsigned_abs(),
                },
            },
        },
        is_closed: closed.value(at),
        revision: revisions[at],
        is_correction: false,
    };
    Ok((0..columns.len()).map(row).collect())
}
