//! The folder of the event log: its files, sealing what is closed, removing what is too old.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zerocopy::IntoBytes;

use super::format::{EventSegmentHead, HEAD_BYTES, IndexEntry, RECORD_BYTES};
use super::index;
use super::window::BlockWindow;
use crate::disk::{Disk, DiskFile, OpenMode, read_full, write_full};
use crate::folders::numbered;
use crate::store::{HeadError, OnFile, StoreError, read_head, remove_if_there};

const SEGMENT_SUFFIX: &str = ".events";
const INDEX_SUFFIX: &str = ".index";

/// The folder `events/` of a data directory.
#[derive(Clone)]
pub(super) struct EventFolder {
    pub(super) disk: Arc<dyn Disk>,
    path: PathBuf,
}

impl EventFolder {
    pub(super) fn new(disk: Arc<dyn Disk>, dir: &Path) -> Self {
        let path = dir.join("events");
        Self { disk, path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn segment(&self, first_sequence: u64) -> PathBuf {
        self.path
            .join(format!("{first_sequence:020}{SEGMENT_SUFFIX}"))
    }

    pub(super) fn index(&self, first_sequence: u64) -> PathBuf {
        self.path
            .join(format!("{first_sequence:020}{INDEX_SUFFIX}"))
    }

    /// The first sequences of the segments, sorted.
    pub(super) fn segments(&self) -> Result<Vec<u64>, StoreError> {
        numbered(&*self.disk, &self.path, SEGMENT_SUFFIX).on("list", &self.path)
    }

    /// Whether there is a segment with this first sequence.
    pub(super) fn has(&self, first_sequence: u64) -> Result<bool, StoreError> {
        let path = self.segment(first_sequence);
        match self.disk.length(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            length => length.map(|_| true).on("read", &path),
        }
    }

    /// Opens a segment; `None` if it is not there.
    pub(super) fn open(
        &self,
        first_sequence: u64,
        mode: OpenMode,
    ) -> Result<Option<Box<dyn DiskFile>>, StoreError> {
        let path = self.segment(first_sequence);
        match self.disk.open(&path, mode) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            opened => opened.map(Some).on("open", &path),
        }
    }

    /// Reads the head of a segment; the inner error is what is wrong with it.
    pub(super) fn read_head(
        &self,
        first_sequence: u64,
        file: &dyn DiskFile,
    ) -> Result<Result<EventSegmentHead, HeadError>, StoreError> {
        let path = self.segment(first_sequence);
        let mut bytes = [0; HEAD_BYTES];
        let count = read_full(file, &mut bytes, 0).on("read", &path)?;
        Ok(read_head(&bytes[..count]))
    }

    /// Removes a segment and its index.
    pub(super) fn remove(&self, first_sequence: u64) -> Result<(), StoreError> {
        remove_if_there(&*self.disk, &self.index(first_sequence))?;
        remove_if_there(&*self.disk, &self.segment(first_sequence))
    }
}

/// How much of the event log is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EventRetention {
    /// Bytes of its segments; `None` for no bound.
    pub keep_bytes: Option<u64>,
    /// Age by engine time, ns; `None` for no bound.
    pub keep_ns: Option<u64>,
}

/// The oldest sequence whose events are kept; `None` of an empty log.
///
/// # Errors
/// The disk's.
pub fn event_log_oldest(disk: Arc<dyn Disk>, dir: &Path) -> Result<Option<u64>, StoreError> {
    Ok(EventFolder::new(disk, dir).segments()?.first().copied())
}

