//! Why an exchange stopped. Behind a halt nothing more is taken in; what became durable before
//! is told on where [`HaltReason::leaves_state`] says so.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

macro_rules! reasons {
    ($($(#[$meta:meta])* $variant:ident = $text:literal;)+) => {
        /// What stopped an exchange.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum HaltReason { $($(#[$meta])* $variant),+ }

        impl HaltReason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name that people read.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

reasons! {
    /// It was closed in order.
    Closed = "closed";
    /// The disk, or what the process may write, is full.
    DiskFull = "disk_full";
    /// The journal's file met the process's limit of file sizes.
    FileSizeLimit = "file_size_limit";
    /// A write to the journal failed.
    WriteFailed = "write_failed";
    /// A write to the journal stopped short.
    ShortWrite = "short_write";
    /// A sync of the journal failed: nobody knows what the disk holds.
    SyncFailed = "sync_failed";
    /// The journal's next segment could not be made.
    SegmentFailed = "segment_failed";
    /// The journal does not read back as it was written.
    JournalDamage = "journal_damage";
    /// The follower said other events than the writer for the same commands.
    DigestMismatch = "digest_mismatch";
    /// The follower could not read the journal or write the event log.
    Follower = "follower";
    /// A snapshot could not be written.
    Snapshot = "snapshot";
    /// A thread of the exchange died.
    Panic = "panic";
}

impl HaltReason {
    /// Whether only the disk is at fault: what was durable before is sound, and is told on.
    #[must_use]
    pub const fn leaves_state(self) -> bool {
        match self {
            Self::DiskFull
            | Self::FileSizeLimit
            | Self::WriteFailed
            | Self::ShortWrite
            | Self::SyncFailed
            | Self::SegmentFailed
            | Self::Follower
            | Self::Snapshot => true,
            Self::Closed | Self::JournalDamage | Self::DigestMismatch | Self::Panic => false,
        }
    }
}

/// A reason with what exactly went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Halt {
    /// What stopped the exchange.
    pub reason: HaltReason,
    /// The error in its own words.
    pub detail: String,
}

impl Halt {
    /// A halt of this reason.
    pub fn new(reason: HaltReason, detail: impl fmt::Display) -> Self {
        let detail = detail.to_string();
        Self { reason, detail }
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.reason.name(), self.detail)
    }
}

impl std::error::Error for Halt {}

/// Holds the first halt; later ones are consequences of it.
#[derive(Debug, Default)]
pub(crate) struct HaltCell {
    first: OnceLock<Halt>,
    is_set: AtomicBool,
}

impl HaltCell {
    /// Keeps the halt if it is the first.
    pub(crate) fn set(&self, halt: Halt) {
        // Whoever lost the race finds a halt there, which is all that it wants.
        let _ = self.first.set(halt);
        self.is_set.store(true, Ordering::SeqCst);
    }

    #[inline]
    pub(crate) fn is_set(&self) -> bool {
        self.is_set.load(Ordering::Acquire)
    }

    pub(crate) fn get(&self) -> Option<&Halt> {
        if self.is_set() {
            self.first.get()
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_halt_stays() {
        let cell = HaltCell::default();
        assert_eq!(cell.get(), None);
        cell.set(Halt::new(HaltReason::SyncFailed, "EIO"));
        cell.set(Halt::new(HaltReason::Closed, "later"));
        assert_eq!(cell.get().unwrap().to_string(), "sync_failed: EIO");
    }
}
