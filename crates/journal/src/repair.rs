//! Cutting a damaged journal, by order of a person.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;
use zerocopy::IntoBytes;

use crate::damage::Damage;
use crate::disk::{Disk, DiskFile, OpenMode, read_full, write_full};
use crate::folders::{Folders, SegmentFile, segments};
use crate::format::{DurableMark, HEADER_BYTES};
use crate::judge::{End, Witnesses};
use crate::lock::DirectoryLock;
use crate::mark::{open_mark, read_mark};
use crate::opening::{OpenError, open};
use crate::options::{Options, SEGMENT_BYTES_MIN};
use crate::reader::{ReadError, Reader};
use crate::rules::Rules;
use crate::scan::{Scan, scan};
use crate::segment_maker::write_zeros;
use crate::source::Source;
use crate::tail::{Tail, look};

const COPY_BYTES: usize = 1 << 20;

/// What a repair did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairReport {
    /// The damage, as an opening tells it.
    pub damage: String,
    /// The last sequence that is left. Snapshots and event logs beyond it are no longer true.
    pub last_sequence: u64,
    /// The durable end that had been recorded.
    pub durable_sequence: u64,
    /// The sequences that are known to be lost, first and last.
    pub lost: Option<(u64, u64)>,
    /// Bytes that were taken from the journal.
    pub lost_bytes: u64,
    /// Where they are now.
    pub quarantined: Vec<PathBuf>,
    /// The new epoch.
    pub epoch: u32,
}

/// A journal that was not repaired.
#[derive(Debug, Error)]
pub enum RepairError {
    /// It opens as it is.
    #[error("{}: nothing is damaged", .0.display())]
    NothingDamaged(PathBuf),
    /// Nothing of it can be kept.
    #[error("{}: nothing can be kept: {why}", dir.display())]
    NothingLeft {
        /// The data directory.
        dir: PathBuf,
        /// Why.
        why: String,
    },
    /// It is of a newer format, or the repaired journal did not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The disk refused; the repair can be ordered again.
    #[error("{}: {error}", file.display())]
    Disk {
        /// The file or folder.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// Cuts a journal at the first damage. What is cut, the damaged segment whole, is kept under
/// `quarantine/`, and a new epoch begins under the same rules. It can be ordered again if it was
/// interrupted. `known_durable` is as in [`Options`].
///
/// # Errors
/// [`RepairError`].
pub fn repair(
    disk: &Arc<dyn Disk>,
    lock: &DirectoryLock,
    known_durable: u64,
) -> Result<RepairReport, RepairError> {
    let folders = lock.folders();
    let found = at(folders.root(), segments(&**disk, folders))?;
    let mark = at(&folders.durable(), read_mark(&**disk, folders))?;
    let mark = mark.map_err(|why| newer(folders.durable(), why))?;
    let witnesses = Witnesses {
        mark,
        known_durable,
    };
    let Some(first) = found.first() else {
        return Err(nothing_left(folders, "there is no segment".to_owned()));
    };
    let reader = Reader::at_segment(Arc::clone(disk), folders.clone(), first.first_sequence);
    let mut reader = reader.map_err(|error| nothing_left(folders, error.to_string()))?;
    let mut scan = scan(&mut reader, witnesses.mark.as_ref(), |_, _| {});
    // What the disk does not answer may still be good.
    scan.stop = match scan.stop {
        Some(ReadError::Disk { file, error }) => return Err(RepairError::Disk { file, error }),
        stop => stop,
    };
    let Some(rules) = scan.rules.clone() else {
        return Err(nothing_left(folders, "no rules can be read".to_owned()));
    };
    if let Some(why) = scan.damage().filter(Damage::is_newer) {
        return Err(newer(folders.segment(scan.end.segment), why));
    }
    let repairer = Repairer {
        disk,
        folders,
        end_archived: reader.is_archived(),
        shard: reader.shard(),
        scan: &scan,
        found: &found,
    };
    repairer.repair(lock, &witnesses, &rules)
}

struct Repairer<'a> {
    disk: &'a Arc<dyn Disk>,
    folders: &'a Folders,
    /// Whether the segment in which reading ended is archived.
    end_archived: bool,
    shard: u32,
    scan: &'a Scan,
    found: &'a [SegmentFile],
}

impl Repairer<'_> {
    fn repair(
        &self,
        lock: &DirectoryLock,
        witnesses: &Witnesses,
        rules: &Rules,
    ) -> Result<RepairReport, RepairError> {
        let path = self.folders.segment(self.scan.end.segment);
        let tail = at(&path, self.look_behind(&path))?;
        let later = self.later();
        let is_last = later.is_empty() && !self.end_archived;
        let damage = match witnesses.judge(self.scan, &tail, is_last) {
            End::Good => {
                let dir = self.folders.root().to_owned();
                return Err(RepairError::NothingDamaged(dir));
            }
            End::Stopped => self
                .scan
                .stop
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            End::Wrong(offset, why) => format!("{}: offset {offset}: {why}", path.display()),
        };
        let durable_sequence = witnesses.durable_sequence(self.scan, &tail);
        let last_known = self.last_known(&tail, later).max(durable_sequence);
        let last_sequence = self.scan.last_sequence();
        let mut report = RepairReport {
            damage,
            last_sequence,
            durable_sequence,
            lost: (last_known > last_sequence).then_some((last_sequence + 1, last_known)),
            lost_bytes: tail.bytes,
            quarantined: Vec::new(),
            epoch: self.scan.end.link.epoch + 1,
        };
        let quarantine = self.folders.quarantine();
        at(&quarantine, self.disk.create_dir(&quarantine))?;
        at(self.folders.root(), self.disk.sync_dir(self.folders.root()))?;
        self.move_later(later, &mut report)?;
        let segment_bytes = self.cut_segment(&path, &tail, &mut report)?;
        at(&self.folders.durable(), self.write_mark())?;
        report.epoch = self.begin_epoch(lock, rules, segment_bytes)?;
        Ok(report)
    }

