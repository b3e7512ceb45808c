//! Footprints of trades as they come, late ones included.

use std::collections::BTreeMap;

use super::footprint::{Footprint, FootprintRow};
use crate::error::InvalidInput;
use crate::interval::Interval;
use crate::ladder::Ladder;
use crate::numbers::Numbers;

/// The footprint of one bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FootprintBar {
    /// The bucket's open time.
    pub open_time_ns: i64,
    /// Its rows that traded, from the lowest.
    pub rows: Vec<FootprintRow>,
    /// Whether no late trade can change it any more.
    pub is_final: bool,
}

/// What a bar holds while late trades may come: its rows, not its trades.
#[derive(Debug, Clone)]
struct Held {
    end_ns: i64,
    ladder: Ladder,
    is_new: bool,
}

/// Footprints of one interval. A bar is held until the horizon has passed its end, which bounds the
/// memory; a trade that comes later is told apart and not added.
#[derive(Debug, Clone)]
pub struct FootprintBars {
    how: Footprint,
    interval: Interval,
    horizon_ns: i64,
    held: BTreeMap<i64, Held>,
    latest_ns: i64,
}

impl FootprintBars {
    /// No bars; `horizon_ns` is how far behind the latest trade a bar's end may lie.
    ///
    /// # Errors
    /// When a parameter is not above 0, or the horizon is below 0.
    pub fn new(how: Footprint, interval: Interval, horizon_ns: i64) -> Result<Self, InvalidInput> {
        if horizon_ns < 0 {
            return Err(InvalidInput::new(
                "horizon",
                horizon_ns,
                "must not be below 0",
            ));
        }
        how.check()?;
        Ok(Self {
            how,
            interval,
            horizon_ns,
            held: BTreeMap::new(),
            latest_ns: i64::MIN,
        })
    }

    /// Takes trades, columns of equal length; returns how many came behind the horizon.
    ///
    /// # Errors
    /// When a bar would span too many rows or hold too much; the bars before it have theirs.
    pub fn update(
        &mut self,
        times: &[i64],
        prices: &Numbers<'_>,
        quantities: &Numbers<'_>,
        sides: &[i8],
    ) -> Result<usize, InvalidInput> {
        let (mut from, mut late) = (0, 0);
        while from < times.len() {
            let open_time_ns = self.interval.floor(times[from]);
            let end_ns = self.interval.next(open_time_ns);
            let rest = &times[from + 1..];
            let more = rest
                .iter()
                .take_while(|time| (open_time_ns..end_ns).contains(*time));
            let run = from..from + 1 + more.count();
            from = run.end;
            if self.is_past(end_ns) {
                late += run.len();
                continue;
            }
            let how = self.how.row_size;
            let held = match self.held.entry(open_time_ns) {
                std::collections::btree_map::Entry::Occupied(found) => found.into_mut(),
                std::collections::btree_map::Entry::Vacant(place) => place.insert(Held {
                    end_ns,
                    ladder: Ladder::new(how)?,
                    is_new: false,
                }),
            };
            let (prices, quantities) = (prices.slice(run.clone()), quantities.slice(run.clone()));
            held.ladder
                .add_columns(&prices, &quantities, &sides[run.clone()])?;
            held.is_new = true;
            let latest = times[run].iter().copied().max().unwrap_or(i64::MIN);
            self.latest_ns = self.latest_ns.max(latest);
        }
        Ok(late)
    }

    /// Takes the units of prices and quantities as so many times smaller; `how` says in these what
    /// it said before.
    ///
    /// # Errors
    /// When the numbers would have more than 38 digits; nothing can be said of the bars then.
    pub fn rescale(
        &mut self,
        how: Footprint,
        price_factor: i128,
        quantity_factor: i128,
    ) -> Result<(), InvalidInput> {
        how.check()?;
        self.how = how;
        for held in self.held.values_mut() {
            held.ladder.rescale(price_factor, quantity_factor)?;
        }
        Ok(())
    }

    /// The bars that changed or became final since this was last asked, by time.
    pub fn take(&mut self) -> Vec<FootprintBar> {
        let mut bars = Vec::new();
        for (open_time_ns, held) in &mut self.held {
            let is_final = held.end_ns.saturating_add(self.horizon_ns) <= self.latest_ns;
            if std::mem::take(&mut held.is_new) || is_final {
                let mut rows = Vec::new();
                self.how.add_rows(&held.ladder, &mut rows);
                bars.push(FootprintBar {
                    open_time_ns: *open_time_ns,
                    rows,
                    is_final,
                });
            }
        }
        let (horizon_ns, latest_ns) = (self.horizon_ns, self.latest_ns);
        self.held
            .retain(|_, held| held.end_ns.saturating_add(horizon_ns) > latest_ns);
        bars
    }

