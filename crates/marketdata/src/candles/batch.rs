//! Columns of trades into a set of candles.
//!
//! Trades in order are cut where a bucket of any interval ends; the cuts are searched for, not
//! tested trade by trade, and what lies between two is reduced at once. Where a trade is out of
//! order a new run begins, so late trades go the way of any other.

use std::thread;

use super::figures::{Figures, Key, Price, Sums};
use super::reduce::{is_ordered, reduce};
use super::set::{CandleSet, check_amount, check_value};
use crate::error::InvalidInput;
use crate::numbers::Numbers;

/// Trades looked at for their order at once: few enough to stay near the processor.
const BLOCK: usize = 4_096;
/// Trades reduced by a thread before they are taken: a bound on what waits between the two.
const SLAB: usize = 1 << 19;
/// Fewer are not worth a thread.
const PARALLEL_MIN: usize = 1 << 16;

/// Trades as columns of equal length, in any order.
#[derive(Debug, Clone, Copy)]
pub struct TradeColumns<'a, P> {
    /// The group of each; all of group 0 where absent.
    pub groups: Option<&'a [u32]>,
    /// Nanoseconds since 1970 UTC.
    pub times_ns: &'a [i64],
    /// Ids, which order trades of one time.
    pub ids: &'a [i64],
    /// Prices.
    pub prices: &'a [P],
    /// Quantities, none below zero.
    pub quantities: Numbers<'a>,
    /// What price times quantity came to, where the source says so; at a scale of its own.
    pub values: Option<&'a [i128]>,
    /// Above zero where the aggressor bought.
    pub sides: &'a [i8],
}

type Part<P> = (u32, Figures<P>);

impl<P: Price> CandleSet<P> {
    /// Takes trades, in as many threads as `threads` where they are many.
    ///
    /// # Errors
    /// When columns differ in length, an amount is out of range, or a group is. Pieces of up to
    /// 2^19 trades are taken whole or not at all.
    pub fn add_columns(
        &mut self,
        columns: &TradeColumns<'_, P>,
        threads: usize,
    ) -> Result<(), InvalidInput> {
        columns.check_lengths()?;
        let count = columns.times_ns.len();
        let threads = if count < PARALLEL_MIN {
            1
        } else {
            threads.max(1)
        };
        let mut parts = vec![Vec::new(); threads];
        for start in (0..count).step_by(SLAB * threads) {
            let stop = count.min(start + SLAB * threads);
            let share = (stop - start).div_ceil(threads);
            self.reduce_slab(columns, (start, stop, share), &mut parts)?;
            for (group, part) in parts.iter().flatten() {
                self.add(*group, part)?;
            }
        }
        Ok(())
    }

    /// Reduces trades from `start` to `stop` into parts, each thread its share.
    fn reduce_slab(
        &self,
        columns: &TradeColumns<'_, P>,
        (start, stop, share): (usize, usize, usize),
        parts: &mut [Vec<Part<P>>],
    ) -> Result<(), InvalidInput> {
        let reduced = |place: usize, parts: &mut Vec<Part<P>>| {
            parts.clear();
            let from = (start + place * share).min(stop);
            let mut cutter = Cutter {
                set: self,
                columns,
                span: (0, 0),
                parts,
            };
            cutter.cut(from, (from + share).min(stop))
        };
        let (first, rest) = parts.split_first_mut().expect("there is a thread at least");
        thread::scope(|scope| {
            let others: Vec<_> = rest
                .iter_mut()
                .enumerate()
                .map(|(place, parts)| scope.spawn(move || reduced(place + 1, parts)))
                .collect();
            let mut outcome = reduced(0, first);
            for other in others {
                let other = other.join().expect("a reduction does not panic");
                outcome = outcome.and(other);
            }
            outcome
        })
    }
}

/// Cuts columns into runs that are in order and share all their buckets.
struct Cutter<'a, P> {
    set: &'a CandleSet<P>,
    columns: &'a TradeColumns<'a, P>,
    /// The span of time that was found last.
    span: (i64, i64),
    parts: &'a mut Vec<Part<P>>,
}