    fn later(&self) -> &[SegmentFile] {
        let end = self.scan.end.segment;
        let behind = self
            .found
            .partition_point(|file| file.first_sequence <= end);
        &self.found[behind..]
    }

    fn look_behind(&self, path: &Path) -> io::Result<Tail> {
        if self.scan.end.sealed || self.end_archived {
            return Ok(Tail::default());
        }
        let file = self.disk.open(path, OpenMode::Read)?;
        look(&*file, self.scan.end.offset, &self.scan.end.link)
    }

    /// The last sequence that can still be read anywhere in what is cut.
    fn last_known(&self, tail: &Tail, later: &[SegmentFile]) -> u64 {
        let mut last = tail.sequences.map_or(0, |(_, last)| last);
        for segment in later {
            last = last.max(segment.first_sequence - 1);
            let disk = Arc::clone(self.disk);
            let folders = self.folders.clone();
            if let Ok(mut reader) = Reader::at_segment(disk, folders, segment.first_sequence) {
                last = last.max(scan(&mut reader, None, |_, _| {}).last_sequence());
            }
        }
        last
    }

    /// Moves the segments behind the damaged one away, the last first, so that an interrupted
    /// repair leaves no gap.
    fn move_later(
        &self,
        later: &[SegmentFile],
        report: &mut RepairReport,
    ) -> Result<(), RepairError> {
        for segment in later.iter().rev() {
            let number = segment.first_sequence;
            for path in [self.folders.archived(number), self.folders.segment(number)] {
                match self.disk.length(&path) {
                    Ok(bytes) => report.lost_bytes += bytes,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return at(&path, Err(error)),
                }
                let target = self.quarantined(&path);
                at(&path, self.disk.rename(&path, &target))?;
                report.quarantined.push(target);
            }
            at(&self.folders.quarantine(), self.sync_folders())?;
        }
        Ok(())
    }

    /// Copies the damaged segment away, and leaves zeros behind its last good frame. Answers the
    /// size for new segments.
    fn cut_segment(
        &self,
        path: &Path,
        tail: &Tail,
        report: &mut RepairReport,
    ) -> Result<u64, RepairError> {
        let end = &self.scan.end;
        if self.end_archived {
            if !end.sealed {
                let archived = self.folders.archived(end.segment);
                let target = self.quarantined(&archived);
                at(path, self.restore(path))?;
                at(&archived, self.disk.rename(&archived, &target))?;
                at(&archived, self.sync_folders())?;
                report.quarantined.push(target);
            }
            return Ok(crate::options::SEGMENT_BYTES_USUAL);
        }
        let length = at(path, self.disk.length(path))?;
        if tail.bytes > 0 {
            let target = self.quarantined(path);
            at(path, self.copy(path, &target))?;
            report.quarantined.push(target);
            at(path, self.zero(path, end.offset, end.offset + tail.bytes))?;
        }
        Ok(length.next_multiple_of(8).max(SEGMENT_BYTES_MIN))
    }

