//! The head of a command log file.

use crate::layout::record;
use thiserror::Error;
use zerocopy::FromBytes;

/// The first eight bytes of a command log.
pub const MAGIC: [u8; 8] = *b"OUTCRYCL";

/// The version of the file's format.
const FORMAT: u32 = 1;

record! {
    /// The first 32 bytes of a command log; behind them stand command records to the file's end.
    LogHeader, 32 {
        /// [`MAGIC`].
        magic: [u8; 8],
        /// The version of the file's format.
        format: u32,
        /// The shard whose commands these are.
        shard: u32,
        /// Zeros.
        reserved: [u8; 16],
    }
}

/// A file that is no command log.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LogError {
    /// Fewer bytes than a header has.
    #[error("header: the file has {0} bytes, a command log at least 32")]
    Short(usize),
    /// Another kind of file.
    #[error("magic: the file does not begin with OUTCRYCL")]
    Magic,
    /// A format that this version does not read.
    #[error("format: {0} is not {FORMAT}")]
    Format(u32),
    /// Reserved bytes that are not zero.
    #[error("reserved: bytes 16 to 31 are not zero")]
    Reserved,
}

impl LogHeader {
    /// The header of a log of this shard.
    #[must_use]
    pub const fn new(shard: u32) -> Self {
        Self {
            magic: MAGIC,
            format: FORMAT,
            shard,
            reserved: [0; 16],
        }
    }

    /// Splits a file into its header and its records.
    ///
    /// # Errors
    /// [`LogError`] names the field that is wrong.
    pub fn split(file: &[u8]) -> Result<(Self, &[u8]), LogError> {
        let (header, records) =
            Self::read_from_prefix(file).map_err(|_| LogError::Short(file.len()))?;
        if header.magic != MAGIC {
            return Err(LogError::Magic);
        }
        if header.format != FORMAT {
            return Err(LogError::Format(header.format));
        }
        if header.reserved != [0; 16] {
            return Err(LogError::Reserved);
        }
        Ok((header, records))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_round_trips_and_damage_is_named() {
        let header = LogHeader::new(3);
        let (read, rest) = LogHeader::split(header.as_record_bytes()).unwrap();
        assert_eq!(read, header);
        assert!(rest.is_empty());
        assert_eq!(LogHeader::split(&[0; 31]), Err(LogError::Short(31)));
        assert_eq!(LogHeader::split(&[0; 32]), Err(LogError::Magic));
    }
}