impl<P: Price> Cutter<'_, P> {
    fn cut(&mut self, start: usize, stop: usize) -> Result<(), InvalidInput> {
        for start in (start..stop)
            .step_by(BLOCK)
            .map(|at| at..stop.min(at + BLOCK))
        {
            let (times, ids) = (self.columns.times_ns, self.columns.ids);
            let is_one_run = is_ordered(&times[start.clone()], &ids[start.clone()])
                && self.columns.is_one_group(start.clone());
            if is_one_run {
                self.cut_run(start.start, start.end)?;
                continue;
            }
            let mut from = start.start;
            while from < start.end {
                let to = self.columns.run_end(from, start.end);
                self.cut_run(from, to)?;
                from = to;
            }
        }
        Ok(())
    }

    /// Cuts trades in order, of one group, where a bucket ends.
    fn cut_run(&mut self, mut from: usize, to: usize) -> Result<(), InvalidInput> {
        let times = self.columns.times_ns;
        while from < to {
            let time_ns = times[from];
            if time_ns < self.span.0 || time_ns >= self.span.1 {
                self.span = (time_ns, self.set.edge_after(time_ns));
            }
            let edge_ns = self.span.1;
            let count = if times[to - 1] < edge_ns {
                to - from
            } else {
                // The last time of all has no edge behind it.
                times[from..to]
                    .partition_point(|time_ns| *time_ns < edge_ns)
                    .max(1)
            };
            let group = self.columns.groups.map_or(0, |groups| groups[from]);
            let part = self.columns.figures(from, from + count)?;
            self.parts.push((group, part));
            from += count;
        }
        Ok(())
    }
}

impl<P: Price> TradeColumns<'_, P> {
    fn check_lengths(&self) -> Result<(), InvalidInput> {
        let count = self.times_ns.len();
        let lengths = [
            ("group", self.groups.map_or(count, <[u32]>::len)),
            ("trade_id", self.ids.len()),
            ("price", self.prices.len()),
            ("quantity", self.quantities.len()),
            ("value", self.values.map_or(count, <[i128]>::len)),
            ("side", self.sides.len()),
        ];
        match lengths.into_iter().find(|(_, length)| *length != count) {
            None => Ok(()),
            Some((field, length)) => {
                let bound = format!("rows where the time has {count}");
                Err(InvalidInput::new(field, length, bound))
            }
        }
    }

    fn is_one_group(&self, range: std::ops::Range<usize>) -> bool {
        self.groups.is_none_or(|groups| {
            let (first, all) = (groups[range.start], &groups[range]);
            all.iter().all(|group| *group == first)
        })
    }

    fn key(&self, place: usize) -> Key {
        Key {
            time_ns: self.times_ns[place],
            id: self.ids[place],
        }
    }

    /// Where the run that begins at `from` ends: at the first trade that is before its forerunner
    /// or of another group.
    fn run_end(&self, from: usize, stop: usize) -> usize {
        let is_break = |place: &usize| {
            self.key(*place) < self.key(*place - 1)
                || self
                    .groups
                    .is_some_and(|groups| groups[*place] != groups[from])
        };
        (from + 1..stop).find(is_break).unwrap_or(stop)
    }

    /// What trades in order, at least one, come to.
    #[inline]
    fn figures(&self, from: usize, to: usize) -> Result<Figures<P>, InvalidInput> {
        if to - from > 1
            && let (Some(prices), Numbers::Narrow(quantities), None) =
                (P::narrow(self.prices), self.quantities, self.values)
        {
            let sides = &self.sides[from..to];
            let run = reduce(&prices[from..to], &quantities[from..to], sides);
            if run.is_negative || run.value_bound > 1 << 90 {
                return self.figures_one_by_one(from, to);
            }
            let (high, low) = (P::of_narrow(run.high), P::of_narrow(run.low));
            return Ok(self.framed(from, to, high, low, run.sums));
        }
        self.figures_one_by_one(from, to)
    }

    fn framed(&self, from: usize, to: usize, high: P, low: P, sums: Sums) -> Figures<P> {
        Figures {
            open: self.prices[from],
            high,
            low,
            close: self.prices[to - 1],
            first: self.key(from),
            last: self.key(to - 1),
            sums,
        }
    }

    fn figures_one_by_one(&self, from: usize, to: usize) -> Result<Figures<P>, InvalidInput> {
        let mut sums = Sums::default();
        let (mut high, mut low) = (self.prices[from], self.prices[from]);
        for place in from..to {
            let part = self.figures_of(place)?;
            high = high.max(part.high);
            low = low.min(part.low);
            sums.add(&part.sums);
        }
        Ok(self.framed(from, to, high, low, sums))
    }

    #[inline]
    fn figures_of(&self, place: usize) -> Result<Figures<P>, InvalidInput> {
        let (price, quantity) = (self.prices[place], self.quantities.get(place));
        check_amount("quantity", quantity)?;
        let value = if let Some(values) = self.values {
            values[place]
        } else {
            let wide: i128 = price.into();
            // Beyond 128 bits is beyond the bound as well.
            wide.checked_mul(quantity).unwrap_or(i128::MAX)
        };
        check_value(value)?;
        let is_buy = self.sides[place] > 0;
        Ok(Figures::of_trade(
            self.key(place),
            price,
            quantity,
            value,
            is_buy,
        ))
    }
}
