//! The calls of the disk that fails by order.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::MutexGuard;

use super::{Call, Content, Fault, FaultyDisk, NameChange, State, device, full};
use crate::disk::{Disk, DiskFile, LockAttempt, OpenMode};

impl Disk for FaultyDisk {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        match state.call(Call::Open, path) {
            None => {}
            Some(Fault::Full) if mode == OpenMode::Create => return Err(full()),
            Some(_) => return Err(device()),
        }
        let place = match mode {
            OpenMode::Read | OpenMode::Write => state.place(path)?,
            OpenMode::Create => {
                let place = state.files.len();
                state.files.push(Content::default());
                state.change_names(NameChange {
                    gone: None,
                    added: Some((path.to_owned(), place)),
                });
                place
            }
        };
        Ok(Box::new(FaultyFile {
            disk: self.clone(),
            path: path.to_owned(),
            place,
            generation: state.generation,
            writes: mode != OpenMode::Read,
        }))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        let mut state = self.state();
        state.simple(Call::List, folder)?;
        if !state.folders.contains(folder) {
            return Err(io::Error::from_raw_os_error(libc::ENOENT));
        }
        let paths = state.names.keys().chain(&state.folders);
        let inside = paths.filter(|path| path.parent() == Some(folder));
        let names: BTreeSet<_> = inside.filter_map(|path| path.file_name()).collect();
        Ok(names.into_iter().map(OsString::from).collect())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.simple(Call::Rename, from)?;
        let place = state.place(from)?;
        state.change_names(NameChange {
            gone: Some(from.to_owned()),
            added: Some((to.to_owned(), place)),
        });
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.simple(Call::Remove, path)?;
        state.place(path)?;
        state.change_names(NameChange {
            gone: Some(path.to_owned()),
            added: None,
        });
        Ok(())
    }

    fn create_dir(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.simple(Call::CreateDir, folder)?;
        state
            .folders
            .extend(folder.ancestors().map(Path::to_path_buf));
        Ok(())
    }

    fn sync_dir(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.simple(Call::SyncDir, folder)?;
        let changes = std::mem::take(&mut state.name_changes);
        let (written, left): (Vec<_>, _) =
            changes.into_iter().partition(|change| change.is_in(folder));
        state.name_changes = left;
        for change in written {
            change.apply(&mut state.synced_names);
        }
        Ok(())
    }

    fn length(&self, path: &Path) -> io::Result<u64> {
        let mut state = self.state();
        state.simple(Call::Length, path)?;
        let place = state.place(path)?;
        Ok(state.files[place].cached.len() as u64)
    }

    fn free_space(&self, folder: &Path) -> io::Result<u64> {
        let mut state = self.state();
        state.simple(Call::FreeSpace, folder)?;
        let told = state.free_bytes.unwrap_or(1 << 40);
        Ok(if state.full { 0 } else { told })
    }

    fn lock(&self, path: &Path) -> io::Result<LockAttempt> {
        let mut state = self.state();
        state.simple(Call::Lock, path)?;
        if !state.locks.insert(path.to_owned()) {
            return Ok(LockAttempt::Held(Some(std::process::id())));
        }
        Ok(LockAttempt::Taken(Box::new(FaultyLock {
            disk: self.clone(),
            path: path.to_owned(),
            generation: state.generation,
        })))
    }
}

struct FaultyLock {
    disk: FaultyDisk,
    path: PathBuf,
    generation: u64,
}

impl Drop for FaultyLock {
    fn drop(&mut self) {
        let mut state = self.disk.state();
        if state.generation == self.generation {
            state.locks.remove(&self.path);
        }
    }
}

struct FaultyFile {
    disk: FaultyDisk,
    path: PathBuf,
    place: usize,
    generation: u64,
    writes: bool,
}

impl FaultyFile {
    /// Counts a call of a handle; those of ended processes fail, and so do writes to read handles.
    fn call(&self, call: Call) -> io::Result<(MutexGuard<'_, State>, Option<Fault>)> {
        let mut state = self.disk.state();
        if state.generation != self.generation {
            return Err(io::Error::from_raw_os_error(libc::ESTALE));
        }
        if !self.writes && matches!(call, Call::Write | Call::SetLen) {
            return Err(io::Error::from_raw_os_error(libc::EBADF));
        }
        let fault = state.call(call, &self.path);
        Ok((state, fault))
    }

    fn simple(&self, call: Call) -> io::Result<MutexGuard<'_, State>> {
        let (state, fault) = self.call(call)?;
        fault.map_or(Ok(state), |_| Err(device()))
    }
}

impl DiskFile for FaultyFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.simple(Call::Read)?;
        let bytes = &state.files[self.place].cached;
        let start = usize::try_from(offset).map_or(bytes.len(), |offset| offset.min(bytes.len()));
        let count = buffer.len().min(bytes.len() - start);
        buffer[..count].copy_from_slice(&bytes[start..start + count]);
        Ok(count)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let was_full = self.disk.state().full;
        let (mut state, fault) = self.call(Call::Write)?;
        if was_full {
            return Err(full());
        }
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let half = bytes.len() / 2;
        let file = &mut state.files[self.place];
        match fault {
            None => {
                file.write(bytes, offset);
                Ok(bytes.len())
            }
            Some(Fault::Full) => Err(full()),
            Some(Fault::Short | Fault::Part) => {
                file.write(&bytes[..half], offset);
                Ok(half)
            }
            Some(Fault::Device) => {
                file.write(&bytes[..half], offset);
                Err(device())
            }
        }
    }

    fn sync_data(&self) -> io::Result<()> {
        let (mut state, fault) = self.call(Call::SyncData)?;
        if fault.is_some() {
            // The pages count as clean from now on: no later sync will write them.
            state.files[self.place].writes.clear();
            return Err(device());
        }
        if !state.lies {
            state.files[self.place].sync();
        }
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let (mut state, fault) = self.call(Call::SetLen)?;
        match fault {
            None => {}
            Some(Fault::Full) => return Err(full()),
            Some(_) => return Err(device()),
        }
        let length = usize::try_from(length).map_err(io::Error::other)?;
        state.files[self.place].cached.resize(length, 0);
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        let state = self.simple(Call::Len)?;
        Ok(state.files[self.place].cached.len() as u64)
    }
}
