//! What must hold after every command; asserted in tests.

use super::Market;
use super::book::Book;
use super::ladder::NO_KEY;
use super::order::{Order, Place};
use super::slab::NONE;
use outcry_protocol::{OrderType, Side, TradingState};

impl Market {
    /// Asserts the invariants of books and orders. Costs a walk over the whole state.
    ///
    /// # Panics
    /// When one does not hold.
    pub(crate) fn assert_invariants(&self) {
        let mut counted = 0;
        for book in self.books.iter() {
            counted += self.assert_book(book);
        }
        self.assert_lists();
        let open = self.orders.pool.used();
        assert_eq!(counted, open, "every open order is in exactly one place");
        let queued: usize = self.books.iter().map(|book| book.queue.len()).sum();
        assert_eq!(
            queued, self.orders.queued as usize,
            "the count of queued orders holds"
        );
    }

    /// Answers how many orders the book holds.
    fn assert_book(&self, book: &Book) -> u32 {
        let mut resting = 0;
        for side in [Side::Buy, Side::Sell] {
            resting += self.assert_side(book, side);
        }
        let [bid, ask] = &book.sides;
        let crossed = bid.best_key() != NO_KEY
            && ask.best_key() != NO_KEY
            && -bid.best_key() >= ask.best_key();
        let continuous = book.state == TradingState::Continuous;
        assert!(!(continuous && crossed), "best bid below best ask");
        assert!(
            book.queue_is_sound(&self.orders),
            "the queue holds queued orders"
        );
        let own = self
            .orders
            .iter()
            .filter(|(_, order)| order.instrument == book.instrument);
        let (mut waiting, mut pending, mut stops) = (0, 0, 0);
        for (place, order) in own {
            self.assert_order(order);
            waiting += u32::from(order.place() == Place::Waiting);
            pending += u32::from(order.place() == Place::Pending);
            stops += u32::from(self.orders.counts_as_stop(order));
            assert_eq!(
                self.orders.find(order.id),
                place,
                "the id table knows the order"
            );
        }
        assert_eq!(stops, book.waiting, "the count of waiting stops holds");
        assert!(book.course.is_empty(), "nothing of a pass is left to say");
        let all = resting + waiting + pending + book.queue.len() as u32;
        assert_eq!(all, book.open_orders, "the count of open orders holds");
        all
    }

    /// Levels in order, each with its sums and links right. Answers how many orders rest.
    fn assert_side(&self, book: &Book, side: Side) -> u32 {
        let mut resting = 0;
        let mut last_key = i64::MIN;
        for (key, level_place) in book.sides[side.index()].levels() {
            assert!(key > last_key, "levels stand from best to worst");
            last_key = key;
            let level = &book.levels[level_place];
            assert_eq!(level.price_ticks, key.abs(), "a level stands at its price");
            let (mut orders, mut shown, mut previous) = (0, 0_u128, NONE);
            for place in book.places(&self.orders, level_place) {
                let order = &self.orders.pool[place];
                assert_eq!(
                    (order.level, order.side),
                    (level_place, side),
                    "links agree"
                );
                assert_eq!(order.previous, previous, "links agree both ways");
                previous = place;
                orders += 1;
                shown += u128::from(self.orders.shown_lots(order));
                assert!(
                    self.orders.shown_lots(order) > 0,
                    "a resting order shows something"
                );
            }
            assert_eq!(level.tail, previous, "the last order is the tail");
            assert_eq!(
                (orders, shown),
                (level.orders, level.shown_lots()),
                "a level's sums hold"
            );
            assert!(orders > 0, "no level is empty");
            resting += orders;
        }
        resting
    }

    fn assert_order(&self, order: &Order) {
        assert!(order.open_lots > 0, "an open order has something open");
        let rests = order.place() == Place::Resting;
        assert_eq!(
            rests,
            order.level != NONE,
            "only a resting order has a level"
        );
        if rests {
            assert!(!order.is_immediate(), "IOC and FOK never rest");
            let limit = matches!(order.order_type, OrderType::Limit | OrderType::StopLimit);
            assert!(limit, "a market order never rests");
        } else if !self.orders.is_to_enter(order) {
            assert!(
                self.orders.extra(order).stop_ticks != 0,
                "a stop has its stop"
            );
        }
    }

    /// Every list that lives has open orders which name it, in places that agree.
    fn assert_lists(&self) {
        for (list_id, list) in self.orders.lists.iter() {
            let open = self.orders.open_legs(list);
            assert!(!open.is_empty(), "a list that lives has an open order");
            let mut works = false;
            for place in open {
                let order = &self.orders.pool[place];
                assert_eq!(self.orders.list_id(order), list_id, "a leg names its list");
                let owner = (order.account, order.instrument);
                assert_eq!(
                    owner,
                    (list.account, list.instrument),
                    "a list has one owner"
                );
                works |= list.works_for_others(order.id);
                let pending = order.place() == Place::Pending;
                assert!(
                    !pending || works,
                    "a pending order has one that works for it"
                );
            }
        }
        for (_, order) in self.orders.iter() {
            let pending = order.place() == Place::Pending;
            let lives = self.orders.list_of(order).is_some();
            assert!(!pending || lives, "a pending order belongs to a list");
        }
    }
}
