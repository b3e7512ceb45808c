//! The bytes of a snapshot's head and of its manifest.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::frame::Link;
use crate::reader::Position;
use crate::store::{Head, HeadError, STORE_FORMAT, close_head, read_head};

/// Bytes of a manifest.
pub(crate) const MANIFEST_BYTES: usize = 128;

/// Bytes of the head of a snapshot; the state stands behind it.
pub(crate) const SNAPSHOT_HEAD_BYTES: usize = 64;

/// The head of a snapshot, as it stands on the disk.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub(crate) struct SnapshotHead {
    magic: [u8; 8],
    format: u32,
    pub(crate) shard: u32,
    pub(crate) sequence: u64,
    reserved: [u8; 36],
    crc: u32,
}

const _: () = assert!(size_of::<SnapshotHead>() == SNAPSHOT_HEAD_BYTES);

impl Head for SnapshotHead {
    const MAGIC: [u8; 8] = *b"OUTCRYSN";

    fn is_sound(&self) -> bool {
        self.reserved == [0; 36]
    }
}

impl SnapshotHead {
    pub(crate) fn new(shard: u32, sequence: u64) -> Self {
        let mut head = Self {
            magic: Self::MAGIC,
            format: STORE_FORMAT,
            shard,
            sequence,
            reserved: [0; 36],
            crc: 0,
        };
        close_head(&mut head);
        head
    }
}

/// The manifest, as it stands on the disk.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
struct ManifestRecord {
    magic: [u8; 8],
    format: u32,
    shard: u32,
    epoch: u32,
    rules_version: u32,
    sequence: u64,
    time_ns: u64,
    digest: u64,
    durable_sequence: u64,
    state_bytes: u64,
    state_hash: [u8; 32],
    segment: u64,
    offset: u64,
    chain: u32,
    state_crc: u32,
    at_start: u8,
    sealed: u8,
    reserved: [u8; 2],
    crc: u32,
}

const _: () = assert!(size_of::<ManifestRecord>() == MANIFEST_BYTES);

impl Head for ManifestRecord {
    const MAGIC: [u8; 8] = *b"OUTCRYSM";

    fn is_sound(&self) -> bool {
        self.reserved == [0; 2]
            && self.at_start <= 1
            && self.sealed <= 1
            && self.epoch > 0
            && self.sequence < u64::MAX
    }
}

/// What a snapshot is of, and what its state must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manifest {
    /// The shard of the engine.
    pub shard: u32,
    /// The version of the rules that made the state.
    pub rules_version: u32,
    /// Engine time, ns.
    pub time_ns: u64,
    /// The digest of all events up to here.
    pub digest: u64,
    /// What was durable of the journal when the snapshot was begun; at most the snapshot's own
    /// sequence counts of it.
    pub durable_sequence: u64,
    /// Bytes of the state.
    pub state_bytes: u64,
    /// CRC32C of the state.
    pub state_crc: u32,
    /// SHA-256 of the state: the engine's state hash.
    pub state_hash: [u8; 32],
    /// Where the journal goes on behind the snapshot.
    pub position: Position,
}

impl Manifest {
    /// The sequence of the last command in the state.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.position.link.sequence - 1
    }

    /// The epoch in which the journal goes on.
    #[must_use]
    pub const fn epoch(&self) -> u32 {
        self.position.link.epoch
    }

    /// The bytes of a manifest's file.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; MANIFEST_BYTES] {
        let Position {
            segment,
            offset,
            link,
            sealed,
        } = self.position;
        let mut record = ManifestRecord {
            magic: ManifestRecord::MAGIC,
            format: STORE_FORMAT,
            shard: self.shard,
            epoch: link.epoch,
            rules_version: self.rules_version,
            sequence: self.sequence(),
            time_ns: self.time_ns,
            digest: self.digest,
            durable_sequence: self.durable_sequence,
            state_bytes: self.state_bytes,
            state_hash: self.state_hash,
            segment,
            offset,
            chain: link.crc,
            state_crc: self.state_crc,
            at_start: u8::from(link.at_start),
            sealed: u8::from(sealed),
            reserved: [0; 2],
            crc: 0,
        };
        close_head(&mut record);
        let mut bytes = [0; MANIFEST_BYTES];
        bytes.copy_from_slice(record.as_bytes());
        bytes
    }

    /// Reads a manifest.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, HeadError> {
        let record: ManifestRecord = read_head(bytes)?;
        let link = Link {
            crc: record.chain,
            sequence: record.sequence + 1,
            epoch: record.epoch,
            at_start: record.at_start == 1,
        };
        Ok(Self {
            shard: record.shard,
            rules_version: record.rules_version,
            time_ns: record.time_ns,
            digest: record.digest,
            durable_sequence: record.durable_sequence,
            state_bytes: record.state_bytes,
            state_crc: record.state_crc,
            state_hash: record.state_hash,
            position: Position {
                segment: record.segment,
                offset: record.offset,
                link,
                sealed: record.sealed == 1,
            },
        })
    }
}
