//! The archive: closed segments of the journal, compressed.
//!
//! A segment is archived behind a verified snapshot: compressed into a temporary file, read back
//! and walked frame by frame, synced, named, and only then removed where it stood plain. The file
//! is a zstd file whose first, skippable frame is a head; what it decompresses to is the segment.

mod format;
mod job;
mod walk;

pub use job::{ArchiveJob, Archived, archivable};

pub(crate) use format::ArchiveHead;

#[cfg(test)]
#[path = "archive/tests.rs"]
pub(crate) mod tests;