    /// Writes the good part of an archived segment as a plain one.
    fn restore(&self, path: &Path) -> io::Result<()> {
        let spare = self.folders.spare(0);
        let file = self.disk.open(&spare, OpenMode::Create)?;
        let source = Source::open(&**self.disk, self.folders, self.scan.end.segment)?;
        let mut source = source.ok_or(io::ErrorKind::NotFound)?;
        let mut offset = 0;
        while offset < self.scan.end.offset {
            let count = (self.scan.end.offset - offset).min(COPY_BYTES as u64) as usize;
            source.fill(count)?;
            let piece = source.bytes().get(..count);
            write_full(&*file, piece.ok_or(io::ErrorKind::UnexpectedEof)?, offset)?;
            source.pass(count);
            offset += count as u64;
        }
        file.sync_data()?;
        self.disk.rename(&spare, path)?;
        self.sync_folders()
    }

    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        let source = self.disk.open(from, OpenMode::Read)?;
        let target = self.disk.open(to, OpenMode::Create)?;
        let mut buffer = vec![0; COPY_BYTES];
        let mut offset = 0;
        loop {
            let count = read_full(&*source, &mut buffer, offset)?;
            if count == 0 {
                break;
            }
            write_full(&*target, &buffer[..count], offset)?;
            offset += count as u64;
        }
        target.sync_data()?;
        self.disk.sync_dir(&self.folders.quarantine())
    }

    fn zero(&self, path: &Path, from: u64, to: u64) -> io::Result<()> {
        let file: Box<dyn DiskFile> = self.disk.open(path, OpenMode::Write)?;
        write_zeros(&*file, from, to)
    }

    /// The mark where the journal now ends.
    fn write_mark(&self) -> io::Result<()> {
        let end = &self.scan.end;
        let (link, sequence) = (end.link, self.scan.last_sequence());
        let mark = DurableMark::new(link.epoch, end.segment, end.offset, sequence, link.crc);
        let file = open_mark(&**self.disk, self.folders)?;
        file.set_len(HEADER_BYTES as u64)?;
        write_full(&*file, mark.as_bytes(), 0)?;
        file.sync_data()
    }

    fn begin_epoch(
        &self,
        lock: &DirectoryLock,
        rules: &Rules,
        segment_bytes: u64,
    ) -> Result<u32, RepairError> {
        let options = Options {
            segment_bytes,
            scan_from: 0,
            ..Options::new(self.shard, rules.clone())
        };
        let (mut writer, _) = open(Arc::clone(self.disk), lock, &options)?;
        let epoch = writer.open_next_epoch(rules);
        let epoch = epoch.map_err(OpenError::Halt)?;
        writer.close().map_err(OpenError::Halt)?;
        Ok(epoch)
    }

    fn sync_folders(&self) -> io::Result<()> {
        self.disk.sync_dir(&self.folders.quarantine())?;
        self.disk.sync_dir(&self.folders.journal())?;
        match self.disk.sync_dir(&self.folders.archive()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            synced => synced,
        }
    }

    /// Where a file goes: under its own name and the epoch that begins.
    fn quarantined(&self, path: &Path) -> PathBuf {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let epoch = self.scan.end.link.epoch + 1;
        self.folders
            .quarantine()
            .join(format!("{name}.epoch-{epoch}"))
    }
}

fn nothing_left(folders: &Folders, why: String) -> RepairError {
    let dir = folders.root().to_owned();
    RepairError::NothingLeft { dir, why }
}

fn newer(file: PathBuf, why: Damage) -> RepairError {
    RepairError::Open(OpenError::Newer { file, why })
}

fn at<T>(file: &Path, result: io::Result<T>) -> Result<T, RepairError> {
    result.map_err(|error| RepairError::Disk {
        file: file.to_owned(),
        error,
    })
}
