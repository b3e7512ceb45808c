//! How far the journal is, for other threads.

use std::sync::atomic::{AtomicU64, Ordering};

/// Two sequences that only rise. What a thread did before it raised one is seen by whoever reads
/// the raised value (release and acquire).
#[derive(Debug, Default)]
pub struct Progress {
    released: AtomicU64,
    durable: AtomicU64,
}

impl Progress {
    pub(crate) fn new(sequence: u64) -> Self {
        Self {
            released: AtomicU64::new(sequence),
            durable: AtomicU64::new(sequence),
        }
    }

    /// The last sequence that replies and readers may show: with [`crate::Durability::Sync`] the
    /// last durable one, else the last one written.
    #[must_use]
    pub fn released(&self) -> u64 {
        self.released.load(Ordering::Acquire)
    }

    /// The last sequence that was synced.
    #[must_use]
    pub fn durable(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }

    pub(crate) fn release(&self, sequence: u64) {
        self.released.store(sequence, Ordering::Release);
    }

    pub(crate) fn make_durable(&self, sequence: u64) {
        self.durable.store(sequence, Ordering::Release);
    }
}
