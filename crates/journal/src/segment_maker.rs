//! Segments made ahead, so that the writer finds the next one ready.
//!
//! A new segment is written with zeros and synced before it is used. A file that was only allocated
//! would need its metadata written at each sync of a first write.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::disk::{Disk, DiskFile, OpenMode, write_full};
use crate::folders::Folders;
use crate::halt::{Halt, HaltReason};
use crate::options::Options;

/// Zeros are written in pieces of this many bytes.
const PIECE_BYTES: u64 = 1 << 20;
/// So many bytes wait for the disk at most, for the journal's own syncs must pass between.
const UNSYNCED_BYTES_MAX: u64 = 2 << 20;

static ZEROS: [u8; PIECE_BYTES as usize] = [0; PIECE_BYTES as usize];

/// A segment of zeros under a name of its own.
pub(crate) struct Spare {
    pub(crate) path: PathBuf,
    pub(crate) file: Box<dyn DiskFile>,
}

/// Makes the next segments ahead, on a thread that may wait for the disk. Clones share the place in
/// which the writer finds them.
#[derive(Clone)]
pub struct SegmentMaker {
    disk: Arc<dyn Disk>,
    folders: Folders,
    segment_bytes: u64,
    /// Segments that are kept ready.
    spares: usize,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    ready: Mutex<Ready>,
    taken: Condvar,
    number: AtomicU64,
    /// Bytes of the segment in the making that stand on the disk.
    made_bytes: AtomicU64,
}

/// The segments that are ready.
#[derive(Default)]
struct Ready {
    spares: VecDeque<Spare>,
    /// Whether half of them were used up and all are being made again. So a burst that fits into
    /// half of them meets nobody who writes to the disk beside it.
    is_filling: bool,
}

impl Ready {
    fn wants(&mut self, spares: usize) -> bool {
        if self.spares.len() >= spares {
            self.is_filling = false;
        } else if self.spares.len() <= spares / 2 {
            self.is_filling = true;
        }
        self.is_filling
    }
}

impl SegmentMaker {
    pub(crate) fn new(disk: Arc<dyn Disk>, folders: Folders, options: &Options) -> Self {
        Self {
            disk,
            folders,
            segment_bytes: options.segment_bytes,
            spares: options.spare_segments as usize,
            shared: Arc::default(),
        }
    }

    /// Bytes of a segment.
    #[must_use]
    pub const fn segment_bytes(&self) -> u64 {
        self.segment_bytes
    }

    /// Whether half of [`Options::spare_segments`] were used up and are not all made again.
    #[must_use]
    pub fn wanted(&self) -> bool {
        self.ready().wants(self.spares)
    }

    /// How many segments are ready.
    #[must_use]
    pub fn ready_segments(&self) -> usize {
        self.ready().spares.len()
    }

    /// Bytes that the next segment will still take of the disk, none where one is ready.
    #[must_use]
    pub fn unmade_bytes(&self) -> u64 {
        let ready = self.ready();
        if ready.spares.is_empty() {
            self.segment_bytes - self.shared.made_bytes.load(Ordering::Relaxed)
        } else {
            0
        }
    }

    /// Waits until [`Self::wanted`], at most this long, and answers it.
    #[must_use]
    pub fn wait(&self, timeout: Duration) -> bool {
        let ready = self.ready();
        let waited = self
            .shared
            .taken
            .wait_timeout_while(ready, timeout, |ready| !ready.wants(self.spares));
        let mut ready = waited.unwrap_or_else(PoisonError::into_inner).0;
        ready.wants(self.spares)
    }

    /// Makes a segment and leaves it ready for the writer.
    ///
    /// # Errors
    /// [`Halt`]: the disk refused; the process must stop as if the writer had met it.
    pub fn make(&self) -> Result<(), Halt> {
        let spare = self.make_spare()?;
        let mut ready = self.ready();
        ready.spares.push_back(spare);
        self.shared.made_bytes.store(0, Ordering::Relaxed);
        Ok(())
    }

    /// The segment that is ready; without one, one that is made at once.
    pub(crate) fn take(&self) -> Result<Spare, Halt> {
        let ready = self.ready().spares.pop_front();
        self.shared.taken.notify_all();
        ready.map_or_else(|| self.make_at_once(), Ok)
    }

    fn make_at_once(&self) -> Result<Spare, Halt> {
        let spare = self.make_spare()?;
        self.shared.made_bytes.store(0, Ordering::Relaxed);
        Ok(spare)
    }

    fn make_spare(&self) -> Result<Spare, Halt> {
        let number = self.shared.number.fetch_add(1, Ordering::Relaxed);
        let path = self.folders.spare(number);
        let made = self.disk.open(&path, OpenMode::Create).and_then(|file| {
            self.fill(&*file)?;
            Ok(file)
        });
        let what = || format!("make segment {}", path.display());
        match made {
            Ok(file) => Ok(Spare { path, file }),
            Err(error) => {
                // What it took of a full disk is better left to those who finish their work. One
                // that cannot be removed is so by the next opening.
                let _ = self.disk.remove(&path);
                Err(Halt::from_io(HaltReason::SegmentFailed, &what(), &error))
            }
        }
    }

    fn fill(&self, file: &dyn DiskFile) -> io::Result<()> {
        let mut made = 0;
        while made < self.segment_bytes {
            let end = self.segment_bytes.min(made + UNSYNCED_BYTES_MAX);
            write_zeros(file, made, end)?;
            made = end;
            self.shared.made_bytes.store(made, Ordering::Relaxed);
        }
        Ok(())
    }

    fn ready(&self) -> MutexGuard<'_, Ready> {
        let ready = self.shared.ready.lock();
        ready.unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes zeros over a part of a file and syncs them.
pub(crate) fn write_zeros(file: &dyn DiskFile, from: u64, to: u64) -> io::Result<()> {
    let mut unsynced = 0;
    let mut offset = from;
    while offset < to {
        let count = PIECE_BYTES.min(to - offset);
        write_full(file, &ZEROS[..count as usize], offset)?;
        offset += count;
        unsynced += count;
        if unsynced >= UNSYNCED_BYTES_MAX {
            file.sync_data()?;
            unsynced = 0;
        }
    }
    file.sync_data()
}
