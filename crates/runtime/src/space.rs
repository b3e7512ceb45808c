//! The room on the disk: while there is too little of it, commands are refused, so that what was
//! taken in can be finished and nothing halts for want of room.

use crate::shared::Shared;
use outcry_journal::SegmentMaker;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Between two looks at a disk with much room.
const LOOK_MAX: Duration = Duration::from_millis(200);
/// Between two looks at one that is nearly full.
const LOOK_MIN: Duration = Duration::from_millis(5);
/// Between two looks while commands are refused.
const LOOK_SHORT: Duration = Duration::from_millis(50);
/// A disk is taken to fill up no faster than this.
const BYTES_PER_MS_MAX: u64 = 1 << 20;
/// The events of commands take at most about so many times the commands' own bytes.
const EVENTS_OF_COMMANDS: u64 = 4;

/// What the last look at the disk found.
#[derive(Debug, Default)]
pub(crate) struct Space {
    is_short: AtomicBool,
    free_bytes: AtomicU64,
    needed_bytes: AtomicU64,
}

/// Too little room: what is free, and what has to be for commands to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shortage {
    pub(crate) free_bytes: u64,
    pub(crate) needed_bytes: u64,
}

impl Space {
    /// Why no commands are taken, if none are.
    #[inline]
    pub(crate) fn shortage(&self) -> Option<Shortage> {
        self.is_short
            .load(Ordering::Relaxed)
            .then(|| self.last_found())
    }

    /// What the last look found, short or not.
    pub(crate) fn last_found(&self) -> Shortage {
        Shortage {
            free_bytes: self.free_bytes.load(Ordering::Relaxed),
            needed_bytes: self.needed_bytes.load(Ordering::Relaxed),
        }
    }
}

/// Looks at the disk.
#[derive(Clone)]
pub(crate) struct Watch {
    shared: Arc<Shared>,
    folder: PathBuf,
    maker: SegmentMaker,
}

impl Watch {
    pub(crate) fn new(shared: Arc<Shared>, folder: &Path, maker: SegmentMaker) -> Self {
        Self {
            shared,
            folder: folder.to_owned(),
            maker,
        }
    }

    /// Looks often until the exchange halts or closes.
    pub(crate) fn work(self) {
        let shared = &self.shared;
        while !self.is_over() {
            let pause = self.look();
            shared.watch.wait(Some(pause), || self.is_over());
        }
    }

    fn is_over(&self) -> bool {
        self.shared.halt.is_set() || self.shared.stages.journal.load(Ordering::Acquire)
    }

    /// Looks now; answers when to look again.
    pub(crate) fn look(&self) -> Duration {
        // What cannot be told now is told by the next look.
        let Ok(free_bytes) = self.free_bytes() else {
            return LOOK_SHORT;
        };
        let needed_bytes = self.needed_bytes() + self.maker.unmade_bytes();
        let space = &self.shared.space;
        space.free_bytes.store(free_bytes, Ordering::Relaxed);
        space.needed_bytes.store(needed_bytes, Ordering::Relaxed);
        let is_short = free_bytes < needed_bytes;
        space.is_short.store(is_short, Ordering::Relaxed);
        if is_short {
            return LOOK_SHORT;
        }
        let pause_ms = (free_bytes - needed_bytes) / BYTES_PER_MS_MAX;
        Duration::from_millis(pause_ms).clamp(LOOK_MIN, LOOK_MAX)
    }

    /// Whether there is room for one more segment beside what is needed.
    pub(crate) fn has_room_for_segment(&self) -> bool {
        if self.shared.options.disk_reserve_bytes == 0 {
            return true;
        }
        let needed = self.needed_bytes() + self.maker.segment_bytes();
        // A disk that does not tell is found full by who writes.
        self.free_bytes().map_or(true, |free| free >= needed)
    }

    fn free_bytes(&self) -> io::Result<u64> {
        self.shared.options.disk.free_space(&self.folder)
    }

    /// What must be free for those who write beside the journal.
    fn needed_bytes(&self) -> u64 {
        let Shared {
            options, meters, ..
        } = &*self.shared;
        let follower = meters.follower_lag_bytes() * EVENTS_OF_COMMANDS;
        let snapshot = meters.unwritten_snapshot_bytes.load(Ordering::Relaxed);
        options.disk_reserve_bytes + follower + snapshot
    }
}
