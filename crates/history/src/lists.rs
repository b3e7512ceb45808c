//! Order lists as the history keeps them.

use outcry_protocol::{ListRecord, ListState, Text};

/// An order list behind the last command that was folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Its id: the sequence of the command that entered it.
    pub list_id: u64,
    /// Its instrument.
    pub instrument: u32,
    /// Whose it is.
    pub account: u32,
    /// As in its record.
    pub list_type: u8,
    /// What became of it.
    pub state: u8,
    /// Engine time of its entry, ns.
    pub entered_ns: u64,
    /// Engine time of its last change of state, ns.
    pub changed_ns: u64,
    /// Its legs, in their order; 0 where there is none.
    pub order_ids: [u64; 3],
    /// The client's name for it.
    pub client_list_id: Text<36>,
}

impl List {
    pub(crate) fn new(record: &ListRecord, list_id: u64, time_ns: u64) -> Self {
        Self {
            list_id,
            instrument: record.instrument,
            account: record.account,
            list_type: record.list_type,
            state: ListState::Executing as u8,
            entered_ns: time_ns,
            changed_ns: time_ns,
            order_ids: [0; 3],
            client_list_id: record.client_list_id,
        }
    }

    /// Whether its legs are at work.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.state == ListState::Executing as u8
    }
}
