//! What snapshots, event log and archive share: their errors, their heads, and how a file gets its
//! name only once it is whole.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::damage::Damage;
use crate::disk::{Disk, DiskFile, OpenMode, write_full};
use crate::halt::{Halt, HaltReason};

/// The version of the formats of snapshots, event log, archive and projections.
pub const STORE_FORMAT: u32 = 1;

/// Added to the name of a file that is not whole yet.
const TEMPORARY_SUFFIX: &str = ".new";

/// What can be wrong with the bytes of a file beside the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StoreDamage {
    /// The file ends too early.
    #[error("length: {found} bytes, {needed} are needed")]
    Short {
        /// Bytes that are there.
        found: u64,
        /// Bytes that must be.
        needed: u64,
    },
    /// The file is longer than it says.
    #[error("length: {found} bytes, it has {stated}")]
    Long {
        /// Bytes that are there.
        found: u64,
        /// Bytes that must be.
        stated: u64,
    },
    /// A file of another kind.
    #[error("head: the magic is not that of this kind of file")]
    Magic,
    /// A head whose checksum does not hold.
    #[error("head: the checksum does not hold")]
    HeadCrc,
    /// A head that this format cannot have.
    #[error("head: a field has a value that it cannot have")]
    HeadFields,
    /// The file says that it has another name.
    #[error("head: it is of sequence {found}, the name says {named}")]
    Name {
        /// By the name.
        named: u64,
        /// By the head.
        found: u64,
    },
    /// A snapshot without a manifest, or the other way round.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The state of a snapshot is not what the manifest says.
    #[error("state: the checksum does not hold")]
    StateCrc,
    /// The same, by its hash.
    #[error("state: the hash is not that of the manifest")]
    StateHash,
    /// The file cannot be read.
    #[error("read: the system said {0:?}")]
    Unreadable(io::ErrorKind),
    /// A block of events whose checksum does not hold.
    #[error("block: the checksum does not hold")]
    BlockCrc,
    /// A block that this format cannot have.
    #[error("block: a field has a value that it cannot have")]
    BlockFields,
    /// A block that does not follow the one before.
    #[error("block: sequence {found} where {expected} is due")]
    BlockSequence {
        /// What is due.
        expected: u64,
        /// What stands there.
        found: u64,
    },
    /// A block that follows another one than that before it.
    #[error("block: it does not follow the block before it")]
    BlockChain,
    /// An archive that cannot be decompressed, or not to what it was made from.
    #[error("archive: it does not give back the segment that it was made from")]
    Archive,
    /// A damaged segment of the journal.
    #[error("journal: {0}")]
    Journal(#[from] Damage),
}

