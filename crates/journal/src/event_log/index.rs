//! The sparse index beside each segment of events: where some of its blocks begin.
//!
//! It is a hint that is checked where it leads: damaged or missing, it costs time, not truth. Its
//! last entry may be a seal: the segment is closed, and was synced whole.

use std::path::{Path, PathBuf};

use zerocopy::{FromBytes, IntoBytes};

use super::format::{HEAD_BYTES, IndexEntry, IndexHead, RECORD_BYTES};
use crate::disk::{Disk, DiskFile, OpenMode, read_file, write_full};
use crate::store::{OnFile, StoreError, read_head};

/// A block is indexed when so many bytes stand since the last that was.
const STRIDE_BYTES: u64 = 256 << 10;

/// The most bytes of an index that is read: the entries of a segment of 64 GiB.
const INDEX_BYTES_MAX: u64 = 8 << 20;

/// The index of the segment that is written.
pub(super) struct IndexWriter {
    file: Box<dyn DiskFile>,
    path: PathBuf,
    length: u64,
    due_offset: u64,
}

impl IndexWriter {
    /// An index without entries, in place of what is there.
    pub(super) fn create(
        disk: &dyn Disk,
        path: &Path,
        shard: u32,
        first_sequence: u64,
    ) -> Result<Self, StoreError> {
        let file = disk.open(path, OpenMode::Create).on("make", path)?;
        let head = IndexHead::new(shard, first_sequence);
        write_full(&*file, head.as_bytes(), 0).on("write", path)?;
        Ok(Self {
            file,
            path: path.to_owned(),
            length: HEAD_BYTES as u64,
            due_offset: HEAD_BYTES as u64 + STRIDE_BYTES,
        })
    }

    /// Tells of a block; it is indexed if one is due.
    pub(super) fn add(&mut self, sequence: u64, offset: u64, chain: u32) -> Result<(), StoreError> {
        if offset < self.due_offset {
            return Ok(());
        }
        self.due_offset = offset + STRIDE_BYTES;
        self.put(&IndexEntry::block(sequence, offset, chain))
    }

    fn put(&mut self, entry: &IndexEntry) -> Result<(), StoreError> {
        write_full(&*self.file, entry.as_bytes(), self.length).on("write", &self.path)?;
        self.length += RECORD_BYTES as u64;
        Ok(())
    }
}

/// The good entries at the start of an index; none if it is damaged from its start, or not there.
///
/// # Errors
/// [`StoreError::Newer`] of a newer format.
pub(super) fn entries(
    disk: &dyn Disk,
    path: &Path,
    first_sequence: u64,
) -> Result<Vec<IndexEntry>, StoreError> {
    let Ok(bytes) = read_file(disk, path, INDEX_BYTES_MAX) else {
        return Ok(Vec::new());
    };
    let head: IndexHead = match read_head(&bytes) {
        Ok(head) => head,
        Err(error) => match error.on(path) {
            newer @ StoreError::Newer { .. } => return Err(newer),
            _ => return Ok(Vec::new()),
        },
    };
    if head.first_sequence != first_sequence {
        return Ok(Vec::new());
    }
    let chunks = bytes[HEAD_BYTES..].chunks_exact(RECORD_BYTES);
    let entries = chunks.filter_map(|chunk| IndexEntry::read_from_bytes(chunk).ok());
    Ok(entries.take_while(IndexEntry::is_good).collect())
}

/// The seal of a segment, if it has one.
pub(super) fn seal(
    disk: &dyn Disk,
    path: &Path,
    first_sequence: u64,
) -> Result<Option<IndexEntry>, StoreError> {
    let entries = entries(disk, path, first_sequence)?;
    Ok(entries.last().copied().filter(IndexEntry::is_seal))
}
