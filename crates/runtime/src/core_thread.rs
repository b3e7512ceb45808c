//! The core thread: sequencer and engine.
//!
//! It takes what stands in the command ring, writes the time into each command, applies it, and
//! hands on a frame of commands for the journal and a run of events for the clients.

use crate::command_ring::{Cursor, Head};
use crate::commands::{REQUEST_ID, command_length, may_ask_for_more, stamp};
use crate::failpoint;
use crate::read::Read;
use crate::replies::{Extra, is_answer, says_more};
use crate::run::{Entry, Frame, Run};
use crate::shared::Shared;
use crate::spsc::{Reader, Writer};
use outcry_engine::Engine;
use outcry_protocol::{AdminRecord, CommandKind, OrderRecord};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Bytes of commands behind which a frame is handed on.
const FRAME_BYTES: usize = 64 << 10;
/// Records behind which a run is handed on, be it in the middle of a submission.
const RUN_RECORDS: usize = 32 << 10;
/// The longest sleep before the clock is looked at again while an order waits to expire: it may
/// have been set forward.
const CLOCK_LOOK: Duration = Duration::from_secs(1);

/// What a stretch in the command ring holds.
pub(crate) mod stretch {
    /// Commands.
    pub(crate) const COMMANDS: u32 = 0;
    /// One command whose reply says how the order stands behind it.
    pub(crate) const WITH_ORDER: u32 = 1;
    /// A read.
    pub(crate) const READ: u32 = 2;
}

/// The core thread's own.
pub(crate) struct Core {
    shared: Arc<Shared>,
    engine: Engine,
    cursor: Cursor,
    links: CoreLinks,
    frame: Box<Frame>,
    run: Box<Run>,
    /// Of the commands at work.
    time_ns: u64,
}

/// Where frames and runs go, and where used ones come back.
pub(crate) struct CoreLinks {
    pub(crate) frames: Writer<Box<Frame>>,
    pub(crate) used_frames: Reader<Box<Frame>>,
    pub(crate) runs: Writer<Box<Run>>,
    pub(crate) used_runs: Reader<Box<Run>>,
}

/// The submission at work.
struct Submission {
    head: Head,
    first_sequence: u64,
    records_start: usize,
}

impl Core {
    pub(crate) fn new(shared: Arc<Shared>, engine: Engine, links: CoreLinks) -> Self {
        let next = engine.sequence() + 1;
        let mut core = Self {
            shared,
            time_ns: engine.time_ns(),
            engine,
            cursor: Cursor::default(),
            links,
            frame: Box::default(),
            run: Box::default(),
        };
        core.frame.restart(next);
        core.run.restart(next);
        core
    }

    /// Works until the exchange halts or closes.
    pub(crate) fn work(mut self) {
        while !self.shared.halt.is_set() {
            if !self.has_room() {
                self.wait_for_room();
            } else if !self.gather() {
                if self.shared.is_closing() && !self.shared.commands.has_next(&self.cursor) {
                    break;
                }
                self.sleep();
            }
        }
        self.shared.stages.core.store(true, Ordering::Release);
        self.shared.journal.wake();
        self.shared.events.wake();
    }

    fn has_room(&mut self) -> bool {
        let in_flight = self.shared.in_flight_bytes.load(Ordering::Acquire);
        in_flight < self.shared.options.in_flight_bytes
            && self.links.frames.has_room()
            && self.links.runs.has_room()
    }

    /// Sleeps until journal and clients took some of what was handed on.
    fn wait_for_room(&mut self) {
        let Self { shared, links, .. } = self;
        let bound = shared.options.in_flight_bytes;
        shared.idle(&shared.core, None, || {
            shared.in_flight_bytes.load(Ordering::Acquire) < bound
                && links.frames.has_room()
                && links.runs.has_room()
        });
    }

    fn sleep(&self) {
        let now = self.shared.options.clock.now_ns();
        let next = self.engine.next_expiry_ns();
        let timeout =
            next.map(|next| Duration::from_nanos(next.saturating_sub(now)).min(CLOCK_LOOK));
        self.shared.idle(&self.shared.core, timeout, || {
            self.shared.commands.has_next(&self.cursor) || self.shared.is_closing()
        });
    }

    /// Makes one frame and one run of what is there; answers whether there was anything.
    fn gather(&mut self) -> bool {
        let shared = Arc::clone(&self.shared);
        self.time_ns = self.time_ns.max(shared.options.clock.now_ns());
        let mut has_work = false;
        if self.engine.has_due_work(self.time_ns) {
            self.advance_time();
            has_work = true;
        }
        while self.frame.len() < FRAME_BYTES && self.run.events.len() < RUN_RECORDS {
            let Some((head, bytes)) = shared.commands.next(&mut self.cursor) else {
                break;
            };
            has_work = true;
            self.take_in(head, bytes);
        }
        shared.commands.release(&self.cursor);
        if has_work {
            self.hand_on();
        }
        has_work
    }

    fn take_in(&mut self, head: Head, bytes: &[u8]) {
        let submission = Submission {
            head,
            first_sequence: self.engine.sequence() + 1,
            records_start: self.run.events.len(),
        };
        if head.kind == stretch::READ {
            let answer = Read::from_bytes(bytes).answer(&mut self.engine, self.time_ns);
            let extra = Some(Box::new(Extra::Answer(answer)));
            let first_sequence = self.engine.sequence();
            let submission = Submission {
                first_sequence,
                ..submission
            };
            return self.close_submission(&submission, extra, true);
        }
        failpoint::pass("core.before_apply");
        let start = self.frame.len();
        self.frame.extend(bytes);
        let submission = if stamp(&mut self.frame.bytes_mut()[start..], self.time_ns) {
            self.frame.truncate(start);
            self.apply_each(submission, bytes)
        } else {
            let commands = &self.frame.bytes()[start..];
            let applied = self.engine.apply_batch(commands, &mut self.run.events);
            applied.expect("whole commands, checked when they were submitted");
            submission
        };
        failpoint::pass("core.after_apply");
        let extra =
            (head.kind == stretch::WITH_ORDER).then(|| Box::new(self.answered_order(&submission)));
        self.close_submission(&submission, extra, true);
    }

