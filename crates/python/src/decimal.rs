//! Exact decimals to whole units and back: `"60000.00"` at a tick of 0.01 is 6,000,000 ticks.
//!
//! Nothing is rounded: a value that is no whole number of units is refused, and so is a float,
//! which does not say what was meant.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyInt, PyString, PyType};

use crate::errors::invalid_value;

/// Longest text of a number.
const LENGTH_MAX: usize = 128;
/// 10^38 is the greatest power of ten in 128 bits.
const POWER_MAX: u32 = 38;

/// One unit: `mantissa / 10^decimals`.
#[derive(Clone, Copy)]
struct Unit {
    mantissa: u64,
    decimals: u32,
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

/// A number above zero: `digits * 10^exponent`, its last digit not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Number {
    digits: u128,
    exponent: i64,
}

impl Number {
    /// Reads an optional sign, digits with at most one point among them, and an optional exponent.
    fn parse(text: &str) -> Result<Self, Problem> {
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
        self.digits.checked_mul(10_u128.pow(power))
    }

    /// How many units this is.
    fn units(self, unit: Unit) -> Result<u128, Problem> {
        let power = self.exponent + i64::from(unit.decimals);
        if power < 0 {
            return Err(Problem::NoMultiple);
        }
        let scaled = self.shifted(power).ok_or(Problem::TooLarge)?;
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

/// `units * mantissa / 10^decimals` in plain digits, with all the decimals of the unit.
fn text_of(units: u128, unit: Unit) -> Option<String> {
    let scaled = units.checked_mul(u128::from(unit.mantissa))?;
    let decimals = unit.decimals as usize;
    if decimals == 0 {
        return Some(scaled.to_string());
    }
    let digits = format!("{scaled:0>width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    Some(format!("{whole}.{fraction}"))
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
    let is_integer = value.is_instance_of::<PyInt>() && !value.is_instance_of::<PyBool>();
    if is_integer || value.is_instance(decimal_type(value.py())?)? {
        return value.str();
    }
    let found = value.get_type().name()?;
    let bound = format!("is of type {found}: give a str, an int or a decimal.Decimal");
    Err(invalid_value(
        field,
        &value.str()?.to_string_lossy(),
        &bound,
    ))
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
    let unit = Unit {
        mantissa,
        decimals: u32::from(decimals),
    };
    let text = exact_text(field, value)?;
    let text = text.to_string_lossy();
    if text.len() > LENGTH_MAX {
        let start: String = text.chars().take(32).collect();
        let bound = format!("must be written in at most {LENGTH_MAX} bytes");
        return Err(invalid_value(field, &format!("{start}..."), &bound));
    }
    Number::parse(&text)
        .and_then(|number| number.units(unit))
        .and_then(|units| {
            if units > units_max {
                Err(Problem::TooLarge)
            } else {
                Ok(units)
            }
        })
        .map_err(|problem| invalid_value(field, &text, &problem.bound(unit, units_max)))
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
    let unit = Unit {
        mantissa,
        decimals: u32::from(decimals),
    };
    let text = text_of(units, unit).ok_or_else(|| {
        invalid_value(
            "units",
            &units.to_string(),
            "must stay below 2^128 smallest units",
        )
    })?;
    decimal_type(py)?.call1((text,))
}

/// A tick or lot size as `(mantissa, decimals)`: `"0.005"` is `(5, 3)`.
#[pyfunction]
#[pyo3(signature = (field, value, /))]
pub(crate) fn to_increment(field: &str, value: &Bound<'_, PyAny>) -> PyResult<(u64, u8)> {
    const BOUND: &str = "must have at most 18 decimals and 64 bits";
    let text = exact_text(field, value)?;
    let text = text.to_string_lossy();
    let refuse = |bound: &str| invalid_value(field, &text, bound);
    let unit = Unit {
        mantissa: 1,
        decimals: 0,
    };
    let number = Number::parse(&text).map_err(|problem| refuse(&problem.bound(unit, 0)))?;
    let decimals = u8::try_from(-number.exponent.min(0)).ok();
    let decimals = decimals.filter(|decimals| *decimals <= 18);
    let mantissa = number.shifted(number.exponent.max(0));
    let mantissa = mantissa.and_then(|mantissa| u64::try_from(mantissa).ok());
    mantissa.zip(decimals).ok_or_else(|| refuse(BOUND))
}
