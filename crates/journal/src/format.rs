//! The bytes of the journal: the head of a segment, the head of a frame, the durable mark.
//!
//! All integers are little endian. Each head has 64 bytes and closes or opens with a CRC32C. Magic,
//! format and checksum keep their places in every later format, so that an old program can refuse a
//! newer file by name.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::damage::Damage;

/// The version of the format that this crate writes and reads.
pub const FORMAT: u32 = 1;

/// Bytes of the head of a segment, and of the head of a frame.
pub const HEADER_BYTES: usize = 64;

/// The most bytes of a frame, head included.
pub const FRAME_BYTES_MAX: usize = 1 << 20;

/// The most bytes of a frame's payload.
pub const PAYLOAD_BYTES_MAX: usize = FRAME_BYTES_MAX - HEADER_BYTES;

/// What payloads of commands are multiples of.
pub const PAYLOAD_UNIT_BYTES: usize = 64;

/// The version of a frame.
pub(crate) const FRAME_VERSION: u8 = 1;

const SEGMENT_MAGIC: [u8; 8] = *b"OUTCRYJN";
const MARK_MAGIC: [u8; 8] = *b"OUTCRYJD";
/// The checksum of a head with magic and format stands in its last four bytes.
const CRC_OFFSET: usize = HEADER_BYTES - 4;

/// The first 64 bytes of a segment; behind them stand frames, and zeros to the file's end.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SegmentHeader {
    /// `OUTCRYJN`.
    pub magic: [u8; 8],
    /// [`FORMAT`].
    pub format: u32,
    /// The shard whose journal this is.
    pub shard: u32,
    /// The epoch in which the segment begins, from 1.
    pub epoch: u32,
    /// The version of the rules in which the segment begins.
    pub rules_version: u32,
    /// The sequence of the first command of the segment.
    pub first_sequence: u64,
    /// The checksum of the last frame before the segment, 0 at the journal's beginning.
    pub chain: u32,
    /// Zeros.
    pub reserved: [u8; 24],
    /// Of all bytes before it.
    pub crc: u32,
}

const _: () = assert!(size_of::<SegmentHeader>() == HEADER_BYTES);

/// The first 64 bytes of a frame.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct FrameHeader {
    /// Bytes of the frame, this head included.
    pub length: u32,
    /// CRC32C of the bytes from 8 to the end, begun with the checksum of the frame before.
    pub crc: u32,
    /// The sequence of the first command; without commands, of the next one.
    pub first_sequence: u64,
    /// Engine time after the frame, ns.
    pub time_ns: u64,
    /// The digest of the engine's events after the frame.
    pub digest: u64,
    /// What was known to be durable when the frame was made.
    pub durable_sequence: u64,
    /// The epoch, from 1.
    pub epoch: u32,
    /// Commands, each of which takes one sequence.
    pub count: u32,
    /// [`FrameKind`].
    pub kind: u8,
    /// The version of the frame.
    pub version: u8,
    /// Zeros.
    pub reserved: [u8; 14],
}

const _: () = assert!(size_of::<FrameHeader>() == HEADER_BYTES);

/// What a frame carries.
#[repr(u8)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// Commands, one behind the other.
    Commands = 1,
    /// The rules of the epoch, [`crate::Rules`].
    Rules = 2,
    /// Nothing: the segment ends, and the next one goes on.
    Seal = 3,
}

impl FrameKind {
    /// The kind with this byte.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Commands),
            2 => Some(Self::Rules),
            3 => Some(Self::Seal),
            _ => None,
        }
    }

    /// The name that people read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commands => "commands",
            Self::Rules => "rules",
            Self::Seal => "seal",
        }
    }
}

/// The file `journal/durable`: up to where the journal was synced. It is rewritten in place after
/// each sync without a sync of its own, so after a power failure it may be older than the truth, or
/// torn, never ahead.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct DurableMark {
    /// `OUTCRYJD`.
    pub magic: [u8; 8],
    /// [`FORMAT`].
    pub format: u32,
    /// The epoch.
    pub epoch: u32,
    /// The first sequence of the segment, which is its name.
    pub segment: u64,
    /// The bytes of that segment that are durable.
    pub offset: u64,
    /// The last durable sequence.
    pub sequence: u64,
    /// The checksum of the last durable frame.
    pub chain: u32,
    /// Zeros.
    pub reserved: [u8; 16],
    /// Of all bytes before it.
    pub crc: u32,
}

