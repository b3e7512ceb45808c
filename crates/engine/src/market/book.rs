//! One instrument: its definition, its two sides, its stops and its queue.

use super::counts::AccountCounts;
use super::ladder::Ladder;
use super::level::Level;
use super::list_course::ListCourse;
use super::order::{Order, Place};
use super::orders::Orders;
use super::slab::{NONE, Slab};
use super::stops::Stops;
use crate::prefetch::prefetch;
use outcry_protocol::{InstrumentLimitsRecord, InstrumentRecord, RejectReason, Side, TradingState};
use std::collections::VecDeque;

/// The book of one instrument and all that its orders wait for.
#[derive(Debug, Clone)]
pub(crate) struct Book {
    pub(crate) sides: [Ladder; 2],
    pub(crate) levels: Slab<Level>,
    pub(crate) state: TradingState,
    pub(crate) instrument: u32,
    /// Open orders of all kinds.
    pub(crate) open_orders: u32,
    /// Of these, stops that wait.
    pub(crate) waiting: u32,
    /// The reference price last set, 0 for none.
    set_reference: i64,
    /// The last trade's price, 0 for none.
    last_trade: i64,
    /// The prices that pass the price filters now.
    pub(crate) prices: (i64, i64),
    pub(crate) next_trade_id: u64,
    pub(crate) update_number: u64,
    /// The last command that touched a shown quantity.
    touched_at: u64,
    /// Kept only while a filter asks for it.
    pub(crate) counts: Option<AccountCounts>,
    pub(crate) stops: Stops,
    /// Ids of queued orders, front first.
    pub(crate) queue: VecDeque<u64>,
    /// What a pass brings to lists: empty between passes.
    pub(crate) course: ListCourse,
    pub(crate) definition: InstrumentRecord,
    pub(crate) limits: InstrumentLimitsRecord,
    /// One lot at one tick in the quote asset's smallest units.
    pub(crate) value_unit: u128,
    /// One lot in the base asset's smallest units.
    pub(crate) lot_unit: u128,
    /// The least and the greatest notional, in ticks times lots.
    pub(crate) value_min: u128,
    pub(crate) value_max: u128,
    /// Open orders below which another may come.
    pub(crate) orders_max: u32,
}

/// Room made at the start for this many occupied prices; more still fit.
const LEVELS: u32 = 1_024;

/// The ladder key of a price: lower is better for both sides.
#[inline(always)]
pub(crate) const fn key_of(side: Side, price_ticks: i64) -> i64 {
    match side {
        Side::Buy => price_ticks.wrapping_neg(),
        Side::Sell => price_ticks,
    }
}

impl Book {
    /// An empty book in continuous trading.
    ///
    /// # Errors
    /// The reason why the definition's numbers cannot be exact.
    pub(crate) fn new(
        definition: InstrumentRecord,
        limits: InstrumentLimitsRecord,
    ) -> Result<Self, RejectReason> {
        definition.check_exact()?;
        let mut book = Self {
            sides: [Ladder::new(), Ladder::new()],
            levels: Slab::with_capacity(LEVELS),
            state: TradingState::Continuous,
            instrument: definition.instrument,
            open_orders: 0,
            waiting: 0,
            set_reference: 0,
            last_trade: 0,
            prices: (0, 0),
            next_trade_id: 1,
            update_number: 0,
            touched_at: 0,
            counts: None,
            stops: Stops::default(),
            queue: VecDeque::new(),
            course: ListCourse::default(),
            definition,
            limits,
            value_unit: definition.value_unit()?,
            lot_unit: definition.lot_unit()?,
            value_min: 0,
            value_max: 0,
            orders_max: 0,
        };
        book.set_bounds();
        book.counts = book.needs_counts().then(AccountCounts::new);
        Ok(book)
    }

    /// Works out what the filters compare with, from definition, limits and reference.
    fn set_bounds(&mut self) {
        self.prices = self.passing_prices();
        self.orders_max = match self.limits.orders_max {
            0 => u32::MAX,
            bound => bound,
        };
        self.value_min = self.limits.notional_min().div_ceil(self.value_unit);
        self.value_max = self.limits.notional_max() / self.value_unit;
    }

