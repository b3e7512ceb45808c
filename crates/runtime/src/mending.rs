//! Repair by order of a person: what an opening will not do by itself.

use outcry_journal::disk::Disk;
use outcry_journal::{
    DirectoryLock, EventLogOptions, EventLogWriter, LockError, RepairError, RepairReport,
    SnapshotStore, StoreError, repair, verify,
};
use std::path::Path;
use std::sync::Arc;
use thiserror::Error;

/// A data directory that was not mended.
#[derive(Debug, Error)]
pub enum MendError {
    /// Another process has it open, or the directory cannot be locked.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The journal was not repaired.
    #[error(transparent)]
    Repair(#[from] RepairError),
    /// Snapshots or event log cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MendReport {
    /// What became of the journal.
    pub journal: RepairReport,
    /// Snapshots that the journal no longer reaches; they were removed.
    pub removed_snapshots: Vec<u64>,
    /// The first sequence whose events will be made again.
    pub events_from: u64,
}

/// Cuts a damaged journal at the first damage, removes the snapshots and events behind it, and
/// begins a new epoch. What is cut is kept under `quarantine/`.
///
/// # Errors
/// [`MendError`]; a directory in which nothing is damaged is left alone.
pub fn mend(disk: &Arc<dyn Disk>, dir: &Path) -> Result<MendReport, MendError> {
    let lock = DirectoryLock::take(&**disk, dir)?;
    let shard = verify(disk, dir, 0).shard;
    let snapshots = SnapshotStore::open(Arc::clone(disk), dir, shard)?;
    let journal = repair(disk, &lock, snapshots.known_durable()?)?;
    let removed_snapshots = snapshots.remove_after(journal.last_sequence)?;
    let options = EventLogOptions::new(shard);
    let (_, log) = EventLogWriter::open(Arc::clone(disk), dir, &options, journal.last_sequence)?;
    Ok(MendReport {
        journal,
        removed_snapshots,
        events_from: log.resume_from,
    })
}
