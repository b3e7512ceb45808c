//! What an order needs of its account's money while it is open, and how that is held.

use super::book::Book;
use super::ledger::{Ledger, Need, Stamp};
use super::lists::List;
use super::order::{Order, Place};
use super::orders::Orders;
use crate::emit::{Emitter, EventSink};
use crate::refusal::Refusal;
use outcry_protocol::Side;

impl Book {
    /// What `lots` need at a price: a seller's are the lots themselves.
    #[inline(always)]
    pub(crate) fn need(&self, side: Side, price_ticks: i64, lots: u64) -> Need {
        match side {
            Side::Buy => {
                self.quote_value(u128::from(price_ticks.cast_unsigned()) * u128::from(lots))
            }
            Side::Sell => self.base_amount(lots),
        }
    }

    /// Ticks times lots as an amount of the quote asset.
    #[inline(always)]
    pub(crate) fn quote_value(&self, ticks_lots: u128) -> Need {
        Need {
            asset: self.definition.quote_asset,
            amount: ticks_lots * self.value_unit,
        }
    }

    /// Lots as an amount of the base asset.
    #[inline(always)]
    pub(crate) fn base_amount(&self, lots: u64) -> Need {
        Need {
            asset: self.definition.base_asset,
            amount: u128::from(lots) * self.lot_unit,
        }
    }

    /// What an open order needs.
    #[inline(always)]
    pub(crate) fn need_of(&self, orders: &Orders, order: &Order) -> Need {
        let price = if order.level == super::slab::NONE {
            worst_of(orders, order)
        } else {
            self.levels[order.level].price_ticks
        };
        self.need(order.side, price, order.open_lots)
    }

    /// What an open order holds: its need, or what of it the others of its list do not hold.
    #[inline(always)]
    fn own_hold(&self, orders: &Orders, order: &Order) -> Need {
        let need = self.need_of(orders, order);
        match orders.list_of(order) {
            None => need,
            Some((_, list)) => self.hold_beside(orders, order, need, &list),
        }
    }

    #[cold]
    fn hold_beside(&self, orders: &Orders, order: &Order, need: Need, list: &List) -> Need {
        let beside = self.list_hold(orders, list, order.id);
        let own = if is_held(order) { need.amount } else { 0 };
        Need {
            asset: need.asset,
            amount: own.saturating_sub(beside),
        }
    }

    /// What a list holds: the greatest need of those of its orders that hold anything, one (or 0)
    /// left out.
    fn list_hold(&self, orders: &Orders, list: &List, but_id: u64) -> u128 {
        let legs = orders.open_legs(list).into_iter();
        let others = legs
            .map(|place| &orders.pool[place])
            .filter(|order| order.id != but_id && is_held(order));
        let needs = others.map(|order| self.need_of(orders, order).amount);
        needs.max().unwrap_or(0)
    }

    /// Holds what an open order needs.
    #[inline(always)]
    pub(crate) fn hold<S: EventSink, L: Ledger>(
        &self,
        orders: &Orders,
        place: u32,
        out: &mut Emitter<'_, S, L>,
    ) {
        if L::KEEPS {
            let need = self.own_hold(orders, &orders.pool[place]);
            out.ledger.hold(orders.stamp(place), need);
        }
    }

    /// Releases what an open order needs.
    #[inline(always)]
    pub(crate) fn release<S: EventSink, L: Ledger>(
        &self,
        orders: &Orders,
        place: u32,
        out: &mut Emitter<'_, S, L>,
    ) {
        if L::KEEPS {
            let need = self.own_hold(orders, &orders.pool[place]);
            out.ledger.release(orders.stamp(place), need);
        }
    }

    /// Refuses an order whose account does not have what it needs.
    #[inline(always)]
    pub(crate) fn require<S: EventSink, L: Ledger>(
        stamp: Stamp,
        need: impl FnOnce() -> Need,
        out: &Emitter<'_, S, L>,
    ) -> Result<(), Refusal> {
        if L::KEEPS {
            return out.ledger.require(stamp, need(), 0);
        }
        Ok(())
    }
}

impl super::Market {
    /// What all open orders need, by account and asset.
    pub(crate) fn needs(&self) -> std::collections::BTreeMap<(u32, u32), u128> {
        let mut needs = std::collections::BTreeMap::new();
        let mut add = |account: u32, need: Need| {
            *needs.entry((account, need.asset)).or_default() += need.amount;
        };
        for (_, order) in self.orders.iter() {
            let book = self.books.get(order.instrument);
            let alone = self.orders.list_of(order).is_none();
            if let Some(book) = book.filter(|_| alone) {
                add(order.account, book.need_of(&self.orders, order));
            }
        }
        for (_, list) in self.orders.lists.iter() {
            if let Some(book) = self.books.get(list.instrument) {
                let held = self.orders.open_legs(list).into_iter();
                let held = held.map(|place| &self.orders.pool[place]);
                let needs = held
                    .filter(|order| is_held(order))
                    .map(|order| book.need_of(&self.orders, order));
                if let Some(need) = needs.max_by_key(|need| need.amount) {
                    add(list.account, need);
                }
            }
        }
        needs
    }
}

/// Whether an order of a list that lives holds anything: not before it has entered, not while it
/// passes over the book.
fn is_held(order: &Order) -> bool {
    match order.place() {
        Place::Resting => order.level != super::slab::NONE,
        Place::Waiting => true,
        Place::Queued | Place::Pending => false,
    }
}

/// The most that an order that waits or is queued may pay for a lot.
#[cold]
fn worst_of(orders: &Orders, order: &Order) -> i64 {
    let extra = orders.extra(order);
    let waits = order.place() == Place::Waiting;
    if waits && extra.is_trailing() && extra.price_ticks == 0 {
        return extra.worst.upper_ticks;
    }
    extra.worst_price(order.side)
}
