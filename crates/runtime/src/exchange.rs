//! The exchange as a whole: opening, what it offers, closing.

use crate::client::{Client, ClientOptions};
use crate::command_ring::CommandRing;
use crate::core_thread::{Core, CoreLinks};
use crate::depth::{Books, Depth};
use crate::errors::ClientError;
use crate::event_thread::Events;
use crate::follower::{Follower, FollowerStart};
use crate::halt::{Halt, HaltCell, HaltReason};
use crate::housekeeper::Housekeeper;
use crate::journal_thread::Journal;
use crate::options::Options;
use crate::recovery::{OpenError, Recovered, RecoveryReport, recover};
use crate::shared::{Arrivals, Ended, Shared, Stages, lock};
use crate::signal::Signal;
use crate::space::{Space, Watch};
use crate::spsc;
use crate::status::{FsyncCounts, Meters, Status};
use crate::subscription::{SubscribeError, SubscribeOptions, Subscription};
use crate::threads::{self, Role};
use outcry_journal::{DirectoryLock, EventLogOpening, EventLogOptions, EventLogWriter};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Frames, and runs, that may be between two threads.
const LINKS: usize = 8_192;

/// A durable exchange in this process.
///
/// Dropped without [`Exchange::close`] it stops as in a crash: what was acknowledged stays.
pub struct Exchange {
    shared: Arc<Shared>,
    folder: PathBuf,
    threads: Vec<JoinHandle<()>>,
    /// Held until the last thread has ended.
    _lock: DirectoryLock,
}

/// How an exchange was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseReport {
    /// The last command.
    pub sequence: u64,
    /// The last command that the newest snapshot holds.
    pub snapshot_sequence: u64,
    /// What a person should be told, a line each: what could not be written, as on a full disk, and
    /// is made up for by the next opening. Nothing that was acknowledged is among it.
    pub notes: Vec<String>,
}

impl Exchange {
    /// Opens the exchange in a directory, which is made if it is not there.
    ///
    /// # Errors
    /// [`OpenError`]; nothing runs then.
    pub fn open(path: &Path, mut options: Options) -> Result<(Self, RecoveryReport), OpenError> {
        options.check()?;
        // The copy of the books is made of what the engine tells.
        options.engine.tell_levels = true;
        let start = Instant::now();
        let lock = DirectoryLock::take(&*options.disk, path)?;
        let recovered = recover(path, &lock, &options)?;
        let log_options = EventLogOptions {
            shard: options.engine.shard,
            segment_bytes: options.segment_bytes,
        };
        let disk = Arc::clone(&options.disk);
        let last = recovered.engine.sequence();
        let (log, opening) = EventLogWriter::open(disk, path, &log_options, last)?;
        let mut report = recovered.report.clone();
        report.notes.extend(opening.notes.iter().cloned());
        let mut exchange = Self {
            shared: Arc::new(shared_of(&recovered, &log, options)),
            folder: path.to_owned(),
            threads: Vec::new(),
            _lock: lock,
        };
        exchange.start(recovered, log, &opening)?;
        report.duration = start.elapsed();
        Ok((exchange, report))
    }

    /// Starts all threads.
    fn start(
        &mut self,
        recovered: Recovered,
        log: EventLogWriter,
        opening: &EventLogOpening,
    ) -> Result<(), OpenError> {
        let shared = &self.shared;
        let (frames, journal_frames) = spsc::ring(LINKS);
        let (journal_used, used_frames) = spsc::ring(LINKS);
        let (runs, event_runs) = spsc::ring(LINKS);
        let (event_used, used_runs) = spsc::ring(LINKS);
        let maker = recovered.writer.segment_maker();
        let snapshots = recovered.snapshots.clone();
        let watch = Watch::new(Arc::clone(shared), &self.folder, maker.clone());
        let own = Arc::clone(shared);
        let housekeeper = Housekeeper::new(own, &self.folder, maker, watch.clone(), snapshots);
        let links = CoreLinks {
            frames,
            used_frames,
            runs,
            used_runs,
        };
        let start = FollowerStart {
            snapshots: recovered.snapshots,
            snapshot_sequence: recovered.snapshot_sequence,
            opened_at: recovered.engine.sequence(),
            log,
            resume_from: opening.resume_from,
            first_sequence: recovered.first_sequence,
            config: recovered.report.engine,
        };
        // It begins with that snapshot or, for events that are to be made again, with one before.
        let begins_at = start.snapshot_sequence.min(start.resume_from - 1);
        let meter = &shared.meters.follower;
        meter.store(begins_at, Ordering::Release);
        let core = Core::new(Arc::clone(shared), recovered.engine, links);
        let journal = Journal::new(
            Arc::clone(shared),
            recovered.writer,
            journal_frames,
            journal_used,
        );
        let events = Events::new(Arc::clone(shared), event_runs, event_used);
        let (own, folder) = (Arc::clone(shared), self.folder.clone());
        let follow = move || match Follower::begin(&own, &folder, start) {
            Ok(follower) => follower.work(),
            Err(halt) => own.stop(halt),
        };
        self.threads = vec![
            threads::start(shared, Role::Core, || core.work())?,
            threads::start(shared, Role::Journal, || journal.work())?,
            threads::start(shared, Role::Events, || events.work())?,
            threads::start(shared, Role::Follower, follow)?,
            threads::start(shared, Role::Keeper, || housekeeper.work())?,
        ];
        if shared.options.disk_reserve_bytes > 0 {
            // Before the first command can come.
            watch.look();
            self.threads
                .push(threads::start(shared, Role::Watch, || watch.work())?);
        }
        Ok(())
    }

