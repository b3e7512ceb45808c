//! Intervals of candles: buckets of time in UTC.
//!
//! A bucket is `[k, k + interval)`, open on the right and labelled by its open time. Seconds to
//! days count from 1970, weeks begin on Monday, months on their first day.

use std::fmt;

use crate::calendar::{DAY_NS, SECOND_NS, day_of, month_of};
use crate::error::InvalidInput;

const WEEK_NS: i64 = 7 * DAY_NS;
/// 1970-01-05, the first Monday.
const MONDAY_NS: i64 = 4 * DAY_NS;
/// Longer intervals leave the years that 64 bits of nanoseconds hold.
const COUNT_MAX: u32 = 100_000;

/// The unit that an interval is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
}

impl Unit {
    const ALL: [(char, Self); 6] = [
        ('s', Self::Second),
        ('m', Self::Minute),
        ('h', Self::Hour),
        ('d', Self::Day),
        ('w', Self::Week),
        ('M', Self::Month),
    ];

    const fn length_ns(self) -> i64 {
        match self {
            Self::Second => SECOND_NS,
            Self::Minute => 60 * SECOND_NS,
            Self::Hour => 3_600 * SECOND_NS,
            Self::Day => DAY_NS,
            Self::Week => WEEK_NS,
            // What a month has at most; its buckets are those of the calendar.
            Self::Month => 31 * DAY_NS,
        }
    }
}

/// A length of candles, as `1s`, `5m`, `1h`, `1d`, `1w` or `1M`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interval {
    count: u32,
    unit: Unit,
}

impl Interval {
    /// The interval of this text: a count and `s`, `m`, `h`, `d`, `w` or `M`.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, InvalidInput> {
        let wrong = || {
            let bound = "must be a count and a unit of s, m, h, d, w or M, as 1m, from 1s to 1M";
            InvalidInput::new("interval", text, bound)
        };
        let last = text.chars().last().ok_or_else(wrong)?;
        let (_, unit) = Unit::ALL
            .into_iter()
            .find(|(letter, _)| *letter == last)
            .ok_or_else(wrong)?;
        let digits = &text[..text.len() - 1];
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        let count: u32 = digits.parse().map_err(|_| wrong())?;
        let made = Self { count, unit };
        let is_long = i128::from(count) * i128::from(unit.length_ns()) > 31 * i128::from(DAY_NS);
        if !is_plain || count == 0 || count > COUNT_MAX || is_long {
            return Err(wrong());
        }
        Ok(made)
    }

    /// The open time of the bucket that a time lies in; the least time where it lies before.
    #[must_use]
    pub fn floor(self, time_ns: i64) -> i64 {
        match self.unit {
            Unit::Month => month_start(Self::month_of(time_ns)),
            Unit::Week => {
                let length_ns = self.length_ns();
                let into = time_ns.rem_euclid(length_ns) - MONDAY_NS.rem_euclid(length_ns);
                time_ns.saturating_sub(into.rem_euclid(length_ns))
            }
            _ => time_ns.saturating_sub(time_ns.rem_euclid(self.length_ns())),
        }
    }

    /// The open time of the bucket behind the one that opens at `open_time_ns`: its end. The
    /// greatest time where that lies behind all.
    #[must_use]
    pub fn next(self, open_time_ns: i64) -> i64 {
        match self.unit {
            Unit::Month => month_start(Self::month_of(open_time_ns).saturating_add(1)),
            _ => open_time_ns.saturating_add(self.length_ns()),
        }
    }

    /// The bucket that a time lies in, its open time and its end. Found without a division where it
    /// is the one that opens at `near_ns`.
    #[must_use]
    pub fn bucket(self, time_ns: i64, near_ns: i64) -> (i64, i64) {
        if time_ns >= near_ns {
            let end_ns = self.next(near_ns);
            if time_ns < end_ns {
                return (near_ns, end_ns);
            }
        }
        let open_time_ns = self.floor(time_ns);
        (open_time_ns, self.next(open_time_ns))
    }

    /// How long a bucket is, at most.
    #[must_use]
    pub const fn length_ns(self) -> i64 {
        self.count as i64 * self.unit.length_ns()
    }

    /// Whether every bucket of this is made of whole buckets of `finer`.
    #[must_use]
    pub const fn is_made_of(self, finer: Self) -> bool {
        match (self.unit, finer.unit) {
            (Unit::Month, Unit::Month) => true,
            (Unit::Month, _) => DAY_NS % finer.length_ns() == 0,
            (_, Unit::Month) => false,
            (Unit::Week, Unit::Week) => self.length_ns() % finer.length_ns() == 0,
            (Unit::Week, _) => DAY_NS % finer.length_ns() == 0,
            (_, Unit::Week) => false,
            _ => self.length_ns() % finer.length_ns() == 0,
        }
    }

    /// Months since 1970 of the bucket's month. Only one month is an interval.
    fn month_of(time_ns: i64) -> i64 {
        let (year, month) = month_of(time_ns.div_euclid(DAY_NS));
        (year - 1970) * 12 + month - 1
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = Unit::ALL.iter().find(|(_, unit)| *unit == self.unit);
        write!(
            formatter,
            "{}{}",
            self.count,
            letter.map_or(' ', |found| found.0)
        )
    }
}

