//! The head of an archived segment, within a skippable zstd frame.

use std::path::Path;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::disk::{Disk, OpenMode, read_full};
use crate::store::{
    Head, HeadError, OnFile, STORE_FORMAT, StoreDamage, StoreError, close_head, read_head,
};

/// Bytes before the first compressed frame.
pub(crate) const ARCHIVE_HEAD_BYTES: usize = SKIPPABLE_BYTES + size_of::<ArchiveHead>();

/// A skippable frame begins with its magic and its length.
const SKIPPABLE_BYTES: usize = 8;
const SKIPPABLE_MAGIC: u32 = 0x184D_2A50;

/// What is archived.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub(crate) struct ArchiveHead {
    magic: [u8; 8],
    format: u32,
    pub(crate) shard: u32,
    pub(crate) first_sequence: u64,
    pub(crate) last_sequence: u64,
    /// Engine time at the segment's end, ns.
    pub(crate) last_time_ns: u64,
    /// Bytes of the plain segment.
    pub(crate) plain_bytes: u64,
    /// CRC32C of the plain segment.
    pub(crate) plain_crc: u32,
    /// The checksum of the segment's last frame.
    pub(crate) chain: u32,
    reserved: u32,
    crc: u32,
}

const _: () = assert!(size_of::<ArchiveHead>() == 64);

impl Head for ArchiveHead {
    const MAGIC: [u8; 8] = *b"OUTCRYJZ";

    fn is_sound(&self) -> bool {
        self.reserved == 0 && self.first_sequence > 0
    }
}

impl ArchiveHead {
    /// The head of a segment whose figures are not known yet.
    pub(super) fn new(shard: u32, first_sequence: u64) -> Self {
        Self {
            magic: Self::MAGIC,
            format: STORE_FORMAT,
            shard,
            first_sequence,
            last_sequence: 0,
            last_time_ns: 0,
            plain_bytes: 0,
            plain_crc: 0,
            chain: 0,
            reserved: 0,
            crc: 0,
        }
    }

    /// The skippable frame.
    pub(super) fn to_bytes(mut self) -> [u8; ARCHIVE_HEAD_BYTES] {
        close_head(&mut self);
        let mut bytes = [0; ARCHIVE_HEAD_BYTES];
        bytes[..4].copy_from_slice(&SKIPPABLE_MAGIC.to_le_bytes());
        bytes[4..8].copy_from_slice(&(size_of::<Self>() as u32).to_le_bytes());
        bytes[SKIPPABLE_BYTES..].copy_from_slice(self.as_bytes());
        bytes
    }

    /// Reads the head of an archived segment, which has this first sequence in its name.
    pub(crate) fn read(disk: &dyn Disk, path: &Path, named: u64) -> Result<Self, StoreError> {
        let file = disk.open(path, OpenMode::Read).on("open", path)?;
        let mut bytes = [0; ARCHIVE_HEAD_BYTES];
        let count = read_full(&*file, &mut bytes, 0).on("read", path)?;
        let head = Self::parse(&bytes[..count]).map_err(|error| error.on(path))?;
        if head.first_sequence != named {
            let found = head.first_sequence;
            return Err(HeadError::from(StoreDamage::Name { named, found }).on(path));
        }
        Ok(head)
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, HeadError> {
        let expected = Self::new(0, 1).to_bytes();
        if bytes.len() < SKIPPABLE_BYTES {
            let (found, needed) = (bytes.len() as u64, ARCHIVE_HEAD_BYTES as u64);
            return Err(StoreDamage::Short { found, needed }.into());
        }
        if bytes[..SKIPPABLE_BYTES] != expected[..SKIPPABLE_BYTES] {
            return Err(StoreDamage::Magic.into());
        }
        read_head(&bytes[SKIPPABLE_BYTES..])
    }
}
