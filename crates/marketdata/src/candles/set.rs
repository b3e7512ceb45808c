//! The candles of all groups and intervals, and what is new of them.

use super::figures::{Candle, Figures, Key, Price, Scale, Sums};
use super::group::{Group, Leaving};
use super::history::{Held, Told};
use crate::error::InvalidInput;
use crate::interval::Interval;

/// So many intervals at once, and so many groups.
const INTERVALS_MAX: usize = 64;
const GROUPS_MAX: u32 = 1 << 24;
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
    groups: Vec<Option<Group<P>>>,
    left: Vec<CandleRow<P>>,
    clock_ns: i64,
}

struct Left<'a, P> {
    rows: &'a mut Vec<CandleRow<P>>,
    group: u32,
}

impl<P: Price> Leaving<P> for Left<'_, P> {
    fn settle(&mut self, interval: usize, held: Held<P>) {
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
        let (groups, left) = (Vec::new(), Vec::new());
        Ok(Self {
            settings,
            edges,
            groups,
            left,
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
    ) -> Result<(), InvalidInput> {
        check_amount("quantity", quantity)?;
        check_value(value)?;
        self.add(
            group,
            &Figures::of_trade(key, price, quantity, value, is_buy),
        )
    }

    /// Takes the figures of trades of a group that share a bucket in every interval.
    ///
    /// # Errors
    /// When the group's number is out of range; nothing changed.
    #[inline(always)]
    pub fn add(&mut self, group: u32, part: &Figures<P>) -> Result<(), InvalidInput> {
        if let Some(Some(known)) = self.groups.get_mut(group as usize) {
            let mut left = Left {
                rows: &mut self.left,
                group,
            };
            known.add(
                &self.settings.intervals,
                self.settings.horizon_ns,
                part,
                &mut left,
            );
            return Ok(());
        }
        self.begin(group, part)
    }

    #[cold]
    fn begin(&mut self, group: u32, part: &Figures<P>) -> Result<(), InvalidInput> {
        if group >= GROUPS_MAX {
            let bound = format!("must be below {GROUPS_MAX}");
            return Err(InvalidInput::new("group", group, bound));
        }
        let count = self.groups.len().max(group as usize + 1);
        self.groups.resize_with(count, || None);
        self.groups[group as usize] = Some(Group::new(&self.settings.intervals, part));
        Ok(())
    }

    /// The end of the span around a time that lies in one bucket of every interval.
    pub(super) fn edge_after(&self, time_ns: i64) -> i64 {
        let ends = self.edges.iter().map(|each| each.next(each.floor(time_ns)));
        ends.min().unwrap_or(time_ns)
    }

    /// The forming candle of a group, by the place of its interval; `None` before a first trade.
    #[inline(always)]
    pub fn forming(&self, group: u32, interval: usize) -> Option<Candle<P>> {
        let group = self.groups.get(group as usize)?.as_ref()?;
        (interval < self.settings.intervals.len()).then(|| group.candle(interval))
    }

    /// The forming candles of a group, one of each interval in their order.
    #[inline(always)]
    pub fn forming_of(&self, group: u32) -> impl Iterator<Item = Candle<P>> + '_ {
        let known = self.groups.get(group as usize).and_then(Option::as_ref);
        known.into_iter().flat_map(Group::candles)
    }

    /// The forming candles of every group, by group and interval.
    #[must_use]
    pub fn all_forming(&self) -> Vec<CandleRow<P>> {
        let mut rows = Vec::new();
        for (number, group) in self.groups.iter().enumerate() {
            let Some(group) = group else { continue };
            for (place, forming) in group.forming.iter().enumerate() {
                let candle = group.candle(place);
                let closed = candle.end_ns.saturating_add(self.settings.grace_ns) <= self.clock_ns;
                rows.push(row(number as u32, place, candle, closed, forming.told));
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
        let group = |old: &Option<Group<P>>| match old {
            Some(old) => old.scaled(&scale).map(Some),
            None => Some(None),
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
        Some(CandleSet {
            settings: self.settings.clone(),
            edges: self.edges.clone(),
            groups: self.groups.iter().map(group).collect::<Option<_>>()?,
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
        for group in self.groups.iter_mut().flatten() {
            let forming = group.forming.iter_mut().map(|forming| &mut forming.told);
            let histories = group.histories.iter_mut().flat_map(|each| &mut each.held);
            for told in forming.chain(histories.map(|held| &mut held.told)) {
                *told = Told {
                    revision: told.revision,
                    ..Told::default()
                };
            }
        }
    }

    /// What is new since this was last asked: candles that changed or closed, those that the
    /// horizon passed meanwhile, and corrections; by group, interval and time.
    pub fn take(&mut self) -> Vec<CandleRow<P>> {
        let mut rows = std::mem::take(&mut self.left);
        let (clock_ns, grace_ns) = (self.clock_ns, self.settings.grace_ns);
        for (number, group) in self.groups.iter_mut().enumerate() {
            let Some(group) = group else { continue };
            let number = number as u32;
            let clock_ns = clock_ns.max(group.last_time_ns());
            let is_closed = |end_ns: i64| end_ns.saturating_add(grace_ns) <= clock_ns;
            for place in 0..group.forming.len() {
                for held in &mut group.histories[place].held {
                    let closed = is_closed(held.candle.end_ns);
                    if held.told.tell(held.candle.figures.sums.trades, closed) {
                        rows.push(row(number, place, held.candle, closed, held.told));
                    }
                }
                let candle = group.candle(place);
                let (closed, told) = (is_closed(candle.end_ns), &mut group.forming[place].told);
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
    rows.sort_by_key(order);
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
    if (-1 << AMOUNT_BITS..=1 << AMOUNT_BITS).contains(&value) {
        return Ok(());
    }
    let bound = format!("must lie between -2^{AMOUNT_BITS} and 2^{AMOUNT_BITS} units of its scale");
    Err(InvalidInput::new("value", value, bound))
}
