//! JSON as the spot API says it, written without a formatter, which costs several times as much.

/// Decimals of every number that is told; numbers of smaller units have theirs.
const PLACES: u8 = 8;

/// How many decimals are told of numbers in units of so many.
pub(crate) const fn places_of(decimals: u8) -> u8 {
    if decimals > PLACES { decimals } else { PLACES }
}

/// A text that is being written.
pub(crate) struct Json(Vec<u8>);

impl Json {
    /// A text of about so many bytes.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// What was written.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Writes JSON as it is.
    #[inline]
    pub(crate) fn raw(&mut self, json: &str) {
        self.0.extend_from_slice(json.as_bytes());
    }

    /// Begins a list's item.
    #[inline]
    pub(crate) fn item(&mut self, place: usize) {
        if place > 0 {
            self.0.push(b',');
        }
    }

    /// Writes printable ASCII as a string.
    #[inline]
    pub(crate) fn text(&mut self, text: &str) {
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
    pub(crate) fn whole(&mut self, value: u64) {
        self.digits(value, 1);
    }

    /// Writes `number / 10^decimals` as a string with so many places; what is behind the last of
    /// them must be zeros.
    #[inline]
    pub(crate) fn decimal(&mut self, number: u128, decimals: u8, places: u8) {
        self.0.push(b'"');
        self.plain_decimal(number, decimals, places);
        self.0.push(b'"');
    }

    /// Writes a number that may be below zero, as `decimal`.
    pub(crate) fn signed_decimal(&mut self, number: i128, decimals: u8, places: u8) {
        self.raw(if number < 0 { "\"-" } else { "\"" });
        self.plain_decimal(number.unsigned_abs(), decimals, places);
        self.0.push(b'"');
    }

    /// Writes nothing, as a number.
    #[inline]
    pub(crate) fn zero(&mut self) {
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
