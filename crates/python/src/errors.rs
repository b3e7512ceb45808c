//! The exceptions of `outcry.errors`, raised from here. They are classes of the Python package, so
//! that each has its attributes and its place in the one tree; they are imported when first raised.

use outcry_protocol::{DecodeError, EventError, EventRecord};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::bytes::Records;

pub(crate) mod classes {
    pyo3::import_exception!(outcry.errors, CommandRejected);
    pyo3::import_exception!(outcry.errors, DirectoryLocked);
    pyo3::import_exception!(outcry.errors, DiskNearlyFull);
    pyo3::import_exception!(outcry.errors, EngineBusy);
    pyo3::import_exception!(outcry.errors, EventsGap);
    pyo3::import_exception!(outcry.errors, EventsGone);
    pyo3::import_exception!(outcry.errors, ExchangeHalted);
    pyo3::import_exception!(outcry.errors, InvalidValue);
    pyo3::import_exception!(outcry.errors, JournalDamaged);
    pyo3::import_exception!(outcry.errors, MalformedRecord);
    pyo3::import_exception!(outcry.errors, NewerFormat);
    pyo3::import_exception!(outcry.errors, OpenFailed);
    pyo3::import_exception!(outcry.errors, Overloaded);
    pyo3::import_exception!(outcry.errors, RequestRepeated);
    pyo3::import_exception!(outcry.errors, SettingsDiffer);
    pyo3::import_exception!(outcry.errors, UnverifiedFigure);
}

/// A value that cannot be taken: the field, the value as it was given, and what binds it.
pub(crate) fn invalid_value(field: &str, value: &str, bound: &str) -> PyErr {
    classes::InvalidValue::new_err((field.to_owned(), value.to_owned(), bound.to_owned()))
}

/// A value as an error shows it, by its type where it has no text: Python refuses to write an int
/// of thousands of digits.
#[cold]
pub(crate) fn shown(value: &Bound<'_, PyAny>) -> String {
    let text = value.str().map(|text| text.to_string_lossy().into_owned());
    text.unwrap_or_else(|_| match value.get_type().name() {
        Ok(name) => format!("<{name}>"),
        Err(_) => "<value>".to_owned(),
    })
}

/// A record that is none, at this offset in bytes. The text begins with the field.
pub(crate) fn malformed_record(offset: usize, text: &str) -> PyErr {
    let (field, rest) = text.split_once(": ").unwrap_or(("record", text));
    classes::MalformedRecord::new_err((offset, field.to_owned(), rest.to_owned()))
}

/// Bytes that hold no whole command, behind commands that were applied with these events.
pub(crate) fn undecodable(offset: usize, error: DecodeError, events: Option<Records>) -> PyErr {
    let text = error.to_string();
    let (field, rest) = text.split_once(": ").unwrap_or(("record", &text));
    let (field, rest) = (field.to_owned(), rest.to_owned());
    classes::MalformedRecord::new_err((offset, field, rest, events))
}

/// A record that is no event.
pub(crate) fn no_event(offset: usize, error: &EventError) -> PyErr {
    malformed_record(offset, &error.to_string())
}

/// The engine is at work in another thread.
pub(crate) fn engine_busy() -> PyErr {
    classes::EngineBusy::new_err(())
}

/// The engine's refusal of a command of this kind.
#[cold]
pub(crate) fn command_rejected(py: Python<'_>, command_kind: u8, record: &EventRecord) -> PyErr {
    static REJECTION: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let arguments = (
        command_kind,
        record.code,
        record.value,
        record.order_id,
        record.sequence_or_price,
    );
    let rejection = REJECTION.import(py, "outcry.errors", "rejection");
    match rejection.and_then(|rejection| rejection.call1(arguments)) {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}

/// Whether an error is the engine's refusal of a command.
#[cold]
pub(crate) fn is_rejection(py: Python<'_>, error: &PyErr) -> bool {
    error.is_instance_of::<classes::CommandRejected>(py)
}

/// The request id was seen before.
#[cold]
pub(crate) fn request_repeated(record: &EventRecord) -> PyErr {
    classes::RequestRepeated::new_err((record.order_id, record.value, record.code))
}

/// A benchmark whose events were not the expected ones.
pub(crate) fn unverified_figure(row: &str, problem: &str) -> PyErr {
    classes::UnverifiedFigure::new_err((row.to_owned(), problem.to_owned()))
}
