//! A deep book: many resting orders over many levels, then random new, cancel and replace, each a
//! third of the messages and none of them crossing, so that the book keeps its size.

use outcry_protocol::{Side, TimeInForce};

use crate::flow::{Action, Step, own_account};
use crate::random::Random;

/// Bids stand below this price and asks above it.
pub const MID_TICKS: i64 = 1_000_000;
const LARGEST_QUANTITY_LOTS: u32 = 100;
const INTERVAL_NS: u64 = 1000;

/// The size of the book and of what follows.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The orders that rest before the random messages.
    pub resting_orders: usize,
    /// The levels of each side they are spread over evenly.
    pub levels_a_side: u32,
    /// The random messages.
    pub messages: usize,
}

/// The two parts of the flow; the second goes on where the first ends.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The orders that make the book.
    pub book: Vec<Step>,
    /// The random messages on it.
    pub messages: Vec<Step>,
}

/// Makes a book and the random messages on it.
///
/// # Panics
/// When the shape has no resting order or no level, or more levels than the prices below the mid.
#[must_use]
pub fn generate(shape: &Shape, seed: u32) -> Flow {
    assert!(
        shape.resting_orders > 0,
        "resting_orders must be at least 1"
    );
    let levels = i64::from(shape.levels_a_side);
    assert!(
        (1..MID_TICKS).contains(&levels),
        "levels_a_side must be within 1..{MID_TICKS}"
    );
    let mut maker = Maker {
        random: Random::new(seed),
        levels_a_side: shape.levels_a_side,
        live: Vec::with_capacity(shape.resting_orders * 2),
        entered: 0,
        time_ns: 0,
    };
    let book = (0..shape.resting_orders)
        .map(|_| maker.step(Maker::enter))
        .collect();
    let messages = (0..shape.messages)
        .map(|_| maker.step(Maker::any))
        .collect();
    Flow { book, messages }
}

#[derive(Clone, Copy)]
struct Resting {
    order: u64,
    side: Side,
    quantity_lots: u64,
}

struct Maker {
    random: Random,
    levels_a_side: u32,
    live: Vec<Resting>,
    entered: u64,
    time_ns: u64,
}

impl Maker {
    fn step(&mut self, make: impl Fn(&mut Self) -> Action) -> Step {
        self.time_ns += INTERVAL_NS;
        Step {
            time_ns: self.time_ns,
            action: make(self),
        }
    }

    fn any(&mut self) -> Action {
        match self.random.below(3) {
            _ if self.live.is_empty() => self.enter(),
            0 => self.enter(),
            1 => self.cancel(),
            _ => self.replace(),
        }
    }

    fn enter(&mut self) -> Action {
        self.entered += 1;
        let order = self.entered;
        let side = if self.random.below(2) == 0 {
            Side::Buy
        } else {
            Side::Sell
        };
        let quantity_lots = 1 + u64::from(self.random.below(LARGEST_QUANTITY_LOTS));
        self.live.push(Resting {
            order,
            side,
            quantity_lots,
        });
        Action::New {
            order,
            account: own_account(order),
            side,
            price_ticks: self.price_ticks(side),
            quantity_lots,
            time_in_force: TimeInForce::Gtc,
        }
    }

    fn cancel(&mut self) -> Action {
        let index = self.any_live();
        let order = self.live.swap_remove(index).order;
        Action::Cancel {
            order,
            account: own_account(order),
        }
    }

    fn replace(&mut self) -> Action {
        let index = self.any_live();
        let Resting {
            order,
            side,
            quantity_lots,
        } = self.live[index];
        let price_ticks = self.price_ticks(side);
        Action::Replace {
            order,
            account: own_account(order),
            price_ticks,
            quantity_lots,
        }
    }

    fn any_live(&mut self) -> usize {
        let count = u32::try_from(self.live.len()).expect("fewer than 2^32 live orders");
        self.random.below(count) as usize
    }

    fn price_ticks(&mut self, side: Side) -> i64 {
        let distance = 1 + i64::from(self.random.below(self.levels_a_side));
        match side {
            Side::Buy => MID_TICKS - distance,
            Side::Sell => MID_TICKS + distance,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::{MID_TICKS, Shape, generate};
    use outcry_protocol::Side;

    use crate::flow::Action;

    const SHAPE: Shape = Shape {
        resting_orders: 10_000,
        levels_a_side: 500,
        messages: 30_000,
    };

    #[test]
    fn nothing_crosses_and_only_live_orders_are_named() {
        let flow = generate(&SHAPE, 1);
        let mut sides = HashMap::new();
        let mut prices = HashSet::new();
        for step in flow.book.iter().chain(&flow.messages) {
            let (side, price_ticks) = match step.action {
                Action::New {
                    order,
                    side,
                    price_ticks,
                    ..
                } => {
                    sides.insert(order, side);
                    (side, price_ticks)
                }
                Action::Replace {
                    order, price_ticks, ..
                } => (sides[&order], price_ticks),
                Action::Cancel { order, .. } => {
                    assert!(sides.remove(&order).is_some(), "{order} is not live");
                    continue;
                }
            };
            assert_eq!(side == Side::Buy, price_ticks < MID_TICKS);
            assert!((1..=500).contains(&(price_ticks - MID_TICKS).abs()));
            prices.insert(price_ticks);
        }
        assert_eq!(prices.len(), 1000);
        assert!(
            sides.len().abs_diff(SHAPE.resting_orders) < 1000,
            "{}",
            sides.len()
        );
    }

    #[test]
    fn each_kind_is_a_third_of_the_messages() {
        let mut counts = [0_usize; 3];
        for step in generate(&SHAPE, 2).messages {
            counts[match step.action {
                Action::New { .. } => 0,
                Action::Cancel { .. } => 1,
                Action::Replace { .. } => 2,
            }] += 1;
        }
        assert!(
            counts.iter().all(|count| count.abs_diff(10_000) < 500),
            "{counts:?}"
        );
    }
}
