//! Writing a snapshot in pieces, between other work.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use zerocopy::IntoBytes;

use super::manifest::{Manifest, SNAPSHOT_HEAD_BYTES, SnapshotHead};
use crate::disk::{Disk, DiskFile, OpenMode, write_full};
use crate::reader::Position;
use crate::store::{OnFile, StoreError, publish, temporary, write_whole};

/// The most bytes of a piece.
pub const SNAPSHOT_PIECE_BYTES_MAX: usize = 1 << 20;

/// Written bytes are synced after so many, so that no burst of them stands in the way of the
/// journal's own sync.
const SYNC_BYTES: u64 = 4 << 20;

/// The state of the engine that a snapshot is taken of, but for the state itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotPoint {
    /// The version of the rules.
    pub rules_version: u32,
    /// Engine time, ns.
    pub time_ns: u64,
    /// The digest of all events so far.
    pub digest: u64,
    /// What is known to be durable of the journal.
    pub durable_sequence: u64,
    /// Behind the last frame that is in the state.
    pub position: Position,
}

/// A snapshot in the making. Dropped before [`Self::finish`], it never was one.
pub struct SnapshotWriter {
    disk: Arc<dyn Disk>,
    shard: u32,
    path: PathBuf,
    manifest_path: PathBuf,
    file: Box<dyn DiskFile>,
    point: SnapshotPoint,
    state_bytes: u64,
    unsynced_bytes: u64,
    crc: u32,
    hash: Sha256,
}

impl SnapshotWriter {
    pub(super) fn begin(
        disk: Arc<dyn Disk>,
        (path, manifest_path): (PathBuf, PathBuf),
        shard: u32,
        point: &SnapshotPoint,
    ) -> Result<Self, StoreError> {
        let new = temporary(&path);
        let file = disk.open(&new, OpenMode::Create).on("make", &new)?;
        let head = SnapshotHead::new(shard, point.position.link.sequence - 1);
        write_full(&*file, head.as_bytes(), 0).on("write", &new)?;
        Ok(Self {
            disk,
            shard,
            path,
            manifest_path,
            file,
            point: *point,
            state_bytes: 0,
            unsynced_bytes: 0,
            crc: 0,
            hash: Sha256::new(),
        })
    }

    /// Writes the next bytes of the state.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a piece of more than [`SNAPSHOT_PIECE_BYTES_MAX`], or the
    /// disk's.
    pub fn write_piece(&mut self, state: &[u8]) -> Result<(), StoreError> {
        if state.len() > SNAPSHOT_PIECE_BYTES_MAX {
            return Err(StoreError::Refused {
                field: "state",
                why: format!("{} bytes, at most {SNAPSHOT_PIECE_BYTES_MAX}", state.len()),
            });
        }
        let offset = SNAPSHOT_HEAD_BYTES as u64 + self.state_bytes;
        write_full(&*self.file, state, offset).on("write", &self.writing())?;
        self.crc = crc32c::crc32c_append(self.crc, state);
        self.hash.update(state);
        self.state_bytes += state.len() as u64;
        self.unsynced_bytes += state.len() as u64;
        if self.unsynced_bytes >= SYNC_BYTES {
            self.file.sync_data().on("sync", &self.writing())?;
            self.unsynced_bytes = 0;
        }
        Ok(())
    }

    /// Bytes of the state that are written.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.state_bytes
    }

    /// Makes the snapshot one: state and manifest are synced and named, in this order.
    ///
    /// # Errors
    /// The disk's; there is no new snapshot then.
    pub fn finish(self) -> Result<Manifest, StoreError> {
        publish(&*self.disk, &*self.file, &self.path)?;
        let manifest = Manifest {
            shard: self.shard,
            rules_version: self.point.rules_version,
            time_ns: self.point.time_ns,
            digest: self.point.digest,
            durable_sequence: self.point.durable_sequence,
            state_bytes: self.state_bytes,
            state_crc: self.crc,
            state_hash: self.hash.finalize().into(),
            position: self.point.position,
        };
        write_whole(&*self.disk, &self.manifest_path, &manifest.to_bytes())?;
        Ok(manifest)
    }

    /// Gives the snapshot up.
    ///
    /// # Errors
    /// That of removing what was written.
    pub fn abandon(self) -> Result<(), StoreError> {
        let new = self.writing();
        self.disk.remove(&new).on("remove", &new)
    }

    fn writing(&self) -> PathBuf {
        temporary(Path::new(&self.path))
    }
}
