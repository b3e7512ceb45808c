//! Layouts and names of the protocol, for the dtypes and enumerations of the Python package.

use outcry_protocol::{
    AccountState, CancelReason, CommandKind, EventKind, Field, FieldType, ListState, ListType,
    OrderType, RejectReason, SelfTrade, Side, StopUnit, TimeInForce, TradingState, Trigger,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::bytes::LevelRow;
use crate::events::PlacedRow;
use crate::views::{BalanceRow, ListRow, OpenOrderRow, WithdrawalRow};

/// A field: its name, its offset in bytes, and its `NumPy` type.
type NumpyField = (String, usize, String);

/// Names, sizes and fields of every record; a record within a record is told field by field.
#[pyfunction]
pub(crate) fn layouts() -> Vec<(&'static str, usize, Vec<NumpyField>)> {
    let own = [
        PlacedRow::LAYOUT,
        LevelRow::LAYOUT,
        OpenOrderRow::LAYOUT,
        ListRow::LAYOUT,
        BalanceRow::LAYOUT,
        WithdrawalRow::LAYOUT,
    ];
    outcry_protocol::layouts()
        .into_iter()
        .chain(own)
        .map(|(name, size, fields)| (name, size, numpy_fields(fields, 0)))
        .collect()
}

fn numpy_fields(fields: &[Field], base: usize) -> Vec<NumpyField> {
    let mut found = Vec::new();
    for field in fields {
        let offset = base + field.offset;
        let numpy_type = match field.field_type {
            FieldType::Nested(inner) => {
                found.extend(numpy_fields(inner, offset));
                continue;
            }
            FieldType::Scalar(code) => code.to_owned(),
            FieldType::Words => "(2,)<u8".to_owned(),
            FieldType::Bytes(length) if field.name.starts_with("reserved") => format!("V{length}"),
            FieldType::Bytes(length) => format!("S{length}"),
        };
        found.push((field.name.to_owned(), offset, numpy_type));
    }
    found
}

/// The values of every enumeration by name, the enumerations by their own.
#[pyfunction]
pub(crate) fn vocabulary(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let all = PyDict::new(py);
    macro_rules! enumerations {
        ($($name:ident),+) => {$(
            let values = PyDict::new(py);
            for value in $name::ALL {
                values.set_item(value.name(), *value as u16)?;
            }
            all.set_item(stringify!($name), values)?;
        )+};
    }
    enumerations!(
        AccountState,
        CancelReason,
        CommandKind,
        EventKind,
        ListState,
        ListType,
        OrderType,
        RejectReason,
        SelfTrade,
        Side,
        StopUnit,
        TimeInForce,
        TradingState,
        Trigger
    );
    Ok(all)
}

/// The field that each reason of a reject speaks of, by the reason's code.
#[pyfunction]
pub(crate) fn reject_fields(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let fields = PyDict::new(py);
    for reason in RejectReason::ALL {
        fields.set_item(*reason as u16, reason.field())?;
    }
    Ok(fields)
}