/// Why something beside the journal could not be done.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The disk refused; nothing is tried again.
    #[error("{what} {}: {error}", file.display())]
    Disk {
        /// What was tried.
        what: &'static str,
        /// On which file or folder.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Bytes that are not what must stand there.
    #[error("{}: offset {offset}: {why}", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// Bytes from its start.
        offset: u64,
        /// What is wrong.
        why: StoreDamage,
    },
    /// An undamaged file of a newer format.
    #[error("{}: format {format} is newer than {STORE_FORMAT}", file.display())]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its format.
        format: u32,
    },
    /// A file of another shard.
    #[error("{}: shard {found}, not {shard}", file.display())]
    OtherShard {
        /// The file.
        file: PathBuf,
        /// The shard that was asked for.
        shard: u32,
        /// The shard that it is of.
        found: u32,
    },
    /// Events that are no longer kept.
    #[error("events: sequence {sequence} is below {oldest}, the oldest kept")]
    TooOld {
        /// What was asked for.
        sequence: u64,
        /// The first sequence whose events are kept.
        oldest: u64,
    },
    /// What should be there is not.
    #[error("{}: sequence {sequence} is not there", file.display())]
    Missing {
        /// The folder.
        file: PathBuf,
        /// The sequence.
        sequence: u64,
    },
    /// A value from the caller that cannot be.
    #[error("{field}: {why}")]
    Refused {
        /// The value.
        field: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl StoreError {
    /// The halt that this error means for an exchange that cannot go on without the file.
    #[must_use]
    pub fn halt(&self) -> Halt {
        match self {
            Self::Disk { what, file, error } => {
                let usual = match *what {
                    "sync" => HaltReason::SyncFailed,
                    "make" | "rename" => HaltReason::SegmentFailed,
                    _ => HaltReason::WriteFailed,
                };
                Halt::from_io(usual, &format!("{what} {}", file.display()), error)
            }
            other => Halt {
                reason: HaltReason::WriteFailed,
                detail: other.to_string(),
            },
        }
    }
}

/// Names the file in an error of the disk.
pub(crate) trait OnFile<T> {
    fn on(self, what: &'static str, file: &Path) -> Result<T, StoreError>;
}

impl<T> OnFile<T> for io::Result<T> {
    fn on(self, what: &'static str, file: &Path) -> Result<T, StoreError> {
        let file = file.to_owned();
        self.map_err(|error| StoreError::Disk { what, file, error })
    }
}

/// A head: it begins with a magic of eight bytes and the format, and ends with a checksum of all
/// before it.
pub(crate) trait Head: FromBytes + IntoBytes + Immutable + KnownLayout + Copy {
    const MAGIC: [u8; 8];

    /// Whether each field has a value that it can have, and reserved bytes are zero.
    fn is_sound(&self) -> bool;
}

const CRC_BYTES: usize = 4;

/// Writes the checksum into a head.
pub(crate) fn close_head<T: Head>(head: &mut T) {
    let bytes = head.as_mut_bytes();
    let (before, crc) = bytes.split_at_mut(size_of::<T>() - CRC_BYTES);
    crc.copy_from_slice(&crc32c::crc32c(before).to_le_bytes());
}

/// Why a head cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeadError {
    Damage(StoreDamage),
    Newer(u32),
}

impl HeadError {
    /// The error with its file; heads stand at the start.
    pub(crate) fn on(self, file: &Path) -> StoreError {
        let file = file.to_owned();
        match self {
            Self::Damage(why) => StoreError::Damaged {
                file,
                offset: 0,
                why,
            },
            Self::Newer(format) => StoreError::Newer { file, format },
        }
    }
}

impl From<StoreDamage> for HeadError {
    fn from(damage: StoreDamage) -> Self {
        Self::Damage(damage)
    }
}

/// Reads a head from the start of these bytes and checks it.
///
/// Magic, format, checksum and length keep their places in every later format, so that an undamaged
/// newer file can be refused by name.
pub(crate) fn read_head<T: Head>(bytes: &[u8]) -> Result<T, HeadError> {
    let (head, _) = T::read_from_prefix(bytes).map_err(|_| StoreDamage::Short {
        found: bytes.len() as u64,
        needed: size_of::<T>() as u64,
    })?;
    let raw = head.as_bytes();
    if raw[..8] != T::MAGIC {
        return Err(StoreDamage::Magic.into());
    }
    let format = u32::from_le_bytes([raw[8], raw[9], raw[10], raw[11]]);
    let (before, crc) = raw.split_at(size_of::<T>() - CRC_BYTES);
    let is_good = crc32c::crc32c(before).to_le_bytes() == crc;
    match (is_good, format) {
        (true, STORE_FORMAT) if head.is_sound() => Ok(head),
        (true, STORE_FORMAT) => Err(StoreDamage::HeadFields.into()),
        (true, newer) if newer > STORE_FORMAT => Err(HeadError::Newer(newer)),
        (true, _) => Err(StoreDamage::HeadFields.into()),
        (false, _) => Err(StoreDamage::HeadCrc.into()),
    }
}

/// The name of a file while it is written.
pub(crate) fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(TEMPORARY_SUFFIX);
    name.into()
}

/// Gives a whole file its name: sync, rename, sync of the folder.
pub(crate) fn publish(disk: &dyn Disk, file: &dyn DiskFile, path: &Path) -> Result<(), StoreError> {
    let new = temporary(path);
    file.sync_data().on("sync", &new)?;
    disk.rename(&new, path).on("rename", &new)?;
    let folder = folder_of(path);
    disk.sync_dir(folder).on("sync", folder)
}

/// Writes a small file whole or not at all.
pub(crate) fn write_whole(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let new = temporary(path);
    let file = disk.open(&new, OpenMode::Create).on("make", &new)?;
    write_full(&*file, bytes, 0).on("write", &new)?;
    publish(disk, &*file, path)
}

/// Makes a folder that outlasts a power failure.
pub(crate) fn make_folder(disk: &dyn Disk, folder: &Path) -> Result<(), StoreError> {
    disk.create_dir(folder).on("make", folder)?;
    let above = folder_of(folder);
    disk.sync_dir(above).on("sync", above)
}

/// Removes what was left half written in a folder.
pub(crate) fn remove_temporaries(disk: &dyn Disk, folder: &Path) -> Result<(), StoreError> {
    for name in disk.list(folder).on("list", folder)? {
        if name
            .as_encoded_bytes()
            .ends_with(TEMPORARY_SUFFIX.as_bytes())
        {
            let path = folder.join(name);
            disk.remove(&path).on("remove", &path)?;
        }
    }
    Ok(())
}

/// Removes a file, if it is there.
pub(crate) fn remove_if_there(disk: &dyn Disk, path: &Path) -> Result<(), StoreError> {
    match disk.remove(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).on("remove", path),
        _ => Ok(()),
    }
}

pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

#[cfg(test)]
#[path = "store/fixtures.rs"]
mod fixtures;
