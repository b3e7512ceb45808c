//! Market data: frames in and out by the Arrow `PyCapsule` protocol, kernels between.

mod arrow;
mod candle_rows;
mod candles;
mod flow;
mod footprint;
mod measure;
mod structure;

pub(crate) use arrow::Table;
pub(crate) use candles::{CandleSet, fill_candles, interval_ns, roll_up_candles};
pub(crate) use flow::{CvdSum, DeltaBars, OfiSum, TickRule, VpinBuckets, delta_bars, is_ordered};
pub(crate) use footprint::{FootprintBars, footprint_rows};
pub(crate) use measure::stream_candles;
pub(crate) use structure::{GapFinder, PriceLadder, SwingFinder, ZoneFinder, value_area};

use outcry_marketdata::InvalidInput;
use pyo3::PyErr;

use crate::errors::invalid_value;

/// A refusal of the kernels as the exception of the package.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the form that `map_err` takes"
)]
fn refused(error: InvalidInput) -> PyErr {
    invalid_value(error.field, &error.value, &error.bound)
}
