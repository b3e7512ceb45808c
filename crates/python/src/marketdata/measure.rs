//! The stream of candles as a consumer in the core uses it, for `outcry bench`.

use outcry_marketdata::Interval;
use outcry_marketdata::candles::{Candle, CandleSet, Key, Settings};
use pyo3::prelude::*;

use super::arrow::Columns;
use super::refused;

/// Takes trades one at a time and reads every interval's candle of its group after each, all
/// fields; returns what they add up to, so that nothing can be left out.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "Python hands lists over")]
pub(crate) fn stream_candles(
    py: Python<'_>,
    trades: &Bound<'_, PyAny>,
    intervals: Vec<String>,
) -> PyResult<u64> {
    let columns = Columns::read(trades)?;
    let groups = columns.uint32("group")?;
    let (times, ids) = (columns.int64("time_ns")?, columns.int64("trade_id")?);
    let (prices, quantities) = (columns.int64("price")?, columns.int64("quantity")?);
    let sides = columns.int8("side")?;
    let each = intervals
        .iter()
        .map(|text| Interval::parse(text).map_err(refused));
    let intervals = each.collect::<PyResult<Vec<_>>>()?;
    let settings = Settings {
        intervals,
        horizon_ns: 0,
        grace_ns: 0,
    };
    let mut set = CandleSet::<i64>::new(settings).map_err(refused)?;
    let read = py.detach(|| {
        let mut read = 0_u64;
        for place in 0..times.len() {
            let key = Key {
                time_ns: times[place],
                id: ids[place],
            };
            let (price, quantity) = (prices[place], i128::from(quantities[place]));
            let value = i128::from(price) * quantity;
            set.add_trade(groups[place], key, price, quantity, value, sides[place] > 0)?;
            for candle in set.forming_of(groups[place]) {
                read = read.wrapping_add(folded(&candle));
            }
            if place % 65_536 == 0 {
                set.take();
            }
        }
        Ok(read)
    });
    read.map_err(refused)
}

/// All fields of a forming candle as one number.
#[inline(always)]
fn folded(candle: &Candle<i64>) -> u64 {
    let figures = &candle.figures;
    let sums = &figures.sums;
    let prices = figures.open ^ figures.high ^ figures.low ^ figures.close;
    let keys = figures.first.time_ns ^ figures.first.id ^ figures.last.time_ns ^ figures.last.id;
    let amounts = sums.volume ^ sums.quote_volume ^ sums.buy_volume ^ sums.buy_quote_volume;
    let words = prices ^ keys ^ candle.open_time_ns ^ candle.end_ns;
    let amounts = amounts.cast_unsigned();
    words.cast_unsigned() ^ amounts as u64 ^ (amounts >> 64) as u64 ^ sums.trades
}
