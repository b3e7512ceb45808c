//! Candles for the buckets without a trade, at read.

use super::figures::{Candle, Figures, Price, Sums};
use crate::error::InvalidInput;
use crate::interval::Interval;

/// More are refused: a gap of years in candles of a second would fill the memory.
const FILLED_MAX: usize = 50_000_000;

/// The candles of one group and interval, in order, with one for each bucket between two of them:
/// all four prices the close before it, no volume, no trades, the keys of the last trade before it.
/// Nothing is filled before the first or behind the last.
///
/// # Errors
/// When there would be more than 50 million candles.
pub fn fill_gaps<P: Price>(
    interval: Interval,
    candles: &[Candle<P>],
) -> Result<Vec<Candle<P>>, InvalidInput> {
    let mut filled: Vec<Candle<P>> = Vec::with_capacity(candles.len());
    for candle in candles {
        while let Some(before) = filled.last()
            && before.end_ns < candle.open_time_ns
        {
            if filled.len() >= FILLED_MAX {
                let bound = format!("would fill more than {FILLED_MAX} candles");
                return Err(InvalidInput::new("interval", interval, bound));
            }
            filled.push(empty_after(before, interval));
        }
        filled.push(*candle);
    }
    Ok(filled)
}

fn empty_after<P: Price>(before: &Candle<P>, interval: Interval) -> Candle<P> {
    let figures = &before.figures;
    Candle {
        open_time_ns: before.end_ns,
        end_ns: interval.next(before.end_ns),
        figures: Figures {
            open: figures.close,
            high: figures.close,
            low: figures.close,
            close: figures.close,
            first: figures.last,
            last: figures.last,
            sums: Sums::default(),
        },
    }
}
