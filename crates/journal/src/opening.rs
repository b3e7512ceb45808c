//! Opening a journal: where it ends, whether that is where it must, and what is cut.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use crate::damage::Damage;
use crate::disk::Disk;
use crate::halt::Halt;
use crate::lock::DirectoryLock;
use crate::opener::Opener;
use crate::options::Options;
use crate::reader::ReadError;
use crate::rules::Rules;
use crate::scan::Scan;
use crate::tail::Tail;
use crate::writer::Writer;

/// What was found and done when a journal was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Whether the journal was made.
    pub created: bool,
    /// The first sequence of the oldest segment that is kept, archived or not.
    pub first_sequence: u64,
    /// The last sequence, 0 before the first command.
    pub last_sequence: u64,
    /// The epoch.
    pub epoch: u32,
    /// The rules of the epoch.
    pub rules: Rules,
    /// Engine time after the last frame, ns.
    pub time_ns: u64,
    /// The digest of the engine's events after the last frame.
    pub digest: u64,
    /// The durable end that was recorded, in the mark, in frames or as the options know it.
    pub durable_sequence: u64,
    /// What was cut behind the recorded durable end.
    pub cut: Option<Cut>,
}

/// An unsealed tail that was cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The segment's file.
    pub file: PathBuf,
    /// Where the cut is, in bytes from the segment's start.
    pub offset: u64,
    /// Bytes up to the last one that was not zero.
    pub bytes: u64,
    /// Good frames that stood behind the damage.
    pub frames: u64,
    /// The first and the last sequence of those.
    pub sequences: Option<(u64, u64)>,
    /// What is wrong at the cut.
    pub why: Damage,
}

impl Cut {
    /// What is to be cut behind what was read, if anything.
    pub(crate) fn of(scan: &Scan, tail: &Tail, file: PathBuf) -> Option<Self> {
        (tail.bytes > 0).then(|| Self {
            file,
            offset: scan.end.offset,
            bytes: tail.bytes,
            frames: tail.frames,
            sequences: tail.sequences,
            why: scan.damage().unwrap_or(Damage::Tail),
        })
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, offset) = (self.file.display(), self.offset);
        let (bytes, why) = (self.bytes, self.why);
        write!(
            formatter,
            "cut {bytes} bytes of {file} at offset {offset}: {why}"
        )?;
        if self.frames > 0 {
            let frames = self.frames;
            write!(formatter, "; {frames} good frames stood behind the damage")?;
        }
        if let Some((first, last)) = self.sequences {
            write!(formatter, ", sequences {first} to {last}")?;
        }
        Ok(())
    }
}

/// A journal that must not be written on.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Damage at or before the durable end. A person decides: restore it, or `repair`.
    #[error(
        "{}: offset {offset}: {why}; the journal was durable up to sequence {durable_sequence}",
        file.display()
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// Bytes from its start.
        offset: u64,
        /// What is wrong there.
        why: Damage,
        /// The recorded durable end.
        durable_sequence: u64,
    },
    /// A segment that must be there is not.
    #[error("{}: the segment that holds sequence {sequence} is missing", dir.display())]
    Missing {
        /// The data directory.
        dir: PathBuf,
        /// The first sequence that is missing.
        sequence: u64,
    },
    /// A newer program wrote this.
    #[error("{}: a newer format: {why}", file.display())]
    Newer {
        /// The file.
        file: PathBuf,
        /// Which format.
        why: Damage,
    },
    /// The journal of another shard.
    #[error("shard: the journal is that of shard {found}, not {expected}")]
    OtherShard {
        /// As the options say.
        expected: u32,
        /// As the journal says.
        found: u32,
    },
    /// Options out of their bounds.
    #[error("{0}")]
    Options(String),
    /// The disk refused.
    #[error("{}: {error}", file.display())]
    Disk {
        /// The file or folder.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The writer halted on its first steps.
    #[error(transparent)]
    Halt(#[from] Halt),
}

impl OpenError {
    /// An error of the reader, in a journal that was durable up to this sequence.
    pub(crate) fn from_read(error: ReadError, durable_sequence: u64) -> Self {
        match error {
            ReadError::Damaged { file, why, .. } if why.is_newer() => Self::Newer { file, why },
            ReadError::Damaged { file, offset, why } => Self::Damaged {
                file,
                offset,
                why,
                durable_sequence,
            },
            ReadError::Missing { dir, sequence } => Self::Missing { dir, sequence },
            ReadError::Disk { file, error } => Self::Disk { file, error },
        }
    }
}

/// Opens the journal of a locked data directory, or makes it. All that is found good is durable
/// before it answers. Commands are replayed afterwards, by a [`crate::Reader`].
///
/// Behind the recorded durable end an unsealed tail is cut, overwritten with zeros and told. Damage
/// at or before it, a missing segment, or damage with a later segment behind it, is an error.
///
/// # Errors
/// [`OpenError`]; what the journal holds up to its durable end was not changed.
pub fn open(
    disk: Arc<dyn Disk>,
    lock: &DirectoryLock,
    options: &Options,
) -> Result<(Writer, Opening), OpenError> {
    options.check().map_err(OpenError::Options)?;
    let opener = Opener {
        disk,
        folders: lock.folders().clone(),
        options,
    };
    opener.open()
}
