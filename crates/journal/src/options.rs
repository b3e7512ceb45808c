//! What a journal is opened with.

use std::time::Duration;

use crate::format::HEADER_BYTES;
use crate::rules::{CONFIG_BYTES_MAX, Rules};

/// The size of a segment unless told otherwise, in bytes.
pub const SEGMENT_BYTES_USUAL: u64 = 64 << 20;
/// The smallest segment: heads, the longest rules and some commands.
pub const SEGMENT_BYTES_MIN: u64 = 4096;
/// The largest segment.
pub const SEGMENT_BYTES_MAX: u64 = 1 << 32;

/// The most segments that are kept ready.
pub const SPARE_SEGMENTS_MAX: u32 = 64;

/// When what was written is synced, and when replies may show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Each group is synced before it is released: what was acknowledged survives power loss.
    #[default]
    Sync,
    /// A group is released once written, and synced after this time at the latest: what was
    /// acknowledged survives the process; a power failure takes that much time of it.
    Interval(Duration),
    /// A group is released once written, and synced at a clean end: for tests and backtests. What
    /// a power failure leaves may be something that only a [`crate::repair()`] opens.
    None,
}

impl Durability {
    /// The name that settings and pages show.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Interval(_) => "interval",
            Self::None => "none",
        }
    }
}

/// What a journal is opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The shard; a journal of another is refused.
    pub shard: u32,
    /// Bytes of each new segment, from [`SEGMENT_BYTES_MIN`] to [`SEGMENT_BYTES_MAX`].
    pub segment_bytes: u64,
    /// Segments that [`crate::SegmentMaker`] keeps ready, at most [`SPARE_SEGMENTS_MAX`]. Each is
    /// [`Self::segment_bytes`] of disk that a burst can fill before it waits for new ones.
    pub spare_segments: u32,
    /// When what was written is synced.
    pub durability: Durability,
    /// The rules of a journal that is made by the opening; one that is there has its own.
    pub rules: Rules,
    /// The greatest sequence that is known from elsewhere to have been durable, as from the
    /// manifest of a good snapshot; 0 for none.
    pub known_durable: u64,
    /// The first sequence that will be replayed, from 1: it must be there or be the next, and
    /// segments that end before it are not read. With 0, all that is kept is read.
    pub scan_from: u64,
}

impl Options {
    /// The usual options.
    #[must_use]
    pub const fn new(shard: u32, rules: Rules) -> Self {
        Self {
            shard,
            segment_bytes: SEGMENT_BYTES_USUAL,
            spare_segments: 1,
            durability: Durability::Sync,
            rules,
            known_durable: 0,
            scan_from: 1,
        }
    }

    /// What is out of bounds, if anything.
    pub(crate) fn check(&self) -> Result<(), String> {
        let bytes = self.segment_bytes;
        if !(SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX).contains(&bytes) || !bytes.is_multiple_of(8) {
            return Err(format!(
                "segment_bytes: {bytes} is not a multiple of 8 from {SEGMENT_BYTES_MIN} to \
                 {SEGMENT_BYTES_MAX}"
            ));
        }
        let spares = self.spare_segments;
        if spares > SPARE_SEGMENTS_MAX {
            return Err(format!(
                "spare_segments: {spares} is above {SPARE_SEGMENTS_MAX}"
            ));
        }
        check_rules(&self.rules)
    }
}

pub(crate) fn check_rules(rules: &Rules) -> Result<(), String> {
    let length = rules.config.len();
    if length > CONFIG_BYTES_MAX {
        return Err(format!(
            "rules.config: {length} bytes, at most {CONFIG_BYTES_MAX}"
        ));
    }
    Ok(())
}

// Two rules frames, a frame of commands and a seal have room in the smallest segment.
const _: () =
    assert!(SEGMENT_BYTES_MIN as usize >= 5 * HEADER_BYTES + 2 * (CONFIG_BYTES_MAX + 8) + 64);
