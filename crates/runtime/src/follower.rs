//! The follower: a second engine that reads the journal as it grows.
//!
//! It writes the event log and the snapshots, so that the first engine never pauses for them, and
//! compares its digest of events with the one in each frame.

use crate::failpoint;
use crate::halt::{Halt, HaltReason};
use crate::recovery::{Nowhere, Replay};
use crate::rules;
use crate::shared::{Shared, lock};
use crate::snapshots::Snapshots;
use outcry_engine::{Engine, EngineConfig};
use outcry_journal::{
    BlockStamp, EventBlock, EventLogWriter, FrameKind, ReadError, Reader, SnapshotStore, StoreError,
};
use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The follower thread's own.
pub(crate) struct Follower {
    shared: Arc<Shared>,
    engine: Engine,
    config: EngineConfig,
    /// The last command of before the opening.
    opened_at: u64,
    reader: Reader,
    /// The event log, until it could not be written.
    log: Option<EventLogWriter>,
    block: EventBlock,
    snapshots: Snapshots,
}

/// What the follower begins with.
pub(crate) struct FollowerStart {
    pub(crate) snapshots: SnapshotStore,
    /// What the newest snapshot holds.
    pub(crate) snapshot_sequence: u64,
    pub(crate) log: EventLogWriter,
    /// The last command of before the opening.
    pub(crate) opened_at: u64,
    /// The first sequence whose events the log does not have.
    pub(crate) resume_from: u64,
    /// Where the journal begins.
    pub(crate) first_sequence: u64,
    pub(crate) config: EngineConfig,
}

impl Follower {
    /// Brings a second engine to where the event log ends.
    pub(crate) fn begin(
        shared: &Arc<Shared>,
        dir: &Path,
        mut start: FollowerStart,
    ) -> Result<Self, Halt> {
        let config = EngineConfig {
            tell_levels: false,
            ..start.config
        };
        let replay = Replay {
            dir,
            options: &shared.options,
            config,
        };
        let found = start
            .snapshots
            .newest_good(start.resume_from - 1)
            .map_err(by_store)?;
        let mut snapshot = found.snapshot;
        if snapshot.is_none() && start.first_sequence > 1 {
            // The events before the oldest command that is kept cannot be made again.
            let found = start.snapshots.newest_good(u64::MAX).map_err(by_store)?;
            snapshot = found.snapshot;
            let sequence = snapshot
                .as_ref()
                .map_or(0, |found| found.manifest.sequence());
            start.log.restart_at(sequence + 1).map_err(by_store)?;
        }
        let (engine, reader) = if let Some(found) = &snapshot {
            let engine = Engine::load(config, &found.state)
                .map_err(|error| Halt::new(HaltReason::Snapshot, error))?;
            (
                engine,
                replay.reader_at(found.manifest.position).map_err(by_read)?,
            )
        } else {
            let disk = Arc::clone(&shared.options.disk);
            (
                Engine::new(config),
                Reader::open(disk, dir, 1).map_err(by_read)?,
            )
        };
        let meter = &shared.meters.follower;
        meter.store(engine.sequence(), Ordering::Release);
        shared.stages.following.store(true, Ordering::Release);
        let sequence = start.snapshot_sequence;
        Ok(Self {
            shared: Arc::clone(shared),
            engine,
            config,
            opened_at: start.opened_at,
            reader,
            log: Some(start.log),
            block: EventBlock::new(),
            snapshots: Snapshots::new(Arc::clone(shared), start.snapshots, sequence),
        })
    }

    /// Works until the exchange halts or closes.
    pub(crate) fn work(mut self) {
        let shared = Arc::clone(&self.shared);
        match self.follow() {
            Ok(()) => {
                shared.stages.follower.store(true, Ordering::Release);
                shared.outside.wake();
            }
            Err(halt) => {
                let is_sound = halt.reason.leaves_state();
                shared.stop(halt);
                if !is_sound {
                    return;
                }
            }
        }
        if shared.may_remain() {
            self.leave();
        }
    }

    /// Goes on to the durable end, and leaves the state behind it to those who read.
    fn leave(mut self) {
        self.snapshots.abandon();
        let shared = Arc::clone(&self.shared);
        let ended = &shared.ended;
        let is_final =
            || ended.core.load(Ordering::Acquire) && ended.journal.load(Ordering::Acquire);
        while !is_final() {
            shared.outside.wait(None, is_final);
        }
        let end = shared.released();
        while self.engine.sequence() < end && !shared.is_closing() {
            let had_log = self.log.is_some();
            match self.apply_next() {
                Ok(true) => {}
                // Without its events it can go on; they are made again by the next opening.
                Err(halt) if halt.reason.leaves_state() && had_log && self.log.is_none() => {}
                Ok(false) | Err(_) => return,
            }
        }
        if self.engine.sequence() == end {
            shared.meters.show(&self.engine);
            shared.leave(Some(self.engine));
        }
    }

    fn follow(&mut self) -> Result<(), Halt> {
        while !self.shared.halt.is_set() {
            let is_last = self.shared.stages.journal.load(Ordering::Acquire);
            let worked = self.apply_or_note()?;
            if let Err(error) = self.tend_snapshots() {
                self.snapshots.abandon();
                // Another one will be tried behind the last command.
                if !self.shared.is_closing() {
                    return Err(by_store(error));
                }
            }
            if worked {
                continue;
            }
            if is_last {
                self.take_last_snapshot();
                return Ok(());
            }
            if !self.snapshots.is_writing() {
                self.sleep();
            }
        }
        Ok(())
    }

