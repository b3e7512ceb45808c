//! A pass of one order over the opposite side of the book.

use super::book::{Book, key_of};
use super::ledger::Ledger;
use super::ledger::{Settlement, Stamp};
use super::order::Order;
use super::orders::Orders;
use super::slab::NONE;
use crate::emit::{Emitter, EventSink};
use outcry_protocol::{CancelReason, EventRecord, SelfTrade, Side, trade_flags};

/// The order that takes, while its pass lasts.
#[derive(Debug, Clone)]
pub(crate) struct Taker {
    pub(crate) order_id: u64,
    pub(crate) side: Side,
    /// The worst key of the opposite side that it may trade at.
    pub(crate) limit_key: i64,
    /// What is left to trade; of an order by amount more than it can reach.
    pub(crate) open_lots: u64,
    pub(crate) done_lots: u64,
    /// The group it must not trade with, or 2^32 and above for none.
    avoided_group: u64,
    pub(crate) self_trade: SelfTrade,
    /// What is left of a quote amount, in smallest units; `None` for an order by quantity.
    pub(crate) amount_left: Option<u128>,
    /// Whether the trades still need a record that names this order.
    pub(crate) needs_pass_record: bool,
    /// The list that it belongs to and that lives, or 0.
    pub(crate) list_id: u64,
    /// The value of its trades in ticks times lots. Only with a ledger.
    pub(crate) traded_value: u128,
    /// What the ledger stamped the order with.
    pub(crate) stamp: Stamp,
}

/// Why a pass ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PassEnd {
    /// Nothing of the taker is left.
    Filled,
    /// Nothing more to meet up to its worst price.
    Exhausted,
    /// The amount left covers no lot.
    AmountRemainder,
    /// It met its own group.
    SelfTrade,
}

/// What a pass did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pass {
    pub(crate) end: PassEnd,
    /// The first trade's price, 0 without a trade.
    pub(crate) first_ticks: i64,
    /// The last trade's price, 0 without a trade.
    pub(crate) last_ticks: i64,
}

/// What comes of meeting a maker of one's own group.
enum Meeting {
    /// Look at who is in front now.
    Next,
    /// The taker ends.
    End,
}

impl Taker {
    #[inline(always)]
    pub(crate) fn new(order: &Order, stamp: Stamp, worst_ticks: i64, is_market: bool) -> Self {
        let mode = order.self_trade();
        let self_trade = match mode {
            SelfTrade::Decrement if is_market => SelfTrade::CancelTaker,
            _ => mode,
        };
        Self {
            order_id: order.id,
            side: order.side,
            limit_key: key_of(order.side.opposite(), worst_ticks),
            open_lots: order.open_lots,
            done_lots: 0,
            avoided_group: match self_trade {
                SelfTrade::None => u64::MAX,
                _ => u64::from(order.group),
            },
            self_trade,
            amount_left: None,
            needs_pass_record: false,
            list_id: 0,
            traded_value: 0,
            stamp,
        }
    }

    #[inline(always)]
    pub(crate) fn avoids(&self, group: u32) -> bool {
        u64::from(group) == self.avoided_group
    }

    #[inline(always)]
    fn lose(&mut self, lots: u64) {
        self.open_lots -= lots;
        self.done_lots += lots;
    }
}