/// The first nanosecond of a month counted from 1970-01; the end of all time beyond it.
fn month_start(months: i64) -> i64 {
    let (year, month) = (1970 + months.div_euclid(12), months.rem_euclid(12) + 1);
    day_of(year, month, 1).saturating_mul(DAY_NS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floor(text: &str, time_s: i64) -> i64 {
        let interval = Interval::parse(text).unwrap();
        interval.floor(time_s * SECOND_NS) / SECOND_NS
    }

    #[test]
    fn buckets_of_known_times() {
        // 2024-08-08 23:57:31 UTC, a Thursday.
        let time = 1_723_161_451;
        assert_eq!(floor("1s", time), time);
        assert_eq!(floor("1m", time), 1_723_161_420);
        assert_eq!(floor("5m", time), 1_723_161_300);
        assert_eq!(floor("1d", time), 1_723_075_200);
        assert_eq!(floor("1w", time), 1_722_816_000);
        assert_eq!(floor("1M", time), 1_722_470_400);
        assert_eq!(floor("1w", -1), -259_200);
        assert_eq!(floor("1M", -1), -2_678_400);
    }

    #[test]
    fn months_end_where_the_next_begins() {
        let month = Interval::parse("1M").unwrap();
        let mut open = month.floor(0);
        let mut days = Vec::new();
        for _ in 0..14 {
            let next = month.next(open);
            assert_eq!(month.floor(next - 1), open);
            days.push((next - open) / DAY_NS);
            open = next;
        }
        assert_eq!(
            days,
            [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 28]
        );
    }

    #[test]
    fn a_bucket_is_the_same_from_near_and_from_far() {
        for text in ["1s", "7m", "1w", "1M"] {
            let interval = Interval::parse(text).unwrap();
            let open = interval.floor(1_723_161_451 * SECOND_NS);
            let (end, behind) = (interval.next(open), interval.next(interval.next(open)));
            for near in [open, end, behind, i64::MAX] {
                assert_eq!(interval.bucket(end, near), (end, behind));
                assert_eq!(interval.bucket(end - 1, near), (open, end));
            }
        }
    }

    #[test]
    fn wrong_texts_are_refused() {
        for text in [
            "",
            "m",
            "0m",
            "+1m",
            "1x",
            "1µ",
            "2M",
            "32d",
            "5w",
            "1.5h",
            "99999999999s",
        ] {
            assert_eq!(
                Interval::parse(text).unwrap_err().field,
                "interval",
                "{text}"
            );
        }
        assert_eq!(Interval::parse("15m").unwrap().to_string(), "15m");
    }

    #[test]
    fn the_ends_of_time_have_buckets() {
        for text in ["1s", "7m", "1w", "1M"] {
            let interval = Interval::parse(text).unwrap();
            for time in [i64::MIN, i64::MAX] {
                let open = interval.floor(time);
                assert!(open <= time);
                assert!(interval.next(open) >= time);
            }
        }
    }
}
