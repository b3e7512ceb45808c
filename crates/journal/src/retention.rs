//! Which archived segments may go: those that the policy does not keep, that every registered
//! projection has passed, and that no start from a kept snapshot needs.

mod projections;

use std::path::Path;

pub use projections::{PROJECTION_NAME_BYTES_MAX, Projection, Projections};

use crate::archive::ArchiveHead;
use crate::disk::Disk;
use crate::folders::{Folders, segments};
use crate::snapshot::{SnapshotStore, Verified};
use crate::store::{OnFile, StoreError};

/// How much of the archive is kept; by default all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ArchivePolicy {
    /// Bytes of all archived segments; `None` for no bound.
    pub keep_bytes: Option<u64>,
    /// Age by engine time, ns; `None` for no bound.
    pub keep_ns: Option<u64>,
}

/// Removes the oldest archived segments that are not kept. `verified` and the newest `generations`
/// snapshots can be started from afterwards as before. Answers the first sequences of the removed.
///
/// # Errors
/// [`StoreError::Damaged`] of an archive's head or a projection's file, which need a person before
/// anything is removed; the disk's.
pub fn retain_archives(
    disk: &dyn Disk,
    dir: &Path,
    policy: &ArchivePolicy,
    (snapshots, generations): (&SnapshotStore, usize),
    verified: &Verified,
    projections: &Projections,
    now_ns: u64,
) -> Result<Vec<u64>, StoreError> {
    if *policy == ArchivePolicy::default() {
        return Ok(Vec::new());
    }
    let folders = Folders::new(dir);
    let found = segments(disk, &folders).on("list", folders.root())?;
    let archived: Vec<_> = found.iter().filter(|segment| segment.archived).collect();
    let mut total = 0;
    for segment in &archived {
        total += disk.length(&segment.path).on("read", &segment.path)?;
    }
    let passed = projections.slowest()?.unwrap_or(u64::MAX);
    let manifests = snapshots.manifests()?;
    let newest = manifests
        .iter()
        .take(generations)
        .chain([verified.manifest()]);
    let needed = newest
        .map(|manifest| manifest.position.segment)
        .min()
        .unwrap_or(0);
    let mut removed = Vec::new();
    for segment in archived {
        let head = ArchiveHead::read(disk, &segment.path, segment.first_sequence)?;
        let is_long = policy.keep_bytes.is_some_and(|keep| total > keep);
        let oldest_ns = policy.keep_ns.map(|keep| now_ns.saturating_sub(keep));
        let is_old = oldest_ns.is_some_and(|oldest_ns| head.last_time_ns < oldest_ns);
        let is_free = head.last_sequence <= passed && segment.first_sequence < needed;
        if !is_free || !(is_long || is_old) {
            break;
        }
        total -= disk.length(&segment.path).on("read", &segment.path)?;
        disk.remove(&segment.path).on("remove", &segment.path)?;
        removed.push(segment.first_sequence);
    }
    if !removed.is_empty() {
        let folder = folders.archive();
        disk.sync_dir(&folder).on("sync", &folder)?;
    }
    Ok(removed)
}

#[cfg(test)]
#[path = "retention/tests.rs"]
mod tests;
