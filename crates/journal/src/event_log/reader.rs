//! Reading the event log from any sequence on, also while it is written, by any process.

use std::path::Path;
use std::sync::Arc;

use super::block::EventPiece;
use super::format::{BlockHead, HEAD_BYTES};
use super::index;
use super::opening::BlockLink;
use super::segments::EventFolder;
use super::window::{BlockWindow, Found};
use crate::disk::{Disk, OpenMode};
use crate::store::{HeadError, StoreDamage, StoreError};

/// Reads whole blocks one behind the other, over the ends of segments.
pub struct EventLogReader {
    folder: EventFolder,
    /// The segment that is read; `None` while there is none.
    window: Option<BlockWindow>,
    /// What the next block must follow; `None` while there is no segment.
    link: Option<BlockLink>,
    next_sequence: u64,
    /// Whether the segment was the newest when the folder was last listed.
    is_newest: bool,
}

impl EventLogReader {
    /// A reader of the events from this sequence on. If they are not written yet, it waits for
    /// them.
    ///
    /// # Errors
    /// [`StoreError::TooOld`] if they are no longer kept, [`StoreError::Damaged`], or the disk's.
    pub fn open(disk: Arc<dyn Disk>, dir: &Path, from_sequence: u64) -> Result<Self, StoreError> {
        let mut reader = Self {
            folder: EventFolder::new(disk, dir),
            window: None,
            link: None,
            next_sequence: from_sequence,
            is_newest: false,
        };
        reader.seek(from_sequence)?;
        Ok(reader)
    }

    /// The sequence with which the next piece begins.
    #[must_use]
    pub const fn next_sequence(&self) -> u64 {
        self.next_sequence
    }

