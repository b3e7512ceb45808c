//! exchange-core's order generator: it keeps a book at a target size and mostly moves prices.
//!
//! The generator sees what its orders did, as their sender does, so it is made on a [`PlainBook`].
//! The random numbers are drawn as exchange-core draws them.
//!
//! What is translated: exchange-core's fill-or-kill *budget* order becomes fill or kill at the
//! bound of the price range; a move keeps its total quantity; a reduction becomes a replace at the
//! same price with a smaller total, or a cancel when nothing would be left. Each order is of an
//! account of its own, where exchange-core draws one of a thousand users and lets a user trade
//! with itself.

use outcry_protocol::{Side, TimeInForce};

use crate::flow::{Action, Step, own_account};
use crate::java_random::JavaRandom;
use crate::oldest::Oldest;
use crate::plain_book::{Fill, PlainBook};

/// The seed of exchange-core's own book benchmark.
pub const CANONICAL_SEED: i32 = 101_572_685;
/// The random commands and the orders in the book of that benchmark.
pub const CANONICAL_SHAPE: Shape = Shape {
    commands: 3_000_000,
    target_orders: 1000,
    accounts: Accounts::OneEach,
};
/// The users that exchange-core draws from.
pub const USERS: u32 = 1000;

const SIZES_REFRESHED_EVERY: usize = 512;
const CENTRAL_MOVE: f64 = 0.01;
const LARGEST_DEVIATION_TICKS: i32 = 10_000;
const INTERVAL_NS: u64 = 1000;

/// The size of the flow.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The random commands behind the prefill.
    pub commands: usize,
    /// The orders the book is filled with first, and then kept at.
    pub target_orders: usize,
    /// Whose orders they are.
    pub accounts: Accounts,
}

/// Whose the orders are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accounts {
    /// Each order is of an account of its own, so no self-trade is ever prevented.
    OneEach,
    /// Of the account `1 + user`, for the user that exchange-core draws. Where an order would trade
    /// with one of its own account, its rest is cancelled.
    OneAUser,
}

/// The two parts of the flow; the second goes on where the first ends.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The price that the prefill starts around, in ticks.
    pub start_price_ticks: i64,
    /// The orders that fill the book.
    pub prefill: Vec<Step>,
    /// The random commands on it.
    pub commands: Vec<Step>,
    /// The book behind the last command.
    pub book: PlainBook,
}

/// Makes the flow of `shape`.
///
/// # Panics
/// When the target is below 2 orders.
#[must_use]
pub fn generate(shape: &Shape, seed: i32) -> Flow {
    assert!(shape.target_orders >= 2, "target_orders must be at least 2");
    let mut generator = Generator::new(shape, seed);
    let start_price_ticks = i64::from(generator.last_trade_ticks);
    let prefill = (0..shape.target_orders)
        .map(|_| generator.step(Generator::enter))
        .collect();
    let commands = (0..shape.commands)
        .map(|_| generator.step(Generator::any))
        .collect();
    Flow {
        start_price_ticks,
        prefill,
        commands,
        book: generator.book,
    }
}

#[derive(Clone, Copy, Debug)]
struct Order {
    account: u32,
    side: Side,
    price_ticks: i32,
    open_lots: u64,
    total_lots: u64,
    rests: bool,
}

/// How many orders each side has.
#[derive(Clone, Copy, Debug, Default)]
struct Sizes {
    bids: usize,
    asks: usize,
}

impl Sizes {
    fn of(&mut self, side: Side) -> &mut usize {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }
}

struct Generator {
    random: JavaRandom,
    accounts: Accounts,
    book: PlainBook,
    fills: Vec<Fill>,
    orders: Vec<Order>,
    oldest: Oldest,
    sizes: Sizes,
    /// The sizes as last looked at: every few commands, and when an order's rest is cancelled.
    seen_sizes: Sizes,
    target_a_side: usize,
    fast_fill_lack: usize,
    sizes_refreshed_every: usize,
    sizes_refreshed_next: usize,
    commands: usize,
    was_filled: bool,
    last_trade_ticks: i32,
    deviation_ticks: i32,
    lowest_ticks: i32,
    highest_ticks: i32,
    direction: i32,
}

impl Generator {
    fn new(shape: &Shape, seed: i32) -> Self {
        let mut random = JavaRandom::new(session_seed(seed));
        let exponent = 3.3 + random.uniform() * 1.5 + random.uniform() * 1.5;
        let price_ticks = libm::pow(10.0, exponent) as i32;
        let deviation = (f64::from(price_ticks) * 0.05) as i32;
        let deviation_ticks = deviation.min(LARGEST_DEVIATION_TICKS);
        let refreshed_every = SIZES_REFRESHED_EVERY.min(shape.target_orders + 1);
        let target_a_side = shape.target_orders / 2;
        Self {
            random,
            accounts: shape.accounts,
            book: PlainBook::default(),
            fills: Vec::new(),
            orders: Vec::new(),
            oldest: Oldest::default(),
            sizes: Sizes::default(),
            seen_sizes: Sizes::default(),
            target_a_side,
            fast_fill_lack: SIZES_REFRESHED_EVERY.min(target_a_side * 3 / 4),
            sizes_refreshed_every: refreshed_every,
            sizes_refreshed_next: refreshed_every,
            commands: 0,
            was_filled: false,
            last_trade_ticks: price_ticks,
            deviation_ticks,
            lowest_ticks: price_ticks - deviation_ticks * 5,
            highest_ticks: price_ticks + deviation_ticks * 5,
            direction: 0,
        }
    }

