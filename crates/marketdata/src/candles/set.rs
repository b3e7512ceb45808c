//! The candles of all groups and intervals, and what is new of them.

use super::figures::{Candle, Figures, Key, Price, Scale, Sums};
use super::group::{Group, Leaving};
use super::history::{Held, Told};
use super::lanes::{CandleLanes, Head};
use crate::error::InvalidInput;
use crate::interval::Interval;

/// So many intervals at once, and so many groups.
const INTERVALS_MAX: usize = 64;
const GROUPS_MAX: u32 = 1 << 24;
/// The place of a group without a trade.
const ABSENT: u32 = u32::MAX;
/// A trade's quantity and value stay below this, so that 2^31 of them always hold in 128 bits.
const AMOUNT_BITS: u32 = 96;

/// How candles are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The intervals, each once.
    pub intervals: Vec<Interval>,
    /// How far behind a group's latest trade a bucket's end may lie for late trades to revise it.
    /// A group holds at most `horizon / interval + 2` candles of each interval.
    pub horizon_ns: i64,
    /// How long behind its end a candle stays open for trades that are on their way.
    pub grace_ns: i64,
}

/// A candle as it is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CandleRow<P> {
    /// The group's number.
    pub group: u32,
    /// The place of the interval in the settings.
    pub interval: u32,
    /// The candle, or the part of one that a correction adds.
    pub candle: Candle<P>,
    /// Whether its end and the grace have passed.
    pub is_closed: bool,
    /// How often it changed after it was handed out as closed.
    pub revision: u32,
    /// Whether it is to be merged into a candle that is no longer held.
    pub is_correction: bool,
}

/// Candles of many intervals and groups, fed in any order and in pieces of any size.
#[derive(Debug, Clone)]
pub struct CandleSet<P> {
    settings: Settings,
    /// Bucket edges of the finest grid are those of these intervals.
    edges: Vec<Interval>,
    /// By group number, where the group stands in `groups`; `ABSENT` before its first trade.
    places: Vec<u32>,
    /// By first trade.
    groups: Vec<Group<P>>,
    left: Vec<CandleRow<P>>,
    clock_ns: i64,
}

/// The forming candles of one group.
#[derive(Debug, Clone, Copy)]
pub struct Forming<'a, P> {
    /// As the last trade left it in registers: a reader need not wait for memory.
    head: Head<P>,
    group: &'a Group<P>,
    intervals: usize,
}

impl<P: Price> Forming<'_, P> {
    /// The candle of an interval, by its place; `None` past the last.
    #[inline(always)]
    pub fn candle(&self, interval: usize) -> Option<Candle<P>> {
        (interval < self.intervals).then(|| self.group.candle(interval))
    }

    /// The candles of eight intervals at once, field by field: of the first eight for block 0;
    /// `None` past the last.
    #[inline(always)]
    pub fn lanes(&self, block: usize) -> Option<CandleLanes<P>> {
        self.group.lanes(&self.head, block)
    }
}

struct Left<'a, P> {
    rows: &'a mut Vec<CandleRow<P>>,
    group: u32,
}

impl<P: Price> Leaving<P> for Left<'_, P> {
    fn settle(&mut self, interval: usize, held: &Held<P>) {
        let mut told = held.told;
        if told.tell(held.candle.figures.sums.trades, true) {
            self.rows
                .push(row(self.group, interval, held.candle, true, told));
        }
    }

    fn correct(&mut self, interval: usize, candle: Candle<P>) {
        let mut made = row(self.group, interval, candle, true, Told::default());
        made.is_correction = true;
        self.rows.push(made);
    }
}

fn row<P>(group: u32, place: usize, candle: Candle<P>, closed: bool, told: Told) -> CandleRow<P> {
    CandleRow {
        group,
        interval: place as u32,
        candle,
        is_closed: closed,
        revision: told.revision,
        is_correction: false,
    }
}

impl<P: Price> CandleSet<P> {
    /// An empty set.
    ///
    /// # Errors
    /// When there is no interval, too many, one twice, or a time below zero.
    pub fn new(settings: Settings) -> Result<Self, InvalidInput> {
        let count = settings.intervals.len();
        if count == 0 || count > INTERVALS_MAX {
            let bound = format!("must be from 1 to {INTERVALS_MAX} of them");
            return Err(InvalidInput::new("intervals", count, bound));
        }
        for (place, interval) in settings.intervals.iter().enumerate() {
            let is_same =
                |other: &Interval| interval.is_made_of(*other) && other.is_made_of(*interval);
            if settings.intervals[..place].iter().any(is_same) {
                return Err(InvalidInput::new(
                    "intervals",
                    interval,
                    "must stand there once",
                ));
            }
        }
        for (field, time_ns) in [
            ("horizon", settings.horizon_ns),
            ("grace", settings.grace_ns),
        ] {
            if time_ns < 0 {
                return Err(InvalidInput::new(field, time_ns, "must not be below 0"));
            }
        }
        let edges = finest(&settings.intervals);
        Ok(Self {
            settings,
            edges,
            places: Vec::new(),
            groups: Vec::new(),
            left: Vec::new(),
            clock_ns: i64::MIN,
        })
    }

