//! Replace: a new price, total quantity or stop for an open order.

use super::Market;
use super::book::Book;
use super::entry::{limit_measures, stop_measures};
use super::ledger::{Ledger, Need, Stamp};
use super::matching::Taker;
use super::order::{Extra, Order, Place};
use super::orders::Orders;
use super::slab::NONE;
use crate::emit::{Emitter, EventSink};
use crate::refusal::{Refusal, require};
use outcry_protocol::{CancelReason, EventRecord, OrderRecord, OrderType, RejectReason as R, Text};

/// What a replace asks for.
#[derive(Debug, Clone, Copy)]
struct Wish {
    /// 0 for a stop without limit.
    price_ticks: i64,
    total_lots: u64,
    /// 0 to keep the one it has.
    stop_ticks: i64,
}

/// What a replaced order holds, and what it is to hold.
#[derive(Debug, Clone, Copy, Default)]
struct Hold {
    stamp: Stamp,
    own: Need,
    need: Need,
}

impl Market {
    /// Replaces one order. Answers its id.
    #[inline(always)]
    pub(crate) fn replace_order<S: EventSink, L: Ledger>(
        &mut self,
        record: &OrderRecord,
        stop_ticks: i64,
        client: Option<Text<36>>,
        out: &mut Emitter<'_, S, L>,
    ) -> Result<u64, Refusal> {
        let (named, place) = self.locate(record, client, out.time_ns)?;
        let book = self.books.trading(named)?;
        require(place != NONE, R::UnknownOrder)?;
        let order = &self.orders.pool[place];
        require(order.instrument == named, R::UnknownOrder)?;
        require(self.orders.list_of(order).is_none(), R::ListMember)?;
        let (id, waits) = (order.id, order.place() != Place::Resting);
        let wish = Wish {
            price_ticks: record.price_ticks,
            total_lots: record.quantity_lots,
            stop_ticks,
        };
        if waits {
            book.replace_stop(&mut self.orders, place, wish, out)?;
        } else {
            book.replace_resting(&mut self.orders, place, wish, out)?;
        }
        Ok(id)
    }
}

