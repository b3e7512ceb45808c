//! Frames: how one is closed, and how one is read and checked against what stands before it.

use zerocopy::{FromBytes, IntoBytes};

use crate::damage::Damage;
use crate::format::{
    FRAME_BYTES_MAX, FRAME_VERSION, FrameHeader, FrameKind, HEADER_BYTES, PAYLOAD_UNIT_BYTES,
};
use crate::rules::Rules;

/// What the next frame must follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The checksum of the frame before.
    pub crc: u32,
    /// The sequence of the next command.
    pub sequence: u64,
    /// The epoch.
    pub epoch: u32,
    /// Whether the next frame is the first of its segment.
    pub at_start: bool,
}

/// A frame, read in place and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Its head.
    pub header: FrameHeader,
    /// What it carries, at an address divisible by eight if a [`crate::Reader`] gave it.
    pub payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Reads the frame at the start of these bytes; `None` where only zeros stand, which is where
    /// a journal ends.
    ///
    /// # Errors
    /// [`Damage`] if it is damaged or does not follow the link.
    pub fn read(bytes: &'a [u8], link: &Link) -> Result<Option<Self>, Damage> {
        let Some(length) = frame_length(bytes)? else {
            return Ok(None);
        };
        let found = bytes.len();
        if found < length {
            let needed = length;
            return Err(Damage::Truncated { found, needed });
        }
        let bytes = &bytes[..length];
        let (header, payload) =
            FrameHeader::read_from_prefix(bytes).map_err(|_| Damage::Truncated {
                found,
                needed: HEADER_BYTES,
            })?;
        let crc = checksum(bytes, link.crc);
        if crc != header.crc {
            let stated = header.crc;
            return Err(Damage::Crc { stated, found: crc });
        }
        check_fields(&header, payload, link)?;
        Ok(Some(Self { header, payload }))
    }

    /// What it carries.
    ///
    /// # Panics
    /// Never: a frame that was read has a known kind.
    #[must_use]
    pub fn kind(&self) -> FrameKind {
        FrameKind::from_byte(self.header.kind).expect("the kind was checked")
    }

    /// The sequence of the last command up to and with this frame.
    #[must_use]
    pub const fn last_sequence(&self) -> u64 {
        self.header.last_sequence()
    }

    /// The rules that a `rules` frame carries.
    #[must_use]
    pub fn rules(&self) -> Option<Rules> {
        match self.kind() {
            FrameKind::Rules => Rules::read(self.payload).ok(),
            FrameKind::Commands | FrameKind::Seal => None,
        }
    }
}

impl FrameHeader {
    /// The sequence of the last command up to and with this frame.
    #[must_use]
    pub const fn last_sequence(&self) -> u64 {
        self.first_sequence + self.count as u64 - 1
    }

    /// What stands behind this frame.
    pub(crate) const fn link(&self) -> Link {
        Link {
            crc: self.crc,
            sequence: self.first_sequence + self.count as u64,
            epoch: self.epoch,
            at_start: false,
        }
    }
}

/// The bytes that the frame at the start of these bytes claims; `None` where it is all zeros.
///
/// # Errors
/// [`Damage::Length`] or [`Damage::Truncated`] if no frame begins here.
pub(crate) fn frame_length(bytes: &[u8]) -> Result<Option<usize>, Damage> {
    let head = &bytes[..bytes.len().min(HEADER_BYTES)];
    if head.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let Some(length) = head.first_chunk::<4>() else {
        let (found, needed) = (head.len(), HEADER_BYTES);
        return Err(Damage::Truncated { found, needed });
    };
    let length = u32::from_le_bytes(*length);
    let whole = length as usize;
    if (HEADER_BYTES..=FRAME_BYTES_MAX).contains(&whole) && whole.is_multiple_of(8) {
        Ok(Some(whole))
    } else {
        Err(Damage::Length(length))
    }
}

/// The checksum of a whole frame behind the checksum of the one before.
pub(crate) fn checksum(frame: &[u8], before: u32) -> u32 {
    crc32c::crc32c_append(before, &frame[8..])
}

/// Writes the head of a frame whose payload is already there, and answers the checksum.
pub(crate) fn close(frame: &mut [u8], mut header: FrameHeader, before: u32) -> u32 {
    assert!(frame.len() <= FRAME_BYTES_MAX, "the frame keeps its bound");
    header.length = frame.len() as u32;
    header.version = FRAME_VERSION;
    header.crc = 0;
    frame[..HEADER_BYTES].copy_from_slice(header.as_bytes());
    let crc = checksum(frame, before);
    frame[4..8].copy_from_slice(&crc.to_le_bytes());
    crc
}

fn check_fields(header: &FrameHeader, payload: &[u8], link: &Link) -> Result<(), Damage> {
    if header.version != FRAME_VERSION {
        return Err(Damage::Version(header.version));
    }
    let kind = FrameKind::from_byte(header.kind).ok_or(Damage::Kind(header.kind))?;
    if header.reserved != [0; 14] {
        return Err(Damage::Reserved);
    }
    let past = header.first_sequence.checked_add(u64::from(header.count));
    if header.first_sequence != link.sequence || past.is_none() || link.sequence == 0 {
        let (expected, found) = (link.sequence, header.first_sequence);
        return Err(Damage::Sequence { expected, found });
    }
    if link.at_start && kind != FrameKind::Rules {
        return Err(Damage::Rules);
    }
    // Rules within a segment open the next epoch; those at its start repeat the epoch's.
    let opens_epoch = kind == FrameKind::Rules && !link.at_start;
    let expected = link.epoch.saturating_add(u32::from(opens_epoch));
    if header.epoch != expected {
        let found = header.epoch;
        return Err(Damage::Epoch { expected, found });
    }
    check_payload(kind, header.count, payload)
}

fn check_payload(kind: FrameKind, count: u32, payload: &[u8]) -> Result<(), Damage> {
    let bytes = payload.len();
    let good = match kind {
        FrameKind::Commands => {
            let units = bytes / PAYLOAD_UNIT_BYTES;
            bytes.is_multiple_of(PAYLOAD_UNIT_BYTES) && count > 0 && count as usize <= units
        }
        FrameKind::Rules => {
            Rules::read(payload)?;
            count == 0
        }
        FrameKind::Seal => count == 0 && bytes == 0,
    };
    if good {
        Ok(())
    } else {
        let payload_bytes = bytes;
        Err(Damage::Count {
            count,
            payload_bytes,
        })
    }
}
