//! Whether a journal ends where it may: what was read, held against all that says how far it was
//! durable.

use crate::damage::Damage;
use crate::format::DurableMark;
use crate::scan::Scan;
use crate::tail::Tail;

/// All that says how far a journal was durable.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Witnesses {
    /// The durable mark.
    pub(crate) mark: Option<DurableMark>,
    /// What the caller knows from elsewhere.
    pub(crate) known_durable: u64,
}

/// What the end of a journal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It ends at or behind the durable end; a tail may be cut.
    Good,
    /// It stops where it must not, with [`Scan::stop`].
    Stopped,
    /// It can be read, but at this offset of the last segment it is not what it must be.
    Wrong(u64, Damage),
}

impl Witnesses {
    /// The last sequence that any witness knows to have been durable.
    pub(crate) fn durable_sequence(&self, scan: &Scan, tail: &Tail) -> u64 {
        self.known()
            .max(scan.durable_sequence)
            .max(tail.durable_sequence)
    }

    /// The same without reading the journal.
    pub(crate) fn known(&self) -> u64 {
        let marked = self.mark.map_or(0, |mark| mark.sequence);
        marked.max(self.known_durable)
    }

    /// Judges the end of a journal. `is_last` tells that reading ended in the last segment, and
    /// that this is not archived.
    pub(crate) fn judge(&self, scan: &Scan, tail: &Tail, is_last: bool) -> End {
        if let Some(mark) = self.mark.filter(|mark| scan.contradicts(mark)) {
            return End::Wrong(mark.offset, Damage::Mark);
        }
        let durable_sequence = self.durable_sequence(scan, tail);
        let last_sequence = scan.last_sequence();
        let passes_end = |mark: DurableMark| mark.place() > scan.end.place();
        let is_short = last_sequence < durable_sequence || self.mark.is_some_and(passes_end);
        if scan.stop.is_some() {
            let is_torn = scan.damage().is_some_and(|why| !why.is_newer());
            let may_be_cut = is_torn && is_last && !scan.end.sealed && !is_short;
            return if may_be_cut { End::Good } else { End::Stopped };
        }
        if is_short {
            let why = Damage::EndsEarly {
                last_sequence,
                durable_sequence,
            };
            return End::Wrong(scan.end.offset, why);
        }
        End::Good
    }
}
