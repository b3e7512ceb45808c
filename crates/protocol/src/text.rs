//! Short text of a fixed length.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Printable ASCII in `N` bytes, padded with zeros. All zeros is no text.
#[repr(transparent)]
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, FromBytes, IntoBytes, Immutable, KnownLayout,
)]
pub struct Text<const N: usize>(pub [u8; N]);

impl<const N: usize> Text<N> {
    /// No text.
    pub const EMPTY: Self = Self([0; N]);

    /// Text from a string of 1 to `N` printable ASCII characters without blanks, or `None`.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; N];
        bytes
            .get_mut(..text.len())?
            .copy_from_slice(text.as_bytes());
        let made = Self(bytes);
        (!made.is_empty() && made.is_valid()).then_some(made)
    }

    /// Whether there is no text.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0 == [0; N]
    }

    /// Whether the bytes are printable ASCII (0x21 to 0x7E), then zeros. Empty text is valid.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        // Without a branch to a byte, so that it runs in wide registers.
        let printable = |byte: u8| (byte == 0) | (byte.wrapping_sub(0x21) < 0x7F - 0x21);
        let mut valid = N == 0 || printable(self.0[N - 1]);
        for at in 1..N {
            let (before, byte) = (self.0[at - 1], self.0[at]);
            valid &= printable(before) & ((before != 0) | (byte == 0));
        }
        valid
    }

    /// The text; empty for bytes that are not ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0[..self.length()]).unwrap_or_default()
    }

    fn length(&self) -> usize {
        self.0.iter().position(|byte| *byte == 0).unwrap_or(N)
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const N: usize> std::fmt::Debug for Text<N> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn text_is_printable_ascii_padded_with_zeros() {
        assert_eq!(Text::<4>::new("ab").unwrap().0, *b"ab\0\0");
        assert_eq!(Text::<4>::new("abcd").unwrap().as_str(), "abcd");
        assert!(Text::<4>::new("abcde").is_none());
        assert!(Text::<4>::new("").is_none());
        assert!(Text::<4>::new("a b").is_none());
        assert!(!Text(*b"a\0b\0").is_valid());
        assert!(Text::<4>::EMPTY.is_valid());
    }
}
