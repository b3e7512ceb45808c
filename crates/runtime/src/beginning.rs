//! The oldest state from which a data directory can be followed, from outside and without its lock.

use outcry_engine::{Engine, EngineConfig};
use outcry_journal::disk::Disk;
use outcry_journal::{
    Folders, FrameKind, Manifest, ReadError, Reader, SnapshotStore, StoreError, event_log_oldest,
    segments,
};
use std::path::Path;
use std::sync::Arc;
use thiserror::Error;

use crate::rules;

/// A data directory that cannot be followed from any state.
#[derive(Debug, Error)]
pub enum BeginningError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] ReadError),
    /// The event log or the snapshots.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal begins by rules that this program does not know.
    #[error("rules_version: the journal has rules that this program does not know")]
    Rules,
    /// The beginning is no longer kept, and no snapshot stands where what is kept begins.
    #[error("no good snapshot stands at or behind sequence {0}")]
    NoSnapshot(u64),
}

/// The engine behind the command with which the kept commands and events begin: before the first
/// one of all, or as the oldest snapshot has it behind which both are kept. `None` while there is
/// nothing yet.
///
/// # Errors
/// [`BeginningError`].
pub fn oldest_state(disk: &Arc<dyn Disk>, dir: &Path) -> Result<Option<Engine>, BeginningError> {
    let Some(events) = event_log_oldest(Arc::clone(disk), dir)? else {
        return Ok(None);
    };
    let folders = Folders::new(dir);
    let found = segments(&**disk, &folders).map_err(|error| StoreError::Disk {
        what: "list",
        file: folders.journal(),
        error,
    })?;
    let Some(segment) = found.first().map(|segment| segment.first_sequence) else {
        return Ok(None);
    };
    let mut reader = Reader::open(Arc::clone(disk), dir, segment)?;
    let first = segment.max(events);
    let config = config_at(&mut reader)?;
    if first == 1 {
        return Ok(Some(Engine::new(config)));
    }
    let snapshots = SnapshotStore::read_only(Arc::clone(disk), dir, reader.shard());
    let manifests = snapshots.manifests()?;
    let usable = manifests.iter().map(Manifest::sequence);
    let mut usable: Vec<u64> = usable.filter(|sequence| *sequence >= first - 1).collect();
    usable.sort_unstable();
    for sequence in usable {
        let found = snapshots.newest_good(sequence)?.snapshot;
        let Some(found) = found.filter(|found| found.manifest.sequence() == sequence) else {
            continue;
        };
        if let Ok(engine) = Engine::load(config, &found.state) {
            return Ok(Some(engine));
        }
    }
    Err(BeginningError::NoSnapshot(first - 1))
}

/// The configuration in the rules at the head of the segment that is read.
fn config_at(reader: &mut Reader) -> Result<EngineConfig, BeginningError> {
    while let Some(frame) = reader.next(u64::MAX)? {
        if frame.kind() != FrameKind::Rules {
            continue;
        }
        let known = frame
            .rules()
            .filter(|found| found.version == rules::RULES_VERSION)
            .and_then(|found| rules::config_of(&found, &EngineConfig::default()));
        return known.ok_or(BeginningError::Rules);
    }
    Err(BeginningError::Rules)
}