    /// Goes to another sequence.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn seek(&mut self, sequence: u64) -> Result<(), StoreError> {
        let sequence = sequence.max(1);
        (self.window, self.link) = (None, None);
        self.next_sequence = sequence;
        let firsts = self.folder.segments()?;
        let Some(oldest) = firsts.first() else {
            return Ok(());
        };
        let Some(first) = firsts.iter().rfind(|first| **first <= sequence) else {
            let oldest = *oldest;
            return Err(StoreError::TooOld { sequence, oldest });
        };
        let Some((mut window, mut link)) = self.enter(*first)? else {
            return Ok(());
        };
        let path = self.folder.index(*first);
        let entries = index::entries(&*self.folder.disk, &path, *first)?;
        let blocks = entries.iter().filter(|entry| !entry.is_seal());
        let blocks: Vec<_> = blocks
            .take_while(|entry| entry.sequence <= sequence)
            .collect();
        for entry in blocks.into_iter().rev() {
            window.go_to(entry.offset);
            let is_there = matches!(window.look()?, Found::Block(head)
                if (head.first_sequence, head.chain) == (entry.sequence, entry.chain));
            if is_there {
                let (sequence, chain) = (entry.sequence, entry.chain);
                link = BlockLink { sequence, chain };
                break;
            }
            window.go_to(HEAD_BYTES as u64);
        }
        (self.window, self.link) = (Some(window), Some(link));
        self.is_newest = firsts.last() == Some(first);
        Ok(())
    }

    /// The next events; `None` at the log's end, where the next call looks again.
    ///
    /// # Errors
    /// [`StoreError::TooOld`] if the reader was so slow that the log has moved on,
    /// [`StoreError::Damaged`], or the disk's. The reader stays where it was.
    pub fn read(&mut self) -> Result<Option<EventPiece<'_>>, StoreError> {
        let head = match self.advance() {
            Ok(head) => head,
            Err(StoreError::Damaged { .. }) => {
                self.find_again()?;
                self.advance()?
            }
            Err(error) => return Err(error),
        };
        let (Some(head), Some(window)) = (head, &mut self.window) else {
            return Ok(None);
        };
        let from_sequence = self.next_sequence;
        self.link = Some(BlockLink::behind(&head));
        self.next_sequence = head.last_sequence + 1;
        let records = window.pass(&head);
        Ok(Some(EventPiece::new(&head, records, from_sequence)))
    }

    /// Moves the window to the next block with wanted events; `None` at the log's end.
    fn advance(&mut self) -> Result<Option<BlockHead>, StoreError> {
        loop {
            let Some(window) = &mut self.window else {
                self.seek(self.next_sequence)?;
                if self.window.is_none() {
                    return Ok(None);
                }
                continue;
            };
            match window.look()? {
                Found::Block(head) => {
                    if let Some(Err(why)) = self.link.map(|link| link.check(&head)) {
                        return Err(damaged(window, why));
                    }
                    if head.last_sequence >= self.next_sequence {
                        return Ok(Some(head));
                    }
                    window.pass(&head);
                    self.link = Some(BlockLink::behind(&head));
                }
                Found::End(_) => {
                    if !self.enter_next()? {
                        return Ok(None);
                    }
                }
                Found::Damage(why) => {
                    // What was read ahead may have been cut and written anew.
                    window.forget();
                    if let Found::Damage(_) = window.look()? {
                        return Err(damaged(window, why));
                    }
                }
            }
        }
    }

    /// At the end of a segment: goes on in the next one, if it is there.
    fn enter_next(&mut self) -> Result<bool, StoreError> {
        let Some(window) = &mut self.window else {
            return Ok(false);
        };
        let due = self.link.map_or(self.next_sequence, |link| link.sequence);
        // Those who poll at the end need no list of the folder to see that nothing came.
        if self.is_newest && !self.folder.has(due)? {
            if window.is_named(&*self.folder.disk)? {
                return Ok(false);
            }
            self.seek(self.next_sequence)?;
            return Ok(true);
        }
        let firsts = self.folder.segments()?;
        let is_own = |first: &u64| window.path() == self.folder.segment(*first);
        if !firsts.iter().any(is_own) || window.is_cut()? {
            self.seek(self.next_sequence)?;
            return Ok(true);
        }
        let next = firsts
            .iter()
            .copied()
            .find(|first| *first >= due && !is_own(first));
        let Some(next) = next else {
            return Ok(false);
        };
        // The writer may have gone on in this segment before it began the next.
        match window.look()? {
            Found::End(0) => {}
            Found::End(found) => {
                let needed = found + 1;
                return Err(damaged(window, StoreDamage::Short { found, needed }));
            }
            Found::Block(_) | Found::Damage(_) => return Ok(true),
        }
        if next > due {
            let (sequence, oldest) = (self.next_sequence, next);
            return Err(StoreError::TooOld { sequence, oldest });
        }
        let Some((entered, _)) = self.enter(next)? else {
            return Ok(false);
        };
        self.window = Some(entered);
        self.is_newest = firsts.last() == Some(&next);
        Ok(true)
    }

    /// Finds the next block anew, for the log may have been opened under the reader and have other
    /// blocks now. Begins one command before, so that what follows must follow that.
    fn find_again(&mut self) -> Result<(), StoreError> {
        let next_sequence = self.next_sequence;
        match self.seek(next_sequence - 1) {
            Err(StoreError::TooOld { .. }) => self.seek(next_sequence),
            found => {
                self.next_sequence = next_sequence;
                found
            }
        }
    }

    /// Opens a segment at its first block, and says what that must follow; `None` while the segment
    /// has no head yet.
    fn enter(&self, first: u64) -> Result<Option<(BlockWindow, BlockLink)>, StoreError> {
        let Some(file) = self.folder.open(first, OpenMode::Read)? else {
            return Ok(None);
        };
        let path = self.folder.segment(first);
        match self.folder.read_head(first, &*file)? {
            Err(HeadError::Damage(StoreDamage::Short { .. })) => Ok(None),
            Err(error) => Err(error.on(&path)),
            Ok(head) if head.first_sequence != first => {
                let (named, found) = (first, head.first_sequence);
                Err(HeadError::from(StoreDamage::Name { named, found }).on(&path))
            }
            Ok(head) => {
                let link = BlockLink {
                    sequence: first,
                    chain: head.chain,
                };
                Ok(Some((BlockWindow::new(file, &path), link)))
            }
        }
    }
}

fn damaged(window: &BlockWindow, why: StoreDamage) -> StoreError {
    StoreError::Damaged {
        file: window.path().to_owned(),
        offset: window.offset(),
        why,
    }
}