    /// The settings.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Says that it is `now_ns` at least, so that candles close without a trade behind them.
    pub fn advance(&mut self, now_ns: i64) {
        self.clock_ns = self.clock_ns.max(now_ns);
    }

    /// Takes one trade of a group.
    ///
    /// # Errors
    /// When the group's number or an amount is out of range; nothing changed.
    #[inline(always)]
    pub fn add_trade(
        &mut self,
        group: u32,
        key: Key,
        price: P,
        quantity: i128,
        value: i128,
        is_buy: bool,
    ) -> Result<Forming<'_, P>, InvalidInput> {
        check_amount("quantity", quantity)?;
        check_value(value)?;
        let mut place = self.place(group);
        let head;
        if let Some(known) = self.groups.get_mut(place)
            && known.is_next(key, key.time_ns)
        {
            let sums = Sums::of_trade(quantity, value, is_buy);
            head = known.join((price, price), price, key, &sums);
        } else {
            let part = Figures::of_trade(key, price, quantity, value, is_buy);
            place = self.add_other(group, &part)?;
            head = self.groups[place].head;
        }
        Ok(Forming {
            head,
            group: &self.groups[place],
            intervals: self.settings.intervals.len(),
        })
    }

    /// Takes the figures of trades of a group that share a bucket in every interval.
    ///
    /// # Errors
    /// When the group's number is out of range; nothing changed.
    #[inline(always)]
    pub fn add(&mut self, group: u32, part: &Figures<P>) -> Result<(), InvalidInput> {
        let place = self.place(group);
        if let Some(known) = self.groups.get_mut(place)
            && known.is_next(part.first, part.last.time_ns)
        {
            known.join((part.high, part.low), part.close, part.last, &part.sums);
            return Ok(());
        }
        self.add_other(group, part).map(|_| ())
    }

    /// Takes what begins a group or a bucket, or comes late; returns the group's place.
    #[inline(never)]
    fn add_other(&mut self, group: u32, part: &Figures<P>) -> Result<usize, InvalidInput> {
        let place = self.place(group);
        let Some(known) = self.groups.get_mut(place) else {
            return self.begin(group, part);
        };
        let mut left = Left {
            rows: &mut self.left,
            group,
        };
        let Settings {
            intervals,
            horizon_ns,
            ..
        } = &self.settings;
        known.add_other(intervals, *horizon_ns, part, &mut left);
        Ok(place)
    }

    /// Where a group stands among the groups, or past them all.
    #[inline(always)]
    fn place(&self, group: u32) -> usize {
        let place = self.places.get(group as usize).copied();
        place.unwrap_or(ABSENT) as usize
    }

    #[cold]
    fn begin(&mut self, group: u32, part: &Figures<P>) -> Result<usize, InvalidInput> {
        if group >= GROUPS_MAX {
            let bound = format!("must be below {GROUPS_MAX}");
            return Err(InvalidInput::new("group", group, bound));
        }
        let count = self.places.len().max(group as usize + 1);
        self.places.resize(count, ABSENT);
        let place = self.groups.len();
        self.places[group as usize] = place as u32;
        self.groups.push(Group::new(&self.settings.intervals, part));
        Ok(place)
    }

    /// The end of the span around a time that lies in one bucket of every interval.
    pub(super) fn edge_after(&self, time_ns: i64) -> i64 {
        let ends = self.edges.iter().map(|each| each.next(each.floor(time_ns)));
        ends.min().unwrap_or(time_ns)
    }

    /// The forming candles of a group; `None` before a first trade.
    #[inline(always)]
    pub fn forming(&self, group: u32) -> Option<Forming<'_, P>> {
        let group = self.groups.get(self.place(group))?;
        let intervals = self.settings.intervals.len();
        Some(Forming {
            head: group.head,
            group,
            intervals,
        })
    }

    /// The forming candles of every group, by group and interval.
    #[must_use]
    pub fn all_forming(&self) -> Vec<CandleRow<P>> {
        let mut rows = Vec::new();
        for (number, place) in (0..).zip(&self.places) {
            let Some(group) = self.groups.get(*place as usize) else {
                continue;
            };
            for (place, told) in group.told().iter().enumerate() {
                let candle = group.candle(place);
                let closed = candle.end_ns.saturating_add(self.settings.grace_ns) <= self.clock_ns;
                rows.push(row(number, place, candle, closed, *told));
            }
        }
        rows
    }

    /// The same candles at other scales: prices, quantities and values times these powers of ten.
    /// `None` where a price does not fit.
    #[must_use]
    pub fn scaled<Q: Price>(
        &self,
        (price, quantity, value): (i128, i128, i128),
    ) -> Option<CandleSet<Q>> {
        let scale = Scale {
            price: |old: P| Q::of_wide(old.into().checked_mul(price)?),
            sums: |old: &Sums| Sums {
                volume: old.volume.wrapping_mul(quantity),
                quote_volume: old.quote_volume.wrapping_mul(value),
                buy_volume: old.buy_volume.wrapping_mul(quantity),
                buy_quote_volume: old.buy_quote_volume.wrapping_mul(value),
                trades: old.trades,
            },
        };
        let left = |old: &CandleRow<P>| {
            Some(CandleRow {
                group: old.group,
                interval: old.interval,
                candle: old.candle.scaled(&scale)?,
                is_closed: old.is_closed,
                revision: old.revision,
                is_correction: old.is_correction,
            })
        };
        let groups = self.groups.iter().map(|old| old.scaled(&scale));
        Some(CandleSet {
            settings: self.settings.clone(),
            edges: self.edges.clone(),
            places: self.places.clone(),
            groups: groups.collect::<Option<_>>()?,
            left: self.left.iter().map(left).collect::<Option<_>>()?,
            clock_ns: self.clock_ns,
        })
    }

    /// Every candle that is held, by group, interval and time. Nothing counts as handed out.
    #[must_use]
    pub fn held(&self) -> Vec<CandleRow<P>> {
        let mut copy = self.clone();
        copy.forget_told();
        copy.left.clear();
        copy.take()
    }

    fn forget_told(&mut self) {
        for group in &mut self.groups {
            let (forming, histories) = group.past();
            let histories = histories.iter_mut().flat_map(|each| &mut each.held);
            for told in forming
                .iter_mut()
                .chain(histories.map(|held| &mut held.told))
            {
                *told = Told {
                    revision: told.revision,
                    ..Told::default()
                };
            }
        }
    }

    /// The candles that the horizon passed since this or `take` was last asked, and corrections,
    /// in the order in which they left. For a reader of streams: nothing is sorted or merged.
    #[inline(always)]
    pub fn settled(&mut self) -> Option<std::vec::Drain<'_, CandleRow<P>>> {
        // To ask whether there are any is cheaper than to drain none.
        (!self.left.is_empty()).then(|| self.left.drain(..))
    }

    /// What is new since this was last asked: candles that changed or closed, those that the
    /// horizon passed meanwhile, and corrections; by group, interval and time.
    pub fn take(&mut self) -> Vec<CandleRow<P>> {
        let mut rows = std::mem::take(&mut self.left);
        rows.reserve(self.groups.iter().map(Group::count).sum());
        let (clock_ns, grace_ns) = (self.clock_ns, self.settings.grace_ns);
        for (number, place) in (0..).zip(&self.places) {
            let Some(group) = self.groups.get_mut(*place as usize) else {
                continue;
            };
            let clock_ns = clock_ns.max(group.last_time_ns());
            let is_closed = |end_ns: i64| end_ns.saturating_add(grace_ns) <= clock_ns;
            for place in 0..self.settings.intervals.len() {
                let candle = group.candle(place);
                let (forming, histories) = group.past();
                for held in &mut histories[place].held {
                    let closed = is_closed(held.candle.end_ns);
                    if held.told.tell(held.candle.figures.sums.trades, closed) {
                        rows.push(row(number, place, held.candle, closed, held.told));
                    }
                }
                let (closed, told) = (is_closed(candle.end_ns), &mut forming[place]);
                if told.tell(candle.figures.sums.trades, closed) {
                    rows.push(row(number, place, candle, closed, *told));
                }
            }
        }
        merge_corrections(&mut rows);
        rows
    }
}

