//! Data directories from outside: audits, repairs, and the commands that stand in a journal.

use std::path::{Path, PathBuf};

use outcry_journal::disk::RealDisk;
use outcry_journal::{Finding, Frame, FrameKind, ReadError, Reader, SegmentReport};
use outcry_runtime::{AuditReport, MendError, MendReport, OpenError, audit, mend};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::errors::classes;
use crate::exchange_errors::open_failed;

/// How many commands are replayed between two tellings of how far it is.
const TELL_EVERY: u64 = 250_000;

/// Reads a data directory whole and answers what was seen. `progress` is called now and then with
/// the sequence that replay has reached and the last one.
#[pyfunction]
#[pyo3(signature = (path, progress=None, /))]
#[expect(
    clippy::needless_pass_by_value,
    reason = "what is taken out of a Python object is owned"
)]
pub(crate) fn audit_directory(
    py: Python<'_>,
    path: PathBuf,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'_, PyDict>> {
    let report = py.detach(|| {
        let mut told = 0;
        audit(&RealDisk::shared(), &path, &mut |reached, last| {
            if let Some(progress) = &progress
                && (reached >= told + TELL_EVERY || reached == last)
            {
                told = reached;
                // What the caller's function raises does not end an audit.
                let _ = Python::attach(|py| progress.call1(py, (reached, last)));
            }
        })
    });
    audit_dict(py, &report)
}

fn audit_dict<'py>(py: Python<'py>, report: &AuditReport) -> PyResult<Bound<'py, PyDict>> {
    let journal = &report.journal;
    let dict = PyDict::new(py);
    dict.set_item("verdict", report.verdict.name())?;
    dict.set_item("exit_code", report.verdict.exit_code())?;
    let findings = journal.findings.iter().chain(&report.findings);
    let findings: Vec<_> = findings.map(finding_row).collect();
    dict.set_item("findings", findings)?;
    let segments: Vec<_> = journal.segments.iter().map(segment_row).collect();
    dict.set_item("segments", segments)?;
    dict.set_item("shard", journal.shard)?;
    dict.set_item("epoch", journal.epoch)?;
    dict.set_item("first_sequence", journal.first_sequence)?;
    dict.set_item("last_sequence", journal.last_sequence)?;
    dict.set_item("durable_sequence", journal.durable_sequence)?;
    let tail = journal.tail.as_ref().map(ToString::to_string);
    dict.set_item("tail", tail)?;
    dict.set_item("good_snapshots", &report.good_snapshots)?;
    dict.set_item("reached_snapshots", &report.reached_snapshots)?;
    dict.set_item("replayed_from", report.replayed_from)?;
    dict.set_item("replayed_commands", report.replayed_commands)?;
    let hash = report.state_hash.map(|hash| PyBytes::new(py, &hash));
    dict.set_item("state_hash", hash)?;
    Ok(dict)
}

fn finding_row(finding: &Finding) -> (&Path, u64, &str) {
    (&finding.file, finding.offset, &finding.text)
}

type SegmentRow<'a> = (&'a Path, bool, bool, u64, u64, u64, u64);

fn segment_row(segment: &SegmentReport) -> SegmentRow<'_> {
    (
        &segment.file,
        segment.archived,
        segment.sealed,
        segment.first_sequence,
        segment.last_sequence,
        segment.frames,
        segment.bytes,
    )
}

/// Cuts a damaged journal at the first damage and begins a new epoch.
#[pyfunction]
#[pyo3(signature = (path, /))]
#[expect(
    clippy::needless_pass_by_value,
    reason = "what is taken out of a Python object is owned"
)]
pub(crate) fn repair_directory(py: Python<'_>, path: PathBuf) -> PyResult<Bound<'_, PyDict>> {
    let mended = py.detach(|| mend(&RealDisk::shared(), &path));
    let MendReport {
        journal,
        removed_snapshots,
        events_from,
    } = mended.map_err(|error| mend_failed(&path, error))?;
    let dict = PyDict::new(py);
    dict.set_item("damage", &journal.damage)?;
    dict.set_item("last_sequence", journal.last_sequence)?;
    dict.set_item("durable_sequence", journal.durable_sequence)?;
    dict.set_item("lost", journal.lost)?;
    dict.set_item("lost_bytes", journal.lost_bytes)?;
    dict.set_item("quarantined", &journal.quarantined)?;
    dict.set_item("epoch", journal.epoch)?;
    dict.set_item("removed_snapshots", removed_snapshots)?;
    dict.set_item("events_from", events_from)?;
    Ok(dict)
}

#[cold]
fn mend_failed(path: &Path, error: MendError) -> PyErr {
    match error {
        MendError::Lock(error) => open_failed(path, OpenError::Lock(error)),
        MendError::Store(error) => open_failed(path, OpenError::Store(error)),
        MendError::Repair(error) => classes::OpenFailed::new_err((error.to_string(),)),
    }
}

#[cold]
fn read_failed(path: &Path, error: ReadError) -> PyErr {
    match error {
        ReadError::Damaged { file, offset, why } => {
            let file = file.display().to_string();
            classes::JournalDamaged::new_err((file, offset, why.to_string()))
        }
        error => open_failed(path, OpenError::Read(error)),
    }
}

/// The commands of a journal, frame by frame, beside a process that writes it too.
#[pyclass(unsendable)]
pub(crate) struct JournalReader {
    path: PathBuf,
    reader: Reader,
    from_sequence: u64,
}

/// First sequence, time, epoch, digest, count, command records.
type FrameRow<'py> = (u64, u64, u32, u64, u32, Bound<'py, PyBytes>);

#[pymethods]
impl JournalReader {
    #[new]
    #[pyo3(signature = (path, from_sequence, /))]
    fn new(path: PathBuf, from_sequence: u64) -> PyResult<Self> {
        let reader = Reader::open(RealDisk::shared(), &path, from_sequence);
        Ok(Self {
            reader: reader.map_err(|error| read_failed(&path, error))?,
            path,
            from_sequence,
        })
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    /// The next frame that holds commands from the asked sequence on.
    fn __next__<'py>(&mut self, py: Python<'py>) -> PyResult<Option<FrameRow<'py>>> {
        let Self { path, reader, .. } = self;
        while let Some(frame) = reader
            .next(u64::MAX)
            .map_err(|error| read_failed(path, error))?
        {
            if frame.kind() == FrameKind::Commands && frame.last_sequence() >= self.from_sequence {
                return Ok(Some(frame_row(py, &frame)));
            }
        }
        Ok(None)
    }
}

fn frame_row<'py>(py: Python<'py>, frame: &Frame<'_>) -> FrameRow<'py> {
    let header = &frame.header;
    (
        header.first_sequence,
        header.time_ns,
        header.epoch,
        header.digest,
        header.count,
        PyBytes::new(py, frame.payload),
    )
}
