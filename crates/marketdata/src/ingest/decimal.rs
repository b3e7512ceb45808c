//! Decimal text as integers, exactly: `4.5115767058272E-4` is 45,115,767,058,272 at 17 decimals.

use super::bad_line::Reason;
use super::scan::{DIGITS_MAX, digits_of, find};

/// The greatest scale: 10^38 is the greatest power of ten in 128 bits.
pub const SCALE_MAX: u8 = 38;

/// The powers of ten that 128 bits hold.
pub(crate) const POWERS: [i128; SCALE_MAX as usize + 1] = {
    let mut powers = [1; SCALE_MAX as usize + 1];
    let mut power = 1;
    while power < powers.len() {
        powers[power] = 10 * powers[power - 1];
        power += 1;
    }
    powers
};

/// The powers of ten that a short fraction needs, in 64 bits.
const SHORT_POWERS: [u64; DIGITS_MAX + 1] = {
    let mut powers = [1; DIGITS_MAX + 1];
    let mut power = 1;
    while power < powers.len() {
        powers[power] = 10 * powers[power - 1];
        power += 1;
    }
    powers
};

/// A number: `mantissa / 10^scale`, with as many decimals as its text shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    /// The digits, as one integer.
    pub mantissa: i128,
    /// How many of them stand behind the point.
    pub scale: u8,
}

impl Decimal {
    /// Reads an optional sign, digits with at most one point among them, an optional exponent.
    ///
    /// # Errors
    /// `NoNumber`, `Nan` or `Infinite` for what is no finite number; `OverPrecise` for more than
    /// `SCALE_MAX` decimals; `TooLarge` for what 128 bits do not hold.
    #[inline]
    pub fn parse(text: &[u8]) -> Result<Self, Reason> {
        match parse_short(text).or_else(|| parse_scientific(text)) {
            Some(number) => Ok(number),
            None => parse_any(text),
        }
    }

    /// The mantissa at another scale.
    ///
    /// # Errors
    /// `OverPrecise` where that would cut a digit, `TooLarge` where
    /// 128 bits do not hold it.
    pub fn at_scale(self, scale: u8) -> Result<i128, Reason> {
        if scale >= self.scale {
            let power = POWERS[usize::from(scale - self.scale)];
            return self.mantissa.checked_mul(power).ok_or(Reason::TooLarge);
        }
        let power = POWERS[usize::from(self.scale - scale)];
        if self.mantissa % power == 0 {
            Ok(self.mantissa / power)
        } else {
            Err(Reason::OverPrecise)
        }
    }
}

/// Reads a few digits with at most one point between them, as nearly all numbers are written;
/// `None` for any other text.
#[inline]
fn parse_short(text: &[u8]) -> Option<Decimal> {
    if text.len() > DIGITS_MAX || text.is_empty() {
        return None;
    }
    let Some(point) = find(text, b'.') else {
        return digits_of(text).map(|digits| Decimal {
            mantissa: i128::from(digits),
            scale: 0,
        });
    };
    // A point with nothing on one side is for the careful reader to judge.
    let (whole, fraction) = (&text[..point], &text[point + 1..]);
    if whole.is_empty() || fraction.is_empty() {
        return None;
    }
    let (whole, behind) = (digits_of(whole)?, digits_of(fraction)?);
    let power = SHORT_POWERS[fraction.len()];
    Some(Decimal {
        mantissa: i128::from(whole * power + behind),
        scale: fraction.len() as u8,
    })
}

/// Reads a few digits with an exponent, as programs write their numbers; `None` for any other text.
#[inline]
fn parse_scientific(text: &[u8]) -> Option<Decimal> {
    let place = text.iter().rposition(|byte| matches!(byte, b'e' | b'E'))?;
    let coefficient = parse_short(&text[..place])?;
    let power = parse_power(&text[place + 1..]).ok()?;
    if coefficient.mantissa == 0 {
        return None;
    }
    let scale = i64::from(coefficient.scale) - power;
    if scale < 0 {
        let mantissa = raise(coefficient.mantissa, -scale)?;
        return Some(Decimal { mantissa, scale: 0 });
    }
    let scale = u8::try_from(scale)
        .ok()
        .filter(|scale| *scale <= SCALE_MAX)?;
    Some(Decimal {
        scale,
        ..coefficient
    })
}

