//! The candles of one group, a symbol or an account, in all intervals.
//!
//! The forming candles of a group end with one and the same trade, the group's last. So close and
//! last key are kept once, and so are the sums: they run from the group's first trade on, and each
//! forming candle remembers what they were before its own first. A trade in its order adds to one
//! set of sums, whatever the number of intervals.

use super::figures::{Candle, Figures, Key, Price, Scale, Sums};
use super::history::{Held, History, Told};
use crate::interval::Interval;

#[derive(Debug, Clone, Copy)]
pub(super) struct Forming<P> {
    open_time_ns: i64,
    end_ns: i64,
    open: P,
    high: P,
    low: P,
    first: Key,
    before: Sums,
    pub(super) told: Told,
}

impl<P: Price> Forming<P> {
    fn new(interval: Interval, part: &Figures<P>, before: Sums) -> Self {
        let open_time_ns = interval.floor(part.first.time_ns);
        Self {
            open_time_ns,
            end_ns: interval.next(open_time_ns),
            open: part.open,
            high: part.high,
            low: part.low,
            first: part.first,
            before,
            told: Told::default(),
        }
    }

    fn extend(&mut self, part: &Figures<P>) {
        if part.first < self.first {
            (self.first, self.open) = (part.first, part.open);
        }
        self.high = self.high.max(part.high);
        self.low = self.low.min(part.low);
    }
}

#[derive(Debug, Clone)]
pub(super) struct Group<P> {
    totals: Sums,
    last: Key,
    close: P,
    /// The earliest end of the forming candles: an in-order trade before it joins them all.
    edge_ns: i64,
    /// Prices within these bounds are within the extremes of every forming candle.
    least_high: P,
    greatest_low: P,
    pub(super) forming: Vec<Forming<P>>,
    pub(super) histories: Vec<History<P>>,
}

/// Candles that leave: by the horizon, or because they came too late for it.
pub(super) trait Leaving<P> {
    /// A held candle that no trade can revise any more.
    fn settle(&mut self, interval: usize, held: Held<P>);
    /// Figures for a candle that is no longer held.
    fn correct(&mut self, interval: usize, candle: Candle<P>);
}

impl<P: Price> Group<P> {
    pub(super) fn new(intervals: &[Interval], part: &Figures<P>) -> Self {
        let forming = intervals
            .iter()
            .map(|interval| Forming::new(*interval, part, Sums::default()))
            .collect();
        let mut made = Self {
            totals: part.sums,
            last: part.last,
            close: part.close,
            edge_ns: i64::MIN,
            least_high: part.high,
            greatest_low: part.low,
            forming,
            histories: vec![History::new(); intervals.len()],
        };
        made.set_bounds();
        made
    }

    /// The latest time of a trade.
    pub(super) const fn last_time_ns(&self) -> i64 {
        self.last.time_ns
    }

    /// The forming candle of an interval.
    pub(super) fn candle(&self, interval: usize) -> Candle<P> {
        self.candle_of(&self.forming[interval])
    }

