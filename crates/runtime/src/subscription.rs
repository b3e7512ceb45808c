//! Subscribers to all events: from the event log as far as it must be, then live, without a gap.

use crate::client::Waker;
use crate::halt::Halt;
use crate::replies::says_sequence;
use crate::run::Run;
use crate::shared::{Shared, lock};
use crate::signal::Signal;
use crate::spsc::{Reader, Writer};
use outcry_journal::{EventLogReader, StoreError};
use outcry_protocol::EventRecord;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use thiserror::Error;

/// Pieces that may wait for a subscriber.
const PIECES: usize = 4_096;
/// The longest sleep before a subscriber to the log looks for a halt.
const LOOK: Duration = Duration::from_millis(100);

/// How a subscriber is to be served.
#[derive(Clone)]
pub struct SubscribeOptions {
    /// Bytes of live events that wait to be taken, above which the subscriber has a gap.
    pub bytes_max: usize,
    /// Who is told of live events.
    pub waker: Option<Arc<dyn Waker>>,
}

impl Default for SubscribeOptions {
    fn default() -> Self {
        Self {
            bytes_max: 16 << 20,
            waker: None,
        }
    }
}

/// Why a subscription cannot begin.
#[derive(Debug, Error)]
pub enum SubscribeError {
    /// The event log no longer, or not yet, holds what was asked for.
    #[error("from_sequence: the event log begins at {oldest}")]
    EventsGone {
        /// The oldest sequence that it holds.
        oldest: u64,
    },
    /// The event log cannot be read.
    #[error(transparent)]
    Log(#[from] StoreError),
    /// The exchange stopped.
    #[error(transparent)]
    Halted(#[from] Halt),
}

/// Why a subscription has ended.
#[derive(Debug, Error)]
pub enum SubscriptionError {
    /// The event log cannot be read on.
    #[error(transparent)]
    Log(#[from] StoreError),
    /// The exchange stopped.
    #[error(transparent)]
    Halted(#[from] Halt),
}

/// What a subscriber gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// All events of commands in a row.
    Events {
        /// The first command.
        first_sequence: u64,
        /// The last command.
        last_sequence: u64,
        /// Engine time behind the last command, in nanoseconds since 1970 UTC.
        time_ns: u64,
        /// Their records, whole commands.
        records: Vec<EventRecord>,
    },
    /// The subscriber did not keep up: these commands' events were not kept for it. A new
    /// subscription has them.
    Gap {
        /// The first command that is missing.
        first_sequence: u64,
        /// The last command that is missing.
        last_sequence: u64,
    },
}

/// The events of a run, shared by its subscribers.
pub(crate) struct Live {
    first_sequence: u64,
    last_sequence: u64,
    time_ns: u64,
    records: Vec<EventRecord>,
}

impl Live {
    pub(crate) fn of(run: &Run) -> Self {
        Self {
            first_sequence: run.first_sequence,
            last_sequence: run.last_sequence,
            time_ns: run.time_ns,
            records: run.events.clone(),
        }
    }

    fn bytes(&self) -> usize {
        size_of_val(&*self.records) + size_of::<Self>()
    }
}

enum Item {
    Live(Arc<Live>),
    Gap(u64, u64),
}

/// What subscriber and event thread share.
struct SubscriberShared {
    /// The first sequence that comes live; 0 until the event thread knows the subscriber.
    live_from: AtomicU64,
    waiting_bytes: AtomicUsize,
    notified: AtomicBool,
    /// Whether the event thread keeps a gap back for want of room.
    has_gap: AtomicBool,
    is_closed: AtomicBool,
    signal: Signal,
    options: SubscribeOptions,
}

/// The event thread's end of a subscriber.
pub(crate) struct SubscriberPort {
    shared: Arc<SubscriberShared>,
    items: Writer<Item>,
    gap: Option<(u64, u64)>,
    has_news: bool,
}

impl SubscriberPort {
    /// Says what the first live sequence is.
    pub(crate) fn start(&mut self, next_sequence: u64) {
        self.shared
            .live_from
            .store(next_sequence, Ordering::Release);
        self.has_news = true;
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.shared.is_closed.load(Ordering::Acquire)
    }

    /// Hands a run over, or makes it part of a gap.
    pub(crate) fn push(&mut self, live: &Arc<Live>) {
        self.close_gap();
        let waiting = self.shared.waiting_bytes.load(Ordering::Acquire);
        let fits = waiting + live.bytes() <= self.shared.options.bytes_max || waiting == 0;
        if self.gap.is_none() && fits && self.items.has_room() {
            self.shared
                .waiting_bytes
                .fetch_add(live.bytes(), Ordering::AcqRel);
            self.put(Item::Live(Arc::clone(live)));
            return;
        }
        let first = self.gap.map_or(live.first_sequence, |(first, _)| first);
        self.gap = Some((first, live.last_sequence));
        self.shared.has_gap.store(true, Ordering::Release);
    }

    /// Tells of a gap once the subscriber has taken all that stood before it.
    fn close_gap(&mut self) {
        if let Some((first, last)) = self.gap
            && self.shared.waiting_bytes.load(Ordering::Acquire) == 0
            && self.items.has_room()
        {
            self.gap = None;
            self.shared.has_gap.store(false, Ordering::Release);
            self.put(Item::Gap(first, last));
        }
    }

    fn put(&mut self, item: Item) {
        assert!(self.items.push(item).is_ok(), "room was looked for before");
        self.has_news = true;
    }

    /// Wakes the subscriber if there is something new.
    pub(crate) fn tell(&mut self) {
        self.close_gap();
        if std::mem::replace(&mut self.has_news, false) {
            self.shared.signal.wake();
            if let Some(waker) = &self.shared.options.waker
                && !self.shared.notified.swap(true, Ordering::SeqCst)
            {
                waker.wake();
            }
        }
    }
}

/// Reads all events from a sequence on.
pub struct Subscription {
    exchange: Arc<Shared>,
    shared: Arc<SubscriberShared>,
    items: Reader<Item>,
    /// The event log, until live events were given.
    log: Option<EventLogReader>,
    is_in_log: bool,
    /// The next sequence to be given; 0 while that is whatever comes live first.
    next: u64,
    /// What the log must be read up to before live events may be given.
    log_until: u64,
}

impl Subscription {
    pub(crate) fn new(
        exchange: &Arc<Shared>,
        folder: &Path,
        from_sequence: u64,
        options: SubscribeOptions,
    ) -> Result<Self, SubscribeError> {
        if let Some(halt) = exchange.halted() {
            return Err(halt.into());
        }
        let is_past = from_sequence != 0
            && from_sequence <= exchange.meters.delivered.load(Ordering::Acquire);
        let log = if is_past {
            Some(open_log(exchange, folder, from_sequence)?)
        } else {
            None
        };
        let (writer, items) = crate::spsc::ring(PIECES);
        let shared = Arc::new(SubscriberShared {
            live_from: AtomicU64::new(0),
            waiting_bytes: AtomicUsize::new(0),
            notified: AtomicBool::new(false),
            has_gap: AtomicBool::new(false),
            is_closed: AtomicBool::new(false),
            signal: Signal::default(),
            options,
        });
        lock(&exchange.arrivals).subscribers.push(SubscriberPort {
            shared: Arc::clone(&shared),
            items: writer,
            gap: None,
            has_news: false,
        });
        exchange.has_arrivals.store(true, Ordering::Release);
        exchange.events.wake();
        let subscription = Self {
            exchange: Arc::clone(exchange),
            shared,
            items,
            is_in_log: log.is_some(),
            log,
            next: from_sequence,
            log_until: 0,
        };
        subscription.wait_for_start()?;
        Ok(subscription)
    }

    /// Waits until the event thread has said what comes live first.
    fn wait_for_start(&self) -> Result<(), Halt> {
        loop {
            if self.shared.live_from.load(Ordering::Acquire) != 0 {
                return Ok(());
            }
            if let Some(halt) = self.exchange.told_halt() {
                return Err(halt);
            }
            self.shared.signal.wait(Some(LOOK), || {
                self.shared.live_from.load(Ordering::Acquire) != 0 || self.exchange.is_told()
            });
        }
    }

    /// The next sequence that will be given; 0 while that is whatever comes live first.
    pub const fn next_sequence(&self) -> u64 {
        self.next
    }

    /// The next piece, waited for at most so long.
    ///
    /// # Errors
    /// [`SubscriptionError`], for a halt once everything live was taken.
    pub fn next(&mut self, timeout: Duration) -> Result<Option<Piece>, SubscriptionError> {
        let end = Instant::now() + timeout;
        self.shared.notified.store(false, Ordering::SeqCst);
        loop {
            let halt = self.halt();
            let piece = if self.is_in_log {
                self.next_logged()?
            } else {
                self.next_live()?
            };
            if piece.is_some() {
                return Ok(piece);
            }
            if let Some(halt) = halt {
                return Err(halt.into());
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            self.wait(left);
        }
    }

    /// The halt, once nothing more comes of where this reads.
    fn halt(&self) -> Option<Halt> {
        let halt = self.exchange.told_halt()?;
        (!self.is_in_log || self.exchange.has_settled()).then_some(halt)
    }

    fn wait(&mut self, left: Duration) {
        if self.is_in_log {
            self.exchange
                .event_log
                .wait_beyond(self.next - 1, left.min(LOOK));
        } else {
            let Self {
                exchange,
                shared,
                items,
                ..
            } = self;
            let is_ready = || items.has_value() || exchange.is_told();
            shared.signal.wait(Some(left.min(LOOK)), is_ready);
        }
    }

    /// The next piece of the log; leaves the log when the live events are reached.
    fn next_logged(&mut self) -> Result<Option<Piece>, SubscriptionError> {
        let until = self
            .log_until
            .max(self.shared.live_from.load(Ordering::Acquire));
        if self.next >= until {
            self.is_in_log = false;
            return self.next_live();
        }
        let Some(log) = &mut self.log else {
            return Ok(None);
        };
        let Some(piece) = log.read()? else {
            return Ok(None);
        };
        self.next = piece.last_sequence + 1;
        Ok(Some(Piece::Events {
            first_sequence: piece.first_sequence,
            last_sequence: piece.last_sequence,
            time_ns: piece.time_ns,
            records: piece.records.to_vec(),
        }))
    }

    fn next_live(&mut self) -> Result<Option<Piece>, SubscriptionError> {
        while let Some(item) = self.items.pop() {
            let piece = match item {
                Item::Live(live) => {
                    self.shared
                        .waiting_bytes
                        .fetch_sub(live.bytes(), Ordering::AcqRel);
                    if live.last_sequence < self.next {
                        continue;
                    }
                    self.log = None;
                    trimmed(&live, self.next)
                }
                Item::Gap(_, last) if last < self.next => continue,
                Item::Gap(_, last) if self.log.is_some() => {
                    // It came up while this read the log, which has what is missing.
                    self.log_until = last + 1;
                    self.is_in_log = true;
                    return self.next_logged();
                }
                Item::Gap(first, last) => Piece::Gap {
                    first_sequence: first.max(self.next),
                    last_sequence: last,
                },
            };
            self.next = match &piece {
                Piece::Events { last_sequence, .. } | Piece::Gap { last_sequence, .. } => {
                    last_sequence + 1
                }
            };
            return Ok(Some(piece));
        }
        if self.shared.has_gap.load(Ordering::Acquire) {
            self.exchange.has_arrivals.store(true, Ordering::Release);
            self.exchange.events.wake();
        }
        Ok(None)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.shared.is_closed.store(true, Ordering::Release);
        self.exchange.has_arrivals.store(true, Ordering::Release);
        self.exchange.events.wake();
    }
}

fn open_log(
    exchange: &Shared,
    folder: &Path,
    from_sequence: u64,
) -> Result<EventLogReader, SubscribeError> {
    let disk = Arc::clone(&exchange.options.disk);
    EventLogReader::open(disk, folder, from_sequence).map_err(|error| match error {
        StoreError::TooOld { oldest, .. } => SubscribeError::EventsGone { oldest },
        error => SubscribeError::Log(error),
    })
}

/// The events of a run from a sequence on.
fn trimmed(live: &Live, from_sequence: u64) -> Piece {
    let belongs =
        |record: &EventRecord| says_sequence(record) && record.sequence_or_price >= from_sequence;
    let start = if from_sequence <= live.first_sequence {
        0
    } else {
        let first = live.records.iter().position(belongs);
        first.unwrap_or(live.records.len())
    };
    Piece::Events {
        first_sequence: live.first_sequence.max(from_sequence),
        last_sequence: live.last_sequence,
        time_ns: live.time_ns,
        records: live.records[start..].to_vec(),
    }
}
