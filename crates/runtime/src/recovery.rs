//! From what stands on the disk to a running engine: the same way after a stop and after a crash.

use crate::options::{OptionError, Options};
use crate::rules::{self, RULES_VERSION};
use outcry_engine::{BatchError, Engine, EngineConfig, EventSink, LoadError};
use outcry_journal::{
    DirectoryLock, Frame, FrameKind, LockError, Opening, Position, ReadError, Reader, Snapshot,
    SnapshotStore, StoreError, Writer,
};
use outcry_protocol::EventRecord;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use thiserror::Error;

/// Why an exchange cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// A bound of the options.
    #[error(transparent)]
    Options(#[from] OptionError),
    /// Another process has it open, or the directory cannot be locked.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The journal is damaged, of a newer format, or cannot be read.
    #[error(transparent)]
    Journal(#[from] outcry_journal::OpenError),
    /// The journal cannot be read on behind the snapshot.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Snapshots or event log cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal was begun with another value of a rule.
    #[error("{field}: the journal was begun with {recorded}, not {asked}")]
    ConfigDiffers {
        /// The field of the engine's configuration.
        field: &'static str,
        /// What the journal says.
        recorded: u64,
        /// What was asked for.
        asked: u64,
    },
    /// Other rules can only begin behind a snapshot of all that was done under the old ones.
    #[error(
        "{field}: other rules begin behind a clean stop only: the journal ends at {sequence}, its \
         newest snapshot at {snapshot_sequence}"
    )]
    NotStopped {
        /// The first rule that differs.
        field: &'static str,
        /// Where the journal ends.
        sequence: u64,
        /// What the newest snapshot holds, 0 without one.
        snapshot_sequence: u64,
    },
    /// The journal could not begin another epoch.
    #[error(transparent)]
    Epoch(#[from] outcry_journal::Halt),
    /// The journal's rules are none that this program knows.
    #[error("rules_version: the journal has {recorded}, this program obeys {RULES_VERSION}")]
    Rules {
        /// What the journal says.
        recorded: u32,
    },
    /// Other rules begin in the middle of what had to be replayed.
    #[error("journal: other rules begin behind sequence {sequence}: no snapshot stands there")]
    OtherRules {
        /// The last command under the rules before.
        sequence: u64,
    },
    /// The journal no longer begins at the first command, and no snapshot stands for what is gone.
    #[error("{}: no good snapshot, and the journal begins at {first_sequence}", dir.display())]
    NoSnapshot {
        /// The data directory.
        dir: PathBuf,
        /// Where the journal begins.
        first_sequence: u64,
    },
    /// The journal cannot be replayed.
    #[error("journal: {0}")]
    Replay(#[from] ReplayError),
    /// A thread cannot be started.
    #[error("thread: {0}")]
    Thread(#[from] io::Error),
}

/// Why a frame of the journal cannot be replayed.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// A frame does not hold whole commands.
    #[error("in the frame of sequence {sequence}: {error}")]
    Frame {
        /// The frame's first command.
        sequence: u64,
        /// What is wrong.
        error: BatchError,
    },
    /// Replay says other events than were said when the journal was written.
    #[error("replay of sequence {sequence} gives digest {found:016x}, not {recorded:016x}")]
    Digest {
        /// The frame's last command.
        sequence: u64,
        /// What the journal says.
        recorded: u64,
        /// What replay says.
        found: u64,
    },
}

/// How an exchange came to be where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct RecoveryReport {
    /// The last command.
    pub sequence: u64,
    /// The snapshot that was taken up.
    pub snapshot_sequence: Option<u64>,
    /// The commands that were replayed behind it.
    pub replayed_commands: u64,
    /// Bytes of the journal that nobody was told of and that were cut off.
    pub cut_bytes: u64,
    /// Whether the directory was new.
    pub is_new: bool,
    /// How long it took.
    pub duration: Duration,
    /// What a person should be told, a line each.
    pub notes: Vec<String>,
    /// The configuration as it holds: the journal's rules.
    pub engine: EngineConfig,
}

/// All that an exchange begins with.
pub(crate) struct Recovered {
    pub(crate) engine: Engine,
    pub(crate) writer: Writer,
    pub(crate) snapshots: SnapshotStore,
    pub(crate) snapshot_sequence: u64,
    /// Where the journal begins.
    pub(crate) first_sequence: u64,
    pub(crate) report: RecoveryReport,
}

