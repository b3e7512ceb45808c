//! The one way to the file system.
//!
//! Everything that the journal and what stands beside it ask of a disk goes through [`Disk`] and
//! [`DiskFile`], so that a test can fail any single step, or forget what was not synced.

use std::ffi::{CString, OsString};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// To read a file that is there.
    Read,
    /// To read and write a file that is there.
    Write,
    /// To read and write a new file; what was there under this name is emptied.
    Create,
}

/// What came of asking for a lock.
pub enum LockAttempt {
    /// The lock is held until this value is dropped.
    Taken(Box<dyn Send + Sync>),
    /// Another process holds it, the one with this number if it said so.
    Held(Option<u32>),
}

/// A file system.
///
/// # Errors
/// Every method gives the error of the operating system as it came; nothing is tried again.
#[expect(clippy::missing_errors_doc, reason = "told above, once for every call")]
pub trait Disk: Send + Sync {
    /// Opens a file.
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn DiskFile>>;

    /// The names of what stands in a folder, sorted.
    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>>;

    /// Gives a file another name, in place of the file that has it. Both folders need a
    /// [`Disk::sync_dir`] before this outlasts a power failure.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes a folder and those above it, if they are not there.
    fn create_dir(&self, folder: &Path) -> io::Result<()>;

    /// Writes down which names stand in a folder.
    fn sync_dir(&self, folder: &Path) -> io::Result<()>;

    /// The bytes of a file by its name; `NotFound` where there is none.
    fn length(&self, path: &Path) -> io::Result<u64>;

    /// The bytes that an unprivileged process can still write to the disk under a folder.
    fn free_space(&self, folder: &Path) -> io::Result<u64>;

    /// Locks a file against other processes, makes it if need be, and leaves this process's number
    /// in it.
    fn lock(&self, path: &Path) -> io::Result<LockAttempt>;
}

/// An open file. Reads and writes name their place, so there is no position to share.
///
/// # Errors
/// As those of [`Disk`]; a read or a write may also stop short.
#[expect(clippy::len_without_is_empty, reason = "files are not collections")]
#[expect(clippy::missing_errors_doc, reason = "told above, once for every call")]
pub trait DiskFile: Send {
    /// Reads once from this offset; answers how many bytes came, 0 at the end of the file.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes once at this offset; answers how many bytes were taken.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;

    /// Waits until what was written would outlast a power failure (`fdatasync`). After an error
    /// nobody knows what the disk holds, and a second try would say nothing about the first.
    fn sync_data(&self) -> io::Result<()>;

    /// Asks the system to begin writing a part of the file to the disk, without waiting: a later
    /// [`Self::sync_data`] then has little left to do, and keeps other files' syncs waiting less.
    /// It promises nothing.
    fn begin_writing(&self, _offset: u64, _length: u64) {}

    /// Cuts the file, or makes it longer by zeros.
    fn set_len(&self, length: u64) -> io::Result<()>;

    /// The bytes of the file.
    fn len(&self) -> io::Result<u64>;
}

/// Reads from an offset until the buffer is full or the file ends; answers the bytes read.
///
/// # Errors
/// The first error of a read.
pub fn read_full(file: &dyn DiskFile, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64)? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}

/// Reads a whole file of at most `length_max` bytes.
///
/// # Errors
/// The first error; `InvalidData` if the file is longer than that.
pub fn read_file(disk: &dyn Disk, path: &Path, length_max: u64) -> io::Result<Vec<u8>> {
    let file = disk.open(path, OpenMode::Read)?;
    let length = file.len()?;
    if length > length_max {
        let text = format!("length: {length} bytes, at most {length_max}");
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    }
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    let filled = read_full(&*file, &mut bytes, 0)?;
    bytes.truncate(filled);
    Ok(bytes)
}

/// Writes all bytes at an offset.
///
/// # Errors
/// The first error; a write that takes only a part is one. A system that takes a part says why with
/// the next write only, so the rest is offered once more: that error is given, as of a full disk,
/// or else one of kind `WriteZero`, also where the rest was taken.
pub fn write_full(file: &dyn DiskFile, bytes: &[u8], offset: u64) -> io::Result<()> {
    let written = file.write_at(bytes, offset)?;
    if written == bytes.len() {
        return Ok(());
    }
    file.write_at(&bytes[written..], offset + written as u64)?;
    let text = format!("short write: {written} of {} bytes", bytes.len());
    Err(io::Error::new(io::ErrorKind::WriteZero, text))
}

/// The disk of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealDisk;

