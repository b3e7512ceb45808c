//! Swing points without look-ahead: told when the bars behind them confirm them.

use std::collections::VecDeque;

use super::bar::Bar;
use crate::error::InvalidInput;

/// More bars on each side than this are refused.
const LENGTH_MAX: usize = 10_000;

/// A bar higher, or lower, than those on each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swing {
    /// When the swing was.
    pub open_time_ns: i64,
    /// Close time of the bar that confirmed it.
    pub confirmed_ns: i64,
    /// The high of a swing high, the low of a swing low.
    pub price: i64,
    /// Whether it is a high.
    pub is_high: bool,
}

/// Finds bars whose high is above those of `length` bars before and behind, strictly; lows
/// likewise.
#[derive(Debug, Clone)]
pub struct Swings {
    length: usize,
    window: VecDeque<Bar>,
}

impl Swings {
    /// No bars yet.
    ///
    /// # Errors
    /// When the length is not from 1 to 10,000.
    pub fn new(length: usize) -> Result<Self, InvalidInput> {
        if length == 0 || length > LENGTH_MAX {
            let bound = format!("must be from 1 to {LENGTH_MAX}");
            return Err(InvalidInput::new("length", length, bound));
        }
        Ok(Self {
            length,
            window: VecDeque::with_capacity(2 * length + 1),
        })
    }

    /// Takes a closed bar; returns the swing high and the swing low that it confirms.
    pub fn update(&mut self, bar: Bar) -> [Option<Swing>; 2] {
        if self.window.len() > 2 * self.length {
            self.window.pop_front();
        }
        self.window.push_back(bar);
        if self.window.len() <= 2 * self.length {
            return [None, None];
        }
        let middle = self.window[self.length];
        let others = || {
            let window = self.window.iter().enumerate();
            window
                .filter(|(place, _)| *place != self.length)
                .map(|(_, bar)| bar)
        };
        let found = |is_high: bool, price: i64| Swing {
            open_time_ns: middle.open_time_ns,
            confirmed_ns: bar.close_time_ns,
            price,
            is_high,
        };
        [
            others()
                .all(|other| other.high < middle.high)
                .then(|| found(true, middle.high)),
            others()
                .all(|other| other.low > middle.low)
                .then(|| found(false, middle.low)),
        ]
    }

    /// What this bar would confirm if it closed as it is.
    #[must_use]
    pub fn peek(&self, bar: Bar) -> [Option<Swing>; 2] {
        self.clone().update(bar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(time: i64, low: i64, high: i64) -> Bar {
        Bar {
            open_time_ns: time,
            close_time_ns: time + 5,
            open: low,
            high,
            low,
            close: high,
        }
    }

    #[test]
    fn a_swing_is_told_when_the_bars_behind_it_are_closed() {
        let mut swings = Swings::new(1).unwrap();
        assert_eq!(swings.update(bar(0, 5, 9)), [None, None]);
        assert_eq!(swings.update(bar(1, 6, 12)), [None, None]);
        let expected = Swing {
            open_time_ns: 1,
            confirmed_ns: 7,
            price: 12,
            is_high: true,
        };
        assert_eq!(swings.peek(bar(2, 3, 7)), [Some(expected), None]);
        assert_eq!(swings.update(bar(2, 3, 7)), [Some(expected), None]);
        let expected = Swing {
            open_time_ns: 2,
            confirmed_ns: 8,
            price: 3,
            is_high: false,
        };
        assert_eq!(swings.update(bar(3, 4, 7)), [None, Some(expected)]);
        // Equal highs are no swing.
        assert_eq!(swings.update(bar(4, 4, 7)), [None, None]);
    }
}
