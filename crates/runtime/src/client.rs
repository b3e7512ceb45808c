//! A client: submits commands, takes replies.

use crate::command_ring::Head;
use crate::commands::command_length;
use crate::core_thread::stretch;
use crate::errors::{CallError, ClientError, SubmitError};
use crate::halt::{Halt, HaltReason};
use crate::late::{self, Late};
use crate::read::{Read, ReadAnswer};
use crate::replies::{Extra, Replies};
use crate::shared::{Remains, Shared, lock};
use crate::signal::Signal;
use crate::space::Shortage;
use crate::spsc::{Reader, Writer};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Most commands in one submission.
pub const COMMANDS_MAX: usize = 1_024;
/// Most bytes in one submission.
pub const SUBMISSION_BYTES_MAX: usize = 256 << 10;
/// Tickets from here on are the client's own.
const OWN_TICKETS: u64 = 1 << 63;

/// Is told that replies are there.
pub trait Waker: Send + Sync {
    /// Called by a thread of the exchange once when replies become available behind a
    /// [`Client::take`], and when the exchange halts. Must not block.
    fn wake(&self);
}

/// How a client is to be served.
#[derive(Clone)]
pub struct ClientOptions {
    /// Most commands and reads submitted and not taken back as replies, from 1.
    pub in_flight_max: u32,
    /// Bytes of replies that wait to be taken, above which their records are dropped.
    pub reply_bytes_max: usize,
    /// Who is told of replies.
    pub waker: Option<Arc<dyn Waker>>,
    /// Whether the client itself says when its submissions are to be looked at, by
    /// [`Client::wake`]: one wake-up for many costs what one for each of them would.
    pub wakes_itself: bool,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            in_flight_max: 65_536,
            reply_bytes_max: 64 << 20,
            waker: None,
            wakes_itself: false,
        }
    }
}

/// What client and event thread share.
pub(crate) struct ClientShared {
    /// Commands and reads submitted and not taken back.
    in_flight: AtomicU32,
    /// Submissions so far.
    pub(crate) submitted: AtomicU64,
    /// Bytes of replies handed over and not taken.
    pub(crate) waiting_bytes: AtomicUsize,
    /// Whether the waker was called since the last take.
    notified: AtomicBool,
    /// The client is gone.
    pub(crate) is_closed: AtomicBool,
    /// Whether it counts against the bound of clients.
    is_counted: AtomicBool,
    signal: Signal,
    options: ClientOptions,
}

impl ClientShared {
    /// Tells the client that replies, or a halt, are there.
    pub(crate) fn wake(&self) {
        self.signal.wake();
        if let Some(waker) = &self.options.waker
            && !self.notified.swap(true, Ordering::SeqCst)
        {
            waker.wake();
        }
    }

    pub(crate) fn reply_bytes_max(&self) -> usize {
        self.options.reply_bytes_max
    }

