//! How the orders of a list come in: their checks together, then each on its way.

use super::Market;
use super::book::Book;
use super::entry::{extra_of, limit_measures, mark, order_of, stop_measures};
use super::filters::{Measures, Notional};
use super::ledger::{Ledger, Need, Stamp, Terms};
use super::lists::{LEGS_MAX, List};
use super::matching::Taker;
use super::order::{Extra, Order, Place};
use super::orders::Orders;
use super::owners::Life;
use super::slab::NONE;
use crate::emit::{Emitter, EventSink};
use crate::refusal::{Refusal, require};
use outcry_protocol::{
    AdminRecord, CancelReason, ExtendedOrderRecord, ListRecord, ListState, ListType, OrderType,
    RejectReason as R, Side, TradingState,
};

/// An order of a list that is being checked.
#[derive(Debug, Clone)]
struct Leg {
    order: Order,
    extra: Extra,
    /// Whether it works at once; it is pending if not.
    works: bool,
}

impl Market {
    /// Takes an order list. Answers the id of its first order.
    pub(crate) fn new_list<S: EventSink, L: Ledger>(
        &mut self,
        record: &ListRecord,
        records: &[ExtendedOrderRecord],
        out: &mut Emitter<'_, S, L>,
    ) -> Result<u64, Refusal> {
        let Terms { group, stamp } = out.ledger.terms(record.account);
        let list_type = ListType::try_from(record.list_type).map_err(|_| R::InvalidList)?;
        let orders = &mut self.orders;
        let book = self.books.trading(record.instrument)?;
        let mut legs: Vec<Leg> = records
            .iter()
            .enumerate()
            .map(|(number, record)| Leg {
                order: order_of(&record.base, group, out.sequence),
                extra: Extra {
                    price_ticks: record.base.price_ticks,
                    list_id: out.sequence,
                    ..extra_of(record)
                },
                works: list_type == ListType::Oco || number == 0,
            })
            .collect();
        check_client_ids(orders, &legs, out.time_ns)?;
        book.check_legs(orders, stamp, &mut legs, out)?;
        Ok(book.accept_list(orders, record.account, list_type, stamp, legs, out))
    }

    /// Cancels a list.
    pub(crate) fn cancel_list<S: EventSink, L: Ledger>(
        &mut self,
        record: &AdminRecord,
        out: &mut Emitter<'_, S, L>,
    ) -> Result<u64, Refusal> {
        let list = self.named_list(record);
        let instrument = match (record.instrument, list) {
            (0, None) => return Err(R::UnknownList.into()),
            (0, Some(list)) => list.instrument,
            (instrument, _) => instrument,
        };
        let book = self.books.known(instrument)?;
        require(book.state != TradingState::Halted, R::InstrumentHalted)?;
        let list = list.filter(|list| list.instrument == instrument);
        let list = list.ok_or(R::UnknownList)?;
        let listed = (record.list_id, &list);
        book.close_list(&mut self.orders, listed, CancelReason::Requested, out);
        Ok(0)
    }

    /// The list of the command's account that a command names, if it lives.
    fn named_list(&self, record: &AdminRecord) -> Option<List> {
        let list = self.orders.lists.get(record.list_id)?;
        (list.account == record.account).then_some(*list)
    }

    /// The instrument that a `cancel_list` names, itself or by its list; 0 for none.
    pub(crate) fn instrument_of_list(&self, record: &AdminRecord) -> u32 {
        if record.instrument != 0 {
            return record.instrument;
        }
        self.named_list(record).map_or(0, |list| list.instrument)
    }
}

/// Refuses client ids that open orders of the account have, or two orders of the list.
fn check_client_ids(orders: &Orders, legs: &[Leg], time_ns: u64) -> Result<(), Refusal> {
    for (number, leg) in legs.iter().enumerate() {
        let client = leg.extra.client_order_id;
        if client.is_empty() {
            continue;
        }
        let taken = orders.find_client(leg.order.account, client, time_ns) != NONE;
        let before = legs[..number].iter();
        let twice = before
            .map(|leg| leg.extra.client_order_id)
            .any(|other| other == client);
        require(!taken && !twice, R::DuplicateClientOrderId)?;
    }
    Ok(())
}

