//! Integers of the one-call forms: taken as they are, refused by the field's name.

use outcry_protocol::Text;
use pyo3::prelude::*;

use crate::errors::invalid_value;

/// One function for each field, for `#[pyo3(from_py_with)]`.
macro_rules! integers {
    ($($field:ident: $ty:ty),+ $(,)?) => {$(
        #[inline]
        pub(crate) fn $field(value: &Bound<'_, PyAny>) -> PyResult<$ty> {
            value.extract().map_err(|_| {
                out_of_range(stringify!($field), value, &<$ty>::MIN, &<$ty>::MAX)
            })
        }
    )+};
}

integers! {
    account: u32,
    expire_time_ns: u64,
    flags: u16,
    instrument: u32,
    levels: u32,
    order_id: u64,
    price_ticks: i64,
    quantity_lots: u64,
    request_id: u128,
    self_trade: u8,
    side: u8,
    stop: i64,
    time_in_force: u8,
    time_ns: u64,
}

/// Whatever Python takes for true.
#[inline]
pub(crate) fn truth(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.is_truthy()
}

#[cold]
fn out_of_range(
    field: &str,
    value: &Bound<'_, PyAny>,
    minimum: &dyn std::fmt::Display,
    maximum: &dyn std::fmt::Display,
) -> PyErr {
    let bound = format!("must be an integer from {minimum} to {maximum}");
    match value.str() {
        Ok(text) => invalid_value(field, &text.to_string_lossy(), &bound),
        Err(error) => error,
    }
}

/// A client order id, where one was given.
pub(crate) fn client_order_id(text: Option<&str>) -> PyResult<Option<Text<36>>> {
    let refused = |text: &str| {
        let bound = "must be 1 to 36 printable ASCII characters without blanks";
        invalid_value("client_order_id", text, bound)
    };
    text.map(|text| Text::new(text).ok_or_else(|| refused(text)))
        .transpose()
}
