//! The projections that still need the journal: each has a file with the sequence it has applied.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::disk::{Disk, OpenMode, read_full, write_full};
use crate::store::{
    Head, OnFile, STORE_FORMAT, StoreDamage, StoreError, close_head, make_folder, read_head,
    write_whole,
};

/// The most bytes of a projection's name.
pub const PROJECTION_NAME_BYTES_MAX: usize = 64;

/// A projection and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    /// Its name.
    pub name: String,
    /// The last sequence that it has applied, durably, in its own store.
    pub applied_sequence: u64,
}

/// The registered projections of a data directory. What they have not applied is not removed from
/// archive and event log.
#[derive(Clone)]
pub struct Projections {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
}

#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
struct ProjectionRecord {
    magic: [u8; 8],
    format: u32,
    reserved: [u8; 4],
    applied_sequence: u64,
    reserved_tail: [u8; 36],
    crc: u32,
}

const RECORD_BYTES: usize = 64;
const _: () = assert!(size_of::<ProjectionRecord>() == RECORD_BYTES);

impl Head for ProjectionRecord {
    const MAGIC: [u8; 8] = *b"OUTCRYPJ";

    fn is_sound(&self) -> bool {
        self.reserved == [0; 4] && self.reserved_tail == [0; 36]
    }
}

impl ProjectionRecord {
    fn new(applied_sequence: u64) -> Self {
        let mut record = Self {
            magic: Self::MAGIC,
            format: STORE_FORMAT,
            reserved: [0; 4],
            applied_sequence,
            reserved_tail: [0; 36],
            crc: 0,
        };
        close_head(&mut record);
        record
    }
}

impl Projections {
    /// Those of a data directory; makes their folder.
    ///
    /// # Errors
    /// The disk's.
    pub fn open(disk: Arc<dyn Disk>, dir: &Path) -> Result<Self, StoreError> {
        let folder = dir.join("projections");
        make_folder(&*disk, &folder)?;
        Ok(Self { disk, folder })
    }

    /// Registers a projection, or sets a registered one to another sequence, also back. Durable
    /// when it returns.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a name that is not 1 to 64 of `a` to `z`, digits, `_` and `-`;
    /// the disk's.
    pub fn register(&self, name: &str, applied_sequence: u64) -> Result<(), StoreError> {
        let path = self.path(name)?;
        write_whole(
            &*self.disk,
            &path,
            ProjectionRecord::new(applied_sequence).as_bytes(),
        )
    }

    /// Tells what a registered projection has applied by now. It is not synced: what a crash takes
    /// of it only keeps more than need be.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a sequence below the last one or a bad name,
    /// [`StoreError::Damaged`], or the disk's, also if it is not registered.
    pub fn advance(&self, name: &str, applied_sequence: u64) -> Result<(), StoreError> {
        let path = self.path(name)?;
        let before = self.read(&path)?;
        if applied_sequence < before {
            return Err(StoreError::Refused {
                field: "applied_sequence",
                why: format!("{applied_sequence} is below {before}, which it had applied"),
            });
        }
        let file = self.disk.open(&path, OpenMode::Write).on("open", &path)?;
        let record = ProjectionRecord::new(applied_sequence);
        write_full(&*file, record.as_bytes(), 0).on("write", &path)
    }

    /// Forgets a projection: nothing is kept for it any more.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a bad name; the disk's, also if it is not registered.
    pub fn unregister(&self, name: &str) -> Result<(), StoreError> {
        let path = self.path(name)?;
        self.disk.remove(&path).on("remove", &path)?;
        self.disk.sync_dir(&self.folder).on("sync", &self.folder)
    }

    /// All of them, by name.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] of a file, [`StoreError::Newer`], or the disk's.
    pub fn list(&self) -> Result<Vec<Projection>, StoreError> {
        let names = self.disk.list(&self.folder).on("list", &self.folder)?;
        let names = names.iter().filter_map(|name| name.to_str());
        let registered = names.filter(|name| is_name(name));
        let projections = registered.map(|name| {
            Ok(Projection {
                name: name.to_owned(),
                applied_sequence: self.read(&self.folder.join(name))?,
            })
        });
        projections.collect()
    }

    /// What every registered projection has applied; `None` if there is none.
    ///
    /// # Errors
    /// As [`Self::list`]: of a projection whose file is damaged nobody knows what it needs.
    pub fn slowest(&self) -> Result<Option<u64>, StoreError> {
        let projections = self.list()?;
        Ok(projections
            .iter()
            .map(|projection| projection.applied_sequence)
            .min())
    }

    fn read(&self, path: &Path) -> Result<u64, StoreError> {
        let file = self.disk.open(path, OpenMode::Read).on("open", path)?;
        let mut bytes = [0; RECORD_BYTES + 1];
        let count = read_full(&*file, &mut bytes, 0).on("read", path)?;
        let record: ProjectionRecord =
            read_head(&bytes[..count]).map_err(|error| error.on(path))?;
        if count > RECORD_BYTES {
            let (found, stated) = (count as u64, RECORD_BYTES as u64);
            let why = StoreDamage::Long { found, stated };
            let (file, offset) = (path.to_owned(), stated);
            return Err(StoreError::Damaged { file, offset, why });
        }
        Ok(record.applied_sequence)
    }

    fn path(&self, name: &str) -> Result<PathBuf, StoreError> {
        if is_name(name) {
            return Ok(self.folder.join(name));
        }
        let most = PROJECTION_NAME_BYTES_MAX;
        Err(StoreError::Refused {
            field: "name",
            why: format!("{name:?} is not 1 to {most} of a to z, digits, _ and -"),
        })
    }
}

fn is_name(name: &str) -> bool {
    let is_usual =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    (1..=PROJECTION_NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(is_usual)
}
