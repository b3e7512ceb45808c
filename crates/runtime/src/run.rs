//! What travels between the threads: frames of commands to the journal, runs of events to the
//! clients. Both are used again, so that a busy exchange allocates nothing.

use crate::replies::Extra;
use outcry_engine::LevelChange;
use outcry_journal::FrameStamp;
use outcry_protocol::EventRecord;
use zerocopy::IntoBytes;

/// What a used frame or run may keep for the next time.
const KEPT_BYTES: usize = 4 << 20;

/// Commands in a row, as the journal takes them.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    words: Vec<u64>,
    first_sequence: u64,
    stamp: Option<FrameStamp>,
}

impl Frame {
    /// Empties the frame; its first command will have this sequence.
    pub(crate) fn restart(&mut self, first_sequence: u64) {
        self.words.clear();
        if self.words.capacity() * 8 > KEPT_BYTES {
            self.words = Vec::new();
        }
        self.first_sequence = first_sequence;
        self.stamp = None;
    }

    /// Appends a whole number of words.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        debug_assert!(rest.is_empty());
        self.words
            .extend(words.iter().map(|word| u64::from_ne_bytes(*word)));
    }

    /// Cuts off what stands behind this many bytes, a whole number of words.
    pub(crate) fn truncate(&mut self, bytes: usize) {
        self.words.truncate(bytes / 8);
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.words.as_bytes()
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        self.words.as_mut_bytes()
    }

    pub(crate) fn len(&self) -> usize {
        self.words.len() * 8
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Says what stands behind the last command.
    pub(crate) fn finish(&mut self, last_sequence: u64, time_ns: u64, digest: u64) {
        self.stamp = Some(FrameStamp {
            first_sequence: self.first_sequence,
            count: (last_sequence + 1 - self.first_sequence) as u32,
            time_ns,
            digest,
        });
    }

    pub(crate) const fn stamp(&self) -> &FrameStamp {
        self.stamp
            .as_ref()
            .expect("a frame is finished before it leaves the core")
    }
}

/// Whom some of a run's records belong to.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) client: u32,
    pub(crate) ticket: u64,
    pub(crate) first_sequence: u64,
    pub(crate) last_sequence: u64,
    /// Commands that the client submitted; 0 for a read, and for all but the last part.
    pub(crate) commands: u32,
    /// Whether this is the last part.
    pub(crate) is_complete: bool,
    /// Its records are those of the run from here to the next entry's, or `records_end`.
    pub(crate) records_start: usize,
    pub(crate) records_end: usize,
    pub(crate) extra: Option<Box<Extra>>,
}

/// The events of commands in a row.
#[derive(Debug, Default)]
pub(crate) struct Run {
    pub(crate) first_sequence: u64,
    /// Nothing of the run may leave before the journal has this sequence.
    pub(crate) last_sequence: u64,
    pub(crate) time_ns: u64,
    /// What it counts against the bound of bytes in flight.
    pub(crate) weight: usize,
    pub(crate) events: Vec<EventRecord>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) levels: Vec<LevelChange>,
    /// Instruments whose levels changed, with their last trade.
    pub(crate) last_trades: Vec<(u32, Option<i64>)>,
}

impl Run {
    /// Empties the run; its first command will have this sequence.
    pub(crate) fn restart(&mut self, first_sequence: u64) {
        self.events.clear();
        self.entries.clear();
        self.levels.clear();
        self.last_trades.clear();
        self.first_sequence = first_sequence;
        if self.bytes_reserved() > KEPT_BYTES {
            *self = Self {
                first_sequence,
                ..Self::default()
            };
        }
    }

    fn bytes_reserved(&self) -> usize {
        self.events.capacity() * size_of::<EventRecord>()
            + self.levels.capacity() * size_of::<LevelChange>()
            + self.entries.capacity() * size_of::<Entry>()
    }

    /// The bytes that the run takes up.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.events) + size_of_val(&*self.levels) + size_of_val(&*self.entries)
    }
}