impl Book {
    #[inline(always)]
    fn replace_resting<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        place: u32,
        wish: Wish,
        out: &mut Emitter<'_, S, L>,
    ) -> Result<(), Refusal> {
        require(wish.price_ticks > 0, R::InvalidPrice)?;
        require(wish.stop_ticks == 0, R::InvalidStop)?;
        let order = &orders.pool[place];
        if wish.total_lots <= order.done_lots {
            self.cancel(orders, place, CancelReason::Replaced, out);
            return Ok(());
        }
        let (price, total) = (wish.price_ticks, wish.total_lots);
        if order.is_iceberg() || !self.passes_plainly(price, total) {
            let display = orders.extra(order).display_lots;
            let measures = limit_measures(order.account, price, total, display);
            self.check_filters(orders, &measures, Some(order), out.time_ns)?;
        }
        let level = &self.levels[order.level];
        if level.price_ticks == wish.price_ticks && wish.total_lots <= order.total_lots() {
            self.reduce(orders, place, wish.total_lots, out);
            return Ok(());
        }
        if order.is_post_only() {
            let takes = self.would_take(orders, order.side, wish.price_ticks, out.time_ns);
            require(!takes, R::WouldTake)?;
        }
        let open_lots = total - order.done_lots;
        let need = |book: &Self| book.need(order.side, price, open_lots);
        let hold = self.hold_anew(orders, place, need, out)?;
        self.reenter(orders, place, wish, hold, out);
        Ok(())
    }

    /// What a replaced order holds and what it would need; refused when the account does not have
    /// that, its own hold counted in.
    #[inline(always)]
    fn hold_anew<S: EventSink, L: Ledger>(
        &self,
        orders: &Orders,
        place: u32,
        need: impl FnOnce(&Self) -> Need,
        out: &Emitter<'_, S, L>,
    ) -> Result<Hold, Refusal> {
        if !L::KEEPS {
            return Ok(Hold::default());
        }
        let hold = Hold {
            stamp: orders.stamp(place),
            own: self.need_of(orders, &orders.pool[place]),
            need: need(self),
        };
        out.ledger.require(hold.stamp, hold.need, hold.own.amount)?;
        Ok(hold)
    }

    /// Lowers a resting order's quantity in place, hidden lots first.
    fn reduce<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        place: u32,
        total_lots: u64,
        out: &mut Emitter<'_, S, L>,
    ) {
        self.release(orders, place, out);
        let order = &mut orders.pool[place];
        let less = order.total_lots() - total_lots;
        let mut from_shown = less;
        if order.is_iceberg() {
            let hidden = &mut orders.extras[order.extra].hidden_lots;
            let from_hidden = less.min(*hidden);
            *hidden -= from_hidden;
            from_shown -= from_hidden;
        }
        order.open_lots -= less;
        let (id, level, side) = (order.id, order.level, order.side);
        self.hold(orders, place, out);
        if L::KEEPS {
            orders.note_change(place, out.time_ns, 0);
        }
        if from_shown > 0 {
            let price = self.levels[level].price_ticks;
            orders.touched.note(self.instrument, side, price);
            self.levels[level].hide(from_shown);
            self.touch(out.sequence);
        }
        self.say_replaced(id, true, out);
    }

    /// Takes a resting order out and lets it in anew under the same id and stamps.
    #[inline(always)]
    fn reenter<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        place: u32,
        wish: Wish,
        hold: Hold,
        out: &mut Emitter<'_, S, L>,
    ) {
        let shown = orders.shown_lots(&orders.pool[place]);
        self.unlink(orders, place, shown);
        self.touch(out.sequence);
        if L::KEEPS {
            orders.note_change(place, out.time_ns, 0);
        }
        let order = &mut orders.pool[place];
        self.say_replaced(order.id, false, out);
        let open_lots = wish.total_lots - order.done_lots;
        if self.crosses(order.side, wish.price_ticks) {
            let mut order = order.clone();
            order.arrival = out.sequence;
            order.open_lots = open_lots;
            order.level = NONE;
            if L::KEEPS {
                out.ledger.release(hold.stamp, hold.own);
            }
            let taker = Taker::new(&order, hold.stamp, wish.price_ticks, false);
            return self.take_then_rest(orders, order, place, taker, wish.price_ticks, out);
        }
        order.arrival = out.sequence;
        order.open_lots = open_lots;
        self.rest(orders, place, wish.price_ticks, out.sequence);
        if L::KEEPS {
            out.ledger.rehold(hold.stamp, hold.own, hold.need);
        }
    }

    /// Replaces an order that waits for its stop or for its turn in the queue.
    fn replace_stop<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        place: u32,
        wish: Wish,
        out: &mut Emitter<'_, S, L>,
    ) -> Result<(), Refusal> {
        let order = &orders.pool[place];
        let extra = orders.extra(order);
        check_fit(order, extra, wish)?;
        if wish.total_lots <= order.done_lots {
            self.cancel(orders, place, CancelReason::Replaced, out);
            return Ok(());
        }
        let waits = order.place() == Place::Waiting;
        let mut replaced = extra.clone();
        replaced.price_ticks = wish.price_ticks;
        if wish.stop_ticks != 0 {
            replaced.stop_ticks = wish.stop_ticks;
        }
        let mut measures = stop_measures(order, &replaced, wish.total_lots);
        measures.waits = waits;
        self.check_filters(orders, &measures, Some(order), out.time_ns)?;
        let same =
            replaced.price_ticks == extra.price_ticks && replaced.stop_ticks == extra.stop_ticks;
        if same && wish.total_lots <= order.total_lots() {
            self.release(orders, place, out);
            let order = &mut orders.pool[place];
            order.open_lots = wish.total_lots - order.done_lots;
            let id = order.id;
            self.hold(orders, place, out);
            if L::KEEPS {
                orders.note_change(place, out.time_ns, 0);
            }
            self.say_replaced(id, true, out);
            return Ok(());
        }
        let met = self.last_trade() != 0 && replaced.is_met_at(self.last_trade());
        require(!waits || !met, R::WouldTrigger)?;
        if waits && order.order_type == OrderType::Stop {
            replaced.worst = self.worst_price();
        }
        let open_lots = wish.total_lots - order.done_lots;
        let worst = replaced.worst_price(order.side);
        let need = |book: &Self| book.need(order.side, worst, open_lots);
        self.hold_anew(orders, place, need, out)?;
        self.reenter_stop(orders, place, replaced, wish.total_lots, out);
        Ok(())
    }

    fn reenter_stop<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        place: u32,
        extra: Extra,
        total_lots: u64,
        out: &mut Emitter<'_, S, L>,
    ) {
        self.release(orders, place, out);
        self.detach(orders, place);
        let order = &mut orders.pool[place];
        order.arrival = out.sequence;
        order.open_lots = total_lots - order.done_lots;
        let waits = order.place() == Place::Waiting;
        let (id, extra_place) = (order.id, order.extra);
        orders.extras[extra_place] = extra;
        if waits {
            self.wait(orders, place);
        } else {
            self.enqueue(orders, place);
        }
        self.hold(orders, place, out);
        if L::KEEPS {
            orders.note_change(place, out.time_ns, 0);
        }
        self.say_replaced(id, false, out);
    }

    #[inline(always)]
    fn say_replaced<S: EventSink, L: Ledger>(
        &self,
        order_id: u64,
        kept_priority: bool,
        out: &mut Emitter<'_, S, L>,
    ) {
        let next = self.next_trade_id;
        let replaced = EventRecord::replaced;
        out.emit(replaced(
            out.sequence,
            self.instrument,
            order_id,
            next,
            kept_priority,
        ));
    }
}

/// Checks that what is asked for fits an order that waits or is queued.
fn check_fit(order: &Order, extra: &Extra, wish: Wish) -> Result<(), Refusal> {
    let waits = order.place() == Place::Waiting;
    if waits && extra.is_trailing() {
        let kept = wish.price_ticks == extra.price_ticks && wish.stop_ticks == 0;
        require(
            kept && wish.total_lots <= order.total_lots(),
            R::TrailingStop,
        )?;
    }
    let priced = order.order_type != OrderType::Stop;
    require(priced == (wish.price_ticks > 0), R::InvalidPrice)?;
    require(waits || wish.stop_ticks == 0, R::InvalidStop)
}