/// Throws events away.
pub(crate) struct Nowhere;

impl EventSink for Nowhere {
    #[inline(always)]
    fn push(&mut self, _record: &EventRecord) {}
}

/// Takes up what stands in the directory of the lock.
pub(crate) fn recover(
    dir: &Path,
    lock: &DirectoryLock,
    options: &Options,
) -> Result<Recovered, OpenError> {
    let start = Instant::now();
    let snapshots = SnapshotStore::open(Arc::clone(&options.disk), dir, options.engine.shard)?;
    let mut notes = Vec::new();
    let mut snapshot = newest(&snapshots, u64::MAX, &mut notes)?;
    let known_durable = snapshots.known_durable()?;
    let (mut writer, opening) = open_journal(lock, options, snapshot.as_ref(), known_durable)?;
    if let Some(cut) = &opening.cut {
        notes.push(cut.to_string());
    }
    let config = match check_rules(&opening, &options.engine) {
        Err(OpenError::ConfigDiffers { field, .. }) if options.may_change_rules => {
            let snapshot_sequence = snapshot
                .as_ref()
                .map_or(0, |found| found.manifest.sequence());
            change_rules(
                field,
                &mut writer,
                &opening,
                snapshot_sequence,
                &options.engine,
            )?;
            options.engine
        }
        checked => checked?,
    };
    // A snapshot may be ahead of a journal that lost what was not synced.
    while let Some(ahead) =
        snapshot.take_if(|found| found.manifest.sequence() > opening.last_sequence)
    {
        snapshot = newest(&snapshots, ahead.manifest.sequence() - 1, &mut notes)?;
    }
    let replay = Replay {
        dir,
        options,
        config,
    };
    let (engine, snapshot_sequence) = replay.newest(&snapshots, snapshot, &opening, &mut notes)?;
    check_digest(opening.last_sequence, opening.digest, &engine)?;
    let report = RecoveryReport {
        sequence: engine.sequence(),
        snapshot_sequence,
        replayed_commands: engine.sequence() - snapshot_sequence.unwrap_or(0),
        cut_bytes: opening.cut.as_ref().map_or(0, |cut| cut.bytes),
        is_new: opening.created,
        duration: start.elapsed(),
        notes,
        engine: config,
    };
    Ok(Recovered {
        engine,
        writer,
        snapshots,
        snapshot_sequence: snapshot_sequence.unwrap_or(0),
        first_sequence: opening.first_sequence,
        report,
    })
}

/// The newest good snapshot up to a sequence; what is damaged is noted.
fn newest(
    snapshots: &SnapshotStore,
    at_or_before: u64,
    notes: &mut Vec<String>,
) -> Result<Option<Snapshot>, StoreError> {
    let found = snapshots.newest_good(at_or_before)?;
    notes.extend(found.passed_over.iter().map(ToString::to_string));
    Ok(found.snapshot)
}

fn open_journal(
    lock: &DirectoryLock,
    options: &Options,
    snapshot: Option<&Snapshot>,
    known_durable: u64,
) -> Result<(Writer, Opening), outcry_journal::OpenError> {
    use crate::options::Durability as D;
    use outcry_journal::Durability as J;
    let engine = &options.engine;
    let mut journal = outcry_journal::Options::new(engine.shard, rules::rules_of(engine));
    journal.segment_bytes = options.segment_bytes;
    journal.spare_segments = options.spare_segments;
    journal.durability = match options.durability {
        D::Sync => J::Sync,
        D::Interval(every) => J::Interval(every),
        D::None => J::None,
    };
    journal.known_durable = known_durable;
    journal.scan_from = snapshot.map_or(0, |snapshot| snapshot.manifest.sequence() + 1);
    outcry_journal::open(Arc::clone(&options.disk), lock, &journal)
}

/// The configuration that the journal was begun with.
fn check_rules(opening: &Opening, asked: &EngineConfig) -> Result<EngineConfig, OpenError> {
    let unknown = OpenError::Rules {
        recorded: opening.rules.version,
    };
    if opening.rules.version != RULES_VERSION {
        return Err(unknown);
    }
    let Some(recorded) = rules::config_of(&opening.rules, asked) else {
        return Err(unknown);
    };
    match rules::difference(&recorded, asked) {
        None => Ok(recorded),
        Some((field, recorded, asked)) => Err(OpenError::ConfigDiffers {
            field,
            recorded,
            asked,
        }),
    }
}

