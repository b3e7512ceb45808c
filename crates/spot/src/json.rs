//! JSON as the spot API says it, written without a formatter, which costs several times as much.

/// Decimals of every number that is told; numbers of smaller units have theirs.
pub(crate) const PLACES: u8 = 8;

/// How many decimals are told of numbers in units of so many.
pub(crate) const fn places_of(decimals: u8) -> u8 {
    if decimals > PLACES { decimals } else { PLACES }
}

/// A text that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json(Vec<u8>);

impl Json {
    /// A text of about so many bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// What was written.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Writes JSON as it is.
    #[inline]
    pub fn raw(&mut self, json: &str) {
        self.0.extend_from_slice(json.as_bytes());
    }

    /// Begins a list's item.
    #[inline]
    pub fn item(&mut self, place: usize) {
        if place > 0 {
            self.0.push(b',');
        }
    }

    /// Writes printable ASCII as a string.
    #[inline]
    pub fn text(&mut self, text: &str) {
        self.0.push(b'"');
        for byte in text.bytes() {
            if byte == b'"' || byte == b'\\' {
                self.0.push(b'\\');
            }
            self.0.push(byte);
        }
        self.0.push(b'"');
    }

    /// Writes an integer.
    #[inline]
    pub fn whole(&mut self, value: u64) {
        self.digits(value, 1);
    }

    /// Writes an integer, or -1 for none.
    #[inline]
    pub fn whole_or_minus_one(&mut self, value: Option<u64>) {
        match value {
            Some(value) => self.whole(value),
            None => self.raw("-1"),
        }
    }

    /// Writes `number / 10^decimals` as a string with so many places; what is behind the last of
    /// them must be zeros.
    #[inline]
    pub fn decimal(&mut self, number: u128, decimals: u8, places: u8) {
        self.0.push(b'"');
        self.plain_decimal(number, decimals, places);
        self.0.push(b'"');
    }

    /// Writes a number that may be below zero, as `decimal`.
    pub fn signed_decimal(&mut self, number: i128, decimals: u8, places: u8) {
        self.raw(if number < 0 { "\"-" } else { "\"" });
        self.plain_decimal(number.unsigned_abs(), decimals, places);
        self.0.push(b'"');
    }

    /// Writes nothing, as a number.
    #[inline]
    pub fn zero(&mut self) {
        self.raw("\"0.00000000\"");
    }

    fn plain_decimal(&mut self, mut number: u128, decimals: u8, places: u8) {
        let told = decimals.min(places);
        if decimals > told {
            number /= 10_u128.pow(u32::from(decimals - told));
        }
        let power = 10_u128.pow(u32::from(told));
        self.wide(number / power, 1);
        self.0.push(b'.');
        self.wide(number % power, usize::from(told));
        let zeros = usize::from(places - told);
        self.0.extend(std::iter::repeat_n(b'0', zeros));
    }

    /// Writes at least so many digits.
    fn wide(&mut self, value: u128, least: usize) {
        const HALF: usize = 19;
        const POWER: u128 = 10_u128.pow(HALF as u32);
        if let Ok(value) = u64::try_from(value) {
            self.digits(value, least);
        } else {
            self.wide(value / POWER, least.saturating_sub(HALF));
            self.digits((value % POWER) as u64, HALF);
        }
    }

    /// Writes at least so many digits, of at most 40.
    #[inline]
    fn digits(&mut self, mut value: u64, least: usize) {
        let mut digits = [b'0'; 40];
        let mut start = digits.len();
        while value > 0 {
            start -= 1;
            digits[start] += (value % 10) as u8;
            value /= 10;
        }
        start = start.min(digits.len() - least);
        self.0.extend_from_slice(&digits[start..]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(number: u128, decimals: u8, places: u8) -> String {
        let mut json = Json::with_capacity(0);
        json.decimal(number, decimals, places);
        String::from_utf8(json.bytes().to_vec()).unwrap()
    }

    #[test]
    fn numbers_have_at_least_eight_decimals() {
        let usual = |number, decimals| told(number, decimals, places_of(decimals));
        assert_eq!(usual(6_000_050, 2), "\"60000.50000000\"");
        assert_eq!(usual(35, 0), "\"35.00000000\"");
        assert_eq!(usual(1, 12), "\"0.000000000001\"");
        assert_eq!(
            usual(u128::from(u64::MAX), 20),
            "\"0.18446744073709551615\""
        );
        assert_eq!(usual(3, 24), "\"0.000000000000000000000003\"");
        assert_eq!(told(1_200, 4, 2), "\"0.12\"");
    }

    #[test]
    fn names_are_escaped() {
        let mut json = Json::with_capacity(0);
        json.text(r#"A/"\B"#);
        assert_eq!(json.bytes(), br#""A/\"\\B""#);
    }

    proptest! {
        #[test]
        fn digits_are_those_of_the_formatter(
            number: u128,
            decimals in 0_u8..=30,
            more in 0_u8..=9,
        ) {
            let text = told(number, decimals, decimals + more);
            let (whole, part) = text.trim_matches('"').split_once('.').unwrap();
            let power = 10_u128.pow(u32::from(decimals));
            prop_assert_eq!(whole, (number / power).to_string());
            prop_assert_eq!(part.len(), usize::from(decimals + more));
            let (kept, zeros) = part.split_at(usize::from(decimals));
            prop_assert_eq!(kept.parse::<u128>().unwrap_or(0), number % power);
            prop_assert!(zeros.bytes().all(|digit| digit == b'0'));
        }
    }
}
