//! A ladder of rows of prices, each with what was bought and sold there.

#![expect(
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "rows are counted from the lowest, and there are at most `ROWS_MAX` of them"
)]

use crate::error::InvalidInput;

/// More rows between the lowest and the highest are refused.
const ROWS_MAX: i128 = 4_000_000;

/// What was traded in one row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Level {
    /// By buying aggressors.
    pub bought: i64,
    /// By selling aggressors.
    pub sold: i64,
    /// How many trades.
    pub trades: u32,
}

/// Rows from the lowest to the highest traded price, those without a trade too.
#[derive(Debug, Clone, Default)]
pub struct Ladder {
    row_size: i64,
    first_row: i64,
    levels: Vec<Level>,
    /// What all levels hold, so that no row can pass 64 bits.
    volume: i64,
}

impl Ladder {
    /// An empty ladder of rows of this height, in units of the price's scale.
    ///
    /// # Errors
    /// When the height is not above 0.
    pub fn new(row_size: i64) -> Result<Self, InvalidInput> {
        let mut made = Self::default();
        made.clear(row_size)?;
        Ok(made)
    }

    fn clear(&mut self, row_size: i64) -> Result<(), InvalidInput> {
        if row_size < 1 {
            return Err(InvalidInput::new("row_size", row_size, "must be above 0"));
        }
        (self.row_size, self.first_row, self.volume) = (row_size, 0, 0);
        self.levels.clear();
        Ok(())
    }

    /// Replaces what is here by these trades, columns of equal length.
    ///
    /// # Errors
    /// As `add_columns`.
    pub fn fill(
        &mut self,
        row_size: i64,
        prices: &[i64],
        quantities: &[i64],
        sides: &[i8],
    ) -> Result<(), InvalidInput> {
        self.clear(row_size)?;
        self.add_columns(prices, quantities, sides)
    }

    /// Takes trades, columns of equal length.
    ///
    /// # Errors
    /// When the rows would be more than four million, a quantity lies below zero, or all of them
    /// pass 63 bits; nothing changed.
    pub fn add_columns(
        &mut self,
        prices: &[i64],
        quantities: &[i64],
        sides: &[i8],
    ) -> Result<(), InvalidInput> {
        let (Some(low), Some(high)) = (prices.iter().min(), prices.iter().max()) else {
            return Ok(());
        };
        let mut volume = i128::from(self.volume);
        for quantity in quantities {
            if *quantity < 0 {
                return Err(InvalidInput::new(
                    "quantity",
                    quantity,
                    "must not be below 0",
                ));
            }
            volume += i128::from(*quantity);
        }
        let volume = i64::try_from(volume).map_err(|_| {
            InvalidInput::new(
                "quantity",
                volume,
                "in all must stay below 2^63 units of its scale",
            )
        })?;
        self.reach(*low, *high)?;
        self.volume = volume;
        let base = self.first_row * self.row_size;
        // 32 bits divide faster, and a span of rows nearly always fits.
        if let (Ok(_), Ok(size)) = (u32::try_from(high - base), u32::try_from(self.row_size)) {
            for ((price, quantity), side) in prices.iter().zip(quantities).zip(sides) {
                let row = (price - base) as u32 / size;
                self.levels[row as usize].add(*quantity, *side);
            }
        } else {
            for ((price, quantity), side) in prices.iter().zip(quantities).zip(sides) {
                let row = price.div_euclid(self.row_size) - self.first_row;
                self.levels[row as usize].add(*quantity, *side);
            }
        }
        Ok(())
    }

    /// Takes a period of time: one for each row from that of its low to that of its high.
    ///
    /// # Errors
    /// When the low is above the high, or the rows would be too many; nothing changed.
    pub fn add_period(&mut self, low: i64, high: i64) -> Result<(), InvalidInput> {
        if low > high {
            return Err(InvalidInput::new(
                "low",
                low,
                format!("must not be above high, {high}"),
            ));
        }
        self.reach(low, high)?;
        let row = |price: i64| (price.div_euclid(self.row_size) - self.first_row) as usize;
        let (from, to) = (row(low), row(high));
        for level in &mut self.levels[from..=to] {
            level.add(1, 1);
        }
        self.volume += (to - from + 1) as i64;
        Ok(())
    }

