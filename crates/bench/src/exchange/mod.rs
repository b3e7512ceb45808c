//! The exchange in one process: journal, follower, snapshots and all.

mod durable;
mod open_loop;
mod recovery;
mod replay;
mod venue;

use crate::disk::Disk;
use crate::{Figure, Place, Problem};

pub use recovery::first_order;

/// A row that is measured on an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExchangeRow {
    /// Durable commands a second.
    Durable,
    /// Reply times at a fixed rate.
    OpenLoop,
    /// The same while snapshots of many orders are taken.
    OpenLoopSnapshots,
    /// From the start of a process to its first order.
    Recovery,
    /// Replay of a journal.
    Replay,
}

/// A deep book takes seconds to make: such rows are measured no more often than this.
const DEEP_RUNS_MAX: usize = 5;

impl ExchangeRow {
    /// Every row.
    pub(crate) const ALL: [Self; 5] = [
        Self::Durable,
        Self::OpenLoop,
        Self::OpenLoopSnapshots,
        Self::Recovery,
        Self::Replay,
    ];

    /// The name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Durable => "exchange/durable",
            Self::OpenLoop => open_loop::PLAIN.name,
            Self::OpenLoopSnapshots => open_loop::SNAPSHOTS.name,
            Self::Recovery => "recovery/1m_orders",
            Self::Replay => "journal/replay",
        }
    }

    /// Measures the row; a count above 0 cuts it short, and then the folder need not be on a disk.
    pub(crate) fn measure(
        self,
        place: &Place,
        runs: usize,
        count: usize,
    ) -> Result<Vec<Figure>, Problem> {
        let disk = Disk::under(&place.folder, count == 0)?;
        let deep_runs = runs.min(DEEP_RUNS_MAX);
        match self {
            Self::Durable => durable::measure(&disk, runs, count).map(|figure| vec![figure]),
            Self::OpenLoop => open_loop::measure(&open_loop::PLAIN, &disk, runs, count),
            Self::OpenLoopSnapshots => {
                open_loop::measure(&open_loop::SNAPSHOTS, &disk, deep_runs, count)
            }
            Self::Recovery => {
                let figure = recovery::measure(&disk, &place.child, deep_runs, count)?;
                Ok(vec![figure])
            }
            Self::Replay => replay::measure(&disk, runs, count).map(|figure| vec![figure]),
        }
    }
}
