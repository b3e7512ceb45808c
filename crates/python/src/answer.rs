//! What one command did, read from its events.

use outcry_engine::{Engine, OrderView, Place};
use outcry_protocol::{CancelReason, Event, EventContext, EventKind, EventRecord};
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyTuple};

use crate::errors::{command_rejected, request_repeated};

/// Where an order is when its command is done, as `outcry.exchange.OrderStatus` numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Resting = 1,
    Waiting = 2,
    Queued = 3,
    Filled = 4,
    Cancelled = 5,
    Expired = 6,
    Pending = 7,
}

impl Status {
    /// All of them.
    pub(crate) const ALL: [Self; 7] = [
        Self::Resting,
        Self::Waiting,
        Self::Queued,
        Self::Filled,
        Self::Cancelled,
        Self::Expired,
        Self::Pending,
    ];
}

impl From<Place> for Status {
    fn from(place: Place) -> Self {
        match place {
            Place::Resting => Self::Resting,
            Place::Waiting => Self::Waiting,
            Place::Queued => Self::Queued,
            Place::Pending => Self::Pending,
        }
    }
}

/// A fill: trade id, maker's and taker's order ids, price in ticks, lots.
pub(crate) type Fill = (u64, u64, u64, i64, u64);

/// What became of an order within one command.
pub(crate) struct Outcome {
    pub(crate) order_id: u64,
    pub(crate) status: Status,
    pub(crate) open_lots: u64,
    /// A `CancelReason`, 0 for none.
    pub(crate) cancel_reason: u16,
    pub(crate) fills: Vec<Fill>,
    /// What self-trade prevention took off it.
    prevented_lots: u64,
}

impl Outcome {
    /// An order that was accepted, and nothing else happened.
    #[inline]
    pub(crate) fn entered(order_id: u64, status: Status, open_lots: u64) -> Self {
        Self {
            order_id,
            status,
            open_lots,
            cancel_reason: 0,
            fills: Vec::new(),
            prevented_lots: 0,
        }
    }

    /// What became of the order that a command made or replaced, refusals raised.
    pub(crate) fn read(
        py: Python<'_>,
        engine: &Engine,
        events: &[EventRecord],
        command_kind: u8,
    ) -> PyResult<Self> {
        let order_id = own_answer(py, events, command_kind)?.order_id;
        Ok(Self::of_events(order_id, events).seen_as(engine.order(order_id).as_ref()))
    }

    /// What events say became of an order: that it is gone, filled unless they say otherwise.
    pub(crate) fn of_events(order_id: u64, events: &[EventRecord]) -> Self {
        let mut outcome = Self::entered(order_id, Status::Filled, 0);
        let mut context = EventContext::default();
        for record in events {
            let read = context
                .read(record)
                .expect("the engine writes what can be read");
            if let Some(placed) = read {
                outcome.take_in(&placed.event);
            }
        }
        outcome
    }

    /// The same order as it stands where it is still open.
    pub(crate) fn seen_as(mut self, open: Option<&OrderView>) -> Self {
        if let Some(view) = open {
            self.open_lots = view.open_lots;
            self.status = view.place.into();
        }
        self
    }

    /// The same order where it was new and had so many lots: what has not gone is still open.
    pub(crate) fn left_of(mut self, quantity_lots: u64, open: Status) -> Self {
        let filled: u64 = self.fills.iter().map(|fill| fill.4).sum();
        let left = quantity_lots.saturating_sub(filled + self.prevented_lots);
        if self.status == Status::Filled && left > 0 {
            self.status = open;
            self.open_lots = left;
        }
        self
    }

    fn take_in(&mut self, event: &Event) {
        match *event {
            Event::Traded {
                trade_id,
                maker_order_id: maker,
                taker_order_id: taker,
                price_ticks,
                quantity_lots,
                ..
            } if maker == self.order_id || taker == self.order_id => {
                self.fills
                    .push((trade_id, maker, taker, price_ticks, quantity_lots));
            }
            Event::Prevented {
                maker_order_id: maker,
                taker_order_id: taker,
                quantity_lots,
            } if maker == self.order_id || taker == self.order_id => {
                self.prevented_lots += quantity_lots;
            }
            Event::Cancelled {
                order_id, reason, ..
            } if order_id == self.order_id => {
                self.status = Status::Cancelled;
                self.cancel_reason = reason as u16;
            }
            Event::Expired { order_id, .. } if order_id == self.order_id => {
                self.status = Status::Expired;
            }
            _ => {}
        }
    }
}

/// Whether the record is the command's own answer; what is due before it says none of these.
fn is_own_answer(record: &EventRecord) -> bool {
    const ANSWERS: [u8; 4] = [
        EventKind::Accepted as u8,
        EventKind::Rejected as u8,
        EventKind::DuplicateRequest as u8,
        EventKind::Replaced as u8,
    ];
    const REQUESTED: u16 = CancelReason::Requested as u16;
    const REPLACED: u16 = CancelReason::Replaced as u16;
    let is_cancel = record.kind == EventKind::Cancelled as u8;
    ANSWERS.contains(&record.kind) || (is_cancel && matches!(record.code, REQUESTED | REPLACED))
}

/// The command's own answer, refusals raised.
pub(crate) fn own_answer<'a>(
    py: Python<'_>,
    events: &'a [EventRecord],
    command_kind: u8,
) -> PyResult<&'a EventRecord> {
    let found = events.iter().find(|record| is_own_answer(record));
    let record = found.expect("the engine answers every command");
    if record.kind == EventKind::Rejected as u8 {
        return Err(command_rejected(py, command_kind, record));
    }
    if record.kind == EventKind::DuplicateRequest as u8 {
        return Err(request_repeated(record));
    }
    Ok(record)
}

/// The answer to a command that made or replaced an order: the order id where it was accepted and
/// nothing else happened, else `(order_id, status, open_lots, cancel_reason, fills)`.
#[inline]
pub(crate) fn order_answer<'py>(
    py: Python<'py>,
    engine: &Engine,
    events: &[EventRecord],
    command_kind: u8,
) -> PyResult<Bound<'py, PyAny>> {
    if let Some(order_id) = accepted_alone(events) {
        return Ok(integer(py, order_id).into_any());
    }
    eventful_answer(py, engine, events, command_kind)
}

/// The order that was accepted, where nothing else happened but that balances moved.
#[inline]
pub(crate) fn accepted_alone(events: &[EventRecord]) -> Option<u64> {
    const BALANCE: u8 = EventKind::BalanceChanged as u8;
    let (first, rest) = events.split_first()?;
    let is_alone = first.kind == EventKind::Accepted as u8
        && rest.first().is_none_or(|next| next.kind == BALANCE);
    is_alone.then_some(first.order_id)
}

fn eventful_answer<'py>(
    py: Python<'py>,
    engine: &Engine,
    events: &[EventRecord],
    command_kind: u8,
) -> PyResult<Bound<'py, PyAny>> {
    let outcome = Outcome::read(py, engine, events, command_kind)?;
    let fills = PyTuple::new(py, outcome.fills)?;
    let answer = (
        outcome.order_id,
        outcome.status as u8,
        outcome.open_lots,
        outcome.cancel_reason,
        fills,
    );
    Ok(answer.into_pyobject(py)?.into_any())
}

/// A Python integer.
#[inline]
pub(crate) fn integer(py: Python<'_>, value: u64) -> Bound<'_, PyInt> {
    match value.into_pyobject(py) {
        Ok(integer) => integer,
        Err(never) => match never {},
    }
}
