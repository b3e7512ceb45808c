//! Many commands through one client: cut into submissions, all of them on their way at once.

use std::time::Duration;

use outcry_protocol::{Command, DecodeError, EventRecord, record_size};
use outcry_runtime::{COMMANDS_MAX, Client, Halt, Replies, SUBMISSION_BYTES_MAX, SubmitError};
use pyo3::prelude::*;

use crate::bytes::Records;
use crate::errors::undecodable;
use crate::exchange_errors::{events_gap, halted, submit_failed};

/// The longest sleep before a full ring is tried again.
const PATIENCE: Duration = Duration::from_millis(1);
/// The longest sleep before a halt is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// Why a batch was not done to its end.
pub(crate) enum BatchFailure {
    /// The bytes cannot be read on from this offset; what stood before was done.
    Undecodable(usize, DecodeError, Vec<EventRecord>),
    /// A submission was refused.
    Refused(SubmitError),
    /// The exchange stopped.
    Halted(Halt),
    /// Events were dropped, for their bound was met: from this sequence to that one.
    EventsLost(u64, u64),
}

impl BatchFailure {
    pub(crate) fn into_error(self) -> PyErr {
        match self {
            Self::Undecodable(offset, error, events) => {
                undecodable(offset, error, Some(events.into()))
            }
            Self::Refused(error) => submit_failed(error),
            Self::Halted(halt) => halted(&halt),
            Self::EventsLost(first, last) => events_gap(first, last),
        }
    }
}

/// Submits commands from the bytes as long as there is room, and gathers the events.
struct Batch<'a> {
    client: &'a Client,
    bytes: &'a [u8],
    offset: usize,
    outstanding: u64,
    submitted: u64,
    replies: Replies,
    events: Vec<EventRecord>,
    /// The commands whose events were dropped, from one sequence to another.
    lost: Option<(u64, u64)>,
    refusal: Option<SubmitError>,
}

/// Does all commands in these bytes, one behind the other, and returns their events.
pub(crate) fn apply(client: &Client, bytes: &[u8]) -> Result<Records, BatchFailure> {
    let mut batch = Batch {
        client,
        bytes,
        offset: 0,
        outstanding: 0,
        submitted: 0,
        replies: Replies::default(),
        events: Vec::new(),
        lost: None,
        refusal: None,
    };
    let mut unreadable = None;
    loop {
        if unreadable.is_none() && batch.refusal.is_none() {
            unreadable = batch.submit_what_fits()?;
        }
        let is_cut = unreadable.is_some() || batch.refusal.is_some();
        // The client is another's next: nothing of this may be left in it.
        if (is_cut || batch.offset == bytes.len()) && batch.outstanding == 0 {
            break;
        }
        batch.gather()?;
    }
    if let Some((first, last)) = batch.lost {
        return Err(BatchFailure::EventsLost(first, last));
    }
    if let Some(error) = batch.refusal {
        return Err(BatchFailure::Refused(error));
    }
    match unreadable {
        Some(error) => Err(BatchFailure::Undecodable(batch.offset, error, batch.events)),
        None => Ok(batch.events.into()),
    }
}

impl Batch<'_> {
    /// Answers what is wrong with the bytes where they cannot be read on.
    fn submit_what_fits(&mut self) -> Result<Option<DecodeError>, BatchFailure> {
        while self.offset < self.bytes.len() {
            let rest = &self.bytes[self.offset..];
            let (length, error) = submission(rest);
            if length == 0 {
                return Ok(error);
            }
            match self.client.submit(&rest[..length], self.submitted) {
                Ok(_) => {
                    self.offset += length;
                    self.submitted += 1;
                    self.outstanding += 1;
                }
                Err(SubmitError::Overloaded { .. }) => return Ok(None),
                Err(SubmitError::Halted(halt)) => return Err(BatchFailure::Halted(halt)),
                Err(other) => {
                    self.refusal = Some(other);
                    return Ok(None);
                }
            }
        }
        Ok(None)
    }

    fn gather(&mut self) -> Result<(), BatchFailure> {
        let sleep = if self.outstanding == 0 {
            PATIENCE
        } else {
            LOOK
        };
        self.client.wait(sleep);
        self.replies.clear();
        let taken = self.client.take(&mut self.replies);
        taken.map_err(BatchFailure::Halted)?;
        for reply in self.replies.iter() {
            if reply.records_lost > 0 {
                let first = self.lost.map_or(reply.first_sequence, |(first, _)| first);
                self.lost = Some((first, reply.last_sequence));
            }
            for answer in reply.answers() {
                self.events.extend_from_slice(answer.records);
            }
            self.outstanding -= 1;
        }
        Ok(())
    }
}

/// How many bytes at the start make one submission of whole commands, and what is wrong behind
/// them where nothing fits.
fn submission(bytes: &[u8]) -> (usize, Option<DecodeError>) {
    let mut length = 0;
    for _ in 0..COMMANDS_MAX {
        let rest = &bytes[length..];
        if rest.is_empty() {
            break;
        }
        let size = Command::decode(rest).map_or_else(|_| record_size(rest), |(_, size)| Ok(size));
        match size {
            Ok(size) if length + size <= SUBMISSION_BYTES_MAX => length += size,
            Ok(_) => break,
            Err(error) => return (length, Some(error)),
        }
    }
    (length, None)
}
