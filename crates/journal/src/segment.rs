//! The segment that is written, and how one begins.

use std::io;

use zerocopy::IntoBytes;

use crate::disk::{Disk, DiskFile, write_full};
use crate::folders::Folders;
use crate::format::{HEADER_BYTES, SegmentHeader};
use crate::halt::{Halt, HaltReason};
use crate::segment_maker::{SegmentMaker, Spare};

/// A segment that is written.
pub(crate) struct Segment {
    /// Its first sequence, which is its name.
    pub(crate) first_sequence: u64,
    pub(crate) file: Box<dyn DiskFile>,
    /// Bytes of head and frames that were written.
    pub(crate) written: u64,
    /// Bytes of the file.
    pub(crate) capacity: u64,
}

/// Begins a segment: its head is durable before it has its name, so that a name stands for a
/// segment that can be read.
///
/// # Errors
/// [`Halt`].
pub(crate) fn begin(
    disk: &dyn Disk,
    folders: &Folders,
    maker: &SegmentMaker,
    header: &SegmentHeader,
    durably: bool,
) -> Result<Segment, Halt> {
    let spare = maker.take()?;
    let named = name(disk, folders, &spare, header, durably);
    named.map_err(|error| {
        let what = format!("begin segment {}", header.first_sequence);
        Halt::from_io(HaltReason::SegmentFailed, &what, &error)
    })?;
    Ok(Segment {
        first_sequence: header.first_sequence,
        file: spare.file,
        written: HEADER_BYTES as u64,
        capacity: maker.segment_bytes(),
    })
}

fn name(
    disk: &dyn Disk,
    folders: &Folders,
    spare: &Spare,
    header: &SegmentHeader,
    durably: bool,
) -> io::Result<()> {
    write_full(&*spare.file, header.as_bytes(), 0)?;
    if durably {
        spare.file.sync_data()?;
    }
    disk.rename(&spare.path, &folders.segment(header.first_sequence))?;
    if durably {
        disk.sync_dir(&folders.journal())?;
    }
    Ok(())
}
