//! How fast the engine is, measured the same way every time.
//!
//! A run takes a fresh engine with its memory touched, applies a workload in batches on one
//! thread, and hands every report through a ring to a second thread, which folds it into a hash;
//! the clock stops when the last report is folded. The hash must be the engine's own digest, and a
//! slow exact hash over all reports, taken outside the time, must be the expected one.

#![expect(
    clippy::cast_precision_loss,
    reason = "figures are for reading, far below 2^53"
)]

mod disk;
mod exact;
mod exchange;
pub mod http_load;
mod latency;
mod memory;
mod ring;
mod row;
mod throughput;

pub use exchange::{ExchangeRow, first_order};
pub use row::{Figure, Place, Row, exact_hashes, rows};

/// The compiler that made this build, as it names itself.
pub const COMPILER: &str = env!("OUTCRY_COMPILER");

/// What a benchmark could not vouch for.
pub type Problem = String;
