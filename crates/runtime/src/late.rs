//! Reads behind a halt by the disk: they are answered from the state that is durable, by whoever
//! asks, for nothing changes it any more.

use crate::errors::{CallError, SubmitError};
use crate::halt::{Halt, HaltReason};
use crate::read::{Read, ReadAnswer};
use crate::replies::{Extra, Replies, ReplyHead};
use crate::shared::{Remains, Shared, lock};
use outcry_engine::Engine;
use std::collections::VecDeque;
use std::sync::Mutex;

/// The reads of a client that wait to be taken back with their answers.
#[derive(Debug, Default)]
pub(crate) struct Late(Mutex<VecDeque<(u64, Read)>>);

impl Late {
    /// Takes a read in.
    pub(crate) fn add(
        &self,
        exchange: &Shared,
        read: &Read,
        ticket: u64,
        bound: u32,
    ) -> Result<(), SubmitError> {
        if let (Remains::Gone, Some(halt)) = (exchange.remains(), exchange.halted()) {
            return Err(halt.into());
        }
        if exchange.is_closing() {
            return Err(Halt::new(HaltReason::Closed, "the exchange is being closed").into());
        }
        let mut reads = lock(&self.0);
        if reads.len() >= bound as usize {
            return Err(SubmitError::Overloaded {
                what: "client's room for commands in flight",
                bound: bound.into(),
            });
        }
        reads.push_back((ticket, *read));
        Ok(())
    }

    /// Gives up all that wait.
    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }

    /// Whether [`Self::answer`] has something to say.
    pub(crate) fn is_ready(&self, exchange: &Shared) -> bool {
        !matches!(exchange.remains(), Remains::Awaited) || lock(&self.0).is_empty()
    }

    /// Adds the answers to all that wait, and says how many; none while the state is awaited.
    ///
    /// # Errors
    /// The halt where nothing waits, and where there is no state.
    pub(crate) fn answer(
        &self,
        exchange: &Shared,
        halt: Halt,
        bytes_max: usize,
        replies: &mut Replies,
    ) -> Result<usize, Halt> {
        let mut reads = lock(&self.0);
        if reads.is_empty() {
            return Err(halt);
        }
        match exchange.remains() {
            Remains::Awaited => Ok(0),
            Remains::Gone => {
                reads.clear();
                Err(halt)
            }
            Remains::Held(engine) => {
                let (count, mut engine) = (reads.len(), lock(engine));
                let now_ns = exchange.options.clock.now_ns();
                for (ticket, read) in reads.drain(..) {
                    let answer = read.answer(&mut engine, now_ns);
                    replies.push(reply(&engine, answer, ticket, bytes_max), &[]);
                }
                Ok(count)
            }
        }
    }
}

fn reply(engine: &Engine, answer: ReadAnswer, ticket: u64, bytes_max: usize) -> ReplyHead {
    let fits = answer.bytes() <= bytes_max;
    ReplyHead {
        ticket,
        first_sequence: engine.sequence(),
        last_sequence: engine.sequence(),
        time_ns: engine.time_ns(),
        commands: 0,
        is_complete: true,
        records: 0,
        records_lost: u64::from(!fits),
        extra: fits.then(|| Box::new(Extra::Answer(answer))),
    }
}

/// Reads what remains behind a halt, and waits for it; answers with the last durable sequence.
///
/// # Errors
/// The halt where nothing remains.
pub(crate) fn read(
    exchange: &Shared,
    read: &Read,
    halt: Halt,
    bytes_max: usize,
) -> Result<(u64, ReadAnswer), CallError> {
    if !halt.reason.leaves_state() {
        return Err(SubmitError::Halted(halt).into());
    }
    loop {
        match exchange.remains() {
            Remains::Gone => return Err(SubmitError::Halted(halt).into()),
            Remains::Awaited => exchange
                .outside
                .wait(None, || !matches!(exchange.remains(), Remains::Awaited)),
            Remains::Held(engine) => {
                let mut engine = lock(engine);
                let answer = read.answer(&mut engine, exchange.options.clock.now_ns());
                if answer.bytes() > bytes_max {
                    return Err(CallError::AnswerTooLong { bound: bytes_max });
                }
                return Ok((engine.sequence(), answer));
            }
        }
    }
}