    fn step(&mut self, make: impl Fn(&mut Self) -> Action) -> Step {
        let action = make(self);
        let step = Step {
            time_ns: (self.commands as u64 + 1) * INTERVAL_NS,
            action,
        };
        let mut fills = std::mem::take(&mut self.fills);
        fills.clear();
        self.book.apply(&step, &mut fills);
        self.follow(&action, &fills);
        self.fills = fills;
        if self.commands >= self.sizes_refreshed_next {
            self.sizes_refreshed_next += self.sizes_refreshed_every;
            self.seen_sizes = self.sizes;
        }
        self.commands += 1;
        step
    }

    fn any(&mut self) -> Action {
        let side = self.draw_side();
        let seen = *self.seen_sizes.of(side);
        let lack = self.target_a_side.saturating_sub(seen);
        let grow = lack > 0;
        let fast_fill = !self.was_filled || lack > self.fast_fill_lack;
        self.was_filled |= !grow;
        let kind = match (grow, fast_fill) {
            (true, true) => self.random.below(2),
            (true, false) => self.random.below(10),
            (false, _) => self.random.below(40),
        };
        if kind >= 2 && self.oldest.pickable() > 0 {
            self.touch(kind)
        } else if grow {
            self.enter()
        } else {
            self.take()
        }
    }

    /// Draws a side of its own, as exchange-core does, whatever side lacked orders.
    fn enter(&mut self) -> Action {
        let side = self.draw_side();
        let user = self.draw_user();
        let square = libm::pow(self.random.uniform(), 2.0);
        let deviation = 1 + (square * f64::from(self.deviation_ticks)) as i32;
        let sum: i32 = (0..4).map(|_| self.random.below(deviation)).sum();
        let offset = (sum / 4 * 2 - deviation).abs();
        let price_ticks = match side {
            Side::Buy => self.last_trade_ticks - offset,
            Side::Sell => self.last_trade_ticks + offset,
        };
        let quantity_lots = 1 + self.draw_product(6);
        let new = self.add(user, side, price_ticks, quantity_lots, TimeInForce::Gtc);
        self.oldest.add(self.orders.len() as u64);
        new
    }

    fn take(&mut self) -> Action {
        let side = self.draw_side();
        let user = self.draw_user();
        let price_ticks = match side {
            Side::Buy => self.highest_ticks,
            Side::Sell => self.lowest_ticks,
        };
        let (time_in_force, factor) = if self.random.below(32) == 0 {
            (TimeInForce::Fok, 8)
        } else {
            (TimeInForce::Ioc, 6)
        };
        let quantity_lots = 1 + self.draw_product(factor);
        self.add(user, side, price_ticks, quantity_lots, time_in_force)
    }

    /// Cancels, reduces or moves one of the oldest orders.
    fn touch(&mut self, kind: i32) -> Action {
        let pickable = i32::try_from(self.oldest.pickable()).expect("a few hundred");
        let picked = self
            .oldest
            .pick(self.random.below(pickable).cast_unsigned() as usize);
        match kind {
            2 => Action::Cancel {
                order: picked,
                account: self.order(picked).account,
            },
            3 => self.reduce(picked),
            _ => self.move_toward_last_trade(picked),
        }
    }

    fn reduce(&mut self, order: u64) -> Action {
        let Order {
            account,
            open_lots,
            total_lots,
            price_ticks,
            ..
        } = *self.order(order);
        let open = i32::try_from(open_lots).expect("quantities are below 2^31");
        let less_lots = u64::from(self.random.below(open).cast_unsigned()) + 1;
        if less_lots == open_lots {
            return Action::Cancel { order, account };
        }
        let quantity_lots = total_lots - less_lots;
        Action::Replace {
            order,
            account,
            price_ticks: i64::from(price_ticks),
            quantity_lots,
        }
    }

    fn move_toward_last_trade(&mut self, order: u64) -> Action {
        let Order {
            account,
            price_ticks,
            total_lots,
            ..
        } = *self.order(order);
        let distance = f64::from(self.last_trade_ticks - price_ticks) * CENTRAL_MOVE;
        let moved = match price_ticks.cmp(&self.last_trade_ticks) {
            std::cmp::Ordering::Greater => libm::floor(distance) as i32,
            std::cmp::Ordering::Less => libm::ceil(distance) as i32,
            std::cmp::Ordering::Equal => self.random.below(2) * 2 - 1,
        };
        let price_ticks = i64::from((price_ticks + moved).min(self.highest_ticks));
        Action::Replace {
            order,
            account,
            price_ticks,
            quantity_lots: total_lots,
        }
    }

