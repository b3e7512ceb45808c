//! One JSON object a line, member by member, without building it.

use super::scan::find;

/// Arrays and objects inside the object nest at most so deep.
const DEPTH_MAX: usize = 64;

/// What stands behind a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// The inside of a string, as it is written.
    Text(&'a [u8]),
    /// A number or a word.
    Bare(&'a [u8]),
    /// An array or an object, stepped over.
    Nested,
}

/// The line is no JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

/// Reads the members of the object that is all of `line`.
pub(crate) struct Members<'a> {
    line: &'a [u8],
    at: usize,
    is_first: bool,
}

impl<'a> Members<'a> {
    #[inline]
    pub(crate) fn of(line: &'a [u8]) -> Result<Self, Broken> {
        let mut members = Self {
            line,
            at: 0,
            is_first: true,
        };
        members.skip_blanks();
        members.expect(b'{')?;
        Ok(members)
    }

    /// The next key, as it is written, and its value; `None` behind the last.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<(&'a [u8], Value<'a>)>, Broken> {
        self.skip_blanks();
        if self.peek() == Some(b'}') && self.is_first {
            return self.end();
        }
        if !self.is_first {
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => return self.end(),
                _ => return Err(Broken),
            }
            self.skip_blanks();
        }
        self.is_first = false;
        let key = self.text()?;
        self.skip_blanks();
        self.expect(b':')?;
        self.skip_blanks();
        Ok(Some((key, self.value()?)))
    }

    #[inline]
    fn value(&mut self) -> Result<Value<'a>, Broken> {
        match self.peek() {
            Some(b'"') => self.text().map(Value::Text),
            Some(b'{' | b'[') => {
                self.step_over()?;
                Ok(Value::Nested)
            }
            Some(b'0'..=b'9' | b'-' | b'a'..=b'z' | b'I' | b'N') => Ok(Value::Bare(self.word())),
            _ => Err(Broken),
        }
    }

    #[inline]
    fn word(&mut self) -> &'a [u8] {
        let start = self.at;
        while let Some(byte) = self.peek()
            && !matches!(
                byte,
                b',' | b'}' | b']' | b' ' | b'\t' | b'"' | b':' | b'{' | b'['
            )
        {
            self.at += 1;
        }
        &self.line[start..self.at]
    }

    /// The inside of the string that begins here; escapes stay as they are.
    #[inline]
    fn text(&mut self) -> Result<&'a [u8], Broken> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            let end = self.at + find(&self.line[self.at..], b'"').ok_or(Broken)?;
            self.at = end + 1;
            let inside = &self.line[start..end];
            let slashes = inside
                .iter()
                .rev()
                .take_while(|byte| **byte == b'\\')
                .count();
            if slashes % 2 == 0 {
                return Ok(inside);
            }
        }
    }

    /// Steps over an array or an object, of which only brackets and strings are looked at.
    fn step_over(&mut self) -> Result<(), Broken> {
        let mut open = [0_u8; DEPTH_MAX];
        let mut depth = 0;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.text()?;
                    continue;
                }
                b'{' | b'[' => {
                    *open.get_mut(depth).ok_or(Broken)? = byte;
                    depth += 1;
                }
                b'}' | b']' => {
                    depth -= 1;
                    // The closing brackets stand two behind their opening ones.
                    if open[depth] + 2 != byte {
                        return Err(Broken);
                    }
                }
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
        Err(Broken)
    }

    #[inline]
    fn end(&mut self) -> Result<Option<(&'a [u8], Value<'a>)>, Broken> {
        self.at += 1;
        self.skip_blanks();
        if self.at == self.line.len() {
            Ok(None)
        } else {
            Err(Broken)
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    #[inline]
    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Result<(), Broken> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(Broken)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(line: &str) -> Result<Vec<(&str, Value<'_>)>, Broken> {
        let mut members = Members::of(line.as_bytes())?;
        let mut all = Vec::new();
        while let Some((key, value)) = members.next()? {
            all.push((std::str::from_utf8(key).unwrap(), value));
        }
        Ok(all)
    }

    #[test]
    fn members_come_in_order() {
        let line = r#" {"a b": 1.5E3 , "c":"d\"e","f":[1,{"g":"]"}],"h":null} "#;
        let expected = vec![
            ("a b", Value::Bare(b"1.5E3")),
            ("c", Value::Text(br#"d\"e"#)),
            ("f", Value::Nested),
            ("h", Value::Bare(b"null")),
        ];
        assert_eq!(members(line), Ok(expected));
        assert_eq!(members("{}"), Ok(vec![]));
    }

    #[test]
    fn broken_lines_are_told() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(65), "]".repeat(65));
        let broken = [
            "",
            "{",
            "[]",
            "{}x",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{,}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":\"b}",
            "{\"a\":[1}",
            "{\"a\":{]}",
            "{a:1}",
            "{\"a\":1",
            "{\"a\":\"b\\\"}",
            "{\"a\":1}{\"a\":1}",
            &deep,
        ];
        for line in broken {
            assert_eq!(members(line), Err(Broken), "{line}");
        }
    }
}
