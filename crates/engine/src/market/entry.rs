//! How a new order comes in: its checks, then its way into the book, the stops or nowhere.

use super::Market;
use super::book::{Book, key_of};
use super::filters::{Measures, Notional};
use super::ledger::{Ledger, Need, Stamp, Terms};
use super::matching::{Pass, PassEnd, Taker};
use super::order::{Extra, Order, WorstPrice};
use super::orders::Orders;
use super::owners::Life;
use super::slab::{NONE, Pooled};
use crate::emit::{Emitter, EventSink};
use crate::refusal::{Refusal, require};
use outcry_protocol::{
    AmountOrderRecord, CancelReason, EventRecord, ExtendedOrderRecord, OrderRecord, OrderType,
    RejectReason as R, Side, StopUnit, TimeInForce, Trigger,
};

impl Market {
    /// Takes a new limit order without anything beside: the common case, kept short.
    #[inline(always)]
    pub(crate) fn new_plain<S: EventSink, L: Ledger>(
        &mut self,
        record: &OrderRecord,
        out: &mut Emitter<'_, S, L>,
    ) -> Result<u64, Refusal> {
        if record.order_type != OrderType::Limit as u8 {
            return self.new_any(record, &Extra::BLANK, None, out);
        }
        let terms = out.ledger.terms(record.account);
        let orders = &mut self.orders;
        let book = self.books.trading(record.instrument)?;
        if !book.passes_plainly(record.price_ticks, record.quantity_lots) {
            let measures =
                limit_measures(record.account, record.price_ticks, record.quantity_lots, 0);
            book.check_filters(orders, &measures, None, out.time_ns)?;
        }
        let order = order_of(record, terms.group, out.sequence);
        let price = record.price_ticks;
        if order.is_post_only() {
            let takes = book.would_take(orders, order.side, price, out.time_ns);
            require(!takes, R::WouldTake)?;
        }
        let need = || book.need(order.side, price, order.open_lots);
        Book::require(terms.stamp, need, out)?;
        Ok(book.accept_limit(orders, order, terms.stamp, price, out))
    }

    /// Takes a new order with a stop, display, expiry or client id.
    pub(crate) fn new_extended<S: EventSink, L: Ledger>(
        &mut self,
        record: &ExtendedOrderRecord,
        out: &mut Emitter<'_, S, L>,
    ) -> Result<u64, Refusal> {
        self.new_any(&record.base, &extra_of(record), None, out)
    }

    /// Takes a market order by quote amount.
    pub(crate) fn new_amount<S: EventSink, L: Ledger>(
        &mut self,
        record: &AmountOrderRecord,
        out: &mut Emitter<'_, S, L>,
    ) -> Result<u64, Refusal> {
        let extra = Extra {
            client_order_id: record.client_order_id,
            ..Extra::BLANK
        };
        self.new_any(&record.base, &extra, Some(record.amount()), out)
    }

    fn new_any<S: EventSink, L: Ledger>(
        &mut self,
        record: &OrderRecord,
        extra: &Extra,
        amount: Option<u128>,
        out: &mut Emitter<'_, S, L>,
    ) -> Result<u64, Refusal> {
        let Terms { group, stamp } = out.ledger.terms(record.account);
        let orders = &mut self.orders;
        let book = self.books.trading(record.instrument)?;
        let client = extra.client_order_id;
        let free =
            client.is_empty() || orders.find_client(record.account, client, out.time_ns) == NONE;
        require(free, R::DuplicateClientOrderId)?;
        let order = order_of(record, group, out.sequence);
        let mut extra = extra.clone();
        let price = record.price_ticks;
        match order.order_type {
            OrderType::Limit => book.new_limit(orders, order, stamp, extra, price, out),
            OrderType::Market => book.new_market(orders, &order, stamp, price, amount, out),
            OrderType::Stop | OrderType::StopLimit => {
                extra.price_ticks = price;
                book.new_stop(orders, order, stamp, extra, out)
            }
        }
    }
}

