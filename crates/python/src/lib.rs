//! `outcry._native`: the core as Python sees it.
//!
//! Objects here are thin handles and say integers only: ticks, lots, nanoseconds. Decimals, names
//! and typed events are made by the Python package on top; the entry of orders alone, which is
//! asked a million times a second, takes and makes them here.

mod answer;
mod arguments;
mod bytes;
mod choice;
mod decimal;
mod decimals;
mod engine;
mod entry;
mod errors;
mod events;
mod feeds;
mod measure;
mod order;
mod placement;
mod simulate;
mod views;
mod vocabulary;

use pyo3::pymodule;

/// The compiled core of Outcry.
#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::bytes::Records;
    #[pymodule_export]
    use crate::choice::to_choice;
    #[pymodule_export]
    use crate::decimal::{to_decimal, to_increment, to_units};
    #[pymodule_export]
    use crate::engine::Engine;
    #[pymodule_export]
    use crate::entry::OrderEntry;
    #[pymodule_export]
    use crate::events::{has_definitions, place_events};
    #[pymodule_export]
    use crate::feeds::{PriceBook, TradeReader, TradeRules, ZstdReader};
    #[pymodule_export]
    use crate::measure::{bench_compiler, bench_rows, measure};
    #[pymodule_export]
    use crate::simulate::{simulate, workloads};
    #[pymodule_export]
    use crate::vocabulary::{layouts, reject_fields, vocabulary};
}
