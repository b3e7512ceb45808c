//! Form fields, as a query string or a body has them: percent-encoded UTF-8, joined by `&`.

use std::borrow::Cow;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

/// Why bytes are no form that can be read. Python is told by these words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    /// A byte is no ASCII, a percent sign begins nothing, or what is encoded is no UTF-8.
    Illegal,
    /// There are more fields than allowed, the empty ones among them.
    TooMany,
    /// Two fields have the same name.
    Repeated,
}

impl From<Problem> for PyErr {
    #[cold]
    fn from(problem: Problem) -> Self {
        PyValueError::new_err(match problem {
            Problem::Illegal => "illegal",
            Problem::TooMany => "too_many",
            Problem::Repeated => "repeated",
        })
    }
}

/// The fields of a form by name, and the form as it came but for the field `left_out`.
///
/// Fields without a name and a value between two `&` say nothing.
#[pyfunction]
#[pyo3(signature = (raw, fields_max, left_out, /))]
pub(crate) fn read_form<'py>(
    py: Python<'py>,
    raw: &[u8],
    fields_max: usize,
    left_out: &str,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyBytes>)> {
    let fields = PyDict::new(py);
    let mut rest = Vec::with_capacity(raw.len());
    let text = ascii_of(raw)?;
    if text.bytes().filter(|byte| *byte == b'&').count() >= fields_max {
        return Err(Problem::TooMany.into());
    }
    let mut said = 0;
    let mut is_first = true;
    for field in text.split('&') {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        if !(name == left_out && name.len() < field.len()) {
            if !is_first {
                rest.push(b'&');
            }
            rest.extend_from_slice(field.as_bytes());
            is_first = false;
        }
        if !field.is_empty() {
            fields.set_item(decoded(name)?, decoded(value)?)?;
            said += 1;
        }
    }
    if fields.len() < said {
        return Err(Problem::Repeated.into());
    }
    Ok((fields, PyBytes::new(py, &rest)))
}

fn ascii_of(raw: &[u8]) -> Result<&str, Problem> {
    if raw.is_ascii() {
        std::str::from_utf8(raw).map_err(|_| Problem::Illegal)
    } else {
        Err(Problem::Illegal)
    }
}

/// What percent signs and plus signs stand for.
fn decoded(text: &str) -> Result<Cow<'_, str>, Problem> {
    if !text.bytes().any(|byte| byte == b'%' || byte == b'+') {
        return Ok(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut left = text.bytes();
    while let Some(byte) = left.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(left.next())? << 4 | hex_digit(left.next())?,
            plain => plain,
        });
    }
    let text = String::from_utf8(bytes).map_err(|_| Problem::Illegal)?;
    Ok(Cow::Owned(text))
}

fn hex_digit(digit: Option<u8>) -> Result<u8, Problem> {
    let value = digit.and_then(|digit| char::from(digit).to_digit(16));
    value.map(|value| value as u8).ok_or(Problem::Illegal)
}
