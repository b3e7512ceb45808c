//! The stream of candles as a consumer in the core uses it, for `outcry bench`.

use outcry_marketdata::candles::{
    Candle, CandleLanes, CandleRow, CandleSet, Key, LANES, Settings, WideLanes,
};
use outcry_marketdata::{Interval, InvalidInput, by_width};
use pyo3::prelude::*;

use super::arrow::Columns;
use super::refused;

struct Trades<'a> {
    groups: &'a [u32],
    times_ns: &'a [i64],
    ids: &'a [i64],
    prices: &'a [i64],
    quantities: &'a [i64],
    sides: &'a [i8],
}

/// What was read of candles: all words of all fields, and how many trades those that ended had.
#[derive(Default)]
struct Read {
    forming: [u64; LANES],
    settled: u64,
    trades: u64,
}

/// Takes trades one at a time; after each, reads every field of its group's candles of every
/// interval, and of those that it ended. Returns what they add up to, so that nothing can be left
/// out, and how many trades the candles had that ended or formed at the end.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "Python hands lists over")]
pub(crate) fn stream_candles(
    py: Python<'_>,
    trades: &Bound<'_, PyAny>,
    intervals: Vec<String>,
) -> PyResult<(u64, u64)> {
    let columns = Columns::read(trades)?;
    let trades = Trades {
        groups: columns.uint32("group")?,
        times_ns: columns.int64("time_ns")?,
        ids: columns.int64("trade_id")?,
        prices: columns.int64("price")?,
        quantities: columns.int64("quantity")?,
        sides: columns.int8("side")?,
    };
    let each = intervals
        .iter()
        .map(|text| Interval::parse(text).map_err(refused));
    let settings = Settings {
        intervals: each.collect::<PyResult<Vec<_>>>()?,
        horizon_ns: 0,
        grace_ns: 0,
    };
    let mut set = CandleSet::<i64>::new(settings).map_err(refused)?;
    let read = py.detach(|| streamed(&trades, &mut set)).map_err(refused)?;
    let forming = read.forming[..intervals.len().min(LANES)].iter();
    let total = forming.fold(read.settled, |total, word| total.wrapping_add(*word));
    let left = set.all_forming();
    let trades = left.iter().map(|row| row.candle.figures.sums.trades);
    Ok((total, read.trades + trades.sum::<u64>()))
}

by_width!(
    fn streamed(trades: &Trades<'_>, set: &mut CandleSet<i64>) -> Result<Read, InvalidInput>
        = streamed_body
);

#[inline(always)]
fn streamed_body(trades: &Trades<'_>, set: &mut CandleSet<i64>) -> Result<Read, InvalidInput> {
    let mut read = Read::default();
    let keys = trades.times_ns.iter().zip(trades.ids);
    let amounts = trades.prices.iter().zip(trades.quantities);
    let rows = keys
        .zip(amounts)
        .zip(trades.groups.iter().zip(trades.sides));
    for (((time_ns, id), (price, quantity)), (group, side)) in rows {
        let key = Key {
            time_ns: *time_ns,
            id: *id,
        };
        let quantity = i128::from(*quantity);
        let value = i128::from(*price) * quantity;
        let forming = set.add_trade(*group, key, *price, quantity, value, *side > 0)?;
        let mut block = 0;
        while let Some(lanes) = forming.lanes(block) {
            fold(&mut read.forming, &lanes);
            block += 1;
        }
        if let Some(settled) = set.settled() {
            settled.for_each(|row| fold_settled(&mut read, &row));
        }
    }
    Ok(read)
}

/// Adds all fields of each lane's candle to its sum.
#[inline(always)]
fn fold(sums: &mut [u64; LANES], candles: &CandleLanes<i64>) {
    let common = candles.close ^ candles.last.time_ns ^ candles.last.id;
    let mut words = [common.cast_unsigned(); LANES];
    for field in [
        &candles.open_time_ns,
        &candles.end_ns,
        &candles.open,
        &candles.high,
        &candles.low,
        &candles.first_time_ns,
        &candles.first_id,
    ] {
        for (word, value) in words.iter_mut().zip(field) {
            *word ^= value.cast_unsigned();
        }
    }
    fold_wide(&mut words, &candles.volume);
    fold_wide(&mut words, &candles.quote_volume);
    fold_wide(&mut words, &candles.buy_volume);
    fold_wide(&mut words, &candles.buy_quote_volume);
    for ((sum, word), trades) in sums.iter_mut().zip(words).zip(candles.trades) {
        *sum = sum.wrapping_add(word ^ trades);
    }
}

#[inline(always)]
fn fold_wide(words: &mut [u64; LANES], values: &WideLanes) {
    for ((word, low), high) in words.iter_mut().zip(values.low).zip(values.high) {
        *word ^= low ^ high;
    }
}

fn fold_settled(read: &mut Read, row: &CandleRow<i64>) {
    let Candle {
        open_time_ns,
        end_ns,
        figures,
    } = &row.candle;
    let sums = &figures.sums;
    let keys = figures.first.time_ns ^ figures.first.id ^ figures.last.time_ns ^ figures.last.id;
    let prices = figures.open ^ figures.high ^ figures.low ^ figures.close;
    let amounts = sums.volume ^ sums.quote_volume ^ sums.buy_volume ^ sums.buy_quote_volume;
    let words = (prices ^ keys ^ open_time_ns ^ end_ns).cast_unsigned() ^ sums.trades;
    let amounts = amounts.cast_unsigned();
    let word = words ^ amounts as u64 ^ (amounts >> 64) as u64;
    read.settled = read.settled.wrapping_add(word);
    read.trades += sums.trades;
}
