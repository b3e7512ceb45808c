//! The exceptions of `outcry.errors`, raised from here. They are classes of the Python package, so
//! that each has its attributes and its place in the one tree; they are imported when first raised.

use outcry_protocol::{DecodeError, EventError};
use pyo3::PyErr;

mod classes {
    pyo3::import_exception!(outcry.errors, InvalidValue);
    pyo3::import_exception!(outcry.errors, MalformedRecord);
}

/// A value that cannot be taken: the field, the value as it was given, and what binds it.
pub(crate) fn invalid_value(field: &str, value: &str, bound: &str) -> PyErr {
    classes::InvalidValue::new_err((field.to_owned(), value.to_owned(), bound.to_owned()))
}

/// A record that is none, at this offset in bytes. The text begins with the field.
pub(crate) fn malformed_record(offset: usize, text: &str) -> PyErr {
    let (field, rest) = text.split_once(": ").unwrap_or(("record", text));
    classes::MalformedRecord::new_err((offset, field.to_owned(), rest.to_owned()))
}

/// Bytes that hold no whole command.
pub(crate) fn undecodable(offset: usize, error: DecodeError) -> PyErr {
    malformed_record(offset, &error.to_string())
}

/// A record that is no event.
pub(crate) fn no_event(offset: usize, error: &EventError) -> PyErr {
    malformed_record(offset, &error.to_string())
}
