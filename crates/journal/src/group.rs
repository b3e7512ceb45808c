//! The frames that wait for the next write, in one buffer that is made once.

use zerocopy::IntoBytes;

use crate::format::{FRAME_BYTES_MAX, HEADER_BYTES};

/// What gathers before it is written out without waiting for a commit, in bytes.
const GROUP_BYTES_MAX: usize = 4 * FRAME_BYTES_MAX;

/// Frames one behind the other, each at an address divisible by eight.
pub(crate) struct Group {
    words: Vec<u64>,
    used: usize,
    /// Bytes of the payload that is being made behind the frames.
    reserved: Option<usize>,
}

impl Group {
    pub(crate) fn new() -> Self {
        Self {
            words: vec![0; GROUP_BYTES_MAX / size_of::<u64>()],
            used: 0,
            reserved: None,
        }
    }

    pub(crate) const fn used(&self) -> usize {
        self.used
    }

    pub(crate) const fn has_room(&self, bytes: usize) -> bool {
        self.used + bytes <= GROUP_BYTES_MAX
    }

    pub(crate) fn reserve(&mut self, bytes: usize) {
        assert!(self.has_room(HEADER_BYTES + bytes), "the group has room");
        self.reserved = Some(bytes);
    }

    /// The payload that was reserved.
    pub(crate) fn payload(&mut self) -> &mut [u8] {
        let bytes = self.reserved.expect("a payload was reserved");
        let start = self.used + HEADER_BYTES;
        &mut self.words.as_mut_bytes()[start..start + bytes]
    }

    /// Takes the reserved payload and the room of its head into the group; the caller fills the
    /// head.
    pub(crate) fn close(&mut self) -> &mut [u8] {
        let bytes = self.reserved.take().expect("a payload was reserved");
        let start = self.used;
        self.used += HEADER_BYTES + bytes;
        &mut self.words.as_mut_bytes()[start..self.used]
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.words.as_bytes()[..self.used]
    }

    pub(crate) fn clear(&mut self) {
        self.used = 0;
        self.reserved = None;
    }
}
