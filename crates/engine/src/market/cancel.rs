//! Cancels: of one order, of many, and at a session's end.

use super::Market;
use super::order::Order;
use super::refusal::{Refusal, require};
use super::slab::NONE;
use crate::emit::{Emitter, EventSink};
use outcry_protocol::{
    CancelReason, EventRecord, MassCancelRecord, OrderRecord, RejectReason as R, Text, TimeInForce,
    TradingState,
};

impl Market {
    /// The place of the open order of the command's account that it names by id or by client id,
    /// or [`NONE`].
    #[inline(always)]
    pub(crate) fn named_place(
        &self,
        record: &OrderRecord,
        client: Option<Text<36>>,
        time_ns: u64,
    ) -> u32 {
        let place = match client {
            Some(client) if record.order_id == 0 => {
                self.orders.find_client(record.account, client, time_ns)
            }
            _ => self.orders.find_live(record.order_id, time_ns),
        };
        if place != NONE && self.orders.pool[place].account == record.account {
            place
        } else {
            NONE
        }
    }

    /// The instrument that a command names, itself or by its order; 0 for none.
    pub(crate) fn named_instrument(
        &self,
        record: &OrderRecord,
        client: Option<Text<36>>,
        time_ns: u64,
    ) -> u32 {
        if record.instrument != 0 {
            return record.instrument;
        }
        match self.named_place(record, client, time_ns) {
            NONE => 0,
            place => self.orders.pool[place].instrument,
        }
    }

    /// Cancels one order. Answers its id.
    #[inline(always)]
    pub(crate) fn cancel_order<S: EventSink>(
        &mut self,
        record: &OrderRecord,
        client: Option<Text<36>>,
        out: &mut Emitter<'_, S>,
    ) -> Result<u64, Refusal> {
        let place = self.named_place(record, client, out.time_ns);
        let named = match (record.instrument, place) {
            (0, NONE) => return Err(R::UnknownOrder.into()),
            (0, place) => self.orders.pool[place].instrument,
            (instrument, _) => instrument,
        };
        let book = self.books.known(named)?;
        require(book.state != TradingState::Halted, R::InstrumentHalted)?;
        require(place != NONE, R::UnknownOrder)?;
        let order = &self.orders.pool[place];
        require(order.instrument == named, R::UnknownOrder)?;
        let id = order.id;
        book.cancel(&mut self.orders, place, CancelReason::Requested, out);
        Ok(id)
    }

    /// Cancels at most `most` of the orders that match, by rising id.
    pub(crate) fn mass_cancel<S: EventSink>(
        &mut self,
        record: &MassCancelRecord,
        most: u32,
        out: &mut Emitter<'_, S>,
    ) -> Result<u64, Refusal> {
        if record.instrument != 0 {
            self.books.known(record.instrument)?;
        }
        let books = &self.books;
        let matches = |order: &Order| {
            let halted = books
                .get(order.instrument)
                .is_none_or(|book| book.state == TradingState::Halted);
            !halted
                && (record.account == 0 || record.account == order.account)
                && (record.instrument == 0 || record.instrument == order.instrument)
                && (record.side == 0 || record.side == order.side as u8)
        };
        let (ids, more) = self.lowest_matching(matches, most, out.time_ns);
        out.emit(EventRecord::accepted(
            out.sequence,
            record.instrument,
            0,
            0,
            more,
        ));
        for order_id in ids {
            let place = self.orders.find(order_id);
            let book = self.books.at(self.orders.pool[place].instrument);
            book.cancel(&mut self.orders, place, CancelReason::MassCancel, out);
        }
        Ok(0)
    }

    /// Expires at most `most` DAY orders of an instrument, by rising id.
    pub(crate) fn end_session<S: EventSink>(
        &mut self,
        instrument: u32,
        most: u32,
        out: &mut Emitter<'_, S>,
    ) -> Result<u64, Refusal> {
        self.books.known(instrument)?;
        let matches = |order: &Order| {
            order.instrument == instrument && order.time_in_force == TimeInForce::Day
        };
        let (ids, more) = self.lowest_matching(matches, most, out.time_ns);
        out.emit(EventRecord::accepted(out.sequence, instrument, 0, 0, more));
        for order_id in ids {
            let place = self.orders.find(order_id);
            self.books
                .at(instrument)
                .expire(&mut self.orders, place, out);
        }
        Ok(0)
    }

    /// The lowest ids of open orders that match and are not due, and whether there are more.
    fn lowest_matching(
        &self,
        matches: impl Fn(&Order) -> bool,
        most: u32,
        time_ns: u64,
    ) -> (Vec<u64>, bool) {
        let due = self.orders.has_due(time_ns);
        let live = |place: u32| !due || !self.orders.is_due(place, time_ns);
        let matching = self
            .orders
            .iter()
            .filter(|(place, order)| matches(order) && live(*place));
        let mut ids: Vec<u64> = matching.map(|(_, order)| order.id).collect();
        let most = most as usize;
        let more = ids.len() > most;
        if more {
            ids.select_nth_unstable(most);
            ids.truncate(most);
        }
        ids.sort_unstable();
        (ids, more)
    }
}
