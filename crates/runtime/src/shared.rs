//! What the threads of an exchange have in common.

use crate::client::{ClientPort, ClientShared};
use crate::command_ring::CommandRing;
use crate::depth::Books;
use crate::halt::{Halt, HaltCell, HaltReason};
use crate::options::Options;
use crate::signal::Signal;
use crate::space::Space;
use crate::status::Meters;
use crate::subscription::SubscriberPort;
use outcry_engine::Engine;
use outcry_journal::{EventLogWatch, Progress};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// Shared by all threads of one exchange and by its clients.
pub(crate) struct Shared {
    pub(crate) halt: HaltCell,
    /// Set when the exchange is asked to stop in order: nothing new is taken in.
    pub(crate) is_closing: AtomicBool,
    pub(crate) commands: CommandRing,
    /// Work for the core thread, or room for what it makes.
    pub(crate) core: Signal,
    /// Frames for the journal thread.
    pub(crate) journal: Signal,
    /// Something became durable, or somebody came or went.
    pub(crate) events: Signal,
    /// Something became durable.
    pub(crate) follower: Signal,
    /// Something became true that somebody outside may wait for.
    pub(crate) outside: Signal,
    /// For the watch over the disk: the exchange stops.
    pub(crate) watch: Signal,
    /// Bytes between the core and the clients.
    pub(crate) in_flight_bytes: AtomicUsize,
    pub(crate) progress: Arc<Progress>,
    /// Who waits to be known to the event thread.
    pub(crate) arrivals: Mutex<Arrivals>,
    pub(crate) has_arrivals: AtomicBool,
    pub(crate) clients: AtomicU32,
    /// Every client that may have to be woken by a halt.
    pub(crate) known_clients: Mutex<Vec<std::sync::Weak<ClientShared>>>,
    pub(crate) books: Books,
    pub(crate) event_log: Arc<EventLogWatch>,
    pub(crate) meters: Meters,
    pub(crate) stages: Stages,
    pub(crate) ended: Ended,
    /// The state behind the last durable command of an exchange that a fault of the disk halted;
    /// nothing where none can be had, or none is needed. Set when the follower ends.
    pub(crate) remains: OnceLock<Option<Mutex<Engine>>>,
    pub(crate) space: Space,
    pub(crate) options: Options,
}

/// How far a stop in order has come: which threads have done their last work.
#[derive(Debug, Default)]
pub(crate) struct Stages {
    /// The core has pushed its last frame and run.
    pub(crate) core: AtomicBool,
    /// The journal thread has written and synced the last frame.
    pub(crate) journal: AtomicBool,
    /// The event thread has delivered the last run.
    pub(crate) events: AtomicBool,
    /// The follower has found where to begin.
    pub(crate) following: AtomicBool,
    /// The follower has taken its last snapshot.
    pub(crate) follower: AtomicBool,
}

/// Which threads are no more, however they ended: a halt is met by each at its own time.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    pub(crate) core: AtomicBool,
    /// What is released now stays so.
    pub(crate) journal: AtomicBool,
    /// Nothing is delivered any more.
    pub(crate) events: AtomicBool,
}

/// What a halted exchange can still be asked.
pub(crate) enum Remains<'a> {
    /// It is not known yet.
    Awaited,
    /// This state.
    Held(&'a Mutex<Engine>),
    /// Nothing.
    Gone,
}

/// Who is new to the event thread, and who left.
#[derive(Default)]
pub(crate) struct Arrivals {
    pub(crate) clients: Vec<(u32, ClientPort)>,
    pub(crate) subscribers: Vec<SubscriberPort>,
    /// Numbers of clients that are free to be used again.
    pub(crate) free: Vec<u32>,
    /// The next number never used.
    pub(crate) next: u32,
}

impl Shared {
    /// The halt that clients are told, if there is one.
    pub(crate) fn halted(&self) -> Option<Halt> {
        self.halt.get().cloned()
    }

    /// [`Self::halted`] once all was delivered that may be.
    pub(crate) fn told_halt(&self) -> Option<Halt> {
        if self.ended.events.load(Ordering::Acquire) {
            self.halted()
        } else {
            None
        }
    }

    /// Whether [`Self::told_halt`] says something.
    #[inline]
    pub(crate) fn is_told(&self) -> bool {
        self.ended.events.load(Ordering::Acquire) && self.halt.is_set()
    }

    /// The last sequence that may be told. Behind the end of the journal thread that is the last
    /// one on the disk: it may have ended between its sync and saying so.
    pub(crate) fn released(&self) -> u64 {
        if self.ended.journal.load(Ordering::Acquire) {
            self.progress.released().max(self.progress.durable())
        } else {
            self.progress.released()
        }
    }

    /// Whether the exchange was halted by what leaves its durable state as it was.
    pub(crate) fn may_remain(&self) -> bool {
        let halt = self.halt.get();
        halt.is_some_and(|halt| halt.reason.leaves_state())
    }

    /// What a halted exchange can be asked: behind all that was delivered.
    pub(crate) fn remains(&self) -> Remains<'_> {
        if !self.is_told() {
            return Remains::Awaited;
        }
        match self.remains.get() {
            None => Remains::Awaited,
            Some(Some(engine)) => Remains::Held(engine),
            Some(None) => Remains::Gone,
        }
    }

    /// Whether the follower has ended, so that the event log grows no more.
    pub(crate) fn has_settled(&self) -> bool {
        self.remains.get().is_some()
    }

    /// Leaves a state, or says that there is none; the first word counts.
    pub(crate) fn leave(&self, engine: Option<Engine>) {
        // Whoever comes second says that its thread has ended, which is known then.
        let _ = self.remains.set(engine.map(Mutex::new));
        self.wake_all();
    }

    /// Stops everything: nothing more is taken in, and all who wait are woken.
    pub(crate) fn stop(&self, halt: Halt) {
        self.halt.set(halt);
        self.wake_all();
    }

    /// Stops everything because of what the journal met.
    pub(crate) fn stop_by_journal(&self, halt: &outcry_journal::Halt) {
        use outcry_journal::HaltReason as J;
        let reason = match halt.reason {
            J::WriteFailed => HaltReason::WriteFailed,
            J::ShortWrite => HaltReason::ShortWrite,
            J::DiskFull => HaltReason::DiskFull,
            J::FileSizeLimit => HaltReason::FileSizeLimit,
            J::SyncFailed => HaltReason::SyncFailed,
            J::SegmentFailed => HaltReason::SegmentFailed,
        };
        self.stop(Halt::new(reason, &halt.detail));
    }

    /// Wakes every thread and client, to look what has changed.
    pub(crate) fn wake_all(&self) {
        for signal in [
            &self.core,
            &self.journal,
            &self.events,
            &self.follower,
            &self.outside,
            &self.watch,
        ] {
            signal.wake();
        }
        let mut clients = lock(&self.known_clients);
        clients.retain(|client| {
            let client = client.upgrade();
            if let Some(client) = &client {
                client.wake();
            }
            client.is_some()
        });
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Acquire)
    }

    /// Waits on `signal` for work; returns at once where threads are to spin.
    pub(crate) fn idle(
        &self,
        signal: &Signal,
        timeout: Option<Duration>,
        is_ready: impl FnOnce() -> bool,
    ) {
        if self.options.spin {
            std::hint::spin_loop();
        } else {
            signal.wait(timeout, || self.halt.is_set() || is_ready());
        }
    }
}

/// Locks what no thread leaves half changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
