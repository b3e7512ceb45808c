//! Times as nanoseconds since 1970 UTC, from counts of a unit and from ISO 8601.

use super::bad_line::Reason;
use super::scan::{DIGITS_MAX, digits_of};
use crate::calendar::{SECOND_NS, day_of, days_in};

/// Times beyond the year 2116 are none: any interval can be added to what is left, in 64 bits.
const TIME_NS_MAX: i64 = 1 << 62;
const NANO_DIGITS: usize = 9;

/// What a whole number counts when it is a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// Told by the number of digits: 11 at most for seconds, 14 milli, 17 micro, more nano.
    Auto,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
    /// Nanoseconds.
    Nanoseconds,
}

impl TimeUnit {
    /// Nanoseconds in one, for a number of so many digits.
    #[inline]
    const fn nanoseconds(self, digits: usize) -> i64 {
        match (self, digits) {
            (Self::Seconds, _) | (Self::Auto, 0..=11) => SECOND_NS,
            (Self::Milliseconds, _) | (Self::Auto, 12..=14) => 1_000_000,
            (Self::Microseconds, _) | (Self::Auto, 15..=17) => 1_000,
            (Self::Nanoseconds | Self::Auto, _) => 1,
        }
    }
}

/// Reads a count of the unit, with decimals or without, or `2024-11-05T22:02:53.5Z`; a time of
/// ISO 8601 without a zone is UTC. Digits behind the nanosecond round to the nearest.
///
/// # Errors
/// `Missing` for no text, `NoTime` for what is no time, `Negative` for one before 1970, `TimeAhead`
/// for one beyond 2116.
#[inline]
pub fn parse_time(text: &[u8], unit: TimeUnit) -> Result<i64, Reason> {
    if !text.is_empty()
        && text.len() <= DIGITS_MAX
        && let Some(count) = digits_of(text)
    {
        return count
            .cast_signed()
            .checked_mul(unit.nanoseconds(text.len()))
            .filter(|time_ns| *time_ns <= TIME_NS_MAX)
            .ok_or(Reason::TimeAhead);
    }
    let whole = count_digits(text);
    if text.len() >= 19 && whole == 4 && text[4] == b'-' {
        return parse_iso(text);
    }
    parse_fraction(text, whole, unit)
}

#[inline]
fn count_digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// At most 18 digits as a number, each of them needed.
#[inline]
fn number_of(digits: &[u8]) -> Result<i64, Reason> {
    let number = digits_of(digits).ok_or(Reason::NoTime)?;
    Ok(number.cast_signed())
}

/// A count with decimals, as `1762795433.9717445`; signs and long numbers end here too.
fn parse_fraction(text: &[u8], whole: usize, unit: TimeUnit) -> Result<i64, Reason> {
    if text.is_empty() {
        return Err(Reason::Missing);
    }
    if text[0] == b'-' && text.len() > 1 && text[1..].iter().all(u8::is_ascii_digit) {
        return Err(Reason::Negative);
    }
    if whole > DIGITS_MAX && whole == text.len() {
        // Of any unit but nanoseconds so many digits are beyond every bound.
        let digits = std::str::from_utf8(text).map_err(|_| Reason::NoTime)?;
        let time_ns = digits
            .parse()
            .ok()
            .filter(|time_ns| *time_ns <= TIME_NS_MAX);
        return time_ns
            .filter(|_| unit.nanoseconds(whole) == 1)
            .ok_or(Reason::TimeAhead);
    }
    if whole == 0 || whole > DIGITS_MAX || text.get(whole) != Some(&b'.') {
        return Err(Reason::NoTime);
    }
    let fraction = &text[whole + 1..];
    if fraction.is_empty() || !fraction.iter().all(u8::is_ascii_digit) {
        return Err(Reason::NoTime);
    }
    let unit_ns = unit.nanoseconds(whole);
    let places = unit_ns.ilog10() as usize;
    let base = number_of(&text[..whole])?.checked_mul(unit_ns);
    base.and_then(|base| base.checked_add(fraction_ns(fraction, places)))
        .filter(|time_ns| *time_ns <= TIME_NS_MAX)
        .ok_or(Reason::TimeAhead)
}

/// Digits behind the point as so many decimal places, rounded to the nearest.
fn fraction_ns(fraction: &[u8], places: usize) -> i64 {
    let mut value = 0;
    for place in 0..places {
        value = value * 10 + i64::from(fraction.get(place).map_or(0, |digit| digit - b'0'));
    }
    value + i64::from(fraction.get(places).is_some_and(|digit| *digit >= b'5'))
}