    /// Applies commands one by one, and those that answer `more` again and again, without their
    /// request id and with nothing between.
    fn apply_each(&mut self, mut submission: Submission, bytes: &[u8]) -> Submission {
        let mut offset = 0;
        while offset < bytes.len() {
            let length = command_length(&bytes[offset..]).expect("checked when it was submitted");
            let command = &bytes[offset..offset + length];
            let mut keeps_request_id = true;
            while self.apply_one(command, keeps_request_id) && !self.shared.halt.is_set() {
                keeps_request_id = false;
                if self.frame.len() >= FRAME_BYTES || self.run.events.len() >= RUN_RECORDS {
                    submission = self.hand_on_part(&submission);
                }
            }
            offset += length;
        }
        submission
    }

    /// Applies one command; answers whether it asks to be sent again.
    fn apply_one(&mut self, command: &[u8], keeps_request_id: bool) -> bool {
        let start = self.frame.len();
        self.frame.extend(command);
        let own = &mut self.frame.bytes_mut()[start..];
        stamp(own, self.time_ns);
        if !keeps_request_id {
            own[REQUEST_ID].fill(0);
        }
        let records = self.run.events.len();
        let own = &self.frame.bytes()[start..];
        let applied = self.engine.apply(own, &mut self.run.events);
        applied.expect("a whole command, checked when it was submitted");
        may_ask_for_more(command[0]) && self.run.events[records..].iter().any(says_more)
    }

    /// Works off what is due, as a command of the exchange's own.
    fn advance_time(&mut self) {
        let mut record = AdminRecord::new(CommandKind::AdvanceTime, 0);
        record.time_ns = self.time_ns;
        self.apply_one(record.as_record_bytes(), true);
    }

    /// The order that the one command of a submission made or named.
    fn answered_order(&self, submission: &Submission) -> Extra {
        let records = &self.run.events[submission.records_start..];
        let answer = records.iter().find(|record| is_answer(record));
        let order_id = answer.map_or(0, |record| record.order_id);
        Extra::Order(self.engine.order(order_id))
    }

    fn close_submission(
        &mut self,
        submission: &Submission,
        extra: Option<Box<Extra>>,
        is_complete: bool,
    ) {
        self.run.entries.push(Entry {
            client: submission.head.client,
            ticket: submission.head.ticket,
            first_sequence: submission.first_sequence,
            last_sequence: self.engine.sequence(),
            commands: if is_complete {
                submission.head.commands
            } else {
                0
            },
            is_complete,
            records_start: submission.records_start,
            records_end: self.run.events.len(),
            extra,
        });
    }

    /// Hands on what a submission has done so far, and goes on with it.
    fn hand_on_part(&mut self, submission: &Submission) -> Submission {
        let head = submission.head;
        self.close_submission(submission, None, false);
        self.hand_on();
        while !self.shared.halt.is_set() && !self.has_room() {
            self.wait_for_room();
        }
        Submission {
            head,
            first_sequence: self.engine.sequence() + 1,
            records_start: 0,
        }
    }

    /// Hands on the frame and the run, and takes up fresh ones.
    fn hand_on(&mut self) {
        let sequence = self.engine.sequence();
        self.engine.take_level_changes(&mut self.run.levels);
        self.note_last_trades();
        self.run.last_sequence = sequence;
        self.run.time_ns = self.engine.time_ns();
        let has_commands = !self.frame.is_empty();
        let meters = &self.shared.meters;
        meters.show(&self.engine);
        self.run.weight = self.run.bytes() + self.frame.len();
        self.shared
            .in_flight_bytes
            .fetch_add(self.run.weight, Ordering::AcqRel);
        // The run goes first: what the journal makes durable must find its run there.
        let mut run = self.links.used_runs.pop().unwrap_or_default();
        run.restart(sequence + 1);
        let run = std::mem::replace(&mut self.run, run);
        let has_room = self.links.runs.push(run).is_ok();
        assert!(
            has_room || self.shared.halt.is_set(),
            "room was looked for before"
        );
        if has_commands {
            self.frame
                .finish(sequence, self.engine.time_ns(), self.engine.digest().0);
            let mut frame = self.links.used_frames.pop().unwrap_or_default();
            frame.restart(sequence + 1);
            let frame = std::mem::replace(&mut self.frame, frame);
            let bytes = frame.len() as u64;
            meters.handed_bytes.fetch_add(bytes, Ordering::AcqRel);
            let has_room = self.links.frames.push(frame).is_ok();
            assert!(
                has_room || self.shared.halt.is_set(),
                "room was looked for before"
            );
            failpoint::pass("core.after_publish");
            self.shared.journal.wake();
        } else {
            self.shared.events.wake();
        }
    }

    /// Writes down the last trades of the instruments whose levels changed; they stand together.
    fn note_last_trades(&mut self) {
        let Self { run, engine, .. } = self;
        for same in run
            .levels
            .chunk_by(|left, right| left.instrument == right.instrument)
        {
            let instrument = same[0].instrument;
            run.last_trades
                .push((instrument, engine.last_trade(instrument)));
        }
    }
}

// The time stands where `stamp` writes it.
const _: () = assert!(std::mem::offset_of!(OrderRecord, time_ns) == crate::commands::TIME);
const _: () = assert!(std::mem::offset_of!(OrderRecord, request_id) == REQUEST_ID.start);
