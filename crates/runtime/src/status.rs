//! How an exchange is doing.

use crate::halt::Halt;
use crate::options::Durability;
use crate::shared::lock;
use hdrhistogram::Histogram;
use outcry_engine::Engine;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

/// How an exchange is doing.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// The last command that the engine applied.
    pub sequence: u64,
    /// The digest of all events up to there; while commands come, that of a moment before or after.
    pub digest: u64,
    /// Engine time, in nanoseconds since 1970 UTC.
    pub time_ns: u64,
    /// The last command that the disk has confirmed.
    pub durable_sequence: u64,
    /// The last command whose events were handed to clients.
    pub delivered_sequence: u64,
    /// The last command that the follower applied.
    pub follower_sequence: u64,
    /// How many durable commands the follower has yet to apply.
    pub follower_lag_commands: u64,
    /// How many bytes of commands the follower is behind the engine, not counting those from before
    /// the opening.
    pub follower_lag_bytes: u64,
    /// The bound of that, above which commands are refused.
    pub follower_lag_bytes_max: u64,
    /// Bytes in the command ring now.
    pub command_ring_bytes: usize,
    /// Bytes of the whole command ring.
    pub command_ring_bytes_max: usize,
    /// Bytes of commands and events on their way to journal and clients.
    pub in_flight_bytes: usize,
    /// The bound of that.
    pub in_flight_bytes_max: usize,
    /// Clients now.
    pub clients: u32,
    /// Syncs of the journal since it was opened.
    pub fsyncs: u64,
    /// Half of the syncs took at most so long.
    pub fsync_p50_ns: u64,
    /// 99 of 100 syncs took at most so long.
    pub fsync_p99_ns: u64,
    /// The longest sync.
    pub fsync_max_ns: u64,
    /// Bytes written to the journal since it was opened.
    pub journal_bytes: u64,
    /// Commands a second, over about the last second.
    pub commands_per_second: u64,
    /// Open orders.
    pub open_orders: u32,
    /// Bytes that are free on the disk; nothing where it does not tell.
    pub disk_free_bytes: Option<u64>,
    /// With fewer bytes free commands are refused; 0 for never.
    pub disk_needed_bytes: u64,
    /// Whether commands are refused for want of room.
    pub is_disk_short: bool,
    /// The snapshots.
    pub snapshot: SnapshotStatus,
    /// When replies leave.
    pub durability: Durability,
    /// What the housekeeper could not do the last time, in the words of the error.
    pub housekeeping_error: Option<String>,
    /// Why the exchange stopped.
    pub halt: Option<Halt>,
}

/// How the snapshots are doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SnapshotStatus {
    /// The last command that the newest snapshot holds, 0 for none.
    pub sequence: u64,
    /// How old it is, since the exchange was opened.
    pub age_ms: u64,
    /// How long the follower took over it.
    pub duration_ms: u64,
    /// The interval that is kept now.
    pub interval_ms: u64,
    /// Whether the interval is longer than asked for, since snapshots take long.
    pub is_stretched: bool,
    /// The bytes of its state.
    pub bytes: u64,
    /// How many were taken since the exchange was opened.
    pub taken: u64,
}

/// What the threads count.
pub(crate) struct Meters {
    pub(crate) sequence: AtomicU64,
    pub(crate) digest: AtomicU64,
    pub(crate) time_ns: AtomicU64,
    pub(crate) open_orders: AtomicU32,
    pub(crate) delivered: AtomicU64,
    pub(crate) follower: AtomicU64,
    /// Bytes of commands that were handed to the journal since it was opened.
    pub(crate) handed_bytes: AtomicU64,
    /// How many of them the follower has applied.
    pub(crate) followed_bytes: AtomicU64,
    pub(crate) journal_bytes: AtomicU64,
    /// What the snapshot that is being written, or else the next one, has yet to take of the disk.
    pub(crate) unwritten_snapshot_bytes: AtomicU64,
    /// Whether a snapshot is wanted now.
    pub(crate) snapshot_wanted: AtomicBool,
    fsyncs_ns: Mutex<Histogram<u64>>,
    pub(crate) snapshot: Mutex<(SnapshotStatus, Option<Instant>)>,
    pub(crate) housekeeping: Mutex<Option<String>>,
    /// What could not be written at the close, a line each.
    pub(crate) closing_notes: Mutex<Vec<String>>,
    rate: Mutex<Rate>,
    /// From this sequence on the follower is made to find another digest; 0 for never.
    #[cfg(test)]
    pub(crate) planted: AtomicU64,
}

