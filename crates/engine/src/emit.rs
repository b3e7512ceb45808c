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

/// A sink together with the digest of all that went into it.
pub(crate) struct Emitter<'a, S> {
    sink: &'a mut S,
    digest: &'a mut Digest,
    /// The command at work.
    pub(crate) sequence: u64,
    /// Engine time of the command at work.
    pub(crate) time_ns: u64,
}

impl<'a, S: EventSink> Emitter<'a, S> {
    pub(crate) fn new(
        sink: &'a mut S,
        digest: &'a mut Digest,
        sequence: u64,
        time_ns: u64,
    ) -> Self {
        Self {
            sink,
            digest,
            sequence,
            time_ns,
        }
    }

    #[inline(always)]
    pub(crate) fn emit(&mut self, record: EventRecord) {
        self.digest.fold(&record);
        self.sink.push(&record);
    }
}