    /// The forming candles, one of each interval in their order.
    #[inline(always)]
    pub(super) fn candles(&self) -> impl Iterator<Item = Candle<P>> + '_ {
        self.forming.iter().map(|forming| self.candle_of(forming))
    }

    #[inline(always)]
    fn candle_of(&self, forming: &Forming<P>) -> Candle<P> {
        Candle {
            open_time_ns: forming.open_time_ns,
            end_ns: forming.end_ns,
            figures: Figures {
                open: forming.open,
                high: forming.high,
                low: forming.low,
                close: self.close,
                first: forming.first,
                last: self.last,
                sums: self.totals.since(&forming.before),
            },
        }
    }

    /// Takes the figures of trades that share a bucket in every interval.
    #[inline(always)]
    pub(super) fn add(
        &mut self,
        intervals: &[Interval],
        horizon_ns: i64,
        part: &Figures<P>,
        leaving: &mut impl Leaving<P>,
    ) {
        if part.first <= self.last || part.last.time_ns >= self.edge_ns {
            self.add_out_of_order(intervals, horizon_ns, part, leaving);
            return;
        }
        if part.high > self.least_high || part.low < self.greatest_low {
            self.widen(part);
        }
        self.totals.add(&part.sums);
        (self.last, self.close) = (part.last, part.close);
    }

    #[inline(never)]
    fn widen(&mut self, part: &Figures<P>) {
        for forming in &mut self.forming {
            forming.high = forming.high.max(part.high);
            forming.low = forming.low.min(part.low);
        }
        self.set_bounds();
    }

    /// Takes figures that begin a bucket somewhere, or come late.
    #[inline(never)]
    fn add_out_of_order(
        &mut self,
        intervals: &[Interval],
        horizon_ns: i64,
        part: &Figures<P>,
        leaving: &mut impl Leaving<P>,
    ) {
        let time_ns = part.first.time_ns;
        for (place, interval) in intervals.iter().enumerate() {
            let forming = &mut self.forming[place];
            if time_ns >= forming.end_ns {
                self.roll(place, *interval, horizon_ns, part, leaving);
            } else if time_ns >= forming.open_time_ns {
                forming.extend(part);
            } else {
                // The sums grow before the forming candle, not in it.
                forming.before.add(&part.sums);
                let open_time_ns = interval.floor(time_ns);
                let end_ns = interval.next(open_time_ns);
                if is_settled(end_ns, horizon_ns, self.last.time_ns) {
                    let candle = Candle {
                        open_time_ns,
                        end_ns,
                        figures: *part,
                    };
                    leaving.correct(place, candle);
                } else {
                    self.histories[place].revise(open_time_ns, end_ns, part);
                }
            }
        }
        self.totals.add(&part.sums);
        if part.last > self.last {
            (self.last, self.close) = (part.last, part.close);
        }
        self.set_bounds();
    }

    /// Ends the forming candle and begins the next; what the horizon has passed leaves.
    fn roll(
        &mut self,
        place: usize,
        interval: Interval,
        horizon_ns: i64,
        part: &Figures<P>,
        leaving: &mut impl Leaving<P>,
    ) {
        let ended = Held {
            candle: self.candle(place),
            told: self.forming[place].told,
        };
        self.forming[place] = Forming::new(interval, part, self.totals);
        let held = &mut self.histories[place].held;
        held.push_back(ended);
        let time_ns = part.first.time_ns;
        while let Some(oldest) = held.front()
            && is_settled(oldest.candle.end_ns, horizon_ns, time_ns)
        {
            let oldest = *oldest;
            held.pop_front();
            leaving.settle(place, oldest);
        }
    }

    /// The same candles at another scale; `None` where a price does not fit.
    pub(super) fn scaled<Q: Price>(
        &self,
        scale: &Scale<impl Fn(P) -> Option<Q>, impl Fn(&Sums) -> Sums>,
    ) -> Option<Group<Q>> {
        let price = &scale.price;
        let forming = self.forming.iter().map(|old| {
            Some(Forming {
                open_time_ns: old.open_time_ns,
                end_ns: old.end_ns,
                open: price(old.open)?,
                high: price(old.high)?,
                low: price(old.low)?,
                first: old.first,
                before: (scale.sums)(&old.before),
                told: old.told,
            })
        });
        let histories = self.histories.iter().map(|old| {
            let held = old.held.iter().map(|held| {
                let candle = held.candle.scaled(scale)?;
                Some(Held {
                    candle,
                    told: held.told,
                })
            });
            Some(History {
                held: held.collect::<Option<_>>()?,
            })
        });
        Some(Group {
            totals: (scale.sums)(&self.totals),
            last: self.last,
            close: price(self.close)?,
            edge_ns: self.edge_ns,
            least_high: price(self.least_high)?,
            greatest_low: price(self.greatest_low)?,
            forming: forming.collect::<Option<_>>()?,
            histories: histories.collect::<Option<_>>()?,
        })
    }

    fn set_bounds(&mut self) {
        let each = || self.forming.iter();
        self.edge_ns = each()
            .map(|forming| forming.end_ns)
            .min()
            .unwrap_or(i64::MIN);
        self.least_high = each().map(|forming| forming.high).min().unwrap_or_default();
        self.greatest_low = each().map(|forming| forming.low).max().unwrap_or_default();
    }
}

/// Whether the horizon has passed a bucket's end.
fn is_settled(end_ns: i64, horizon_ns: i64, time_ns: i64) -> bool {
    end_ns.saturating_add(horizon_ns) <= time_ns
}
