//! Days of the Gregorian calendar, counted from 1970-01-01.
//!
//! Years are taken to begin in March, so that a leap day is the last of its year.

/// Nanoseconds of a second.
pub(crate) const SECOND_NS: i64 = 1_000_000_000;
/// Nanoseconds of a day.
pub(crate) const DAY_NS: i64 = 86_400 * SECOND_NS;
/// Days from 0000-03-01 to 1970-01-01.
const DAYS_BEFORE_1970: i64 = 719_468;
/// Days of 400 years, after which the calendar repeats itself.
const ERA_DAYS: i64 = 146_097;

/// How many days a month has, counted from 1.
pub(crate) const fn days_in(year: i64, month: i64) -> i64 {
    let is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The day of a date, months and days counted from 1.
pub(crate) const fn day_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let from_march = (month + 9) % 12;
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + day_of_year - DAYS_BEFORE_1970
}

/// The year and the month, from 1, of a day.
pub(crate) const fn month_of(day: i64) -> (i64, i64) {
    let shifted = day + DAYS_BEFORE_1970;
    let (era, day_of_era) = (shifted.div_euclid(ERA_DAYS), shifted.rem_euclid(ERA_DAYS));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let year = year_of_era + era * 400;
    if from_march < 10 {
        (year, from_march + 3)
    } else {
        (year + 1, from_march - 9)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_on_through_every_month() {
        assert_eq!(day_of(1970, 1, 1), 0);
        assert_eq!(day_of(2024, 11, 5), 20_032);
        let mut day = day_of(-801, 1, 1);
        for year in -801..2_500 {
            for month in 1..=12 {
                assert_eq!(day_of(year, month, 1), day);
                let last = day + days_in(year, month) - 1;
                assert_eq!(
                    (month_of(day), month_of(last)),
                    ((year, month), (year, month))
                );
                day = last + 1;
            }
        }
    }

    #[test]
    fn leap_years_are_those_of_the_calendar() {
        let february = [1_900, 2_000, 2_023, 2_024].map(|year| days_in(year, 2));
        assert_eq!(february, [28, 29, 28, 29]);
    }
}
