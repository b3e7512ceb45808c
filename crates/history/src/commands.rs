//! The commands of a journal, one by one.

use std::path::Path;
use std::sync::Arc;

use outcry_journal::disk::Disk;
use outcry_journal::{FrameKind, Reader};
use outcry_protocol::{Command, DecodeError, RecordBuffer, record_size};

use crate::tail::TailError;

/// A cursor over the commands of a journal.
pub(crate) struct Commands {
    reader: Reader,
    /// The payload of the frame that is read.
    frame: RecordBuffer,
    offset: usize,
    /// Commands of the frame that were not answered yet.
    left: u32,
    next_sequence: u64,
}

/// Where a journal was read up to once: the digest of all events up to its last command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) sequence: u64,
    pub(crate) digest: u64,
}

impl Commands {
    /// A cursor at the command behind `after`, and the mark that the journal has there; `None` if
    /// none of its frames ends there.
    pub(crate) fn open(
        disk: Arc<dyn Disk>,
        dir: &Path,
        after: u64,
    ) -> Result<(Self, Option<Mark>), TailError> {
        let mut reader = Reader::open(disk, dir, after)?;
        let mut mark = (after == 0).then_some(Mark {
            sequence: 0,
            digest: 0,
        });
        if after > 0 {
            mark = read_mark(&mut reader, after)?;
        }
        let cursor = Self {
            reader,
            frame: RecordBuffer::default(),
            offset: 0,
            left: 0,
            next_sequence: after + 1,
        };
        Ok((cursor, mark))
    }

    /// A cursor at a command whose predecessor is no longer kept.
    pub(crate) fn open_at(
        disk: Arc<dyn Disk>,
        dir: &Path,
        sequence: u64,
    ) -> Result<Self, TailError> {
        Ok(Self {
            reader: Reader::open(disk, dir, sequence)?,
            frame: RecordBuffer::default(),
            offset: 0,
            left: 0,
            next_sequence: sequence,
        })
    }

    /// The next command, `None` for a record that is none; all up to `until` are durable.
    pub(crate) fn next(&mut self, until: u64) -> Result<Option<Command<'_>>, TailError> {
        while self.left == 0 {
            self.read_frame(until)?;
        }
        let size = self.size()?;
        let start = self.offset;
        self.offset += size;
        self.left -= 1;
        self.next_sequence += 1;
        Ok(Command::decode(&self.frame.as_bytes()[start..])
            .ok()
            .map(|(command, _)| command))
    }

    /// The bytes of the command at the cursor, as the engine counts them.
    fn size(&self) -> Result<usize, TailError> {
        let bytes = &self.frame.as_bytes()[self.offset..];
        let undecodable = |error: DecodeError| TailError::Command {
            sequence: self.next_sequence,
            error,
        };
        match Command::decode(bytes) {
            Ok((_, size)) => Ok(size),
            Err(error @ (DecodeError::Unaligned | DecodeError::Truncated { .. })) => {
                Err(undecodable(error))
            }
            Err(_) => record_size(bytes).map_err(undecodable),
        }
    }

    /// Takes up the frame that holds the next command.
    fn read_frame(&mut self, until: u64) -> Result<(), TailError> {
        let next_sequence = self.next_sequence;
        let found = loop {
            let Some(frame) = self.reader.next(until)? else {
                return Err(TailError::EndsEarly { next_sequence });
            };
            if frame.kind() == FrameKind::Commands && frame.last_sequence() >= next_sequence {
                break frame;
            }
        };
        let first = found.header.first_sequence;
        self.left = found.header.count;
        self.frame = RecordBuffer::copy_of(found.payload);
        self.offset = 0;
        // Only the first frame may begin before the cursor.
        self.next_sequence = first;
        while self.next_sequence < next_sequence {
            self.offset += self.size()?;
            self.left -= 1;
            self.next_sequence += 1;
        }
        Ok(())
    }
}

/// Reads the frame that ends with this command.
fn read_mark(reader: &mut Reader, sequence: u64) -> Result<Option<Mark>, TailError> {
    // The journal may end before it, so nothing is said of how much must be there.
    while let Some(frame) = reader.next(u64::MAX)? {
        if frame.kind() == FrameKind::Commands && frame.last_sequence() >= sequence {
            let digest = frame.header.digest;
            return Ok((frame.last_sequence() == sequence).then_some(Mark { sequence, digest }));
        }
    }
    Ok(None)
}
