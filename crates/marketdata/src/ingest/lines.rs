//! Lines out of pieces of bytes, numbered from 1.

use super::scan::find;

/// A line has at most so many bytes.
pub const LINE_BYTES_MAX: usize = 65_536;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// One line, without its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// All of it.
    Whole(&'a [u8]),
    /// The first bytes of one that is longer than the bound.
    TooLong(&'a [u8]),
}

/// Cuts pieces into lines; keeps the unfinished one, which is bounded, and nothing else.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines {
    unfinished: Vec<u8>,
    is_too_long: bool,
    number: u64,
}

impl Lines {
    /// Tells the lines that end in this piece, with their numbers. Blank lines are counted and not
    /// told.
    #[inline]
    pub(crate) fn feed(&mut self, piece: &[u8], mut told: impl FnMut(u64, Line<'_>)) {
        let mut rest = piece;
        while let Some(end) = find(rest, b'\n') {
            let (line, next) = (&rest[..end], &rest[end + 1..]);
            if self.unfinished.is_empty() && !self.is_too_long {
                self.number += 1;
                tell(self.number, line, &mut told);
            } else {
                self.extend(line);
                self.end(&mut told);
            }
            rest = next;
        }
        self.extend(rest);
    }

    /// Tells the last line where it has no end of its own.
    pub(crate) fn finish(&mut self, mut told: impl FnMut(u64, Line<'_>)) {
        if !self.unfinished.is_empty() {
            self.end(&mut told);
        }
    }

    fn extend(&mut self, bytes: &[u8]) {
        let room = LINE_BYTES_MAX + 1 - self.unfinished.len();
        self.is_too_long |= bytes.len() > room;
        self.unfinished
            .extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    #[cold]
    fn end(&mut self, told: &mut impl FnMut(u64, Line<'_>)) {
        self.number += 1;
        if self.is_too_long {
            told(
                self.number,
                Line::TooLong(&self.unfinished[..LINE_BYTES_MAX]),
            );
        } else {
            tell(self.number, &self.unfinished, told);
        }
        self.unfinished.clear();
        self.is_too_long = false;
    }
}

#[inline]
fn tell(number: u64, line: &[u8], told: &mut impl FnMut(u64, Line<'_>)) {
    let mut line = line.strip_suffix(b"\r").unwrap_or(line);
    if number == 1 {
        line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    }
    if line.len() > LINE_BYTES_MAX {
        told(number, Line::TooLong(&line[..LINE_BYTES_MAX]));
    } else if !line.is_empty() {
        told(number, Line::Whole(line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines_of(pieces: &[&[u8]]) -> Vec<(u64, Vec<u8>, bool)> {
        let mut lines = Lines::default();
        let mut told = Vec::new();
        let mut keep = |number, line: Line<'_>| match line {
            Line::Whole(text) => told.push((number, text.to_vec(), true)),
            Line::TooLong(text) => told.push((number, text.to_vec(), false)),
        };
        for piece in pieces {
            lines.feed(piece, &mut keep);
        }
        lines.finish(&mut keep);
        told
    }

    #[test]
    fn lines_are_numbered_and_blank_ones_counted() {
        let told = lines_of(&[b"\xEF\xBB\xBFone\r\n\ntw", b"o\nthree"]);
        let expected = [(1, "one"), (3, "two"), (4, "three")];
        let expected = expected.map(|(number, text)| (number, text.as_bytes().to_vec(), true));
        assert_eq!(told, expected);
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_and_the_next_is_read() {
        let long = vec![b'x'; LINE_BYTES_MAX + 1];
        let whole = [long.as_slice(), b"\nnext\n"].concat();
        let halves: [&[u8]; 2] = [&whole[..LINE_BYTES_MAX / 2], &whole[LINE_BYTES_MAX / 2..]];
        for pieces in [vec![whole.as_slice()], halves.to_vec()] {
            let told = lines_of(&pieces);
            assert_eq!(told[0], (1, vec![b'x'; LINE_BYTES_MAX], false));
            assert_eq!(told[1], (2, b"next".to_vec(), true));
        }
        let endless = vec![b'x'; 3 * LINE_BYTES_MAX];
        let pieces: Vec<&[u8]> = endless.chunks(1_000).collect();
        assert_eq!(lines_of(&pieces), [(1, vec![b'x'; LINE_BYTES_MAX], false)]);
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(text in "[ab\r\n]{0,60}", size in 1_usize..10) {
            let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
            prop_assert_eq!(lines_of(&pieces), lines_of(&[text.as_bytes()]));
        }
    }
}
