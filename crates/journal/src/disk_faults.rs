//! A disk in memory that fails and forgets by order, for tests.
//!
//! It keeps apart what was written and what was synced, for the bytes of files and for the names in
//! folders. [`FaultyDisk::kill`] ends the processes that use it and keeps both, as the page cache
//! does; [`FaultyDisk::lose_power`] keeps what was synced and, sector by sector, any part of the
//! rest. A failed sync leaves the bytes readable, and never writes them, not at the next sync
//! either, as kernels do. The Nth call can be told to fail. Equal seeds give equal disks.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::disk::{Disk, OpenMode};

mod beside;
mod calls;

pub use beside::Beside;

/// The unit that a disk writes wholly or not at all, in bytes.
const SECTOR: usize = 512;

/// What the planned call does instead of its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The device fails (`EIO`); of a write, a part was done.
    Device,
    /// The disk is full (`ENOSPC`) for this call and every later write; elsewhere as `Device`.
    Full,
    /// A write takes half of its bytes, and every later write finds the disk full; elsewhere as
    /// `Device`.
    Short,
    /// A write takes half of its bytes, and later ones are whole; elsewhere as `Device`.
    Part,
}

/// The calls of a disk, to choose which of them fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(
    missing_docs,
    reason = "each is named as the method that it stands for"
)]
pub enum Call {
    Open,
    List,
    Rename,
    Remove,
    CreateDir,
    SyncDir,
    Length,
    FreeSpace,
    Lock,
    Read,
    Write,
    SyncData,
    SetLen,
    Len,
}

/// What a power failure does with what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// All of it is gone.
    All,
    /// Each sector and each change of a name is kept or lost by this seed.
    Some(u64),
}

/// A disk in memory; clones are the same disk.
#[derive(Clone, Default)]
pub struct FaultyDisk(Arc<Mutex<State>>);

#[derive(Clone, Default)]
struct State {
    files: Vec<Content>,
    folders: BTreeSet<PathBuf>,
    names: BTreeMap<PathBuf, usize>,
    synced_names: BTreeMap<PathBuf, usize>,
    name_changes: Vec<NameChange>,
    locks: BTreeSet<PathBuf>,
    /// Counts the processes that have used the disk, so that a dead one's handles fail.
    generation: u64,
    calls: u64,
    plan: Option<Plan>,
    fired: Option<(Call, PathBuf)>,
    full: bool,
    lies: bool,
    /// What is told to be free; without it, much.
    free_bytes: Option<u64>,
}

#[derive(Clone, Copy)]
struct Plan {
    only: Option<Call>,
    skipped: u64,
    fault: Fault,
}

/// A file: what readers see, what the disk holds, and the writes between the two.
#[derive(Clone, Default)]
struct Content {
    cached: Vec<u8>,
    synced: Vec<u8>,
    writes: Vec<(usize, Vec<u8>)>,
}

#[derive(Clone)]
struct NameChange {
    gone: Option<PathBuf>,
    added: Option<(PathBuf, usize)>,
}

impl FaultyDisk {
    /// An empty disk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Another disk with the same content, without locks and plans.
    #[must_use]
    pub fn fork(&self) -> Self {
        let mut state = self.state().clone();
        state.locks.clear();
        (state.plan, state.fired, state.full) = (None, None, false);
        state.calls = 0;
        Self(Arc::new(Mutex::new(state)))
    }

    /// Makes the call fail that comes after this many others (0: the next one).
    pub fn fail_after(&self, calls: u64, fault: Fault) {
        self.plan(None, calls, fault);
    }

    /// Makes the call of this kind fail that comes after this many others of its kind.
    pub fn fail_call(&self, call: Call, after: u64, fault: Fault) {
        self.plan(Some(call), after, fault);
    }

    fn plan(&self, only: Option<Call>, skipped: u64, fault: Fault) {
        let mut state = self.state();
        state.fired = None;
        state.plan = Some(Plan {
            only,
            skipped,
            fault,
        });
    }