    /// Makes room from the row of one price to that of another.
    fn reach(&mut self, low: i64, high: i64) -> Result<(), InvalidInput> {
        let mut first = low.div_euclid(self.row_size);
        let mut last = high.div_euclid(self.row_size);
        if !self.levels.is_empty() {
            first = first.min(self.first_row);
            last = last.max(self.first_row + self.levels.len() as i64 - 1);
        }
        let count = i128::from(last) - i128::from(first) + 1;
        if count > ROWS_MAX || first.checked_mul(self.row_size).is_none() {
            let bound = format!("makes more than {ROWS_MAX} rows");
            return Err(InvalidInput::new("row_size", self.row_size, bound));
        }
        if !self.levels.is_empty() {
            let before = (self.first_row - first) as usize;
            self.levels
                .splice(..0, std::iter::repeat_n(Level::default(), before));
        }
        self.levels.resize(count as usize, Level::default());
        self.first_row = first;
        Ok(())
    }

    /// Takes the units of prices and quantities as so many times smaller; the rows stay.
    ///
    /// # Errors
    /// When 63 bits would not hold the numbers; nothing changed.
    pub fn rescale(&mut self, price_factor: i64, quantity_factor: i64) -> Result<(), InvalidInput> {
        let last_row = self.first_row.saturating_add(self.levels.len() as i64);
        let furthest = self.first_row.unsigned_abs().max(last_row.unsigned_abs());
        let row_size = self.row_size.checked_mul(price_factor).filter(|size| {
            furthest
                .checked_mul(size.unsigned_abs())
                .is_some_and(|edge| edge >> 63 == 0)
        });
        let volume = self.volume.checked_mul(quantity_factor);
        let (Some(row_size), Some(volume)) = (row_size, volume) else {
            let bound = "decimals more leave no room in 63 bits";
            return Err(InvalidInput::new(
                "scale",
                price_factor.max(quantity_factor),
                bound,
            ));
        };
        (self.row_size, self.volume) = (row_size, volume);
        for level in &mut self.levels {
            level.bought *= quantity_factor;
            level.sold *= quantity_factor;
        }
        Ok(())
    }

    /// The rows from the lowest; none before the first trade.
    #[must_use]
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// The lower edge of a row.
    #[must_use]
    pub const fn edge(&self, place: usize) -> i64 {
        (self.first_row + place as i64) * self.row_size
    }
}

impl Level {
    #[inline(always)]
    fn add(&mut self, quantity: i64, side: i8) {
        let bought = quantity & -i64::from(side > 0);
        self.bought += bought;
        self.sold += quantity - bought;
        self.trades += 1;
    }

    /// What was traded.
    pub const fn volume(&self) -> i64 {
        self.bought + self.sold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_reach_down_and_up_and_below_zero() {
        let mut ladder = Ladder::new(10).unwrap();
        ladder.add_columns(&[25], &[1], &[1]).unwrap();
        ladder.add_columns(&[-1, 40], &[2, 3], &[-1, -1]).unwrap();
        let volumes: Vec<_> = ladder.levels().iter().map(Level::volume).collect();
        assert_eq!(volumes, [2, 0, 0, 1, 0, 3]);
        assert_eq!((ladder.edge(0), ladder.edge(5)), (-10, 40));
    }

    #[test]
    fn smaller_units_leave_the_rows() {
        let mut ladder = Ladder::new(10).unwrap();
        ladder.add_columns(&[-5, 25], &[1, 2], &[1, -1]).unwrap();
        ladder.rescale(100, 10).unwrap();
        ladder.add_columns(&[2_599], &[5], &[1]).unwrap();
        let volumes: Vec<_> = ladder.levels().iter().map(Level::volume).collect();
        assert_eq!((volumes, ladder.edge(0)), (vec![10, 0, 0, 25], -1_000));
        let before = ladder.levels().to_vec();
        for (price_factor, quantity_factor) in [(i64::MAX, 1), (1, i64::MAX)] {
            assert!(ladder.rescale(price_factor, quantity_factor).is_err());
        }
        assert_eq!((ladder.levels(), ladder.edge(3)), (&before[..], 2_000));
    }

    #[test]
    fn what_is_too_much_changes_nothing() {
        let mut ladder = Ladder::new(1).unwrap();
        ladder.add_columns(&[5], &[1], &[1]).unwrap();
        for (price, quantity, field) in [
            (1 << 40, 1, "row_size"),
            (5, -1, "quantity"),
            (5, i64::MAX, "quantity"),
        ] {
            let refused = ladder.add_columns(&[price], &[quantity], &[1]).unwrap_err();
            assert_eq!(refused.field, field);
        }
        assert_eq!(
            ladder.levels(),
            [Level {
                bought: 1,
                sold: 0,
                trades: 1
            }]
        );
        assert!(Ladder::new(0).is_err());
    }
}
