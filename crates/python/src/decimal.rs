//! Exact decimals to whole units and back: `"60000.00"` at a tick of 0.01 is 6,000,000 ticks.
//!
//! Nothing is rounded: a value that is no whole number of units is refused, and so is a float,
//! which does not say what was meant.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyString, PyType};

use crate::errors::{invalid_value, shown};

/// Longest text of a number.
const LENGTH_MAX: usize = 128;
/// 10^38 is the greatest power of ten in 128 bits.
const POWER_MAX: u32 = 38;
/// The powers of ten that 128 bits hold.
const POWERS: [u128; POWER_MAX as usize + 1] = {
    let mut powers = [1; POWER_MAX as usize + 1];
    let mut power = 1;
    while power < powers.len() {
        powers[power] = 10 * powers[power - 1];
        power += 1;
    }
    powers
};
/// So many digits always fit in 64 bits, a point among them or not.
const SHORT_MAX: usize = 19;
/// A digit, the point, and as many decimals as a unit can have; 128 bits have but 39 digits.
const TEXT_MAX: usize = 257;

/// One unit: `mantissa / 10^decimals`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unit {
    mantissa: u64,
    decimals: u8,
}

impl Unit {
    pub(crate) const fn new(mantissa: u64, decimals: u8) -> Self {
        Self { mantissa, decimals }
    }

    /// The unit is so many of the last decimal.
    pub(crate) const fn mantissa(self) -> u64 {
        self.mantissa
    }

    /// How many decimals it has.
    pub(crate) const fn decimals(self) -> u8 {
        self.decimals
    }

    /// So many units in steps of the last decimal; `None` where they pass 128 bits.
    fn smallest(self, units: u128) -> Option<u128> {
        units.checked_mul(u128::from(self.mantissa))
    }
}

/// Why a text is no whole number of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    NoNumber,
    NotFinite,
    NotPositive,
    NoMultiple,
    TooLarge,
}

/// A number above zero: `digits * 10^exponent`, no zero at the end of its fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Number {
    digits: u128,
    exponent: i64,
}

impl Number {
    /// Reads an optional sign, digits with at most one point among them, and an optional exponent.
    #[inline]
    fn parse(text: &str) -> Result<Self, Problem> {
        Self::parse_short(text.as_bytes()).map_or_else(|| Self::parse_any(text), Ok)
    }

    /// Reads a few digits with at most one point among them, as nearly all numbers are written;
    /// `None` for any other text.
    #[inline]
    fn parse_short(text: &[u8]) -> Option<Self> {
        if text.len() > SHORT_MAX {
            return None;
        }
        let mut digits = 0;
        let mut point = None;
        for (index, byte) in text.iter().enumerate() {
            match byte {
                b'0'..=b'9' => digits = digits * 10 + u64::from(byte - b'0'),
                b'.' if point.is_none() => point = Some(index),
                _ => return None,
            }
        }
        if digits == 0 {
            return None;
        }
        let mut decimals = point.map_or(0, |index| text.len() - index - 1);
        while decimals > 0 && digits.is_multiple_of(10) {
            digits /= 10;
            decimals -= 1;
        }
        let exponent = -i64::try_from(decimals).ok()?;
        Some(Self {
            digits: u128::from(digits),
            exponent,
        })
    }

