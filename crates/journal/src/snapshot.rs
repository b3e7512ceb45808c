//! Snapshots: the engine's state at a sequence, so that a start need not replay the whole journal.
//!
//! A snapshot is two files in `snapshots/`: the state under a head, and a manifest that says what
//! the state must be, where the journal goes on behind it, and how far that was durable. The
//! manifest gets its name last, so a state without one was never finished.

mod manifest;
mod store;
mod writer;

pub use manifest::Manifest;
pub use store::{NewestGood, PassedOver, Snapshot, SnapshotStore, Verified};
pub use writer::{SNAPSHOT_PIECE_BYTES_MAX, SnapshotPoint, SnapshotWriter};

#[cfg(test)]
#[path = "snapshot/tests.rs"]
pub(crate) mod tests;
