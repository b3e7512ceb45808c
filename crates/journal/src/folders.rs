//! The names within a data directory.

use std::io;
use std::path::{Path, PathBuf};

use crate::disk::Disk;

const SEGMENT_SUFFIX: &str = ".journal";
const ARCHIVE_SUFFIX: &str = ".journal.zst";
const SPARE_SUFFIX: &str = ".spare";

/// Where things stand in a data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    root: PathBuf,
}

/// A segment of the journal, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentFile {
    /// The sequence of its first command.
    pub first_sequence: u64,
    /// Whether it is only in the archive.
    pub archived: bool,
    /// Its file.
    pub path: PathBuf,
}

impl Folders {
    /// Those of this data directory.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// The data directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The file that holds the lock and its holder's process number.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// The segments that are not archived.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.root.join("journal")
    }

    /// The compressed segments.
    #[must_use]
    pub fn archive(&self) -> PathBuf {
        self.root.join("archive")
    }

    /// What a repair has cut off.
    #[must_use]
    pub fn quarantine(&self) -> PathBuf {
        self.root.join("quarantine")
    }

    /// The durable mark.
    #[must_use]
    pub fn durable(&self) -> PathBuf {
        self.journal().join("durable")
    }

    /// The segment that begins with this sequence.
    #[must_use]
    pub fn segment(&self, first_sequence: u64) -> PathBuf {
        self.journal()
            .join(format!("{first_sequence:020}{SEGMENT_SUFFIX}"))
    }

    /// The same, archived.
    #[must_use]
    pub fn archived(&self, first_sequence: u64) -> PathBuf {
        self.archive()
            .join(format!("{first_sequence:020}{ARCHIVE_SUFFIX}"))
    }

    /// A segment that waits to be used.
    pub(crate) fn spare(&self, number: u64) -> PathBuf {
        self.journal().join(format!("{number:020}{SPARE_SUFFIX}"))
    }

    /// The files of segments that were made and never used.
    ///
    /// # Errors
    /// As [`segments`].
    pub(crate) fn spares(&self, disk: &dyn Disk) -> io::Result<Vec<PathBuf>> {
        let numbers = numbered(disk, &self.journal(), SPARE_SUFFIX)?;
        Ok(numbers
            .into_iter()
            .map(|number| self.spare(number))
            .collect())
    }
}

/// The segments of a journal, archived or not, in their order. A segment that stands in both places
/// is taken as not archived.
///
/// # Errors
/// That of listing a folder that is there.
pub fn segments(disk: &dyn Disk, folders: &Folders) -> io::Result<Vec<SegmentFile>> {
    let plain = numbered(disk, &folders.journal(), SEGMENT_SUFFIX)?;
    let archived = numbered(disk, &folders.archive(), ARCHIVE_SUFFIX)?;
    let archived = archived
        .into_iter()
        .filter(|number| plain.binary_search(number).is_err())
        .map(|first_sequence| SegmentFile {
            first_sequence,
            archived: true,
            path: folders.archived(first_sequence),
        });
    let mut all: Vec<SegmentFile> = archived.collect();
    all.extend(plain.iter().map(|first_sequence| SegmentFile {
        first_sequence: *first_sequence,
        archived: false,
        path: folders.segment(*first_sequence),
    }));
    all.sort_by_key(|segment| segment.first_sequence);
    Ok(all)
}

/// The sorted numbers of the files in a folder whose names are 20 digits and this suffix; none
/// where there is no folder.
pub(crate) fn numbered(disk: &dyn Disk, folder: &Path, suffix: &str) -> io::Result<Vec<u64>> {
    let names = match disk.list(folder) {
        Ok(names) => names,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let digits = names
        .iter()
        .filter_map(|name| name.to_str()?.strip_suffix(suffix))
        .filter(|digits| digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit()));
    let mut numbers: Vec<u64> = digits.filter_map(|digits| digits.parse().ok()).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::{OpenMode, RealDisk};

    #[test]
    fn segments_are_found_by_their_names_alone() {
        let root = tempfile::tempdir().unwrap();
        let folders = Folders::new(root.path());
        assert_eq!(segments(&RealDisk, &folders).unwrap(), []);
        RealDisk.create_dir(&folders.journal()).unwrap();
        RealDisk.create_dir(&folders.archive()).unwrap();
        let other = folders.journal().join("7.journal");
        for path in [
            folders.segment(1),
            folders.segment(90),
            folders.archived(1),
            folders.archived(5),
            folders.spare(2),
            other,
        ] {
            RealDisk.open(&path, OpenMode::Create).unwrap();
        }
        let found: Vec<_> = segments(&RealDisk, &folders)
            .unwrap()
            .into_iter()
            .map(|segment| (segment.first_sequence, segment.archived))
            .collect();
        assert_eq!(found, [(1, false), (5, true), (90, false)]);
        assert_eq!(folders.spares(&RealDisk).unwrap(), [folders.spare(2)]);
    }
}
