//! What became of an order, as the classes of `outcry.exchange` say it: named tuples with Decimals
//! and members of enumerations.

use std::ptr::null_mut;

use outcry_protocol::CancelReason;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyTuple, PyType};

use crate::answer::{Fill, Outcome, integer};
use crate::decimal::Unit;
use crate::decimals::Decimals;

/// The steps in which an instrument's prices and quantities are told.
#[derive(Clone, Copy)]
pub(crate) struct Steps {
    /// One tick.
    pub(crate) tick: Unit,
    /// One lot.
    pub(crate) lot: Unit,
}

/// The classes and members of which a placement is made, looked up once.
struct Shapes {
    placement: Py<PyType>,
    fill: Py<PyType>,
    cancelled: Py<PyType>,
    /// By number, from 1.
    statuses: Vec<Py<PyAny>>,
    cancel_reasons: Vec<(u16, Py<PyAny>)>,
    /// How `tuple.__new__(class, fields)` is done.
    new_tuple: ffi::newfunc,
}

impl Shapes {
    fn get(py: Python<'_>) -> PyResult<&Self> {
        static SHAPES: PyOnceLock<Shapes> = PyOnceLock::new();
        SHAPES.get_or_try_init(py, || Self::look_up(py))
    }

    fn look_up(py: Python<'_>) -> PyResult<Self> {
        let orders = py.import("outcry.exchange.orders")?;
        let class_named = |name: &str| -> PyResult<Py<PyType>> {
            Ok(orders.getattr(name)?.cast_into::<PyType>()?.unbind())
        };
        let reason_class = orders.getattr("CancelReason")?;
        let statuses = orders.getattr("OrderStatus")?;
        // SAFETY: the slot of a type that has it holds a function of the type that is said.
        let new_tuple = unsafe {
            let slot = ffi::PyType_GetSlot(&raw mut ffi::PyTuple_Type, ffi::Py_tp_new);
            assert!(!slot.is_null(), "tuples can be made");
            std::mem::transmute::<*mut std::ffi::c_void, ffi::newfunc>(slot)
        };
        Ok(Self {
            placement: class_named("Placement")?,
            fill: class_named("Fill")?,
            cancelled: class_named("CancelledOrder")?,
            statuses: statuses
                .try_iter()?
                .map(|status| status.map(Bound::unbind))
                .collect::<PyResult<_>>()?,
            cancel_reasons: CancelReason::ALL
                .iter()
                .map(|reason| {
                    let code = *reason as u16;
                    Ok((code, reason_class.call1((code,))?.unbind()))
                })
                .collect::<PyResult<_>>()?,
            new_tuple,
        })
    }

    /// Makes a named tuple as `tuple.__new__` does: the class's own `__new__` only gives its
    /// arguments names, and runs in the interpreter.
    fn named_tuple<'py>(
        &self,
        class: &Py<PyType>,
        fields: Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = fields.py();
        let arguments = PyTuple::new(py, [fields])?;
        let class = class.as_ptr().cast::<ffi::PyTypeObject>();
        // SAFETY: the class is a subclass of tuple, alive as long as these shapes; the arguments
        // are a tuple of one tuple; what is returned is a new reference, or null with an error.
        unsafe {
            let made = (self.new_tuple)(class, arguments.as_ptr(), null_mut());
            Bound::from_owned_ptr_or_err(py, made)
        }
    }

    fn fill<'py>(
        &self,
        py: Python<'py>,
        decimals: &mut Decimals,
        steps: Steps,
        fill: &Fill,
    ) -> PyResult<Bound<'py, PyAny>> {
        let &(trade_id, maker, taker, price_ticks, lots) = fill;
        let fields = [
            integer(py, trade_id).into_any(),
            decimals.get(py, price_ticks.cast_unsigned(), steps.tick)?,
            decimals.get(py, lots, steps.lot)?,
            integer(py, maker).into_any(),
            integer(py, taker).into_any(),
        ];
        self.named_tuple(&self.fill, PyTuple::new(py, fields)?)
    }
}

/// An order that was cancelled.
pub(crate) struct Cancelled {
    pub(crate) order_id: u64,
    pub(crate) open_lots: u64,
    pub(crate) sequence: u64,
    pub(crate) time_ns: u64,
}

/// The `CancelledOrder` that tells of it.
pub(crate) fn cancelled_order<'py>(
    py: Python<'py>,
    decimals: &mut Decimals,
    steps: Steps,
    told: &Cancelled,
) -> PyResult<Bound<'py, PyAny>> {
    let shapes = Shapes::get(py)?;
    let fields = [
        integer(py, told.order_id).into_any(),
        decimals.get(py, told.open_lots, steps.lot)?,
        integer(py, told.sequence).into_any(),
        integer(py, told.time_ns).into_any(),
    ];
    shapes.named_tuple(&shapes.cancelled, PyTuple::new(py, fields)?)
}

/// The `Placement` that tells this outcome.
pub(crate) fn placement<'py>(
    py: Python<'py>,
    decimals: &mut Decimals,
    steps: Steps,
    outcome: &Outcome,
    sequence: u64,
    time_ns: u64,
) -> PyResult<Bound<'py, PyAny>> {
    let shapes = Shapes::get(py)?;
    let fills = if outcome.fills.is_empty() {
        PyTuple::empty(py)
    } else {
        let fills = outcome
            .fills
            .iter()
            .map(|fill| shapes.fill(py, decimals, steps, fill));
        PyTuple::new(py, fills.collect::<PyResult<Vec<_>>>()?)?
    };
    let code = outcome.cancel_reason;
    let reasons = &mut shapes.cancel_reasons.iter();
    let cancel_reason = match reasons.find(|(reason, _)| *reason == code) {
        Some((_, reason)) if code != 0 => reason.bind(py).clone(),
        _ => py.None().into_bound(py),
    };
    let fields = [
        integer(py, outcome.order_id).into_any(),
        shapes.statuses[outcome.status as usize - 1]
            .bind(py)
            .clone(),
        decimals.get(py, outcome.open_lots, steps.lot)?,
        fills.into_any(),
        cancel_reason,
        integer(py, sequence).into_any(),
        integer(py, time_ns).into_any(),
    ];
    shapes.named_tuple(&shapes.placement, PyTuple::new(py, fields)?)
}
