//! What a client is told: for each of its submissions the records of what was done.

use crate::read::ReadAnswer;
use outcry_engine::OrderView;
use outcry_protocol::{CancelReason, EventKind, EventRecord};

/// What a reply may hold beside records.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Extra {
    /// The order that the command made or named, as it stands behind it.
    Order(Option<OrderView>),
    /// The answer to a read.
    Answer(ReadAnswer),
}

/// A reply but for its records.
#[derive(Debug, Clone)]
pub(crate) struct ReplyHead {
    pub(crate) ticket: u64,
    pub(crate) first_sequence: u64,
    pub(crate) last_sequence: u64,
    pub(crate) time_ns: u64,
    /// Commands submitted under the ticket, 0 for a read.
    pub(crate) commands: u32,
    /// Whether nothing more of this reply follows.
    pub(crate) is_complete: bool,
    /// How many records stand in [`Replies::records`].
    pub(crate) records: usize,
    /// How many were dropped.
    pub(crate) records_lost: u64,
    pub(crate) extra: Option<Box<Extra>>,
}

/// Replies, one behind the other. Meant to be used again: what it grew to is kept by
/// [`Replies::clear`].
#[derive(Debug, Default)]
pub struct Replies {
    heads: Vec<ReplyHead>,
    records: Vec<EventRecord>,
    /// Bytes of what the heads hold beside.
    extra_bytes: usize,
}

/// One reply.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    /// What the submission was called.
    pub ticket: u64,
    /// The sequence of its first command; of a read the last sequence that it saw.
    pub first_sequence: u64,
    /// The sequence of its last command, the exchange's own repeats included.
    pub last_sequence: u64,
    /// Engine time behind its last command, in nanoseconds since 1970 UTC.
    pub time_ns: u64,
    /// How many commands were submitted; 0 for a read.
    pub commands: u32,
    /// All records of these sequences.
    pub records: &'a [EventRecord],
    /// Above zero: the client read so slowly that its bound was met and the records (of a read its
    /// answer, counted as one) were dropped. The commands were carried out; their events are to be
    /// had from a subscription.
    pub records_lost: u64,
    /// What was asked to come with it: the order as it stands behind the command, if it is open.
    pub order: Option<&'a OrderView>,
    /// The answer to a read.
    pub answer: Option<&'a ReadAnswer>,
}

/// What one command of a submission was answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer<'a> {
    /// The command's sequence.
    pub sequence: u64,
    /// The records from its own answer to its end; those of its repeats follow.
    pub records: &'a [EventRecord],
}

impl Replies {
    /// Forgets all replies.
    pub fn clear(&mut self) {
        self.heads.clear();
        self.records.clear();
        self.extra_bytes = 0;
    }

    /// How many replies there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// All records of all replies, in their order.
    #[must_use]
    pub fn records(&self) -> &[EventRecord] {
        &self.records
    }

