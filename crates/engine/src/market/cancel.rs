//! The cancel of one order, and how a command names an order.

use super::Market;
use super::ledger::Ledger;
use super::slab::NONE;
use crate::emit::{Emitter, EventSink};
use crate::refusal::{Refusal, require};
use outcry_protocol::{CancelReason, OrderRecord, RejectReason as R, Text, TradingState};

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

    /// The instrument that a cancel or replace is about, and the place of the order that it names
    /// or [`NONE`].
    #[inline(always)]
    pub(crate) fn locate(
        &self,
        record: &OrderRecord,
        client: Option<Text<36>>,
        time_ns: u64,
    ) -> Result<(u32, u32), Refusal> {
        let place = self.named_place(record, client, time_ns);
        match (record.instrument, place) {
            (0, NONE) => Err(R::UnknownOrder.into()),
            (0, place) => Ok((self.orders.pool[place].instrument, place)),
            (instrument, place) => Ok((instrument, place)),
        }
    }

    /// Cancels one order. Answers its id.
    #[inline(always)]
    pub(crate) fn cancel_order<S: EventSink, L: Ledger>(
        &mut self,
        record: &OrderRecord,
        client: Option<Text<36>>,
        out: &mut Emitter<'_, S, L>,
    ) -> Result<u64, Refusal> {
        let (named, place) = self.locate(record, client, out.time_ns)?;
        let book = self.books.known(named)?;
        require(book.state != TradingState::Halted, R::InstrumentHalted)?;
        require(place != NONE, R::UnknownOrder)?;
        let order = &self.orders.pool[place];
        require(order.instrument == named, R::UnknownOrder)?;
        let id = order.id;
        book.cancel(&mut self.orders, place, CancelReason::Requested, out);
        Ok(id)
    }
}
