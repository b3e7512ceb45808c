//! The candles of one group, a symbol or an account, in all intervals.
//!
//! The forming candles of a group end with one and the same trade, the group's last. So close and
//! last key are kept once, and so are the sums: they run from the group's first trade on, and each
//! forming candle remembers what they were before its own first. A trade in its order adds to one
//! set of sums, whatever the number of intervals.

use super::figures::{Candle, Figures, Key, Price, Scale, Sums};
use super::history::{Held, History, Told};
use super::lanes::{CandleLanes, Head, LANES, Lanes};
use crate::interval::Interval;

#[derive(Debug, Clone)]
pub(super) struct Group<P> {
    pub(super) head: Head<P>,
    /// The earliest end of the forming candles: an in-order trade before it joins them all.
    edge_ns: i64,
    /// The first eight intervals' candles stand here, those of more behind a pointer.
    lanes: Lanes<P>,
    more: Vec<Lanes<P>>,
    /// Whether `told` or `histories` says anything; where not, their memory need not be touched.
    has_past: bool,
    told: Vec<Told>,
    histories: Vec<History<P>>,
}

/// Candles that leave: by the horizon, or because they came too late for it.
pub(super) trait Leaving<P> {
    /// A held candle that no trade can revise any more.
    fn settle(&mut self, interval: usize, held: &Held<P>);
    /// Figures for a candle that is no longer held.
    fn correct(&mut self, interval: usize, candle: Candle<P>);
}

impl<P: Price> Group<P> {
    pub(super) fn new(intervals: &[Interval], part: &Figures<P>) -> Self {
        let mut made = Self {
            head: Head {
                totals: part.sums,
                last: part.last,
                close: part.close,
            },
            edge_ns: i64::MIN,
            lanes: Lanes::new(),
            more: vec![Lanes::new(); intervals.len().div_ceil(LANES) - 1],
            has_past: false,
            told: vec![Told::default(); intervals.len()],
            histories: vec![History::new(); intervals.len()],
        };
        for (place, interval) in intervals.iter().enumerate() {
            made.lanes_mut(place)
                .begin(place % LANES, *interval, part, &Sums::default());
        }
        made.set_edge();
        made
    }

    fn lanes_of(&self, interval: usize) -> &Lanes<P> {
        match interval / LANES {
            0 => &self.lanes,
            block => &self.more[block - 1],
        }
    }

    fn lanes_mut(&mut self, interval: usize) -> &mut Lanes<P> {
        match interval / LANES {
            0 => &mut self.lanes,
            block => &mut self.more[block - 1],
        }
    }

    /// What was handed out of the forming candles, and the held ones, by interval.
    pub(super) fn past(&mut self) -> (&mut [Told], &mut [History<P>]) {
        self.has_past = true;
        (&mut self.told, &mut self.histories)
    }

    /// What was handed out of the forming candles, by interval.
    pub(super) fn told(&self) -> &[Told] {
        &self.told
    }

    /// How many candles are held, the forming ones among them.
    pub(super) fn count(&self) -> usize {
        let held = self.histories.iter().map(|each| each.held.len());
        held.sum::<usize>() + self.histories.len()
    }

    /// The latest time of a trade.
    pub(super) const fn last_time_ns(&self) -> i64 {
        self.head.last.time_ns
    }

    /// The forming candle of an interval.
    #[inline(always)]
    pub(super) fn candle(&self, interval: usize) -> Candle<P> {
        self.lanes_of(interval).candle(&self.head, interval % LANES)
    }

    /// The forming candles of eight intervals, field by field; `None` past the last.
    #[inline(always)]
    pub(super) fn lanes(&self, head: &Head<P>, block: usize) -> Option<CandleLanes<P>> {
        let lanes = if block == 0 {
            &self.lanes
        } else {
            self.more.get(block - 1)?
        };
        Some(lanes.read(head))
    }

    /// Whether trades with these keys join every forming candle, behind all that was taken.
    #[inline(always)]
    pub(super) fn is_next(&self, first: Key, last_time_ns: i64) -> bool {
        first > self.head.last && last_time_ns < self.edge_ns
    }

    /// Takes trades that join every forming candle.
    #[inline(always)]
    pub(super) fn join(
        &mut self,
        (high, low): (P, P),
        close: P,
        last: Key,
        sums: &Sums,
    ) -> Head<P> {
        self.lanes.widen(high, low);
        if !self.more.is_empty() {
            self.widen_more(high, low);
        }
        let mut head = self.head;
        head.totals.add(sums);
        (head.last, head.close) = (last, close);
        self.head = head;
        head
    }

