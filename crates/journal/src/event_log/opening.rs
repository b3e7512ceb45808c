//! Opening the event log to write it: what is whole is kept, and the rest is to be made again.

use super::format::{BlockHead, EventSegmentHead, HEAD_BYTES};
use super::index::{self, IndexWriter};
use super::segments::EventFolder;
use super::window::{BlockWindow, Found};
use crate::disk::{DiskFile, OpenMode};
use crate::store::{HeadError, OnFile, StoreDamage, StoreError};

/// What an opening found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventLogOpening {
    /// The events from this sequence on are to be made again from the journal.
    pub resume_from: u64,
    /// The oldest sequence that is kept; `resume_from` if none is.
    pub oldest: u64,
    /// Bytes of blocks that were cut off.
    pub cut_bytes: u64,
    /// What was cut, and why: lines for the log.
    pub notes: Vec<String>,
}

/// What the next block must follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BlockLink {
    pub(super) sequence: u64,
    pub(super) chain: u32,
}

impl BlockLink {
    /// What is wrong with a block behind this link.
    pub(super) fn check(&self, head: &BlockHead) -> Result<(), StoreDamage> {
        if head.first_sequence != self.sequence {
            let (expected, found) = (self.sequence, head.first_sequence);
            return Err(StoreDamage::BlockSequence { expected, found });
        }
        if head.chain != self.chain {
            return Err(StoreDamage::BlockChain);
        }
        Ok(())
    }

    pub(super) const fn behind(head: &BlockHead) -> Self {
        Self {
            sequence: head.last_sequence + 1,
            chain: head.crc,
        }
    }
}

/// The segment that is written.
pub(super) struct OpenSegment {
    pub(super) first_sequence: u64,
    pub(super) file: Box<dyn DiskFile>,
    pub(super) offset: u64,
    /// Up to where the system was asked to begin writing to the disk.
    pub(super) begun: u64,
    pub(super) index: IndexWriter,
}

/// So much is written before the system is asked to begin: little enough that what a sync of the
/// whole has to wait for is never much.
const BEGIN_BYTES: u64 = 1 << 20;

impl OpenSegment {
    /// Has what was written go to the disk bit by bit, so that the sync of a closed segment does
    /// not meet all of it at once and keep the journal's own syncs waiting.
    pub(super) fn begin_writing(&mut self) {
        let length = self.offset - self.begun;
        if length >= BEGIN_BYTES {
            self.file.begin_writing(self.begun, length);
            self.begun = self.offset;
        }
    }
}

/// The end of the log.
pub(super) struct LogEnd {
    pub(super) segment: Option<OpenSegment>,
    pub(super) link: BlockLink,
}

pub(super) struct Opener<'a> {
    pub(super) folder: &'a EventFolder,
    pub(super) shard: u32,
    /// What is behind this sequence is no longer in the journal.
    pub(super) sequence_max: u64,
    pub(super) cut_bytes: u64,
    pub(super) notes: Vec<String>,
}

/// How far a segment is good.
enum Checked {
    /// To its end.
    Whole(OpenSegment, BlockLink),
    /// Up to where it was cut.
    Cut(OpenSegment, BlockLink),
    /// Not at all.
    Unusable(StoreDamage),
}