impl Book {
    /// Checks the orders of a list, each check over all of them before the next, and stamps those
    /// that work with what stops have from their entry.
    fn check_legs<S: EventSink, L: Ledger>(
        &self,
        orders: &Orders,
        stamp: Stamp,
        legs: &mut [Leg],
        out: &Emitter<'_, S, L>,
    ) -> Result<(), Refusal> {
        for leg in legs.iter_mut().filter(|leg| leg.works) {
            self.check_trailing(&leg.extra)?;
            self.start_trailing(&mut leg.extra);
        }
        let mut before = (0, 0);
        for leg in legs.iter() {
            let measures = Measures {
                before,
                ..leg_measures(leg)
            };
            self.check_filters(orders, &measures, None, out.time_ns)?;
            before.0 += 1;
            before.1 += u32::from(leg.order.is_stop());
        }
        for leg in legs.iter().filter(|leg| leg.works) {
            self.check_meeting(orders, &leg.order, &leg.extra, out.time_ns)?;
        }
        for leg in legs.iter_mut().filter(|leg| leg.works) {
            self.stamp_worst(&leg.order, &mut leg.extra);
        }
        let working = legs.iter().filter(|leg| leg.works);
        let needs = working.map(|leg| {
            let price = leg.extra.worst_price(leg.order.side);
            self.need(leg.order.side, price, leg.order.open_lots)
        });
        let greatest = needs.max_by_key(|need| need.amount).unwrap_or_default();
        Self::require(stamp, || greatest, out)
    }

    /// Refuses a trailing stop that has no trade to begin with.
    pub(super) fn check_trailing(&self, extra: &Extra) -> Result<(), Refusal> {
        require(
            !extra.is_trailing() || self.last_trade() != 0,
            R::NoReference,
        )
    }

    /// Gives a trailing stop the best trade and the stop that it begins with.
    pub(super) fn start_trailing(&self, extra: &mut Extra) {
        if extra.is_trailing() {
            extra.best_ticks = self.last_trade();
            extra.stop_ticks = extra.trailing_stop(self.last_trade());
        }
    }

    /// Refuses a stop that is met already, and a post-only order that would take.
    fn check_meeting(
        &self,
        orders: &Orders,
        order: &Order,
        extra: &Extra,
        time_ns: u64,
    ) -> Result<(), Refusal> {
        if order.is_stop() {
            let met = self.last_trade() != 0 && extra.is_met_at(self.last_trade());
            return require(!met, R::WouldTrigger);
        }
        let takes =
            order.is_post_only() && self.would_take(orders, order.side, extra.price_ticks, time_ns);
        require(!takes, R::WouldTake)
    }

    /// Stamps a stop without limit with the band and clamp of now.
    fn stamp_worst(&self, order: &Order, extra: &mut Extra) {
        if order.order_type == OrderType::Stop {
            extra.worst = self.worst_price();
            extra.cap_trailing_buy(order.side);
        }
    }

