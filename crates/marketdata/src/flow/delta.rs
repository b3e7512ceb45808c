//! Delta bars: the delta of each bucket, and its extremes on the way.

use std::collections::VecDeque;

use crate::candles::Key;
use crate::interval::Interval;

/// The delta of one bucket: what was bought less what was sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeltaBar {
    /// The bucket's open time.
    pub open_time_ns: i64,
    /// What was bought less what was sold.
    pub delta: i128,
    /// The least delta after any trade, 0 at the open.
    pub min_delta: i128,
    /// The greatest delta after any trade, 0 at the open.
    pub max_delta: i128,
    /// What was traded.
    pub volume: i128,
    /// How many trades.
    pub trades: u64,
    /// Whether no late trade can change it any more.
    pub is_final: bool,
}

impl DeltaBar {
    const fn new(open_time_ns: i64) -> Self {
        let (delta, min_delta, max_delta, volume) = (0, 0, 0, 0);
        Self {
            open_time_ns,
            delta,
            min_delta,
            max_delta,
            volume,
            trades: 0,
            is_final: false,
        }
    }

    #[inline]
    fn extend(&mut self, signed: i128) {
        self.delta += signed;
        self.min_delta = self.min_delta.min(self.delta);
        self.max_delta = self.max_delta.max(self.delta);
        self.volume += signed.abs();
        self.trades += 1;
    }
}

/// A bar and its trades, kept while late ones may come between them.
#[derive(Debug, Clone)]
struct Held {
    bar: DeltaBar,
    end_ns: i64,
    trades: Vec<(Key, i128)>,
    is_new: bool,
}

impl Held {
    fn add(&mut self, key: Key, signed: i128) {
        self.is_new = true;
        if self.trades.last().is_none_or(|last| last.0 <= key) {
            self.trades.push((key, signed));
            self.bar.extend(signed);
            return;
        }
        // The extremes depend on the order: a late trade means to walk the bar again.
        let place = self.trades.partition_point(|trade| trade.0 <= key);
        self.trades.insert(place, (key, signed));
        self.bar = DeltaBar::new(self.bar.open_time_ns);
        for (_, signed) in &self.trades {
            self.bar.extend(*signed);
        }
    }
}

/// Delta bars of one interval. The trades of a bar are kept until the horizon has passed its end,
/// which bounds the memory; a trade that comes later is told apart and not added.
#[derive(Debug, Clone)]
pub struct DeltaBars {
    interval: Interval,
    horizon_ns: i64,
    held: VecDeque<Held>,
    done: Vec<DeltaBar>,
    latest_ns: i64,
}

impl DeltaBars {
    /// No bars; `horizon_ns` is how far behind the latest trade a bar's end may lie.
    #[must_use]
    pub fn new(interval: Interval, horizon_ns: i64) -> Self {
        let (held, done) = (VecDeque::new(), Vec::new());
        Self {
            interval,
            horizon_ns,
            held,
            done,
            latest_ns: i64::MIN,
        }
    }

    /// Takes a trade: its quantity, below zero where the aggressor sold. Returns whether its bar
    /// was still held.
    pub fn update(&mut self, key: Key, signed: i128) -> bool {
        if let Some(last) = self.held.back_mut()
            && key.time_ns >= last.bar.open_time_ns
            && key.time_ns < last.end_ns
        {
            self.latest_ns = self.latest_ns.max(key.time_ns);
            last.add(key, signed);
            return true;
        }
        self.update_other(key, signed)
    }

    fn update_other(&mut self, key: Key, signed: i128) -> bool {
        let open_time_ns = self.interval.floor(key.time_ns);
        let end_ns = self.interval.next(open_time_ns);
        if end_ns.saturating_add(self.horizon_ns) <= self.latest_ns {
            return false;
        }
        self.latest_ns = self.latest_ns.max(key.time_ns);
        let found = self
            .held
            .binary_search_by_key(&open_time_ns, |held| held.bar.open_time_ns);
        let place = found.unwrap_or_else(|place| {
            let bar = DeltaBar::new(open_time_ns);
            self.held.insert(
                place,
                Held {
                    bar,
                    end_ns,
                    trades: Vec::new(),
                    is_new: true,
                },
            );
            place
        });
        self.held[place].add(key, signed);
        while let Some(oldest) = self.held.front()
            && oldest.end_ns.saturating_add(self.horizon_ns) <= self.latest_ns
        {
            self.done.push(DeltaBar {
                is_final: true,
                ..oldest.bar
            });
            self.held.pop_front();
        }
        true
    }