    /// The replies in the order of their submission.
    pub fn iter(&self) -> impl Iterator<Item = Reply<'_>> {
        let mut start = 0;
        self.heads.iter().map(move |head| {
            let records = &self.records[start..start + head.records];
            start += head.records;
            let (order, answer) = match head.extra.as_deref() {
                Some(Extra::Order(order)) => (order.as_ref(), None),
                Some(Extra::Answer(answer)) => (None, Some(answer)),
                None => (None, None),
            };
            Reply {
                ticket: head.ticket,
                first_sequence: head.first_sequence,
                last_sequence: head.last_sequence,
                time_ns: head.time_ns,
                commands: head.commands,
                records,
                records_lost: head.records_lost,
                order,
                answer,
            }
        })
    }

    /// The bytes that these replies take.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.heads) + size_of_val(&*self.records) + self.extra_bytes
    }

    /// Adds a reply, or a part of one.
    pub(crate) fn push(&mut self, head: ReplyHead, records: &[EventRecord]) {
        debug_assert_eq!(head.records, records.len());
        self.records.extend_from_slice(records);
        self.extra_bytes += head.extra.as_deref().map_or(0, Extra::bytes);
        match self.heads.last_mut() {
            Some(last) if !last.is_complete => last.join(head),
            _ => self.heads.push(head),
        }
    }

    /// Drops the records and the answers of every reply, and says so in each.
    pub(crate) fn drop_records(&mut self) {
        for head in &mut self.heads {
            head.records_lost += head.records as u64;
            head.records = 0;
            if let Some(Extra::Answer(_)) = head.extra.as_deref() {
                head.extra = None;
                head.records_lost += 1;
            }
        }
        self.extra_bytes = 0;
        self.records.clear();
    }

    /// Takes over all that stands in `newer`, which goes on where this ends.
    pub(crate) fn absorb(&mut self, newer: &mut Self) {
        if self.heads.is_empty() {
            std::mem::swap(self, newer);
            return;
        }
        self.records.append(&mut newer.records);
        self.extra_bytes += newer.extra_bytes;
        let mut heads = newer.heads.drain(..);
        if self.heads.last().is_some_and(|last| !last.is_complete)
            && let Some(first) = heads.next()
        {
            let last = self.heads.len() - 1;
            self.heads[last].join(first);
        }
        self.heads.extend(heads);
    }

    /// One reply, or a part of one.
    fn of(head: ReplyHead, records: Vec<EventRecord>) -> Self {
        Self {
            extra_bytes: head.extra.as_deref().map_or(0, Extra::bytes),
            heads: vec![head],
            records,
        }
    }

    /// Takes away the last reply if its end is still to come.
    pub(crate) fn split_incomplete(&mut self) -> Option<Self> {
        self.heads.pop_if(|head| !head.is_complete).map(|head| {
            let records = self.records.split_off(self.records.len() - head.records);
            let last = Self::of(head, records);
            self.extra_bytes -= last.extra_bytes;
            last
        })
    }

    /// Takes away the one reply with this ticket, if it is there and complete.
    pub(crate) fn take_ticket(&mut self, ticket: u64) -> Option<Self> {
        let place = self
            .heads
            .iter()
            .position(|head| head.ticket == ticket && head.is_complete)?;
        let start: usize = self.heads[..place].iter().map(|head| head.records).sum();
        let head = self.heads.remove(place);
        let records = self.records.drain(start..start + head.records).collect();
        let reply = Self::of(head, records);
        self.extra_bytes -= reply.extra_bytes;
        Some(reply)
    }

    /// The last sequence and what else the one reply holds.
    pub(crate) fn into_extra(mut self) -> (u64, Option<Extra>) {
        let head = self.heads.pop().expect("there is one reply");
        (head.last_sequence, head.extra.map(|extra| *extra))
    }

    /// How much these replies count against a client's bound of what is in flight.
    pub(crate) fn weight(&self) -> u32 {
        let complete = self.heads.iter().filter(|head| head.is_complete);
        complete.map(|head| head.commands.max(1)).sum()
    }
}

impl Extra {
    fn bytes(&self) -> usize {
        let own = match self {
            Self::Order(_) => 0,
            Self::Answer(answer) => answer.bytes(),
        };
        size_of::<Self>() + own
    }
}

impl ReplyHead {
    /// Takes over the next part of the same reply.
    fn join(&mut self, next: Self) {
        debug_assert_eq!(self.ticket, next.ticket);
        self.last_sequence = next.last_sequence;
        self.time_ns = next.time_ns;
        self.commands += next.commands;
        self.is_complete = next.is_complete;
        self.records += next.records;
        self.records_lost += next.records_lost;
        self.extra = next.extra.or(self.extra.take());
    }
}

impl<'a> Reply<'a> {
    /// What each submitted command was answered, in order. What was due before a command's answer
    /// is left out; the repeats of a command that answered `more` belong to it. Nothing when the
    /// records were lost.
    pub fn answers(&self) -> impl Iterator<Item = Answer<'a>> + use<'a> {
        Answers { rest: self.records }
    }
}

struct Answers<'a> {
    rest: &'a [EventRecord],
}

impl<'a> Iterator for Answers<'a> {
    type Item = Answer<'a>;

