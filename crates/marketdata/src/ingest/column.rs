//! One column of decimals as integers of one scale.

use super::bad_line::Reason;
use super::decimal::{Decimal, POWERS, SCALE_MAX};

/// The integers of a column: 64 bits wide, or 128 where one of them needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Integers {
    /// All fit in 64 bits.
    Narrow(Vec<i64>),
    /// At least one does not.
    Wide(Vec<i128>),
}

impl Integers {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Narrow(values) => values.len(),
            Self::Wide(values) => values.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    fn push(&mut self, value: i128) {
        match self {
            Self::Narrow(values) => match i64::try_from(value) {
                Ok(narrow) => values.push(narrow),
                Err(_) => self.widen().push(value),
            },
            Self::Wide(values) => values.push(value),
        }
    }

    #[cold]
    fn widen(&mut self) -> &mut Vec<i128> {
        if let Self::Narrow(values) = self {
            *self = Self::Wide(values.iter().map(|value| i128::from(*value)).collect());
        }
        match self {
            Self::Wide(values) => values,
            Self::Narrow(_) => unreachable!("it was widened just now"),
        }
    }

    /// All of them times a power of ten, or `None`, and nothing changed, where 128 bits do not
    /// hold it.
    #[cold]
    fn raise(&mut self, power: i128) -> Option<()> {
        let raised = match self {
            Self::Narrow(values) => {
                let narrow: Option<Vec<i64>> = i64::try_from(power).ok().and_then(|power| {
                    let raised = values.iter().map(|value| value.checked_mul(power));
                    raised.collect()
                });
                let wide = values
                    .iter()
                    .map(|value| i128::from(*value).checked_mul(power));
                match narrow {
                    Some(raised) => Self::Narrow(raised),
                    None => Self::Wide(wide.collect::<Option<_>>()?),
                }
            }
            Self::Wide(values) => {
                let wide = values.iter().map(|value| value.checked_mul(power));
                Self::Wide(wide.collect::<Option<_>>()?)
            }
        };
        *self = raised;
        Some(())
    }
}

/// A column that grows: its scale is declared, or is the greatest that any text has shown.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    integers: Integers,
    scale: u8,
    is_declared: bool,
}

impl Column {
    pub(crate) fn new(declared: Option<u8>) -> Self {
        Self {
            integers: Integers::Narrow(Vec::new()),
            scale: declared.unwrap_or(0).min(SCALE_MAX),
            is_declared: declared.is_some(),
        }
    }

    pub(crate) fn scale(&self) -> u8 {
        self.scale
    }

    /// The integer that says this number in this column, which may raise the scale.
    #[inline]
    pub(crate) fn fit(&mut self, number: Decimal) -> Result<i128, Reason> {
        if number.scale == self.scale {
            return Ok(number.mantissa);
        }
        if self.is_declared || number.scale < self.scale {
            return number.at_scale(self.scale);
        }
        // Zeros that only the text has would raise the scale for nothing.
        if let Ok(mantissa) = number.at_scale(self.scale)
            && !self.integers.is_empty()
        {
            return Ok(mantissa);
        }
        let power = POWERS[usize::from(number.scale - self.scale)];
        self.integers.raise(power).ok_or(Reason::OverPrecise)?;
        self.scale = number.scale;
        Ok(number.mantissa)
    }

    #[inline]
    pub(crate) fn push(&mut self, value: i128) {
        self.integers.push(value);
    }

    /// Hands out what was pushed; the scale stays.
    pub(crate) fn take(&mut self) -> Integers {
        let room = self.integers.len();
        std::mem::replace(
            &mut self.integers,
            Integers::Narrow(Vec::with_capacity(room)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text.as_bytes()).unwrap()
    }

    fn column_of(declared: Option<u8>, texts: &[&str]) -> Column {
        let mut column = Column::new(declared);
        for text in texts {
            let value = column.fit(number(text)).unwrap();
            column.push(value);
        }
        column
    }

    #[test]
    fn found_scale_is_the_greatest_shown() {
        let mut column = column_of(None, &["1.5", "2", "0.25", "3.000"]);
        assert_eq!(column.scale(), 2);
        assert_eq!(column.take(), Integers::Narrow(vec![150, 200, 25, 300]));
        assert_eq!(column.scale(), 2);
    }

    #[test]
    fn declared_scale_refuses_more_decimals() {
        let mut column = column_of(Some(1), &["1.50", "2"]);
        assert_eq!(column.fit(number("0.25")), Err(Reason::OverPrecise));
        assert_eq!(column.take(), Integers::Narrow(vec![15, 20]));
    }

    #[test]
    fn what_needs_it_is_128_bits_wide() {
        let mut column = column_of(None, &["9223372036854775807", "0.1"]);
        assert_eq!(
            column.take(),
            Integers::Wide(vec![92_233_720_368_547_758_070, 1])
        );
        let mut column = column_of(None, &["1", "9223372036854775808"]);
        assert_eq!(
            column.take(),
            Integers::Wide(vec![1, 9_223_372_036_854_775_808])
        );
    }

    #[test]
    fn a_scale_that_cannot_be_joined_is_over_precise() {
        let mut column = column_of(None, &["99999999999999999999"]);
        assert_eq!(column.fit(number("1e-30")), Err(Reason::OverPrecise));
        assert_eq!(column.scale(), 0);
    }
}