#[cold]
fn parse_any(text: &[u8]) -> Result<Decimal, Reason> {
    let (is_negative, unsigned) = match text.first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if !unsigned.first().is_some_and(u8::is_ascii_digit) {
        return Err(named(unsigned));
    }
    let (coefficient, power) = match unsigned.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(place) => (&unsigned[..place], parse_power(&unsigned[place + 1..])?),
        None => (unsigned, 0),
    };
    let point = coefficient.iter().position(|byte| *byte == b'.');
    let decimals = point.map_or(0, |place| coefficient.len() - place - 1);
    if point.is_some() && decimals == 0 {
        return Err(Reason::NoNumber);
    }
    let digits = coefficient
        .iter()
        .enumerate()
        .filter(|(place, _)| Some(*place) != point)
        .map(|(_, byte)| *byte);
    let scale = i64::try_from(decimals).map_err(|_| Reason::TooLarge)? - power;
    let number = mantissa_of(digits, scale)?;
    let mantissa = if is_negative {
        -number.mantissa
    } else {
        number.mantissa
    };
    Ok(Decimal { mantissa, ..number })
}

/// Puts digits together whose last stands `scale` places behind the point.
fn mantissa_of(digits: impl Iterator<Item = u8>, scale: i64) -> Result<Decimal, Reason> {
    let mut mantissa: i128 = 0;
    // Zeros are told as a power first, so that those at the end need no room.
    let mut zeros: u32 = 0;
    let mut fits = true;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(Reason::NoNumber);
        }
        if digit == 0 {
            zeros = zeros.saturating_add(1);
            continue;
        }
        let raised = raise(mantissa, i64::from(zeros) + 1);
        match raised.and_then(|value| value.checked_add(i128::from(digit))) {
            Some(value) if fits => mantissa = value,
            _ => fits = false,
        }
        zeros = 0;
    }
    let scale = scale - i64::from(zeros);
    if !fits {
        let is_fraction = scale > i64::from(SCALE_MAX);
        return Err(if is_fraction {
            Reason::OverPrecise
        } else {
            Reason::TooLarge
        });
    }
    if mantissa == 0 {
        return Ok(Decimal { mantissa, scale: 0 });
    }
    settle(mantissa, scale, zeros)
}

/// Gives a mantissa a scale within the bounds, with the zeros that the text shows where they fit.
fn settle(mantissa: i128, scale: i64, zeros: u32) -> Result<Decimal, Reason> {
    if scale > i64::from(SCALE_MAX) {
        return Err(Reason::OverPrecise);
    }
    let shown = (scale + i64::from(zeros)).clamp(0, i64::from(SCALE_MAX));
    for wanted in [shown.max(scale), scale.max(0)] {
        if let (Some(mantissa), Ok(scale)) = (raise(mantissa, wanted - scale), wanted.try_into()) {
            return Ok(Decimal { mantissa, scale });
        }
    }
    Err(Reason::TooLarge)
}

fn raise(mantissa: i128, power: i64) -> Option<i128> {
    if mantissa == 0 {
        return Some(0);
    }
    let power = usize::try_from(power).ok()?;
    mantissa.checked_mul(*POWERS.get(power)?)
}

fn parse_power(text: &[u8]) -> Result<i64, Reason> {
    let (sign, digits) = match text.first() {
        Some(b'-') => (-1, &text[1..]),
        Some(b'+') => (1, &text[1..]),
        _ => (1, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Reason::NoNumber);
    }
    let mut power: i64 = 0;
    for digit in digits {
        // Beyond a million the number is out of every bound, however long the text.
        power = (power * 10 + i64::from(digit - b'0')).min(1_000_000);
    }
    Ok(sign * power)
}

