//! The bytes of one segment, plain or from the archive, through a buffer.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zerocopy::IntoBytes;
use zstd::stream::read::Decoder;

use crate::disk::{Disk, DiskFile, OpenMode};
use crate::folders::Folders;
use crate::format::FRAME_BYTES_MAX;

const BUFFER_BYTES: usize = 2 * FRAME_BYTES_MAX;
/// A reader close behind the writer reads little ahead, one far behind reads much.
const CHUNK_BYTES_MIN: usize = 4 << 10;
const CHUNK_BYTES_START: usize = 64 << 10;
const CHUNK_BYTES_MAX: usize = FRAME_BYTES_MAX;

/// A window over a segment that moves forward.
pub(crate) struct Source {
    path: PathBuf,
    stream: Stream,
    words: Vec<u64>,
    /// The bytes of the window, in the buffer.
    start: usize,
    end: usize,
    chunk: usize,
}

enum Stream {
    Plain {
        file: Box<dyn DiskFile>,
        /// Where the bytes behind the window stand in the file.
        offset: u64,
    },
    Archived(Box<Decoder<'static, io::BufReader<Sequential>>>),
}

impl Source {
    /// The segment with this first sequence; `None` if it stands nowhere.
    pub(crate) fn open(
        disk: &dyn Disk,
        folders: &Folders,
        segment: u64,
    ) -> io::Result<Option<Self>> {
        let path = folders.segment(segment);
        if let Some(file) = open_if_there(disk, &path)? {
            let stream = Stream::Plain { file, offset: 0 };
            return Ok(Some(Self::new(path, stream)));
        }
        // An archived segment loses its plain file last, so this order misses none.
        let path = folders.archived(segment);
        let Some(file) = open_if_there(disk, &path)? else {
            return Ok(None);
        };
        let stream = Stream::Archived(Box::new(Decoder::new(Sequential { file, offset: 0 })?));
        Ok(Some(Self::new(path, stream)))
    }

    fn new(path: PathBuf, stream: Stream) -> Self {
        Self {
            path,
            stream,
            words: vec![0; BUFFER_BYTES / size_of::<u64>()],
            start: 0,
            end: 0,
            chunk: CHUNK_BYTES_START,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) const fn is_archived(&self) -> bool {
        matches!(self.stream, Stream::Archived(_))
    }

    /// The window.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.words.as_bytes()[self.start..self.end]
    }

    /// Reads until the window has this many bytes, or the segment ends.
    ///
    /// # Errors
    /// That of a read; `InvalidData` where an archive cannot be decompressed.
    pub(crate) fn fill(&mut self, bytes: usize) -> io::Result<()> {
        assert!(
            bytes <= FRAME_BYTES_MAX,
            "a window holds one frame at least"
        );
        if self.end - self.start >= bytes {
            return Ok(());
        }
        if self.start == self.end {
            self.chunk = (self.chunk * 2).min(CHUNK_BYTES_MAX);
        }
        if self.start > 0 {
            let window = self.start..self.end;
            // Frames are multiples of eight, so the window stays at an address divisible by eight.
            self.words.as_mut_bytes().copy_within(window, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        while self.end < bytes {
            let wanted = (self.end + self.chunk).clamp(bytes, BUFFER_BYTES);
            let buffer = &mut self.words.as_mut_bytes()[self.end..wanted];
            match self.stream.read(buffer)? {
                0 => break,
                count => self.end += count,
            }
        }
        Ok(())
    }

    /// Moves the window's start behind bytes that it holds.
    pub(crate) fn pass(&mut self, bytes: usize) {
        self.start += bytes;
        assert!(self.start <= self.end, "only what was read is passed");
    }

    /// The bytes just before the window, `bytes` of them.
    pub(crate) fn passed(&self, bytes: usize) -> &[u8] {
        &self.words.as_bytes()[self.start - bytes..self.start]
    }

    /// Forgets what was read ahead of `offset`, where the window starts, for it may have changed.
    /// The archive does not change.
    pub(crate) fn forget(&mut self, window_offset: u64) {
        if let Stream::Plain { offset, .. } = &mut self.stream {
            if self.end - self.start > self.chunk / 2 {
                self.chunk = (self.chunk / 2).max(CHUNK_BYTES_MIN);
            }
            *offset = window_offset;
            (self.start, self.end) = (0, 0);
        }
    }

    /// Moves the window's start to this offset of the segment, from within its first bytes.
    pub(crate) fn skip_to(&mut self, target: u64, window_offset: u64) -> io::Result<()> {
        if !self.is_archived() {
            self.forget(target);
            return Ok(());
        }
        let mut left = target - window_offset;
        while left > 0 {
            self.fill(8)?;
            // By eights, so that the window stays at an address divisible by eight.
            let count = ((self.end - self.start) as u64 & !7).min(left);
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.start += count as usize;
            left -= count;
        }
        Ok(())
    }
}

impl Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain { file, offset } => {
                let count = file.read_at(buffer, *offset)?;
                *offset += count as u64;
                Ok(count)
            }
            // The decoder names its own mistakes `Other`, the disk's come with their number.
            Self::Archived(decoder) => decoder.read(buffer).map_err(|error| {
                if error.raw_os_error().is_some() {
                    return error;
                }
                io::Error::new(io::ErrorKind::InvalidData, error)
            }),
        }
    }
}

fn open_if_there(disk: &dyn Disk, path: &Path) -> io::Result<Option<Box<dyn DiskFile>>> {
    match disk.open(path, OpenMode::Read) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A file read from its start.
struct Sequential {
    file: Box<dyn DiskFile>,
    offset: u64,
}

impl Read for Sequential {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.offset)?;
        self.offset += count as u64;
        Ok(count)
    }
}
