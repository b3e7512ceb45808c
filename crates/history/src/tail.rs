//! The commands and the events of a data directory, followed from outside.

use std::path::Path;
use std::sync::Arc;

use outcry_journal::disk::{Disk, RealDisk};
use outcry_journal::{EventLogReader, EventPiece, ReadError, StoreError};
use outcry_protocol::{DecodeError, EventError};
use outcry_runtime::{BeginningError, oldest_state};
use thiserror::Error;

use crate::commands::Commands;
use crate::fold::Fold;

/// A data directory that cannot be followed on.
#[derive(Debug, Error)]
pub enum TailError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] ReadError),
    /// The event log.
    #[error(transparent)]
    Events(#[from] StoreError),
    /// There is no state to begin with.
    #[error(transparent)]
    Beginning(#[from] BeginningError),
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

    /// Begins with the oldest command that can be followed, and the fold that goes before it;
    /// `None` while there is nothing yet.
    ///
    /// # Errors
    /// As [`Self::behind`], and [`TailError::Beginning`].
    pub fn begin(dir: &Path) -> Result<Option<(Self, Fold)>, TailError> {
        let disk: Arc<dyn Disk> = RealDisk::shared();
        let Some(engine) = oldest_state(&disk, dir)? else {
            return Ok(None);
        };
        let fold = Fold::behind(&engine);
        let first = fold.sequence() + 1;
        let tail = Self {
            commands: Commands::open_at(Arc::clone(&disk), dir, first)?,
            events: EventLogReader::open(disk, dir, first)?,
        };
        Ok(Some((tail, fold)))
    }

    /// The next events and the cursor at the first of their commands; `None` at the log's end,
    /// where the next call looks again.
    pub(crate) fn next(&mut self) -> Result<Option<(EventPiece<'_>, &mut Commands)>, TailError> {
        let Self { events, commands } = self;
        Ok(events.read()?.map(|piece| (piece, commands)))
    }
}
