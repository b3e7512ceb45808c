//! Names of instruments as small numbers.

use super::bad_line::Reason;

/// So many names one source may have, and so long may each be.
const NAMES_MAX: usize = 65_536;
const NAME_BYTES_MAX: usize = 64;

/// The names seen so far, numbered in the order in which they came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Symbols {
    names: Vec<String>,
    /// Places in `names`, in the order of the names.
    sorted: Vec<u32>,
    last: u32,
}

impl Symbols {
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of a name, a new one where it was not seen before.
    pub(crate) fn number(&mut self, name: &[u8]) -> Result<u32, Reason> {
        // Trades of one instrument come in runs.
        if let Some(last) = self.names.get(self.last as usize)
            && last.as_bytes() == name
        {
            return Ok(self.last);
        }
        if name.is_empty() {
            return Err(Reason::Missing);
        }
        let names = &self.names;
        let found = self
            .sorted
            .binary_search_by(|place| names[*place as usize].as_bytes().cmp(name));
        self.last = match found {
            Ok(place) => self.sorted[place],
            Err(place) => self.add(place, name)?,
        };
        Ok(self.last)
    }

    fn add(&mut self, place: usize, name: &[u8]) -> Result<u32, Reason> {
        if self.names.len() == NAMES_MAX || name.len() > NAME_BYTES_MAX {
            return Err(Reason::TooLarge);
        }
        let text = std::str::from_utf8(name).map_err(|_| Reason::Malformed)?;
        let number = self.names.len() as u32;
        self.names.push(text.to_owned());
        self.sorted.insert(place, number);
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_number() {
        let mut symbols = Symbols::default();
        let numbers: Vec<_> = ["B", "A", "B", "C", "A"]
            .map(|name| symbols.number(name.as_bytes()).unwrap())
            .into();
        assert_eq!(numbers, [0, 1, 0, 2, 1]);
        assert_eq!(symbols.names(), ["B", "A", "C"]);
    }

    #[test]
    fn names_are_bounded() {
        let mut symbols = Symbols::default();
        assert_eq!(symbols.number(b""), Err(Reason::Missing));
        assert_eq!(symbols.number(&[b'A'; 65]), Err(Reason::TooLarge));
        assert_eq!(symbols.number(&[0xFF]), Err(Reason::Malformed));
        for number in 0..NAMES_MAX {
            symbols.number(number.to_string().as_bytes()).unwrap();
        }
        assert_eq!(symbols.number(b"one more"), Err(Reason::TooLarge));
    }
}
