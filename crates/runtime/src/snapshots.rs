//! When the follower takes snapshots, and how it writes them beside its own work.

use crate::failpoint;
use crate::shared::{Shared, lock};
use crate::status::SnapshotStatus;
use outcry_engine::Engine;
use outcry_journal::{
    Position, SNAPSHOT_PIECE_BYTES_MAX, SnapshotPoint, SnapshotStore, SnapshotWriter, StoreError,
};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::rules::RULES_VERSION;

/// Between two looks whether there is room for one again.
const ROOM_LOOK: Duration = Duration::from_millis(200);
/// The interval is at least so many times what a snapshot took.
const STRETCH: u32 = 10;
/// Commands that the follower may be behind before pieces of a snapshot come more seldom.
const LAG_COMMANDS: u64 = 500_000;
/// How many times what a piece took the follower goes on with commands before the next: usually,
/// and when it is behind.
const PACE: u32 = 1;
const PACE_BEHIND: u32 = 8;

/// Takes snapshots of the follower's engine.
pub(crate) struct Snapshots {
    shared: Arc<Shared>,
    store: SnapshotStore,
    /// The state of the snapshot that is being written; its memory is kept for the next.
    state: Vec<u8>,
    writing: Option<Writing>,
    /// What the newest snapshot holds.
    last_sequence: u64,
    next_due: Instant,
}

struct Writing {
    writer: SnapshotWriter,
    sequence: u64,
    written: usize,
    start: Instant,
    /// When the next piece may be written.
    next_piece: Instant,
}

impl Snapshots {
    pub(crate) fn new(shared: Arc<Shared>, store: SnapshotStore, last_sequence: u64) -> Self {
        let interval_ms = shared.options.snapshot_interval_ms;
        lock(&shared.meters.snapshot).0 = SnapshotStatus {
            sequence: last_sequence,
            interval_ms,
            ..SnapshotStatus::default()
        };
        Self {
            next_due: Instant::now() + Duration::from_millis(interval_ms),
            shared,
            store,
            state: Vec::new(),
            writing: None,
            last_sequence,
        }
    }

    /// Whether one should begin now.
    pub(crate) fn is_due(&self, sequence: u64) -> bool {
        if self.writing.is_some() || sequence == self.last_sequence {
            return false;
        }
        let is_wanted = self.shared.meters.snapshot_wanted.load(Ordering::Acquire);
        is_wanted || (self.keeps_interval() && Instant::now() >= self.next_due)
    }

    /// Whether one is taken every so often. A disk with too little room has none for it.
    fn keeps_interval(&self) -> bool {
        let Shared { options, space, .. } = &*self.shared;
        options.snapshot_interval_ms > 0 && space.shortage().is_none()
    }

    /// How long an idle follower may sleep before one is due or goes on.
    pub(crate) fn sleep_max(&self, sequence: u64) -> Option<Duration> {
        let has_interval = self.shared.options.snapshot_interval_ms > 0;
        (has_interval && sequence != self.last_sequence).then(|| {
            let left = self.next_due.saturating_duration_since(Instant::now());
            if self.keeps_interval() {
                left
            } else {
                left.max(ROOM_LOOK)
            }
        })
    }

    pub(crate) const fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    /// Takes the state as it stands and begins to write it.
    pub(crate) fn begin(&mut self, engine: &Engine, position: Position) -> Result<(), StoreError> {
        let start = Instant::now();
        failpoint::pass("snapshot.before_write");
        self.shared
            .meters
            .snapshot_wanted
            .store(false, Ordering::Release);
        let writer = self.store.begin(&SnapshotPoint {
            rules_version: RULES_VERSION,
            time_ns: engine.time_ns(),
            digest: engine.digest().0,
            durable_sequence: self.shared.progress.durable(),
            position,
        })?;
        self.state.clear();
        let state = &mut self.state;
        engine.save(&mut |bytes| state.extend_from_slice(bytes));
        self.note_unwritten(0);
        self.writing = Some(Writing {
            writer,
            sequence: engine.sequence(),
            written: 0,
            start,
            next_piece: start,
        });
        Ok(())
    }

    /// Writes the next piece, if its time has come; the last one finishes the snapshot.
    pub(crate) fn go_on(&mut self, lag_commands: u64) -> Result<(), StoreError> {
        let Some(writing) = &mut self.writing else {
            return Ok(());
        };
        let start = Instant::now();
        if start < writing.next_piece {
            return Ok(());
        }
        let rest = &self.state[writing.written..];
        let piece = &rest[..rest.len().min(SNAPSHOT_PIECE_BYTES_MAX)];
        writing.writer.write_piece(piece)?;
        writing.written += piece.len();
        let written = writing.written;
        let pace = if lag_commands > LAG_COMMANDS {
            PACE_BEHIND
        } else {
            PACE
        };
        let took = start.elapsed();
        writing.next_piece = start + took + took * pace;
        self.note_unwritten(written);
        if written == self.state.len() {
            self.finish()?;
        }
        Ok(())
    }

    fn note_unwritten(&self, written: usize) {
        let unwritten = (self.state.len() - written) as u64;
        let meter = &self.shared.meters.unwritten_snapshot_bytes;
        meter.store(unwritten, Ordering::Relaxed);
    }

    /// Gives up the one that is being written, so that it takes nothing of the disk.
    pub(crate) fn abandon(&mut self) {
        if let Some(writing) = self.writing.take() {
            // One that cannot be removed is so by the next opening.
            let _ = writing.writer.abandon();
        }
    }

    /// Writes one to its end, whatever else there is to do, unless the newest is as good.
    pub(crate) fn take_last(
        &mut self,
        engine: &Engine,
        position: Position,
    ) -> Result<(), StoreError> {
        self.finish_writing()?;
        if engine.sequence() != self.last_sequence {
            self.begin(engine, position)?;
            self.finish_writing()?;
        }
        Ok(())
    }

    fn finish_writing(&mut self) -> Result<(), StoreError> {
        while let Some(writing) = &mut self.writing {
            writing.next_piece = writing.start;
            self.go_on(0)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), StoreError> {
        let Some(writing) = self.writing.take() else {
            return Ok(());
        };
        writing.writer.finish()?;
        // The next one will be about as long.
        self.note_unwritten(0);
        failpoint::pass("snapshot.after_write");
        self.last_sequence = writing.sequence;
        let took = writing.start.elapsed();
        let usual = Duration::from_millis(self.shared.options.snapshot_interval_ms);
        let interval = usual.max(took * STRETCH);
        self.next_due = writing.start + interval;
        let mut snapshot = lock(&self.shared.meters.snapshot);
        let taken = snapshot.0.taken + 1;
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        *snapshot = (
            SnapshotStatus {
                sequence: writing.sequence,
                age_ms: 0,
                duration_ms: milliseconds(took),
                interval_ms: milliseconds(interval),
                is_stretched: interval > usual,
                bytes: self.state.len() as u64,
                taken,
            },
            Some(Instant::now()),
        );
        drop(snapshot);
        self.shared.outside.wake();
        Ok(())
    }
}
