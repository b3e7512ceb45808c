//! Reading a journal frame by frame, also while it grows.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use crate::damage::Damage;
use crate::disk::Disk;
use crate::folders::{Folders, segments};
use crate::format::{FrameHeader, FrameKind, HEADER_BYTES, SegmentHeader};
use crate::frame::{Frame, Link, frame_length};
use crate::source::Source;

/// A journal that cannot be read on.
#[derive(Debug, Error)]
pub enum ReadError {
    /// Bytes that are not what must stand there.
    #[error("{}: offset {offset}: {why}", file.display())]
    Damaged {
        /// The segment's file.
        file: PathBuf,
        /// Bytes from the start of the segment.
        offset: u64,
        /// What is wrong.
        why: Damage,
    },
    /// No segment, plain or archived, holds this sequence.
    #[error("{}: no segment holds sequence {sequence}", dir.display())]
    Missing {
        /// The data directory.
        dir: PathBuf,
        /// What was looked for.
        sequence: u64,
    },
    /// The disk refused.
    #[error("read {}: {error}", file.display())]
    Disk {
        /// The file.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// A place between two frames, from which a reader can go on later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The first sequence of the segment, which is its name.
    pub segment: u64,
    /// Bytes from the segment's start.
    pub offset: u64,
    /// What the next frame must follow.
    pub link: Link,
    /// Whether the segment ends here.
    pub sealed: bool,
}

impl Position {
    /// The place, in the order in which the journal grows.
    #[must_use]
    pub const fn place(&self) -> (u64, u64) {
        (self.segment, self.offset)
    }
}

/// Reads frames one behind the other, over the ends of segments, from handles of its own.
pub struct Reader {
    disk: Arc<dyn Disk>,
    folders: Folders,
    shard: u32,
    source: Source,
    position: Position,
    /// The buffer was filled when this was known to be written, and is good up to there.
    buffered_until: u64,
    /// Frames that end before this sequence are passed over.
    from_sequence: u64,
}

impl Reader {
    /// A reader of the commands from this sequence on: the first frame of commands that it answers
    /// holds it, and may begin before it. Frames without commands are answered from there on.
    ///
    /// # Errors
    /// [`ReadError`]: no segment holds the sequence, or the head of the one that should is damaged.
    pub fn open(disk: Arc<dyn Disk>, dir: &Path, from_sequence: u64) -> Result<Self, ReadError> {
        let folders = Folders::new(dir);
        let from_sequence = from_sequence.max(1);
        let found = segments(&*disk, &folders).map_err(|error| ReadError::Disk {
            file: folders.journal(),
            error,
        })?;
        let before = |first: u64| first <= from_sequence;
        let segment = found.iter().rfind(|file| before(file.first_sequence));
        let Some(segment) = segment.map(|file| file.first_sequence) else {
            return Err(ReadError::Missing {
                dir: dir.to_owned(),
                sequence: from_sequence,
            });
        };
        let mut reader = Self::at_segment(disk, folders, segment)?;
        reader.from_sequence = from_sequence;
        Ok(reader)
    }

    /// A reader that goes on where another one stood.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn at(disk: Arc<dyn Disk>, dir: &Path, position: Position) -> Result<Self, ReadError> {
        let mut reader = Self::at_segment(disk, Folders::new(dir), position.segment)?;
        let skipped = reader.source.skip_to(position.offset, HEADER_BYTES as u64);
        skipped.map_err(|error| reader.refused(error))?;
        reader.position = position;
        reader.from_sequence = position.link.sequence;
        Ok(reader)
    }

    /// A reader from the start of one segment, which must be there.
    pub(crate) fn at_segment(
        disk: Arc<dyn Disk>,
        folders: Folders,
        segment: u64,
    ) -> Result<Self, ReadError> {
        let opened = Source::open(&*disk, &folders, segment);
        let source = opened
            .map_err(|error| ReadError::Disk {
                file: folders.segment(segment),
                error,
            })?
            .ok_or_else(|| ReadError::Missing {
                dir: folders.root().to_owned(),
                sequence: segment,
            })?;
        let mut reader = Self {
            disk,
            folders,
            shard: 0,
            source,
            position: Position {
                segment,
                offset: 0,
                link: Link {
                    crc: 0,
                    sequence: segment,
                    epoch: 0,
                    at_start: true,
                },
                sealed: false,
            },
            buffered_until: 0,
            from_sequence: segment,
        };
        let header = reader.read_header()?;
        if header.first_sequence != segment {
            return Err(reader.damaged(Damage::HeaderChain));
        }
        reader.shard = header.shard;
        reader.begin(&header);
        Ok(reader)
    }

