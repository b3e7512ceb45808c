//! The handle on an open exchange.

use std::ffi::CString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use outcry_engine::{DepthLevel, EngineConfig};
use outcry_journal::{ArchivePolicy, EventRetention};
use outcry_runtime::{
    Client, ClientOptions, Durability, Halt, HaltReason, Options, Retention, Status,
};
use outcry_spot::write_depth;
use pyo3::exceptions::PyRuntimeWarning;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::arguments as take;
use crate::bytes::{LevelRow, Records};
use crate::caller::{Caller, lock};
use crate::engine::{level_row, require_bounds};
use crate::exchange_errors::{client_failed, halted, open_failed};
use crate::feed::Feed;
use crate::gateways::step_of;
use crate::market::Market;
use crate::tasks::Tasks;

/// How an exchange is to run: `outcry.Settings`, by its attributes.
#[derive(FromPyObject)]
struct Settings {
    durability: String,
    durability_interval_ms: u64,
    command_ring_bytes: usize,
    in_flight_bytes: usize,
    follower_lag_bytes_max: u64,
    disk_reserve_bytes: u64,
    clients_max: u32,
    segment_bytes: u64,
    spare_segments: u32,
    snapshot_interval_ms: u64,
    snapshots_kept: u32,
    archive: bool,
    plain_segments: u32,
    archive_bytes_max: u64,
    archive_age_max_s: u64,
    events_bytes_max: u64,
    events_age_max_s: u64,
    spin: bool,
    pin: Vec<usize>,
    shard: u32,
    money: bool,
    work_max: u32,
    mass_max: u32,
    remembered_requests: u32,
    instrument_max: u32,
    accounts_max: u32,
    asset_max: u32,
    withdrawals_max: u32,
    sources_max: u32,
}

impl Settings {
    fn retention(&self) -> Retention {
        Retention {
            archives: self.archive,
            plain_segments: self.plain_segments,
            archive: ArchivePolicy {
                keep_bytes: bound(self.archive_bytes_max),
                keep_ns: bound(self.archive_age_max_s).map(ns_of),
            },
            events: EventRetention {
                keep_bytes: bound(self.events_bytes_max),
                keep_ns: bound(self.events_age_max_s).map(ns_of),
            },
        }
    }

    fn options(self) -> Options {
        let interval = Duration::from_millis(self.durability_interval_ms);
        Options {
            durability: match self.durability.as_str() {
                "sync" => Durability::Sync,
                "interval" => Durability::Interval(interval),
                _ => Durability::None,
            },
            command_ring_bytes: self.command_ring_bytes,
            in_flight_bytes: self.in_flight_bytes,
            follower_lag_bytes_max: self.follower_lag_bytes_max,
            disk_reserve_bytes: self.disk_reserve_bytes,
            clients_max: self.clients_max,
            segment_bytes: self.segment_bytes,
            spare_segments: self.spare_segments,
            snapshot_interval_ms: self.snapshot_interval_ms,
            snapshots_kept: self.snapshots_kept,
            retention: self.retention(),
            spin: self.spin,
            pin: (!self.pin.is_empty()).then_some(self.pin),
            engine: EngineConfig {
                shard: self.shard,
                money: self.money,
                work_max: self.work_max,
                mass_max: self.mass_max,
                remembered_requests: self.remembered_requests,
                instrument_max: self.instrument_max,
                accounts_max: self.accounts_max,
                asset_max: self.asset_max,
                withdrawals_max: self.withdrawals_max,
                sources_max: self.sources_max,
                check_invariants: false,
                ..EngineConfig::default()
            },
            ..Options::default()
        }
    }
}

/// A bound where there is one: 0 stands for none.
fn bound(most: u64) -> Option<u64> {
    (most != 0).then_some(most)
}

const fn ns_of(seconds: u64) -> u64 {
    seconds.saturating_mul(1_000_000_000)
}

/// The last sequence in it, the number of its last update, the ticks of the last trade, bids, asks.
type Book = (u64, u64, Option<i64>, Records, Records);

/// An open exchange, or why it is open no more.
type Held = Result<Arc<outcry_runtime::Exchange>, Halt>;

/// An open exchange.
#[pyclass(frozen, module = "outcry._native")]
pub(crate) struct Exchange(Mutex<Held>);

impl Exchange {
    fn get(&self) -> PyResult<Arc<outcry_runtime::Exchange>> {
        lock(&self.0).clone().map_err(|halt| halted(&halt))
    }

