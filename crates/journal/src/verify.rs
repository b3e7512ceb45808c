//! Reading a whole journal without changing anything.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::{Disk, OpenMode};
use crate::folders::{Folders, SegmentFile, segments};
use crate::judge::{End, Witnesses};
use crate::mark::read_mark;
use crate::opening::Cut;
use crate::reader::{ReadError, Reader};
use crate::scan::{Scan, scan};
use crate::tail::{Tail, look};

/// What came of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Every frame up to the durable end is good.
    Good,
    /// Something at or before the durable end is damaged or missing.
    Damaged,
    /// There is no journal, it is of a newer format, or the disk refused.
    Unusable,
}

impl Verdict {
    /// The exit code of a process that tells it: 0, 1 or 2.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        self as u8
    }

    /// The name that people read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Damaged => "damaged",
            Self::Unusable => "unusable",
        }
    }
}

/// All that a verification saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyReport {
    /// The verdict.
    pub verdict: Verdict,
    /// What is wrong, in the order of the journal; empty if all is good.
    pub findings: Vec<Finding>,
    /// The segments in which frames were read.
    pub segments: Vec<SegmentReport>,
    /// The shard.
    pub shard: u32,
    /// The epoch at the end.
    pub epoch: u32,
    /// The first sequence that is kept.
    pub first_sequence: u64,
    /// The last sequence that was read.
    pub last_sequence: u64,
    /// The durable end that was recorded.
    pub durable_sequence: u64,
    /// The unsealed tail that the next opening will cut.
    pub tail: Option<Cut>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file or folder.
    pub file: PathBuf,
    /// Bytes from the start of the segment.
    pub offset: u64,
    /// What is wrong there.
    pub text: String,
}

/// What was read of one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentReport {
    /// Its file.
    pub file: PathBuf,
    /// Whether it comes from the archive.
    pub archived: bool,
    /// Whether it is sealed.
    pub sealed: bool,
    /// Its first sequence.
    pub first_sequence: u64,
    /// The last sequence that was read in it.
    pub last_sequence: u64,
    /// Good frames.
    pub frames: u64,
    /// Bytes of head and good frames.
    pub bytes: u64,
}

/// Reads a journal from its first frame to its last, and behind damage from the next segment on.
/// It takes no lock: beside a process that writes, what lies behind the durable end is not judged.
/// `known_durable` is as in [`crate::Options`].
#[must_use]
pub fn verify(disk: &Arc<dyn Disk>, dir: &Path, known_durable: u64) -> VerifyReport {
    let mut verifier = Verifier {
        disk,
        folders: Folders::new(dir),
        report: VerifyReport {
            verdict: Verdict::Good,
            findings: Vec::new(),
            segments: Vec::new(),
            shard: 0,
            epoch: 0,
            first_sequence: 0,
            last_sequence: 0,
            durable_sequence: known_durable,
            tail: None,
        },
    };
    if let Err((file, error)) = verifier.run(known_durable) {
        verifier.find(file, 0, error.to_string(), Verdict::Unusable);
    }
    verifier.report
}

struct Verifier<'a> {
    disk: &'a Arc<dyn Disk>,
    folders: Folders,
    report: VerifyReport,
}

type Refused = (PathBuf, io::Error);