/// How long the journal's syncs took, within three figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FsyncCounts {
    /// How many took at most as long as each bound that was asked for.
    pub at_most: Vec<u64>,
    /// How many there were.
    pub all: u64,
    /// The sum of their durations, in nanoseconds.
    pub sum_ns: u128,
}

/// Commands counted at two instants about a second apart.
struct Rate {
    since: Instant,
    sequence: u64,
    per_second: u64,
}

/// Up to a minute, with three figures.
fn fsync_histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("the bounds are in order")
}

impl Meters {
    /// The meters of an exchange that begins with this engine.
    pub(crate) fn of(engine: &Engine) -> Self {
        let sequence = engine.sequence();
        Self {
            sequence: AtomicU64::new(sequence),
            digest: AtomicU64::new(engine.digest().0),
            time_ns: AtomicU64::new(engine.time_ns()),
            open_orders: AtomicU32::new(engine.open_orders()),
            delivered: AtomicU64::new(sequence),
            follower: AtomicU64::new(0),
            handed_bytes: AtomicU64::new(0),
            followed_bytes: AtomicU64::new(0),
            journal_bytes: AtomicU64::new(0),
            unwritten_snapshot_bytes: AtomicU64::new(0),
            snapshot_wanted: AtomicBool::new(false),
            fsyncs_ns: Mutex::new(fsync_histogram()),
            snapshot: Mutex::default(),
            housekeeping: Mutex::default(),
            closing_notes: Mutex::default(),
            rate: Mutex::new(Rate {
                since: Instant::now(),
                sequence,
                per_second: 0,
            }),
            #[cfg(test)]
            planted: AtomicU64::new(0),
        }
    }

    /// Tells of an engine as it stands.
    pub(crate) fn show(&self, engine: &Engine) {
        self.digest.store(engine.digest().0, Ordering::Relaxed);
        self.time_ns.store(engine.time_ns(), Ordering::Relaxed);
        self.open_orders
            .store(engine.open_orders(), Ordering::Relaxed);
        self.sequence.store(engine.sequence(), Ordering::Release);
    }

    /// What a test has planted into the follower's digest behind this sequence: 0 for nothing.
    #[cfg(test)]
    pub(crate) fn planted_digest(&self, sequence: u64) -> u64 {
        let planted = self.planted.load(Ordering::Acquire);
        u64::from(planted != 0 && planted <= sequence)
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "only a test plants something")]
    pub(crate) const fn planted_digest(&self, _sequence: u64) -> u64 {
        0
    }

    /// How many bytes of commands the follower is behind.
    pub(crate) fn follower_lag_bytes(&self) -> u64 {
        // What was applied is read first: it is never more than what was handed on by then.
        let followed = self.followed_bytes.load(Ordering::Acquire);
        self.handed_bytes.load(Ordering::Acquire) - followed
    }

    /// Notes how long a sync took.
    pub(crate) fn note_fsync(&self, duration_ns: u64) {
        lock(&self.fsyncs_ns).saturating_record(duration_ns);
    }

    /// How many syncs took at most as long as each of these bounds.
    pub(crate) fn fsync_counts(&self, bounds_ns: &[u64]) -> FsyncCounts {
        let fsyncs = lock(&self.fsyncs_ns);
        let at_most = |bound: &u64| fsyncs.count_between(0, *bound);
        let sum_ns = fsyncs
            .iter_recorded()
            .map(|step| u128::from(step.count_at_value()) * u128::from(step.value_iterated_to()))
            .sum();
        FsyncCounts {
            at_most: bounds_ns.iter().map(at_most).collect(),
            all: fsyncs.len(),
            sum_ns,
        }
    }

    /// How many syncs there were, and how long half, 99 of 100 and all of them took at most.
    pub(crate) fn fsyncs(&self) -> (u64, [u64; 3]) {
        let fsyncs = lock(&self.fsyncs_ns);
        let at = |quantile| fsyncs.value_at_quantile(quantile);
        (fsyncs.len(), [at(0.5), at(0.99), fsyncs.max()])
    }

    /// Commands a second, measured anew when the last measurement is a second old.
    pub(crate) fn commands_per_second(&self, sequence: u64) -> u64 {
        let mut rate = lock(&self.rate);
        let elapsed = rate.since.elapsed();
        if elapsed.as_millis() >= 1_000 || rate.per_second == 0 {
            // A halt by the disk takes back what was not durable.
            let commands = u128::from(sequence.saturating_sub(rate.sequence));
            let per_second = commands * 1_000_000_000 / elapsed.as_nanos().max(1);
            rate.per_second = u64::try_from(per_second).unwrap_or(u64::MAX);
            rate.since = Instant::now();
            rate.sequence = sequence;
        }
        rate.per_second
    }
}
