//! The disk under a folder: its file system, and how long it takes to make a write durable.

use crate::Problem;
use hdrhistogram::Histogram;
use std::fs::{File, canonicalize, read_to_string, remove_file};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// File systems that keep nothing: what is durable there is nowhere.
const IN_MEMORY: [&str; 2] = ["tmpfs", "ramfs"];
/// Writes that are measured.
const WRITES: u64 = 300;
/// The file is written whole before, so that no write needs new room.
const FILE_BYTES: u64 = 16 << 20;
/// The page that is measured beside the sizes that a row used.
pub(crate) const PAGE_BYTES: usize = 4096;

/// Where a row may write.
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    pub(crate) folder: PathBuf,
    pub(crate) file_system: String,
}

impl Disk {
    /// The disk under a folder that is there.
    ///
    /// # Errors
    /// When the folder cannot be read, or when it is in memory and `is_real` asks for more.
    pub(crate) fn under(folder: &Path, is_real: bool) -> Result<Self, Problem> {
        let folder =
            canonicalize(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mounts = read_to_string("/proc/self/mountinfo")
            .map_err(|error| format!("the table of mounts: {error}"))?;
        let file_system = file_system(&mounts, &folder)
            .unwrap_or("unknown")
            .to_owned();
        if is_real && IN_MEMORY.contains(&file_system.as_str()) {
            return Err(format!(
                "{} is on {file_system}, which keeps nothing: name a folder on a disk",
                folder.display()
            ));
        }
        Ok(Self {
            folder,
            file_system,
        })
    }

    /// How long `fdatasync` takes behind each write of so many bytes, in nanoseconds, once all that
    /// was written before is on the disk.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn sync_times(&self, bytes: usize) -> Result<Histogram<u64>, Problem> {
        let path = self.folder.join("sync-times");
        let measured = sync_all(&self.folder).and_then(|()| sync_times(&path, bytes));
        let removed = remove_file(&path);
        let times = measured.and_then(|times| removed.map(|()| times));
        times.map_err(|error| format!("{}: {error}", path.display()))
    }
}

/// The file system of the deepest mount that holds a folder, as the table of mounts has it.
fn file_system<'table>(mounts: &'table str, folder: &Path) -> Option<&'table str> {
    let mut found: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let (head, tail) = line.split_once(" - ")?;
        let point = Path::new(head.split(' ').nth(4)?);
        let depth = point.components().count();
        // Of two mounts at one point the later one is seen.
        if folder.starts_with(point) && found.is_none_or(|(deepest, _)| depth >= deepest) {
            found = Some((depth, tail.split(' ').next()?));
        }
    }
    found.map(|(_, name)| name)
}

/// Writes back all that the file system of a folder holds.
fn sync_all(folder: &Path) -> std::io::Result<()> {
    let folder = File::open(folder)?;
    // SAFETY: the descriptor is open, and the call takes nothing else.
    if unsafe { libc::syncfs(folder.as_raw_fd()) } == 0 {
        Ok(())
    } else {
        Err(std::io::Error::last_os_error())
    }
}

fn sync_times(path: &Path, bytes: usize) -> std::io::Result<Histogram<u64>> {
    let file = File::create(path)?;
    let piece = vec![0x5A; bytes];
    let places = (FILE_BYTES / bytes as u64).max(1);
    for place in 0..places {
        file.write_all_at(&piece, place * bytes as u64)?;
    }
    file.sync_all()?;
    let mut times = new_times();
    for write in 0..WRITES {
        file.write_all_at(&piece, (write % places) * bytes as u64)?;
        let start = Instant::now();
        file.sync_data()?;
        times.saturating_record(start.elapsed().as_nanos() as u64);
    }
    Ok(times)
}

/// Times in nanoseconds, of three digits; what is longer than a minute counts as a minute.
pub(crate) fn new_times() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("the bounds are apart")
}

/// Two percentiles of times in microseconds, as text.
pub(crate) fn percentiles_us(times: &Histogram<u64>) -> String {
    let [p50, p99] = [50.0, 99.0].map(|part| times.value_at_percentile(part) / 1_000);
    format!("p50 {p50} us, p99 {p99} us")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
21 1 254:0 / / rw,relatime - ext4 /dev/vda rw
22 21 0:5 / /dev rw - devtmpfs none rw
23 22 0:20 / /dev/shm rw,nosuid - tmpfs none rw
24 21 254:1 / /data rw shared:1 - xfs /dev/vdb rw";

    #[test]
    fn the_deepest_mount_counts() {
        let named = |folder: &str| file_system(MOUNTS, Path::new(folder));
        assert_eq!(named("/dev/shm/bench"), Some("tmpfs"));
        assert_eq!(named("/data"), Some("xfs"));
        assert_eq!(named("/database"), Some("ext4"));
        assert_eq!(named("/"), Some("ext4"));
    }

    #[test]
    fn a_folder_in_memory_is_refused_where_a_real_one_is_asked_for() {
        let Ok(disk) = Disk::under(Path::new("/dev/shm"), false) else {
            return;
        };
        if IN_MEMORY.contains(&disk.file_system.as_str()) {
            let problem = Disk::under(Path::new("/dev/shm"), true).unwrap_err();
            assert!(problem.contains("name a folder on a disk"), "{problem}");
        }
    }

    #[test]
    fn each_write_is_timed_and_the_file_goes() {
        let folder = std::env::temp_dir().join(format!("outcry-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let disk = Disk::under(&folder, false).unwrap();
        let times = disk.sync_times(PAGE_BYTES).unwrap();
        assert_eq!(times.len(), WRITES);
        // No system call takes less.
        assert!(times.min() > 50, "{} ns", times.min());
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        std::fs::remove_dir(&folder).unwrap();
    }
}
