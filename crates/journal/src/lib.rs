//! The write-ahead journal of the exchange: the one truth that everything else is made from.
//!
//! A journal is a row of segments, each a head and frames of command records, chained by CRC32C.
//! [`open`] finds its end and gives the one [`Writer`]; a [`Reader`] follows it, while it grows or
//! years later; [`verify()`] reads it all and changes nothing; [`repair()`] does by order of a
//! person what an opening refuses to do.
//!
//! ```
//! use outcry_journal::{DirectoryLock, FrameStamp, Options, Reader, Rules, open};
//! use outcry_journal::disk_faults::FaultyDisk;
//! use std::{path::Path, sync::Arc};
//!
//! let (disk, data) = (Arc::new(FaultyDisk::new()), Path::new("/data"));
//! let lock = DirectoryLock::take(&*disk, data)?;
//! let options = Options::new(0, Rules::default());
//! let (mut writer, opening) = open(disk.clone(), &lock, &options)?;
//! assert!(opening.created);
//!
//! let stamp = FrameStamp { first_sequence: 1, count: 1, time_ns: 7, digest: 0 };
//! writer.append(&[0x41; 64], &stamp)?;
//! let released = writer.commit()?;
//!
//! let mut reader = Reader::open(disk, data, 1)?;
//! let rules = reader.next(released)?.expect("a segment begins with its rules");
//! assert_eq!(rules.rules(), Some(Rules::default()));
//! let frame = reader.next(released)?.expect("one frame was released");
//! assert_eq!((frame.last_sequence(), frame.payload), (1, &[0x41; 64][..]));
//! assert!(reader.next(released)?.is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(target_endian = "big")]
compile_error!("heads are read in place and are little endian");

mod damage;
pub mod disk;
#[cfg(feature = "faults")]
pub mod disk_faults;
mod folders;
mod format;
mod frame;
mod group;
mod halt;
mod judge;
mod lock;
mod mark;
mod opener;
mod opening;
mod options;
mod progress;
mod reader;
mod repair;
mod rules;
mod scan;
mod segment;
mod segment_maker;
mod source;
mod tail;
mod verify;
mod writer;

pub use damage::Damage;
pub use folders::{Folders, SegmentFile, segments};
pub use format::{
    DurableMark, FORMAT, FRAME_BYTES_MAX, FrameHeader, FrameKind, HEADER_BYTES, PAYLOAD_BYTES_MAX,
    PAYLOAD_UNIT_BYTES, SegmentHeader,
};
pub use frame::{Frame, Link};
pub use halt::{Halt, HaltReason};
pub use lock::{DirectoryLock, LockError};
pub use opening::{Cut, OpenError, Opening, open};
pub use options::{
    Durability, Options, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN, SEGMENT_BYTES_USUAL,
    SPARE_SEGMENTS_MAX,
};
pub use progress::Progress;
pub use reader::{Position, ReadError, Reader};
pub use repair::{RepairError, RepairReport, repair};
pub use rules::{CONFIG_BYTES_MAX, Rules};
pub use segment_maker::SegmentMaker;
pub use verify::{Finding, SegmentReport, Verdict, VerifyReport, verify};
pub use writer::{FrameStamp, Writer, WriterStatistics};

// What stands beside the journal, in the same data directory.
mod archive;
mod event_log;
mod retention;
mod snapshot;
mod store;

pub use archive::{ArchiveJob, Archived, archivable};
pub use event_log::{
    BLOCK_BYTES_MAX, BlockStamp, EventBlock, EventLogOpening, EventLogOptions, EventLogReader,
    EventLogWatch, EventLogWriter, EventPiece, EventRetention, event_log_oldest, retain_events,
    seal_event_segments,
};
pub use retention::{
    ArchivePolicy, PROJECTION_NAME_BYTES_MAX, Projection, Projections, retain_archives,
};
pub use snapshot::{
    Manifest, NewestGood, PassedOver, SNAPSHOT_PIECE_BYTES_MAX, Snapshot, SnapshotPoint,
    SnapshotStore, SnapshotWriter, Verified,
};
pub use store::{STORE_FORMAT, StoreDamage, StoreError};
