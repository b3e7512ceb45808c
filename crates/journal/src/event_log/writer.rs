//! Writing the event log.

use std::path::Path;
use std::sync::Arc;

use zerocopy::IntoBytes;

use super::block::{BlockStamp, EventBlock};
use super::format::{BLOCK_BYTES_MAX, EventSegmentHead, HEAD_BYTES};
use super::index::IndexWriter;
use super::opening::{BlockLink, EventLogOpening, LogEnd, OpenSegment, Opener};
use super::segments::EventFolder;
use super::watch::EventLogWatch;
use crate::disk::{Disk, OpenMode, write_full};
use crate::store::{OnFile, StoreError, make_folder};

/// The size of a segment unless told otherwise, in bytes.
const SEGMENT_BYTES_USUAL: u64 = 64 << 20;

/// What an event log is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventLogOptions {
    /// The shard; a log of another is refused.
    pub shard: u32,
    /// A new segment begins when a block would end behind so many bytes.
    pub segment_bytes: u64,
}

impl EventLogOptions {
    /// The usual options.
    #[must_use]
    pub const fn new(shard: u32) -> Self {
        Self {
            shard,
            segment_bytes: SEGMENT_BYTES_USUAL,
        }
    }
}

/// The one writer of an event log. Drop it after an error: what was not written whole is cut by the
/// next opening.
pub struct EventLogWriter {
    folder: EventFolder,
    options: EventLogOptions,
    segment: Option<OpenSegment>,
    link: BlockLink,
    watch: Arc<EventLogWatch>,
}

impl EventLogWriter {
    /// Opens the event log of a data directory whose lock this process holds, and whose journal
    /// ends at `sequence_max`. What is damaged, or behind that, is cut off.
    ///
    /// # Errors
    /// [`StoreError::Newer`], [`StoreError::OtherShard`], or the disk's.
    pub fn open(
        disk: Arc<dyn Disk>,
        dir: &Path,
        options: &EventLogOptions,
        sequence_max: u64,
    ) -> Result<(Self, EventLogOpening), StoreError> {
        let folder = EventFolder::new(disk, dir);
        make_folder(&*folder.disk, folder.path())?;
        let opener = Opener {
            folder: &folder,
            shard: options.shard,
            sequence_max,
            cut_bytes: 0,
            notes: Vec::new(),
        };
        let (LogEnd { segment, link }, opening) = opener.open()?;
        let writer = Self {
            folder,
            options: *options,
            segment,
            link,
            watch: Arc::new(EventLogWatch::new(link.sequence - 1)),
        };
        Ok((writer, opening))
    }

    /// The command whose events come next.
    #[must_use]
    pub const fn next_sequence(&self) -> u64 {
        self.link.sequence
    }

    /// To wait for what is written.
    #[must_use]
    pub fn watch(&self) -> Arc<EventLogWatch> {
        Arc::clone(&self.watch)
    }

    /// Forgets what is there and begins anew: for a journal that no longer has the commands from
    /// [`Self::next_sequence`] on.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for sequence 0, or the disk's.
    pub fn restart_at(&mut self, sequence: u64) -> Result<(), StoreError> {
        if sequence == 0 {
            return Err(refused("sequence", "sequences begin at 1".to_owned()));
        }
        self.segment = None;
        for first in self.folder.segments()?.into_iter().rev() {
            self.folder.remove(first)?;
        }
        self.link = BlockLink { sequence, chain: 0 };
        self.watch.publish(sequence - 1);
        Ok(())
    }

    /// Writes a block and empties it. Readers find it from now on; nothing is synced.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a stamp that does not follow the block before or a block of more
    /// than [`BLOCK_BYTES_MAX`] bytes; the disk's.
    pub fn append(&mut self, block: &mut EventBlock, stamp: &BlockStamp) -> Result<(), StoreError> {
        self.check(block, stamp)?;
        self.make_room(block.bytes() as u64)?;
        let chain = self.link.chain;
        let (bytes, crc) = block.close(chain, stamp);
        let Some(segment) = &mut self.segment else {
            unreachable!("room was made in a segment");
        };
        let path = self.folder.segment(segment.first_sequence);
        write_full(&*segment.file, bytes, segment.offset).on("write", &path)?;
        let offset = segment.offset;
        segment.index.add(stamp.first_sequence, offset, chain)?;
        segment.offset += bytes.len() as u64;
        segment.begin_writing();
        self.link = BlockLink {
            sequence: stamp.last_sequence + 1,
            chain: crc,
        };
        self.watch.publish(stamp.last_sequence);
        block.clear();
        Ok(())
    }

    fn check(&self, block: &EventBlock, stamp: &BlockStamp) -> Result<(), StoreError> {
        let (first, due) = (stamp.first_sequence, self.link.sequence);
        if first != due {
            return Err(refused(
                "first_sequence",
                format!("{first} where {due} is due"),
            ));
        }
        if stamp.last_sequence < first || stamp.last_sequence == u64::MAX {
            let last = stamp.last_sequence;
            return Err(refused(
                "last_sequence",
                format!("{last} behind first {first}"),
            ));
        }
        let bytes = block.bytes();
        if bytes > BLOCK_BYTES_MAX {
            return Err(refused(
                "block",
                format!("{bytes} bytes, at most {BLOCK_BYTES_MAX}"),
            ));
        }
        Ok(())
    }

    /// Begins a segment if there is none, or the block would not fit.
    fn make_room(&mut self, bytes: u64) -> Result<(), StoreError> {
        if let Some(segment) = &self.segment {
            let is_empty = segment.offset == HEAD_BYTES as u64;
            if is_empty || segment.offset + bytes <= self.options.segment_bytes {
                return Ok(());
            }
        }
        let (disk, shard) = (&*self.folder.disk, self.options.shard);
        let first_sequence = self.link.sequence;
        let path = self.folder.segment(first_sequence);
        let file = disk.open(&path, OpenMode::Create).on("make", &path)?;
        let index_path = self.folder.index(first_sequence);
        let index = IndexWriter::create(disk, &index_path, shard, first_sequence)?;
        let head = EventSegmentHead::new(shard, first_sequence, self.link.chain);
        write_full(&*file, head.as_bytes(), 0).on("write", &path)?;
        self.segment = Some(OpenSegment {
            first_sequence,
            file,
            offset: HEAD_BYTES as u64,
            begun: 0,
            index,
        });
        Ok(())
    }
}

impl Drop for EventLogWriter {
    fn drop(&mut self) {
        self.watch.close();
    }
}

fn refused(field: &'static str, why: String) -> StoreError {
    StoreError::Refused { field, why }
}
