//! The event log from outside: beside the process that writes it, and without its lock.

use std::path::PathBuf;

use outcry_journal::disk::RealDisk;
use outcry_journal::{EventLogReader, StoreError, event_log_oldest};
use outcry_runtime::OpenError;
use pyo3::prelude::*;

use crate::bytes::Records;
use crate::exchange_errors::open_failed;

/// The first and the last sequence, engine time behind it, and the records.
type Piece = (u64, u64, u64, Records);

/// Reads the events of a data directory from a sequence on, also while it is written.
#[pyclass(unsendable, module = "outcry._native")]
pub(crate) struct EventReader {
    path: PathBuf,
    reader: EventLogReader,
}

#[pymethods]
impl EventReader {
    #[new]
    #[pyo3(signature = (path, from_sequence, /))]
    fn new(py: Python<'_>, path: PathBuf, from_sequence: u64) -> PyResult<Self> {
        let opened = py.detach(|| EventLogReader::open(RealDisk::shared(), &path, from_sequence));
        let reader = opened.map_err(|error| failed(&path, error))?;
        Ok(Self { path, reader })
    }

    /// The oldest command whose events are kept, None while there is none.
    #[staticmethod]
    #[pyo3(signature = (path, /))]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what is taken out of a Python object is owned"
    )]
    fn oldest(py: Python<'_>, path: PathBuf) -> PyResult<Option<u64>> {
        let found = py.detach(|| event_log_oldest(RealDisk::shared(), &path));
        found.map_err(|error| failed(&path, error))
    }

    /// The next events of whole commands; None at the log's end, where the next call looks again.
    fn take(&mut self, py: Python<'_>) -> PyResult<Option<Piece>> {
        let Self { path, reader } = self;
        let taken = py.detach(|| {
            let piece = reader.read()?;
            Ok(piece.map(|piece| {
                let (first, last) = (piece.first_sequence, piece.last_sequence);
                (first, last, piece.time_ns, piece.records.to_vec())
            }))
        });
        let taken = taken.map_err(|error| failed(path, error))?;
        Ok(taken.map(|(first, last, time_ns, records)| (first, last, time_ns, records.into())))
    }
}

#[cold]
fn failed(path: &std::path::Path, error: StoreError) -> PyErr {
    open_failed(path, OpenError::Store(error))
}
