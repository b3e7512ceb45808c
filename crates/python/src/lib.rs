//! `outcry._native`: the core as Python sees it.
//!
//! Objects here are thin handles and say integers only: ticks, lots, nanoseconds. Decimals, names
//! and typed events are made by the Python package on top.

mod answer;
mod arguments;
mod bytes;
mod decimal;
mod engine;
mod errors;
mod events;
mod measure;
mod simulate;
mod vocabulary;

use pyo3::pymodule;

/// The compiled core of Outcry.
#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::bytes::Records;
    #[pymodule_export]
    use crate::decimal::{to_decimal, to_increment, to_units};
    #[pymodule_export]
    use crate::engine::Engine;
    #[pymodule_export]
    use crate::events::place_events;
    #[pymodule_export]
    use crate::measure::{bench_compiler, bench_rows, measure};
    #[pymodule_export]
    use crate::simulate::{simulate, workloads};
    #[pymodule_export]
    use crate::vocabulary::{layouts, reject_fields, vocabulary};
}