fn named(text: &[u8]) -> Reason {
    if text.eq_ignore_ascii_case(b"nan") {
        Reason::Nan
    } else if text.eq_ignore_ascii_case(b"inf") || text.eq_ignore_ascii_case(b"infinity") {
        Reason::Infinite
    } else {
        Reason::NoNumber
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_read_exactly_or_refused() {
        let good = [
            ("0.5", 5, 1),
            ("500000.0", 5_000_000, 1),
            ("4.5115767058272E-4", 45_115_767_058_272, 17),
            ("1.10826E9", 1_108_260_000, 0),
            ("-3", -3, 0),
            ("+3", 3, 0),
            ("61837.63000000", 6_183_763_000_000, 8),
            ("123456789012345678901", 123_456_789_012_345_678_901, 0),
            ("1.000000000000000000000", 1_000_000_000_000_000_000_000, 21),
            ("0", 0, 0),
            ("0.00", 0, 2),
            ("-0", 0, 0),
            ("1e2", 100, 0),
            ("1E-38", 1, 38),
            ("100e-2", 100, 2),
        ];
        for (text, mantissa, scale) in good {
            assert_eq!(
                Decimal::parse(text.as_bytes()),
                Ok(Decimal { mantissa, scale }),
                "{text}"
            );
        }
        let bad = [
            ("", Reason::NoNumber),
            ("-", Reason::NoNumber),
            (".5", Reason::NoNumber),
            ("5.", Reason::NoNumber),
            ("1.2.3", Reason::NoNumber),
            ("1_000", Reason::NoNumber),
            (" 1", Reason::NoNumber),
            ("1e", Reason::NoNumber),
            ("0x10", Reason::NoNumber),
            ("NaN", Reason::Nan),
            ("-Infinity", Reason::Infinite),
            ("inf", Reason::Infinite),
            ("1e-39", Reason::OverPrecise),
            ("1e39", Reason::TooLarge),
            ("1e999999999999999999999", Reason::TooLarge),
            ("1e-999999999999999999999", Reason::OverPrecise),
            ("999999999999999999999999999999999999999", Reason::TooLarge),
        ];
        for (text, reason) in bad {
            assert_eq!(Decimal::parse(text.as_bytes()), Err(reason), "{text}");
        }
    }

    #[test]
    fn another_scale_keeps_every_digit_or_is_refused() {
        let half = Decimal {
            mantissa: 50,
            scale: 2,
        };
        assert_eq!(half.at_scale(1), Ok(5));
        assert_eq!(half.at_scale(4), Ok(5_000));
        assert_eq!(half.at_scale(0), Err(Reason::OverPrecise));
        let large = Decimal {
            mantissa: i128::MAX / 2,
            scale: 0,
        };
        assert_eq!(large.at_scale(1), Err(Reason::TooLarge));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(mantissa in any::<i64>(), scale in 0_u8..=18) {
            let (size, width) = (mantissa.unsigned_abs(), usize::from(scale) + 1);
            let digits = format!("{size:0width$}");
            let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
            let sign = if mantissa < 0 { "-" } else { "" };
            let point = if scale > 0 { "." } else { "" };
            let text = format!("{sign}{whole}{point}{fraction}");
            let read = Decimal::parse(text.as_bytes()).unwrap();
            prop_assert_eq!(read.at_scale(scale), Ok(i128::from(mantissa)));
        }

        #[test]
        fn quick_readers_say_what_the_careful_one_says(
            text in "[0-9]{0,9}[.]?[0-9]{0,9}([eE][+-]?[0-9]{1,2})?"
        ) {
            let text = text.as_bytes();
            if let Some(quick) = parse_short(text).or_else(|| parse_scientific(text)) {
                let careful = parse_any(text).unwrap();
                let scale = quick.scale.max(careful.scale);
                prop_assert_eq!(quick.at_scale(scale), careful.at_scale(scale));
                prop_assert!(quick.mantissa == 0 || quick.scale == careful.scale);
            }
        }

        #[test]
        fn no_text_panics(text in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Decimal::parse(&text);
        }
    }
}