    /// Makes every sync of a file from now on do nothing and answer well, as some disks do: what a
    /// test of durability must find out.
    pub fn lie_about_syncs(&self) {
        self.state().lies = true;
    }

    /// Tells from now on that so many bytes are free; writes take none of them.
    pub fn tell_free_space(&self, bytes: u64) {
        self.state().free_bytes = Some(bytes);
    }

    /// The call that was made to fail, and its file.
    #[must_use]
    pub fn fired(&self) -> Option<(Call, PathBuf)> {
        self.state().fired.clone()
    }

    /// The calls so far.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    /// Ends every process that uses the disk: handles fail, locks are free, faults are over. What
    /// was written stays readable, and what was not synced stays so.
    pub fn kill(&self) {
        let mut state = self.state();
        state.generation += 1;
        state.locks.clear();
        (state.plan, state.full) = (None, false);
    }

    /// Ends every process and forgets what was not synced, or a part of it.
    pub fn lose_power(&self, loss: Loss) {
        self.kill();
        let mut state = self.state();
        let mut chance = Chance::new(loss);
        for change in std::mem::take(&mut state.name_changes) {
            if chance.keeps() {
                change.apply(&mut state.synced_names);
            }
        }
        state.names = state.synced_names.clone();
        for file in &mut state.files {
            file.lose_power(&mut chance);
        }
    }

    /// The bytes that a reader sees in a file, `None` if there is no such file.
    #[must_use]
    pub fn bytes(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.state();
        let place = *state.names.get(path)?;
        Some(state.files[place].cached.clone())
    }

    /// Puts a file on the disk as if it had always been there: the hand that damages or swaps.
    pub fn put(&self, path: &Path, bytes: Vec<u8>) {
        let mut state = self.state();
        let place = state.files.len();
        state.files.push(Content {
            synced: bytes.clone(),
            cached: bytes,
            writes: Vec::new(),
        });
        if let Some(folder) = path.parent() {
            state.folders.insert(folder.to_owned());
        }
        state.names.insert(path.to_owned(), place);
        state.synced_names.insert(path.to_owned(), place);
    }

    /// Takes a file from the disk as if it had never been there.
    pub fn take(&self, path: &Path) {
        let mut state = self.state();
        state.names.remove(path);
        state.synced_names.remove(path);
    }

    /// The names of all files, sorted.
    #[must_use]
    pub fn paths(&self) -> Vec<PathBuf> {
        self.state().names.keys().cloned().collect()
    }

    /// Copies all files into a folder of another disk.
    ///
    /// # Errors
    /// The first error of that disk.
    pub fn copy_to(&self, disk: &dyn Disk, folder: &Path) -> io::Result<()> {
        for path in self.paths() {
            let target = folder.join(path.strip_prefix("/").unwrap_or(&path));
            disk.create_dir(target.parent().unwrap_or(folder))?;
            let file = disk.open(&target, OpenMode::Create)?;
            crate::disk::write_full(&*file, &self.bytes(&path).unwrap_or_default(), 0)?;
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts a call, and gives the fault that is planned for it.
    fn call(&mut self, call: Call, path: &Path) -> Option<Fault> {
        self.calls += 1;
        let Plan {
            only,
            skipped,
            fault,
        } = self.plan?;
        if only.is_some_and(|kind| kind != call) {
            return None;
        }
        if skipped > 0 {
            self.plan = Some(Plan {
                only,
                skipped: skipped - 1,
                fault,
            });
            return None;
        }
        self.plan = None;
        self.fired = Some((call, path.to_owned()));
        self.full = matches!(fault, Fault::Full | Fault::Short) && call == Call::Write;
        Some(fault)
    }

    /// Counts a call that either works or fails.
    fn simple(&mut self, call: Call, path: &Path) -> io::Result<()> {
        self.call(call, path).map_or(Ok(()), |_| Err(device()))
    }

    fn place(&self, path: &Path) -> io::Result<usize> {
        let place = self.names.get(path).copied();
        place.ok_or_else(|| io::Error::from_raw_os_error(libc::ENOENT))
    }

    fn change_names(&mut self, change: NameChange) {
        change.apply(&mut self.names);
        self.name_changes.push(change);
    }
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        if let Some(path) = &self.gone {
            names.remove(path);
        }
        if let Some((path, place)) = &self.added {
            names.insert(path.clone(), *place);
        }
    }

    fn is_in(&self, folder: &Path) -> bool {
        let added = self.added.as_ref().map(|(path, _)| path);
        let mut paths = self.gone.iter().chain(added);
        paths.any(|path| path.parent() == Some(folder))
    }
}

impl Content {
    fn write(&mut self, bytes: &[u8], offset: usize) {
        overlay(&mut self.cached, bytes, offset);
        self.writes.push((offset, bytes.to_vec()));
    }

