//! The housekeeper: makes the journal's next segment, and later archives and removes what is old.

use crate::shared::Shared;
use outcry_journal::SegmentMaker;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The longest wait before it looks whether the exchange has stopped.
const LOOK: Duration = Duration::from_millis(100);

/// The housekeeper's own.
pub(crate) struct Housekeeper {
    shared: Arc<Shared>,
    maker: SegmentMaker,
}

impl Housekeeper {
    pub(crate) fn new(shared: Arc<Shared>, maker: SegmentMaker) -> Self {
        Self { shared, maker }
    }

    /// Works until the exchange halts or closes.
    pub(crate) fn work(self) {
        while !self.is_over() {
            if self.maker.wait(LOOK)
                && let Err(halt) = self.maker.make()
            {
                return self.shared.stop_by_journal(&halt);
            }
        }
    }

    fn is_over(&self) -> bool {
        self.shared.halt.is_set() || self.shared.stages.journal.load(Ordering::Acquire)
    }
}
