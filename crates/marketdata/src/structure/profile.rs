//! The value area of a profile: where most of the volume, or of the time, was.

use crate::numbers::share_up;

/// How the value area grows from the point of control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expansion {
    /// By the greater of the two rows next to it.
    OneRow,
    /// By the greater pair of rows, the two above or the two below, whole.
    /// Source: J. Dalton, Mind Over Markets, appendix 1.
    TwoRow,
}

/// Places of rows: the point of control and the ends of the value area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueArea {
    /// The row with the most; of equals the nearest to the middle of the range, then the lower.
    pub poc: usize,
    /// The value area's highest row.
    pub high: usize,
    /// The value area's lowest row.
    pub low: usize,
    /// What the value area holds.
    pub volume: i128,
    /// What all rows hold.
    pub total: i128,
}

/// The value area of rows from the lowest, gaps filled with zeros; `None` where nothing is.
///
/// It grows from the point of control until it holds `share_ppm` millionths of all. Of equal
/// candidates the upper joins. At an edge what remains is used, and a side with no rows is left.
#[must_use]
pub fn value_area(rows: &[i128], expansion: Expansion, share_ppm: u32) -> Option<ValueArea> {
    let total: i128 = rows.iter().sum();
    if total <= 0 {
        return None;
    }
    let poc = point_of_control(rows)?;
    let step = match expansion {
        Expansion::OneRow => 1,
        Expansion::TwoRow => 2,
    };
    let (mut low, mut high, mut volume) = (poc, poc, rows[poc]);
    let wanted = share_up(total, share_ppm, 1_000_000);
    while volume < wanted && (low > 0 || high + 1 < rows.len()) {
        let above = &rows[high + 1..rows.len().min(high + 1 + step)];
        let below = &rows[low.saturating_sub(step)..low];
        let (up, down) = (above.iter().sum::<i128>(), below.iter().sum::<i128>());
        if below.is_empty() || (!above.is_empty() && up >= down) {
            high += above.len();
            volume += up;
        } else {
            low -= below.len();
            volume += down;
        }
    }
    Some(ValueArea {
        poc,
        high,
        low,
        volume,
        total,
    })
}

fn point_of_control(rows: &[i128]) -> Option<usize> {
    let greatest = *rows.iter().max()?;
    let from_middle = |place: &usize| (2 * place).abs_diff(rows.len() - 1);
    let equals = (0..rows.len()).filter(|place| rows[*place] == greatest);
    // Of places equally near, the first found is the lower.
    equals.min_by_key(from_middle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOLDEN: [i128; 10] = [5, 12, 30, 22, 60, 40, 10, 45, 8, 3];

    #[test]
    fn golden_vector() {
        let one = value_area(&GOLDEN, Expansion::OneRow, 700_000).unwrap();
        assert_eq!((one.poc, one.low, one.high, one.volume), (4, 1, 6, 174));
        let two = value_area(&GOLDEN, Expansion::TwoRow, 700_000).unwrap();
        assert_eq!((two.poc, two.low, two.high, two.volume), (4, 2, 8, 215));
        assert_eq!(two.total, 235);
    }

    #[test]
    fn a_leap_of_prices_is_filled_with_zeros() {
        let mut rows = vec![0; 401];
        (rows[0], rows[1], rows[2], rows[400]) = (4, 10, 2, 6);
        let area = value_area(&rows, Expansion::TwoRow, 700_000).unwrap();
        assert_eq!((area.poc, area.high), (1, 3));
    }

    #[test]
    fn nothing_and_one_row() {
        assert_eq!(value_area(&[], Expansion::OneRow, 700_000), None);
        assert_eq!(value_area(&[0, 0], Expansion::OneRow, 700_000), None);
        let area = value_area(&[7], Expansion::TwoRow, 700_000).unwrap();
        assert_eq!((area.poc, area.high, area.low), (0, 0, 0));
    }

    #[test]
    fn ties_go_to_the_middle_then_down_and_upwards() {
        let poc = |rows: &[i128]| value_area(rows, Expansion::OneRow, 1).unwrap().poc;
        assert_eq!(poc(&[9, 1, 9, 1, 1]), 2);
        assert_eq!(poc(&[1, 9, 1, 9, 1]), 1);
        let area = value_area(&[1, 3, 5, 3, 1], Expansion::OneRow, 600_000).unwrap();
        assert_eq!((area.low, area.high), (2, 3));
    }

    #[test]
    fn amounts_of_38_digits_are_shared_exactly() {
        let rows = GOLDEN.map(|row| row * 10_i128.pow(35));
        let wide = value_area(&rows, Expansion::TwoRow, 700_000).unwrap();
        assert_eq!((wide.poc, wide.low, wide.high), (4, 2, 8));
        assert_eq!(wide.volume, 215 * 10_i128.pow(35));
    }
}