    /// A new client; of an exchange that a fault of the disk halted, one that can read.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn client(&self, options: ClientOptions) -> Result<Client, ClientError> {
        if let Some(halt) = self.halt()
            && !halt.reason.leaves_state()
        {
            return Err(halt.into());
        }
        Client::new(&self.shared, options)
    }

    /// The best levels of an instrument, of what is durable; `None` if nothing ever stood in its
    /// book. Whoever has a reply sees here what it did.
    #[must_use]
    pub fn depth(&self, instrument: u32, levels: usize) -> Option<Depth> {
        self.shared.books.depth(instrument, levels)
    }

    /// All events from a sequence on; 0 for those that come from now on.
    ///
    /// # Errors
    /// [`SubscribeError`].
    pub fn subscribe(
        &self,
        from_sequence: u64,
        options: SubscribeOptions,
    ) -> Result<Subscription, SubscribeError> {
        Subscription::new(&self.shared, &self.folder, from_sequence, options)
    }

    /// The data directory.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The last command that was answered: whoever was told of it sees it in all that is read from
    /// now on.
    #[must_use]
    pub fn delivered_sequence(&self) -> u64 {
        self.shared.meters.delivered.load(Ordering::Acquire)
    }

    /// How many syncs of the journal took at most as long as each of these bounds, in nanoseconds.
    #[must_use]
    pub fn fsync_counts(&self, bounds_ns: &[u64]) -> FsyncCounts {
        self.shared.meters.fsync_counts(bounds_ns)
    }

    /// How the exchange is doing.
    #[must_use]
    pub fn status(&self) -> Status {
        let shared = &self.shared;
        let meters = &shared.meters;
        let sequence = meters.sequence.load(Ordering::Acquire);
        let follower_sequence = meters.follower.load(Ordering::Acquire);
        let released = shared.progress.released();
        let (fsyncs, [fsync_p50_ns, fsync_p99_ns, fsync_max_ns]) = meters.fsyncs();
        let (mut snapshot, taken_at) = *lock(&meters.snapshot);
        let age = taken_at.map_or(Duration::ZERO, |at| at.elapsed());
        snapshot.age_ms = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
        Status {
            sequence,
            digest: meters.digest.load(Ordering::Relaxed),
            time_ns: meters.time_ns.load(Ordering::Relaxed),
            durable_sequence: shared.progress.durable(),
            delivered_sequence: meters.delivered.load(Ordering::Acquire),
            follower_sequence,
            follower_lag_commands: released.saturating_sub(follower_sequence),
            follower_lag_bytes: meters.follower_lag_bytes(),
            follower_lag_bytes_max: shared.options.follower_lag_bytes_max,
            command_ring_bytes: shared.commands.used(),
            command_ring_bytes_max: shared.commands.capacity(),
            in_flight_bytes: shared.in_flight_bytes.load(Ordering::Relaxed),
            in_flight_bytes_max: shared.options.in_flight_bytes,
            clients: shared.clients.load(Ordering::Relaxed),
            fsyncs,
            fsync_p50_ns,
            fsync_p99_ns,
            fsync_max_ns,
            journal_bytes: meters.journal_bytes.load(Ordering::Relaxed),
            commands_per_second: meters.commands_per_second(sequence),
            open_orders: meters.open_orders.load(Ordering::Relaxed),
            disk_free_bytes: shared.options.disk.free_space(&self.folder).ok(),
            disk_needed_bytes: shared.space.last_found().needed_bytes,
            is_disk_short: shared.space.shortage().is_some(),
            snapshot,
            durability: shared.options.durability,
            housekeeping_error: lock(&meters.housekeeping).clone(),
            halt: shared.halted(),
        }
    }

    /// Engine time, in nanoseconds since 1970 UTC.
    #[must_use]
    pub fn time_ns(&self) -> u64 {
        self.shared.meters.time_ns.load(Ordering::Relaxed)
    }

    /// Why the exchange stopped, if it did.
    #[must_use]
    pub fn halt(&self) -> Option<Halt> {
        self.shared.halted()
    }

    /// Waits until the exchange stops, at most so long.
    #[must_use]
    pub fn wait_halted(&self, timeout: Duration) -> Option<Halt> {
        self.wait_until(Some(timeout), || false);
        self.halt()
    }

    /// Has the follower take a snapshot now, of all that is durable when this is called, and waits
    /// for it; answers the last sequence that it holds.
    ///
    /// # Errors
    /// The halt of a stopped exchange.
    pub fn snapshot(&self) -> Result<u64, Halt> {
        let shared = &self.shared;
        let durable = shared.progress.released();
        let held = || lock(&shared.meters.snapshot).0.sequence;
        while held() < durable {
            if let Some(halt) = shared.halted() {
                return Err(halt);
            }
            // One that began too early does not count, so it is asked for until one holds it all.
            if shared.meters.follower.load(Ordering::Acquire) >= durable {
                shared.meters.snapshot_wanted.store(true, Ordering::Release);
                shared.follower.wake();
            }
            self.wait_until(Some(Duration::from_millis(5)), || held() >= durable);
        }
        Ok(held())
    }

    /// Takes nothing in any more, finishes what was taken in, syncs, takes a snapshot, and stops.
    /// A snapshot that cannot be written is noted: the journal has all that would be in it.
    ///
    /// # Errors
    /// The halt that stopped the exchange before that was done.
    pub fn close(mut self) -> Result<CloseReport, Halt> {
        let shared = Arc::clone(&self.shared);
        shared.is_closing.store(true, Ordering::SeqCst);
        shared.wake_all();
        let stages = &shared.stages;
        self.wait_until(None, || {
            let done = [&stages.events, &stages.journal, &stages.follower];
            done.iter().all(|stage| stage.load(Ordering::Acquire))
        });
        if let Some(halt) = shared.halted() {
            return Err(halt);
        }
        shared.stop(Halt::new(HaltReason::Closed, "the exchange was closed"));
        self.join();
        let snapshot_sequence = lock(&shared.meters.snapshot).0.sequence;
        Ok(CloseReport {
            sequence: shared.meters.sequence.load(Ordering::Acquire),
            snapshot_sequence,
            notes: std::mem::take(&mut *lock(&shared.meters.closing_notes)),
        })
    }

    /// Waits for a condition or a halt, at most so long.
    fn wait_until(&self, timeout: Option<Duration>, is_met: impl Fn() -> bool) {
        let end = timeout.map(|timeout| Instant::now() + timeout);
        while !self.shared.halt.is_set() && !is_met() {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return;
            }
            let is_over = || self.shared.halt.is_set() || is_met();
            self.shared.outside.wait(left, is_over);
        }
    }

    fn join(&mut self) {
        for thread in self.threads.drain(..) {
            // A thread that died has halted the exchange, which is said where it is asked.
            let _ = thread.join();
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if !self.threads.is_empty() {
            let detail = "the exchange was dropped without being closed";
            self.shared.stop(Halt::new(HaltReason::Closed, detail));
            // Nobody is left who would read what remains.
            self.shared.is_closing.store(true, Ordering::SeqCst);
            self.join();
        }
    }
}