    /// The last trade's price, 0 for none.
    #[inline(always)]
    pub(crate) const fn last_trade(&self) -> i64 {
        self.last_trade
    }

    /// The reference price last set, 0 for none.
    pub(crate) const fn set_reference(&self) -> i64 {
        self.set_reference
    }

    /// Notes the last trade's price.
    #[inline(always)]
    pub(crate) fn note_trade(&mut self, price_ticks: i64) {
        self.last_trade = price_ticks;
        if self.set_reference == 0 && self.limits.band_ppm != 0 {
            self.prices = self.passing_prices();
        }
    }

    /// Sets or clears the reference price.
    pub(crate) fn put_reference(&mut self, price_ticks: i64) {
        self.set_reference = price_ticks;
        self.prices = self.passing_prices();
    }

    /// Forgets every price: they were in other ticks.
    pub(crate) fn forget_prices(&mut self) {
        self.last_trade = 0;
        self.set_reference = 0;
    }

    fn needs_counts(&self) -> bool {
        self.limits.account_orders_max != 0 || self.limits.account_stops_max != 0
    }

    /// Takes a new definition that was checked.
    pub(crate) fn redefine(
        &mut self,
        orders: &Orders,
        definition: InstrumentRecord,
        limits: InstrumentLimitsRecord,
        [value_unit, lot_unit]: [u128; 2],
    ) {
        self.definition = definition;
        self.limits = limits;
        self.value_unit = value_unit;
        self.lot_unit = lot_unit;
        self.set_bounds();
        if !self.needs_counts() {
            self.counts = None;
        } else if self.counts.is_none() {
            let mut counts = AccountCounts::new();
            let own = orders
                .iter()
                .filter(|(_, order)| order.instrument == self.instrument);
            for (_, order) in own {
                let waits = orders.counts_as_stop(order);
                counts.change(order.account, 1, i32::from(waits));
            }
            self.counts = Some(counts);
        }
    }

    /// Notes that the command with this sequence changed what the book shows.
    #[inline(always)]
    pub(crate) fn touch(&mut self, sequence: u64) {
        self.update_number += u64::from(self.touched_at != sequence);
        self.touched_at = sequence;
    }

    /// Counts an order that opens.
    #[inline(always)]
    pub(crate) fn count_in(&mut self, account: u32) {
        self.open_orders += 1;
        if let Some(counts) = &mut self.counts {
            counts.change(account, 1, 0);
        }
    }

    /// Counts an order that closes.
    #[inline(always)]
    pub(crate) fn count_out(&mut self, account: u32) {
        self.open_orders -= 1;
        if let Some(counts) = &mut self.counts {
            counts.change(account, -1, 0);
        }
    }

    pub(crate) fn count_waiting(&mut self, account: u32, change: i32) {
        self.waiting = self.waiting.wrapping_add_signed(change);
        if let Some(counts) = &mut self.counts {
            counts.change(account, 0, change);
        }
    }

    /// Asks for the memory that names the level at a price.
    #[inline(always)]
    pub(crate) fn prefetch_price(&self, side: Side, price: i64) {
        self.sides[side.index()].prefetch(key_of(side, price));
    }

    /// Asks for the level at a price.
    #[inline(always)]
    pub(crate) fn prefetch_level(&self, side: Side, price: i64) {
        let level = self.sides[side.index()].guess(key_of(side, price));
        prefetch(self.levels.address(level));
    }

    /// Asks for the order behind which one at this price will stand.
    #[inline(always)]
    pub(crate) fn prefetch_tail(&self, orders: &Orders, side: Side, price: i64) {
        let level = self.sides[side.index()].guess(key_of(side, price));
        if level != NONE {
            prefetch(orders.pool.address(self.levels[level].tail));
        }
    }

    /// Asks for what unlinking an order touches.
    #[inline(always)]
    pub(crate) fn prefetch_neighbours(&self, orders: &Orders, order: &Order) {
        prefetch(self.levels.address(order.level));
        prefetch(orders.pool.address(order.previous));
        prefetch(orders.pool.address(order.next));
    }