impl Verifier<'_> {
    fn run(&mut self, known_durable: u64) -> Result<(), Refused> {
        let journal = self.folders.journal();
        let found = segments(&**self.disk, &self.folders).map_err(|error| (journal, error))?;
        let Some(first) = found.first() else {
            let dir = self.folders.root().to_owned();
            self.find(dir, 0, "there is no journal".to_owned(), Verdict::Unusable);
            return Ok(());
        };
        self.report.first_sequence = first.first_sequence;
        let mut witnesses = Witnesses {
            mark: None,
            known_durable,
        };
        match self.mark()? {
            Ok(mark) => witnesses.mark = mark,
            Err(()) => return Ok(()),
        }
        let mut place = 0;
        while place < found.len() {
            place = self.read_from(&found, place, &witnesses)?;
        }
        Ok(())
    }

    /// Reads until the end or damage, and answers the place of the segment to go on with.
    fn read_from(
        &mut self,
        found: &[SegmentFile],
        place: usize,
        witnesses: &Witnesses,
    ) -> Result<usize, Refused> {
        let segment = found[place].first_sequence;
        let opened = Reader::at_segment(Arc::clone(self.disk), self.folders.clone(), segment);
        let mut reader = match opened {
            Ok(reader) => reader,
            Err(error) => {
                self.find_error(error)?;
                return Ok(self.place_kept(found, place + 1));
            }
        };
        self.report.shard = reader.shard();
        let reports = &mut self.report.segments;
        let scan = scan(&mut reader, witnesses.mark.as_ref(), |header, reader| {
            let position = reader.position();
            if reports
                .last()
                .is_none_or(|last| last.first_sequence != position.segment)
            {
                reports.push(SegmentReport::new(reader));
            }
            if let Some(report) = reports.last_mut() {
                report.frames += 1;
                report.last_sequence = header.last_sequence();
                report.bytes = position.offset;
                report.sealed = position.sealed;
            }
        });
        self.report.epoch = scan.end.link.epoch;
        self.report.last_sequence = scan.last_sequence();
        let next = next_place(found, &scan);
        self.judge(scan, found, witnesses)?;
        Ok(self.place_kept(found, next))
    }

    /// The place to go on with, of the segments that are still kept.
    fn place_kept(&self, found: &[SegmentFile], place: usize) -> usize {
        let first = self.report.first_sequence;
        place.max(found.partition_point(|file| file.first_sequence < first))
    }

    /// Whether the journal begins behind this sequence by now, for another process removed what is
    /// not kept.
    fn begins_behind(&mut self, sequence: u64) -> Result<bool, Refused> {
        let found = segments(&**self.disk, &self.folders);
        let found = found.map_err(|error| (self.folders.journal(), error))?;
        let oldest = found.first().map(|file| file.first_sequence);
        let Some(oldest) = oldest.filter(|oldest| *oldest > sequence) else {
            return Ok(false);
        };
        self.report.first_sequence = oldest;
        Ok(true)
    }

    fn judge(
        &mut self,
        scan: Scan,
        found: &[SegmentFile],
        witnesses: &Witnesses,
    ) -> Result<(), Refused> {
        let path = self.folders.segment(scan.end.segment);
        let last = found.last().filter(|last| !last.archived);
        // A later one was begun meanwhile.
        let mut is_last = last.is_some_and(|last| scan.end.segment >= last.first_sequence);
        let mut tail = Tail::default();
        if is_last && !scan.end.sealed {
            tail = self
                .look(&path, &scan)
                .map_err(|error| (path.clone(), error))?;
        }
        // Asked last: who writes leaves the mark before frames that speak of it.
        if self.mark()? != Ok(witnesses.mark) {
            // Somebody writes: behind the mark as it was at first, frames may be half there.
            let marked = witnesses.mark.map_or((0, 0), |mark| mark.place());
            is_last = scan.end.place() >= marked;
            tail = Tail::default();
        }
        let durable = witnesses.durable_sequence(&scan, &tail);
        self.report.durable_sequence = self.report.durable_sequence.max(durable);
        match witnesses.judge(&scan, &tail, is_last) {
            End::Good => {
                self.report.tail = Cut::of(&scan, &tail, path);
                Ok(())
            }
            End::Stopped => scan.stop.map_or(Ok(()), |stop| self.find_error(stop)),
            End::Wrong(offset, why) => {
                self.find(path, offset, why.to_string(), Verdict::Damaged);
                Ok(())
            }
        }
    }

    fn look(&self, path: &Path, scan: &Scan) -> io::Result<Tail> {
        let file = self.disk.open(path, OpenMode::Read)?;
        look(&*file, scan.end.offset, &scan.end.link)
    }

    /// The durable mark; one of a newer format is a finding, and `Err`.
    fn mark(&mut self) -> Result<Result<Option<crate::DurableMark>, ()>, Refused> {
        let file = self.folders.durable();
        let mark = read_mark(&**self.disk, &self.folders);
        match mark.map_err(|error| (file.clone(), error))? {
            Ok(mark) => Ok(Ok(mark)),
            Err(why) => {
                self.find(file, 0, why.to_string(), Verdict::Unusable);
                Ok(Err(()))
            }
        }
    }

    fn find_error(&mut self, error: ReadError) -> Result<(), Refused> {
        match error {
            ReadError::Damaged { file, offset, why } => {
                let verdict = if why.is_newer() {
                    Verdict::Unusable
                } else {
                    Verdict::Damaged
                };
                self.find(file, offset, why.to_string(), verdict);
            }
            ReadError::Missing { dir, sequence } => {
                if self.begins_behind(sequence)? {
                    return Ok(());
                }
                let text = format!("no segment holds sequence {sequence}");
                self.find(dir, 0, text, Verdict::Damaged);
            }
            ReadError::Disk { file, error } => return Err((file, error)),
        }
        Ok(())
    }

    fn find(&mut self, file: PathBuf, offset: u64, text: String, verdict: Verdict) {
        self.report.verdict = self.report.verdict.max(verdict);
        self.report.findings.push(Finding { file, offset, text });
    }
}

impl SegmentReport {
    fn new(reader: &Reader) -> Self {
        Self {
            file: reader.file().to_owned(),
            archived: reader.is_archived(),
            sealed: false,
            first_sequence: reader.position().segment,
            last_sequence: 0,
            frames: 0,
            bytes: 0,
        }
    }
}

/// The place of the segment behind the one in which reading ended.
fn next_place(found: &[SegmentFile], scan: &Scan) -> usize {
    let behind = |segment: u64| found.partition_point(|file| file.first_sequence <= segment);
    match &scan.stop {
        None => found.len(),
        // The head of the next segment is damaged, which is the file that is named.
        Some(ReadError::Damaged { file, .. }) => {
            let named = found.iter().position(|segment| segment.path == *file);
            named.map_or_else(|| behind(scan.end.segment), |named| named + 1)
        }
        Some(_) => behind(scan.end.segment),
    }
}