const _: () = assert!(size_of::<DurableMark>() == HEADER_BYTES);

impl SegmentHeader {
    /// The head of a segment, with its checksum.
    #[must_use]
    pub fn new(
        shard: u32,
        epoch: u32,
        rules_version: u32,
        first_sequence: u64,
        chain: u32,
    ) -> Self {
        let mut header = Self {
            magic: SEGMENT_MAGIC,
            format: FORMAT,
            shard,
            epoch,
            rules_version,
            first_sequence,
            chain,
            reserved: [0; 24],
            crc: 0,
        };
        header.crc = crc32c::crc32c(&header.as_bytes()[..CRC_OFFSET]);
        header
    }

    /// The head's bytes, as they stand in a file.
    #[must_use]
    pub fn as_head_bytes(&self) -> &[u8] {
        self.as_bytes()
    }

    /// Reads the head of a segment.
    ///
    /// # Errors
    /// [`Damage`] says what is wrong with it, [`Damage::Format`] of a newer format.
    pub fn read(bytes: &[u8]) -> Result<Self, Damage> {
        let (header, _) =
            Self::read_from_prefix(bytes).map_err(|_| Damage::HeaderShort(bytes.len()))?;
        check_head(header.as_bytes(), SEGMENT_MAGIC, header.format, header.crc)?;
        if header.reserved != [0; 24] || header.epoch == 0 || header.first_sequence == 0 {
            return Err(Damage::HeaderFields);
        }
        Ok(header)
    }
}

impl DurableMark {
    /// The mark of this place, with its checksum.
    #[must_use]
    pub fn new(epoch: u32, segment: u64, offset: u64, sequence: u64, chain: u32) -> Self {
        let mut mark = Self {
            magic: MARK_MAGIC,
            format: FORMAT,
            epoch,
            segment,
            offset,
            sequence,
            chain,
            reserved: [0; 16],
            crc: 0,
        };
        mark.crc = crc32c::crc32c(&mark.as_bytes()[..CRC_OFFSET]);
        mark
    }

    /// Reads a mark.
    ///
    /// # Errors
    /// As [`SegmentHeader::read`].
    pub fn read(bytes: &[u8]) -> Result<Self, Damage> {
        let (mark, _) =
            Self::read_from_prefix(bytes).map_err(|_| Damage::HeaderShort(bytes.len()))?;
        check_head(mark.as_bytes(), MARK_MAGIC, mark.format, mark.crc)?;
        Ok(mark)
    }

    /// The place, in the order in which the journal grows.
    #[must_use]
    pub fn place(&self) -> (u64, u64) {
        (self.segment, self.offset)
    }
}

/// Checks what the heads with magic and format have in common.
fn check_head(bytes: &[u8], magic: [u8; 8], format: u32, crc: u32) -> Result<(), Damage> {
    if bytes[..8] != magic {
        return Err(Damage::HeaderMagic);
    }
    if crc32c::crc32c(&bytes[..CRC_OFFSET]) != crc {
        return Err(Damage::HeaderCrc);
    }
    if format != FORMAT {
        return Err(Damage::Format(format));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_round_trip_and_every_flipped_bit_is_found() {
        let header = SegmentHeader::new(3, 1, 2, 9, 77);
        assert_eq!(SegmentHeader::read(header.as_bytes()), Ok(header));
        let mark = DurableMark::new(1, 9, 4096, 12, 5);
        assert_eq!(DurableMark::read(mark.as_bytes()), Ok(mark));
        for bit in 0..HEADER_BYTES * 8 {
            let mut bytes = header.as_bytes().to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(SegmentHeader::read(&bytes).is_err(), "bit {bit}");
            let mut bytes = mark.as_bytes().to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(DurableMark::read(&bytes).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_newer_format_is_named() {
        let mut header = SegmentHeader::new(3, 1, 2, 9, 77);
        header.format = 2;
        header.crc = crc32c::crc32c(&header.as_bytes()[..CRC_OFFSET]);
        assert_eq!(
            SegmentHeader::read(header.as_bytes()),
            Err(Damage::Format(2))
        );
    }
}
