//! Calls that wait for their answers. The interpreter is free meanwhile.

use std::sync::{Mutex, PoisonError};

use outcry_runtime::{CallError, Client, ClientOptions, Replies};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::PyTuple;

use crate::batch::{BatchFailure, apply};
use crate::bytes::{AlignedBytes, Records};
use crate::decimals::Decimals;
use crate::exchange::Exchange;
use crate::exchange_errors::call_failed;
use crate::order::OrderCommand;
use crate::reading::{answer_of, read_of};
use crate::reply::{Asked, events_of};

/// Calls an exchange, each thread by a client of its own.
#[pyclass(frozen, module = "outcry._native")]
pub(crate) struct Caller {
    exchange: Py<Exchange>,
    in_flight_max: u32,
    reply_bytes_max: usize,
    idle: Mutex<Vec<Client>>,
    decimals: Mutex<Decimals>,
}

impl Caller {
    pub(crate) fn new(exchange: Py<Exchange>, in_flight_max: u32, reply_bytes_max: usize) -> Self {
        Self {
            exchange,
            in_flight_max,
            reply_bytes_max,
            idle: Mutex::default(),
            decimals: Mutex::default(),
        }
    }

    /// Does something with a client that no other thread uses, the interpreter free meanwhile.
    fn with_client<T: Send>(
        &self,
        py: Python<'_>,
        act: impl FnOnce(&Client) -> T + Send,
    ) -> PyResult<T> {
        let idle = lock(&self.idle).pop();
        let client = match idle {
            Some(client) => client,
            None => self.exchange.get().client(ClientOptions {
                in_flight_max: self.in_flight_max,
                reply_bytes_max: self.reply_bytes_max,
                ..ClientOptions::default()
            })?,
        };
        let done = py.detach(|| act(&client));
        lock(&self.idle).push(client);
        Ok(done)
    }

    fn called(
        &self,
        py: Python<'_>,
        act: impl FnOnce(&Client) -> Result<Replies, CallError> + Send,
    ) -> PyResult<Replies> {
        self.with_client(py, act)?.map_err(call_failed)
    }

    /// Sends a command about an order and waits: its `Placement`, or of a cancel the quantity.
    pub(crate) fn order<'py>(
        &self,
        py: Python<'py>,
        command: &OrderCommand,
        asked: &Asked,
    ) -> PyResult<Bound<'py, PyAny>> {
        let replies = self.called(py, |client| {
            if asked.wants_order() {
                client.call_with_order(command.bytes())
            } else {
                client.call(command.bytes())
            }
        })?;
        let reply = replies.iter().next().expect("a call has one reply");
        let decimals = self.decimals.lock_py_attached(py);
        asked.told(
            py,
            &mut decimals.unwrap_or_else(PoisonError::into_inner),
            &reply,
        )
    }
}

#[pymethods]
impl Caller {
    /// Sends one command and returns the records of its events.
    #[pyo3(signature = (record, /))]
    fn call(&self, py: Python<'_>, record: &Bound<'_, PyAny>) -> PyResult<Records> {
        let bytes = AlignedBytes::of(record)?;
        let replies = self.called(py, |client| client.call(&bytes))?;
        events_of(&replies.iter().next().expect("a call has one reply"))
    }

    /// Sends any number of commands and returns the records of all their events.
    #[pyo3(signature = (records, /))]
    fn apply(&self, py: Python<'_>, records: &Bound<'_, PyAny>) -> PyResult<Records> {
        let bytes = AlignedBytes::of(records)?;
        let applied = self.with_client(py, |client| apply(client, &bytes))?;
        applied.map_err(BatchFailure::into_error)
    }

    /// Reads live state: the sequence that was seen, and what was read.
    #[pyo3(signature = (what, /, *arguments))]
    fn read<'py>(
        &self,
        py: Python<'py>,
        what: &str,
        arguments: &Bound<'py, PyTuple>,
    ) -> PyResult<(u64, Bound<'py, PyAny>)> {
        let read = read_of(what, arguments)?;
        let (sequence, answer) = self
            .with_client(py, |client| client.read(&read))?
            .map_err(call_failed)?;
        Ok((sequence, answer_of(py, &answer)?))
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
