//! Where money comes from and goes to, each source with its rising number.

use crate::refusal::{Refusal, within};
use crate::requests::Answer;
use outcry_protocol::RejectReason as R;
use std::collections::BTreeMap;

/// The last number of a source and how it was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Last {
    pub(super) number: u64,
    pub(super) sequence: u64,
    /// 0 when it was accepted, else the reason's code.
    pub(super) code: u16,
}

/// Every source that was ever heard of: a number is never taken twice.
#[derive(Debug, Clone)]
pub(super) struct Sources {
    last: BTreeMap<u64, Last>,
    sources_max: u32,
}

impl Sources {
    pub(super) const fn new(sources_max: u32) -> Self {
        Self {
            last: BTreeMap::new(),
            sources_max,
        }
    }

    /// How a number was answered before: `None` for a new one; of all but the last nothing but
    /// that it was is known.
    pub(super) fn find(&self, [source, number]: [u64; 2]) -> Result<Option<Answer>, Refusal> {
        let Some(last) = self.last.get(&source) else {
            let count = self.last.len();
            let most = self.sources_max;
            within(count < most as usize, R::TooManySources, most.into())?;
            return Ok(None);
        };
        if number > last.number {
            return Ok(None);
        }
        let is_last = number == last.number;
        Ok(Some(Answer {
            sequence: if is_last { last.sequence } else { 0 },
            code: if is_last { last.code } else { 0 },
            order_id: 0,
        }))
    }

    /// Notes how a number was answered.
    pub(super) fn note(&mut self, [source, number]: [u64; 2], sequence: u64, code: u16) {
        let last = Last {
            number,
            sequence,
            code,
        };
        self.insert(source, last);
    }

    pub(super) fn insert(&mut self, source: u64, last: Last) {
        self.last.insert(source, last);
    }

    /// Every source, by its number.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (u64, &Last)> {
        self.last.iter().map(|(source, last)| (*source, last))
    }
}
