//! Words for the values of closed sets: `"buy"` or `Side.BUY` is 1.

use outcry_protocol::{
    AccountState, ListType, OrderType, SelfTrade, Side, TimeInForce, TradingState, Trigger,
};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::errors::{invalid_value, shown};

/// A closed set whose values have names.
pub(crate) trait Choice: Copy + 'static {
    /// All values.
    const ALL: &'static [Self];

    /// The value's name.
    fn name(self) -> &'static str;

    /// The value's number.
    fn code(self) -> u8;
}

/// Makes sets of the protocol choices, each with one function for `#[pyo3(from_py_with)]` that is
/// named as the field.
macro_rules! choices {
    ($($field:ident $(as $name:literal)?: $set:ident),+ $(,)?) => {
        $(
            impl Choice for $set {
                const ALL: &'static [Self] = Self::ALL;

                #[inline]
                fn name(self) -> &'static str {
                    Self::name(self)
                }

                #[inline]
                fn code(self) -> u8 {
                    self as u8
                }
            }

            #[inline]
            pub(crate) fn $field(value: &Bound<'_, PyAny>) -> PyResult<$set> {
                chosen(field_name!($field $($name)?), value)
            }
        )+

        /// The number of the value that a word or a member names.
        #[pyfunction]
        #[pyo3(signature = (field, value, /))]
        pub(crate) fn to_choice(field: &str, value: &Bound<'_, PyAny>) -> PyResult<u8> {
            match field {
                $(field_name!($field $($name)?) => $field(value).map(Choice::code),)+
                _ => Err(invalid_value("field", field, "must be the field of a closed set")),
            }
        }
    };
}

macro_rules! field_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $name:literal) => {
        $name
    };
}

choices! {
    side: Side,
    order_type as "type": OrderType,
    time_in_force: TimeInForce,
    self_trade: SelfTrade,
    trigger: Trigger,
    state: TradingState,
    account_state as "account_state": AccountState,
    list_type: ListType,
}

/// A time in force, `None` where none is given.
#[inline]
pub(crate) fn time_in_force_or_none(value: &Bound<'_, PyAny>) -> PyResult<Option<TimeInForce>> {
    if value.is_none() {
        return Ok(None);
    }
    time_in_force(value).map(Some)
}

#[inline]
fn chosen<T: Choice>(field: &str, value: &Bound<'_, PyAny>) -> PyResult<T> {
    let found = if let Ok(word) = value.cast::<PyString>() {
        let word = word.to_str().unwrap_or_default();
        T::ALL.iter().find(|choice| choice.name() == word)
    } else {
        let code = value.extract::<u8>().ok();
        let is_named = |choice: &&T| Some(choice.code()) == code;
        T::ALL.iter().find(is_named)
    };
    found.copied().ok_or_else(|| unnamed::<T>(field, value))
}

#[cold]
fn unnamed<T: Choice>(field: &str, value: &Bound<'_, PyAny>) -> PyErr {
    let names: Vec<&str> = T::ALL.iter().map(|choice| choice.name()).collect();
    let bound = format!("must be one of {}", names.join(", "));
    invalid_value(field, &shown(value), &bound)
}