    /// Links an order that shows `shown` lots at the back of the level at `price`.
    #[inline(always)]
    pub(crate) fn link(&mut self, orders: &mut Orders, place: u32, price: i64, shown: u64) {
        let order = &mut orders.pool[place];
        let side = order.side;
        orders.touched.note(self.instrument, side, price);
        let key = key_of(side, price);
        let ladder = &mut self.sides[side.index()];
        let mut level_place = ladder.level(key);
        if level_place == NONE {
            level_place = self.levels.insert(Level::at(price));
            ladder.insert(key, level_place);
        }
        let level = &mut self.levels[level_place];
        let tail = level.tail;
        level.tail = place;
        level.orders += 1;
        level.show(shown);
        order.level = level_place;
        order.previous = tail;
        order.next = NONE;
        if tail == NONE {
            level.head = place;
        } else {
            orders.pool[tail].next = place;
        }
    }

    /// Unlinks a resting order that shows `shown` lots; an empty level goes.
    #[inline(always)]
    pub(crate) fn unlink(&mut self, orders: &mut Orders, place: u32, shown: u64) {
        let order = &orders.pool[place];
        let (side, level_place) = (order.side, order.level);
        let (previous, next) = (order.previous, order.next);
        let level = &mut self.levels[level_place];
        orders
            .touched
            .note(self.instrument, side, level.price_ticks);
        level.orders -= 1;
        level.hide(shown);
        if level.orders == 0 {
            let key = key_of(side, level.price_ticks);
            self.levels.remove(level_place);
            self.sides[side.index()].remove(key);
            return;
        }
        if previous == NONE {
            level.head = next;
        } else {
            orders.pool[previous].next = next;
        }
        if next == NONE {
            level.tail = previous;
        } else {
            orders.pool[next].previous = previous;
        }
    }

    /// Takes an open order from wherever it is and closes it. Answers what was open, in lots.
    #[inline(always)]
    pub(crate) fn remove(&mut self, orders: &mut Orders, place: u32, sequence: u64) -> u64 {
        let order = &orders.pool[place];
        let (account, open_lots) = (order.account, order.open_lots);
        if order.place() == Place::Resting {
            let shown = orders.shown_lots(order);
            self.unlink(orders, place, shown);
            self.touch(sequence);
        } else {
            self.detach(orders, place);
        }
        self.count_out(account);
        orders.close(place);
        open_lots
    }

    /// Takes an order that does not rest out of the stops or the queue.
    pub(crate) fn detach(&mut self, orders: &mut Orders, place: u32) {
        let order = &orders.pool[place];
        let (id, account) = (order.id, order.account);
        if orders.counts_as_stop(order) {
            self.count_waiting(account, -1);
        }
        match order.place() {
            Place::Waiting => self.stops.remove(order, orders.extra(order)),
            Place::Queued => {
                self.queue.retain(|queued| *queued != id);
                orders.queued -= 1;
            }
            Place::Resting | Place::Pending => {}
        }
    }

    /// The price of an order's limit: its level's, or what it waits to enter at.
    pub(crate) fn price_of(&self, orders: &Orders, order: &Order) -> i64 {
        if order.level == NONE {
            orders.extra(order).price_ticks
        } else {
            self.levels[order.level].price_ticks
        }
    }

    /// The best key of a side among orders that are not due.
    #[inline(always)]
    pub(crate) fn best_live_key(&self, orders: &Orders, side: Side, time_ns: u64) -> i64 {
        let ladder = &self.sides[side.index()];
        if !orders.has_due(time_ns) {
            return ladder.best_key();
        }
        let is_live = |level: u32| {
            self.places(orders, level)
                .any(|place| !orders.is_due(place, time_ns))
        };
        let mut live = ladder.levels().filter(|(_, level)| is_live(*level));
        live.next().map_or(super::ladder::NO_KEY, |(key, _)| key)
    }

    /// The orders of a level, front first.
    pub(crate) fn places<'a>(
        &'a self,
        orders: &'a Orders,
        level: u32,
    ) -> impl Iterator<Item = u32> + 'a {
        let following = |place: u32| (place != NONE).then_some(place);
        let head = following(self.levels[level].head);
        std::iter::successors(head, move |place| following(orders.pool[*place].next))
    }
}