    fn next(&mut self) -> Option<Answer<'a>> {
        let sequence = self.rest.first()?.sequence_or_price;
        let mut end = command_end(self.rest);
        let start = self.rest[..end].iter().position(is_answer).unwrap_or(0);
        let mut asks_for_more = says_more(&self.rest[start]);
        while asks_for_more && end < self.rest.len() {
            let repeat = &self.rest[end..];
            let length = command_end(repeat);
            asks_for_more = repeat[..length].iter().any(says_more);
            end += length;
        }
        let records = &self.rest[start..end];
        self.rest = &self.rest[end..];
        Some(Answer { sequence, records })
    }
}

/// Whether a record says the sequence of its command.
pub(crate) const fn says_sequence(record: &EventRecord) -> bool {
    record.kind != EventKind::Traded as u8 && record.kind != EventKind::BalanceHeld as u8
}

/// How many records belong to the command of the first one.
fn command_end(records: &[EventRecord]) -> usize {
    let sequence = records[0].sequence_or_price;
    let others =
        |record: &EventRecord| says_sequence(record) && record.sequence_or_price != sequence;
    records.iter().position(others).unwrap_or(records.len())
}

/// Whether this is a command's own answer: of a cancel, and of a replace below what was done, that
/// is the end of the order.
pub(crate) fn is_answer(record: &EventRecord) -> bool {
    const REQUESTED: u16 = CancelReason::Requested as u16;
    const REPLACED: u16 = CancelReason::Replaced as u16;
    match EventKind::from_byte(record.kind) {
        Some(
            EventKind::Accepted
            | EventKind::Rejected
            | EventKind::DuplicateRequest
            | EventKind::Replaced,
        ) => true,
        Some(EventKind::Cancelled) => matches!(record.code, REQUESTED | REPLACED),
        _ => false,
    }
}

/// Whether the command that was answered so is to be sent again.
pub(crate) const fn says_more(record: &EventRecord) -> bool {
    record.kind == EventKind::Accepted as u8 && record.code == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(ticket: u64, commands: u32, records: usize, is_complete: bool) -> ReplyHead {
        ReplyHead {
            ticket,
            first_sequence: ticket,
            last_sequence: ticket,
            time_ns: 0,
            commands,
            is_complete,
            records,
            records_lost: 0,
            extra: None,
        }
    }

    fn accepted(sequence: u64, more: bool) -> EventRecord {
        EventRecord::accepted(sequence, 1, 0, 0, more)
    }

    #[test]
    fn parts_are_joined_wherever_they_were_cut() {
        let mut all = Replies::default();
        all.push(head(1, 1, 1, true), &[accepted(1, false)]);
        all.push(head(2, 0, 1, false), &[accepted(2, true)]);
        let mut rest = Replies::default();
        rest.push(head(2, 1, 1, true), &[accepted(3, false)]);
        rest.push(head(3, 1, 1, true), &[accepted(4, false)]);
        let mut part = all.split_incomplete().unwrap();
        assert_eq!((all.len(), all.weight()), (1, 1));
        part.absorb(&mut rest);
        all.absorb(&mut part);
        let found: Vec<_> = all
            .iter()
            .map(|reply| (reply.ticket, reply.records.len()))
            .collect();
        assert_eq!(found, [(1, 1), (2, 2), (3, 1)]);
        let second = all.take_ticket(2).unwrap();
        let answers: Vec<_> = second.iter().next().unwrap().answers().collect();
        assert_eq!(answers.len(), 1, "a repeat belongs to its command");
        assert_eq!((answers[0].sequence, answers[0].records.len()), (2, 2));
        assert_eq!(
            all.iter().map(|reply| reply.records.len()).sum::<usize>(),
            2
        );
    }

    #[test]
    fn an_answer_begins_behind_what_was_due() {
        let mut all = Replies::default();
        let records = [
            EventRecord::expired(7, 1, 3, 5),
            EventRecord::accepted(7, 1, 9, 1, false),
            EventRecord::traded(1, 4, 8, 1, 0),
            EventRecord::cancelled(8, 1, 4, 2, CancelReason::Requested),
        ];
        all.push(head(1, 2, 4, true), &records);
        let answers: Vec<_> = all.iter().next().unwrap().answers().collect();
        assert_eq!(answers[0].records, &records[1..3]);
        assert_eq!(answers[1].records, &records[3..]);
        assert_eq!(answers[1].sequence, 8);
    }
}