    fn sync(&mut self) {
        let length = self.cached.len();
        self.synced.resize(length, 0);
        for (offset, bytes) in std::mem::take(&mut self.writes) {
            let kept = bytes.len().min(length.saturating_sub(offset));
            overlay(&mut self.synced, &bytes[..kept], offset);
        }
    }

    /// Each sector stands as one of the writes left it, or as it was synced.
    fn lose_power(&mut self, chance: &mut Chance) {
        let writes = std::mem::take(&mut self.writes);
        let mut disk = std::mem::take(&mut self.synced);
        if chance.keeps() {
            disk.resize(self.cached.len(), 0);
        }
        let mut sectors = BTreeMap::<usize, Vec<usize>>::new();
        for (index, (offset, bytes)) in writes.iter().enumerate() {
            for sector in offset / SECTOR..(offset + bytes.len()).div_ceil(SECTOR) {
                sectors.entry(sector).or_default().push(index);
            }
        }
        for (sector, indexes) in sectors {
            let kept = chance.count(indexes.len());
            for index in &indexes[..kept] {
                let (offset, bytes) = &writes[*index];
                let range = within(sector, *offset, bytes.len(), disk.len());
                if !range.is_empty() {
                    let source = range.start - offset..range.end - offset;
                    disk[range].copy_from_slice(&bytes[source]);
                }
            }
        }
        self.cached.clone_from(&disk);
        self.synced = disk;
    }
}

/// The places in the file that a write changes within one sector.
fn within(sector: usize, offset: usize, length: usize, file: usize) -> Range<usize> {
    let start = offset.max(sector * SECTOR);
    let end = (offset + length).min((sector + 1) * SECTOR).min(file);
    start..end.max(start)
}

fn overlay(target: &mut Vec<u8>, bytes: &[u8], offset: usize) {
    let end = offset + bytes.len();
    if target.len() < end {
        target.resize(end, 0);
    }
    target[offset..end].copy_from_slice(bytes);
}

/// Numbers by a seed (`SplitMix64`); without one, nothing is kept.
struct Chance(Option<u64>);

impl Chance {
    fn new(loss: Loss) -> Self {
        Self(match loss {
            Loss::All => None,
            Loss::Some(seed) => Some(seed),
        })
    }

    fn next(&mut self) -> u64 {
        let Some(state) = &mut self.0 else { return 0 };
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn keeps(&mut self) -> bool {
        self.next() & 1 == 1
    }

    fn count(&mut self, most: usize) -> usize {
        (self.next() % (most as u64 + 1)) as usize
    }
}

fn device() -> io::Error {
    io::Error::from_raw_os_error(libc::EIO)
}

fn full() -> io::Error {
    io::Error::from_raw_os_error(libc::ENOSPC)
}

#[cfg(test)]
#[path = "disk_faults_tests.rs"]
mod tests;
