//! What the threads of an exchange have in common.

use crate::client::{ClientPort, ClientShared};
use crate::command_ring::CommandRing;
use crate::depth::Books;
use crate::halt::{Halt, HaltCell, HaltReason};
use crate::options::Options;
use crate::signal::Signal;
use crate::status::Meters;
use crate::subscription::SubscriberPort;
use outcry_journal::{EventLogWatch, Progress};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
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

    /// Stops everything: nothing is acknowledged behind this, and all who wait are woken.
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
