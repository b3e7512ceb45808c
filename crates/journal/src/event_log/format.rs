//! The bytes of the event log: heads of segments, of blocks and of indexes, and index entries.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::store::{Head, STORE_FORMAT, StoreDamage, close_head};

/// Bytes of every head.
pub(super) const HEAD_BYTES: usize = 64;

/// Bytes of an event record.
pub(super) const RECORD_BYTES: usize = 32;

/// Records in the room of a head.
pub(super) const HEAD_RECORDS: usize = HEAD_BYTES / RECORD_BYTES;

/// The most bytes of a block, head included: more events than any command can have.
pub const BLOCK_BYTES_MAX: usize = 128 << 20;

/// The version of a block.
const BLOCK_VERSION: u8 = 1;

/// The first 64 bytes of a segment.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub(super) struct EventSegmentHead {
    magic: [u8; 8],
    format: u32,
    pub(super) shard: u32,
    pub(super) first_sequence: u64,
    /// The checksum of the last block of the segment before, 0 at the log's beginning.
    pub(super) chain: u32,
    reserved: [u8; 32],
    crc: u32,
}

const _: () = assert!(size_of::<EventSegmentHead>() == HEAD_BYTES);

impl Head for EventSegmentHead {
    const MAGIC: [u8; 8] = *b"OUTCRYEV";

    fn is_sound(&self) -> bool {
        self.reserved == [0; 32] && self.first_sequence > 0
    }
}

impl EventSegmentHead {
    pub(super) fn new(shard: u32, first_sequence: u64, chain: u32) -> Self {
        let mut head = Self {
            magic: Self::MAGIC,
            format: STORE_FORMAT,
            shard,
            first_sequence,
            chain,
            reserved: [0; 32],
            crc: 0,
        };
        close_head(&mut head);
        head
    }
}

/// The first 64 bytes of a block; its records stand behind it.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub(super) struct BlockHead {
    /// Bytes of the block, this head included.
    pub(super) length: u32,
    /// CRC32C of the bytes from 8 to the block's end.
    pub(super) crc: u32,
    pub(super) first_sequence: u64,
    pub(super) last_sequence: u64,
    /// Engine time after the block, ns.
    pub(super) time_ns: u64,
    /// The digest of the engine's events after the block.
    pub(super) digest: u64,
    /// The checksum of the block before, also over the ends of segments.
    pub(super) chain: u32,
    /// Records.
    pub(super) count: u32,
    pub(super) epoch: u32,
    pub(super) version: u8,
    pub(super) reserved: [u8; 11],
}

const _: () = assert!(size_of::<BlockHead>() == HEAD_BYTES);

impl BlockHead {
    /// A head without its checksum.
    pub(super) const fn new(count: u32, chain: u32, stamp: &super::BlockStamp) -> Self {
        Self {
            length: HEAD_BYTES as u32 + count * RECORD_BYTES as u32,
            crc: 0,
            first_sequence: stamp.first_sequence,
            last_sequence: stamp.last_sequence,
            time_ns: stamp.time_ns,
            digest: stamp.digest,
            chain,
            count,
            epoch: stamp.epoch,
            version: BLOCK_VERSION,
            reserved: [0; 11],
        }
    }

    /// Bytes of the block.
    pub(super) const fn bytes(&self) -> usize {
        self.length as usize
    }

    /// Checks what can be checked without the records.
    pub(super) fn check(&self) -> Result<(), StoreDamage> {
        let records = (self.bytes().checked_sub(HEAD_BYTES)).map(|bytes| bytes / RECORD_BYTES);
        let is_sound = records == Some(self.count as usize)
            && self.bytes().is_multiple_of(RECORD_BYTES)
            && self.bytes() <= BLOCK_BYTES_MAX
            && self.first_sequence > 0
            && self.first_sequence <= self.last_sequence
            && self.last_sequence < u64::MAX
            && self.version == BLOCK_VERSION
            && self.reserved == [0; 11];
        is_sound.then_some(()).ok_or(StoreDamage::BlockFields)
    }
}

/// The first 64 bytes of an index.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub(super) struct IndexHead {
    magic: [u8; 8],
    format: u32,
    shard: u32,
    pub(super) first_sequence: u64,
    reserved: [u8; 36],
    crc: u32,
}

const _: () = assert!(size_of::<IndexHead>() == HEAD_BYTES);

impl Head for IndexHead {
    const MAGIC: [u8; 8] = *b"OUTCRYEI";

    fn is_sound(&self) -> bool {
        self.reserved == [0; 36]
    }
}

impl IndexHead {
    pub(super) fn new(shard: u32, first_sequence: u64) -> Self {
        let mut head = Self {
            magic: Self::MAGIC,
            format: STORE_FORMAT,
            shard,
            first_sequence,
            reserved: [0; 36],
            crc: 0,
        };
        close_head(&mut head);
        head
    }
}

/// Where a block begins; or, as a seal, where the segment ends.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub(super) struct IndexEntry {
    /// The first sequence of the block, or the sequence behind the segment.
    pub(super) sequence: u64,
    /// Bytes from the segment's start.
    pub(super) offset: u64,
    /// The checksum of the block before.
    pub(super) chain: u32,
    kind: u32,
    reserved: u32,
    crc: u32,
}

const _: () = assert!(size_of::<IndexEntry>() == RECORD_BYTES);

const KIND_BLOCK: u32 = 1;
const KIND_SEAL: u32 = 2;

impl IndexEntry {
    pub(super) fn block(sequence: u64, offset: u64, chain: u32) -> Self {
        Self::new(KIND_BLOCK, sequence, offset, chain)
    }

    pub(super) fn seal(sequence: u64, offset: u64, chain: u32) -> Self {
        Self::new(KIND_SEAL, sequence, offset, chain)
    }

    fn new(kind: u32, sequence: u64, offset: u64, chain: u32) -> Self {
        let mut entry = Self {
            sequence,
            offset,
            chain,
            kind,
            reserved: 0,
            crc: 0,
        };
        entry.crc = entry.checksum();
        entry
    }

    pub(super) const fn is_seal(&self) -> bool {
        self.kind == KIND_SEAL
    }

    pub(super) fn is_good(&self) -> bool {
        self.crc == self.checksum()
            && self.reserved == 0
            && matches!(self.kind, KIND_BLOCK | KIND_SEAL)
            && self.sequence > 0
            && self.offset >= HEAD_BYTES as u64
            && self.offset.is_multiple_of(RECORD_BYTES as u64)
    }

    fn checksum(&self) -> u32 {
        crc32c::crc32c(&self.as_bytes()[..RECORD_BYTES - size_of::<u32>()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_leads_nowhere_is_none() {
        assert!(IndexEntry::block(1, 64, 0).is_good());
        assert!(IndexEntry::seal(9, 96, 7).is_seal());
        for (sequence, offset) in [(0, 64), (1, 32), (1, 65)] {
            assert!(!IndexEntry::block(sequence, offset, 0).is_good());
            assert!(!IndexEntry::seal(sequence, offset, 0).is_good());
        }
        assert!(!IndexEntry::new(3, 1, 64, 0).is_good());
    }
}
