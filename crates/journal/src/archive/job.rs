//! Archiving a segment in steps, beside other work.

use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zstd::stream::read::Decoder;
use zstd::stream::write::Encoder;

use super::format::{ARCHIVE_HEAD_BYTES, ArchiveHead};
use super::walk::ChainWalk;
use crate::damage::Damage;
use crate::disk::{Disk, DiskFile, OpenMode, write_full};
use crate::folders::{Folders, segments};
use crate::frame::Link;
use crate::snapshot::Verified;
use crate::store::{OnFile, StoreDamage, StoreError, make_folder, publish, temporary};

/// Bytes of the plain segment that a step works on.
const STEP_BYTES: usize = 1 << 20;

/// zstd's usual level.
const LEVEL: i32 = 3;

/// A segment that was archived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Archived {
    /// Its first sequence, which is its name.
    pub segment: u64,
    /// Its last sequence.
    pub last_sequence: u64,
    /// Bytes of the plain segment.
    pub plain_bytes: u64,
    /// Bytes of the archived one.
    pub archived_bytes: u64,
}

/// The plain segments that may be archived behind a verified snapshot, the oldest first. The newest
/// `keep_plain` of the closed ones stay plain.
///
/// # Errors
/// The disk's.
pub fn archivable(
    disk: &dyn Disk,
    dir: &Path,
    behind: &Verified,
    keep_plain: usize,
) -> Result<Vec<u64>, StoreError> {
    let folders = Folders::new(dir);
    let found = segments(disk, &folders).on("list", folders.root())?;
    let closed = found.len().saturating_sub(1);
    let plain = found[..closed].iter().filter(|segment| !segment.archived);
    let mut firsts: Vec<u64> = plain.map(|segment| segment.first_sequence).collect();
    firsts.truncate(firsts.len().saturating_sub(keep_plain));
    firsts.retain(|first| is_behind(*first, behind));
    Ok(firsts)
}

/// Whether a start from the snapshot does not need this segment.
fn is_behind(segment: u64, snapshot: &Verified) -> bool {
    segment < snapshot.manifest().position.segment
}

/// The archiving of one segment. Dropped before its end, it leaves the plain segment as it was.
pub struct ArchiveJob {
    disk: Arc<dyn Disk>,
    folders: Folders,
    segment: u64,
    plain: Box<dyn DiskFile>,
    /// What was read of the plain segment.
    walk: ChainWalk,
    stage: Stage,
    buffer: Vec<u8>,
}