    /// A new client.
    pub(crate) fn client(&self, options: ClientOptions) -> PyResult<Client> {
        self.get()?.client(options).map_err(client_failed)
    }
}

#[pymethods]
impl Exchange {
    /// Opens a directory: the exchange, and what was found there.
    #[staticmethod]
    #[pyo3(signature = (path, settings, /))]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what is taken out of a Python object is owned"
    )]
    fn open(
        py: Python<'_>,
        path: PathBuf,
        settings: Settings,
    ) -> PyResult<(Self, Bound<'_, PyDict>)> {
        let options = settings.options();
        require_bounds(&options.engine)?;
        let opened = py.detach(|| outcry_runtime::Exchange::open(&path, options));
        let (exchange, found) = opened.map_err(|error| open_failed(&path, error))?;
        let report = PyDict::new(py);
        report.set_item("sequence", found.sequence)?;
        report.set_item("snapshot_sequence", found.snapshot_sequence)?;
        report.set_item("replayed_commands", found.replayed_commands)?;
        report.set_item("cut_bytes", found.cut_bytes)?;
        report.set_item("is_new", found.is_new)?;
        report.set_item("duration_ns", u64::try_from(found.duration.as_nanos())?)?;
        report.set_item("notes", found.notes)?;
        Ok((Self(Mutex::new(Ok(Arc::new(exchange)))), report))
    }

    /// A way in for calls that wait.
    #[pyo3(signature = (in_flight_max, reply_bytes_max, /))]
    fn caller(slf: Py<Self>, in_flight_max: u32, reply_bytes_max: usize) -> Caller {
        Caller::new(slf, in_flight_max, reply_bytes_max)
    }

    /// A way in for an event loop, whose futures `create_future` makes, and whose next turn
    /// `call_soon` adds to.
    #[pyo3(signature = (in_flight_max, reply_bytes_max, create_future, call_soon, /))]
    fn tasks(
        &self,
        in_flight_max: u32,
        reply_bytes_max: usize,
        create_future: Py<PyAny>,
        call_soon: Py<PyAny>,
    ) -> PyResult<Tasks> {
        Tasks::new(
            self,
            in_flight_max,
            reply_bytes_max,
            create_future,
            call_soon,
        )
    }

    /// All events from a sequence on, or with 0 from now on.
    #[pyo3(signature = (from_sequence, bytes_max, /))]
    fn feed(&self, py: Python<'_>, from_sequence: u64, bytes_max: usize) -> PyResult<Feed> {
        Feed::new(py, &*self.get()?, from_sequence, bytes_max)
    }

    /// The best levels of a book: the last sequence in it, the number of its last update, the ticks
    /// of the last trade, bids and asks as rows of `LevelRow`.
    #[pyo3(signature = (instrument, levels, /))]
    fn depth(
        &self,
        #[pyo3(from_py_with = take::instrument)] instrument: u32,
        #[pyo3(from_py_with = take::levels)] levels: u32,
    ) -> PyResult<Option<Book>> {
        let found = self.get()?.depth(instrument, levels as usize);
        Ok(found.map(|depth| {
            let (bids, asks) = (rows_of(&depth.bids), rows_of(&depth.asks));
            let last_trade = depth.last_trade_ticks;
            (depth.sequence, depth.update_number, last_trade, bids, asks)
        }))
    }

    /// The best levels of a book of what is durable as the spot API's JSON.
    fn depth_text<'py>(
        &self,
        py: Python<'py>,
        market: &Market,
        #[pyo3(from_py_with = take::levels)] levels: u32,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let found = self.get()?.depth(market.number(), levels as usize);
        let (tick, lot) = (step_of(market.steps().tick), step_of(market.steps().lot));
        let text = match &found {
            Some(depth) => write_depth(depth.update_number, &depth.bids, &depth.asks, tick, lot),
            None => write_depth(0, &[], &[], tick, lot),
        };
        Ok(PyBytes::new(py, text.bytes()))
    }

    /// Engine time.
    fn time_ns(&self) -> PyResult<u64> {
        Ok(self.get()?.time_ns())
    }

    /// The last command that was answered.
    fn delivered_sequence(&self) -> PyResult<u64> {
        Ok(self.get()?.delivered_sequence())
    }

    /// Of the journal's syncs: how many took at most as long as each bound in nanoseconds, how many
    /// there were, and the sum of their durations.
    #[expect(clippy::needless_pass_by_value, reason = "Python hands lists over")]
    fn fsync_counts(&self, bounds_ns: Vec<u64>) -> PyResult<(Vec<u64>, u64, u128)> {
        let counts = self.get()?.fsync_counts(&bounds_ns);
        Ok((counts.at_most, counts.all, counts.sum_ns))
    }

    /// How the exchange is doing.
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let exchange = self.get()?;
        status_of(py, &py.detach(|| exchange.status()))
    }

    /// Why the exchange stopped: the reason and its detail.
    fn halt(&self) -> Option<(&'static str, String)> {
        let told = |halt: Halt| (halt.reason.name(), halt.detail);
        match lock(&self.0).clone() {
            Ok(exchange) => exchange.halt().map(told),
            Err(halt) => Some(told(halt)),
        }
    }

    /// Has a snapshot taken now, waits for it and returns its sequence.
    fn snapshot(&self, py: Python<'_>) -> PyResult<u64> {
        let exchange = self.get()?;
        let taken = py.detach(|| exchange.snapshot());
        taken.map_err(|halt| halted(&halt))
    }

    /// Does what was submitted, syncs, takes a snapshot and closes; the last sequence, None where
    /// it was closed before. What could not be written and is made up for by the next opening is
    /// warned of, once all is closed.
    fn close(&self, py: Python<'_>) -> PyResult<Option<u64>> {
        let closed = Halt::new(HaltReason::Closed, "the exchange was closed");
        let held = {
            let mut state = lock(&self.0);
            match &*state {
                Ok(exchange) => {
                    let exchange = Arc::clone(exchange);
                    *state = Err(closed);
                    exchange
                }
                Err(_) => return Ok(None),
            }
        };
        match py.detach(|| alone(held).close()) {
            Ok(report) => {
                let category = py.get_type::<PyRuntimeWarning>();
                for note in &report.notes {
                    // Texts of the disk's errors hold no zero.
                    let text = CString::new(note.as_str()).unwrap_or_default();
                    PyErr::warn(py, &category, &text, 1)?;
                }
                Ok(Some(report.sequence))
            }
            Err(halt) => {
                let error = halted(&halt);
                *lock(&self.0) = Err(halt);
                Err(error)
            }
        }
    }
}