/// Sorts rows, and makes one of the corrections of each candle.
fn merge_corrections<P: Price>(rows: &mut Vec<CandleRow<P>>) {
    let order = |row: &CandleRow<P>| {
        (
            row.group,
            row.interval,
            row.candle.open_time_ns,
            row.is_correction,
        )
    };
    // A single group's are sorted as they come; elsewhere keys are moved, not rows.
    if !rows.is_sorted_by_key(order) {
        rows.sort_by_cached_key(order);
    }
    rows.dedup_by(|later, kept| {
        let is_same = kept.is_correction && order(later) == order(kept);
        if is_same {
            kept.candle.figures.merge(&later.candle.figures);
        }
        is_same
    });
}

/// Those intervals that no other of them makes up.
fn finest(intervals: &[Interval]) -> Vec<Interval> {
    let is_coarse = |interval: &Interval| {
        intervals
            .iter()
            .any(|other| other != interval && interval.is_made_of(*other))
    };
    intervals
        .iter()
        .copied()
        .filter(|interval| !is_coarse(interval))
        .collect()
}

#[inline(always)]
pub(super) fn check_amount(field: &'static str, amount: i128) -> Result<(), InvalidInput> {
    if (0..1 << AMOUNT_BITS).contains(&amount) {
        return Ok(());
    }
    let bound = format!("must be from 0 to 2^{AMOUNT_BITS} - 1 units of its scale");
    Err(InvalidInput::new(field, amount, bound))
}

#[inline(always)]
pub(super) fn check_value(value: i128) -> Result<(), InvalidInput> {
    // What lies above these bits is all zeros or all ones.
    if matches!(value >> AMOUNT_BITS, -1 | 0) {
        return Ok(());
    }
    let bound = format!("must lie between -2^{AMOUNT_BITS} and 2^{AMOUNT_BITS} units of its scale");
    Err(InvalidInput::new("value", value, bound))
}
