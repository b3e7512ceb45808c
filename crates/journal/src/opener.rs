//! The steps of an opening.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::disk::{Disk, DiskFile, OpenMode, read_full, write_full};
use crate::folders::{Folders, SegmentFile, segments};
use crate::format::{DurableMark, HEADER_BYTES, SegmentHeader};
use crate::frame::Link;
use crate::judge::{End, Witnesses};
use crate::mark::{open_mark, read_mark};
use crate::opening::{Cut, OpenError, Opening};
use crate::options::Options;
use crate::reader::{Position, Reader};
use crate::scan::{Scan, scan};
use crate::segment::{Segment, begin};
use crate::segment_maker::{SegmentMaker, write_zeros};
use crate::tail::{Tail, look};
use crate::writer::{Start, Writer};

const COPY_BYTES: usize = 1 << 20;

/// What an opening works with.
pub(crate) struct Opener<'a> {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) folders: Folders,
    pub(crate) options: &'a Options,
}

impl Opener<'_> {
    pub(crate) fn open(&self) -> Result<(Writer, Opening), OpenError> {
        let journal = self.folders.journal();
        at(&journal, self.disk.create_dir(&journal))?;
        at(self.folders.root(), self.disk.sync_dir(self.folders.root()))?;
        let found = at(&journal, segments(&*self.disk, &self.folders))?;
        let durable = self.folders.durable();
        let mark = at(&durable, read_mark(&*self.disk, &self.folders))?;
        let mark = mark.map_err(|why| OpenError::Newer { file: durable, why })?;
        if found.is_empty() {
            return self.create(mark.as_ref());
        }
        let witnesses = Witnesses {
            mark,
            known_durable: self.options.known_durable,
        };
        let mut scan = self.scan(&found, &witnesses)?;
        let tail = self.look_behind(&scan)?;
        let durable_sequence = self.check_end(&mut scan, &tail, &witnesses)?;
        self.remove_spares()?;
        self.sync_since(&found, &scan, mark.as_ref())?;
        self.write_again(&scan.end, mark.as_ref())?;
        let opening = Opening {
            created: scan.rules.is_none(),
            first_sequence: found[0].first_sequence,
            last_sequence: scan.last_sequence(),
            epoch: scan.end.link.epoch,
            rules: scan
                .rules
                .clone()
                .unwrap_or_else(|| self.options.rules.clone()),
            time_ns: scan.time_ns,
            digest: scan.digest,
            durable_sequence,
            cut: Cut::of(&scan, &tail, self.folders.segment(scan.end.segment)),
        };
        self.start(&scan.end, &tail, opening)
    }

    /// Makes a journal where there is none, unless one was durable.
    fn create(&self, mark: Option<&DurableMark>) -> Result<(Writer, Opening), OpenError> {
        if self.options.known_durable > 0 || mark.is_some() {
            return Err(OpenError::Missing {
                dir: self.folders.root().to_owned(),
                sequence: 1,
            });
        }
        self.remove_spares()?;
        let opening = Opening {
            created: true,
            first_sequence: 1,
            last_sequence: 0,
            epoch: 1,
            rules: self.options.rules.clone(),
            time_ns: 0,
            digest: 0,
            durable_sequence: 0,
            cut: None,
        };
        let before = Position {
            segment: 0,
            offset: 0,
            link: Link {
                crc: 0,
                sequence: 1,
                epoch: 1,
                at_start: true,
            },
            sealed: true,
        };
        self.start(&before, &Tail::default(), opening)
    }

    /// Reads from the segment that holds `scan_from`, or from so far before that rules are seen.
    fn scan(&self, found: &[SegmentFile], witnesses: &Witnesses) -> Result<Scan, OpenError> {
        let from = self.options.scan_from;
        if from > 0 && from < found[0].first_sequence {
            return Err(OpenError::Missing {
                dir: self.folders.root().to_owned(),
                sequence: from,
            });
        }
        let place = found.partition_point(|segment| segment.first_sequence <= from);
        let mut place = place.saturating_sub(1);
        loop {
            let segment = found[place].first_sequence;
            let folders = self.folders.clone();
            let reader = Reader::at_segment(Arc::clone(&self.disk), folders, segment);
            let mut reader =
                reader.map_err(|error| OpenError::from_read(error, witnesses.known()))?;
            let (expected, found) = (self.options.shard, reader.shard());
            if expected != found {
                return Err(OpenError::OtherShard { expected, found });
            }
            let scan = scan(&mut reader, witnesses.mark.as_ref(), |_, _| {});
            if scan.rules.is_some() || scan.stop.is_some() || place == 0 {
                return Ok(scan);
            }
            place -= 1;
        }
    }

    /// What stands behind the end of an unsealed segment.
    fn look_behind(&self, scan: &Scan) -> Result<Tail, OpenError> {
        let path = self.folders.segment(scan.end.segment);
        if scan.end.sealed || !self.is_plain(&path)? {
            return Ok(Tail::default());
        }
        let file = at(&path, self.disk.open(&path, OpenMode::Read))?;
        at(&path, look(&*file, scan.end.offset, &scan.end.link))
    }

    /// The recorded durable end, if the journal may end where it does.
    fn check_end(
        &self,
        scan: &mut Scan,
        tail: &Tail,
        witnesses: &Witnesses,
    ) -> Result<u64, OpenError> {
        let file = self.folders.segment(scan.end.segment);
        let found = at(&file, segments(&*self.disk, &self.folders))?;
        let last = found.last().filter(|last| !last.archived);
        let is_last = last.is_some_and(|last| last.first_sequence == scan.end.segment);
        let durable_sequence = witnesses.durable_sequence(scan, tail);
        match witnesses.judge(scan, tail, is_last) {
            End::Good => Ok(durable_sequence),
            End::Stopped => {
                let stop = scan.stop.take().expect("judged by where it stopped");
                Err(OpenError::from_read(stop, durable_sequence))
            }
            End::Wrong(offset, why) => Err(OpenError::Damaged {
                file,
                offset,
                why,
                durable_sequence,
            }),
        }
    }

    fn remove_spares(&self) -> Result<(), OpenError> {
        let journal = self.folders.journal();
        for spare in at(&journal, self.folders.spares(&*self.disk))? {
            at(&spare, self.disk.remove(&spare))?;
        }
        Ok(())
    }

    /// Syncs the whole segments that a writer may have left unsynced.
    fn sync_since(
        &self,
        found: &[SegmentFile],
        scan: &Scan,
        mark: Option<&DurableMark>,
    ) -> Result<(), OpenError> {
        let first = mark.map_or(scan.start.segment, |mark| mark.segment);
        for segment in found {
            let written = (first..scan.end.segment).contains(&segment.first_sequence);
            if written && !segment.archived {
                let file = at(
                    &segment.path,
                    self.disk.open(&segment.path, OpenMode::Write),
                )?;
                at(&segment.path, file.sync_data())?;
            }
        }
        let journal = self.folders.journal();
        at(&journal, self.disk.sync_dir(&journal))
    }

    /// Writes what stands behind the mark once more, and syncs it. After a failed sync the bytes
    /// can be read, and are on no disk, and no later sync would write them.
    fn write_again(&self, end: &Position, mark: Option<&DurableMark>) -> Result<(), OpenError> {
        let path = self.folders.segment(end.segment);
        if !self.is_plain(&path)? {
            return Ok(());
        }
        let marked = mark.filter(|mark| mark.segment == end.segment);
        let from = marked.map_or(0, |mark| mark.offset);
        let file = at(&path, self.disk.open(&path, OpenMode::Write))?;
        at(&path, copy_over(&*file, from, end.offset))
    }

    fn is_plain(&self, path: &Path) -> Result<bool, OpenError> {
        match self.disk.length(path) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => at(path, Err(error)),
        }
    }

    /// Goes on behind the end: in its segment, or in a new one if that is sealed.
    fn start(
        &self,
        end: &Position,
        tail: &Tail,
        opening: Opening,
    ) -> Result<(Writer, Opening), OpenError> {
        let disk = Arc::clone(&self.disk);
        let maker = SegmentMaker::new(disk, self.folders.clone(), self.options);
        let mut link = end.link;
        let segment = if end.sealed {
            link.at_start = true;
            let Link {
                crc,
                sequence,
                epoch,
                ..
            } = link;
            let version = opening.rules.version;
            let header = SegmentHeader::new(self.options.shard, epoch, version, sequence, crc);
            begin(&*self.disk, &self.folders, &maker, &header, true)?
        } else {
            let path = self.folders.segment(end.segment);
            at(&path, self.go_on_in(&path, end, tail))?
        };
        let durable = self.folders.durable();
        let mut writer = Writer::new(Start {
            disk: Arc::clone(&self.disk),
            folders: self.folders.clone(),
            shard: self.options.shard,
            durability: self.options.durability,
            maker,
            mark: at(&durable, open_mark(&*self.disk, &self.folders))?,
            segment,
            link,
            rules: opening.rules.clone(),
            time_ns: opening.time_ns,
            digest: opening.digest,
        });
        writer.begin_segment();
        writer.commit_durably()?;
        writer.leave_mark()?;
        Ok((writer, opening))
    }

    /// The unsealed segment, with zeros behind its last frame up to its whole size.
    fn go_on_in(&self, path: &Path, end: &Position, tail: &Tail) -> io::Result<Segment> {
        let file = self.disk.open(path, OpenMode::Write)?;
        let length = file.len()?;
        let capacity = length.max(self.options.segment_bytes);
        if tail.bytes > 0 {
            write_zeros(&*file, end.offset, end.offset + tail.bytes)?;
        }
        if length < capacity {
            write_zeros(&*file, length.max(end.offset), capacity)?;
        }
        Ok(Segment {
            first_sequence: end.segment,
            file,
            written: end.offset,
            capacity,
        })
    }
}

/// Writes bytes of a file where they stand, and syncs them.
fn copy_over(file: &dyn DiskFile, from: u64, to: u64) -> io::Result<()> {
    let mut buffer = vec![0; COPY_BYTES.max(HEADER_BYTES)];
    let mut offset = from;
    while offset < to {
        let count = (to - offset).min(COPY_BYTES as u64) as usize;
        let piece = &mut buffer[..count];
        if read_full(file, piece, offset)? < count {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        write_full(file, piece, offset)?;
        offset += count as u64;
    }
    file.sync_data()
}

fn at<T>(file: &Path, result: io::Result<T>) -> Result<T, OpenError> {
    result.map_err(|error| OpenError::Disk {
        file: file.to_owned(),
        error,
    })
}
