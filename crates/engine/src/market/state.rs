//! The whole market as bytes, in the order that `docs/rules.md` gives.

use super::Market;
use super::book::Book;
use super::lists::List;
use super::order::{Extra, Order, Place};
use super::slab::{NONE, Pooled};
use outcry_protocol::{ListState, Side};
use std::collections::BTreeMap;

/// Offset of `instrument` in an instrument's record, and its end.
pub(super) const INSTRUMENT: std::ops::Range<usize> = 4..8;
/// Offset of `base_asset`, the first field behind the request id.
pub(super) const DEFINITION: usize = 32;
/// Offset of `notional_min`, the first field behind the limits' header.
pub(super) const LIMITS: usize = 8;

impl Market {
    /// Feeds every instrument and order to `feed`, in the order that `docs/rules.md` gives.
    pub(crate) fn feed_state(&self, feed: &mut impl FnMut(&[u8])) {
        let numbers = self.books.numbers();
        feed(&(numbers.len() as u32).to_le_bytes());
        let mut lists: BTreeMap<u32, Vec<(u64, &List)>> = BTreeMap::new();
        for (list_id, list) in self.orders.lists.iter() {
            let own = lists.entry(list.instrument).or_default();
            own.push((list_id, list));
        }
        for book in self.books.iter() {
            let own = lists.get(&book.instrument).map_or(&[][..], Vec::as_slice);
            self.feed_book(book, own, feed);
        }
    }

    fn feed_book(&self, book: &Book, lists: &[(u64, &List)], feed: &mut impl FnMut(&[u8])) {
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
            let levels = book.sides[side.index()].levels();
            let places = levels.flat_map(|(_, level)| book.places(&self.orders, level));
            self.feed_orders(book, &places.collect::<Vec<_>>(), feed);
        }
        self.feed_orders(book, &self.waiting(book), feed);
        let queued = book.queue.iter().map(|id| self.orders.find(*id));
        self.feed_orders(book, &queued.collect::<Vec<_>>(), feed);
        self.feed_orders(book, &self.pending(lists), feed);
        feed(&(lists.len() as u32).to_le_bytes());
        for (list_id, list) in lists {
            feed_list(*list_id, list, feed);
        }
    }

    /// The places of a book's waiting stops, by order id.
    fn waiting(&self, book: &Book) -> Vec<u32> {
        if book.waiting == 0 {
            return Vec::new();
        }
        let waits =
            |order: &Order| order.instrument == book.instrument && order.place() == Place::Waiting;
        let own = self.orders.iter().filter(|(_, order)| waits(order));
        by_id(own.map(|(place, order)| (order.id, place)))
    }

    /// The places of the pending orders of these lists, by order id.
    fn pending(&self, lists: &[(u64, &List)]) -> Vec<u32> {
        let legs = lists.iter().flat_map(|(_, list)| list.pending());
        let places = legs.map(|order_id| (*order_id, self.orders.find(*order_id)));
        let is_pending =
            |place: u32| place != NONE && self.orders.pool[place].place() == Place::Pending;
        by_id(places.filter(|(_, place)| is_pending(*place)))
    }

    fn feed_orders(&self, book: &Book, places: &[u32], feed: &mut impl FnMut(&[u8])) {
        feed(&(places.len() as u32).to_le_bytes());
        for place in places {
            self.feed_order(book, *place, feed);
        }
    }

    fn feed_order(&self, book: &Book, place: u32, feed: &mut impl FnMut(&[u8])) {
        let order = &self.orders.pool[place];
        let mut piece = Piece::default();
        for number in [order.id, order.arrival] {
            piece.put(&number.to_le_bytes());
        }
        piece.put(&order.account.to_le_bytes());
        piece.put(&order.group.to_le_bytes());
        let stamp = self.orders.stamp(place);
        piece.put(&stamp.maker_rate_ppm.to_le_bytes());
        piece.put(&stamp.taker_rate_ppm.to_le_bytes());
        let life = self.orders.life(place);
        piece.put(&life.entered_ns.to_le_bytes());
        piece.put(&life.changed_ns.to_le_bytes());
        piece.put(&life.traded_value.to_le_bytes());
        piece.put(&[
            order.side as u8,
            order.order_type as u8,
            order.time_in_force as u8,
            order.self_trade() as u8,
            u8::from(order.is_post_only()),
        ]);
        piece.put(&book.price_of(&self.orders, order).to_le_bytes());
        piece.put(&order.open_lots.to_le_bytes());
        piece.put(&order.done_lots.to_le_bytes());
        let extra = self.orders.extra(order);
        let without_price = Extra {
            price_ticks: 0,
            hidden_lots: 0,
            ..extra.clone()
        };
        let has_extra = without_price != Extra::BLANK;
        piece.put(&[u8::from(has_extra)]);
        if has_extra {
            let rests = order.place() == Place::Resting;
            let shown = if rests {
                self.orders.shown_lots(order)
            } else {
                0
            };
            piece.put(&shown.to_le_bytes());
            piece.put_extra(extra);
        }
        feed(piece.bytes());
    }
}

/// Places by order id.
fn by_id(orders: impl Iterator<Item = (u64, u32)>) -> Vec<u32> {
    let mut orders: Vec<_> = orders.collect();
    orders.sort_unstable();
    orders.into_iter().map(|(_, place)| place).collect()
}

fn feed_list(list_id: u64, list: &List, feed: &mut impl FnMut(&[u8])) {
    feed(&list_id.to_le_bytes());
    feed(&[list.list_type as u8, ListState::Executing as u8]);
    feed(&list.account.to_le_bytes());
    feed(&[list.list_type.legs()]);
    for order_id in list.legs() {
        feed(&order_id.to_le_bytes());
    }
}

/// Bytes of an order without anything beside, and of one that has it.
pub(super) const PLAIN_BYTES: usize = 94;
pub(super) const EXTENDED_BYTES: usize = PLAIN_BYTES + 114;

/// One order's bytes, put together before they are fed: many small feeds cost more.
struct Piece {
    bytes: [u8; EXTENDED_BYTES],
    length: usize,
}

impl Default for Piece {
    fn default() -> Self {
        Self {
            bytes: [0; EXTENDED_BYTES],
            length: 0,
        }
    }
}

impl Piece {
    #[inline(always)]
    fn put(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        self.bytes[self.length..end].copy_from_slice(bytes);
        self.length = end;
    }

    fn put_extra(&mut self, extra: &Extra) {
        self.put(&extra.display_lots.to_le_bytes());
        self.put(&extra.stop_ticks.to_le_bytes());
        self.put(&[
            extra.trigger.map_or(0, |trigger| trigger as u8),
            extra.stop_unit as u8,
        ]);
        self.put(&extra.distance.to_le_bytes());
        self.put(&extra.best_ticks.to_le_bytes());
        self.put(&extra.worst.lower_ticks.to_le_bytes());
        self.put(&extra.worst.upper_ticks.to_le_bytes());
        self.put(&extra.worst.band_ppm.to_le_bytes());
        self.put(&extra.expire_time_ns.to_le_bytes());
        self.put(&extra.client_order_id.0);
        self.put(&extra.list_id.to_le_bytes());
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}