    /// Takes the units of amounts as so many times smaller; `factor` leaves them below 2^127.
    pub fn rescale(&mut self, factor: i128) {
        let held = self.held.iter_mut().map(|held| &mut held.bar);
        for bar in held.chain(&mut self.done) {
            for amount in [
                &mut bar.delta,
                &mut bar.min_delta,
                &mut bar.max_delta,
                &mut bar.volume,
            ] {
                *amount *= factor;
            }
        }
        for (_, signed) in self.held.iter_mut().flat_map(|held| &mut held.trades) {
            *signed *= factor;
        }
    }

    /// The bars that changed since this was last asked, by time.
    pub fn take(&mut self) -> Vec<DeltaBar> {
        let mut bars = std::mem::take(&mut self.done);
        for held in &mut self.held {
            if std::mem::take(&mut held.is_new) {
                bars.push(held.bar);
            }
        }
        bars
    }

    /// The bars of trades that stand in order, at once and without keeping them.
    pub fn of_ordered(
        interval: Interval,
        trades: impl IntoIterator<Item = (i64, i128)>,
    ) -> Vec<DeltaBar> {
        let mut bars: Vec<DeltaBar> = Vec::new();
        let mut end_ns = i64::MIN;
        for (time_ns, signed) in trades {
            if time_ns >= end_ns || bars.is_empty() {
                let open_time_ns = interval.floor(time_ns);
                end_ns = interval.next(open_time_ns);
                bars.push(DeltaBar::new(open_time_ns));
            }
            if let Some(bar) = bars.last_mut() {
                bar.extend(signed);
            }
        }
        for bar in &mut bars {
            bar.is_final = true;
        }
        bars
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn interval() -> Interval {
        Interval::parse("1s").unwrap()
    }

    #[test]
    fn extremes_are_those_on_the_way() {
        let bars =
            DeltaBars::of_ordered(interval(), [(0, 5), (1, -9), (2, 6), (2_000_000_000, -1)]);
        let found: Vec<_> = bars
            .iter()
            .map(|b| (b.delta, b.min_delta, b.max_delta))
            .collect();
        assert_eq!(found, [(2, -4, 5), (-1, -1, 0)]);
        assert_eq!((bars[0].volume, bars[0].trades), (20, 3));
    }

    proptest! {
        #[test]
        fn late_trades_within_the_horizon_come_to_the_same(
            rows in prop::collection::vec((0_i64..8_000, -9_i128..9), 0..120),
            step in 1_usize..50,
        ) {
            let keyed: Vec<_> = (0..).zip(&rows)
                .map(|(id, row)| (Key { time_ns: row.0 * 1_000_000, id }, row.1))
                .collect();
            let mut bars = DeltaBars::new(interval(), i64::MAX);
            let mut found = std::collections::BTreeMap::new();
            for piece in keyed.chunks(step) {
                for (key, signed) in piece {
                    prop_assert!(bars.update(*key, *signed));
                }
                found.extend(bars.take().into_iter().map(|bar| (bar.open_time_ns, bar)));
            }
            let mut sorted = keyed.clone();
            sorted.sort();
            let trades = sorted.iter().map(|(key, signed)| (key.time_ns, *signed));
            let expected = DeltaBars::of_ordered(interval(), trades);
            let expected: Vec<_> =
                expected.into_iter().map(|bar| DeltaBar { is_final: false, ..bar }).collect();
            prop_assert_eq!(found.into_values().collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn smaller_units_change_no_bar() {
        let mut bars = DeltaBars::new(interval(), i64::MAX);
        let key = |time_ns: i64| Key { time_ns, id: 0 };
        bars.update(key(0), 5);
        bars.update(key(3), -2);
        bars.rescale(10);
        bars.update(key(1), -90);
        let bar = bars.take()[0];
        assert_eq!(
            (bar.delta, bar.min_delta, bar.max_delta, bar.volume),
            (-60, -60, 50, 160)
        );
    }

    #[test]
    fn what_the_horizon_has_passed_is_final() {
        let mut bars = DeltaBars::new(interval(), 1_000_000_000);
        let key = |time_s: i64| Key {
            time_ns: time_s * 1_000_000_000,
            id: 0,
        };
        assert!(bars.update(key(0), 1));
        assert!(bars.update(key(2), 1));
        assert!(!bars.update(key(0), 1));
        assert!(bars.update(key(1), 1));
        let states: Vec<_> = bars.take().iter().map(|bar| bar.is_final).collect();
        assert_eq!(states, [true, false, false]);
    }
}