    const fn is_past(&self, end_ns: i64) -> bool {
        end_ns.saturating_add(self.horizon_ns) <= self.latest_ns
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::footprint::footprint;
    use super::*;

    const HOW: Footprint = Footprint {
        row_size: 10,
        ratio_permille: 3_000,
        minimum: 2,
        stacked: 3,
    };

    fn interval() -> Interval {
        Interval::parse("1s").unwrap()
    }

    fn of_all(trades: &[(i64, i64, i64, i8)]) -> BTreeMap<i64, Vec<FootprintRow>> {
        let mut bars: BTreeMap<i64, Vec<(i64, i64, i8)>> = BTreeMap::new();
        for (time, price, quantity, side) in trades {
            let bar = bars.entry(interval().floor(*time)).or_default();
            bar.push((*price, *quantity, *side));
        }
        let rows = |bar: &[(i64, i64, i8)]| {
            let prices: Vec<_> = bar.iter().map(|trade| trade.0).collect();
            let quantities: Vec<_> = bar.iter().map(|trade| trade.1).collect();
            let sides: Vec<_> = bar.iter().map(|trade| trade.2).collect();
            let (mut room, mut found) = (Ladder::default(), Vec::new());
            let (prices, quantities) = (Numbers::Narrow(&prices), Numbers::Narrow(&quantities));
            footprint(&HOW, &prices, &quantities, &sides, &mut room, &mut found).unwrap();
            found
        };
        bars.iter().map(|(open, bar)| (*open, rows(bar))).collect()
    }

    fn add(bars: &mut FootprintBars, trades: &[(i64, i64, i64, i8)]) -> usize {
        let times: Vec<_> = trades.iter().map(|trade| trade.0).collect();
        let prices: Vec<_> = trades.iter().map(|trade| trade.1).collect();
        let quantities: Vec<_> = trades.iter().map(|trade| trade.2).collect();
        let sides: Vec<_> = trades.iter().map(|trade| trade.3).collect();
        let (prices, quantities) = (Numbers::Narrow(&prices), Numbers::Narrow(&quantities));
        bars.update(&times, &prices, &quantities, &sides).unwrap()
    }

    proptest! {
        #[test]
        fn pieces_in_any_order_come_to_the_same(
            rows in prop::collection::vec(
                (0_i64..8_000, -99_i64..99, 0_i64..9, prop::bool::ANY), 0..120,
            ),
            step in 1_usize..50,
        ) {
            let trades: Vec<_> = rows
                .iter()
                .map(|row| (row.0 * 1_000_000, row.1, row.2, if row.3 { 1 } else { -1 }))
                .collect();
            let mut bars = FootprintBars::new(HOW, interval(), i64::MAX).unwrap();
            let mut found = BTreeMap::new();
            for piece in trades.chunks(step) {
                prop_assert_eq!(add(&mut bars, piece), 0);
                let told = bars.take();
                found.extend(told.into_iter().map(|bar| (bar.open_time_ns, bar.rows)));
            }
            prop_assert_eq!(found, of_all(&trades));
        }
    }

    #[test]
    fn what_the_horizon_has_passed_is_final_once() {
        let mut bars = FootprintBars::new(HOW, interval(), 1_000_000_000).unwrap();
        let trade = |time_s: i64| (time_s * 1_000_000_000, 100, 5, 1);
        assert_eq!(add(&mut bars, &[trade(0), trade(2), trade(0), trade(1)]), 1);
        let told = |bars: &mut FootprintBars| -> Vec<_> {
            let all = bars.take();
            all.iter()
                .map(|bar| (bar.open_time_ns / 1_000_000_000, bar.is_final))
                .collect()
        };
        assert_eq!(told(&mut bars), [(0, true), (1, false), (2, false)]);
        assert_eq!(told(&mut bars), []);
        assert_eq!(add(&mut bars, &[trade(4)]), 0);
        assert_eq!(told(&mut bars), [(1, true), (2, true), (4, false)]);
    }

    #[test]
    fn smaller_units_change_no_imbalance() {
        let trades = [(0, 1_009, 1, -1), (0, 1_010, 3, 1), (0, 1_020, 2, 1)];
        let mut bars = FootprintBars::new(HOW, interval(), 0).unwrap();
        add(&mut bars, &trades);
        let before = bars.take();
        let smaller = Footprint {
            row_size: 1_000,
            minimum: 20,
            ..HOW
        };
        bars.rescale(smaller, 100, 10).unwrap();
        add(&mut bars, &[(1, 101_099, 5, 1)]);
        let after = bars.take();
        let flags = |bars: &[FootprintBar]| -> Vec<_> {
            let rows = bars[0].rows.iter();
            rows.map(|row| (row.is_buy_imbalance, row.is_sell_imbalance))
                .collect()
        };
        assert_eq!(flags(&before), flags(&after));
        let row = after[0].rows[1];
        assert_eq!((row.price, row.buy_volume, row.trades), (101_000, 35, 2));
        add(&mut bars, &[(2, 100_000, 5, 1)]);
        assert!(bars.rescale(smaller, 1, i128::MAX).is_err());
    }

    #[test]
    fn parameters_are_told_at_once() {
        let refused = FootprintBars::new(Footprint { stacked: 0, ..HOW }, interval(), 0);
        assert_eq!(refused.unwrap_err().field, "stacked");
        let refused = FootprintBars::new(HOW, interval(), -1);
        assert_eq!(refused.unwrap_err().field, "horizon");
    }
}
