//! One process to a data directory.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::disk::{Disk, LockAttempt};
use crate::folders::Folders;

/// A data directory that is this process's alone until the value is dropped.
pub struct DirectoryLock {
    folders: Folders,
    _held: Box<dyn Send + Sync>,
}

/// A data directory that could not be locked.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another process has it.
    #[error("{} is held by {}", dir.display(), holder(*pid))]
    Held {
        /// The data directory.
        dir: PathBuf,
        /// The holder's process number, if it has said it yet.
        pid: Option<u32>,
    },
    /// The disk refused.
    #[error("lock {}: {error}", dir.display())]
    Disk {
        /// The data directory.
        dir: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(
        || "another process".to_owned(),
        |pid| format!("process {pid}"),
    )
}

impl DirectoryLock {
    /// Locks a data directory, and makes it if it is not there.
    ///
    /// # Errors
    /// [`LockError::Held`] with the holder's number, or what the disk said.
    pub fn take(disk: &dyn Disk, dir: &Path) -> Result<Self, LockError> {
        let folders = Folders::new(dir);
        let attempt = disk
            .create_dir(dir)
            .and_then(|()| disk.lock(&folders.lock()));
        let dir = dir.to_owned();
        match attempt {
            Ok(LockAttempt::Taken(held)) => Ok(Self {
                folders,
                _held: held,
            }),
            Ok(LockAttempt::Held(pid)) => Err(LockError::Held { dir, pid }),
            Err(error) => Err(LockError::Disk { dir, error }),
        }
    }

    /// Where things stand in the data directory.
    #[must_use]
    pub const fn folders(&self) -> &Folders {
        &self.folders
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::RealDisk;

    #[test]
    fn the_second_is_told_who_holds_the_directory() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("data");
        let held = DirectoryLock::take(&RealDisk, &dir).unwrap();
        let error = DirectoryLock::take(&RealDisk, &dir).err().unwrap();
        let text = format!(
            "{} is held by process {}",
            dir.display(),
            std::process::id()
        );
        assert_eq!(error.to_string(), text);
        drop(held);
        DirectoryLock::take(&RealDisk, &dir).unwrap();
    }
}