    #[inline(never)]
    fn widen_more(&mut self, high: P, low: P) {
        for lanes in &mut self.more {
            lanes.widen(high, low);
        }
    }

    /// Takes figures that begin a bucket somewhere, or come late.
    #[inline(always)]
    pub(super) fn add_other(
        &mut self,
        intervals: &[Interval],
        horizon_ns: i64,
        part: &Figures<P>,
        leaving: &mut impl Leaving<P>,
    ) {
        if part.first <= self.head.last {
            self.add_late(intervals, horizon_ns, part, leaving);
            return;
        }
        for (place, interval) in intervals.iter().enumerate() {
            let (_, end_ns) = self.lanes_of(place).bucket(place % LANES);
            if part.first.time_ns >= end_ns {
                self.roll(place, *interval, horizon_ns, part, leaving);
            }
        }
        self.join((part.high, part.low), part.close, part.last, &part.sums);
        self.set_edge();
    }

    /// Takes figures of which some are not behind all that was taken: they end no candle.
    #[cold]
    fn add_late(
        &mut self,
        intervals: &[Interval],
        horizon_ns: i64,
        part: &Figures<P>,
        leaving: &mut impl Leaving<P>,
    ) {
        let time_ns = part.first.time_ns;
        for (place, interval) in intervals.iter().enumerate() {
            let lane = place % LANES;
            let (open_time_ns, _) = self.lanes_of(place).bucket(lane);
            if time_ns >= open_time_ns {
                self.lanes_mut(place).extend(lane, part);
                continue;
            }
            // The sums grow before the forming candle, not in it.
            self.lanes_mut(place).pass(lane, &part.sums);
            let open_time_ns = interval.floor(time_ns);
            let end_ns = interval.next(open_time_ns);
            let last_ns = self.head.last.time_ns;
            if is_settled(end_ns, horizon_ns, last_ns) {
                // What it corrects goes first, where it is still held.
                self.release(place, horizon_ns, last_ns, leaving);
                let candle = Candle {
                    open_time_ns,
                    end_ns,
                    figures: *part,
                };
                leaving.correct(place, candle);
            } else {
                self.has_past = true;
                self.histories[place].revise(open_time_ns, end_ns, part);
            }
        }
        self.head.totals.add(&part.sums);
        if part.last > self.head.last {
            (self.head.last, self.head.close) = (part.last, part.close);
        }
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
        let time_ns = part.first.time_ns;
        let candle = self.candle(place);
        let totals = self.head.totals;
        let is_settled_now = is_settled(candle.end_ns, horizon_ns, time_ns);
        self.lanes_mut(place)
            .begin(place % LANES, interval, part, &totals);
        if is_settled_now && !self.has_past {
            let told = Told::default();
            leaving.settle(place, &Held { candle, told });
            return;
        }
        self.has_past = true;
        let told = std::mem::take(&mut self.told[place]);
        let ended = Held { candle, told };
        self.histories[place].held.push_back(ended);
        self.release(place, horizon_ns, time_ns, leaving);
    }

    /// Lets go of the held candles that the horizon has passed.
    fn release(
        &mut self,
        place: usize,
        horizon_ns: i64,
        time_ns: i64,
        leaving: &mut impl Leaving<P>,
    ) {
        let held = &mut self.histories[place].held;
        while let Some(oldest) = held.front()
            && is_settled(oldest.candle.end_ns, horizon_ns, time_ns)
        {
            let oldest = *oldest;
            held.pop_front();
            leaving.settle(place, &oldest);
        }
    }

    /// The same candles at another scale; `None` where a price does not fit.
    pub(super) fn scaled<Q: Price>(
        &self,
        scale: &Scale<impl Fn(P) -> Option<Q>, impl Fn(&Sums) -> Sums>,
    ) -> Option<Group<Q>> {
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
        let more = self.more.iter().map(|lanes| lanes.scaled(scale));
        Some(Group {
            head: Head {
                totals: (scale.sums)(&self.head.totals),
                last: self.head.last,
                close: (scale.price)(self.head.close)?,
            },
            edge_ns: self.edge_ns,
            lanes: self.lanes.scaled(scale)?,
            more: more.collect::<Option<_>>()?,
            has_past: self.has_past,
            told: self.told.clone(),
            histories: histories.collect::<Option<_>>()?,
        })
    }

    fn set_edge(&mut self) {
        let more = self.more.iter().map(Lanes::edge_ns);
        self.edge_ns = more.fold(self.lanes.edge_ns(), i64::min);
    }
}

/// Whether the horizon has passed a bucket's end.
fn is_settled(end_ns: i64, horizon_ns: i64, time_ns: i64) -> bool {
    end_ns.saturating_add(horizon_ns) <= time_ns
}
