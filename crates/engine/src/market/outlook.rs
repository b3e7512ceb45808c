//! Asking for memory before the command that needs it is reached.
//!
//! On a book that fits the cache this only costs; on a deep one every command meets four or five
//! cold lines one behind the other, and asking for each a few commands early hides them.

use super::Market;
use super::book::Book;
use super::slab::NONE;
use outcry_protocol::{OrderRecord, Side};

/// Open orders from which their memory is worth asking for: they fill the second-level cache.
const DEEP_ORDERS: u32 = 1 << 13;

/// Levels of an instrument from which theirs is.
const DEEP_LEVELS: u32 = 1 << 12;

/// What is so much that it is worth asking for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outlook {
    orders: bool,
    levels: bool,
}

impl Outlook {
    /// Everything fits the cache.
    pub(crate) const NOTHING: Self = Self {
        orders: false,
        levels: false,
    };
}

impl Market {
    /// What is worth asking for during the batch that comes.
    pub(crate) fn outlook(&self) -> Outlook {
        Outlook {
            orders: self.orders.pool.used() >= DEEP_ORDERS,
            levels: self
                .books
                .iter()
                .any(|book| book.levels.used() >= DEEP_LEVELS),
        }
    }

    /// The first step: what names the order or level that a command will touch.
    #[inline(always)]
    pub(crate) fn ask_for_name(&self, outlook: Outlook, record: &OrderRecord) {
        if record.order_id != 0 {
            self.orders.prefetch_id(record.order_id);
        }
        if let Some((book, side)) = self.entry(outlook, record) {
            book.prefetch_price(side, record.price_ticks);
        }
    }

    /// The second step: the order or level itself.
    #[inline(always)]
    pub(crate) fn ask_for_target(&self, outlook: Outlook, record: &OrderRecord) {
        if record.order_id != 0 {
            self.orders.prefetch_order(record.order_id);
        }
        if let Some((book, side)) = self.entry(outlook, record) {
            book.prefetch_level(side, record.price_ticks);
        }
    }

    /// The third step: what the order or level is linked to.
    #[inline(always)]
    pub(crate) fn ask_for_neighbours(&self, outlook: Outlook, record: &OrderRecord) {
        if let Some((book, side)) = self.entry(outlook, record) {
            book.prefetch_tail(&self.orders, side, record.price_ticks);
        }
        if record.order_id == 0 {
            return;
        }
        let place = self.orders.guess(record.order_id);
        if place != NONE {
            let order = &self.orders.pool[place];
            if let Some(book) = self.books.get(order.instrument) {
                book.prefetch_neighbours(&self.orders, order);
            }
        }
    }

    /// The book of a command that enters it at a price, and the side it probably enters on, where
    /// levels are worth asking for.
    #[inline(always)]
    fn entry(&self, outlook: Outlook, record: &OrderRecord) -> Option<(&Book, Side)> {
        if !outlook.levels || record.price_ticks == 0 {
            return None;
        }
        let book = self.books.get(record.instrument)?;
        let asks = &book.sides[Side::Sell.index()];
        let side = if asks.best_key() <= record.price_ticks {
            Side::Sell
        } else {
            Side::Buy
        };
        Some((book, side))
    }
}