    fn parse_any(text: &str) -> Result<Self, Problem> {
        let (sign, unsigned) = match text.as_bytes().first() {
            Some(sign @ (b'-' | b'+')) => (*sign, &text[1..]),
            _ => (b'+', text),
        };
        if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
            return Err(not_finite_or_none(unsigned));
        }
        let (coefficient, power) = match unsigned.split_once(['e', 'E']) {
            Some((coefficient, power)) => (coefficient, parse_power(power)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = coefficient.split_once('.').unwrap_or((coefficient, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(Problem::NoNumber);
        }
        let Some(number) = Self::of_digits(whole.bytes().chain(fraction.bytes()))? else {
            let whole_digits = length(whole.trim_start_matches('0')) + power;
            let fits = whole_digits <= i64::from(POWER_MAX);
            return Err(if fits {
                Problem::NoMultiple
            } else {
                Problem::TooLarge
            });
        };
        if number.digits == 0 || sign == b'-' {
            return Err(Problem::NotPositive);
        }
        let exponent = number.exponent + power - length(fraction);
        Ok(Self { exponent, ..number })
    }

    /// The digits as they stand, zeros at the end told as an exponent; `None` for more of them
    /// than 128 bits hold.
    fn of_digits(text: impl Iterator<Item = u8>) -> Result<Option<Self>, Problem> {
        let mut number = Self {
            digits: 0,
            exponent: 0,
        };
        let mut is_exact = true;
        for byte in text {
            if !byte.is_ascii_digit() {
                return Err(Problem::NoNumber);
            }
            number.exponent += 1;
            if byte == b'0' || !is_exact {
                continue;
            }
            let digit = u128::from(byte - b'0');
            let shifted = number.shifted(number.exponent);
            match shifted.and_then(|digits| digits.checked_add(digit)) {
                Some(digits) => {
                    number = Self {
                        digits,
                        exponent: 0,
                    }
                }
                None => is_exact = false,
            }
        }
        Ok(is_exact.then_some(number))
    }

    /// The digits times this power of ten, or `None` when that is no whole number or too large.
    fn shifted(self, power: i64) -> Option<u128> {
        if self.digits == 0 {
            return Some(0);
        }
        let power = u32::try_from(power)
            .ok()
            .filter(|power| *power <= POWER_MAX)?;
        self.digits.checked_mul(POWERS[power as usize])
    }

    /// How many units this is.
    fn units(self, unit: Unit) -> Result<u128, Problem> {
        let power = self.exponent + i64::from(unit.decimals);
        if power < 0 {
            return Err(Problem::NoMultiple);
        }
        let scaled = self.shifted(power).ok_or(Problem::TooLarge)?;
        if unit.mantissa == 1 {
            return Ok(scaled);
        }
        let mantissa = u128::from(unit.mantissa);
        if scaled.is_multiple_of(mantissa) {
            Ok(scaled / mantissa)
        } else {
            Err(Problem::NoMultiple)
        }
    }
}

#[expect(
    clippy::cast_possible_wrap,
    reason = "no text is longer than LENGTH_MAX"
)]
const fn length(text: &str) -> i64 {
    text.len() as i64
}

fn parse_power(text: &str) -> Result<i64, Problem> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::NoNumber);
    }
    // An exponent that does not fit in 32 bits is too large either way.
    let power: i32 = text.parse().map_err(|_| Problem::TooLarge)?;
    Ok(i64::from(power))
}

fn not_finite_or_none(text: &str) -> Problem {
    let lower = text.to_ascii_lowercase();
    let names = ["nan", "snan", "inf", "infinity"];
    if names.contains(&lower.as_str()) {
        Problem::NotFinite
    } else {
        Problem::NoNumber
    }
}

/// Units in plain digits, written from the last one on.
struct Plain {
    bytes: [u8; TEXT_MAX],
    start: usize,
    written: usize,
    decimals: usize,
}

impl Plain {
    /// `wide / 10^decimals` with all the decimals.
    #[inline]
    fn of(mut wide: u128, decimals: u8) -> Self {
        let mut plain = Self {
            bytes: [b'0'; TEXT_MAX],
            start: TEXT_MAX,
            written: 0,
            decimals: usize::from(decimals),
        };
        while wide > u128::from(u64::MAX) {
            plain.push((wide % 10) as u8);
            wide /= 10;
        }
        // What is left divides faster in 64 bits.
        let mut narrow = wide as u64;
        while narrow > 0 || plain.written <= plain.decimals {
            plain.push((narrow % 10) as u8);
            narrow /= 10;
        }
        plain
    }

    #[inline]
    fn push(&mut self, digit: u8) {
        if self.decimals > 0 && self.written == self.decimals {
            self.start -= 1;
            self.bytes[self.start] = b'.';
        }
        self.start -= 1;
        self.bytes[self.start] = b'0' + digit;
        self.written += 1;
    }

    #[inline]
    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes[self.start..]).expect("digits and a point are ASCII")
    }
}

fn text_of(units: u128, unit: Unit) -> Option<String> {
    let wide = unit.smallest(units)?;
    Some(Plain::of(wide, unit.decimals).text().to_owned())
}

impl Problem {
    fn bound(self, unit: Unit, units_max: u128) -> String {
        match self {
            Self::NoNumber => "is no decimal number".to_owned(),
            Self::NotFinite => "is not finite".to_owned(),
            Self::NotPositive => "must be above 0".to_owned(),
            Self::NoMultiple => {
                format!(
                    "must be a multiple of {}",
                    text_of(1, unit).unwrap_or_default()
                )
            }
            Self::TooLarge => match text_of(units_max, unit) {
                Some(bound) => format!("must be at most {bound}"),
                None => format!("must be at most {units_max} units"),
            },
        }
    }
}

/// The text of a string, an integer or a `decimal.Decimal`; nothing else says exactly what it is.
fn exact_text<'py>(field: &str, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(text.clone());
    }
    let py = value.py();
    if value.is_instance(decimal_type(py)?)? {
        return value.str();
    }
    // NumPy's integers are integers too.
    if !value.is_instance_of::<PyBool>() && value.hasattr(intern!(py, "__index__"))? {
        let integer = value.call_method0(intern!(py, "__index__"))?;
        return integer.str().map_err(|_| unwritable(field, value));
    }
    let found = value.get_type().name()?;
    let bound = format!("is of type {found}: give a str, an int or a decimal.Decimal");
    Err(invalid_value(field, &shown(value), &bound))
}

