//! The market taken up from bytes, as `state.rs` fed them.

use super::Market;
use super::entry::mark;
use super::ledger::{Ledger, Stamp};
use super::lists::{LEGS_MAX, List};
use super::order::{Extra, Order, Place, WorstPrice};
use super::owners::Life;
use super::slab::{NONE, Pooled};
use super::state::{DEFINITION, EXTENDED_BYTES, INSTRUMENT, LIMITS, PLAIN_BYTES};
use crate::state::{LoadError, StateReader};
use outcry_protocol::{
    CommandKind, InstrumentLimitsRecord, InstrumentRecord, ListState, ListType, OrderType,
    SelfTrade, Side, StopUnit, Text, TimeInForce, TradingState, Trigger, VERSION,
};
use zerocopy::FromBytes;

/// The two sides and then what waits, what is queued and what is pending.
const GROUPS: [Place; 5] = [
    Place::Resting,
    Place::Resting,
    Place::Waiting,
    Place::Queued,
    Place::Pending,
];

/// An order as it was fed.
struct Loaded {
    order: Order,
    stamp: Stamp,
    life: Life,
    price_ticks: i64,
    /// What it shows, and what few orders have beside.
    extra: Option<(u64, Extra)>,
}

impl Market {
    /// Takes up every instrument and order.
    ///
    /// # Errors
    /// [`LoadError`] names what is wrong; the market is of no use then.
    pub(crate) fn load_state<L: Ledger>(
        &mut self,
        ledger: &L,
        from: &mut StateReader<'_>,
    ) -> Result<(), LoadError> {
        for _ in 0..from.u32()? {
            let number = self.load_book(ledger, from)?;
            for place in GROUPS {
                let count = from.u32()?;
                from.expect(count as usize <= from.left() / PLAIN_BYTES, "order count")?;
                for _ in 0..count {
                    let left = from.left();
                    let mut loaded = load_order(number, from)?;
                    if self.orders.pool.used() == 0 {
                        self.make_room(&loaded, left);
                    }
                    loaded.stamp.wallet = ledger.terms(loaded.order.account).stamp.wallet;
                    let sound = is_sound(&loaded, place);
                    let known = self.orders.find(loaded.order.id) != NONE;
                    from.expect(sound && !known, "order")?;
                    self.take_up::<L>(loaded, place);
                }
            }
            self.load_lists(number, from)?;
        }
        Ok(())
    }

    /// Takes up the lists of an instrument, whose orders stand already.
    fn load_lists(&mut self, instrument: u32, from: &mut StateReader<'_>) -> Result<(), LoadError> {
        for _ in 0..from.u32()? {
            let list_id = from.u64()?;
            let list = load_list(instrument, from)?;
            let known = self.orders.lists.get(list_id).is_some();
            let open = self.orders.open_legs(&list);
            let own = |place: &u32| self.orders.list_id(&self.orders.pool[*place]) == list_id;
            let sound = list_id != 0 && !known && !open.is_empty() && open.iter().all(own);
            from.expect(sound, "list")?;
            self.orders.lists.insert(list_id, list);
            self.count_queued_stops(instrument, &open);
        }
        Ok(())
    }

    /// Counts the stops of a list that are queued to enter: only their list tells them apart.
    fn count_queued_stops(&mut self, instrument: u32, places: &[u32]) {
        let book = self.books.at(instrument);
        for place in places {
            let order = &self.orders.pool[*place];
            if order.place() == Place::Queued && self.orders.counts_as_stop(order) {
                book.count_waiting(order.account, 1);
            }
        }
    }

    /// Makes room at once for all orders that the bytes left can hold, if they are like the first,
    /// and for some more, so that the first new order does not have to.
    fn make_room(&mut self, first: &Loaded, left: usize) {
        let (bytes, has_extra) = match first.extra {
            None => (PLAIN_BYTES, false),
            Some(_) => (EXTENDED_BYTES, true),
        };
        let orders = left / bytes;
        let room = u32::try_from(orders + orders / 8).unwrap_or(u32::MAX / 2);
        self.orders.reserve(room);
        if has_extra {
            self.orders.reserve_extras(room);
        }
    }

    fn load_book(
        &mut self,
        ledger: &impl Ledger,
        from: &mut StateReader<'_>,
    ) -> Result<u32, LoadError> {
        let mut definition = [0; size_of::<InstrumentRecord>()];
        definition[0] = CommandKind::AddInstrument as u8;
        definition[1] = VERSION;
        definition[INSTRUMENT].copy_from_slice(&from.array::<4>()?);
        definition[DEFINITION..].copy_from_slice(&from.array::<96>()?);
        let mut limits = [0; size_of::<InstrumentLimitsRecord>()];
        limits[0] = CommandKind::InstrumentLimits as u8;
        limits[1] = VERSION;
        limits[INSTRUMENT].copy_from_slice(&definition[INSTRUMENT]);
        limits[LIMITS..].copy_from_slice(&from.array::<56>()?);
        let wrong = from.wrong("instrument");
        let definition = InstrumentRecord::read_from_bytes(&definition).map_err(|_| wrong)?;
        let limits = InstrumentLimitsRecord::read_from_bytes(&limits).map_err(|_| wrong)?;
        let number = definition.instrument;
        let added = self.add_instrument(definition, limits, ledger);
        from.expect(number != 0 && added.is_ok(), "instrument")?;
        let state = from.u8()?;
        let book = self.books.at(number);
        book.state = TradingState::try_from(state).map_err(|_| from.wrong("state"))?;
        let (reference, last_trade) = (from.i64()?, from.i64()?);
        book.note_trade(last_trade);
        book.put_reference(reference);
        book.next_trade_id = from.u64()?;
        book.update_number = from.u64()?;
        Ok(number)
    }

