//! The forming candles of up to eight intervals, field by field.
//!
//! Each field stands in an array of eight, the width of the widest registers, so that a trade
//! widens all of them at once and a reader takes all of them at once.

use super::figures::{Candle, Figures, Key, Price, Scale, Sums};
use crate::interval::Interval;

/// So many intervals share a block.
pub const LANES: usize = 8;

/// What all forming candles of a group have in common: they end with its last trade.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head<P> {
    /// Sums from the group's first trade on.
    pub(super) totals: Sums,
    pub(super) last: Key,
    pub(super) close: P,
}

/// Integers of 128 bits as two columns of 64, which registers hold side by side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WideLanes {
    /// The lower halves.
    pub low: [u64; LANES],
    /// The upper halves; the sign is their highest bit.
    pub high: [u64; LANES],
}

/// The forming candles of up to eight intervals, field by field, as they are after a trade.
///
/// Lane n is the n-th interval of its block; lanes past the last interval say nothing.
#[derive(Debug, Clone, Copy)]
pub struct CandleLanes<P> {
    /// Open times of the buckets.
    pub open_time_ns: [i64; LANES],
    /// Ends of the buckets.
    pub end_ns: [i64; LANES],
    /// Prices of the first trades.
    pub open: [P; LANES],
    /// The greatest prices.
    pub high: [P; LANES],
    /// The least prices.
    pub low: [P; LANES],
    /// The price of the last trade, the same for all.
    pub close: P,
    /// Times of the first trades.
    pub first_time_ns: [i64; LANES],
    /// Ids of the first trades.
    pub first_id: [i64; LANES],
    /// The last trade's key, the same for all.
    pub last: Key,
    /// The quantities.
    pub volume: WideLanes,
    /// The values.
    pub quote_volume: WideLanes,
    /// The quantities that buying aggressors took.
    pub buy_volume: WideLanes,
    /// The values that buying aggressors took.
    pub buy_quote_volume: WideLanes,
    /// How many trades.
    pub trades: [u64; LANES],
}

impl WideLanes {
    /// The integer of a lane.
    pub fn get(&self, lane: usize) -> i128 {
        (i128::from(self.high[lane].cast_signed()) << 64) | i128::from(self.low[lane])
    }

    fn set(&mut self, lane: usize, value: i128) {
        (self.low[lane], self.high[lane]) = halves(value);
    }

    /// The total less each of these, with the borrow carried by hand: 128 bits fit no lane.
    #[inline(always)]
    fn below(&self, total: i128) -> Self {
        let (low, high) = halves(total);
        let mut rest = Self::default();
        for lane in 0..LANES {
            let borrow = u64::from(low < self.low[lane]);
            rest.low[lane] = low.wrapping_sub(self.low[lane]);
            rest.high[lane] = high.wrapping_sub(self.high[lane]).wrapping_sub(borrow);
        }
        rest
    }
}

#[inline(always)]
const fn halves(value: i128) -> (u64, u64) {
    let bits = value.cast_unsigned();
    (bits as u64, (bits >> 64) as u64)
}

/// Forming candles, one a lane. What the group's sums were before a candle's first trade stands in
/// `before`, so that a trade in its order changes none of them.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Lanes<P> {
    end_ns: [i64; LANES],
    high: [P; LANES],
    low: [P; LANES],
    open_time_ns: [i64; LANES],
    open: [P; LANES],
    first_time_ns: [i64; LANES],
    first_id: [i64; LANES],
    volume_before: WideLanes,
    quote_volume_before: WideLanes,
    buy_volume_before: WideLanes,
    buy_quote_volume_before: WideLanes,
    trades_before: [u64; LANES],
}

impl<P: Price> Lanes<P> {
    /// Lanes in which no candle forms: those past the last interval stay so.
    pub(super) fn new() -> Self {
        Self {
            end_ns: [i64::MAX; LANES],
            high: [P::default(); LANES],
            low: [P::default(); LANES],
            open_time_ns: [i64::MAX; LANES],
            open: [P::default(); LANES],
            first_time_ns: [0; LANES],
            first_id: [0; LANES],
            volume_before: WideLanes::default(),
            quote_volume_before: WideLanes::default(),
            buy_volume_before: WideLanes::default(),
            buy_quote_volume_before: WideLanes::default(),
            trades_before: [0; LANES],
        }
    }

    /// Begins a candle with these figures; `before` are the sums without them.
    pub(super) fn begin(
        &mut self,
        lane: usize,
        interval: Interval,
        part: &Figures<P>,
        before: &Sums,
    ) {
        let time_ns = part.first.time_ns;
        let (open_time_ns, end_ns) = interval.bucket(time_ns, self.end_ns[lane]);
        (self.open_time_ns[lane], self.end_ns[lane]) = (open_time_ns, end_ns);
        (self.high[lane], self.low[lane]) = (part.high, part.low);
        self.set_first(lane, part);
        self.set_before(lane, before);
    }

