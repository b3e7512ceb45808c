//! Integers of the one-call forms: taken as they are, refused by the field's name.

use outcry_protocol::Text;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::errors::{invalid_value, shown};

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
    accounts_max: u32,
    asset_max: u32,
    expire_time_ns: u64,
    flags: u16,
    from_account: u32,
    instrument: u32,
    instrument_max: u32,
    levels: u32,
    list_id: u64,
    mass_max: u32,
    most: u32,
    order_id: u64,
    orders_capacity: u32,
    price_ticks: i64,
    quantity_lots: u64,
    remembered_requests: u32,
    request_id: u128,
    seed: u32,
    self_trade: u8,
    shard: u32,
    side: u8,
    sources_max: u32,
    stop: i64,
    time_in_force: u8,
    time_ns: u64,
    trail_ppm: u32,
    withdrawals_max: u32,
    work_max: u32,
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
    invalid_value(field, &shown(value), &bound)
}

/// A client order id, where one was given.
pub(crate) fn client_order_id(given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Text<36>>> {
    let Some(given) = given else { return Ok(None) };
    // Text that has no UTF-8, as a lone surrogate, has no ASCII either.
    let text = given.cast::<PyString>().ok();
    match text.and_then(|text| text.to_str().ok()).and_then(Text::new) {
        Some(name) => Ok(Some(name)),
        None => Err(unfit_name(given)),
    }
}

#[cold]
fn unfit_name(given: &Bound<'_, PyAny>) -> PyErr {
    let bound = "must be a str of 1 to 36 printable ASCII characters without blanks";
    invalid_value("client_order_id", &shown(given), bound)
}
