//! What can be wrong with the bytes of a journal.

use thiserror::Error;

use crate::format::{FORMAT, FRAME_BYTES_MAX, FRAME_VERSION};

/// Why bytes are not what stands in a good journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Damage {
    /// A file ends within its head.
    #[error("header: {0} bytes, it has 64")]
    HeaderShort(usize),
    /// A file of another kind.
    #[error("header: the magic is not that of a journal")]
    HeaderMagic,
    /// A head whose checksum does not hold.
    #[error("header: the checksum does not hold")]
    HeaderCrc,
    /// A head that this format cannot have.
    #[error("header: a field has a value that it cannot have")]
    HeaderFields,
    /// A head that does not go on where the segment before ended, or has another name.
    #[error("header: the segment does not follow the one before")]
    HeaderChain,
    /// A newer format, undamaged.
    #[error("format: {0} is not {FORMAT}")]
    Format(u32),
    /// The file ends within a frame.
    #[error("frame: {found} bytes are left of {needed}")]
    Truncated {
        /// Bytes that are there.
        found: usize,
        /// Bytes that the frame claims.
        needed: usize,
    },
    /// A length that no frame has.
    #[error("frame length: {0} is not a multiple of 8 from 64 to {FRAME_BYTES_MAX}")]
    Length(u32),
    /// The checksum, and with it the chain, does not hold.
    #[error("frame checksum: {found:#010x} where {stated:#010x} is stated")]
    Crc {
        /// As the frame says.
        stated: u32,
        /// As the bytes say.
        found: u32,
    },
    /// A newer frame, undamaged.
    #[error("frame version: {0} is not {FRAME_VERSION}")]
    Version(u8),
    /// A kind that no frame has.
    #[error("frame kind: {0} is none")]
    Kind(u8),
    /// Reserved bytes that are not zero.
    #[error("frame reserved: not zero")]
    Reserved,
    /// A gap in the sequences, or a step back.
    #[error("frame first_sequence: {found} where {expected} is due")]
    Sequence {
        /// What is due.
        expected: u64,
        /// What stands there.
        found: u64,
    },
    /// Another epoch.
    #[error("frame epoch: {found} where {expected} is due")]
    Epoch {
        /// What is due.
        expected: u32,
        /// What stands there.
        found: u32,
    },
    /// A number of commands that the payload cannot hold.
    #[error("frame count: {count} commands in {payload_bytes} bytes")]
    Count {
        /// Commands.
        count: u32,
        /// Bytes of the payload.
        payload_bytes: usize,
    },
    /// Rules that cannot be read, or none where a segment begins.
    #[error("frame rules: missing at the segment's beginning, or malformed")]
    Rules,
    /// Bytes behind the last frame that are not zero.
    #[error("tail: bytes that are not zero where no frame begins")]
    Tail,
    /// The journal ends before what was durable.
    #[error("end: the journal ends at sequence {last_sequence}, {durable_sequence} was durable")]
    EndsEarly {
        /// The last sequence that is there.
        last_sequence: u64,
        /// The last that was durable.
        durable_sequence: u64,
    },
    /// Frames that are not those that were synced.
    #[error("mark: the frames before the durable mark are not those that were synced")]
    Mark,
    /// A segment that stops without a seal though another one follows.
    #[error("seal: the segment is not sealed, and another one follows")]
    Unsealed,
    /// An archived segment that cannot be decompressed.
    #[error("archive: the segment cannot be decompressed")]
    Archive,
}

impl Damage {
    /// Whether the bytes are good, but of a newer format.
    #[must_use]
    pub const fn is_newer(&self) -> bool {
        matches!(self, Self::Format(_) | Self::Version(_))
    }
}