fn shared_of(recovered: &Recovered, log: &EventLogWriter, options: Options) -> Shared {
    let engine = &recovered.engine;
    Shared {
        halt: HaltCell::default(),
        is_closing: AtomicBool::new(false),
        commands: CommandRing::new(options.command_ring_bytes),
        core: Signal::default(),
        journal: Signal::default(),
        events: Signal::default(),
        follower: Signal::default(),
        outside: Signal::default(),
        watch: Signal::default(),
        in_flight_bytes: AtomicUsize::new(0),
        progress: recovered.writer.progress(),
        arrivals: Mutex::new(Arrivals::default()),
        has_arrivals: AtomicBool::new(false),
        clients: AtomicU32::new(0),
        known_clients: Mutex::default(),
        books: Books::of(engine),
        event_log: log.watch(),
        meters: Meters::of(engine),
        stages: Stages::default(),
        ended: Ended::default(),
        remains: OnceLock::new(),
        space: Space::default(),
        options,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcry_engine::example_instrument;
    use outcry_protocol::{InstrumentLimitsRecord, OrderRecord, Side};

    /// Goal: a follower that disagrees stops everything. Method: its digest is changed from one
    /// sequence on.
    #[test]
    fn another_digest_of_the_follower_halts() {
        let folder = tempfile::tempdir().unwrap();
        let (exchange, _) = Exchange::open(folder.path(), Options::default()).unwrap();
        let client = exchange.client(ClientOptions::default()).unwrap();
        let mut commands = example_instrument(1).as_record_bytes().to_vec();
        commands.extend(InstrumentLimitsRecord::unbounded(1).as_record_bytes());
        client.call(&commands).unwrap();
        exchange.shared.meters.planted.store(5, Ordering::Release);
        let order = OrderRecord::limit(1, 1, Side::Buy, 100, 1);
        let mut acknowledged = 1;
        while client.call(order.as_record_bytes()).is_ok() {
            acknowledged += 1;
            assert!(acknowledged < 1_000_000, "it never halted");
        }
        assert!(acknowledged >= 3, "what came before is sound");
        let halt = exchange.halt().expect("it halted");
        assert_eq!(halt.reason, HaltReason::DigestMismatch);
        assert!(halt.detail.starts_with("behind sequence "), "{halt}");
        assert!(client.submit(order.as_record_bytes(), 1).is_err());
        drop((client, exchange));
        // Only the follower of that process saw it: the journal is sound.
        let (exchange, report) = Exchange::open(folder.path(), Options::default()).unwrap();
        assert!(report.sequence >= acknowledged);
        exchange.close().unwrap();
    }
}