    fn set_first(&mut self, lane: usize, part: &Figures<P>) {
        self.open[lane] = part.open;
        self.first_time_ns[lane] = part.first.time_ns;
        self.first_id[lane] = part.first.id;
    }

    #[inline(always)]
    fn before(&self, lane: usize) -> Sums {
        Sums {
            volume: self.volume_before.get(lane),
            quote_volume: self.quote_volume_before.get(lane),
            buy_volume: self.buy_volume_before.get(lane),
            buy_quote_volume: self.buy_quote_volume_before.get(lane),
            trades: self.trades_before[lane],
        }
    }

    fn set_before(&mut self, lane: usize, before: &Sums) {
        self.volume_before.set(lane, before.volume);
        self.quote_volume_before.set(lane, before.quote_volume);
        self.buy_volume_before.set(lane, before.buy_volume);
        self.buy_quote_volume_before
            .set(lane, before.buy_quote_volume);
        self.trades_before[lane] = before.trades;
    }

    /// The candle's bucket: its open time and its end.
    #[inline(always)]
    pub(super) fn bucket(&self, lane: usize) -> (i64, i64) {
        (self.open_time_ns[lane], self.end_ns[lane])
    }

    /// The earliest end of the candles.
    pub(super) fn edge_ns(&self) -> i64 {
        self.end_ns
            .iter()
            .fold(i64::MAX, |least, end_ns| least.min(*end_ns))
    }

    /// Takes prices into every candle: without a branch, as this is cheaper than a wrong guess.
    #[inline(always)]
    pub(super) fn widen(&mut self, high: P, low: P) {
        for lane in 0..LANES {
            self.high[lane] = self.high[lane].max(high);
            self.low[lane] = self.low[lane].min(low);
        }
    }

    /// Takes figures of the candle's bucket, wherever in it; the totals take their sums.
    pub(super) fn extend(&mut self, lane: usize, part: &Figures<P>) {
        let first = Key {
            time_ns: self.first_time_ns[lane],
            id: self.first_id[lane],
        };
        if part.first < first {
            self.set_first(lane, part);
        }
        self.high[lane] = self.high[lane].max(part.high);
        self.low[lane] = self.low[lane].min(part.low);
    }

    /// Keeps sums that the totals take out of the candle: they are of an earlier one.
    pub(super) fn pass(&mut self, lane: usize, sums: &Sums) {
        let mut before = self.before(lane);
        before.add(sums);
        self.set_before(lane, &before);
    }

    /// The candle of a lane.
    #[inline(always)]
    pub(super) fn candle(&self, head: &Head<P>, lane: usize) -> Candle<P> {
        Candle {
            open_time_ns: self.open_time_ns[lane],
            end_ns: self.end_ns[lane],
            figures: Figures {
                open: self.open[lane],
                high: self.high[lane],
                low: self.low[lane],
                close: head.close,
                first: Key {
                    time_ns: self.first_time_ns[lane],
                    id: self.first_id[lane],
                },
                last: head.last,
                sums: head.totals.since(&self.before(lane)),
            },
        }
    }

    /// All candles, field by field.
    #[inline(always)]
    pub(super) fn read(&self, head: &Head<P>) -> CandleLanes<P> {
        let totals = &head.totals;
        CandleLanes {
            open_time_ns: self.open_time_ns,
            end_ns: self.end_ns,
            open: self.open,
            high: self.high,
            low: self.low,
            close: head.close,
            first_time_ns: self.first_time_ns,
            first_id: self.first_id,
            last: head.last,
            volume: self.volume_before.below(totals.volume),
            quote_volume: self.quote_volume_before.below(totals.quote_volume),
            buy_volume: self.buy_volume_before.below(totals.buy_volume),
            buy_quote_volume: self.buy_quote_volume_before.below(totals.buy_quote_volume),
            trades: self
                .trades_before
                .map(|before| totals.trades.wrapping_sub(before)),
        }
    }

    /// The same at another scale; `None` where a price does not fit.
    pub(super) fn scaled<Q: Price>(
        &self,
        scale: &Scale<impl Fn(P) -> Option<Q>, impl Fn(&Sums) -> Sums>,
    ) -> Option<Lanes<Q>> {
        let mut made = Lanes {
            end_ns: self.end_ns,
            open_time_ns: self.open_time_ns,
            first_time_ns: self.first_time_ns,
            first_id: self.first_id,
            ..Lanes::new()
        };
        for lane in 0..LANES {
            made.open[lane] = (scale.price)(self.open[lane])?;
            made.high[lane] = (scale.price)(self.high[lane])?;
            made.low[lane] = (scale.price)(self.low[lane])?;
            made.set_before(lane, &(scale.sums)(&self.before(lane)));
        }
        Some(made)
    }
}
