//! What trades, triggers and ends do to the lists of their orders.

use super::book::Book;
use super::ledger::Ledger;
use super::lists::List;
use super::matching::Taker;
use super::order::Place;
use super::orders::Orders;
use super::slab::NONE;
use crate::emit::{Emitter, EventSink};
use outcry_protocol::{CancelReason, EventRecord, ListState, RejectReason};

/// What a pass brings to lists.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListCourse {
    /// What is to be said behind the trade at work.
    events: Vec<EventRecord>,
    /// The lists whose working orders were filled, first to last.
    filled: Vec<u64>,
}

impl ListCourse {
    /// Whether nothing is left to do; for tests.
    pub(crate) const fn is_empty(&self) -> bool {
        self.events.is_empty() && self.filled.is_empty()
    }
}

impl Book {
    /// Works out what the trade that comes means for the lists of maker and taker, before it takes
    /// what they hold. What is said of it waits for [`Self::say_list_events`].
    #[cold]
    pub(crate) fn trade_in_lists<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        place: u32,
        taker: &mut Taker,
        lots: u64,
        out: &mut Emitter<'_, S, L>,
    ) {
        let maker = &orders.pool[place];
        let (maker_id, fills_maker) = (maker.id, lots == maker.open_lots);
        if let Some((list_id, list)) = orders.list_of(maker) {
            self.trade_in_list(orders, (list_id, &list), maker_id, fills_maker, out);
        }
        let list_id = taker.list_id;
        if let Some(list) = orders.lists.get(list_id).copied() {
            let fills_taker = lots == taker.open_lots;
            self.trade_in_list(orders, (list_id, &list), taker.order_id, fills_taker, out);
        }
    }

    fn trade_in_list<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        (list_id, list): (u64, &List),
        order_id: u64,
        is_filled: bool,
        out: &mut Emitter<'_, S, L>,
    ) {
        if !list.works_for_others(order_id) {
            self.finish_list(orders, (list_id, list), order_id, out);
        } else if is_filled {
            self.course.filled.push(list_id);
        }
    }

    /// Says what [`Self::trade_in_lists`] found.
    #[cold]
    pub(crate) fn say_list_events<S: EventSink, L: Ledger>(&mut self, out: &mut Emitter<'_, S, L>) {
        for event in self.course.events.drain(..) {
            out.emit(event);
        }
    }

    /// Ends a list because one of its orders trades or is triggered: the sibling goes. What is said
    /// of it waits for [`Self::say_list_events`].
    pub(crate) fn finish_list<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        (list_id, list): (u64, &List),
        order_id: u64,
        out: &mut Emitter<'_, S, L>,
    ) {
        for place in orders.open_legs(list) {
            let sibling_id = orders.pool[place].id;
            if sibling_id != order_id {
                self.release(orders, place, out);
                let lots = self.remove(orders, place, out.sequence);
                self.course.events.push(EventRecord::cancelled(
                    out.sequence,
                    self.instrument,
                    sibling_id,
                    lots,
                    CancelReason::Sibling,
                ));
            }
        }
        orders.lists.remove(list_id);
        let done = EventRecord::list_changed;
        let done = done(out.sequence, self.instrument, list_id, ListState::Done);
        self.course.events.push(done);
    }

    /// Ends a list (0 for none), if it lives, because one of its orders ended without trading or
    /// triggering.
    #[inline]
    pub(crate) fn end_list<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        list_id: u64,
        out: &mut Emitter<'_, S, L>,
    ) {
        if list_id != 0 {
            self.end_living(orders, list_id, out);
        }
    }

    #[cold]
    fn end_living<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        list_id: u64,
        out: &mut Emitter<'_, S, L>,
    ) {
        if let Some(list) = orders.lists.get(list_id).copied() {
            self.close_list(orders, (list_id, &list), CancelReason::ListEnded, out);
        }
    }

    /// Cancels the open orders of a list that lives, in their order, and forgets it.
    pub(crate) fn close_list<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        (list_id, list): (u64, &List),
        reason: CancelReason,
        out: &mut Emitter<'_, S, L>,
    ) {
        for place in orders.open_legs(list) {
            let order_id = orders.pool[place].id;
            self.release(orders, place, out);
            let lots = self.remove(orders, place, out.sequence);
            self.say_cancelled(order_id, lots, reason, out);
        }
        orders.lists.remove(list_id);
        self.say_list(list_id, ListState::Ended, out);
    }

    pub(crate) fn say_list<S: EventSink, L: Ledger>(
        &self,
        list_id: u64,
        state: ListState,
        out: &mut Emitter<'_, S, L>,
    ) {
        let changed = EventRecord::list_changed;
        out.emit(changed(out.sequence, self.instrument, list_id, state));
    }

    pub(crate) fn say_refused<S: EventSink, L: Ledger>(
        &self,
        order_id: u64,
        lots: u64,
        reason: RejectReason,
        out: &mut Emitter<'_, S, L>,
    ) {
        let refused = EventRecord::refused;
        out.emit(refused(
            out.sequence,
            self.instrument,
            order_id,
            lots,
            reason,
        ));
    }

    pub(crate) fn say_entered<S: EventSink, L: Ledger>(
        &self,
        order_id: u64,
        lots: u64,
        out: &mut Emitter<'_, S, L>,
    ) {
        let entered = EventRecord::entered;
        out.emit(entered(out.sequence, self.instrument, order_id, lots));
    }

    /// Whether the pass that just ended filled a working order.
    #[inline(always)]
    pub(crate) const fn sets_pending_free(&self) -> bool {
        !self.course.filled.is_empty()
    }

    /// Puts the pending orders of the working orders that a pass filled at the back of the queue,
    /// in the order of the fills.
    #[cold]
    pub(crate) fn set_pending_free(&mut self, orders: &mut Orders) {
        for list_id in std::mem::take(&mut self.course.filled) {
            let Some(list) = orders.lists.get(list_id).copied() else {
                continue;
            };
            for order_id in list.pending() {
                let place = orders.find(*order_id);
                if place != NONE && orders.pool[place].place() == Place::Pending {
                    self.enqueue(orders, place);
                }
            }
        }
    }
}
