//! The rows of the benchmark that are measured in the core.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use outcry_bench::{COMPILER, Place, Row, http_load, rows};
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

/// What came of a load over HTTP: nanoseconds in all, latencies at 50, 99 and 99.9 percent and the
/// longest, answers by status, order ids, bytes.
type Loaded = (u64, [u64; 4], Vec<(u16, u64)>, Vec<u64>, u64);

/// Sends requests, each as it goes over the wire, over so many connections to a port of this
/// machine, each with one on its way.
#[pyfunction]
#[pyo3(signature = (port, requests, connections, /))]
#[expect(clippy::needless_pass_by_value, reason = "Python hands lists over")]
pub(crate) fn load_http(
    py: Python<'_>,
    port: u16,
    requests: Vec<Vec<u8>>,
    connections: usize,
) -> PyResult<Loaded> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let load = py
        .detach(|| http_load::run(address, &requests, connections))
        .map_err(|error| unverified_figure("http", &error.to_string()))?;
    let latencies = &load.latencies_ns;
    let at = |percent| latencies.value_at_percentile(percent);
    Ok((
        load.elapsed.as_nanos() as u64,
        [at(50.0), at(99.0), at(99.9), latencies.max()],
        load.statuses,
        load.order_ids,
        load.bytes,
    ))
}
