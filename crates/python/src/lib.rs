//! `outcry._native`: the core as Python sees it.
//!
//! Objects here are thin handles and say integers only: ticks, lots, nanoseconds. Decimals, names
//! and typed events are made by the Python package on top; the entry of orders alone, which is
//! asked a million times a second, takes and makes them here.

mod answer;
mod arguments;
mod batch;
mod bytes;
mod caller;
mod choice;
mod decimal;
mod decimals;
mod engine;
mod entry;
mod errors;
mod event_log;
mod events;
mod exchange;
mod exchange_errors;
mod feed;
mod feeds;
mod gateways;
mod history;
mod journal;
mod market;
mod marketdata;
mod measure;
mod order;
mod placement;
mod projections;
mod reading;
mod reply;
mod simulate;
mod tasks;
mod traders;
mod views;
mod vocabulary;
mod wake;

use pyo3::pymodule;

/// The compiled core of Outcry.
#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::bytes::Records;
    #[pymodule_export]
    use crate::caller::Caller;
    #[pymodule_export]
    use crate::choice::to_choice;
    #[pymodule_export]
    use crate::decimal::{to_decimal, to_increment, to_units};
    #[pymodule_export]
    use crate::engine::Engine;
    #[pymodule_export]
    use crate::entry::OrderEntry;
    #[pymodule_export]
    use crate::event_log::EventReader;
    #[pymodule_export]
    use crate::events::{has_definitions, place_events};
    #[pymodule_export]
    use crate::exchange::Exchange;
    #[pymodule_export]
    use crate::feed::Feed;
    #[pymodule_export]
    use crate::feeds::{PriceBook, TradeReader, TradeRules, ZstdReader};
    #[pymodule_export]
    use crate::gateways::{
        HmacSecret, OrderReports, SpotInstrument, SpotOrder, balances_text, read_form,
    };
    #[pymodule_export]
    use crate::history::HistoryFold;
    #[pymodule_export]
    use crate::journal::{JournalReader, audit_directory, repair_directory};
    #[pymodule_export]
    use crate::market::Market;
    #[pymodule_export]
    use crate::marketdata::{
        CandleSet, CvdSum, DeltaBars, FootprintBars, GapFinder, OfiSum, PriceLadder, SwingFinder,
        Table, TickRule, VpinBuckets, ZoneFinder, delta_bars, fill_candles, footprint_rows,
        interval_ns, is_ordered, roll_up_candles, stream_candles, value_area,
    };
    #[pymodule_export]
    use crate::measure::{bench_compiler, bench_rows, load_http, measure};
    #[pymodule_export]
    use crate::projections::ProjectionRegister;
    #[pymodule_export]
    use crate::simulate::{simulate, workloads};
    #[pymodule_export]
    use crate::tasks::Tasks;
    #[pymodule_export]
    use crate::traders::Traders;
    #[pymodule_export]
    use crate::vocabulary::{layouts, reject_fields, vocabulary};
}
