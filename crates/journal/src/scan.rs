//! Reading a journal to its end, whatever that looks like.

use crate::damage::Damage;
use crate::format::{DurableMark, FrameHeader, HEADER_BYTES};
use crate::reader::{Position, ReadError, Reader};
use crate::rules::Rules;

/// Where reading ended, and what was seen on the way.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(crate) start: Position,
    pub(crate) end: Position,
    /// Why it ended, if not with the journal.
    pub(crate) stop: Option<ReadError>,
    /// The latest rules, if a frame of them was seen.
    pub(crate) rules: Option<Rules>,
    /// As in the last frame, ns.
    pub(crate) time_ns: u64,
    /// As in the last frame.
    pub(crate) digest: u64,
    /// The greatest sequence that a frame says was durable.
    pub(crate) durable_sequence: u64,
    /// Whether a frame ends where the mark is, with the mark's checksum.
    pub(crate) met_mark: bool,
}

/// Reads to the end, and shows the head of every frame with the place behind it.
pub(crate) fn scan(
    reader: &mut Reader,
    mark: Option<&DurableMark>,
    mut on_frame: impl FnMut(&FrameHeader, &Reader),
) -> Scan {
    let start = reader.position();
    let mut scan = Scan {
        start,
        end: start,
        stop: None,
        rules: None,
        time_ns: 0,
        digest: 0,
        durable_sequence: 0,
        met_mark: mark.is_some_and(|mark| meets(mark, &start)),
    };
    loop {
        let before = reader.position();
        match reader.next(u64::MAX) {
            Ok(Some(frame)) => {
                let header = frame.header;
                if let Some(rules) = frame.rules() {
                    scan.rules = Some(rules);
                }
                (scan.time_ns, scan.digest) = (header.time_ns, header.digest);
                scan.durable_sequence = scan.durable_sequence.max(header.durable_sequence);
                on_frame(&header, reader);
            }
            Ok(None) => break,
            Err(error) => {
                scan.stop = Some(error);
                break;
            }
        }
        let position = reader.position();
        scan.met_mark |= mark.is_some_and(|mark| {
            meets(mark, &position) || meets(mark, &start_behind(&before, &position))
        });
    }
    scan.end = reader.position();
    scan.met_mark |= mark.is_some_and(|mark| meets(mark, &scan.end));
    scan
}

/// The start of the segment that was entered on the way to a position.
fn start_behind(before: &Position, position: &Position) -> Position {
    if before.segment == position.segment {
        return *before;
    }
    Position {
        segment: position.segment,
        offset: HEADER_BYTES as u64,
        ..*before
    }
}

fn meets(mark: &DurableMark, position: &Position) -> bool {
    mark.place() == position.place() && mark.chain == position.link.crc
}

impl Scan {
    /// The last sequence that was read.
    pub(crate) const fn last_sequence(&self) -> u64 {
        self.end.link.sequence - 1
    }

    /// The damage at which reading stopped.
    pub(crate) const fn damage(&self) -> Option<Damage> {
        match &self.stop {
            Some(ReadError::Damaged { why, .. }) => Some(*why),
            _ => None,
        }
    }

    /// Whether the mark lies within what was read, and no frame ends there as it says.
    pub(crate) fn contradicts(&self, mark: &DurableMark) -> bool {
        let read = self.start.place()..=self.end.place();
        read.contains(&mark.place()) && !self.met_mark
    }
}