impl Book {
    fn new_limit<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        mut order: Order,
        stamp: Stamp,
        extra: Extra,
        price: i64,
        out: &mut Emitter<'_, S, L>,
    ) -> Result<u64, Refusal> {
        if extra.display_lots != 0 || !self.passes_plainly(price, order.open_lots) {
            let display = extra.display_lots;
            let measures = limit_measures(order.account, price, order.open_lots, display);
            self.check_filters(orders, &measures, None, out.time_ns)?;
        }
        if order.is_post_only() {
            let takes = self.would_take(orders, order.side, price, out.time_ns);
            require(!takes, R::WouldTake)?;
        }
        let need = || self.need(order.side, price, order.open_lots);
        Self::require(stamp, need, out)?;
        mark(&mut order, &extra);
        order.extra = orders.extras.insert(extra);
        Ok(self.accept_limit(orders, order, stamp, price, out))
    }

    fn new_market<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        order: &Order,
        stamp: Stamp,
        tightened: i64,
        amount: Option<u128>,
        out: &mut Emitter<'_, S, L>,
    ) -> Result<u64, Refusal> {
        let reference = self.market_reference(orders, order.side, out.time_ns);
        require(reference != 0, R::NoReference)?;
        let measures = Measures {
            account: order.account,
            price_ticks: 0,
            stop_ticks: None,
            quantity_lots: order.open_lots,
            notional: amount.map_or(Notional::AtPrice(reference), Notional::Amount),
            display_lots: 0,
            waits: false,
            before: (0, 0),
        };
        self.check_filters(orders, &measures, None, out.time_ns)?;
        let worst = self.worst_around(order.side, reference, tightened);
        let mut taker = Taker::new(order, stamp, worst, true);
        if let Some(amount) = amount {
            taker.open_lots = u64::MAX;
            taker.amount_left = Some(amount);
        }
        Self::require(stamp, || self.market_need(orders, &taker, out.time_ns), out)?;
        let mut order = order.clone();
        order.id = orders.take_id();
        taker.order_id = order.id;
        self.say_accepted(order.id, out);
        self.run_market(orders, &order, taker, out);
        Ok(order.id)
    }

    /// The worst price of a market order of now, tightened by its own where that is not 0.
    pub(crate) fn market_worst(
        &self,
        orders: &Orders,
        side: Side,
        tightened: i64,
        time_ns: u64,
    ) -> i64 {
        let reference = self.market_reference(orders, side, time_ns);
        self.worst_around(side, reference, tightened)
    }

    fn worst_around(&self, side: Side, reference: i64, tightened: i64) -> i64 {
        let band = self.worst_price().around(side, reference);
        match (tightened, side) {
            (0, _) => band,
            (price, Side::Buy) => band.min(price),
            (price, Side::Sell) => band.max(price),
        }
    }

    /// What a market order must have: a buy what its walk costs or its amount, a sell its lots, or
    /// those that its amount reaches.
    pub(super) fn market_need(&self, orders: &Orders, taker: &Taker, time_ns: u64) -> Need {
        match (taker.side, taker.amount_left) {
            (Side::Buy, Some(amount)) => Need {
                asset: self.definition.quote_asset,
                amount,
            },
            (Side::Buy, None) => self.quote_value(self.walk(orders, taker, time_ns).value),
            (Side::Sell, Some(_)) => self.base_amount(self.walk(orders, taker, time_ns).lots),
            (Side::Sell, None) => self.base_amount(taker.open_lots),
        }
    }

    /// Passes an order that never rests over the book and says its end.
    pub(crate) fn run_market<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        order: &Order,
        mut taker: Taker,
        out: &mut Emitter<'_, S, L>,
    ) {
        let fill_or_kill = order.time_in_force == TimeInForce::Fok;
        if fill_or_kill && self.walk(orders, &taker, out.time_ns).lots < taker.open_lots {
            self.say_cancelled(order.id, taker.open_lots, CancelReason::FillOrKill, out);
            self.end_list(orders, taker.list_id, out);
            return;
        }
        let pass = self.pass(orders, &mut taker, out);
        let lots = if taker.amount_left.is_some() {
            0
        } else {
            taker.open_lots
        };
        let reason = match pass.end {
            PassEnd::Filled => None,
            PassEnd::Exhausted => Some(CancelReason::NoLiquidity),
            PassEnd::AmountRemainder => Some(CancelReason::AmountRemainder),
            PassEnd::SelfTrade => Some(CancelReason::SelfTrade),
        };
        if let Some(reason) = reason {
            self.say_cancelled(order.id, lots, reason, out);
            self.end_list(orders, taker.list_id, out);
        }
        self.fire_stops(orders, pass.first_ticks, pass.last_ticks, out);
    }

    fn new_stop<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        mut order: Order,
        stamp: Stamp,
        mut extra: Extra,
        out: &mut Emitter<'_, S, L>,
    ) -> Result<u64, Refusal> {
        self.check_trailing(&extra)?;
        self.start_trailing(&mut extra);
        let measures = stop_measures(&order, &extra, order.open_lots);
        self.check_filters(orders, &measures, None, out.time_ns)?;
        let met = self.last_trade() != 0 && extra.is_met_at(self.last_trade());
        require(!met, R::WouldTrigger)?;
        if order.order_type == OrderType::Stop {
            extra.worst = self.worst_price();
            extra.cap_trailing_buy(order.side);
        }
        let need = || self.need(order.side, extra.worst_price(order.side), order.open_lots);
        Self::require(stamp, need, out)?;
        mark(&mut order, &extra);
        order.id = orders.take_id();
        order.extra = orders.extras.insert(extra);
        let (id, account) = (order.id, order.account);
        self.say_accepted(id, out);
        let place = orders.open::<L>(order, stamp, Life::begun_at(out.time_ns));
        self.count_in(account);
        self.wait(orders, place);
        self.hold(orders, place, out);
        Ok(id)
    }

    /// Gives a checked limit order its id and lets it in.
    #[inline(always)]
    fn accept_limit<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        mut order: Order,
        stamp: Stamp,
        price: i64,
        out: &mut Emitter<'_, S, L>,
    ) -> u64 {
        order.id = orders.take_id();
        let id = order.id;
        self.say_accepted(id, out);
        if self.crosses(order.side, price) {
            // A copy for the rarer way, so that the order of the common one stays in registers.
            let order = order.clone();
            let taker = Taker::new(&order, stamp, price, false);
            self.take_then_rest(orders, order, NONE, taker, price, out);
        } else if order.is_immediate() {
            let reason = unfilled_reason(order.time_in_force);
            self.say_cancelled(id, order.open_lots, reason, out);
            orders.discard(&order);
        } else {
            self.open_and_rest(orders, order, stamp, price, out);
        }
        id
    }

    /// Whether an order at this price meets anything, due orders included.
    #[inline(always)]
    pub(crate) fn crosses(&self, side: Side, price_ticks: i64) -> bool {
        let opposite = side.opposite();
        self.sides[opposite.index()].best_key() <= key_of(opposite, price_ticks)
    }

    #[inline(always)]
    fn open_and_rest<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        order: Order,
        stamp: Stamp,
        price: i64,
        out: &mut Emitter<'_, S, L>,
    ) -> u32 {
        let account = order.account;
        let place = orders.open::<L>(order, stamp, Life::begun_at(out.time_ns));
        self.count_in(account);
        self.rest(orders, place, price, out.sequence);
        self.hold(orders, place, out);
        place
    }

    /// Links an open order at its price, its first slice shown.
    #[inline(always)]
    pub(crate) fn rest(&mut self, orders: &mut Orders, place: u32, price: i64, sequence: u64) {
        let order = &orders.pool[place];
        let mut shown = order.open_lots;
        if order.is_iceberg() {
            let extra = &mut orders.extras[order.extra];
            shown = extra.display_lots.min(shown);
            extra.hidden_lots = order.open_lots - shown;
        }
        self.link(orders, place, price, shown);
        self.touch(sequence);
    }

    /// Passes a limit order over the book and rests, ends or cancels what is left. `place` is
    /// where it stands in the pool already, or [`NONE`] for a new one. It holds nothing when it
    /// comes: what trades is paid out of what is available.
    pub(crate) fn take_then_rest<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        mut order: Order,
        place: u32,
        mut taker: Taker,
        price: i64,
        out: &mut Emitter<'_, S, L>,
    ) {
        let mut pass = Pass {
            end: PassEnd::Exhausted,
            first_ticks: 0,
            last_ticks: 0,
        };
        let fill_or_kill = order.time_in_force == TimeInForce::Fok;
        if !fill_or_kill || self.walk(orders, &taker, out.time_ns).lots == taker.open_lots {
            pass = self.pass(orders, &mut taker, out);
        }
        order.open_lots = taker.open_lots;
        order.done_lots += taker.done_lots;
        let reason = match pass.end {
            PassEnd::Filled => None,
            PassEnd::SelfTrade => Some(CancelReason::SelfTrade),
            _ if order.is_immediate() => Some(unfilled_reason(order.time_in_force)),
            _ => {
                self.rest_left(orders, order, place, &taker, price, out);
                return self.fire_stops(orders, pass.first_ticks, pass.last_ticks, out);
            }
        };
        let (id, left) = (order.id, order.open_lots);
        self.forget(orders, &order, place);
        if let Some(reason) = reason {
            self.say_cancelled(id, left, reason, out);
            self.end_list(orders, taker.list_id, out);
        }
        self.fire_stops(orders, pass.first_ticks, pass.last_ticks, out);
    }

    fn rest_left<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        order: Order,
        place: u32,
        taker: &Taker,
        price: i64,
        out: &mut Emitter<'_, S, L>,
    ) {
        let place = if place == NONE {
            self.open_and_rest(orders, order, taker.stamp, price, out)
        } else {
            orders.pool[place] = order;
            self.rest(orders, place, price, out.sequence);
            self.hold(orders, place, out);
            place
        };
        if L::KEEPS && taker.done_lots > 0 {
            orders.note_change(place, out.time_ns, taker.traded_value);
        }
    }

    /// Closes an order that is nowhere linked, or drops one that never opened.
    pub(crate) fn forget(&mut self, orders: &mut Orders, order: &Order, place: u32) {
        if place == NONE {
            orders.discard(order);
        } else {
            self.count_out(order.account);
            orders.close(place);
        }
    }

    #[inline(always)]
    pub(super) fn say_accepted<S: EventSink, L: Ledger>(
        &self,
        order_id: u64,
        out: &mut Emitter<'_, S, L>,
    ) {
        let next = self.next_trade_id;
        out.emit(EventRecord::accepted(
            out.sequence,
            self.instrument,
            order_id,
            next,
            false,
        ));
    }

    pub(crate) fn say_cancelled<S: EventSink, L: Ledger>(
        &self,
        order_id: u64,
        lots: u64,
        reason: CancelReason,
        out: &mut Emitter<'_, S, L>,
    ) {
        out.emit(EventRecord::cancelled(
            out.sequence,
            self.instrument,
            order_id,
            lots,
            reason,
        ));
    }
}

