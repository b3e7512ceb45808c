//! A book of sorted maps that matches by price and time: slow, and plain enough to be read. An
//! order that would trade with one of its own account loses its rest, as `cancel_taker` has it.
//!
//! A flow that reacts to its fills is made on this book rather than on the engine, so that what is
//! measured or tested on the engine never depends on the engine.

use std::collections::{BTreeMap, HashMap, VecDeque};

use outcry_protocol::{Side, TimeInForce};

use crate::flow::{Action, Step};

/// A trade of a step, seen from its taker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The resting order's number.
    pub maker: u64,
    /// The price of the trade, in ticks.
    pub price_ticks: i64,
    /// What traded, in lots.
    pub quantity_lots: u64,
}

/// Why a lookup cannot fail.
const BOTH: &str = "an order rests in its queue and in the table";

#[derive(Clone, Copy, Debug)]
struct Resting {
    account: u32,
    side: Side,
    price_ticks: i64,
    total_lots: u64,
    open_lots: u64,
}

/// The queues of order numbers by price, and the orders by number.
#[derive(Clone, Debug, Default)]
pub struct PlainBook {
    bids: BTreeMap<i64, VecDeque<u64>>,
    asks: BTreeMap<i64, VecDeque<u64>>,
    resting: HashMap<u64, Resting>,
}

impl PlainBook {
    /// Applies `step` and puts the fills of the order it names behind those in `fills`.
    ///
    /// # Panics
    /// When a replace names a total that is not above what has been filled.
    pub fn apply(&mut self, step: &Step, fills: &mut Vec<Fill>) {
        match step.action {
            Action::New {
                order,
                account,
                side,
                price_ticks,
                quantity_lots,
                time_in_force,
            } => {
                let (total_lots, open_lots) = (quantity_lots, quantity_lots);
                let mut taker = Resting {
                    account,
                    side,
                    price_ticks,
                    total_lots,
                    open_lots,
                };
                if time_in_force != TimeInForce::Fok || self.can_fill(&taker) {
                    self.take(&mut taker, fills);
                }
                if time_in_force == TimeInForce::Gtc {
                    self.rest(order, taker);
                }
            }
            Action::Cancel { order, .. } => {
                self.remove(order);
            }
            Action::Replace {
                order,
                price_ticks,
                quantity_lots,
                ..
            } => {
                self.replace(order, price_ticks, quantity_lots, fills);
            }
        }
    }

    /// The orders of both sides.
    pub fn orders(&self) -> usize {
        self.resting.len()
    }

    /// The occupied prices of both sides.
    pub fn levels(&self) -> usize {
        self.bids.len() + self.asks.len()
    }

    /// The price of a resting order.
    pub fn price_ticks(&self, order: u64) -> Option<i64> {
        self.resting.get(&order).map(|resting| resting.price_ticks)
    }

    fn side(&mut self, side: Side) -> &mut BTreeMap<i64, VecDeque<u64>> {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }

    /// The opposite prices that `taker` reaches, best first.
    fn reached(&self, taker: &Resting) -> Vec<i64> {
        let limit = taker.price_ticks;
        match taker.side {
            Side::Buy => self.asks.range(..=limit).map(|(&price, _)| price).collect(),
            Side::Sell => self
                .bids
                .range(limit..)
                .map(|(&price, _)| price)
                .rev()
                .collect(),
        }
    }

    fn can_fill(&self, taker: &Resting) -> bool {
        let levels = if taker.side == Side::Buy {
            &self.asks
        } else {
            &self.bids
        };
        let prices = self.reached(taker);
        let queues = prices.iter().flat_map(|price| &levels[price]);
        queues
            .map(|order| &self.resting[order])
            .take_while(|resting| resting.account != taker.account)
            .map(|resting| resting.open_lots)
            .sum::<u64>()
            >= taker.open_lots
    }

    fn take(&mut self, taker: &mut Resting, fills: &mut Vec<Fill>) {
        for price_ticks in self.reached(taker) {
            while taker.open_lots > 0 {
                let levels = if taker.side == Side::Buy {
                    &self.asks
                } else {
                    &self.bids
                };
                let Some(&maker) = levels.get(&price_ticks).and_then(VecDeque::front) else {
                    break;
                };
                let resting = self.resting.get_mut(&maker).expect(BOTH);
                if resting.account == taker.account {
                    taker.open_lots = 0;
                    return;
                }
                let quantity_lots = taker.open_lots.min(resting.open_lots);
                resting.open_lots -= quantity_lots;
                taker.open_lots -= quantity_lots;
                fills.push(Fill {
                    maker,
                    price_ticks,
                    quantity_lots,
                });
                if resting.open_lots == 0 {
                    self.remove(maker);
                }
            }
        }
    }

    fn rest(&mut self, order: u64, taker: Resting) {
        if taker.open_lots > 0 {
            self.side(taker.side)
                .entry(taker.price_ticks)
                .or_default()
                .push_back(order);
            self.resting.insert(order, taker);
        }
    }

    fn remove(&mut self, order: u64) -> Option<Resting> {
        let removed = self.resting.remove(&order)?;
        let levels = self.side(removed.side);
        let queue = levels.get_mut(&removed.price_ticks).expect(BOTH);
        queue.retain(|&other| other != order);
        if queue.is_empty() {
            levels.remove(&removed.price_ticks);
        }
        Some(removed)
    }

    fn replace(&mut self, order: u64, price: i64, total: u64, fills: &mut Vec<Fill>) {
        let Some(resting) = self.resting.get_mut(&order) else {
            return;
        };
        let filled = resting.total_lots - resting.open_lots;
        assert!(
            total > filled,
            "order {order} has {filled} lots filled, its new total is {total}"
        );
        if price == resting.price_ticks && total <= resting.total_lots {
            resting.open_lots = total - filled;
            resting.total_lots = total;
            return;
        }
        let mut taker = self.remove(order).expect(BOTH);
        (taker.price_ticks, taker.total_lots, taker.open_lots) = (price, total, total - filled);
        self.take(&mut taker, fills);
        self.rest(order, taker);
    }
}
