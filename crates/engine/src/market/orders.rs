//! All open orders of the machine, by place, by id and by client id, and when they expire.

use super::clients::ClientIds;
use super::ids::IdTable;
use super::ledger::{Ledger, Stamp};
use super::lists::Lists;
use super::order::{Extra, Order, Place};
use super::owners::{Life, Owners};
use super::slab::{NONE, Pooled, Slab};
use super::touched::Touched;
use crate::prefetch::prefetch;
use outcry_protocol::Text;
use std::collections::BTreeSet;

/// Bits of an order id below the shard.
const COUNTER_BITS: u32 = 44;

/// The open orders of every instrument.
#[derive(Debug, Clone)]
pub(crate) struct Orders {
    pub(crate) pool: Slab<Order>,
    pub(crate) extras: Slab<Extra>,
    owners: Owners,
    /// The lists that live.
    pub(crate) lists: Lists,
    pub(super) touched: Touched,
    ids: IdTable,
    clients: ClientIds,
    /// (expiry, order id) of every open GTD order.
    expiries: BTreeSet<(u64, u64)>,
    next_expiry_ns: u64,
    /// Queued orders of all instruments.
    pub(crate) queued: u32,
    shard_base: u64,
    /// Accepted new orders so far.
    pub(crate) counter: u64,
}

impl Orders {
    pub(crate) fn new(shard: u32, capacity: u32, tell_levels: bool) -> Self {
        Self {
            pool: Slab::with_capacity(capacity),
            extras: Slab::with_capacity(0),
            owners: Owners::default(),
            lists: Lists::default(),
            touched: Touched::new(tell_levels),
            ids: IdTable::with_capacity(capacity as usize),
            clients: ClientIds::default(),
            expiries: BTreeSet::new(),
            next_expiry_ns: u64::MAX,
            queued: 0,
            shard_base: u64::from(shard) << COUNTER_BITS,
            counter: 0,
        }
    }

    /// Makes room for so many more orders at once.
    pub(crate) fn reserve(&mut self, more: u32) {
        self.pool.reserve(more);
        self.ids.reserve(more as usize);
    }

    /// Makes room for so many more orders that have something beside.
    pub(crate) fn reserve_extras(&mut self, more: u32) {
        self.extras.reserve(more);
        self.clients
            .reserve(more as usize, &self.pool, &self.extras);
    }

    /// The id of the next accepted order.
    #[inline(always)]
    pub(crate) fn take_id(&mut self) -> u64 {
        self.counter += 1;
        // The ids to come are known, so their slots can be asked for early.
        self.ids.prefetch(self.shard_base + self.counter + 16);
        self.shard_base + self.counter
    }

    /// The place of an open order, due ones included, or [`NONE`].
    #[inline(always)]
    pub(crate) fn find(&self, order_id: u64) -> u32 {
        self.ids
            .find(order_id, |place| self.pool[place].id == order_id)
    }

    /// The place of an open order that is not due, or [`NONE`].
    #[inline(always)]
    pub(crate) fn find_live(&self, order_id: u64, time_ns: u64) -> u32 {
        let place = self.find(order_id);
        if place != NONE && self.has_due(time_ns) && self.is_due(place, time_ns) {
            return NONE;
        }
        place
    }

    /// The place of an account's open order with this client id that is not due, or [`NONE`].
    pub(crate) fn find_client(&self, account: u32, client: Text<36>, time_ns: u64) -> u32 {
        let is_live = |place: u32| !(self.has_due(time_ns) && self.is_due(place, time_ns));
        let id = (account, client);
        self.clients.find(&id, &self.pool, &self.extras, is_live)
    }

    #[inline(always)]
    pub(crate) fn prefetch_id(&self, order_id: u64) {
        self.ids.prefetch(order_id);
    }

    /// Asks for the cache line of an order whose id was prefetched before.
    #[inline(always)]
    pub(crate) fn prefetch_order(&self, order_id: u64) {
        prefetch(self.pool.address(self.ids.guess(order_id)));
    }

    /// Where the order with this id probably is, for a prefetch only.
    #[inline(always)]
    pub(crate) fn guess(&self, order_id: u64) -> u32 {
        self.ids.guess(order_id)
    }

    /// Makes an order the first of its level, and asks for what trading it away will touch: its
    /// slot, and the order behind it.
    #[inline(always)]
    pub(crate) fn meet_next(&mut self, place: u32) {
        let order = &mut self.pool[place];
        order.previous = NONE;
        let (id, next) = (order.id, order.next);
        self.ids.prefetch(id);
        prefetch(self.pool.address(next));
    }

    /// What few orders have beside, or blank.
    #[inline]
    pub(crate) fn extra(&self, order: &Order) -> &Extra {
        if order.extra == NONE {
            &Extra::BLANK
        } else {
            &self.extras[order.extra]
        }
    }

    /// What of an order the book shows, in lots.
    #[inline]
    pub(crate) fn shown_lots(&self, order: &Order) -> u64 {
        if order.is_iceberg() {
            order.open_lots - self.extras[order.extra].hidden_lots
        } else {
            order.open_lots
        }
    }

    /// When the first open order expires; the end of all time when none does.
    pub(crate) const fn next_expiry_ns(&self) -> u64 {
        self.next_expiry_ns
    }

    /// Whether an open order may be due: at the end of all time also when there is none.
    #[inline(always)]
    pub(crate) fn has_due(&self, time_ns: u64) -> bool {
        self.next_expiry_ns <= time_ns
    }

    #[inline]
    pub(crate) fn is_due(&self, place: u32, time_ns: u64) -> bool {
        let order = &self.pool[place];
        order.expires() && self.extras[order.extra].expire_time_ns <= time_ns
    }