/// What the filters look at in a limit order.
pub(crate) const fn limit_measures(
    account: u32,
    price_ticks: i64,
    quantity_lots: u64,
    display_lots: u64,
) -> Measures {
    Measures {
        account,
        price_ticks,
        stop_ticks: None,
        quantity_lots,
        notional: Notional::AtPrice(price_ticks),
        display_lots,
        waits: false,
        before: (0, 0),
    }
}

/// What the filters look at in a stop.
pub(crate) fn stop_measures(order: &Order, extra: &Extra, quantity_lots: u64) -> Measures {
    let priced = if extra.price_ticks == 0 {
        extra.stop_ticks
    } else {
        extra.price_ticks
    };
    Measures {
        account: order.account,
        price_ticks: extra.price_ticks,
        stop_ticks: Some(extra.stop_ticks),
        quantity_lots,
        notional: Notional::AtPrice(priced),
        display_lots: extra.display_lots,
        waits: true,
        before: (0, 0),
    }
}

/// Why nothing of an order that may not rest is left.
const fn unfilled_reason(time_in_force: TimeInForce) -> CancelReason {
    match time_in_force {
        TimeInForce::Fok => CancelReason::FillOrKill,
        _ => CancelReason::ImmediateOrCancel,
    }
}

/// An order without id, extra or place, from a record whose shape was checked.
#[inline(always)]
pub(super) fn order_of(record: &OrderRecord, group: u32, sequence: u64) -> Order {
    let post_only = record.is_post_only();
    Order {
        arrival: sequence,
        open_lots: record.quantity_lots,
        account: record.account,
        group,
        instrument: record.instrument,
        side: if record.side == Side::Buy as u8 {
            Side::Buy
        } else {
            Side::Sell
        },
        order_type: TYPES[usize::from(record.order_type % 8)],
        time_in_force: TIMES[usize::from(record.time_in_force % 8)],
        traits: Order::plain_traits(record.self_trade, post_only),
        ..Order::BLANK
    }
}