    fn draw_side(&mut self) -> Side {
        if self.random.below(4) + self.direction >= 2 {
            Side::Buy
        } else {
            Side::Sell
        }
    }

    fn draw_user(&mut self) -> u32 {
        self.random.below(USERS.cast_signed()).cast_unsigned()
    }

    fn draw_product(&mut self, bound: i32) -> u64 {
        (0..3)
            .map(|_| u64::from(self.random.below(bound).cast_unsigned()))
            .product()
    }
}

/// Following what the steps did.
impl Generator {
    fn follow(&mut self, action: &Action, fills: &[Fill]) {
        let (Action::New { order, .. }
        | Action::Cancel { order, .. }
        | Action::Replace { order, .. }) = *action;
        if let Action::Replace {
            price_ticks,
            quantity_lots,
            ..
        } = *action
        {
            let replaced = self.order(order);
            replaced.price_ticks = i32::try_from(price_ticks).expect("made from 32 bits");
            replaced.open_lots = replaced.open_lots + quantity_lots - replaced.total_lots;
            replaced.total_lots = quantity_lots;
        }
        for fill in fills {
            self.fill(order, fill.quantity_lots);
            self.fill(fill.maker, fill.quantity_lots);
            self.close_if_filled(fill.maker);
            self.note_price(fill.price_ticks);
        }
        match action {
            Action::New {
                side,
                time_in_force: TimeInForce::Gtc,
                ..
            } => {
                self.order(order).rests = true;
                *self.sizes.of(*side) += 1;
                self.close_if_gone(order);
            }
            Action::New { .. } => {
                if std::mem::take(&mut self.order(order).open_lots) > 0 {
                    self.seen_sizes = self.sizes;
                }
            }
            Action::Replace { .. } => self.close_if_gone(order),
            Action::Cancel { .. } => {
                self.order(order).open_lots = 0;
                self.close_if_filled(order);
            }
        }
    }

    fn fill(&mut self, order: u64, quantity_lots: u64) {
        let filled = self.order(order);
        let left = filled.open_lots.checked_sub(quantity_lots);
        filled.open_lots = left.unwrap_or_else(|| panic!("order {order} filled beyond its end"));
    }

    /// What does not rest was filled, or its rest was cancelled where it met its own account.
    fn close_if_gone(&mut self, order: u64) {
        if self.book.price_ticks(order).is_none() {
            self.order(order).open_lots = 0;
        }
        self.close_if_filled(order);
    }

    fn close_if_filled(&mut self, order: u64) {
        let closed = self.order(order);
        if closed.open_lots > 0 || !std::mem::take(&mut closed.rests) {
            return;
        }
        let side = closed.side;
        *self.sizes.of(side) -= 1;
        let orders = &self.orders;
        self.oldest
            .remove(order, |other| orders[place(other)].open_lots > 0);
    }

    /// The flow turns round where a trade reaches a bound of the price range.
    fn note_price(&mut self, price_ticks: i64) {
        let price_ticks = i32::try_from(price_ticks).expect("made from 32 bits");
        self.last_trade_ticks = price_ticks.clamp(self.lowest_ticks, self.highest_ticks);
        if price_ticks <= self.lowest_ticks {
            self.direction = 1;
        } else if price_ticks >= self.highest_ticks {
            self.direction = -1;
        }
    }

    fn add(
        &mut self,
        user: u32,
        side: Side,
        price_ticks: i32,
        quantity_lots: u64,
        time_in_force: TimeInForce,
    ) -> Action {
        let order = self.orders.len() as u64 + 1;
        let account = match self.accounts {
            Accounts::OneEach => own_account(order),
            Accounts::OneAUser => 1 + user,
        };
        self.orders.push(Order {
            account,
            side,
            price_ticks,
            open_lots: quantity_lots,
            total_lots: quantity_lots,
            rests: false,
        });
        Action::New {
            order,
            account,
            side,
            price_ticks: i64::from(price_ticks),
            quantity_lots,
            time_in_force,
        }
    }

    fn order(&mut self, order: u64) -> &mut Order {
        &mut self.orders[place(order)]
    }
}

fn place(order: u64) -> usize {
    order as usize - 1
}

/// exchange-core mixes the seed with the number of the instrument, here 0, by Java's hash of lists.
fn session_seed(seed: i32) -> i64 {
    const HASH_FACTOR: i32 = 31;
    let mixed = seed.wrapping_mul(10_037).wrapping_add(198_267);
    i64::from((HASH_FACTOR * HASH_FACTOR).wrapping_add(mixed))
}

#[cfg(test)]
mod tests {
    use super::session_seed;

    /// Printed by `Objects.hash(0 * -177277, 101572685 * 10037 + 198267)` of a Java 17 runtime.
    #[test]
    fn the_session_seed_is_javas() {
        assert_eq!(session_seed(super::CANONICAL_SEED), 1_577_989_421);
    }
}