    /// The next frame, if its commands are not behind `until`: [`crate::Progress::released`] of a
    /// journal that grows, `u64::MAX` to read all that is written. A frame without commands is
    /// answered once the command behind it is not behind `until` either.
    ///
    /// # Errors
    /// [`ReadError`]; the reader stays before what it could not read.
    pub fn next(&mut self, until: u64) -> Result<Option<Frame<'_>>, ReadError> {
        loop {
            if until < self.position.link.sequence {
                return Ok(None);
            }
            if self.position.sealed {
                if !self.enter_next_segment(until)? {
                    return Ok(None);
                }
                continue;
            }
            let Some(header) = self.read_frame(until)? else {
                return Ok(None);
            };
            if header.last_sequence() > until {
                return Ok(None);
            }
            self.pass(&header);
            let is_needed = if header.count == 0 {
                header.first_sequence >= self.from_sequence
            } else {
                header.last_sequence() >= self.from_sequence
            };
            if is_needed {
                let bytes = self.source.passed(header.length as usize);
                let payload = &bytes[HEADER_BYTES..];
                return Ok(Some(Frame { header, payload }));
            }
        }
    }

    /// Where the reader stands: behind the last frame that it answered.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// The shard whose journal this is.
    #[must_use]
    pub const fn shard(&self) -> u32 {
        self.shard
    }

    /// The file that is read.
    #[must_use]
    pub fn file(&self) -> &Path {
        self.source.path()
    }

    /// Whether the segment comes from the archive.
    #[must_use]
    pub fn is_archived(&self) -> bool {
        self.source.is_archived()
    }

    /// Reads and checks the frame at the position without passing it.
    fn read_frame(&mut self, until: u64) -> Result<Option<FrameHeader>, ReadError> {
        // What was read to the end, wherever that was then, says nothing of what is there now.
        let was_to_the_end = self.buffered_until == u64::MAX && until != u64::MAX;
        if was_to_the_end || self.buffered_until < self.position.link.sequence {
            self.source.forget(self.position.offset);
            self.buffered_until = until;
        }
        if let Some(header) = self.look()? {
            return Ok(Some(header));
        }
        if until != u64::MAX {
            return Err(self.damaged(Damage::EndsEarly {
                last_sequence: self.position.link.sequence - 1,
                durable_sequence: until,
            }));
        }
        // A segment may stop without a seal only where the journal ends.
        if self.source.is_archived() {
            return Err(self.damaged(Damage::Unsealed));
        }
        if !self.has_later_segment()? {
            return Ok(None);
        }
        // The writer may have come by since: what it begins another segment behind is sealed.
        self.source.forget(self.position.offset);
        match self.look()? {
            Some(header) => Ok(Some(header)),
            None => Err(self.damaged(Damage::Unsealed)),
        }
    }

    /// The frame at the position, if one is there.
    fn look(&mut self) -> Result<Option<FrameHeader>, ReadError> {
        self.fill(HEADER_BYTES)?;
        let length = frame_length(self.source.bytes()).map_err(|why| self.damaged(why))?;
        self.fill(length.unwrap_or(HEADER_BYTES))?;
        let frame = Frame::read(self.source.bytes(), &self.position.link);
        let header = frame.map(|frame| frame.map(|frame| frame.header));
        header.map_err(|why| self.damaged(why))
    }

    /// Goes on in the segment behind a sealed one; false if it is not there and need not be.
    fn enter_next_segment(&mut self, until: u64) -> Result<bool, ReadError> {
        let segment = self.position.link.sequence;
        let mut opened = self.open_segment(segment)?;
        if opened.is_none() && until == u64::MAX {
            if !self.has_later_segment()? {
                return Ok(false);
            }
            // The writer may have begun it between the two looks.
            opened = self.open_segment(segment)?;
        }
        let source = opened.ok_or_else(|| ReadError::Missing {
            dir: self.folders.root().to_owned(),
            sequence: segment,
        })?;
        let before = std::mem::replace(&mut self.source, source);
        let entered = self.check_next_header(segment);
        if entered.is_err() {
            self.source = before;
        }
        entered.map(|()| true)
    }

    fn open_segment(&self, segment: u64) -> Result<Option<Source>, ReadError> {
        let opened = Source::open(&*self.disk, &self.folders, segment);
        opened.map_err(|error| ReadError::Disk {
            file: self.folders.segment(segment),
            error,
        })
    }

    fn check_next_header(&mut self, segment: u64) -> Result<(), ReadError> {
        let Link { crc, epoch, .. } = self.position.link;
        let header = self.read_header()?;
        let follows = header.first_sequence == segment
            && header.chain == crc
            && header.epoch == epoch
            && header.shard == self.shard;
        if !follows {
            return Err(self.damaged_at(0, Damage::HeaderChain));
        }
        self.begin(&header);
        Ok(())
    }

    fn read_header(&mut self) -> Result<SegmentHeader, ReadError> {
        self.fill(HEADER_BYTES)?;
        SegmentHeader::read(self.source.bytes()).map_err(|why| self.damaged_at(0, why))
    }

    /// Stands behind the head of a segment.
    fn begin(&mut self, header: &SegmentHeader) {
        self.source.pass(HEADER_BYTES);
        self.position = Position {
            segment: header.first_sequence,
            offset: HEADER_BYTES as u64,
            link: Link {
                crc: header.chain,
                sequence: header.first_sequence,
                epoch: header.epoch,
                at_start: true,
            },
            sealed: false,
        };
    }

    /// Stands behind a frame.
    fn pass(&mut self, header: &FrameHeader) {
        self.source.pass(header.length as usize);
        self.position.offset += u64::from(header.length);
        self.position.link = header.link();
        self.position.sealed = header.kind == FrameKind::Seal as u8;
    }

    fn has_later_segment(&self) -> Result<bool, ReadError> {
        let found = segments(&*self.disk, &self.folders).map_err(|error| self.refused(error))?;
        let last = found.last().map_or(0, |segment| segment.first_sequence);
        Ok(last > self.position.segment)
    }

    fn fill(&mut self, bytes: usize) -> Result<(), ReadError> {
        let filled = self.source.fill(bytes);
        filled.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => self.damaged(Damage::Archive),
            _ => self.refused(error),
        })
    }

    fn damaged(&self, why: Damage) -> ReadError {
        self.damaged_at(self.position.offset, why)
    }

    fn damaged_at(&self, offset: u64, why: Damage) -> ReadError {
        ReadError::Damaged {
            file: self.source.path().to_owned(),
            offset,
            why,
        }
    }

    fn refused(&self, error: io::Error) -> ReadError {
        ReadError::Disk {
            file: self.source.path().to_owned(),
            error,
        }
    }
}
