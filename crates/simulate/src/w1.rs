//! The canonical order stream of the public matching-engine referee (flash1-dev's
//! matching-engine-benchmark), message for message.
//!
//! A mid price walks as a geometric Brownian motion whose whole spread is the scenario's swing.
//! The first half of the new orders buy and the second half sell, each priced passively beside the
//! mid of its step, at a depth drawn from a power law with a hump eight ticks out. They arrive in
//! shuffled order, so orders priced on separate parts of the walk cross. Some are immediate or
//! cancel; of the rest a part is modified, most are cancelled, and a few cancels and modifies come
//! again when the order is gone.
//!
//! # How a modify is sent
//!
//! The referee's modify names the quantity that shall be *open* afterwards (the original one and
//! one more), whatever has been filled. A replace of this project names the *total*. This flow
//! sends a total of the original quantity and one more, as a trader does who knows nothing of the
//! fills yet. Both make the order leave its queue and enter anew at the same price, so the work on
//! the book is the same; they differ, by what was filled, in the quantity left of an order that
//! had traded before its modify. The adapter for the referee itself translates exactly.

use outcry_protocol::{Side, TimeInForce};

use crate::flow::{Action, Step, own_account};
use crate::random::Random;

/// The seed of the referee's published streams and report hashes.
pub const CANONICAL_SEED: u32 = 23;
/// The number of new orders in them.
pub const CANONICAL_ORDERS: usize = 1_000_000;

const TICK: f64 = 0.005;
const START_MID: f64 = 167.52;
const DEEPEST_LEVEL: u16 = 799;
const DEPTH_EXPONENT: f64 = 2.23;
const HUMP_HEIGHT: f64 = 5.0;
const HUMP_CENTRE: f64 = 8.0;
const LARGEST_QUANTITY_LOTS: u32 = 100;
const IMMEDIATE_SHARE: f64 = 0.15;
const MODIFIED_SHARE: f64 = 0.20;
const REPRICED_SHARE: f64 = 0.80;
const CANCELLED_SHARE: f64 = 0.95;
const REPEATED_SHARE: f64 = 0.02;
const MEDIAN_LIFE_US: f64 = 0.431 * 1000.0;

/// How far the mid price of a stream walks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scenario {
    /// The scenario's name at the referee.
    pub name: &'static str,
    volatility: f64,
    swing: f64,
}

/// The five scenarios, in the referee's order.
pub const SCENARIOS: [Scenario; 5] = [
    Scenario {
        name: "static",
        volatility: 0.0,
        swing: 0.0,
    },
    Scenario {
        name: "normal",
        volatility: 0.15,
        swing: 0.02,
    },
    Scenario {
        name: "swing-25",
        volatility: 0.5,
        swing: 0.25,
    },
    Scenario {
        name: "swing-40",
        volatility: 0.5,
        swing: 0.40,
    },
    Scenario {
        name: "flash-crash",
        volatility: 0.5,
        swing: 0.60,
    },
];

/// A stream and the order ids the referee's own stream uses.
#[derive(Clone, Debug)]
pub struct Stream {
    /// The messages, in the order they arrive.
    pub steps: Vec<Step>,
    /// For the n-th new order, at place n - 1, its id at the referee: its place before the shuffle.
    pub referee_ids: Vec<u64>,
}

/// Makes the stream of `scenario` with `orders` new orders, about twice as many messages.
///
/// # Panics
/// When `orders` is below 2 or above the greatest 32-bit number.
#[must_use]
pub fn generate(scenario: &Scenario, orders: usize, seed: u32) -> Stream {
    assert!(orders >= 2, "orders must be at least 2, not {orders}");
    let mut random = Random::new(seed);
    let placements = place(scenario, orders, &mut random);
    let arrivals = shuffle(orders, &mut random);

    let mut lifecycle = Lifecycle {
        steps: Vec::with_capacity(orders * 2 + orders / 8),
        now_us: 0,
    };
    let mut referee_ids = Vec::with_capacity(orders);
    for (order, &place) in (1_u64..).zip(&arrivals) {
        referee_ids.push(u64::from(place) + 1);
        lifecycle.live(order, &placements[place as usize], &mut random);
    }
    Stream {
        steps: lifecycle.steps,
        referee_ids,
    }
}

/// A new order as placed along the walk of the mid price.
struct Placement {
    side: Side,
    price_ticks: i64,
    quantity_lots: u32,
    level: u16,
}

#[allow(clippy::cast_precision_loss)] // The number of orders is far below 2^53.
fn place(scenario: &Scenario, orders: usize, random: &mut Random) -> Vec<Placement> {
    let levels = LevelDraw::new();
    let step_variance = if scenario.volatility > 0.0 {
        libm::pow(scenario.swing / scenario.volatility, 2.0) / orders as f64
    } else {
        0.0
    };
    let sigma = scenario.volatility * libm::sqrt(step_variance);
    let mut mid = START_MID;
    (0..orders)
        .map(|index| {
            mid *= libm::exp(-0.5 * sigma * sigma + sigma * random.normal());
            let level = levels.draw(random);
            let side = if index < orders / 2 {
                Side::Buy
            } else {
                Side::Sell
            };
            let distance = i64::from(level) + 1;
            let price_ticks = match side {
                Side::Buy => mid_ticks(mid) - distance,
                Side::Sell => mid_ticks(mid) + distance,
            };
            let quantity_lots = 1 + random.below(LARGEST_QUANTITY_LOTS);
            Placement {
                side,
                price_ticks: price_ticks.max(1),
                quantity_lots,
                level,
            }
        })
        .collect()
}

