//! The event log: all events, in blocks of whole commands, readable from any sequence.
//!
//! Segments in `events/` are named by their first sequence and hold blocks one behind the other,
//! each with the checksum of itself and of the block before it. Beside each stands a sparse index.
//! Nothing is synced on the way: what a crash takes is made again from the journal, and the
//! writer's opening says from where. A closed segment that was synced later has a seal at the end
//! of its index, and is not read again by an opening.

mod block;
mod format;
mod index;
mod opening;
mod reader;
mod segments;
mod watch;
mod window;
mod writer;

pub use block::{BlockStamp, EventBlock, EventPiece};
pub use format::BLOCK_BYTES_MAX;
pub use opening::EventLogOpening;
pub use reader::EventLogReader;
pub use segments::{EventRetention, event_log_oldest, retain_events, seal_event_segments};
pub use watch::EventLogWatch;
pub use writer::{EventLogOptions, EventLogWriter};

#[cfg(test)]
#[path = "event_log/fault_tests.rs"]
mod fault_tests;
#[cfg(test)]
#[path = "event_log/tests.rs"]
pub(crate) mod tests;