impl RealDisk {
    /// The disk, to be shared.
    #[must_use]
    pub fn shared() -> Arc<dyn Disk> {
        Arc::new(Self)
    }
}

impl Disk for RealDisk {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn DiskFile>> {
        let mut options = OpenOptions::new();
        options.read(true);
        match mode {
            OpenMode::Read => {}
            OpenMode::Write => {
                options.write(true);
            }
            OpenMode::Create => {
                options.write(true).create(true).truncate(true);
            }
        }
        Ok(Box::new(RealFile(options.open(path)?)))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        let mut names = fs::read_dir(folder)?
            .map(|entry| Ok(entry?.file_name()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn create_dir(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)
    }

    fn sync_dir(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    fn length(&self, path: &Path) -> io::Result<u64> {
        Ok(fs::metadata(path)?.len())
    }

    fn free_space(&self, folder: &Path) -> io::Result<u64> {
        let path = CString::new(folder.as_os_str().as_bytes())?;
        let mut answer = std::mem::MaybeUninit::<libc::statvfs>::uninit();
        // SAFETY: the path ends with a zero, and the answer has the room that the call fills.
        let status = unsafe { libc::statvfs(path.as_ptr(), answer.as_mut_ptr()) };
        if status != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call succeeded, so it has filled the answer.
        let answer = unsafe { answer.assume_init() };
        Ok(answer.f_bavail * answer.f_frsize)
    }

    fn lock(&self, path: &Path) -> io::Result<LockAttempt> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false);
        let file = file.open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(LockAttempt::Held(read_number(&file)?)),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        file.set_len(0)?;
        let pid = std::process::id();
        file.write_all_at(format!("{pid}\n").as_bytes(), 0)?;
        Ok(LockAttempt::Taken(Box::new(HeldFile { file, pid })))
    }
}

/// A lock file that is held. A child made by `fork` shares the lock: closing the file alone would
/// leave it locked as long as the child lives, and only the holder itself may unlock it.
struct HeldFile {
    file: File,
    pid: u32,
}

impl Drop for HeldFile {
    fn drop(&mut self) {
        if std::process::id() == self.pid {
            // A lock that cannot be given back goes with the file.
            let _ = self.file.unlock();
        }
    }
}

/// The number at the start of a lock file, if one stands there.
fn read_number(file: &File) -> io::Result<Option<u32>> {
    let mut text = [0; 16];
    let count = file.read_at(&mut text, 0)?;
    Ok(std::str::from_utf8(&text[..count])
        .ok()
        .and_then(|text| text.trim().parse().ok()))
}

struct RealFile(File);

impl DiskFile for RealFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.0.write_at(bytes, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn begin_writing(&self, offset: u64, length: u64) {
        let (offset, length) = (offset.cast_signed(), length.cast_signed());
        // SAFETY: the descriptor is open as long as the file is; nothing of ours is touched.
        unsafe {
            libc::sync_file_range(
                self.0.as_raw_fd(),
                offset,
                length,
                libc::SYNC_FILE_RANGE_WRITE,
            );
        }
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_renamed_listed_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let disk = RealDisk;
        let path = folder.path().join("a/b/first");
        disk.create_dir(path.parent().unwrap()).unwrap();
        let file = disk.open(&path, OpenMode::Create).unwrap();
        write_full(&*file, b"price", 3).unwrap();
        file.sync_data().unwrap();
        assert_eq!(file.len().unwrap(), 8);
        let second = path.with_file_name("second");
        disk.rename(&path, &second).unwrap();
        disk.sync_dir(second.parent().unwrap()).unwrap();
        assert_eq!(disk.list(second.parent().unwrap()).unwrap(), ["second"]);
        assert_eq!(read_file(&disk, &second, 8).unwrap(), b"\0\0\0price");
        assert!(read_file(&disk, &second, 7).is_err());
        assert!(disk.free_space(folder.path()).unwrap() > 0);
        disk.remove(&second).unwrap();
        let error = disk.length(&second).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_lock_is_held_once_and_names_its_holder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let LockAttempt::Taken(held) = RealDisk.lock(&path).unwrap() else {
            panic!("nobody holds it yet");
        };
        let LockAttempt::Held(pid) = RealDisk.lock(&path).unwrap() else {
            panic!("it is held");
        };
        assert_eq!(pid, Some(std::process::id()));
        drop(held);
        assert!(matches!(
            RealDisk.lock(&path).unwrap(),
            LockAttempt::Taken(_)
        ));
    }
}