fn mid_ticks(mid: f64) -> i64 {
    let on_grid = libm::round(mid / TICK) * TICK;
    libm::round(on_grid / TICK) as i64
}

/// Draws the distance from the mid: a power law with a hump near the touch.
struct LevelDraw {
    cumulative_weights: Vec<f64>,
}

impl LevelDraw {
    fn new() -> Self {
        let mut sum = 0.0;
        let cumulative_weights = (0..=DEEPEST_LEVEL)
            .map(|level| {
                let depth = f64::from(level);
                let from_centre = depth - HUMP_CENTRE;
                let hump = HUMP_HEIGHT * libm::exp(-0.5 * from_centre * from_centre);
                sum += 1.0 / libm::pow(depth + 1.0, DEPTH_EXPONENT) + hump;
                sum
            })
            .collect();
        Self { cumulative_weights }
    }

    fn draw(&self, random: &mut Random) -> u16 {
        let total = self.cumulative_weights[usize::from(DEEPEST_LEVEL)];
        let drawn = random.uniform() * total;
        let level = self
            .cumulative_weights
            .partition_point(|&weight| weight < drawn);
        u16::try_from(level).map_or(DEEPEST_LEVEL, |level| level.min(DEEPEST_LEVEL))
    }
}

fn shuffle(orders: usize, random: &mut Random) -> Vec<u32> {
    let count = u32::try_from(orders).expect("orders must be below 2^32");
    let mut arrivals: Vec<u32> = (0..count).collect();
    for last in (1..count).rev() {
        arrivals.swap(last as usize, random.below(last + 1) as usize);
    }
    arrivals
}

/// The messages so far. An order's whole life advances the clock before the next one arrives, so
/// they are made in the order of their times.
struct Lifecycle {
    steps: Vec<Step>,
    now_us: u64,
}

impl Lifecycle {
    fn live(&mut self, order: u64, placement: &Placement, random: &mut Random) {
        let immediate = random.uniform() < IMMEDIATE_SHARE;
        self.enter(order, placement, immediate);
        if !immediate {
            let replace = self.maybe_modify(order, placement, random);
            let cancelled = self.maybe_cancel(order, placement, random);
            if let Some(replace) = replace
                && cancelled
                && random.uniform() < REPEATED_SHARE
            {
                self.wait_for_repeat(random);
                self.push(replace);
            }
        }
        self.now_us += 1;
    }

    fn enter(&mut self, order: u64, placement: &Placement, immediate: bool) {
        self.push(Action::New {
            order,
            account: own_account(order),
            side: placement.side,
            price_ticks: placement.price_ticks,
            quantity_lots: u64::from(placement.quantity_lots),
            time_in_force: if immediate {
                TimeInForce::Ioc
            } else {
                TimeInForce::Gtc
            },
        });
    }

    fn maybe_modify(
        &mut self,
        order: u64,
        placement: &Placement,
        random: &mut Random,
    ) -> Option<Action> {
        if random.uniform() >= MODIFIED_SHARE {
            return None;
        }
        self.now_us += 30 + u64::from(random.below(70));
        let toward_mid = match placement.side {
            Side::Buy => 1,
            Side::Sell => -1,
        };
        let repriced = random.uniform() < REPRICED_SHARE;
        let replace = Action::Replace {
            order,
            account: own_account(order),
            price_ticks: placement.price_ticks + if repriced { toward_mid } else { 0 },
            quantity_lots: u64::from(placement.quantity_lots) + 1,
        };
        self.push(replace);
        Some(replace)
    }

    #[allow(clippy::cast_sign_loss)]
    fn maybe_cancel(&mut self, order: u64, placement: &Placement, random: &mut Random) -> bool {
        if random.uniform() >= CANCELLED_SHARE {
            return false;
        }
        // Deeper orders live longer. Truncation to whole microseconds is the definition.
        let depth_factor = libm::sqrt(1.0 + f64::from(placement.level));
        let rate = std::f64::consts::LN_2 / MEDIAN_LIFE_US / depth_factor;
        self.now_us += random.exponential(rate) as u64;
        let cancel = Action::Cancel {
            order,
            account: own_account(order),
        };
        self.push(cancel);
        if random.uniform() < REPEATED_SHARE {
            self.wait_for_repeat(random);
            self.push(cancel);
        }
        true
    }

    fn wait_for_repeat(&mut self, random: &mut Random) {
        self.now_us += 1 + u64::from(random.below(20));
    }

    fn push(&mut self, action: Action) {
        self.steps.push(Step {
            time_ns: self.now_us * 1000,
            action,
        });
    }
}
