//! What an order would do now, found without doing it.

use super::book::Book;
use super::matching::Taker;
use super::orders::Orders;
use outcry_protocol::SelfTrade;

/// What a walk found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Walk {
    /// What would trade, in lots.
    pub(crate) lots: u64,
    /// Its value in ticks times lots.
    pub(crate) value: u128,
}

/// What a walk found at one level.
#[derive(Debug, Clone, Copy, Default)]
struct Reach {
    lots: u64,
    /// Whether an order that is not due stands there.
    meets: bool,
    /// Whether one of the taker's own group ends the walk.
    ends: bool,
    /// Whether one of the taker's own group is left when all others have traded.
    own_left: bool,
}

impl Reach {
    /// Whether a taker that traded all it wants here would still meet someone.
    const fn outlasts(&self, wanted: u64) -> bool {
        self.lots > wanted || self.lots == wanted && self.own_left
    }
}

impl Walk {
    fn add(&mut self, price_ticks: i64, lots: u64) {
        self.lots += lots;
        self.value += u128::from(price_ticks.cast_unsigned()) * u128::from(lots);
    }
}

impl Book {
    /// What a taker would trade now, counted no further than its own quantity or amount.
    ///
    /// At a level without an order that ends the walk every slice has its turn, so the whole of
    /// each order counts; an order that ends it is met in the first round, so of
    /// those before it only the shown slices count.
    pub(crate) fn walk(&self, orders: &Orders, taker: &Taker, time_ns: u64) -> Walk {
        let ladder = &self.sides[taker.side.opposite().index()];
        let mut walk = Walk::default();
        let mut left = taker.amount_left;
        for (_, level) in ladder
            .levels()
            .take_while(|(key, _)| *key <= taker.limit_key)
        {
            let price = self.levels[level].price_ticks;
            let wanted = match left {
                None => taker.open_lots - walk.lots,
                Some(amount) => self.lots_covered(amount, price),
            };
            let reach = self.reach_at(orders, taker, level, time_ns);
            if wanted == 0 && reach.meets {
                break;
            }
            let lots = reach.lots.min(wanted);
            walk.add(price, lots);
            if let Some(amount) = &mut left {
                let value = u128::from(price.cast_unsigned()) * u128::from(lots);
                *amount -= value * self.value_unit;
            }
            let is_full = match left {
                None => lots == wanted,
                Some(_) => reach.outlasts(wanted),
            };
            if reach.ends || is_full {
                break;
            }
        }
        walk
    }

    /// What a taker could trade at a level.
    fn reach_at(&self, orders: &Orders, taker: &Taker, level: u32, time_ns: u64) -> Reach {
        let mut reach = Reach::default();
        let (mut shown, mut hides, mut own_last) = (0_u64, false, false);
        for place in self.places(orders, level) {
            let order = &orders.pool[place];
            if orders.is_due(place, time_ns) {
                continue;
            }
            reach.meets = true;
            if taker.avoids(order.group) {
                if taker.self_trade == SelfTrade::CancelMaker {
                    own_last = true;
                    continue;
                }
                reach.lots = shown;
                reach.ends = true;
                break;
            }
            own_last = false;
            let shows = orders.shown_lots(order);
            hides |= shows < order.open_lots;
            reach.lots = reach.lots.saturating_add(order.open_lots);
            shown = shown.saturating_add(shows);
        }
        // The slices that come behind it make the taker meet, and so cancel, its own order.
        reach.own_left = own_last && !hides;
        reach
    }
}
