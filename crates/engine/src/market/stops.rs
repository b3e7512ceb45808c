//! Stops that wait for the last trade, and how trades set them off.

use super::book::Book;
use super::ledger::Ledger;
use super::order::{Extra, Order, Place};
use super::orders::Orders;
use crate::emit::{Emitter, EventSink};
use outcry_protocol::{EventRecord, StopUnit, Trigger};
use std::collections::BTreeSet;

/// The waiting stops of one instrument.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stops {
    /// (stop, arrival, order id), the first to be met first.
    rise: BTreeSet<(i64, u64, u64)>,
    /// (negated stop, arrival, order id), the first to be met first.
    fall: BTreeSet<(i64, u64, u64)>,
    /// Trailing stops below the market: (best trade, order id), the first to move first.
    trailing_fall: BTreeSet<(i64, u64)>,
    /// Trailing stops above the market: (negated best trade, order id), the first to move first.
    trailing_rise: BTreeSet<(i64, u64)>,
}

impl Stops {
    pub(crate) fn is_empty(&self) -> bool {
        self.rise.is_empty() && self.fall.is_empty()
    }

    fn sets(&mut self, trigger: Trigger) -> (i64, &mut Waiting, &mut Trailing) {
        match trigger {
            Trigger::Rise => (1, &mut self.rise, &mut self.trailing_rise),
            Trigger::Fall => (-1, &mut self.fall, &mut self.trailing_fall),
        }
    }

    pub(crate) fn insert(&mut self, order: &Order, extra: &Extra) {
        let Some(trigger) = extra.trigger else { return };
        let (sign, waiting, trailing) = self.sets(trigger);
        waiting.insert((sign * extra.stop_ticks, order.arrival, order.id));
        if extra.is_trailing() {
            trailing.insert((-sign * extra.best_ticks, order.id));
        }
    }

    pub(crate) fn remove(&mut self, order: &Order, extra: &Extra) {
        let Some(trigger) = extra.trigger else { return };
        let (sign, waiting, trailing) = self.sets(trigger);
        waiting.remove(&(sign * extra.stop_ticks, order.arrival, order.id));
        if extra.is_trailing() {
            trailing.remove(&(-sign * extra.best_ticks, order.id));
        }
    }

    /// The next trailing stop that a trade at `price` moves.
    fn next_moved(&self, price: i64) -> Option<u64> {
        let moves = |best: i64| best < price;
        let fall = self.trailing_fall.first().filter(|(best, _)| moves(*best));
        let rise = self
            .trailing_rise
            .first()
            .filter(|(negated, _)| *negated < -price);
        fall.or(rise).map(|(_, id)| *id)
    }

    /// The next stop that a trade at `price` meets.
    fn next_met(&self, price: i64) -> Option<u64> {
        let rise = self.rise.first().filter(|(stop, _, _)| *stop <= price);
        let fall = self
            .fall
            .first()
            .filter(|(negated, _, _)| *negated <= -price);
        rise.or(fall).map(|(_, _, id)| *id)
    }
}

type Waiting = BTreeSet<(i64, u64, u64)>;
type Trailing = BTreeSet<(i64, u64)>;

impl Extra {
    /// Whether a trade at this price meets the stop.
    pub(crate) fn is_met_at(&self, price_ticks: i64) -> bool {
        match self.trigger {
            Some(Trigger::Rise) => price_ticks >= self.stop_ticks,
            Some(Trigger::Fall) => price_ticks <= self.stop_ticks,
            None => false,
        }
    }

    /// The stop of a trailing order whose best trade is this.
    pub(crate) fn trailing_stop(&self, best_ticks: i64) -> i64 {
        const PPM: i128 = 1_000_000;
        let (best, distance) = (i128::from(best_ticks), i128::from(self.distance));
        let stop = match (self.trigger, self.stop_unit) {
            (Some(Trigger::Fall), StopUnit::TrailPpm) => {
                (best * (PPM - distance) + PPM - 1).div_euclid(PPM)
            }
            (Some(Trigger::Fall), _) => best - distance,
            (_, StopUnit::TrailPpm) => (best * (PPM + distance)).div_euclid(PPM),
            (_, _) => best + distance,
        };
        stop.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }
}

impl Book {
    /// Sets off the stops that a pass's first and last trade meet.
    #[inline(always)]
    pub(crate) fn fire_stops<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        first_ticks: i64,
        last_ticks: i64,
        out: &mut Emitter<'_, S, L>,
    ) {
        if self.sets_pending_free() {
            self.set_pending_free(orders);
        }
        if first_ticks == 0 || self.stops.is_empty() {
            return;
        }
        self.fire_stops_at(orders, first_ticks, out);
        self.fire_stops_at(orders, last_ticks, out);
    }

    #[cold]
    fn fire_stops_at<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        price: i64,
        out: &mut Emitter<'_, S, L>,
    ) {
        while let Some(order_id) = self.stops.next_moved(price) {
            self.move_trailing(orders, orders.find(order_id), price);
        }
        while let Some(order_id) = self.stops.next_met(price) {
            let place = orders.find(order_id);
            if orders.is_due(place, out.time_ns) {
                self.expire(orders, place, out);
                continue;
            }
            if let Some((list_id, list)) = orders.list_of(&orders.pool[place]) {
                self.finish_list(orders, (list_id, &list), order_id, out);
            }
            self.release(orders, place, out);
            self.detach(orders, place);
            self.enqueue(orders, place);
            self.hold(orders, place, out);
            if L::KEEPS {
                orders.note_change(place, out.time_ns, 0);
            }
            out.emit(EventRecord::triggered(
                out.sequence,
                self.instrument,
                order_id,
                price,
            ));
            self.say_list_events(out);
        }
    }

    fn move_trailing(&mut self, orders: &mut Orders, place: u32, price: i64) {
        let order = &orders.pool[place];
        let extra = &mut orders.extras[order.extra];
        self.stops.remove(order, extra);
        extra.best_ticks = price;
        extra.stop_ticks = extra.trailing_stop(price);
        self.stops.insert(order, extra);
    }

    /// Puts an order that is nowhere linked at the back of the queue.
    pub(crate) fn enqueue(&mut self, orders: &mut Orders, place: u32) {
        let order = &mut orders.pool[place];
        order.set_place(Place::Queued);
        self.queue.push_back(order.id);
        orders.queued += 1;
    }

    /// Lets an open order that is nowhere linked wait for its stop.
    pub(crate) fn wait(&mut self, orders: &mut Orders, place: u32) {
        let order = &mut orders.pool[place];
        order.set_place(Place::Waiting);
        let account = order.account;
        self.stops
            .insert(&orders.pool[place], orders.extra(&orders.pool[place]));
        self.count_waiting(account, 1);
    }
}