    /// Goes on with the snapshot that is being written, or begins one that is due.
    fn tend_snapshots(&mut self) -> Result<(), StoreError> {
        let sequence = self.engine.sequence();
        let lag = self.shared.progress.released().saturating_sub(sequence);
        self.snapshots.go_on(lag)?;
        if self.snapshots.is_due(sequence) {
            self.snapshots.begin(&self.engine, self.reader.position())?;
        }
        Ok(())
    }

    /// [`Self::apply_next`], but that events which cannot be written keep nobody from closing: the
    /// next opening makes them of the journal, which is whole.
    fn apply_or_note(&mut self) -> Result<bool, Halt> {
        let had_log = self.log.is_some();
        match self.apply_next() {
            Err(halt) if had_log && self.log.is_none() && self.shared.is_closing() => {
                self.note("events", &halt.detail);
                Ok(true)
            }
            applied => applied,
        }
    }

    /// Takes the snapshot of a close; one that cannot be written is noted likewise.
    fn take_last_snapshot(&mut self) {
        let position = self.reader.position();
        if let Err(error) = self.snapshots.take_last(&self.engine, position) {
            self.snapshots.abandon();
            self.note("last snapshot", &error);
        }
    }

    fn note(&self, what: &str, why: &dyn Display) {
        let note = format!("{what}: not written, the next opening makes up for it: {why}");
        lock(&self.shared.meters.closing_notes).push(note);
    }

    fn sleep(&self) {
        let Self {
            shared,
            engine,
            snapshots,
            ..
        } = self;
        let sequence = engine.sequence();
        // Nobody waits for the follower, so it sleeps where others spin.
        shared.follower.wait(snapshots.sleep_max(sequence), || {
            shared.halt.is_set()
                || shared.progress.released() > sequence
                || shared.stages.journal.load(Ordering::Acquire)
                || snapshots.is_due(sequence)
        });
    }

    /// Applies the next frame that is durable; answers whether there was one.
    fn apply_next(&mut self) -> Result<bool, Halt> {
        let Self {
            shared,
            engine,
            reader,
            log,
            block,
            config,
            opened_at,
            ..
        } = self;
        let Some(frame) = reader.next(shared.released()).map_err(by_read)? else {
            return Ok(false);
        };
        if frame.kind() != FrameKind::Commands {
            if rules::differ(&frame, config) {
                let detail = format!("other rules begin behind sequence {}", engine.sequence());
                return Err(Halt::new(HaltReason::Follower, detail));
            }
            return Ok(true);
        }
        let header = &frame.header;
        let last_sequence = frame.last_sequence();
        let is_wanted = |log: &EventLogWriter| last_sequence >= log.next_sequence();
        let tells = log.as_ref().is_some_and(is_wanted);
        let applied = if tells {
            engine.apply_batch(frame.payload, block.records())
        } else {
            engine.apply_batch(frame.payload, &mut Nowhere)
        };
        applied.map_err(|error| {
            let first = header.first_sequence;
            Halt::new(
                HaltReason::JournalDamage,
                format!("the frame of sequence {first}: {error}"),
            )
        })?;
        let digest = engine.digest().0 ^ shared.meters.planted_digest(last_sequence);
        if (engine.sequence(), digest) != (last_sequence, header.digest) {
            return Err(differs(last_sequence, header.digest, digest));
        }
        failpoint::pass("follower.after_apply");
        if tells && let Some(writer) = log {
            let stamp = BlockStamp {
                first_sequence: header.first_sequence,
                last_sequence,
                time_ns: header.time_ns,
                digest,
                epoch: header.epoch,
            };
            if let Err(error) = writer.append(block, &stamp) {
                *log = None;
                return Err(by_store(error));
            }
            failpoint::pass("follower.after_event_log");
        }
        let meters = &shared.meters;
        meters.follower.store(last_sequence, Ordering::Release);
        if header.first_sequence > *opened_at {
            let bytes = frame.payload.len() as u64;
            meters.followed_bytes.fetch_add(bytes, Ordering::AcqRel);
        }
        Ok(true)
    }
}

fn differs(sequence: u64, recorded: u64, found: u64) -> Halt {
    let detail = format!(
        "behind sequence {sequence} the writer's digest is {recorded:016x}, the follower's \
         {found:016x}"
    );
    Halt::new(HaltReason::DigestMismatch, detail)
}

fn by_read(error: ReadError) -> Halt {
    match error {
        ReadError::Disk { .. } => Halt::new(HaltReason::Follower, error),
        error => Halt::new(HaltReason::JournalDamage, error),
    }
}

/// The halt for snapshots and event log: a full disk is named as such.
pub(crate) fn by_store(error: StoreError) -> Halt {
    let halt = error.halt();
    let reason = match halt.reason {
        outcry_journal::HaltReason::DiskFull => HaltReason::DiskFull,
        outcry_journal::HaltReason::ShortWrite => HaltReason::ShortWrite,
        outcry_journal::HaltReason::FileSizeLimit => HaltReason::FileSizeLimit,
        _ => HaltReason::Follower,
    };
    Halt::new(reason, error)
}