/// `YYYY-MM-DD`, `T` or a blank, `HH:MM:SS`, a fraction, and `Z` or an offset as `+01:30`.
fn parse_iso(text: &[u8]) -> Result<i64, Reason> {
    let number = |from: usize, count: usize| -> Result<i64, Reason> {
        number_of(text.get(from..from + count).ok_or(Reason::NoTime)?)
    };
    let is_marked = text[7] == b'-' && matches!(text[10], b'T' | b't' | b' ');
    if !is_marked || text[13] != b':' || text[16] != b':' {
        return Err(Reason::NoTime);
    }
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
    let is_day = (1..=12).contains(&month) && day >= 1 && day <= days_in(year, month);
    if !is_day || hour > 23 || minute > 59 || second > 59 {
        return Err(Reason::NoTime);
    }
    let mut rest = &text[19..];
    let mut fraction = 0;
    if let Some((b'.', digits)) = rest.split_first() {
        let count = count_digits(digits);
        if count == 0 {
            return Err(Reason::NoTime);
        }
        fraction = fraction_ns(&digits[..count], NANO_DIGITS);
        rest = &digits[count..];
    }
    let seconds = day_of(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    let seconds = seconds - offset_seconds(rest)?;
    if seconds < 0 {
        return Err(Reason::Negative);
    }
    seconds
        .checked_mul(SECOND_NS)
        .and_then(|time_ns| time_ns.checked_add(fraction))
        .filter(|time_ns| *time_ns <= TIME_NS_MAX)
        .ok_or(Reason::TimeAhead)
}

fn offset_seconds(zone: &[u8]) -> Result<i64, Reason> {
    let (sign, digits) = match zone {
        [] | [b'Z' | b'z'] => return Ok(0),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return Err(Reason::NoTime),
    };
    let (hours, minutes) = match digits {
        [_, _] => (digits, b"00".as_slice()),
        [_, _, b':', _, _] => (&digits[..2], &digits[3..]),
        [_, _, _, _] => (&digits[..2], &digits[2..]),
        _ => return Err(Reason::NoTime),
    };
    let (hours, minutes) = (number_of(hours)?, number_of(minutes)?);
    if hours > 23 || minutes > 59 {
        return Err(Reason::NoTime);
    }
    Ok(sign * (hours * 3_600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_are_read_exactly_or_refused() {
        let good = [
            ("2024-11-05T22:02:53Z", 1_730_844_173_000_000_000),
            ("2024-11-05 22:02:53", 1_730_844_173_000_000_000),
            ("2024-11-05T23:32:53.5+01:30", 1_730_844_173_500_000_000),
            ("2026-08-09T21:05:42.514318Z", 1_786_309_542_514_318_000),
            ("1970-01-01T00:00:00Z", 0),
            ("2024-02-29T00:00:00.0000000006Z", 1_709_164_800_000_000_001),
            ("1723161255342", 1_723_161_255_342_000_000),
            ("1723161255342123", 1_723_161_255_342_123_000),
            ("1723161255342123456", 1_723_161_255_342_123_456),
            ("1723161255", 1_723_161_255_000_000_000),
            ("1762795433.9717445", 1_762_795_433_971_744_500),
        ];
        for (text, time_ns) in good {
            assert_eq!(
                parse_time(text.as_bytes(), TimeUnit::Auto),
                Ok(time_ns),
                "{text}"
            );
        }
        let bad = [
            ("", Reason::Missing),
            ("yesterday", Reason::NoTime),
            ("2024-13-05T22:02:53Z", Reason::NoTime),
            ("2023-02-29T22:02:53Z", Reason::NoTime),
            ("2024-11-05T24:02:53Z", Reason::NoTime),
            ("2024-11-05T22:02:53X", Reason::NoTime),
            ("2024-11-05T22:02:53.Z", Reason::NoTime),
            ("1969-12-31T23:59:59Z", Reason::Negative),
            ("-5", Reason::Negative),
            ("9999-11-05T22:02:53Z", Reason::TimeAhead),
            ("9999999999999999999", Reason::TimeAhead),
            ("99999999999999999999999", Reason::TimeAhead),
            ("1.", Reason::NoTime),
            ("1.5.5", Reason::NoTime),
        ];
        for (text, reason) in bad {
            assert_eq!(
                parse_time(text.as_bytes(), TimeUnit::Auto),
                Err(reason),
                "{text}"
            );
        }
    }

    #[test]
    fn a_unit_can_be_said() {
        assert_eq!(
            parse_time(b"1500", TimeUnit::Milliseconds),
            Ok(1_500_000_000)
        );
        assert_eq!(
            parse_time(b"1500.5", TimeUnit::Milliseconds),
            Ok(1_500_500_000)
        );
        assert_eq!(parse_time(b"7", TimeUnit::Nanoseconds), Ok(7));
        assert_eq!(
            parse_time(b"99999999999999999", TimeUnit::Seconds),
            Err(Reason::TimeAhead)
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = parse_time(&text, TimeUnit::Auto);
        }

        #[test]
        fn almost_times_do_not_panic(
            text in "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}[.Z+0-9:-]{0,12}"
        ) {
            let _ = parse_time(text.as_bytes(), TimeUnit::Auto);
        }
    }
}