impl Book {
    /// Lets a taker trade as far as it may.
    #[inline(always)]
    pub(crate) fn pass<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        taker: &mut Taker,
        out: &mut Emitter<'_, S, L>,
    ) -> Pass {
        let opposite = taker.side.opposite().index();
        let mut first_ticks = 0;
        let mut last_ticks = 0;
        let end = loop {
            if taker.open_lots == 0 {
                break PassEnd::Filled;
            }
            let ladder = &self.sides[opposite];
            if ladder.best_key() > taker.limit_key {
                break PassEnd::Exhausted;
            }
            let level = &self.levels[ladder.best_level()];
            let (place, price) = (level.head, level.price_ticks);
            let maker = &orders.pool[place];
            if maker.expires() && orders.is_due(place, out.time_ns) {
                self.expire(orders, place, out);
                continue;
            }
            let own_group = taker.avoids(maker.group);
            let wanted = match taker.amount_left {
                None => taker.open_lots,
                Some(amount) => self.lots_covered(amount, price),
            };
            if wanted == 0 {
                break PassEnd::AmountRemainder;
            }
            if own_group {
                match self.meet_own(orders, taker, place, out) {
                    Meeting::Next => continue,
                    Meeting::End => break PassEnd::SelfTrade,
                }
            }
            if first_ticks == 0 {
                first_ticks = price;
            }
            last_ticks = price;
            self.trade(orders, taker, place, wanted, out);
            if taker.amount_left == Some(0) {
                break PassEnd::Filled;
            }
        };
        if last_ticks != 0 {
            self.note_trade(last_ticks);
        }
        Pass {
            end,
            first_ticks,
            last_ticks,
        }
    }

    /// One trade with the order at the front of the best level.
    #[inline(always)]
    fn trade<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        taker: &mut Taker,
        place: u32,
        wanted: u64,
        out: &mut Emitter<'_, S, L>,
    ) {
        let maker = &orders.pool[place];
        let shown = orders.shown_lots(maker);
        let lots = wanted.min(shown);
        let in_lists = (orders.list_id(maker) | taker.list_id) != 0;
        if in_lists {
            self.trade_in_lists(orders, place, taker, lots, out);
        }
        let maker = &orders.pool[place];
        let level_place = maker.level;
        let level = &mut self.levels[level_place];
        let price = level.price_ticks;
        level.hide(lots);
        let maker_side = taker.side.opposite();
        orders.touched.note(self.instrument, maker_side, price);
        match &mut taker.amount_left {
            None => taker.lose(lots),
            Some(amount) => {
                let value = u128::from(lots) * u128::from(price.cast_unsigned());
                *amount -= value * self.value_unit;
            }
        }
        let ticks_lots = u128::from(price.cast_unsigned()) * u128::from(lots);
        if L::KEEPS {
            out.ledger.settle(&Settlement {
                taker: taker.stamp,
                maker: orders.stamp(place),
                side: taker.side,
                base: self.base_amount(lots),
                quote: self.quote_value(ticks_lots),
            });
            taker.traded_value += ticks_lots;
        }
        let is_filled = lots == maker.open_lots;
        let flags = flags_of_trade(taker, is_filled);
        let maker_id = maker.id;
        self.name_taker(taker, out);
        out.emit(EventRecord::traded(
            self.instrument,
            maker_id,
            price,
            lots,
            flags,
        ));
        self.next_trade_id += 1;
        self.touch(out.sequence);
        if in_lists {
            self.say_list_events(out);
        }
        if is_filled {
            let account = maker.account;
            self.unlink_front(orders, place);
            self.count_out(account);
            orders.close(place);
            return;
        }
        let maker = &mut orders.pool[place];
        maker.open_lots -= lots;
        maker.done_lots += lots;
        if L::KEEPS {
            orders.note_change(place, out.time_ns, ticks_lots);
        }
        if lots == shown {
            self.show_next_slice(orders, place, out);
        }
    }

    /// Writes the record that names the taker, once, where the command's answer does not.
    #[inline(always)]
    fn name_taker<S: EventSink, L: Ledger>(&self, taker: &mut Taker, out: &mut Emitter<'_, S, L>) {
        if taker.needs_pass_record {
            taker.needs_pass_record = false;
            let next = self.next_trade_id;
            out.emit(EventRecord::pass(
                out.sequence,
                self.instrument,
                taker.order_id,
                next,
            ));
        }
    }

    /// Unlinks the order at the front of its level whose shown lots are gone already.
    #[inline(always)]
    fn unlink_front(&mut self, orders: &mut Orders, place: u32) {
        let order = &orders.pool[place];
        let (side, level_place, next) = (order.side, order.level, order.next);
        let level = &mut self.levels[level_place];
        level.orders -= 1;
        level.head = next;
        if next == NONE {
            let key = key_of(side, level.price_ticks);
            self.levels.remove(level_place);
            self.sides[side.index()].remove(key);
        } else {
            orders.meet_next(next);
        }
    }

    /// Shows an iceberg's next slice at the back of its level.
    #[cold]
    fn show_next_slice<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        place: u32,
        out: &mut Emitter<'_, S, L>,
    ) {
        let order = &orders.pool[place];
        let (id, price) = (order.id, self.levels[order.level].price_ticks);
        let extra = &mut orders.extras[order.extra];
        let slice = extra.display_lots.min(extra.hidden_lots);
        extra.hidden_lots -= slice;
        self.unlink(orders, place, 0);
        self.link(orders, place, price, slice);
        out.emit(EventRecord::slice_shown(
            out.sequence,
            self.instrument,
            id,
            slice,
        ));
    }

    /// Does what the taker's mode asks for when it meets a maker of its own group.
    #[cold]
    fn meet_own<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        taker: &mut Taker,
        place: u32,
        out: &mut Emitter<'_, S, L>,
    ) -> Meeting {
        match taker.self_trade {
            SelfTrade::None | SelfTrade::CancelTaker => Meeting::End,
            SelfTrade::CancelMaker => {
                self.cancel(orders, place, CancelReason::SelfTrade, out);
                Meeting::Next
            }
            SelfTrade::CancelBoth => {
                self.cancel(orders, place, CancelReason::SelfTrade, out);
                Meeting::End
            }
            SelfTrade::Decrement => self.decrement(orders, taker, place, out),
        }
    }

    /// Takes the smaller of the taker's rest and the maker's shown slice from both.
    fn decrement<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        taker: &mut Taker,
        place: u32,
        out: &mut Emitter<'_, S, L>,
    ) -> Meeting {
        let shown = orders.shown_lots(&orders.pool[place]);
        let lots = taker.open_lots.min(shown);
        self.release(orders, place, out);
        let maker = &mut orders.pool[place];
        maker.open_lots -= lots;
        maker.done_lots += lots;
        let (maker_id, open_lots, level) = (maker.id, maker.open_lots, maker.level);
        let side = taker.side.opposite();
        let price = self.levels[level].price_ticks;
        self.hold(orders, place, out);
        if L::KEEPS {
            orders.note_change(place, out.time_ns, 0);
        }
        orders.touched.note(self.instrument, side, price);
        self.levels[level].hide(lots);
        taker.lose(lots);
        self.touch(out.sequence);
        self.name_taker(taker, out);
        out.emit(EventRecord::prevented(
            out.sequence,
            self.instrument,
            maker_id,
            lots,
        ));
        if open_lots == 0 {
            self.cancel(orders, place, CancelReason::SelfTrade, out);
        } else if lots == shown {
            self.show_next_slice(orders, place, out);
        }
        if taker.open_lots == 0 {
            Meeting::End
        } else {
            Meeting::Next
        }
    }

    /// Whole lots that an amount covers at a price.
    pub(crate) fn lots_covered(&self, amount: u128, price_ticks: i64) -> u64 {
        let lot_value = u128::from(price_ticks.cast_unsigned()) * self.value_unit;
        u64::try_from(amount / lot_value).unwrap_or(u64::MAX)
    }

    /// Cancels an open order and says why.
    #[inline(always)]
    pub(crate) fn cancel<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        place: u32,
        reason: CancelReason,
        out: &mut Emitter<'_, S, L>,
    ) {
        let order = &orders.pool[place];
        let (id, list_id) = (order.id, orders.list_id(order));
        self.release(orders, place, out);
        let lots = self.remove(orders, place, out.sequence);
        self.say_cancelled(id, lots, reason, out);
        self.end_list(orders, list_id, out);
    }

    /// Expires an open order.
    pub(crate) fn expire<S: EventSink, L: Ledger>(
        &mut self,
        orders: &mut Orders,
        place: u32,
        out: &mut Emitter<'_, S, L>,
    ) {
        let order = &orders.pool[place];
        let (id, list_id) = (order.id, orders.list_id(order));
        self.release(orders, place, out);
        let lots = self.remove(orders, place, out.sequence);
        self.say_expired(id, lots, out);
        self.end_list(orders, list_id, out);
    }

    pub(crate) fn say_expired<S: EventSink, L: Ledger>(
        &self,
        order_id: u64,
        lots: u64,
        out: &mut Emitter<'_, S, L>,
    ) {
        out.emit(EventRecord::expired(
            out.sequence,
            self.instrument,
            order_id,
            lots,
        ));
    }
}

#[inline(always)]
fn flags_of_trade(taker: &Taker, maker_filled: bool) -> u16 {
    let taker_filled = match taker.amount_left {
        None => taker.open_lots == 0,
        Some(amount) => amount == 0,
    };
    let side = if taker.side == Side::Sell {
        trade_flags::AGGRESSOR_SELLS
    } else {
        0
    };
    let maker = if maker_filled {
        trade_flags::MAKER_FILLED
    } else {
        0
    };
    let taker = if taker_filled {
        trade_flags::TAKER_FILLED
    } else {
        0
    };
    side | maker | taker
}