enum Stage {
    Compress(Box<Encoder<'static, Sink>>),
    /// Reads back what was compressed.
    Verify(Box<ReadBack>),
    Done,
}

/// What comes back of the compressed segment, and what must.
struct ReadBack {
    decoder: Decoder<'static, BufReader<Source>>,
    walk: ChainWalk,
    head: ArchiveHead,
}

impl ArchiveJob {
    /// Begins to archive a closed segment behind a verified snapshot.
    ///
    /// # Errors
    /// [`StoreError::Refused`] if a start from the snapshot needs the segment,
    /// [`StoreError::Missing`] if it is not there plain, or the disk's.
    pub fn begin(
        disk: Arc<dyn Disk>,
        dir: &Path,
        segment: u64,
        behind: &Verified,
    ) -> Result<Self, StoreError> {
        let folders = Folders::new(dir);
        if !is_behind(segment, behind) {
            let needed = behind.manifest().position.segment;
            return Err(StoreError::Refused {
                field: "segment",
                why: format!("{segment} is not below {needed}, with which the snapshot goes on"),
            });
        }
        let path = folders.segment(segment);
        let plain = match disk.open(&path, OpenMode::Read) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let (file, sequence) = (folders.journal(), segment);
                return Err(StoreError::Missing { file, sequence });
            }
            opened => opened.on("open", &path)?,
        };
        make_folder(&*disk, &folders.archive())?;
        let new = temporary(&folders.archived(segment));
        let file = disk.open(&new, OpenMode::Create).on("make", &new)?;
        let offset = ARCHIVE_HEAD_BYTES as u64;
        let mut encoder = Encoder::new(Sink { file, offset }, LEVEL).on("write", &new)?;
        encoder.include_checksum(true).on("write", &new)?;
        Ok(Self {
            disk,
            folders,
            segment,
            plain,
            walk: ChainWalk::default(),
            stage: Stage::Compress(Box::new(encoder)),
            buffer: vec![0; STEP_BYTES],
        })
    }

    /// Does the next piece of work; `None` while there is more of it.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the segment is, or does not come back as it was; the disk's. The
    /// plain segment stays then.
    pub fn step(&mut self) -> Result<Option<Archived>, StoreError> {
        match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Compress(encoder) => self.compress(encoder).map(|()| None),
            Stage::Verify(back) => self.verify(back),
            Stage::Done => Err(StoreError::Refused {
                field: "job",
                why: "it has ended".to_owned(),
            }),
        }
    }

    fn compress(&mut self, mut encoder: Box<Encoder<'static, Sink>>) -> Result<(), StoreError> {
        let path = self.folders.segment(self.segment);
        let new = temporary(&self.folders.archived(self.segment));
        let read = self.plain.read_at(&mut self.buffer, self.walk.bytes);
        let count = read.on("read", &path)?;
        let bytes = &self.buffer[..count];
        let offset = self.walk.bytes;
        let fed = self.walk.feed(bytes);
        fed.map_err(|why| damaged(&path, offset, why.into()))?;
        if count > 0 {
            encoder.write_all(bytes).on("write", &new)?;
            self.stage = Stage::Compress(encoder);
            return Ok(());
        }
        let sink = encoder.finish().on("write", &new)?;
        let head = self.head(&path)?;
        write_full(&*sink.file, &head.to_bytes(), 0).on("write", &new)?;
        let source = Source {
            file: sink.file,
            offset: 0,
        };
        let decoder = Decoder::new(source).on("read", &new)?;
        self.stage = Stage::Verify(Box::new(ReadBack {
            decoder,
            walk: ChainWalk::default(),
            head,
        }));
        Ok(())
    }

    /// The head of the segment, whose last frame must be followed by the next segment.
    fn head(&self, path: &Path) -> Result<ArchiveHead, StoreError> {
        let whole = |why: Damage| damaged(path, self.walk.bytes, why.into());
        let (header, link, time_ns) = self.walk.end().map_err(whole)?;
        let Link { crc, sequence, .. } = link;
        let is_named = header.first_sequence == self.segment;
        if !is_named || self.next_segment()? != Some(sequence) {
            return Err(whole(Damage::HeaderChain));
        }
        let mut head = ArchiveHead::new(header.shard, self.segment);
        head.last_sequence = sequence - 1;
        head.last_time_ns = time_ns;
        head.plain_bytes = self.walk.bytes;
        head.plain_crc = self.walk.crc;
        head.chain = crc;
        Ok(head)
    }

    fn next_segment(&self) -> Result<Option<u64>, StoreError> {
        let found = segments(&*self.disk, &self.folders).on("list", self.folders.root())?;
        let mut firsts = found.iter().map(|segment| segment.first_sequence);
        Ok(firsts.find(|first| *first > self.segment))
    }

    fn verify(&mut self, mut back: Box<ReadBack>) -> Result<Option<Archived>, StoreError> {
        let path = self.folders.archived(self.segment);
        let new = temporary(&path);
        let offset = back.walk.bytes;
        let count = match back.decoder.read(&mut self.buffer) {
            // The decoder names its own mistakes without a number of the system.
            Err(error) if error.raw_os_error().is_none() => {
                return Err(damaged(&new, offset, StoreDamage::Archive));
            }
            read => read.on("read", &new)?,
        };
        let fed = back.walk.feed(&self.buffer[..count]);
        fed.map_err(|why| damaged(&new, offset, why.into()))?;
        if count > 0 {
            self.stage = Stage::Verify(back);
            return Ok(None);
        }
        let ReadBack {
            decoder,
            walk,
            head,
        } = *back;
        let is_same = (walk.bytes, walk.crc) == (head.plain_bytes, head.plain_crc)
            && walk.end() == self.walk.end()
            && ArchiveHead::read(&*self.disk, &new, self.segment)?.chain == head.chain;
        if !is_same {
            return Err(damaged(&new, offset, StoreDamage::Archive));
        }
        let source = decoder.finish().into_inner();
        let archived_bytes = source.file.len().on("read", &new)?;
        self.replace(&*source.file, &path)?;
        Ok(Some(Archived {
            segment: self.segment,
            last_sequence: head.last_sequence,
            plain_bytes: head.plain_bytes,
            archived_bytes,
        }))
    }

    /// Names the archived segment, then removes the plain one.
    fn replace(&self, file: &dyn DiskFile, path: &Path) -> Result<(), StoreError> {
        publish(&*self.disk, file, path)?;
        let plain: PathBuf = self.folders.segment(self.segment);
        self.disk.remove(&plain).on("remove", &plain)?;
        let folder = self.folders.journal();
        self.disk.sync_dir(&folder).on("sync", &folder)
    }
}

fn damaged(path: &Path, offset: u64, why: StoreDamage) -> StoreError {
    let file = path.to_owned();
    StoreError::Damaged { file, offset, why }
}

/// A file written from a place on.
struct Sink {
    file: Box<dyn DiskFile>,
    offset: u64,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        write_full(&*self.file, bytes, self.offset)?;
        self.offset += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The same file, read from its start.
struct Source {
    file: Box<dyn DiskFile>,
    offset: u64,
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.offset)?;
        self.offset += count as u64;
        Ok(count)
    }
}
