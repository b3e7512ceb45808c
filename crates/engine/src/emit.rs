//! Where events go.

use outcry_protocol::{Digest, EventRecord};

/// Takes the events of the engine in their order.
pub trait EventSink {
    /// Takes one record.
    fn push(&mut self, record: &EventRecord);
}

impl EventSink for Vec<EventRecord> {
    #[inline]
    fn push(&mut self, record: &EventRecord) {
        Self::push(self, *record);
    }
}

/// What a command at work has at hand: a sink with the digest of all that went into it, the
/// ledger, and its own sequence and time.
pub(crate) struct Emitter<'a, S, L> {
    pub(crate) sink: &'a mut S,
    pub(crate) digest: &'a mut Digest,
    pub(crate) ledger: &'a mut L,
    /// The command at work.
    pub(crate) sequence: u64,
    /// Engine time of the command at work.
    pub(crate) time_ns: u64,
}

impl<S: EventSink, L> Emitter<'_, S, L> {
    #[inline(always)]
    pub(crate) fn emit(&mut self, record: EventRecord) {
        self.digest.fold(&record);
        self.sink.push(&record);
    }
}
