//! Blocks read from a file in large pieces, also while it grows.

use std::io;
use std::path::{Path, PathBuf};

use outcry_protocol::EventRecord;
use zerocopy::{FromBytes, FromZeros, IntoBytes};

use super::format::{BlockHead, HEAD_BYTES, HEAD_RECORDS, RECORD_BYTES};
use crate::disk::{Disk, DiskFile, read_full};
use crate::store::{OnFile, StoreDamage, StoreError};

/// Records that are read at once, where the file has them.
const READ_RECORDS: usize = (256 << 10) / RECORD_BYTES;

/// A window over a segment's blocks that moves forward.
pub(super) struct BlockWindow {
    file: Box<dyn DiskFile>,
    path: PathBuf,
    records: Vec<EventRecord>,
    /// The records of the window, in the buffer.
    start: usize,
    end: usize,
    /// Where the window starts in the file.
    offset: u64,
}

/// What stands at the start of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A block that is whole and undamaged.
    Block(BlockHead),
    /// The file ends, after so many bytes that are no whole block.
    End(u64),
    /// A damaged block.
    Damage(StoreDamage),
}

impl BlockWindow {
    pub(super) fn new(file: Box<dyn DiskFile>, path: &Path) -> Self {
        Self {
            file,
            path: path.to_owned(),
            records: Vec::new(),
            start: 0,
            end: 0,
            offset: HEAD_BYTES as u64,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// Goes to where a block begins.
    pub(super) fn go_to(&mut self, offset: u64) {
        let ahead = offset
            .checked_sub(self.offset)
            .map(|bytes| bytes / RECORD_BYTES as u64);
        let within = ahead.filter(|records| *records <= (self.end - self.start) as u64);
        if let Some(records) = within {
            self.start += records as usize;
        } else {
            self.forget();
        }
        self.offset = offset;
    }

    /// Forgets what was read, for it may have changed.
    pub(super) const fn forget(&mut self) {
        (self.start, self.end) = (0, 0);
    }

    /// The head of the block at the window's start, not yet checked against its records; `None` at
    /// the file's end.
    pub(super) fn head(&mut self) -> Result<Option<BlockHead>, StoreError> {
        self.fill(HEAD_RECORDS).on("read", &self.path)?;
        let bytes = self.records[self.start..self.end].as_bytes();
        Ok(BlockHead::read_from_prefix(bytes)
            .ok()
            .map(|(head, _)| head))
    }

    /// Looks at the block at the window's start.
    pub(super) fn look(&mut self) -> Result<Found, StoreError> {
        let Some(head) = self.head()? else {
            return self.end();
        };
        if let Err(damage) = head.check() {
            return Ok(Found::Damage(damage));
        }
        let records = head.bytes() / RECORD_BYTES;
        if records > self.end - self.start {
            // No memory for a length that the file does not have.
            let length = self.file.len().on("read", &self.path)?;
            if length < self.offset + head.bytes() as u64 {
                return self.end();
            }
            self.fill(records).on("read", &self.path)?;
            if records > self.end - self.start {
                return self.end();
            }
        }
        let bytes = self.records[self.start..self.start + records].as_bytes();
        if crc32c::crc32c(&bytes[8..]) != head.crc {
            return Ok(Found::Damage(StoreDamage::BlockCrc));
        }
        Ok(Found::Block(head))
    }

    /// Moves behind the block that [`Self::look`] found, and answers its records.
    pub(super) fn pass(&mut self, head: &BlockHead) -> &[EventRecord] {
        let start = self.start + HEAD_RECORDS;
        self.start += head.bytes() / RECORD_BYTES;
        self.offset += head.bytes() as u64;
        &self.records[start..self.start]
    }

    /// Whether the file was cut before the window.
    pub(super) fn is_cut(&self) -> Result<bool, StoreError> {
        let length = self.file.len().on("read", &self.path)?;
        Ok(length < self.offset)
    }

    /// Whether the file still has its name and its end; if not, the log was opened anew, or has
    /// just grown.
    pub(super) fn is_named(&self, disk: &dyn Disk) -> Result<bool, StoreError> {
        let length = self.file.len().on("read", &self.path)?;
        let named = disk.length(&self.path);
        Ok(length >= self.offset && named.is_ok_and(|named| named == length))
    }

    pub(super) fn into_file(self) -> Box<dyn DiskFile> {
        self.file
    }

    fn end(&self) -> Result<Found, StoreError> {
        let length = self.file.len().on("read", &self.path)?;
        Ok(Found::End(length.saturating_sub(self.offset)))
    }

    /// Reads until the window has this many records, or the file ends.
    fn fill(&mut self, records: usize) -> io::Result<()> {
        let held = self.end - self.start;
        if held >= records {
            return Ok(());
        }
        self.records.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, held);
        let room = records.max(READ_RECORDS);
        if self.records.len() < room {
            self.records.resize(room, EventRecord::new_zeroed());
        }
        let offset = self.offset + (held * RECORD_BYTES) as u64;
        let count = read_full(&*self.file, self.records[held..].as_mut_bytes(), offset)?;
        self.end += count / RECORD_BYTES;
        Ok(())
    }
}
