//! Why the journal stopped for good.

use std::fmt;
use std::io;

use thiserror::Error;

/// Why nothing more is written, and nothing acknowledged, in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HaltReason {
    /// A write failed.
    WriteFailed,
    /// A write took only a part of its bytes.
    ShortWrite,
    /// The disk, or the quota, is full.
    DiskFull,
    /// The file would pass the limit on its size.
    FileSizeLimit,
    /// A sync failed: nobody knows what the disk holds.
    SyncFailed,
    /// The next segment could not be made or named.
    SegmentFailed,
}

impl HaltReason {
    /// The name that logs and status pages show.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WriteFailed => "write_failed",
            Self::ShortWrite => "short_write",
            Self::DiskFull => "disk_full",
            Self::FileSizeLimit => "file_size_limit",
            Self::SyncFailed => "sync_failed",
            Self::SegmentFailed => "segment_failed",
        }
    }
}

impl fmt::Display for HaltReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The journal stopped: what was not acknowledged before may or may not be found again.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason}: {detail}")]
pub struct Halt {
    /// Its class.
    pub reason: HaltReason,
    /// What was tried, on which file, and what the system said.
    pub detail: String,
}

impl Halt {
    /// The halt that an error of the disk means; `usual` is the reason where the error does not
    /// name a better one.
    #[must_use]
    pub fn from_io(usual: HaltReason, what: &str, error: &io::Error) -> Self {
        let reason = match (error.kind(), error.raw_os_error()) {
            (_, Some(libc::ENOSPC | libc::EDQUOT)) => HaltReason::DiskFull,
            (_, Some(libc::EFBIG)) => HaltReason::FileSizeLimit,
            (io::ErrorKind::WriteZero, None) => HaltReason::ShortWrite,
            _ => usual,
        };
        Self {
            reason,
            detail: format!("{what}: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_get_the_reason_that_they_name() {
        let cases = [
            (
                io::Error::from_raw_os_error(libc::ENOSPC),
                HaltReason::DiskFull,
            ),
            (
                io::Error::from_raw_os_error(libc::EDQUOT),
                HaltReason::DiskFull,
            ),
            (
                io::Error::from_raw_os_error(libc::EFBIG),
                HaltReason::FileSizeLimit,
            ),
            (
                io::Error::from_raw_os_error(libc::EIO),
                HaltReason::SyncFailed,
            ),
            (
                io::Error::from(io::ErrorKind::WriteZero),
                HaltReason::ShortWrite,
            ),
        ];
        for (error, reason) in cases {
            let halt = Halt::from_io(HaltReason::SyncFailed, "sync journal", &error);
            assert_eq!(halt.reason, reason);
            assert!(halt.to_string().starts_with(reason.name()));
        }
    }
}
