//! What an order would do now, found without doing it.

use super::book::Book;
use super::matching::Taker;
use super::orders::Orders;
use outcry_protocol::SelfTrade;

impl Book {
    /// How many lots a taker would trade now, counted no further than its own quantity.
    ///
    /// At a level without an order that ends the walk every slice has its turn, so the whole of
    /// each order counts; an order that ends it is met in the first round, so of
    /// those before it only the shown slices count.
    pub(crate) fn reach(&self, orders: &Orders, taker: &Taker, time_ns: u64) -> u64 {
        let ladder = &self.sides[taker.side.opposite().index()];
        let mut reached: u64 = 0;
        for (_, level) in ladder
            .levels()
            .take_while(|(key, _)| *key <= taker.limit_key)
        {
            let (mut open, mut shown, mut ended) = (0_u64, 0_u64, false);
            for place in self.places(orders, level) {
                let order = &orders.pool[place];
                if orders.is_due(place, time_ns) {
                    continue;
                }
                if taker.avoids(order.group) {
                    if taker.self_trade == SelfTrade::CancelMaker {
                        continue;
                    }
                    ended = true;
                    break;
                }
                open = open.saturating_add(order.open_lots);
                shown = shown.saturating_add(orders.shown_lots(order));
            }
            reached = reached.saturating_add(if ended { shown } else { open });
            if ended || reached >= taker.open_lots {
                break;
            }
        }
        reached.min(taker.open_lots)
    }
}
