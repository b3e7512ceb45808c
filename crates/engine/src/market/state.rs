//! The whole market as bytes, for the state hash.

use super::Market;
use super::book::Book;
use super::order::{Order, Place};
use outcry_protocol::Side;

/// Offset of `instrument` in an instrument's record, and its end.
const INSTRUMENT: std::ops::Range<usize> = 4..8;
/// Offset of `base_asset`, the first field behind the request id.
const DEFINITION: usize = 32;
/// Offset of `notional_min`, the first field behind the limits' header.
const LIMITS: usize = 8;

impl Market {
    /// Feeds every instrument and order to `feed`, in the order that `docs/rules.md` gives.
    pub(crate) fn feed_state(&self, feed: &mut impl FnMut(&[u8])) {
        let numbers = self.books.numbers();
        feed(&(numbers.len() as u32).to_le_bytes());
        for book in self.books.iter() {
            self.feed_book(book, feed);
        }
    }

    fn feed_book(&self, book: &Book, feed: &mut impl FnMut(&[u8])) {
        let definition = book.definition.as_record_bytes();
        feed(&definition[INSTRUMENT]);
        feed(&definition[DEFINITION..]);
        feed(&book.limits.as_record_bytes()[LIMITS..]);
        feed(&[book.state as u8]);
        feed(&book.set_reference().to_le_bytes());
        feed(&book.last_trade().to_le_bytes());
        feed(&book.next_trade_id.to_le_bytes());
        feed(&book.update_number.to_le_bytes());
        for side in [Side::Buy, Side::Sell] {
            let ladder = &book.sides[side.index()];
            let levels = ladder.levels().map(|(_, level)| level);
            let places = levels.flat_map(|level| book.places(&self.orders, level));
            self.feed_orders(book, places.map(|place| &self.orders.pool[place]), feed);
        }
        let own = self.orders.iter().map(|(_, order)| order);
        let mut waiting: Vec<_> = own
            .filter(|order| order.instrument == book.instrument)
            .filter(|order| order.place() == Place::Waiting)
            .collect();
        waiting.sort_unstable_by_key(|order| order.id);
        self.feed_orders(book, waiting.into_iter(), feed);
        let queued = book
            .queue
            .iter()
            .map(|id| &self.orders.pool[self.orders.find(*id)]);
        self.feed_orders(book, queued, feed);
    }

    fn feed_orders<'a>(
        &self,
        book: &Book,
        orders: impl Iterator<Item = &'a Order>,
        feed: &mut impl FnMut(&[u8]),
    ) {
        let orders: Vec<_> = orders.collect();
        feed(&(orders.len() as u32).to_le_bytes());
        for order in orders {
            self.feed_order(book, order, feed);
        }
    }

    fn feed_order(&self, book: &Book, order: &Order, feed: &mut impl FnMut(&[u8])) {
        let extra = self.orders.extra(order);
        let rests = order.place() == Place::Resting;
        let shown = if rests {
            self.orders.shown_lots(order)
        } else {
            0
        };
        feed(&order.id.to_le_bytes());
        feed(&order.arrival.to_le_bytes());
        feed(&order.account.to_le_bytes());
        feed(&order.group.to_le_bytes());
        feed(&[
            order.side as u8,
            order.order_type as u8,
            order.time_in_force as u8,
            order.self_trade() as u8,
            u8::from(order.is_post_only()),
        ]);
        feed(&book.price_of(&self.orders, order).to_le_bytes());
        for lots in [order.open_lots, order.done_lots, shown, extra.display_lots] {
            feed(&lots.to_le_bytes());
        }
        feed(&extra.stop_ticks.to_le_bytes());
        feed(&[
            extra.trigger.map_or(0, |trigger| trigger as u8),
            extra.stop_unit as u8,
        ]);
        feed(&extra.distance.to_le_bytes());
        feed(&extra.best_ticks.to_le_bytes());
        feed(&extra.worst.lower_ticks.to_le_bytes());
        feed(&extra.worst.upper_ticks.to_le_bytes());
        feed(&extra.worst.band_ppm.to_le_bytes());
        feed(&extra.expire_time_ns.to_le_bytes());
        feed(&extra.client_order_id.0);
    }
}
