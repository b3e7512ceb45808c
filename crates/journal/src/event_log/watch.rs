//! Waiting for the next block, within one process.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How far the event log is written; readers of the same process wait on it.
#[derive(Debug, Default)]
pub struct EventLogWatch {
    last_sequence: AtomicU64,
    waiting: AtomicUsize,
    closed: Mutex<bool>,
    changed: Condvar,
}

impl EventLogWatch {
    pub(super) fn new(last_sequence: u64) -> Self {
        let watch = Self::default();
        watch.last_sequence.store(last_sequence, Ordering::Release);
        watch
    }

    /// The last command whose events are written, 0 if none are. A reader finds them from now on.
    #[must_use]
    pub fn last_sequence(&self) -> u64 {
        self.last_sequence.load(Ordering::SeqCst)
    }

    /// Waits until events behind `sequence` are written, the writer is gone, or the time is over.
    /// Answers the last sequence then.
    pub fn wait_beyond(&self, sequence: u64, timeout: Duration) -> u64 {
        let deadline = Instant::now() + timeout;
        // Told before the look at the sequence: either the writer sees it, or this sees the
        // writer's.
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut closed = self.closed();
        while self.last_sequence() <= sequence && !*closed {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.changed.wait_timeout(closed, left);
            closed = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(closed);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        self.last_sequence()
    }

    pub(super) fn publish(&self, last_sequence: u64) {
        self.last_sequence.store(last_sequence, Ordering::SeqCst);
        if self.waiting.load(Ordering::SeqCst) > 0 {
            // The lock waits for those who are between their look and their sleep.
            drop(self.closed());
            self.changed.notify_all();
        }
    }

    pub(super) fn close(&self) {
        *self.closed() = true;
        self.changed.notify_all();
    }

    fn closed(&self) -> MutexGuard<'_, bool> {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
