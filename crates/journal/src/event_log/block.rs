//! A block of events, as it is gathered and as it is read.

use outcry_protocol::{EventKind, EventRecord};
use zerocopy::{FromZeros, IntoBytes};

use super::format::{BlockHead, HEAD_BYTES, HEAD_RECORDS};

/// What a block is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockStamp {
    /// The first command whose events are in the block.
    pub first_sequence: u64,
    /// The last; all between are, too.
    pub last_sequence: u64,
    /// Engine time after it, ns.
    pub time_ns: u64,
    /// The digest of the engine's events after it.
    pub digest: u64,
    /// The journal's epoch.
    pub epoch: u32,
}

/// The events of some commands, gathered to be written at once. The room of the block's head stands
/// before them, so that nothing is copied to write it.
#[derive(Debug, Clone)]
pub struct EventBlock {
    records: Vec<EventRecord>,
}

impl EventBlock {
    /// An empty block.
    #[must_use]
    pub fn new() -> Self {
        let records = vec![EventRecord::new_zeroed(); HEAD_RECORDS];
        Self { records }
    }

    /// Where the engine puts its events: records are only to be pushed, for the first are the room
    /// of the head.
    pub const fn records(&mut self) -> &mut Vec<EventRecord> {
        &mut self.records
    }

    /// The events.
    #[must_use]
    pub fn events(&self) -> &[EventRecord] {
        &self.records[HEAD_RECORDS..]
    }

    /// Whether no event is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events().is_empty()
    }

    /// Forgets the events, and keeps the memory.
    pub fn clear(&mut self) {
        self.records.truncate(HEAD_RECORDS);
    }

    /// Writes the head, and answers the block's bytes and checksum. The head counts 32 bits of
    /// length, which the caller has checked.
    pub(super) fn close(&mut self, chain: u32, stamp: &BlockStamp) -> (&[u8], u32) {
        let mut head = BlockHead::new(self.events().len() as u32, chain, stamp);
        self.put_head(&head);
        head.crc = crc32c::crc32c(&self.records.as_bytes()[8..]);
        self.put_head(&head);
        (self.records.as_bytes(), head.crc)
    }

    /// Bytes of the block as it would be written.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.records.as_slice())
    }

    fn put_head(&mut self, head: &BlockHead) {
        self.records.as_mut_bytes()[..HEAD_BYTES].copy_from_slice(head.as_bytes());
    }
}

impl Default for EventBlock {
    fn default() -> Self {
        Self::new()
    }
}

/// Events that were read: those of a block, from the asked sequence on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventPiece<'a> {
    /// The first command whose events these are.
    pub first_sequence: u64,
    /// The last.
    pub last_sequence: u64,
    /// Engine time after it, ns.
    pub time_ns: u64,
    /// The digest of the engine's events after it.
    pub digest: u64,
    /// The journal's epoch.
    pub epoch: u32,
    /// The events.
    pub records: &'a [EventRecord],
}

impl<'a> EventPiece<'a> {
    pub(super) fn new(head: &BlockHead, records: &'a [EventRecord], from_sequence: u64) -> Self {
        let skipped = if head.first_sequence >= from_sequence {
            0
        } else {
            let begins = |record: &EventRecord| begins_at_or_after(record, from_sequence);
            records.iter().position(begins).unwrap_or(records.len())
        };
        Self {
            first_sequence: head.first_sequence.max(from_sequence),
            last_sequence: head.last_sequence,
            time_ns: head.time_ns,
            digest: head.digest,
            epoch: head.epoch,
            records: &records[skipped..],
        }
    }
}

/// Whether the record begins the events of this command or a later one. Trades and the second
/// halves of balances carry no sequence; neither begins a command's events.
fn begins_at_or_after(record: &EventRecord, sequence: u64) -> bool {
    let has_sequence = !matches!(
        EventKind::from_byte(record.kind),
        Some(EventKind::Traded | EventKind::BalanceHeld)
    );
    has_sequence && record.sequence_or_price >= sequence
}
