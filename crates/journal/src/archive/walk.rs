//! Walking over the frames of a segment that comes in pieces.

use crate::damage::Damage;
use crate::format::{FrameKind, HEADER_BYTES, SegmentHeader};
use crate::frame::{Frame, Link, frame_length};

/// Follows the chain of a closed segment to its seal.
#[derive(Debug, Default)]
pub(super) struct ChainWalk {
    /// The bytes that are no whole frame yet.
    held: Vec<u8>,
    header: Option<SegmentHeader>,
    link: Option<Link>,
    is_sealed: bool,
    time_ns: u64,
    pub(super) bytes: u64,
    pub(super) crc: u32,
}

impl ChainWalk {
    /// Takes the next bytes of the segment.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<(), Damage> {
        self.crc = crc32c::crc32c_append(self.crc, bytes);
        self.bytes += bytes.len() as u64;
        self.held.extend_from_slice(bytes);
        let mut held = std::mem::take(&mut self.held);
        let mut passed = 0;
        loop {
            match self.step(&held[passed..])? {
                0 => break,
                count => passed += count,
            }
        }
        held.drain(..passed);
        self.held = held;
        Ok(())
    }

    /// Passes over a head or a frame; answers its bytes, 0 if it is not whole yet.
    fn step(&mut self, bytes: &[u8]) -> Result<usize, Damage> {
        if self.is_sealed {
            let is_empty = bytes.iter().all(|byte| *byte == 0);
            return is_empty.then_some(bytes.len()).ok_or(Damage::Tail);
        }
        if bytes.len() < HEADER_BYTES {
            return Ok(0);
        }
        let Some(link) = self.link else {
            let header = SegmentHeader::read(bytes)?;
            self.header = Some(header);
            self.link = Some(Link {
                crc: header.chain,
                sequence: header.first_sequence,
                epoch: header.epoch,
                at_start: true,
            });
            return Ok(HEADER_BYTES);
        };
        let length = frame_length(bytes)?.ok_or(Damage::Unsealed)?;
        if bytes.len() < length {
            return Ok(0);
        }
        let frame = Frame::read(bytes, &link)?.ok_or(Damage::Unsealed)?;
        self.link = Some(frame.header.link());
        self.is_sealed = frame.kind() == FrameKind::Seal;
        self.time_ns = frame.header.time_ns;
        Ok(length)
    }

    /// What was walked over, once all of it was: the head, what follows the segment, and the
    /// engine's time at its end.
    ///
    /// # Errors
    /// [`Damage::Unsealed`] if the segment is not closed.
    pub(super) fn end(&self) -> Result<(SegmentHeader, Link, u64), Damage> {
        match (self.header, self.link) {
            (Some(header), Some(link)) if self.is_sealed && self.held.is_empty() => {
                Ok((header, link, self.time_ns))
            }
            _ => Err(Damage::Unsealed),
        }
    }
}
