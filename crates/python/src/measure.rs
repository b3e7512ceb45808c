//! The rows of the benchmark that are measured in the core.

use std::path::PathBuf;

use outcry_bench::{COMPILER, Place, Row, rows};
use pyo3::prelude::*;

use crate::errors::{invalid_value, unverified_figure};

/// A figure: its name, its unit, one value for each run, and what was held fixed.
type Measured = (String, &'static str, Vec<f64>, String);

/// The names of the rows.
#[pyfunction]
pub(crate) fn bench_rows() -> Vec<&'static str> {
    rows().iter().map(Row::name).collect()
}

/// Measures a row `runs` times, each with a fresh engine. `count` cuts its workload short, 0 takes
/// it whole. What needs a disk writes in `folder`; `child` is the program whose first order a
/// recovery is timed by, with the folder behind its arguments.
#[pyfunction]
#[pyo3(signature = (row, runs, count, folder, child, /))]
pub(crate) fn measure(
    py: Python<'_>,
    row: &str,
    runs: usize,
    count: usize,
    folder: PathBuf,
    child: Vec<String>,
) -> PyResult<Vec<Measured>> {
    let all = rows();
    let Some(found) = all.iter().find(|known| known.name() == row) else {
        let names: Vec<_> = all.iter().map(Row::name).collect();
        let bound = format!("must be one of {}", names.join(", "));
        return Err(invalid_value("row", row, &bound));
    };
    if runs == 0 {
        return Err(invalid_value("runs", "0", "must be at least 1"));
    }
    let figures = py.detach(|| found.measure(runs, count, &Place { folder, child }));
    let figures = figures.map_err(|problem| unverified_figure(row, &problem))?;
    Ok(figures
        .into_iter()
        .map(|figure| (figure.name, figure.unit, figure.runs, figure.setting))
        .collect())
}

/// The compiler that made the core, as it names itself.
#[pyfunction]
pub(crate) const fn bench_compiler() -> &'static str {
    COMPILER
}
