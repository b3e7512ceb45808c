//! Simulated traders with real balances, for an exchange that runs.

use outcry_protocol::RecordBuffer;
use outcry_simulate::traders;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::arguments as take;
use crate::bytes::AlignedBytes;
use crate::errors::invalid_value;
use crate::events::events_in;

/// Most commands at once.
const COUNT_MAX: usize = 1 << 20;
/// Later times could not be counted on from.
const TIME_MAX_NS: u64 = 1 << 62;

/// Traders who behave by a seed and learn from events what became of their orders.
#[pyclass(module = "outcry._native")]
pub(crate) struct Traders(traders::Traders);

#[pymethods]
impl Traders {
    #[new]
    #[pyo3(signature = (seed, /))]
    fn new(#[pyo3(from_py_with = take::seed)] seed: u32) -> Self {
        Self(traders::Traders::new(seed))
    }

    /// Assets, instruments, accounts and deposits, for an exchange that has none.
    #[staticmethod]
    fn setup(py: Python<'_>) -> Bound<'_, PyBytes> {
        bytes(py, &traders::setup())
    }

    /// The first and the last number of the traders' accounts.
    #[staticmethod]
    fn accounts() -> (u32, u32) {
        let numbers = traders::account_numbers();
        (*numbers.start(), *numbers.end())
    }

    /// For an exchange that has run before: commands that cancel what the traders left open.
    #[pyo3(signature = (time_ns, last_trades, balances, /))]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what is taken out of a Python object is owned"
    )]
    fn resume<'py>(
        &mut self,
        py: Python<'py>,
        #[pyo3(from_py_with = take::time_ns)] time_ns: u64,
        last_trades: Vec<(u32, i64)>,
        balances: Vec<(u32, u32, i128)>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        require_time(time_ns)?;
        Ok(bytes(py, &self.0.resume(time_ns, &last_trades, &balances)))
    }

    /// The next commands, `count` of them or fewer.
    #[pyo3(signature = (time_ns, count, /))]
    fn next_batch<'py>(
        &mut self,
        py: Python<'py>,
        #[pyo3(from_py_with = take::time_ns)] time_ns: u64,
        count: usize,
    ) -> PyResult<Bound<'py, PyBytes>> {
        require_time(time_ns)?;
        if count > COUNT_MAX {
            let bound = format!("must be at most {COUNT_MAX}");
            return Err(invalid_value("count", &count.to_string(), &bound));
        }
        Ok(bytes(py, &self.0.next_batch(time_ns, count)))
    }

    /// Hears the events of the commands, whole commands in their order, and no others'.
    #[pyo3(signature = (events, /))]
    fn learn(&mut self, events: &Bound<'_, PyAny>) -> PyResult<()> {
        let bytes = AlignedBytes::of(events)?;
        self.0.learn(events_in(&bytes)?);
        Ok(())
    }

    /// The last `count` commands that were handed out did not reach the exchange.
    #[pyo3(signature = (count, /))]
    fn unsent(&mut self, count: usize) -> PyResult<()> {
        let commands = self.0.figures().commands;
        if count as u64 > commands {
            let bound = format!("must be at most {commands}, the commands that were handed out");
            return Err(invalid_value("count", &count.to_string(), &bound));
        }
        self.0.unsent(count);
        Ok(())
    }

    /// Commands handed out.
    #[getter]
    fn commands(&self) -> u64 {
        self.0.figures().commands
    }

    /// Of those answered, the refused ones.
    #[getter]
    fn refused(&self) -> u64 {
        self.0.figures().refused
    }

    /// Open orders, as far as the traders know.
    #[getter]
    fn open_orders(&self) -> usize {
        self.0.figures().open_orders
    }
}

fn require_time(time_ns: u64) -> PyResult<()> {
    if time_ns > TIME_MAX_NS {
        let bound = format!("must be at most {TIME_MAX_NS}");
        return Err(invalid_value("time_ns", &time_ns.to_string(), &bound));
    }
    Ok(())
}

fn bytes<'py>(py: Python<'py>, records: &RecordBuffer) -> Bound<'py, PyBytes> {
    PyBytes::new(py, records.as_bytes())
}