    /// Makes room for another client, once.
    pub(crate) fn uncount(&self, exchange: &Shared) {
        if self.is_counted.swap(false, Ordering::AcqRel) {
            exchange.clients.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

/// The event thread's end of a client.
pub(crate) struct ClientPort {
    pub(crate) shared: Arc<ClientShared>,
    pub(crate) replies: Writer<Box<Replies>>,
    pub(crate) used: Reader<Box<Replies>>,
}

/// The client's own end.
struct Inbox {
    replies: Reader<Box<Replies>>,
    used: Writer<Box<Replies>>,
    /// What was handed over and not taken; the last may be incomplete.
    arrived: Replies,
}

/// A client of an exchange. Each thread that calls should have its own: calls wait for each other.
pub struct Client {
    exchange: Arc<Shared>,
    shared: Arc<ClientShared>,
    number: u32,
    next_ticket: AtomicU64,
    inbox: Mutex<Inbox>,
    late: Late,
    /// Whether [`Self::take`] has told the halt.
    knows_halt: AtomicBool,
}

/// Bunches of replies that may wait for a client; behind them the event thread keeps gathering.
const BUNCHES: usize = 1_024;

impl Client {
    pub(crate) fn new(exchange: &Arc<Shared>, options: ClientOptions) -> Result<Self, ClientError> {
        for (field, value) in [
            ("in_flight_max", options.in_flight_max as usize),
            ("reply_bytes_max", options.reply_bytes_max),
        ] {
            if value == 0 {
                return Err(ClientError::Zero { field });
            }
        }
        let bound = exchange.options.clients_max;
        if exchange.clients.fetch_add(1, Ordering::AcqRel) >= bound {
            exchange.clients.fetch_sub(1, Ordering::AcqRel);
            return Err(ClientError::TooMany { bound });
        }
        let (replies, inbox_replies) = crate::spsc::ring(BUNCHES);
        let (inbox_used, used) = crate::spsc::ring(BUNCHES);
        let shared = Arc::new(ClientShared {
            in_flight: AtomicU32::new(0),
            submitted: AtomicU64::new(0),
            waiting_bytes: AtomicUsize::new(0),
            notified: AtomicBool::new(false),
            is_closed: AtomicBool::new(false),
            is_counted: AtomicBool::new(true),
            signal: Signal::default(),
            options,
        });
        lock(&exchange.known_clients).push(Arc::downgrade(&shared));
        let port = ClientPort {
            shared: Arc::clone(&shared),
            replies,
            used,
        };
        let number = {
            let mut arrivals = lock(&exchange.arrivals);
            let number = arrivals.free.pop().unwrap_or_else(|| {
                arrivals.next += 1;
                arrivals.next - 1
            });
            arrivals.clients.push((number, port));
            number
        };
        exchange.has_arrivals.store(true, Ordering::Release);
        Ok(Self {
            exchange: Arc::clone(exchange),
            shared,
            number,
            next_ticket: AtomicU64::new(OWN_TICKETS),
            inbox: Mutex::new(Inbox {
                replies: inbox_replies,
                used: inbox_used,
                arrived: Replies::default(),
            }),
            late: Late::default(),
            knows_halt: AtomicBool::new(false),
        })
    }

    /// Submits whole commands, to be done one behind the other with nothing between; answers how
    /// many there are. Their times are written over by the exchange. Replies come in the order of
    /// submission.
    ///
    /// # Errors
    /// [`SubmitError`]; nothing was done then.
    pub fn submit(&self, commands: &[u8], ticket: u64) -> Result<u32, SubmitError> {
        check_ticket(ticket)?;
        self.submit_as(stretch::COMMANDS, commands, ticket)
    }

    /// [`Self::submit`] for one command; its reply says how the order that it made or named stands
    /// behind it.
    ///
    /// # Errors
    /// As [`Self::submit`]; [`SubmitError::TooMany`] for more than one command.
    pub fn submit_with_order(&self, command: &[u8], ticket: u64) -> Result<u32, SubmitError> {
        check_ticket(ticket)?;
        self.submit_as(stretch::WITH_ORDER, command, ticket)
    }

    /// Submits a read; its reply sees all that was submitted before it, and behind a halt by the
    /// disk all that is durable. One that is on its way when [`Self::take`] tells that halt is
    /// given up, and can be submitted again.
    ///
    /// # Errors
    /// [`SubmitError`].
    pub fn request(&self, read: &Read, ticket: u64) -> Result<(), SubmitError> {
        check_ticket(ticket)?;
        match self.request_as(read, ticket) {
            Err(SubmitError::Halted(halt)) if halt.reason.leaves_state() => {
                let bound = self.shared.options.in_flight_max;
                self.late.add(&self.exchange, read, ticket, bound)?;
                self.ring_for_late();
                Ok(())
            }
            requested => requested,
        }
    }

    /// Has late reads taken back, if they can be answered by now; else it is done by who leaves the
    /// state.
    fn ring_for_late(&self) {
        if !matches!(self.exchange.remains(), Remains::Awaited) {
            self.shared.wake();
        }
    }

    fn request_as(&self, read: &Read, ticket: u64) -> Result<(), SubmitError> {
        read.with_bytes(|bytes| self.push(stretch::READ, 0, bytes, ticket))
    }

    fn submit_as(&self, kind: u32, bytes: &[u8], ticket: u64) -> Result<u32, SubmitError> {
        let bound = SUBMISSION_BYTES_MAX.min(self.exchange.commands.stretch_max());
        if bytes.len() > bound {
            let bytes = bytes.len();
            return Err(SubmitError::TooLong { bytes, bound });
        }
        let most = if kind == stretch::WITH_ORDER {
            1
        } else {
            COMMANDS_MAX
        };
        let commands = count(bytes, most)?;
        self.push(kind, commands, bytes, ticket)?;
        Ok(commands)
    }

    fn push(&self, kind: u32, commands: u32, bytes: &[u8], ticket: u64) -> Result<(), SubmitError> {
        self.check_open()?;
        if commands > 0 {
            self.check_follower()?;
            self.check_space()?;
        }
        let weight = commands.max(1);
        let bound = self.shared.options.in_flight_max;
        let before = self.shared.in_flight.fetch_add(weight, Ordering::AcqRel);
        // A submission larger than the bound passes while nothing else is in flight.
        if before > 0 && before.saturating_add(weight) > bound {
            self.shared.in_flight.fetch_sub(weight, Ordering::AcqRel);
            return Err(SubmitError::Overloaded {
                what: "client's room for commands in flight",
                bound: bound.into(),
            });
        }
        let head = Head {
            client: self.number,
            kind,
            ticket,
            commands,
            bytes: 0,
        };
        self.shared.submitted.fetch_add(1, Ordering::AcqRel);
        if !self.exchange.commands.push(head, bytes) {
            self.shared.submitted.fetch_sub(1, Ordering::AcqRel);
            self.shared.in_flight.fetch_sub(weight, Ordering::AcqRel);
            return Err(SubmitError::Overloaded {
                what: "command ring",
                bound: self.exchange.commands.capacity() as u64,
            });
        }
        if !self.shared.options.wakes_itself {
            self.wake();
        }
        Ok(())
    }

    /// Has all that was submitted looked at; without it a client that wakes by itself would wait
    /// until somebody else is heard.
    #[inline]
    pub fn wake(&self) {
        self.exchange.core.wake();
    }

    /// Refuses commands while the follower is too far behind: what it has yet to read must have a
    /// bound. A read makes it no longer.
    fn check_follower(&self) -> Result<(), SubmitError> {
        let bound = self.exchange.options.follower_lag_bytes_max;
        if self.exchange.meters.follower_lag_bytes() < bound {
            return Ok(());
        }
        Err(SubmitError::Overloaded {
            what: "room for what the follower has yet to apply",
            bound,
        })
    }

    /// Refuses commands while the disk is nearly full.
    #[inline]
    fn check_space(&self) -> Result<(), SubmitError> {
        match self.exchange.space.shortage() {
            None => Ok(()),
            Some(Shortage {
                free_bytes,
                needed_bytes,
            }) => Err(SubmitError::DiskNearlyFull {
                free_bytes,
                needed_bytes,
            }),
        }
    }

    fn check_open(&self) -> Result<(), Halt> {
        if let Some(halt) = self.exchange.halted() {
            return Err(halt);
        }
        if self.exchange.is_closing() {
            return Err(Halt::new(
                HaltReason::Closed,
                "the exchange is being closed",
            ));
        }
        Ok(())
    }

    /// Adds all replies that are there to `replies`, without waiting; answers how many.
    ///
    /// # Errors
    /// The halt of a stopped exchange, once all that it acknowledged was taken. Reads that are
    /// submitted behind that are answered where the exchange left a state.
    pub fn take(&self, replies: &mut Replies) -> Result<usize, Halt> {
        self.shared.notified.store(false, Ordering::SeqCst);
        let mut inbox = lock(&self.inbox);
        let halt = self.exchange.told_halt();
        self.draw(&mut inbox);
        let incomplete = inbox.arrived.split_incomplete();
        let count = inbox.arrived.len();
        let weight = inbox.arrived.weight();
        replies.absorb(&mut inbox.arrived);
        inbox.arrived.clear();
        if let Some(incomplete) = incomplete {
            inbox.arrived = incomplete;
        }
        drop(inbox);
        self.shared.in_flight.fetch_sub(weight, Ordering::AcqRel);
        match halt {
            None => Ok(count),
            Some(halt) if count == 0 => self.take_late(halt, replies),
            Some(_) => {
                // One bell may have rung for both.
                self.shared.wake();
                Ok(count)
            }
        }
    }

    /// Tells the halt, and behind it the answers to late reads.
    fn take_late(&self, halt: Halt, replies: &mut Replies) -> Result<usize, Halt> {
        if !self.knows_halt.swap(true, Ordering::AcqRel) {
            self.late.clear();
            return Err(halt);
        }
        let bytes_max = self.shared.options.reply_bytes_max;
        self.late.answer(&self.exchange, halt, bytes_max, replies)
    }

    /// Takes what the event thread has handed over.
    fn draw(&self, inbox: &mut Inbox) {
        let mut bytes = 0;
        let mut bunches = 0;
        while let Some(mut bunch) = inbox.replies.pop() {
            bytes += bunch.bytes();
            inbox.arrived.absorb(&mut bunch);
            bunch.clear();
            bunches += 1;
            // A ring full of used ones needs no more.
            let _ = inbox.used.push(bunch);
        }
        self.shared.waiting_bytes.fetch_sub(bytes, Ordering::AcqRel);
        if bunches >= BUNCHES / 2 {
            // The event thread may keep replies back for want of room.
            self.exchange.has_arrivals.store(true, Ordering::Release);
            self.exchange.events.wake();
        }
    }

    /// Waits until replies or a halt may be there, at most so long; answers whether they are.
    pub fn wait(&self, timeout: Duration) -> bool {
        let end = Instant::now() + timeout;
        loop {
            let is_ready = || self.has_replies() || self.has_late();
            if is_ready() {
                return true;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            self.shared.signal.wait(Some(left), is_ready);
        }
    }

    /// Whether a halt is to be told, or late reads can be answered.
    fn has_late(&self) -> bool {
        let knows_halt = self.knows_halt.load(Ordering::Acquire);
        self.exchange.is_told() && (!knows_halt || self.late.is_ready(&self.exchange))
    }

    fn has_replies(&self) -> bool {
        self.shared.waiting_bytes.load(Ordering::Acquire) > 0
    }

    /// How many commands and reads are submitted and not taken back.
    pub fn in_flight(&self) -> u32 {
        self.shared.in_flight.load(Ordering::Acquire)
    }

    /// Submits whole commands and waits for their one reply.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn call(&self, commands: &[u8]) -> Result<Replies, CallError> {
        self.await_own(|ticket| {
            self.submit_as(stretch::COMMANDS, commands, ticket)
                .map(|_| ())
        })
    }

    /// [`Self::call`] for one command; the reply says how the order that it made or named stands
    /// behind it.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn call_with_order(&self, command: &[u8]) -> Result<Replies, CallError> {
        self.await_own(|ticket| {
            self.submit_as(stretch::WITH_ORDER, command, ticket)
                .map(|_| ())
        })
    }

    /// Reads, and answers with the last sequence that the answer saw. Behind a halt by the disk
    /// that is the last durable one.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn read(&self, read: &Read) -> Result<(u64, ReadAnswer), CallError> {
        let replies = match self.await_own(|ticket| self.request_as(read, ticket)) {
            Err(CallError::Halted(halt) | CallError::Submit(SubmitError::Halted(halt))) => {
                let bytes_max = self.shared.options.reply_bytes_max;
                return late::read(&self.exchange, read, halt, bytes_max);
            }
            replies => replies?,
        };
        let (head, extra) = replies.into_extra();
        match extra {
            Some(Extra::Answer(answer)) => Ok((head, answer)),
            _ => Err(CallError::AnswerTooLong {
                bound: self.shared.options.reply_bytes_max,
            }),
        }
    }

    fn await_own(
        &self,
        submit: impl FnOnce(u64) -> Result<(), SubmitError>,
    ) -> Result<Replies, CallError> {
        let ticket = self.next_ticket.fetch_add(1, Ordering::Relaxed);
        let mut inbox = lock(&self.inbox);
        submit(ticket)?;
        loop {
            let halt = self.exchange.told_halt();
            self.draw(&mut inbox);
            if let Some(reply) = inbox.arrived.take_ticket(ticket) {
                self.shared
                    .in_flight
                    .fetch_sub(reply.weight(), Ordering::AcqRel);
                return Ok(reply);
            }
            if let Some(halt) = halt {
                return Err(halt.into());
            }
            let is_ready = || self.has_replies() || self.exchange.is_told();
            self.shared.signal.wait(None, is_ready);
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.shared.is_closed.store(true, Ordering::Release);
        if self.exchange.is_told() {
            // Nobody else does it any more.
            self.shared.uncount(&self.exchange);
        }
        self.exchange.has_arrivals.store(true, Ordering::Release);
        self.exchange.events.wake();
    }
}

const fn check_ticket(ticket: u64) -> Result<(), SubmitError> {
    if ticket < OWN_TICKETS {
        Ok(())
    } else {
        Err(SubmitError::Ticket(ticket))
    }
}

/// How many whole commands the bytes hold.
fn count(bytes: &[u8], most: usize) -> Result<u32, SubmitError> {
    let mut offset = 0;
    let mut count = 0;
    while offset < bytes.len() {
        if count == most {
            return Err(SubmitError::TooMany { count: count + 1 });
        }
        let length = command_length(&bytes[offset..])
            .map_err(|error| SubmitError::Malformed { offset, error })?;
        offset += length;
        count += 1;
    }
    if count == 0 {
        return Err(SubmitError::Empty);
    }
    Ok(count as u32)
}