/// Python writes no int of thousands of digits.
#[cold]
fn unwritable(field: &str, value: &Bound<'_, PyAny>) -> PyErr {
    invalid_value(field, &shown(value), &length_bound())
}

fn length_bound() -> String {
    format!("must be written in at most {LENGTH_MAX} bytes")
}

fn decimal_type(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static DECIMAL: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    DECIMAL.import(py, "decimal", "Decimal")
}

/// How many units of `mantissa / 10^decimals` the value is, at most `units_max`.
#[pyfunction]
#[pyo3(signature = (field, value, mantissa, decimals, units_max, /))]
pub(crate) fn to_units(
    field: &str,
    value: &Bound<'_, PyAny>,
    mantissa: u64,
    decimals: u8,
    units_max: u128,
) -> PyResult<u128> {
    units_of(field, value, Unit::new(mantissa, decimals), units_max)
}

/// How many of these units the value is, at most `units_max`.
#[inline]
pub(crate) fn units_of(
    field: &str,
    value: &Bound<'_, PyAny>,
    unit: Unit,
    units_max: u128,
) -> PyResult<u128> {
    let text = exact_text(field, value)?;
    units_of_text(field, &text.to_string_lossy(), unit, units_max)
}

/// How many of these units the number is that a text says, at most `units_max`.
#[inline]
pub(crate) fn units_of_text(
    field: &str,
    text: &str,
    unit: Unit,
    units_max: u128,
) -> PyResult<u128> {
    if text.len() > LENGTH_MAX {
        return Err(too_long(field, text));
    }
    let units = Number::parse(text).and_then(|number| number.units(unit));
    match units {
        Ok(units) if units <= units_max => Ok(units),
        Ok(_) => Err(refused(field, text, Problem::TooLarge, unit, units_max)),
        Err(problem) => Err(refused(field, text, problem, unit, units_max)),
    }
}

#[cold]
fn too_long(field: &str, text: &str) -> PyErr {
    let start: String = text.chars().take(32).collect();
    invalid_value(field, &format!("{start}..."), &length_bound())
}

#[cold]
fn refused(field: &str, text: &str, problem: Problem, unit: Unit, units_max: u128) -> PyErr {
    invalid_value(field, text, &problem.bound(unit, units_max))
}

/// The `decimal.Decimal` of so many units of `mantissa / 10^decimals`, with all their decimals.
#[pyfunction]
#[pyo3(signature = (units, mantissa, decimals, /))]
pub(crate) fn to_decimal(
    py: Python<'_>,
    units: u128,
    mantissa: u64,
    decimals: u8,
) -> PyResult<Bound<'_, PyAny>> {
    decimal_of(py, units, Unit::new(mantissa, decimals))
}

/// The `decimal.Decimal` of so many of these units, with all their decimals.
#[inline]
pub(crate) fn decimal_of(py: Python<'_>, units: u128, unit: Unit) -> PyResult<Bound<'_, PyAny>> {
    let wide = unit.smallest(units).ok_or_else(|| {
        let bound = "must stay below 2^128 smallest units";
        invalid_value("units", &units.to_string(), bound)
    })?;
    let plain = Plain::of(wide, unit.decimals);
    decimal_type(py)?.call1((plain.text(),))
}

/// A tick or lot size as `(mantissa, decimals)`: `"0.005"` is `(5, 3)`.
#[pyfunction]
#[pyo3(signature = (field, value, /))]
pub(crate) fn to_increment(field: &str, value: &Bound<'_, PyAny>) -> PyResult<(u64, u8)> {
    const BOUND: &str = "must have at most 18 decimals and 64 bits";
    let text = exact_text(field, value)?;
    let text = text.to_string_lossy();
    if text.len() > LENGTH_MAX {
        return Err(too_long(field, &text));
    }
    let refuse = |bound: &str| invalid_value(field, &text, bound);
    let unit = Unit::new(1, 0);
    let number = Number::parse(&text).map_err(|problem| refuse(&problem.bound(unit, 0)))?;
    let decimals = u8::try_from(-number.exponent.min(0)).ok();
    let decimals = decimals.filter(|decimals| *decimals <= 18);
    let mantissa = number.shifted(number.exponent.max(0));
    let mantissa = mantissa.and_then(|mantissa| u64::try_from(mantissa).ok());
    mantissa.zip(decimals).ok_or_else(|| refuse(BOUND))
}
