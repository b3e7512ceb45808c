//! Where time comes from.

use std::time::{SystemTime, UNIX_EPOCH};

/// Says what time it is. The sequencer never lets engine time decrease, whatever a clock says.
pub trait Clock: Send + Sync {
    /// Nanoseconds since 1970 UTC.
    fn now_ns(&self) -> u64;
}

/// The clock of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ns(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0))
    }
}
