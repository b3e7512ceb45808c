//! Order flows made by seed, as command logs.

use outcry_simulate::{Workload, command_log};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors::invalid_value;

const COUNT_MIN: usize = 2;
const COUNT_MAX: usize = 10_000_000;

/// Every workload: its name, and the seed and the count that its published figures use.
#[pyfunction]
pub(crate) fn workloads() -> Vec<(String, u32, usize)> {
    Workload::ALL
        .iter()
        .map(|workload| {
            (
                workload.name(),
                workload.usual_seed(),
                workload.usual_count(),
            )
        })
        .collect()
}

/// The workload of this name as a command log, its head included.
#[pyfunction]
#[pyo3(signature = (workload, seed, count, /))]
pub(crate) fn simulate<'py>(
    py: Python<'py>,
    workload: &str,
    seed: u32,
    count: usize,
) -> PyResult<Bound<'py, PyBytes>> {
    let Some(known) = Workload::from_name(workload) else {
        let names = Workload::ALL.map(|known| known.name()).join(", ");
        return Err(invalid_value(
            "workload",
            workload,
            &format!("is none of {names}"),
        ));
    };
    if !(COUNT_MIN..=COUNT_MAX).contains(&count) {
        let bound = format!("is not within {COUNT_MIN} to {COUNT_MAX}");
        return Err(invalid_value("count", &count.to_string(), &bound));
    }
    let log = py.detach(|| command_log(&known, seed, count));
    Ok(PyBytes::new(py, &log))
}