/// Syncs the closed segments and seals their indexes, so that later openings need not read them
/// again. Only the process that has the log open for writing may do so: it has written or checked
/// what is sealed. Answers the first sequences of the sealed.
///
/// # Errors
/// The disk's.
pub fn seal_event_segments(disk: Arc<dyn Disk>, dir: &Path) -> Result<Vec<u64>, StoreError> {
    let folder = EventFolder::new(disk, dir);
    let firsts = folder.segments()?;
    let mut open = Vec::new();
    for pair in firsts.windows(2).rev() {
        let (first, next) = (pair[0], pair[1]);
        let entries = index::entries(&*folder.disk, &folder.index(first), first)?;
        if entries.last().is_some_and(IndexEntry::is_seal) {
            break;
        }
        open.push((first, next, entries.len()));
    }
    // The oldest first: an opening takes a seal to hold for all segments before it, too.
    let mut sealed = Vec::new();
    for (first, next, entries) in open.into_iter().rev() {
        if !seal_segment(&folder, first, next, entries)? {
            break;
        }
        sealed.push(first);
    }
    Ok(sealed)
}

/// Seals a segment behind the good entries of its index; not while the next one has no head yet.
fn seal_segment(
    folder: &EventFolder,
    first: u64,
    next: u64,
    entries: usize,
) -> Result<bool, StoreError> {
    let Some(file) = folder.open(first, OpenMode::Write)? else {
        return Ok(false);
    };
    let Some(next_file) = folder.open(next, OpenMode::Read)? else {
        return Ok(false);
    };
    let Ok(head) = folder.read_head(next, &*next_file)? else {
        return Ok(false);
    };
    let path = folder.segment(first);
    let entry = IndexEntry::seal(next, file.len().on("read", &path)?, head.chain);
    file.sync_data().on("sync", &path)?;
    folder
        .disk
        .sync_dir(folder.path())
        .on("sync", folder.path())?;
    let path = folder.index(first);
    let index = match folder.disk.open(&path, OpenMode::Write) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        opened => opened.on("open", &path)?,
    };
    let offset = (HEAD_BYTES + entries * RECORD_BYTES) as u64;
    index.set_len(offset).on("write", &path)?;
    write_full(&*index, entry.as_bytes(), offset).on("write", &path)?;
    index.sync_data().on("sync", &path)?;
    Ok(true)
}

/// Removes the oldest segments while the log is longer or older than it should be, but never the
/// newest segment, and none with events behind `passed`, the sequence that every registered
/// projection has applied. Answers the first sequences of the removed.
///
/// # Errors
/// The disk's.
pub fn retain_events(
    disk: Arc<dyn Disk>,
    dir: &Path,
    retention: &EventRetention,
    now_ns: u64,
    passed: u64,
) -> Result<Vec<u64>, StoreError> {
    let folder = EventFolder::new(disk, dir);
    let firsts = folder.segments()?;
    let mut sizes = Vec::new();
    for first in &firsts {
        let path = folder.segment(*first);
        sizes.push(folder.disk.length(&path).on("read", &path)?);
    }
    let mut total: u64 = sizes.iter().sum();
    let mut removed = Vec::new();
    for (pair, size) in firsts.windows(2).zip(sizes) {
        let is_long = retention.keep_bytes.is_some_and(|keep| total > keep);
        let is_old = match retention.keep_ns {
            None => false,
            // The next segment begins when this one ended, or later.
            Some(keep) => (begins_at_ns(&folder, pair[1])?)
                .is_some_and(|time_ns| time_ns < now_ns.saturating_sub(keep)),
        };
        if !(is_long || is_old) || pair[1] - 1 > passed {
            break;
        }
        folder.remove(pair[0])?;
        removed.push(pair[0]);
        total -= size;
    }
    Ok(removed)
}

/// The time of the first block of a segment.
fn begins_at_ns(folder: &EventFolder, first: u64) -> Result<Option<u64>, StoreError> {
    let Some(file) = folder.open(first, OpenMode::Read)? else {
        return Ok(None);
    };
    let mut window = BlockWindow::new(file, &folder.segment(first));
    let head = window.head()?;
    Ok(head
        .filter(|head| head.check().is_ok())
        .map(|head| head.time_ns))
}