/// Begins another epoch under the rules that are asked for.
fn change_rules(
    field: &'static str,
    writer: &mut Writer,
    opening: &Opening,
    snapshot_sequence: u64,
    asked: &EngineConfig,
) -> Result<(), OpenError> {
    let sequence = opening.last_sequence;
    if snapshot_sequence != sequence {
        return Err(OpenError::NotStopped {
            field,
            sequence,
            snapshot_sequence,
        });
    }
    writer.open_next_epoch(&rules::rules_of(asked))?;
    Ok(())
}

/// What replays need.
pub(crate) struct Replay<'a> {
    pub(crate) dir: &'a Path,
    pub(crate) options: &'a Options,
    pub(crate) config: EngineConfig,
}

impl Replay<'_> {
    /// An engine as the journal leaves it: from the newest snapshot that is of use, or from the
    /// first command.
    fn newest(
        &self,
        snapshots: &SnapshotStore,
        mut snapshot: Option<Snapshot>,
        opening: &Opening,
        notes: &mut Vec<String>,
    ) -> Result<(Engine, Option<u64>), OpenError> {
        while let Some(found) = snapshot {
            let sequence = found.manifest.sequence();
            match self.replay_behind(&found)? {
                Ok(engine) => return Ok((engine, Some(sequence))),
                Err(why) => {
                    notes.push(format!("snapshot {sequence}: passed over: {why}"));
                    snapshot = newest(snapshots, sequence.saturating_sub(1), notes)?;
                }
            }
        }
        if opening.first_sequence > 1 {
            return Err(OpenError::NoSnapshot {
                dir: self.dir.to_owned(),
                first_sequence: opening.first_sequence,
            });
        }
        Ok((self.replay_all()?, None))
    }

    /// Replays the whole journal.
    fn replay_all(&self) -> Result<Engine, OpenError> {
        let disk = Arc::clone(&self.options.disk);
        let reader = Reader::open(disk, self.dir, 1)?;
        self.run(Engine::new(self.config), reader)
    }

    /// Replays what stands behind a snapshot; the inner error says why the snapshot is of no use.
    fn replay_behind(&self, found: &Snapshot) -> Result<Result<Engine, LoadError>, OpenError> {
        let engine = match Engine::load(self.config, &found.state) {
            Ok(engine) => engine,
            Err(error) => return Ok(Err(error)),
        };
        let reader = self.reader_at(found.manifest.position)?;
        self.run(engine, reader).map(Ok)
    }

    pub(crate) fn reader_at(&self, position: Position) -> Result<Reader, ReadError> {
        Reader::at(Arc::clone(&self.options.disk), self.dir, position)
    }

    fn run(&self, mut engine: Engine, mut reader: Reader) -> Result<Engine, OpenError> {
        // Nobody wants to know which levels change; but the engine would remember them all.
        let mut levels = Vec::new();
        while let Some(frame) = reader.next(u64::MAX)? {
            if rules::differ(&frame, &self.config) {
                let sequence = engine.sequence();
                return Err(OpenError::OtherRules { sequence });
            }
            if frame.kind() != FrameKind::Commands {
                continue;
            }
            replay_frame(&mut engine, &frame)?;
            engine.take_level_changes(&mut levels);
        }
        Ok(engine)
    }
}

/// Applies a frame of commands, and compares what they say with what they said at the writing.
pub(crate) fn replay_frame(engine: &mut Engine, frame: &Frame<'_>) -> Result<(), ReplayError> {
    let applied = engine.apply_batch(frame.payload, &mut Nowhere);
    applied.map_err(|error| ReplayError::Frame {
        sequence: frame.header.first_sequence,
        error,
    })?;
    check_digest(frame.last_sequence(), frame.header.digest, engine)
}

fn check_digest(sequence: u64, recorded: u64, engine: &Engine) -> Result<(), ReplayError> {
    let found = engine.digest().0;
    if (engine.sequence(), found) == (sequence, recorded) {
        Ok(())
    } else {
        Err(ReplayError::Digest {
            sequence,
            recorded,
            found,
        })
    }
}