/// Order types by their bytes, which were checked.
const TYPES: [OrderType; 8] = {
    use OrderType::{Limit, Market, Stop, StopLimit};
    [Limit, Limit, Market, Stop, StopLimit, Limit, Limit, Limit]
};

/// Times in force by their bytes, which were checked.
const TIMES: [TimeInForce; 8] = {
    use TimeInForce::{Day, Fok, Gtc, Gtd, Ioc};
    [Gtc, Gtc, Ioc, Fok, Day, Gtd, Gtc, Gtc]
};

pub(super) fn extra_of(record: &ExtendedOrderRecord) -> Extra {
    let stop_unit = StopUnit::try_from(record.stop_unit).unwrap_or(StopUnit::Price);
    let trails = stop_unit != StopUnit::Price;
    Extra {
        display_lots: record.display_lots,
        stop_ticks: if trails { 0 } else { record.stop },
        distance: if trails { record.stop } else { 0 },
        trigger: Trigger::try_from(record.trigger).ok(),
        stop_unit,
        worst: WorstPrice::default(),
        expire_time_ns: record.expire_time_ns,
        client_order_id: record.client_order_id,
        ..Extra::BLANK
    }
}

/// Marks an order by what stands beside it.
pub(super) fn mark(order: &mut Order, extra: &Extra) {
    if extra.display_lots != 0 {
        order.mark_iceberg();
    }
    if extra.expire_time_ns != 0 {
        order.mark_expires();
    }
}
