//! Calls whose answers are futures of an event loop. Answers come in batches, by one wake-up each.

use std::collections::VecDeque;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use outcry_runtime::{Client, ClientOptions, Halt, Read, Replies, Reply, SubmitError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::PyTuple;

use crate::bytes::AlignedBytes;
use crate::caller::lock;
use crate::decimals::Decimals;
use crate::exchange::Exchange;
use crate::exchange_errors::{answer_too_long, halted, submit_failed};
use crate::order::OrderCommand;
use crate::reading::{answer_of, read_of};
use crate::reply::{Asked, events_of};
use crate::wake::Bell;

/// So many submissions at most wait for the end of the loop's turn.
const UNHEARD_MAX: u32 = 16;

/// What becomes of an answer.
enum Wanted {
    /// The outcome of an order.
    Order(Asked),
    /// What this callable makes of the events, or of what was read.
    Decoded(Py<PyAny>),
}

struct Pending {
    future: Py<PyAny>,
    wanted: Wanted,
    /// What is read, of a read that can be asked once more behind a halt.
    read: Option<Box<Read>>,
}

/// What is on its way: tickets rise one by one, so their places do.
#[derive(Default)]
struct Flight {
    first_ticket: u64,
    pending: VecDeque<Option<Pending>>,
}

impl Flight {
    fn next_ticket(&self) -> u64 {
        self.first_ticket + self.pending.len() as u64
    }

    fn take(&mut self, ticket: u64) -> Option<Pending> {
        let place = ticket.checked_sub(self.first_ticket)?;
        let taken = self.pending.get_mut(place as usize)?.take();
        self.pass_done();
        taken
    }

    fn pass_done(&mut self) {
        while let Some(None) = self.pending.front() {
            self.pending.pop_front();
            self.first_ticket += 1;
        }
    }
}

/// One event loop's way into an exchange.
#[pyclass(frozen, module = "outcry._native")]
pub(crate) struct Tasks {
    client: Client,
    reply_bytes_max: usize,
    bell: Arc<Bell>,
    /// Makes a future of the loop.
    create_future: Py<PyAny>,
    /// Has a callable called in the loop's next turn.
    call_soon: Py<PyAny>,
    /// Submissions that the core was not woken for.
    unheard: AtomicU32,
    flight: Mutex<Flight>,
    replies: Mutex<Replies>,
    decimals: Mutex<Decimals>,
}

impl Tasks {
    pub(crate) fn new(
        exchange: &Exchange,
        in_flight_max: u32,
        reply_bytes_max: usize,
        create_future: Py<PyAny>,
        call_soon: Py<PyAny>,
    ) -> PyResult<Self> {
        let bell = Arc::new(Bell::new()?);
        let client = exchange.client(ClientOptions {
            in_flight_max,
            reply_bytes_max,
            waker: Some(Arc::clone(&bell) as _),
            wakes_itself: true,
        })?;
        Ok(Self {
            client,
            reply_bytes_max,
            bell,
            create_future,
            call_soon,
            unheard: AtomicU32::new(0),
            flight: Mutex::default(),
            replies: Mutex::default(),
            decimals: Mutex::default(),
        })
    }

    /// Sends a command about an order; the future of its `Placement`, or of a cancel the quantity.
    pub(crate) fn order<'py>(
        slf: &Bound<'py, Self>,
        command: &OrderCommand,
        asked: Asked,
    ) -> PyResult<Bound<'py, PyAny>> {
        let wants_order = asked.wants_order();
        Self::enter(slf, Wanted::Order(asked), None, |client, ticket| {
            if wants_order {
                client.submit_with_order(command.bytes(), ticket)
            } else {
                client.submit(command.bytes(), ticket)
            }
            .map(|_| ())
        })
    }

    fn enter<'py>(
        slf: &Bound<'py, Self>,
        wanted: Wanted,
        read: Option<Box<Read>>,
        send: impl FnOnce(&Client, u64) -> Result<(), SubmitError>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (own, py) = (slf.get(), slf.py());
        let future = own.create_future.bind(py).call0()?;
        let pending = Pending {
            future: future.clone().unbind(),
            wanted,
            read,
        };
        // No Python runs while the lock is held.
        let sent = {
            let mut flight = lock(&own.flight);
            let sent = send(&own.client, flight.next_ticket());
            match sent {
                Ok(()) => {
                    flight.pending.push_back(Some(pending));
                    Ok(())
                }
                Err(error) => Err((error, pending)),
            }
        };
        match sent {
            Ok(()) => Self::be_heard(slf).map(|()| future),
            Err((error, _)) => Err(submit_failed(error)),
        }
    }

    /// Wakes the core for every so many submissions, else when the loop has done what it does now:
    /// a wake-up costs more than a submission, and many come in one turn of the loop.
    fn be_heard(slf: &Bound<'_, Self>) -> PyResult<()> {
        let own = slf.get();
        match own.unheard.fetch_add(1, Ordering::Relaxed) {
            0 => {
                let wake = slf.getattr(intern!(slf.py(), "wake"))?;
                own.call_soon.bind(slf.py()).call1((wake,))?;
            }
            before if before + 1 >= UNHEARD_MAX => own.wake(),
            _ => {}
        }
        Ok(())
    }

    fn resolve(&self, py: Python<'_>, reply: &Reply<'_>) -> PyResult<()> {
        let pending = lock(&self.flight).take(reply.ticket);
        let pending = pending.expect("every reply was asked for");
        let result = match &pending.wanted {
            Wanted::Order(asked) => asked.told(
                py,
                &mut self
                    .decimals
                    .lock_py_attached(py)
                    .unwrap_or_else(PoisonError::into_inner),
                reply,
            ),
            Wanted::Decoded(decode) => decoded(py, decode, reply, self.reply_bytes_max),
        };
        let future = pending.future.bind(py);
        let set = match result {
            Ok(value) => future.call_method1(intern!(py, "set_result"), (value,)),
            Err(error) => future.call_method1(intern!(py, "set_exception"), (error,)),
        };
        match set {
            // Who waited has given up: the command was carried out all the same.
            Err(_) if is_done(future)? => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// Fails what a halt leaves without an answer. Reads are asked once more: they are answered
    /// where the exchange has a state left.
    fn fail_all(&self, py: Python<'_>, halt: &Halt) -> PyResult<()> {
        let mut failed = Vec::new();
        {
            let mut flight = lock(&self.flight);
            let first = flight.first_ticket;
            for (place, ticket) in (first..flight.next_ticket()).enumerate() {
                let place = &mut flight.pending[place];
                let read = place.as_mut().and_then(|pending| pending.read.take());
                if read.is_some_and(|read| self.client.request(&read, ticket).is_ok()) {
                    continue;
                }
                failed.extend(place.take());
            }
            flight.pass_done();
        }
        for pending in failed {
            let future = pending.future.bind(py);
            if !is_done(future)? {
                future.call_method1(intern!(py, "set_exception"), (halted(halt),))?;
            }
        }
        Ok(())
    }
}

#[pymethods]
impl Tasks {
    /// The descriptor that is readable when there are answers: `drain` takes them.
    fn fileno(&self) -> RawFd {
        self.bell.descriptor()
    }

    /// Has the core look at what was sent.
    fn wake(&self) {
        if self.unheard.swap(0, Ordering::Relaxed) > 0 {
            self.client.wake();
        }
    }

    /// How many answers are waited for.
    #[getter]
    fn in_flight(&self) -> usize {
        lock(&self.flight).pending.iter().flatten().count()
    }

    /// Gives every future its answer that is there.
    fn drain(&self, py: Python<'_>) -> PyResult<()> {
        self.bell.hear();
        let mut replies = std::mem::take(&mut *lock(&self.replies));
        replies.clear();
        let taken = self.client.take(&mut replies);
        let mut resolved = Ok(());
        for reply in replies.iter() {
            resolved = resolved.and(self.resolve(py, &reply));
        }
        *lock(&self.replies) = replies;
        if let Err(halt) = taken {
            self.fail_all(py, &halt)?;
        }
        resolved
    }

    /// Sends commands; the future of what `decode` makes of the records of their events.
    #[pyo3(signature = (records, decode, /))]
    fn send<'py>(
        slf: &Bound<'py, Self>,
        records: &Bound<'py, PyAny>,
        decode: Py<PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let bytes = AlignedBytes::of(records)?;
        Self::enter(slf, Wanted::Decoded(decode), None, |client, ticket| {
            client.submit(&bytes, ticket).map(|_| ())
        })
    }

    /// Reads live state; the future of what `decode` makes of it.
    #[pyo3(signature = (decode, what, /, *arguments))]
    fn ask<'py>(
        slf: &Bound<'py, Self>,
        decode: Py<PyAny>,
        what: &str,
        arguments: &Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let read = read_of(what, arguments)?;
        let again = Some(Box::new(read));
        Self::enter(slf, Wanted::Decoded(decode), again, |client, ticket| {
            client.request(&read, ticket)
        })
    }
}

fn decoded<'py>(
    py: Python<'py>,
    decode: &Py<PyAny>,
    reply: &Reply<'_>,
    reply_bytes_max: usize,
) -> PyResult<Bound<'py, PyAny>> {
    let decode = decode.bind(py);
    match reply.answer {
        Some(answer) => decode.call1((answer_of(py, answer)?,)),
        None if reply.commands == 0 => Err(answer_too_long(reply_bytes_max)),
        None => decode.call1((events_of(reply)?,)),
    }
}

fn is_done(future: &Bound<'_, PyAny>) -> PyResult<bool> {
    future
        .call_method0(intern!(future.py(), "done"))?
        .is_truthy()
}
