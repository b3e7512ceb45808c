//! The register of projections: what they have applied, so that nothing they need is removed.

use std::path::PathBuf;

use outcry_journal::disk::RealDisk;
use outcry_journal::{Projections, StoreError};
use outcry_runtime::OpenError;
use pyo3::prelude::*;

use crate::exchange_errors::open_failed;

/// One projection in the register of a data directory.
#[pyclass(frozen, module = "outcry._native")]
pub(crate) struct ProjectionRegister {
    path: PathBuf,
    name: String,
}

#[pymethods]
impl ProjectionRegister {
    #[new]
    #[pyo3(signature = (path, name, /))]
    fn new(path: PathBuf, name: String) -> Self {
        Self { path, name }
    }

    /// Registers it, or sets it to another sequence, also back. Durable when it returns.
    #[pyo3(signature = (applied_sequence, /))]
    fn register(&self, py: Python<'_>, applied_sequence: u64) -> PyResult<()> {
        py.detach(|| self.open()?.register(&self.name, applied_sequence))
            .map_err(|error| self.failed(error))
    }

    /// Says what it has applied by now, never less than before.
    #[pyo3(signature = (applied_sequence, /))]
    fn advance(&self, py: Python<'_>, applied_sequence: u64) -> PyResult<()> {
        py.detach(|| self.open()?.advance(&self.name, applied_sequence))
            .map_err(|error| self.failed(error))
    }

    /// Forgets it: nothing is kept for it any more.
    fn unregister(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.open()?.unregister(&self.name))
            .map_err(|error| self.failed(error))
    }

    /// What all registered projections of the directory have applied, by name.
    fn list(&self, py: Python<'_>) -> PyResult<Vec<(String, u64)>> {
        let listed = py.detach(|| self.open()?.list());
        let listed = listed.map_err(|error| self.failed(error))?;
        let rows = listed.into_iter();
        Ok(rows
            .map(|projection| (projection.name, projection.applied_sequence))
            .collect())
    }
}

impl ProjectionRegister {
    fn open(&self) -> Result<Projections, StoreError> {
        Projections::open(RealDisk::shared(), &self.path)
    }

    #[cold]
    fn failed(&self, error: StoreError) -> PyErr {
        open_failed(&self.path, OpenError::Store(error))
    }
}
