//! The event thread: what is durable leaves here.
//!
//! It holds each run of events back until the journal has it, then brings the copy of the books up
//! to date, then tells clients and subscribers. It waits for nobody: who does not take what is
//! theirs loses it, and is told.

use crate::client::ClientPort;
use crate::failpoint;
use crate::replies::{Replies, ReplyHead};
use crate::run::{Entry, Run};
use crate::shared::{Shared, lock};
use crate::spsc::{Reader, Writer};
use crate::subscription::{Live, SubscriberPort};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Most runs delivered before clients are told: so the first of many are not kept waiting.
const RUNS_AT_ONCE: usize = 16;

/// The event thread's own.
pub(crate) struct Events {
    shared: Arc<Shared>,
    runs: Reader<Box<Run>>,
    used_runs: Writer<Box<Run>>,
    /// The next run, held back until it is durable.
    next: Option<Box<Run>>,
    clients: Vec<Option<Port>>,
    /// Clients for whom something is gathered.
    touched: Vec<u32>,
    subscribers: Vec<SubscriberPort>,
}

/// A client and what is gathered for it.
struct Port {
    number: u32,
    client: ClientPort,
    /// Submissions answered, lost answers included.
    answered: u64,
    bunch: Box<Replies>,
    is_touched: bool,
}

impl Events {
    pub(crate) fn new(
        shared: Arc<Shared>,
        runs: Reader<Box<Run>>,
        used_runs: Writer<Box<Run>>,
    ) -> Self {
        Self {
            shared,
            runs,
            used_runs,
            next: None,
            clients: Vec::new(),
            touched: Vec::new(),
            subscribers: Vec::new(),
        }
    }

    /// Works until the exchange halts or closes.
    pub(crate) fn work(mut self) {
        while !self.shared.halt.is_set() {
            if self.shared.has_arrivals.swap(false, Ordering::AcqRel) {
                self.meet_arrivals();
            }
            let delivered = self.deliver_some();
            self.tell();
            if delivered == 0 {
                let core_done = self.shared.stages.core.load(Ordering::Acquire);
                if core_done && self.next.is_none() && !self.runs.has_value() {
                    break;
                }
                self.sleep(core_done);
            }
        }
        if self.shared.may_remain() {
            self.deliver_rest();
        }
        self.shared.stages.events.store(true, Ordering::Release);
        self.shared.outside.wake();
    }

    /// Delivers what became durable before a fault of the disk: it is there, so it is said.
    fn deliver_rest(&mut self) {
        let shared = Arc::clone(&self.shared);
        let is_final = || shared.ended.journal.load(Ordering::Acquire);
        while !is_final() {
            shared.outside.wait(None, is_final);
        }
        self.meet_arrivals();
        while self.deliver_some() > 0 {
            self.tell();
        }
    }

    fn sleep(&mut self, knew_core_done: bool) {
        let Self {
            shared, runs, next, ..
        } = self;
        shared.idle(&shared.events, None, || {
            let released = shared.progress.released();
            shared.has_arrivals.load(Ordering::Acquire)
                || match next {
                    Some(run) => run.last_sequence <= released,
                    None => runs.has_value(),
                }
                || (!knew_core_done && shared.stages.core.load(Ordering::Acquire))
        });
    }

    /// Takes up who came, and lets go who left.
    fn meet_arrivals(&mut self) {
        let mut arrivals = lock(&self.shared.arrivals);
        for (number, client) in arrivals.clients.drain(..) {
            let place = number as usize;
            if self.clients.len() <= place {
                self.clients.resize_with(place + 1, || None);
            }
            self.clients[place] = Some(Port {
                number,
                client,
                answered: 0,
                bunch: Box::default(),
                is_touched: false,
            });
        }
        for mut subscriber in arrivals.subscribers.drain(..) {
            let next = self.shared.meters.delivered.load(Ordering::Acquire) + 1;
            subscriber.start(next);
            self.subscribers.push(subscriber);
        }
        for place in &mut self.clients {
            if let Some(port) = place.take_if(|port| port.is_gone()) {
                arrivals.free.push(port.number);
                port.client.shared.uncount(&self.shared);
            }
        }
        drop(arrivals);
        self.subscribers
            .retain(|subscriber| !subscriber.is_closed());
        // Replies that found no room may find it now.
        for port in self.clients.iter_mut().flatten() {
            if !port.bunch.is_empty() && !std::mem::replace(&mut port.is_touched, true) {
                self.touched.push(port.number);
            }
        }
    }