    /// Puts a sound order where it was: at the back of its level, among the stops, in the queue.
    fn take_up<L: Ledger>(&mut self, loaded: Loaded, place: Place) {
        let Loaded {
            mut order,
            stamp,
            life,
            price_ticks,
            extra,
        } = loaded;
        let book = self.books.at(order.instrument);
        let (account, mut shown) = (order.account, order.open_lots);
        if let Some((shown_lots, mut extra)) = extra {
            if place == Place::Resting {
                shown = shown_lots;
                extra.hidden_lots = order.open_lots - shown_lots;
            } else {
                extra.price_ticks = price_ticks;
            }
            mark(&mut order, &extra);
            order.extra = self.orders.extras.insert(extra);
        }
        if place == Place::Pending {
            order.set_place(place);
        }
        let at = self.orders.open::<L>(order, stamp, life);
        if place == Place::Pending {
            return book.count_pending(&self.orders, at);
        }
        book.count_in(account);
        match place {
            Place::Resting => book.link(&mut self.orders, at, price_ticks, shown),
            Place::Waiting => book.wait(&mut self.orders, at),
            Place::Queued | Place::Pending => book.enqueue(&mut self.orders, at),
        }
    }
}

/// Whether an order can stand in this place.
fn is_sound(loaded: &Loaded, place: Place) -> bool {
    let Loaded { order, extra, .. } = loaded;
    let open = order.id != 0 && order.open_lots > 0;
    match (place, extra) {
        (Place::Resting, None) => open && loaded.price_ticks > 0,
        (Place::Resting, Some((shown, _))) => {
            open && loaded.price_ticks > 0 && (1..=order.open_lots).contains(shown)
        }
        (_, None) => false,
        (Place::Waiting, Some((_, extra))) => open && extra.trigger.is_some(),
        (Place::Queued, Some((_, extra))) => {
            open && (extra.trigger.is_some() || extra.list_id != 0)
        }
        (Place::Pending, Some((_, extra))) => open && extra.list_id != 0,
    }
}

fn load_list(instrument: u32, from: &mut StateReader<'_>) -> Result<List, LoadError> {
    let (list_type, state) = (from.u8()?, from.u8()?);
    let (account, count) = (from.u32()?, from.u8()?);
    let wrong = from.wrong("list");
    let list_type = ListType::try_from(list_type).map_err(|_| wrong)?;
    let sound = state == ListState::Executing as u8 && count == list_type.legs();
    from.expect(sound, "list")?;
    let mut legs = [0; LEGS_MAX];
    for order_id in &mut legs[..usize::from(count)] {
        *order_id = from.u64()?;
    }
    Ok(List {
        account,
        instrument,
        list_type,
        legs,
    })
}

fn load_order(instrument: u32, from: &mut StateReader<'_>) -> Result<Loaded, LoadError> {
    let (id, arrival) = (from.u64()?, from.u64()?);
    let (account, group) = (from.u32()?, from.u32()?);
    let stamp = Stamp {
        wallet: 0,
        maker_rate_ppm: from.i32()?,
        taker_rate_ppm: from.i32()?,
    };
    let life = Life {
        entered_ns: from.u64()?,
        changed_ns: from.u64()?,
        traded_value: from.u128()?,
    };
    let [side, order_type, time_in_force, self_trade, post_only] = from.array()?;
    let wrong = from.wrong("order's terms");
    SelfTrade::try_from(self_trade).map_err(|_| wrong)?;
    let price_ticks = from.i64()?;
    let order = Order {
        id,
        arrival,
        open_lots: from.u64()?,
        done_lots: from.u64()?,
        account,
        group,
        instrument,
        side: Side::try_from(side).map_err(|_| wrong)?,
        order_type: OrderType::try_from(order_type).map_err(|_| wrong)?,
        time_in_force: TimeInForce::try_from(time_in_force).map_err(|_| wrong)?,
        traits: Order::plain_traits(self_trade, post_only != 0),
        ..Order::BLANK
    };
    let has_extra = from.u8()? != 0;
    let extra = has_extra.then(|| Ok((from.u64()?, load_extra(from)?)));
    Ok(Loaded {
        order,
        stamp,
        life,
        price_ticks,
        extra: extra.transpose()?,
    })
}

fn load_extra(from: &mut StateReader<'_>) -> Result<Extra, LoadError> {
    let (display_lots, stop_ticks) = (from.u64()?, from.i64()?);
    let [trigger, stop_unit] = from.array()?;
    let wrong = from.wrong("stop");
    Ok(Extra {
        display_lots,
        stop_ticks,
        trigger: match trigger {
            0 => None,
            trigger => Some(Trigger::try_from(trigger).map_err(|_| wrong)?),
        },
        stop_unit: StopUnit::try_from(stop_unit).map_err(|_| wrong)?,
        distance: from.i64()?,
        best_ticks: from.i64()?,
        worst: WorstPrice {
            lower_ticks: from.i64()?,
            upper_ticks: from.i64()?,
            band_ppm: from.u32()?,
        },
        expire_time_ns: from.u64()?,
        client_order_id: Text(from.array()?),
        list_id: from.u64()?,
        ..Extra::BLANK
    })
}
