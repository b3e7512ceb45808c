//! What stands behind the last good frame of a segment.

use std::io;

use zerocopy::FromBytes;

use crate::disk::{DiskFile, read_full};
use crate::format::{FRAME_VERSION, FrameHeader, FrameKind, HEADER_BYTES};
use crate::frame::{Link, checksum, frame_length};

const PIECE_BYTES: usize = 64 << 10;
static ZEROS: [u8; PIECE_BYTES] = [0; PIECE_BYTES];

/// The bytes behind the last good frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tail {
    /// Bytes up to and with the last one that is not zero.
    pub(crate) bytes: u64,
    /// Good frames that stand there behind the damage.
    pub(crate) frames: u64,
    /// The first and the last sequence of those.
    pub(crate) sequences: Option<(u64, u64)>,
    /// The greatest sequence that those say was durable.
    pub(crate) durable_sequence: u64,
}

/// Looks at a file from an offset on, behind which no frame follows `link`.
///
/// # Errors
/// That of a read.
pub(crate) fn look(file: &dyn DiskFile, offset: u64, link: &Link) -> io::Result<Tail> {
    let length = file.len()?;
    let mut piece = vec![0; PIECE_BYTES];
    let mut place = offset;
    let mut end = offset;
    while place < length {
        let count = read_full(file, &mut piece, place)?;
        if count == 0 {
            break;
        }
        place += count as u64;
        if piece[..count] != ZEROS[..count] {
            end = place;
        }
    }
    // The usual tail is all zeros, and nothing of it needs to be kept.
    let mut bytes = vec![0; usize::try_from(end - offset).map_err(io::Error::other)?];
    let filled = read_full(file, &mut bytes, offset)?;
    Ok(look_at(&bytes[..filled], link))
}

/// As [`look`], in these bytes.
pub(crate) fn look_at(bytes: &[u8], link: &Link) -> Tail {
    let used = bytes.iter().rposition(|byte| *byte != 0);
    let mut tail = Tail {
        bytes: used.map_or(0, |last| last as u64 + 1),
        ..Tail::default()
    };
    let bytes = &bytes[..bytes.len().min(tail.bytes as usize + HEADER_BYTES)];
    // The damaged frame may still say its own checksum, with which the next one begins.
    let stated = bytes.get(4..8).and_then(|field| field.first_chunk());
    let seeds = [
        link.crc,
        stated.map_or(0, |field| u32::from_le_bytes(*field)),
    ];
    let mut offset = 8;
    while offset + HEADER_BYTES <= bytes.len() {
        offset = follow(bytes, offset, seeds, link, &mut tail);
    }
    tail
}

/// Counts the chained frames that begin at an offset, and answers where to look next.
fn follow(bytes: &[u8], offset: usize, seeds: [u32; 2], link: &Link, tail: &mut Tail) -> usize {
    let next = offset + 8;
    let Some(header) = plausible(&bytes[offset..], link) else {
        return next;
    };
    let length = header.length as usize;
    let is_good = |seed| checksum(&bytes[offset..offset + length], seed) == header.crc;
    // A frame whose forerunner is unknown is believed if the one behind it is chained to it.
    let proves = |behind: FrameHeader| {
        let frame = &bytes[offset + length..][..behind.length as usize];
        checksum(frame, header.crc) == behind.crc
    };
    let behind = plausible(&bytes[offset + length..], link);
    if !seeds.into_iter().any(is_good) && !behind.is_some_and(proves) {
        return next;
    }
    tail.count(&header);
    let (mut end, mut before) = (offset + length, header.crc);
    while let Some(header) = plausible(&bytes[end..], link) {
        let frame = &bytes[end..end + header.length as usize];
        if checksum(frame, before) != header.crc {
            break;
        }
        tail.count(&header);
        (end, before) = (end + frame.len(), header.crc);
    }
    end
}

/// The head of what may be a frame behind `link`, wholly there.
fn plausible(bytes: &[u8], link: &Link) -> Option<FrameHeader> {
    let length = frame_length(bytes).ok().flatten()?;
    let header = FrameHeader::read_from_prefix(bytes).ok()?.0;
    let good = length <= bytes.len()
        && header.version == FRAME_VERSION
        && FrameKind::from_byte(header.kind).is_some()
        && header.reserved == [0; 14]
        && header.first_sequence >= link.sequence
        && header
            .first_sequence
            .checked_add(u64::from(header.count))
            .is_some();
    good.then_some(header)
}

impl Tail {
    fn count(&mut self, header: &FrameHeader) {
        self.frames += 1;
        self.durable_sequence = self.durable_sequence.max(header.durable_sequence);
        if header.count > 0 {
            let first = self
                .sequences
                .map_or(header.first_sequence, |(first, _)| first);
            self.sequences = Some((first, header.last_sequence()));
        }
    }
}
