//! The commands and the events of a data directory, followed from outside.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use outcry_journal::disk::{Disk, RealDisk};
use outcry_journal::{
    EventLogReader, EventPiece, Folders, ReadError, StoreError, event_log_oldest, segments,
};
use outcry_protocol::{DecodeError, EventError};
use thiserror::Error;

use crate::commands::Commands;

/// A data directory that cannot be followed on.
#[derive(Debug, Error)]
pub enum TailError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] ReadError),
    /// The event log.
    #[error(transparent)]
    Events(#[from] StoreError),
    /// The folders could not be listed.
    #[error("list {}: {error}", folder.display())]
    List {
        /// The data directory.
        folder: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The journal ends before the event log does.
    #[error("the journal ends before sequence {next_sequence}, of which there are events")]
    EndsEarly {
        /// The first command that is not there.
        next_sequence: u64,
    },
    /// A frame of the journal holds no whole commands.
    #[error("sequence {sequence}: {error}")]
    Command {
        /// The command.
        sequence: u64,
        /// What is wrong.
        error: DecodeError,
    },
    /// A record of the event log is no event.
    #[error("behind sequence {sequence}: {error}")]
    Event {
        /// The last command whose events were read.
        sequence: u64,
        /// What is wrong.
        error: EventError,
    },
    /// What was folded is not what the journal holds there: it was repaired, or another one.
    #[error("the journal does not hold what was read up to sequence {sequence}")]
    OtherPast {
        /// The last command that was read.
        sequence: u64,
    },
}

/// Follows the journal and the event log of a data directory, without its lock.
pub struct Tail {
    events: EventLogReader,
    commands: Commands,
}

impl Tail {
    /// The oldest command that is still kept with its events; `None` while there is none.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn oldest(dir: &Path) -> Result<Option<u64>, TailError> {
        let disk = RealDisk::shared();
        let found = segments(&*disk, &Folders::new(dir)).map_err(|error| TailError::List {
            folder: dir.to_owned(),
            error,
        })?;
        let commands = found.first().map(|segment| segment.first_sequence);
        let events = event_log_oldest(disk, dir)?;
        Ok(commands
            .zip(events)
            .map(|(command, event)| command.max(event)))
    }

    /// Goes on behind the command `after`, whose digest of all events so far was `digest`.
    ///
    /// # Errors
    /// [`TailError::OtherPast`] if the journal says another digest there, or ends before it.
    pub fn behind(dir: &Path, after: u64, digest: u64) -> Result<Self, TailError> {
        let disk: Arc<dyn Disk> = RealDisk::shared();
        let commands = match Commands::open(Arc::clone(&disk), dir, after) {
            Ok((commands, Some(mark))) if mark.digest == digest => commands,
            Ok(_) => return Err(TailError::OtherPast { sequence: after }),
            // What this has applied may have been removed, but for the next command.
            Err(TailError::Journal(ReadError::Missing { .. })) => {
                Commands::open_at(Arc::clone(&disk), dir, after + 1)?
            }
            Err(error) => return Err(error),
        };
        let events = EventLogReader::open(disk, dir, after + 1)?;
        Ok(Self { events, commands })
    }

    /// Begins with a command, the oldest that is kept or a later one.
    ///
    /// # Errors
    /// As [`Self::behind`].
    pub fn from(dir: &Path, sequence: u64) -> Result<Self, TailError> {
        let disk: Arc<dyn Disk> = RealDisk::shared();
        Ok(Self {
            commands: Commands::open_at(Arc::clone(&disk), dir, sequence)?,
            events: EventLogReader::open(disk, dir, sequence)?,
        })
    }

    /// The next events and the cursor at the first of their commands; `None` at the log's end,
    /// where the next call looks again.
    pub(crate) fn next(&mut self) -> Result<Option<(EventPiece<'_>, &mut Commands)>, TailError> {
        let Self { events, commands } = self;
        Ok(events.read()?.map(|piece| (piece, commands)))
    }
}
