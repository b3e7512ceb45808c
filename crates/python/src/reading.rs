//! Reads of live state: what is asked, and what comes back as Python takes it.

use outcry_protocol::Text;
use outcry_runtime::{InstrumentView, NewOrder, Read, ReadAnswer};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};

use crate::arguments as take;
use crate::bytes::{AlignedBytes, Records};
use crate::errors::invalid_value;
use crate::views;

/// A read by its name and arguments.
pub(crate) fn read_of(what: &str, arguments: &Bound<'_, PyTuple>) -> PyResult<Read> {
    let at = |place: usize| arguments.get_item(place);
    Ok(match what {
        "orders" => Read::OpenOrders {
            account: take::account(&at(0)?)?,
            instrument: take::instrument(&at(1)?)?,
            most: take::most(&at(2)?)?,
        },
        "order" => Read::Order {
            order_id: take::order_id(&at(0)?)?,
        },
        "lists" => Read::OpenLists {
            account: take::account(&at(0)?)?,
            instrument: take::instrument(&at(1)?)?,
            most: take::most(&at(2)?)?,
        },
        "list" => Read::OrderList {
            list_id: take::list_id(&at(0)?)?,
        },
        "client_order" => Read::ClientOrder {
            account: take::account(&at(0)?)?,
            client_order_id: client_order_id(&at(1)?)?,
        },
        "queue_position" => Read::QueuePosition {
            order_id: take::order_id(&at(0)?)?,
        },
        "balances" => Read::Balances {
            account: take::account(&at(0)?)?,
        },
        "assets" => Read::Assets,
        "accounts" => Read::Accounts {
            first: take::from_account(&at(0)?)?,
            most: take::most(&at(1)?)?,
        },
        "account" => Read::Account {
            account: take::account(&at(0)?)?,
        },
        "withdrawals" => Read::Withdrawals,
        "instruments" => Read::Instruments,
        "state_hash" => Read::StateHash,
        "new_order" => Read::NewOrder(new_order(&at(0)?)?),
        _ => return Err(invalid_value("what", what, "is nothing that can be read")),
    })
}

fn client_order_id(given: &Bound<'_, PyAny>) -> PyResult<Text<36>> {
    let name = take::client_order_id(Some(given))?;
    Ok(name.unwrap_or_default())
}

fn new_order(record: &Bound<'_, PyAny>) -> PyResult<NewOrder> {
    let bytes = AlignedBytes::of(record)?;
    NewOrder::of(&bytes).ok_or_else(|| {
        let length = format!("{} bytes", bytes.len());
        invalid_value("record", &length, "are longer than a new order")
    })
}

/// What was read: rows, or the tuple that its method in `_native.pyi` names.
pub(crate) fn answer_of<'py>(py: Python<'py>, answer: &ReadAnswer) -> PyResult<Bound<'py, PyAny>> {
    let rows = match answer {
        ReadAnswer::Orders(found) => views::orders(found),
        ReadAnswer::Order(found) => views::orders(found),
        ReadAnswer::Lists(found) => views::lists(found),
        ReadAnswer::List(found) => views::lists(found),
        ReadAnswer::Balances(found) => views::balances(found),
        ReadAnswer::Assets(found) => views::assets(found),
        ReadAnswer::Accounts(found) => views::accounts(found),
        ReadAnswer::Account(found) => views::accounts(found),
        ReadAnswer::Withdrawals(found) => views::withdrawals(found),
        ReadAnswer::QueuePosition(found) => {
            let ahead = found.map(|position| (position.orders_ahead, position.lots_ahead));
            return Ok(ahead.into_pyobject(py)?.into_any());
        }
        ReadAnswer::Instruments(found) => return instruments(py, found),
        ReadAnswer::Refusal(found) => {
            let refusal = found.map(|(reason, bound)| (reason as u16, bound));
            return Ok(refusal.into_pyobject(py)?.into_any());
        }
        ReadAnswer::StateHash(hash) => return Ok(PyBytes::new(py, hash).into_any()),
    };
    Ok(Bound::new(py, rows)?.into_any())
}

/// Each instrument's record, its limits' record, its state, and the ticks of its last trade.
fn instruments<'py>(py: Python<'py>, found: &[InstrumentView]) -> PyResult<Bound<'py, PyAny>> {
    let listed = found.iter().map(|view| {
        let definition = Records::from(vec![view.definition]);
        let limits = Records::from(vec![view.limits]);
        (definition, limits, view.state as u8, view.last_trade_ticks).into_pyobject(py)
    });
    let listed = listed.collect::<PyResult<Vec<_>>>()?;
    Ok(PyList::new(py, listed)?.into_any())
}
