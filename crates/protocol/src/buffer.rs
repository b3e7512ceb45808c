//! Records at an address at which they can be read in place.

use zerocopy::IntoBytes;

/// Bytes at an address divisible by eight: records can be read in them in place.
#[derive(Debug, Clone, Default)]
pub struct RecordBuffer {
    words: Vec<u64>,
    length: usize,
}

impl RecordBuffer {
    /// A copy of these bytes.
    #[must_use]
    pub fn copy_of(bytes: &[u8]) -> Self {
        let mut buffer = Self::default();
        buffer.extend(bytes);
        buffer
    }

    /// An empty buffer with room for this many bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            words: Vec::with_capacity(bytes.div_ceil(8)),
            length: 0,
        }
    }

    /// Appends bytes.
    pub fn extend(&mut self, bytes: &[u8]) {
        let start = self.length;
        self.length += bytes.len();
        self.words.resize(self.length.div_ceil(8), 0);
        self.words.as_mut_bytes()[start..self.length].copy_from_slice(bytes);
    }

    /// Whether records can be read in these bytes in place.
    #[must_use]
    pub fn is_aligned(bytes: &[u8]) -> bool {
        bytes.as_ptr().addr().is_multiple_of(8)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.words.as_bytes()[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::RecordBuffer;

    #[test]
    fn bytes_come_back_aligned() {
        let mut buffer = RecordBuffer::copy_of(b"abc");
        buffer.extend(b"defghijkl");
        assert_eq!(buffer.as_bytes(), b"abcdefghijkl");
        assert!(RecordBuffer::is_aligned(buffer.as_bytes()));
    }
}