/// The exchange, once no other thread is within a call of it; none can begin one any more.
fn alone(mut held: Arc<outcry_runtime::Exchange>) -> outcry_runtime::Exchange {
    loop {
        match Arc::try_unwrap(held) {
            Ok(exchange) => return exchange,
            Err(shared) => held = shared,
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn rows_of(levels: &[DepthLevel]) -> Records {
    let rows: Vec<LevelRow> = levels.iter().map(level_row).collect();
    rows.into()
}

fn status_of<'py>(py: Python<'py>, status: &Status) -> PyResult<Bound<'py, PyDict>> {
    let told = PyDict::new(py);
    macro_rules! tell {
        ($($field:ident),+) => { $(told.set_item(stringify!($field), status.$field)?;)+ };
    }
    tell!(
        sequence,
        time_ns,
        durable_sequence,
        delivered_sequence,
        follower_sequence,
        follower_lag_commands,
        follower_lag_bytes,
        follower_lag_bytes_max,
        command_ring_bytes,
        command_ring_bytes_max,
        in_flight_bytes,
        in_flight_bytes_max,
        clients,
        fsyncs,
        fsync_p50_ns,
        fsync_p99_ns,
        fsync_max_ns,
        journal_bytes,
        commands_per_second,
        open_orders,
        disk_free_bytes,
        disk_needed_bytes,
        is_disk_short
    );
    told.set_item("durability", status.durability.to_string())?;
    told.set_item("housekeeping_error", status.housekeeping_error.as_deref())?;
    let snapshot = &status.snapshot;
    told.set_item("snapshot_sequence", snapshot.sequence)?;
    told.set_item("snapshot_age_ms", snapshot.age_ms)?;
    told.set_item("snapshot_duration_ms", snapshot.duration_ms)?;
    told.set_item("snapshot_interval_ms", snapshot.interval_ms)?;
    told.set_item("snapshot_is_stretched", snapshot.is_stretched)?;
    told.set_item("snapshot_bytes", snapshot.bytes)?;
    told.set_item("snapshots_taken", snapshot.taken)?;
    Ok(told)
}
