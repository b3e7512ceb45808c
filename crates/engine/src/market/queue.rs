//! Work that waits: triggered stops in their queues, and orders whose time has come.

use super::Market;
use super::book::Book;
use super::ledger::Ledger;
use super::matching::Taker;
use super::order::{Order, Place};
use super::orders::Orders;
use super::slab::NONE;
use crate::emit::{Emitter, EventSink};
use outcry_protocol::{CancelReason, OrderType, TradingState};

impl Market {
    /// Expires due orders by (expiry, order id), one unit of `budget` each.
    pub(crate) fn expire_due<S: EventSink, L: Ledger>(
        &mut self,
        budget: &mut u32,
        out: &mut Emitter<'_, S, L>,
    ) {
        while *budget > 0 {
            let Some(place) = self.orders.first_due(out.time_ns) else {
                return;
            };
            *budget -= 1;
            let instrument = self.orders.pool[place].instrument;
            self.books
                .at(instrument)
                .expire(&mut self.orders, place, out);
        }
    }

    /// Works the queue of one instrument, one unit of `budget` for each order.
    pub(crate) fn work_queue<S: EventSink, L: Ledger>(
        &mut self,
        instrument: u32,
        budget: &mut u32,
        out: &mut Emitter<'_, S, L>,
    ) {
        if let Some(book) = self.books.get_mut(instrument) {
            while *budget > 0 && book.state == TradingState::Continuous {
                let Some(order_id) = book.queue.pop_front() else {
                    return;
                };
                *budget -= 1;
                self.orders.queued -= 1;
                let place = self.orders.find(order_id);
                book.run_queued(&mut self.orders, place, out);
            }
        }
    }

    /// Works every instrument's queue, by instrument number.
    pub(crate) fn work_queues<S: EventSink, L: Ledger>(
        &mut self,
        budget: &mut u32,
        out: &mut Emitter<'_, S, L>,
    ) {
        for instrument in self.books.numbers() {
            self.work_queue(instrument, budget, out);
        }
    }

    /// Whether an expiry is due at this time or a queue can run.
    pub(crate) fn has_due_work(&self, time_ns: u64) -> bool {
        let runs = |book: &Book| book.state == TradingState::Continuous && !book.queue.is_empty();
        self.orders.first_due(time_ns).is_some()
            || (self.orders.queued > 0 && self.books.iter().any(runs))
    }
}

impl Book {
    /// Lets an order that was just taken from the queue do what it waited for. What it held is
    /// released first: what trades is paid out of what is available.
    fn run_queued<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        place: u32,
        out: &mut Emitter<'_, S, L>,
    ) {
        if let Some((list_id, list)) = orders.list_of(&orders.pool[place]) {
            return self.run_pending(orders, (list_id, &list), place, out);
        }
        self.release(orders, place, out);
        orders.pool[place].set_place(Place::Resting);
        if orders.is_due(place, out.time_ns) {
            let order = orders.pool[place].clone();
            self.forget(orders, &order, place);
            self.say_expired(order.id, order.open_lots, out);
            return;
        }
        let order = orders.pool[place].clone();
        if order.order_type == OrderType::Stop {
            self.run_stop(orders, &order, place, out);
        } else {
            self.run_stop_limit(orders, order, place, out);
        }
    }

    fn run_stop<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        order: &Order,
        place: u32,
        out: &mut Emitter<'_, S, L>,
    ) {
        let extra = orders.extra(order);
        let worst = extra.worst.around(order.side, extra.stop_ticks);
        let mut taker = Taker::new(order, orders.stamp(place), worst, true);
        taker.needs_pass_record = true;
        self.forget(orders, order, place);
        self.run_market(orders, order, taker, out);
    }

    fn run_stop_limit<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        order: Order,
        place: u32,
        out: &mut Emitter<'_, S, L>,
    ) {
        let price = orders.extra(&order).price_ticks;
        let takes = self.would_take(orders, order.side, price, out.time_ns);
        if order.is_post_only() && takes {
            self.forget(orders, &order, place);
            self.say_cancelled(order.id, order.open_lots, CancelReason::WouldTake, out);
            return;
        }
        orders.extras[order.extra].forget_stop();
        let mut taker = Taker::new(&order, orders.stamp(place), price, false);
        taker.needs_pass_record = true;
        self.take_then_rest(orders, order, place, taker, price, out);
    }

    /// Checks that the queue holds what the orders say; for tests.
    pub(crate) fn queue_is_sound(&self, orders: &Orders) -> bool {
        self.queue.iter().all(|order_id| {
            let place = orders.find(*order_id);
            place != NONE && orders.pool[place].place() == Place::Queued
        })
    }
}
