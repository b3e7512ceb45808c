//! A disk on which another process works between two calls of whoever reads it.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::Call;
use crate::disk::{Disk, DiskFile, LockAttempt, OpenMode};

type Work = Box<dyn FnOnce() + Send>;

/// A disk on which some work is done before a chosen call.
pub struct Beside {
    disk: Arc<dyn Disk>,
    plan: Mutex<Option<Plan>>,
}

struct Plan {
    call: Call,
    skipped: u32,
    work: Work,
}

impl Beside {
    /// Has the work done before the opening or listing that comes after this many others of its
    /// kind.
    #[must_use]
    pub fn new(
        disk: Arc<dyn Disk>,
        call: Call,
        skipped: u32,
        work: impl FnOnce() + Send + 'static,
    ) -> Arc<Self> {
        let work = Box::new(work);
        let plan = Plan {
            call,
            skipped,
            work,
        };
        Arc::new(Self {
            disk,
            plan: Mutex::new(Some(plan)),
        })
    }

    /// Whether the call has come.
    #[must_use]
    pub fn was_done(&self) -> bool {
        let plan = self.plan.lock();
        plan.unwrap_or_else(PoisonError::into_inner).is_none()
    }

    fn before(&self, call: Call) {
        if let Some(work) = self.due(call) {
            work();
        }
    }

    fn due(&self, call: Call) -> Option<Work> {
        let plan = self.plan.lock();
        let mut plan = plan.unwrap_or_else(PoisonError::into_inner);
        let planned = plan.as_mut().filter(|planned| planned.call == call)?;
        if planned.skipped > 0 {
            planned.skipped -= 1;
            return None;
        }
        plan.take().map(|due| due.work)
    }
}

impl Disk for Beside {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn DiskFile>> {
        self.before(Call::Open);
        self.disk.open(path, mode)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        self.before(Call::List);
        self.disk.list(folder)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk.remove(path)
    }

    fn create_dir(&self, folder: &Path) -> io::Result<()> {
        self.disk.create_dir(folder)
    }

    fn sync_dir(&self, folder: &Path) -> io::Result<()> {
        self.disk.sync_dir(folder)
    }

    fn length(&self, path: &Path) -> io::Result<u64> {
        self.disk.length(path)
    }

    fn free_space(&self, folder: &Path) -> io::Result<u64> {
        self.disk.free_space(folder)
    }

    fn lock(&self, path: &Path) -> io::Result<LockAttempt> {
        self.disk.lock(path)
    }
}