    /// Delivers some of the runs that are durable; answers how many.
    fn deliver_some(&mut self) -> usize {
        let released = self.shared.released();
        let mut delivered = 0;
        let mut weight = 0;
        while delivered < RUNS_AT_ONCE {
            let Some(run) = self.next.take().or_else(|| self.runs.pop()) else {
                break;
            };
            if run.last_sequence > released {
                self.next = Some(run);
                break;
            }
            weight += run.weight;
            delivered += 1;
            failpoint::pass("events.before_deliver");
            self.deliver(run);
        }
        if delivered > 0 {
            self.shared
                .in_flight_bytes
                .fetch_sub(weight, Ordering::AcqRel);
            self.shared.core.wake();
        }
        delivered
    }

    fn deliver(&mut self, mut run: Box<Run>) {
        self.shared.books.apply(&run);
        let mut entries = std::mem::take(&mut run.entries);
        for entry in entries.drain(..) {
            self.gather(entry, &run);
        }
        run.entries = entries;
        if !self.subscribers.is_empty() && run.first_sequence <= run.last_sequence {
            let live = Arc::new(Live::of(&run));
            for subscriber in &mut self.subscribers {
                subscriber.push(&live);
            }
        }
        self.shared
            .meters
            .delivered
            .store(run.last_sequence, Ordering::Release);
        // A ring full of used ones needs no more.
        let _ = self.used_runs.push(run);
    }

    /// Adds what an entry says to what is gathered for its client.
    fn gather(&mut self, entry: Entry, run: &Run) {
        let Some(Some(port)) = self.clients.get_mut(entry.client as usize) else {
            // A client makes itself known before it submits: it arrived just now.
            return self.gather_late(entry, run);
        };
        port.gather(entry, run);
        if !std::mem::replace(&mut port.is_touched, true) {
            self.touched.push(port.number);
        }
    }

    #[cold]
    fn gather_late(&mut self, entry: Entry, run: &Run) {
        self.meet_arrivals();
        let known = self.clients.get(entry.client as usize);
        assert!(
            known.is_some_and(Option::is_some),
            "client {} is unknown",
            entry.client
        );
        self.gather(entry, run);
    }

    /// Hands over what was gathered, and tells each client once.
    fn tell(&mut self) {
        for number in self.touched.drain(..) {
            if let Some(port) = &mut self.clients[number as usize] {
                port.hand_over();
            }
        }
        for subscriber in &mut self.subscribers {
            subscriber.tell();
        }
        failpoint::pass("events.after_deliver");
    }
}

impl Port {
    /// Whether the client left and nothing on its way still carries its number.
    fn is_gone(&self) -> bool {
        let shared = &self.client.shared;
        shared.is_closed.load(Ordering::Acquire)
            && shared.submitted.load(Ordering::Acquire) == self.answered
    }

    fn gather(&mut self, entry: Entry, run: &Run) {
        self.answered += u64::from(entry.is_complete);
        if self.client.shared.is_closed.load(Ordering::Relaxed) {
            return;
        }
        let records = &run.events[entry.records_start..entry.records_end];
        let head = ReplyHead {
            ticket: entry.ticket,
            first_sequence: entry.first_sequence,
            last_sequence: entry.last_sequence,
            time_ns: run.time_ns,
            commands: entry.commands,
            is_complete: entry.is_complete,
            records: records.len(),
            records_lost: 0,
            extra: entry.extra,
        };
        self.bunch.push(head, records);
        self.keep_bound();
    }

    /// Drops the records that are gathered if the client has not taken enough of the others.
    fn keep_bound(&mut self) {
        let shared = &self.client.shared;
        let waiting = shared.waiting_bytes.load(Ordering::Acquire);
        if waiting + self.bunch.bytes() > shared.reply_bytes_max() {
            self.bunch.drop_records();
        }
    }

    /// Hands over what is gathered, if there is room, and tells the client.
    fn hand_over(&mut self) {
        self.is_touched = false;
        if self.bunch.is_empty() || !self.client.replies.has_room() {
            return;
        }
        let fresh = self.client.used.pop().unwrap_or_default();
        let bunch = std::mem::replace(&mut self.bunch, fresh);
        let shared = &self.client.shared;
        // Counted first: the client takes it off again.
        shared
            .waiting_bytes
            .fetch_add(bunch.bytes(), Ordering::AcqRel);
        assert!(
            self.client.replies.push(bunch).is_ok(),
            "room was looked for before"
        );
        shared.wake();
    }
}