    /// Accepts the orders of a list that were checked, then lets those that work enter.
    fn accept_list<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        account: u32,
        list_type: ListType,
        stamp: Stamp,
        legs: Vec<Leg>,
        out: &mut Emitter<'_, S, L>,
    ) -> u64 {
        let list_id = out.sequence;
        let mut ids = [0; LEGS_MAX];
        for (id, _) in ids.iter_mut().zip(&legs) {
            *id = orders.take_id();
            self.say_accepted(*id, out);
        }
        let list = List {
            account,
            instrument: self.instrument,
            list_type,
            legs: ids,
        };
        orders.lists.insert(list_id, list);
        self.say_list(list_id, ListState::Executing, out);
        let mut working = Vec::new();
        for (id, leg) in ids.iter().zip(legs) {
            let mut order = leg.order;
            order.id = *id;
            order.set_place(Place::Pending);
            mark(&mut order, &leg.extra);
            order.extra = orders.extras.insert(leg.extra);
            let place = orders.open::<L>(order, stamp, Life::begun_at(out.time_ns));
            self.count_pending(orders, place);
            if leg.works {
                working.push((*id, place));
            }
        }
        self.enter_all(orders, &working, out);
        ids[0]
    }

    /// Counts a pending order that opens.
    pub(crate) fn count_pending(&mut self, orders: &Orders, place: u32) {
        let order = &orders.pool[place];
        self.count_in(order.account);
        if orders.counts_as_stop(order) {
            self.count_waiting(order.account, 1);
        }
    }

    /// Lets orders enter in turn; one that was closed meanwhile, with its list, does not.
    fn enter_all<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        legs: &[(u64, u32)],
        out: &mut Emitter<'_, S, L>,
    ) {
        for (order_id, place) in legs {
            if orders.find(*order_id) == *place {
                self.enter(orders, *place, out);
            }
        }
    }

    /// Lets a checked order of a list do what a new one would do.
    fn enter<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        place: u32,
        out: &mut Emitter<'_, S, L>,
    ) {
        if orders.pool[place].is_stop() {
            // It is counted from now on as one that waits.
            self.detach(orders, place);
            self.wait(orders, place);
            self.hold(orders, place, out);
            return;
        }
        orders.pool[place].set_place(Place::Resting);
        let order = orders.pool[place].clone();
        let list_id = orders.list_id(&order);
        let extra = &mut orders.extras[order.extra];
        let price = std::mem::take(&mut extra.price_ticks);
        let is_market = order.order_type == OrderType::Market;
        let worst = if is_market {
            self.market_worst(orders, order.side, price, out.time_ns)
        } else {
            price
        };
        let mut taker = Taker::new(&order, orders.stamp(place), worst, is_market);
        taker.needs_pass_record = true;
        taker.list_id = list_id;
        if is_market {
            self.forget(orders, &order, place);
            self.run_market(orders, &order, taker, out);
        } else {
            self.take_then_rest(orders, order, place, taker, price, out);
        }
    }

    /// Lets the pending orders of a list enter, the first of which was just taken from the front of
    /// the queue, or cancels them when one is refused.
    #[cold]
    pub(crate) fn run_pending<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        (list_id, list): (u64, &List),
        first: u32,
        out: &mut Emitter<'_, S, L>,
    ) {
        let places: Vec<u32> = orders.open_legs(list);
        for place in &places {
            if *place != first {
                self.queue.pop_front();
                orders.queued -= 1;
            }
            orders.pool[*place].set_place(Place::Pending);
        }
        let due = places
            .iter()
            .find(|place| orders.is_due(**place, out.time_ns));
        if let Some(due) = due {
            return self.expire(orders, *due, out);
        }
        let lots = match self.check_pending(orders, &places, out) {
            Ok(lots) => lots,
            Err((place, refusal)) => {
                return self.refuse_pending(orders, list_id, place, refusal, out);
            }
        };
        let mut legs = Vec::new();
        for (place, lots) in places.iter().zip(lots) {
            legs.push((orders.pool[*place].id, *place));
            self.begin_pending(orders, *place, lots, out);
        }
        self.enter_all(orders, &legs, out);
    }

    /// Checks pending orders as if they were new, each check over all of them before the next.
    /// Answers the lots that each enters with, or the place of the one that is refused.
    fn check_pending<S: EventSink, L: Ledger>(
        &self,
        orders: &Orders,
        places: &[u32],
        out: &Emitter<'_, S, L>,
    ) -> Result<Vec<u64>, (u32, Refusal)> {
        let begun = |place: u32| {
            let mut extra = orders.extra(&orders.pool[place]).clone();
            self.start_trailing(&mut extra);
            extra
        };
        let each = |check: &dyn Fn(&Order, &Extra) -> Result<(), Refusal>| {
            places.iter().try_for_each(|place| {
                let checked = check(&orders.pool[*place], &begun(*place));
                checked.map_err(|refusal| (*place, refusal))
            })
        };
        each(&|order, extra| self.check_reference(orders, order, extra, out.time_ns))?;
        each(&|order, extra| self.check_filters_left(orders, order, extra, out.time_ns))?;
        each(&|order, extra| self.check_meeting(orders, order, extra, out.time_ns))?;
        let afforded = places.iter().map(|place| {
            let lots = self.affordable(orders, *place, begun(*place), out);
            lots.map_err(|refusal| (*place, refusal))
        });
        afforded.collect()
    }

    fn check_reference(
        &self,
        orders: &Orders,
        order: &Order,
        extra: &Extra,
        time_ns: u64,
    ) -> Result<(), Refusal> {
        let missing = order.order_type == OrderType::Market
            && self.market_reference(orders, order.side, time_ns) == 0;
        require(!missing, R::NoReference)?;
        self.check_trailing(extra)
    }

    /// The filters that need a price of now: the stop of a trailing order, and the notional of what
    /// has no price of its own.
    fn check_filters_left(
        &self,
        orders: &Orders,
        order: &Order,
        extra: &Extra,
        time_ns: u64,
    ) -> Result<(), Refusal> {
        let measures = match order.order_type {
            OrderType::Market => {
                let reference = self.market_reference(orders, order.side, time_ns);
                Measures {
                    notional: Notional::AtPrice(reference),
                    ..limit_measures(order.account, 0, order.open_lots, 0)
                }
            }
            _ if extra.is_trailing() => {
                self.check_price(extra.stop_ticks)?;
                stop_measures(order, extra, order.open_lots)
            }
            _ => return Ok(()),
        };
        self.check_notional(&measures)
    }

    /// The lots that a pending order enters with: all, or of a sell what the account has.
    fn affordable<S: EventSink, L: Ledger>(
        &self,
        orders: &Orders,
        place: u32,
        mut extra: Extra,
        out: &Emitter<'_, S, L>,
    ) -> Result<u64, Refusal> {
        let order = &orders.pool[place];
        if !L::KEEPS {
            return Ok(order.open_lots);
        }
        let stamp = orders.stamp(place);
        if order.side == Side::Sell {
            let asset = self.definition.base_asset;
            let whole = out.ledger.available(stamp, asset) / self.lot_unit;
            let lots =
                u64::try_from(whole).map_or(order.open_lots, |lots| lots.min(order.open_lots));
            let least = || self.base_amount(lots.max(1));
            Self::require(stamp, least, out)?;
            return Ok(lots);
        }
        self.stamp_worst(order, &mut extra);
        let need = || self.pending_need(orders, stamp, order, &extra, out.time_ns);
        Self::require(stamp, need, out)?;
        Ok(order.open_lots)
    }

    /// What a pending order that buys must have.
    fn pending_need(
        &self,
        orders: &Orders,
        stamp: Stamp,
        order: &Order,
        extra: &Extra,
        time_ns: u64,
    ) -> Need {
        if order.order_type != OrderType::Market {
            return self.need(order.side, extra.worst_price(order.side), order.open_lots);
        }
        let worst = self.market_worst(orders, order.side, extra.price_ticks, time_ns);
        let taker = Taker::new(order, stamp, worst, true);
        self.market_need(orders, &taker, time_ns)
    }

    /// Cancels a pending order for what refused it, and so ends its list.
    fn refuse_pending<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        list_id: u64,
        place: u32,
        refusal: Refusal,
        out: &mut Emitter<'_, S, L>,
    ) {
        let order_id = orders.pool[place].id;
        let lots = self.remove(orders, place, out.sequence);
        self.say_refused(order_id, lots, refusal.reason, out);
        self.end_list(orders, list_id, out);
    }

    /// Makes a pending order one that comes now, with so many lots.
    fn begin_pending<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        place: u32,
        lots: u64,
        out: &mut Emitter<'_, S, L>,
    ) {
        let order = &mut orders.pool[place];
        order.open_lots = lots;
        order.arrival = out.sequence;
        let order = &orders.pool[place];
        let (id, extra) = (order.id, &mut orders.extras[order.extra]);
        self.start_trailing(extra);
        self.stamp_worst(order, extra);
        if L::KEEPS {
            orders.note_change(place, out.time_ns, 0);
        }
        self.say_entered(id, lots, out);
    }
}

/// What the filters look at in an order of a list; of a pending one what can be told already.
fn leg_measures(leg: &Leg) -> Measures {
    let Leg {
        order,
        extra,
        works,
    } = leg;
    let lots = order.open_lots;
    if !order.is_stop() {
        let (price, display) = (extra.price_ticks, extra.display_lots);
        let limit = limit_measures(order.account, price, lots, display);
        if order.order_type == OrderType::Market {
            return Measures {
                price_ticks: 0,
                notional: Notional::Unknown,
                ..limit
            };
        }
        return limit;
    }
    let measures = stop_measures(order, extra, lots);
    if *works || !extra.is_trailing() {
        return measures;
    }
    Measures {
        stop_ticks: None,
        notional: match extra.price_ticks {
            0 => Notional::Unknown,
            price => Notional::AtPrice(price),
        },
        ..measures
    }
}
