//! All events from a sequence on, in pieces.

use std::os::fd::RawFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use outcry_runtime::{Exchange, Piece, SubscribeOptions, Subscription};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;

use crate::bytes::Records;
use crate::exchange_errors::{events_gap, subscribe_failed, subscription_ended};
use crate::wake::Bell;

/// The first and the last sequence, engine time behind it, and the records.
type Taken = (u64, u64, u64, Records);

/// Reads all events from a sequence on.
#[pyclass(frozen, module = "outcry._native")]
pub(crate) struct Feed {
    subscription: Mutex<Subscription>,
    bell: Arc<Bell>,
}

impl Feed {
    pub(crate) fn new(
        py: Python<'_>,
        exchange: &Exchange,
        from_sequence: u64,
        bytes_max: usize,
    ) -> PyResult<Self> {
        let bell = Arc::new(Bell::new()?);
        let options = SubscribeOptions {
            bytes_max,
            waker: Some(Arc::clone(&bell) as _),
        };
        let subscribed = py.detach(|| exchange.subscribe(from_sequence, options));
        let subscription = subscribed.map_err(subscribe_failed)?;
        Ok(Self {
            subscription: Mutex::new(subscription),
            bell,
        })
    }
}

#[pymethods]
impl Feed {
    /// The descriptor that is readable when live events came.
    fn fileno(&self) -> RawFd {
        self.bell.descriptor()
    }

    /// The next events, waited for at most so long: the first and the last sequence, engine time
    /// behind it, and the records; None where none came.
    #[pyo3(signature = (timeout_ms, /))]
    fn take(&self, py: Python<'_>, timeout_ms: u64) -> PyResult<Option<Taken>> {
        self.bell.hear();
        let taken = {
            let subscription = self.subscription.lock_py_attached(py);
            let mut subscription = subscription.unwrap_or_else(PoisonError::into_inner);
            let subscription = &mut *subscription;
            py.detach(|| subscription.next(Duration::from_millis(timeout_ms)))
        };
        match taken {
            Ok(None) => Ok(None),
            Ok(Some(Piece::Events {
                first_sequence,
                last_sequence,
                time_ns,
                records,
            })) => Ok(Some((
                first_sequence,
                last_sequence,
                time_ns,
                records.into(),
            ))),
            Ok(Some(Piece::Gap {
                first_sequence,
                last_sequence,
            })) => Err(events_gap(first_sequence, last_sequence)),
            Err(error) => Err(subscription_ended(error)),
        }
    }
}