impl Opener<'_> {
    pub(super) fn open(mut self) -> Result<(LogEnd, EventLogOpening), StoreError> {
        let firsts = self.folder.segments()?;
        self.check_formats(&firsts)?;
        let (sealed, mut link) = self.newest_sealed(&firsts)?;
        let mut segment = None;
        let mut kept = sealed;
        for first in &firsts[sealed..] {
            match self.check_segment(*first, link)? {
                Checked::Whole(checked, behind) => {
                    (segment, link) = (Some(checked), Some(behind));
                    kept += 1;
                }
                Checked::Cut(checked, behind) => {
                    (segment, link) = (Some(checked), Some(behind));
                    kept += 1;
                    break;
                }
                Checked::Unusable(why) => {
                    self.notes
                        .push(format!("events from {first} on are made again: {why}"));
                    break;
                }
            }
        }
        self.remove(&firsts[kept..])?;
        let lost_start = firsts.first().copied().unwrap_or(1);
        let link = link.unwrap_or(BlockLink {
            sequence: lost_start.min(self.sequence_max.saturating_add(1)),
            chain: 0,
        });
        let opening = EventLogOpening {
            resume_from: link.sequence,
            oldest: firsts[..kept].first().copied().unwrap_or(link.sequence),
            cut_bytes: self.cut_bytes,
            notes: self.notes,
        };
        Ok((LogEnd { segment, link }, opening))
    }

    /// A newer format or another shard anywhere is refused before anything is touched.
    fn check_formats(&self, firsts: &[u64]) -> Result<(), StoreError> {
        for first in firsts {
            let Some(file) = self.folder.open(*first, OpenMode::Read)? else {
                continue;
            };
            let path = self.folder.segment(*first);
            match self.folder.read_head(*first, &*file)? {
                Err(error @ HeadError::Newer(_)) => return Err(error.on(&path)),
                Ok(head) if head.shard != self.shard => {
                    return Err(StoreError::OtherShard {
                        file: path,
                        shard: self.shard,
                        found: head.shard,
                    });
                }
                Ok(_) | Err(HeadError::Damage(_)) => {}
            }
        }
        Ok(())
    }

    /// How many segments need no check, for the last of them is sealed, and what follows them.
    fn newest_sealed(&self, firsts: &[u64]) -> Result<(usize, Option<BlockLink>), StoreError> {
        for (place, first) in firsts.iter().enumerate().rev() {
            let index = self.folder.index(*first);
            let Some(seal) = index::seal(&*self.folder.disk, &index, *first)? else {
                continue;
            };
            let Some(file) = self.folder.open(*first, OpenMode::Read)? else {
                continue;
            };
            let head = self.folder.read_head(*first, &*file)?;
            let is_named = head.is_ok_and(|head| head.first_sequence == *first);
            let length = file.len().on("read", &self.folder.segment(*first))?;
            let is_whole = is_named && length == seal.offset;
            if is_whole && seal.sequence - 1 <= self.sequence_max {
                let (sequence, chain) = (seal.sequence, seal.chain);
                return Ok((place + 1, Some(BlockLink { sequence, chain })));
            }
        }
        Ok((0, None))
    }

    /// Reads a segment block by block, cuts it where it is no longer good, and makes its index.
    fn check_segment(
        &mut self,
        first: u64,
        link: Option<BlockLink>,
    ) -> Result<Checked, StoreError> {
        let path = self.folder.segment(first);
        let file = self.folder.open(first, OpenMode::Write)?;
        let file = file.ok_or_else(|| StoreError::Missing {
            file: self.folder.path().to_owned(),
            sequence: first,
        })?;
        let mut link = match self.check_head(first, &*file, link)? {
            Ok(link) => link,
            Err(why) => return Ok(Checked::Unusable(why)),
        };
        let index_path = self.folder.index(first);
        let mut index = IndexWriter::create(&*self.folder.disk, &index_path, self.shard, first)?;
        let mut window = BlockWindow::new(file, &path);
        let why = loop {
            match window.look()? {
                Found::End(0) => break None,
                Found::End(found) => {
                    let needed = found + 1;
                    break Some(StoreDamage::Short { found, needed }.to_string());
                }
                Found::Damage(damage) => break Some(damage.to_string()),
                Found::Block(head) => {
                    if let Err(damage) = link.check(&head) {
                        break Some(damage.to_string());
                    }
                    if head.last_sequence > self.sequence_max {
                        break Some(format!("the journal ends at {}", self.sequence_max));
                    }
                    index.add(head.first_sequence, window.offset(), head.chain)?;
                    window.pass(&head);
                    link = BlockLink::behind(&head);
                }
            }
        };
        let offset = window.offset();
        let file = window.into_file();
        let segment = |file| OpenSegment {
            first_sequence: first,
            file,
            offset,
            begun: offset,
            index,
        };
        let Some(why) = why else {
            return Ok(Checked::Whole(segment(file), link));
        };
        let length = file.len().on("read", &path)?;
        file.set_len(offset).on("write", &path)?;
        self.cut_bytes += length.saturating_sub(offset);
        let resume_from = link.sequence;
        self.notes.push(format!(
            "events from {resume_from} on are made again: {why}"
        ));
        Ok(Checked::Cut(segment(file), link))
    }

    fn check_head(
        &self,
        first: u64,
        file: &dyn DiskFile,
        link: Option<BlockLink>,
    ) -> Result<Result<BlockLink, StoreDamage>, StoreError> {
        let head: EventSegmentHead = match self.folder.read_head(first, file)? {
            Ok(head) => head,
            Err(HeadError::Damage(damage)) => return Ok(Err(damage)),
            Err(newer @ HeadError::Newer(_)) => return Err(newer.on(&self.folder.segment(first))),
        };
        let (named, found) = (first, head.first_sequence);
        if found != named {
            return Ok(Err(StoreDamage::Name { named, found }));
        }
        let own = BlockLink {
            sequence: first,
            chain: head.chain,
        };
        if first > self.sequence_max.saturating_add(1) || link.is_some_and(|link| link != own) {
            return Ok(Err(StoreDamage::BlockChain));
        }
        Ok(Ok(own))
    }

    /// Removes segments, the newest first, so that what is left has no gap.
    fn remove(&mut self, firsts: &[u64]) -> Result<(), StoreError> {
        for first in firsts.iter().rev() {
            let path = self.folder.segment(*first);
            let length = self.folder.disk.length(&path).on("read", &path)?;
            self.cut_bytes += length.saturating_sub(HEAD_BYTES as u64);
            self.folder.remove(*first)?;
        }
        Ok(())
    }
}
