//! The file `journal/durable`.

use std::io;

use crate::damage::Damage;
use crate::disk::{Disk, DiskFile, OpenMode, read_file};
use crate::folders::Folders;
use crate::format::{DurableMark, HEADER_BYTES};

/// The mark, if there is a good one. One that is torn or damaged says nothing; it is no truth of
/// its own, only the latest of several witnesses. `Ok(Err(_))` is a mark of a newer format.
///
/// # Errors
/// Why the disk cannot read it.
pub(crate) fn read_mark(
    disk: &dyn Disk,
    folders: &Folders,
) -> io::Result<Result<Option<DurableMark>, Damage>> {
    let bytes = match read_file(disk, &folders.durable(), HEADER_BYTES as u64) {
        Ok(bytes) => bytes,
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::InvalidData => return Ok(Ok(None)),
            _ => return Err(error),
        },
    };
    Ok(match DurableMark::read(&bytes) {
        Ok(mark) => Ok(Some(mark)),
        Err(why) if why.is_newer() => Err(why),
        Err(_) => Ok(None),
    })
}

/// The file of the mark, made if it is not there.
///
/// # Errors
/// That of the disk.
pub(crate) fn open_mark(disk: &dyn Disk, folders: &Folders) -> io::Result<Box<dyn DiskFile>> {
    let path = folders.durable();
    match disk.open(&path, OpenMode::Write) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        opened => return opened,
    }
    let file = disk.open(&path, OpenMode::Create)?;
    file.sync_data()?;
    disk.sync_dir(&folders.journal())?;
    Ok(file)
}
