//! What an exchange answered to one command, as its caller wants it.

use outcry_protocol::{CommandKind, EventRecord, OrderRecord, OrderType};
use outcry_runtime::Reply;
use pyo3::prelude::*;

use crate::answer::{Outcome, Status, accepted_alone, own_answer};
use crate::bytes::Records;
use crate::decimals::Decimals;
use crate::errors::is_rejection;
use crate::exchange_errors::events_gap;
use crate::gateways::Told;
use crate::placement::{Cancelled, Steps, cancelled_order, placement};

/// What was asked of an order, kept until the answer is there.
pub(crate) struct Asked {
    /// The fields that all commands about orders have.
    pub(crate) base: OrderRecord,
    /// What an amount order says, else 0.
    pub(crate) amount: u128,
    /// Whether of a cancel all is told, and not the quantity alone.
    pub(crate) tells_all: bool,
    /// The steps of its instrument.
    pub(crate) steps: Steps,
    /// The instrument as its caller named it.
    pub(crate) instrument: Py<PyAny>,
    /// Says a refusal in the words of the caller.
    pub(crate) explain: Py<PyAny>,
    /// Of an order of the spot API: how its result is told.
    pub(crate) told: Option<Told>,
}

impl Asked {
    /// The `Placement` of a new or replaced order, or the result that the spot API tells.
    fn placement<'py>(
        &self,
        py: Python<'py>,
        decimals: &mut Decimals,
        reply: &Reply<'_>,
    ) -> PyResult<Bound<'py, PyAny>> {
        require_whole(reply)?;
        let answer = reply.answers().next().expect("a command has an answer");
        let outcome = if let Some(order_id) = accepted_alone(answer.records) {
            Outcome::entered(order_id, self.open_status(), self.base.quantity_lots)
        } else {
            let own = own_answer(py, answer.records, self.base.kind);
            let own = own.map_err(|error| self.explained(py, reply, error))?;
            self.eventful(own.order_id, reply, answer.records)
        };
        if let Some(told) = &self.told {
            return told.result(py, &self.base, self.amount, &outcome, reply.time_ns);
        }
        placement(
            py,
            decimals,
            self.steps,
            &outcome,
            answer.sequence,
            reply.time_ns,
        )
    }

    /// The quantity that was open of a cancelled order, or its `CancelledOrder`.
    fn cancelled<'py>(
        &self,
        py: Python<'py>,
        decimals: &mut Decimals,
        reply: &Reply<'_>,
    ) -> PyResult<Bound<'py, PyAny>> {
        require_whole(reply)?;
        let answer = reply.answers().next().expect("a command has an answer");
        let own = own_answer(py, answer.records, self.base.kind);
        let own = own.map_err(|error| self.explained(py, reply, error))?;
        if !self.tells_all {
            return decimals.get(py, own.value, self.steps.lot);
        }
        let told = Cancelled {
            order_id: own.order_id,
            open_lots: own.value,
            sequence: answer.sequence,
            time_ns: reply.time_ns,
        };
        cancelled_order(py, decimals, self.steps, &told)
    }

    /// Whether the answer must say how the order stands: events do not tell what a replaced order
    /// had done before.
    pub(crate) const fn wants_order(&self) -> bool {
        is_replace(self.base.kind)
    }

    /// What its caller gets: a `Placement`, or what a cancel says.
    pub(crate) fn told<'py>(
        &self,
        py: Python<'py>,
        decimals: &mut Decimals,
        reply: &Reply<'_>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if is_cancel(self.base.kind) {
            self.cancelled(py, decimals, reply)
        } else {
            self.placement(py, decimals, reply)
        }
    }

    fn open_status(&self) -> Status {
        if self.base.order_type >= OrderType::Stop as u8 {
            Status::Waiting
        } else {
            Status::Resting
        }
    }

    fn eventful(&self, order_id: u64, reply: &Reply<'_>, records: &[EventRecord]) -> Outcome {
        let outcome = Outcome::of_events(order_id, records);
        if self.wants_order() {
            outcome.seen_as(reply.order)
        } else {
            outcome.left_of(self.base.quantity_lots, self.open_status())
        }
    }

    /// A refusal in the words of the caller.
    #[cold]
    fn explained(&self, py: Python<'_>, reply: &Reply<'_>, error: PyErr) -> PyErr {
        let side = reply.order.map_or(self.base.side, |order| order.side as u8);
        let size = size_of_order(&self.base, self.amount);
        explained(
            py,
            &self.explain,
            self.instrument.bind(py),
            side,
            size,
            error,
        )
    }
}

const fn is_replace(kind: u8) -> bool {
    kind == CommandKind::Replace as u8 || kind == CommandKind::ReplaceExtended as u8
}

pub(crate) const fn is_cancel(kind: u8) -> bool {
    kind == CommandKind::Cancel as u8 || kind == CommandKind::CancelExtended as u8
}

/// What a new order says it needs: a price in ticks and lots, or an amount; 0 for what it does not
/// say.
pub(crate) const fn size_of_order(base: &OrderRecord, amount: u128) -> (i64, u64, u128) {
    // Who replaces needs what is more than the order holds, which its record does not tell.
    if is_replace(base.kind) || is_cancel(base.kind) {
        return (0, 0, 0);
    }
    let is_limited =
        base.order_type == OrderType::Limit as u8 || base.order_type == OrderType::StopLimit as u8;
    let price_ticks = if is_limited { base.price_ticks } else { 0 };
    (price_ticks, base.quantity_lots, amount)
}

/// A refusal of an order in the words of its caller.
#[cold]
pub(crate) fn explained(
    py: Python<'_>,
    explain: &Py<PyAny>,
    instrument: &Bound<'_, PyAny>,
    side: u8,
    size: (i64, u64, u128),
    error: PyErr,
) -> PyErr {
    if !is_rejection(py, &error) {
        return error;
    }
    match explain
        .bind(py)
        .call1((error.value(py), instrument, side, size))
    {
        Ok(told) => PyErr::from_value(told),
        Err(other) => other,
    }
}

/// The events of all commands of a reply, each from its own answer on.
pub(crate) fn events_of(reply: &Reply<'_>) -> PyResult<Records> {
    require_whole(reply)?;
    let mut records = Vec::with_capacity(reply.records.len());
    for answer in reply.answers() {
        records.extend_from_slice(answer.records);
    }
    Ok(Records::from(records).at(reply.time_ns))
}

fn require_whole(reply: &Reply<'_>) -> PyResult<()> {
    if reply.records_lost > 0 {
        return Err(events_gap(reply.first_sequence, reply.last_sequence));
    }
    Ok(())
}