    /// The order that is due first, if any is due.
    pub(crate) fn first_due(&self, time_ns: u64) -> Option<u32> {
        let (expiry, order_id) = self.expiries.first()?;
        (*expiry <= time_ns).then(|| self.find(*order_id))
    }

    /// Every due order.
    pub(crate) fn due(&self, time_ns: u64) -> impl Iterator<Item = &Order> {
        let due = self.expiries.range(..=(time_ns, u64::MAX));
        due.map(|(_, order_id)| &self.pool[self.find(*order_id)])
    }

    /// What the ledger stamped an open order with; nothing without a ledger.
    #[inline(always)]
    pub(crate) fn stamp(&self, place: u32) -> Stamp {
        self.owners.stamp(place)
    }

    /// What became of an open order; nothing without a ledger.
    pub(crate) fn life(&self, place: u32) -> Life {
        self.owners.life(place)
    }

    /// Notes that an open order changed, and the value that it traded then. Only with a ledger.
    #[inline(always)]
    pub(crate) fn note_change(&mut self, place: u32, time_ns: u64, traded_value: u128) {
        self.owners.change(place, time_ns, traded_value);
    }

    /// The open orders of the owner of a wallet, the newest first. Only with a ledger.
    pub(crate) fn of_wallet(&self, wallet: u32) -> impl Iterator<Item = &Order> {
        self.owners.orders(wallet).map(|place| &self.pool[place])
    }

    /// Enters a new order into the pool and every index.
    #[inline(always)]
    pub(crate) fn open<L: Ledger>(&mut self, order: Order, stamp: Stamp, life: Life) -> u32 {
        let (id, extra) = (order.id, order.extra);
        let place = self.pool.insert(order);
        if L::KEEPS {
            self.owners.enter(place, stamp, life, self.pool.room());
        }
        self.ids.insert(id, place);
        if extra != NONE {
            self.index_extra(place);
        }
        place
    }

    fn index_extra(&mut self, place: u32) {
        let order = &self.pool[place];
        let extra = &self.extras[order.extra];
        if !extra.client_order_id.is_empty() {
            let id = (order.account, extra.client_order_id);
            self.clients.insert(&id, place, &self.pool, &self.extras);
        }
        if order.expires() {
            self.expiries.insert((extra.expire_time_ns, order.id));
            self.next_expiry_ns = self.next_expiry_ns.min(extra.expire_time_ns);
        }
    }

    /// Takes an order that is nowhere linked any more out of the pool and every index.
    #[inline(always)]
    pub(crate) fn close(&mut self, place: u32) {
        let order = &self.pool[place];
        let (id, extra) = (order.id, order.extra);
        if extra != NONE {
            self.unindex_extra(place);
        }
        self.owners.leave(place);
        self.ids.remove(id, place);
        self.pool[place].id = 0;
        self.pool.remove(place);
    }

    fn unindex_extra(&mut self, place: u32) {
        let order = &self.pool[place];
        let extra = &self.extras[order.extra];
        if !extra.client_order_id.is_empty() {
            let id = (order.account, extra.client_order_id);
            self.clients.remove(&id, place);
        }
        if order.expires() {
            self.expiries.remove(&(extra.expire_time_ns, order.id));
            self.next_expiry_ns = self.expiries.first().map_or(u64::MAX, |first| first.0);
        }
        let extra = order.extra;
        self.extras.remove(extra);
    }

    /// Frees what was put beside an order that never opened.
    #[inline(always)]
    pub(crate) fn discard(&mut self, order: &Order) {
        if order.extra != NONE {
            self.extras.remove(order.extra);
        }
    }

    /// Every open order, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Order)> {
        self.pool.iter().filter(|(_, order)| order.id != 0)
    }
}

/// An open order as a reader sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderView {
    /// The order's id.
    pub order_id: u64,
    /// Its account.
    pub account: u32,
    /// Its instrument.
    pub instrument: u32,
    /// Its side.
    pub side: outcry_protocol::Side,
    /// Its type.
    pub order_type: outcry_protocol::OrderType,
    /// Its time in force.
    pub time_in_force: outcry_protocol::TimeInForce,
    /// Where it is.
    pub place: Place,
    /// Its limit in ticks, 0 for a stop without limit.
    pub price_ticks: i64,
    /// Its stop as it stands, 0 for none.
    pub stop_ticks: i64,
    /// Open lots, hidden ones included.
    pub open_lots: u64,
    /// Filled and prevented lots.
    pub done_lots: u64,
    /// What the book shows of it, in lots; 0 unless it rests.
    pub shown_lots: u64,
    /// What happens when it meets one of its own group.
    pub self_trade: outcry_protocol::SelfTrade,
    /// Whether it must not take.
    pub post_only: bool,
    /// What an iceberg shows at a time, in lots; 0 for all.
    pub display_lots: u64,
    /// The side from which the last trade must reach its stop, while it has one.
    pub trigger: Option<outcry_protocol::Trigger>,
    /// The unit of a trailing stop's distance.
    pub stop_unit: outcry_protocol::StopUnit,
    /// The distance of a trailing stop, 0 for none.
    pub distance: i64,
    /// When it expires, in nanoseconds since 1970 UTC; 0 for never.
    pub expire_time_ns: u64,
    /// The list that it came with, 0 for none.
    pub list_id: u64,
    /// Engine time when it came; 0 without money.
    pub entered_ns: u64,
    /// Engine time of its last change; 0 without money.
    pub changed_ns: u64,
    /// The value of its fills in ticks times lots; 0 without money.
    pub traded_value: u128,
    /// The client's own name for it.
    pub client_order_id: Text<36>,
}
