//! A ladder of rows of prices, each with what was bought and sold there.
//!
//! Trades are added in 64 bits; what these would not hold is carried into 128 bits first.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rows are counted from the lowest, and there are at most `ROWS_MAX` of them"
)]

use crate::error::InvalidInput;
use crate::numbers::{NUMBER_END, Numbers};

/// More rows between the lowest and the highest are refused.
const ROWS_MAX: i128 = 4_000_000;

/// What was traded in one row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Level {
    /// By buying aggressors.
    pub bought: i128,
    /// By selling aggressors.
    pub sold: i128,
    /// How many trades.
    pub trades: u32,
}

/// What was traded in one row since it was last carried.
#[derive(Debug, Clone, Copy, Default)]
struct Recent {
    bought: i64,
    sold: i64,
    /// All trades: these are not carried.
    trades: u32,
}

/// What 64 bits might not have held.
#[derive(Debug, Clone, Copy, Default)]
struct Carried {
    bought: i128,
    sold: i128,
}

/// Rows from the lowest to the highest traded price, those without a trade too.
#[derive(Debug, Clone, Default)]
pub struct Ladder {
    row_size: i128,
    first_row: i128,
    recent: Vec<Recent>,
    /// As long as `recent`, or empty where 64 bits have held everything.
    carried: Vec<Carried>,
    /// What all of `recent` holds, so that no row of it can pass 64 bits.
    recent_volume: i64,
    /// What all rows hold.
    volume: i128,
}

impl Ladder {
    /// An empty ladder of rows of this height, in units of the price's scale.
    ///
    /// # Errors
    /// When the height is not above 0.
    pub fn new(row_size: i128) -> Result<Self, InvalidInput> {
        let mut made = Self::default();
        made.clear(row_size)?;
        Ok(made)
    }

    fn clear(&mut self, row_size: i128) -> Result<(), InvalidInput> {
        if row_size < 1 {
            return Err(InvalidInput::new("row_size", row_size, "must be above 0"));
        }
        (self.row_size, self.first_row) = (row_size, 0);
        (self.recent_volume, self.volume) = (0, 0);
        self.recent.clear();
        self.carried.clear();
        Ok(())
    }

    /// Replaces what is here by these trades, columns of equal length.
    ///
    /// # Errors
    /// As `add_columns`.
    pub fn fill(
        &mut self,
        row_size: i128,
        prices: &Numbers<'_>,
        quantities: &Numbers<'_>,
        sides: &[i8],
    ) -> Result<(), InvalidInput> {
        self.clear(row_size)?;
        self.add_columns(prices, quantities, sides)
    }

    /// Takes trades, columns of equal length.
    ///
    /// # Errors
    /// When the rows would be more than four million, a quantity lies below zero, or all of them
    /// have more than 38 digits; nothing changed.
    pub fn add_columns(
        &mut self,
        prices: &Numbers<'_>,
        quantities: &Numbers<'_>,
        sides: &[i8],
    ) -> Result<(), InvalidInput> {
        let Some((low, high)) = prices.ends() else {
            return Ok(());
        };
        let volume = self.volume_with(quantities)?;
        self.reach(low, high)?;
        let added = volume - self.volume;
        self.volume = volume;
        let base = self.first_row * self.row_size;
        let narrow = (i64::try_from(base), i64::try_from(self.row_size));
        if let (Numbers::Narrow(prices), Numbers::Narrow(quantities)) = (prices, quantities)
            && let (Ok(base), Ok(size)) = narrow
            && self.makes_room(added)
        {
            self.add_narrow((base, size), high as i64, (prices, quantities, sides));
        } else {
            self.add_wide(prices, quantities, sides);
        }
        Ok(())
    }

    /// What all rows will hold with these quantities.
    fn volume_with(&self, quantities: &Numbers<'_>) -> Result<i128, InvalidInput> {
        let below_0 =
            |quantity: i128| InvalidInput::new("quantity", quantity, "must not be below 0");
        let mut volume = self.volume;
        match quantities {
            // Four thousand million of them fit with room to spare.
            Numbers::Narrow(values) => {
                for quantity in *values {
                    if *quantity < 0 {
                        return Err(below_0(i128::from(*quantity)));
                    }
                    volume += i128::from(*quantity);
                }
            }
            Numbers::Wide(values) => {
                for quantity in *values {
                    if *quantity < 0 {
                        return Err(below_0(*quantity));
                    }
                    volume = volume.saturating_add(*quantity);
                }
            }
        }
        if volume >= NUMBER_END {
            let bound = "in all must have at most 38 digits with all decimals";
            return Err(InvalidInput::new("quantity", volume, bound));
        }
        Ok(volume)
    }

    /// Sees to it that 64 bits hold so much more; returns whether they can.
    fn makes_room(&mut self, added: i128) -> bool {
        let Ok(added) = i64::try_from(added) else {
            return false;
        };
        if let Some(volume) = self.recent_volume.checked_add(added) {
            self.recent_volume = volume;
        } else {
            self.carry();
            self.recent_volume = added;
        }
        true
    }

    /// Moves what the 64 bits hold into the 128.
    #[cold]
    fn carry(&mut self) {
        self.carried.resize(self.recent.len(), Carried::default());
        for (carried, recent) in self.carried.iter_mut().zip(&mut self.recent) {
            carried.bought += i128::from(std::mem::take(&mut recent.bought));
            carried.sold += i128::from(std::mem::take(&mut recent.sold));
        }
        self.recent_volume = 0;
    }

    fn add_narrow(
        &mut self,
        (base, size): (i64, i64),
        high: i64,
        (prices, quantities, sides): (&[i64], &[i64], &[i8]),
    ) {
        let span = high.checked_sub(base).map(u32::try_from);
        // 32 bits divide faster, and a span of rows nearly always fits.
        if let (Some(Ok(_)), Ok(size)) = (span, u32::try_from(size)) {
            for ((price, quantity), side) in prices.iter().zip(quantities).zip(sides) {
                let row = (price - base) as u32 / size;
                self.recent[row as usize].add(*quantity, *side);
            }
        } else {
            let first_row = base.div_euclid(size);
            for ((price, quantity), side) in prices.iter().zip(quantities).zip(sides) {
                let row = price.div_euclid(size) - first_row;
                self.recent[row as usize].add(*quantity, *side);
            }
        }
    }

    fn add_wide(&mut self, prices: &Numbers<'_>, quantities: &Numbers<'_>, sides: &[i8]) {
        self.carried.resize(self.recent.len(), Carried::default());
        for (place, side) in sides.iter().enumerate() {
            let row = self.row(prices.get(place));
            self.recent[row].trades += 1;
            let carried = &mut self.carried[row];
            let sum = if *side > 0 {
                &mut carried.bought
            } else {
                &mut carried.sold
            };
            *sum += quantities.get(place);
        }
    }

    /// The row of a price that is reached.
    const fn row(&self, price: i128) -> usize {
        (price.div_euclid(self.row_size) - self.first_row) as usize
    }

    /// Takes a period of time: one for each row from that of its low to that of its high.
    ///
    /// # Errors
    /// When the low is above the high, or the rows would be too many; nothing changed.
    pub fn add_period(&mut self, low: i128, high: i128) -> Result<(), InvalidInput> {
        if low > high {
            return Err(InvalidInput::new(
                "low",
                low,
                format!("must not be above high, {high}"),
            ));
        }
        self.reach(low, high)?;
        let (from, to) = (self.row(low), self.row(high));
        let added = (to - from + 1) as i128;
        self.makes_room(added);
        self.volume += added;
        for level in &mut self.recent[from..=to] {
            level.add(1, 1);
        }
        Ok(())
    }

    /// Makes room from the row of one price to that of another.
    fn reach(&mut self, low: i128, high: i128) -> Result<(), InvalidInput> {
        let mut first = low.div_euclid(self.row_size);
        let mut last = high.div_euclid(self.row_size);
        if !self.recent.is_empty() {
            first = first.min(self.first_row);
            last = last.max(self.first_row + self.recent.len() as i128 - 1);
        }
        let count = last.saturating_sub(first).saturating_add(1);
        let edge = first.saturating_mul(self.row_size);
        if count > ROWS_MAX || edge <= -NUMBER_END {
            let bound = format!("makes more than {ROWS_MAX} rows");
            return Err(InvalidInput::new("row_size", self.row_size, bound));
        }
        let before = if self.recent.is_empty() {
            0
        } else {
            (self.first_row - first) as usize
        };
        begin_with(&mut self.recent, before, count as usize);
        if !self.carried.is_empty() {
            begin_with(&mut self.carried, before, count as usize);
        }
        self.first_row = first;
        Ok(())
    }

    /// Takes the units of prices and quantities as so many times smaller; the rows stay.
    ///
    /// # Errors
    /// When the numbers would have more than 38 digits; nothing changed.
    pub fn rescale(
        &mut self,
        price_factor: i128,
        quantity_factor: i128,
    ) -> Result<(), InvalidInput> {
        let last_row = self.first_row + self.recent.len() as i128;
        let furthest = self.first_row.abs().max(last_row.abs()).max(1);
        let held = |number: &i128| *number < NUMBER_END;
        let row_size = self.row_size.checked_mul(price_factor).filter(|size| {
            let edge = size.checked_mul(furthest);
            edge.is_some_and(|edge| held(&edge))
        });
        let volume = self.volume.checked_mul(quantity_factor).filter(held);
        let (Some(row_size), Some(volume)) = (row_size, volume) else {
            let bound = "decimals more leave no room in 38 digits";
            return Err(InvalidInput::new(
                "scale",
                price_factor.max(quantity_factor),
                bound,
            ));
        };
        (self.row_size, self.volume) = (row_size, volume);
        if quantity_factor != 1 {
            self.carry();
        }
        for carried in &mut self.carried {
            carried.bought *= quantity_factor;
            carried.sold *= quantity_factor;
        }
        Ok(())
    }

    /// How many rows there are; none before the first trade.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.recent.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.recent.is_empty()
    }

    /// The rows from the lowest.
    pub fn levels(&self) -> impl Iterator<Item = Level> {
        (0..self.len()).map(|place| self.level(place))
    }

    /// The row at a place, from the lowest.
    #[inline]
    #[must_use]
    pub fn level(&self, place: usize) -> Level {
        let recent = self.recent[place];
        let carried = self.carried.get(place).copied().unwrap_or_default();
        Level {
            bought: carried.bought + i128::from(recent.bought),
            sold: carried.sold + i128::from(recent.sold),
            trades: recent.trades,
        }
    }

    /// The lower edge of a row.
    #[must_use]
    pub const fn edge(&self, place: usize) -> i128 {
        (self.first_row + place as i128) * self.row_size
    }
}

/// Puts so many empty rows before the others, and as many behind as make `count` of all.
fn begin_with<T: Clone + Default>(rows: &mut Vec<T>, before: usize, count: usize) {
    if before > 0 {
        rows.splice(..0, std::iter::repeat_n(T::default(), before));
    }
    rows.resize(count, T::default());
}

impl Recent {
    #[inline(always)]
    fn add(&mut self, quantity: i64, side: i8) {
        let bought = quantity & -i64::from(side > 0);
        self.bought += bought;
        self.sold += quantity - bought;
        self.trades += 1;
    }
}

impl Level {
    /// What was traded.
    #[must_use]
    pub const fn volume(&self) -> i128 {
        self.bought + self.sold
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn add(ladder: &mut Ladder, prices: &[i64], quantities: &[i64], sides: &[i8]) {
        let (prices, quantities) = (Numbers::Narrow(prices), Numbers::Narrow(quantities));
        ladder.add_columns(&prices, &quantities, sides).unwrap();
    }

    fn volumes(ladder: &Ladder) -> Vec<i128> {
        ladder.levels().map(|level| level.volume()).collect()
    }

    #[test]
    fn rows_reach_down_and_up_and_below_zero() {
        let mut ladder = Ladder::new(10).unwrap();
        add(&mut ladder, &[25], &[1], &[1]);
        add(&mut ladder, &[-1, 40], &[2, 3], &[-1, -1]);
        assert_eq!(volumes(&ladder), [2, 0, 0, 1, 0, 3]);
        assert_eq!((ladder.edge(0), ladder.edge(5)), (-10, 40));
    }

    #[test]
    fn smaller_units_leave_the_rows() {
        let mut ladder = Ladder::new(10).unwrap();
        add(&mut ladder, &[-5, 25], &[1, 2], &[1, -1]);
        ladder.rescale(100, 10).unwrap();
        add(&mut ladder, &[2_599], &[5], &[1]);
        assert_eq!(
            (volumes(&ladder), ladder.edge(0)),
            (vec![10, 0, 0, 25], -1_000)
        );
        let before: Vec<_> = ladder.levels().collect();
        for (price_factor, quantity_factor) in [(NUMBER_END, 1), (1, NUMBER_END)] {
            assert!(ladder.rescale(price_factor, quantity_factor).is_err());
        }
        assert_eq!(ladder.levels().collect::<Vec<_>>(), before);
        assert_eq!(ladder.edge(3), 2_000);
    }

    #[test]
    fn what_is_too_much_changes_nothing() {
        let mut ladder = Ladder::new(1).unwrap();
        add(&mut ladder, &[5], &[1], &[1]);
        for (price, quantity, field) in [
            (1 << 40, 1, "row_size"),
            (NUMBER_END - 1, 1, "row_size"),
            (5, -1, "quantity"),
            (5, NUMBER_END - 1, "quantity"),
        ] {
            let (prices, quantities) = ([price], [quantity]);
            let (prices, quantities) = (Numbers::Wide(&prices), Numbers::Wide(&quantities));
            let refused = ladder.add_columns(&prices, &quantities, &[1]).unwrap_err();
            assert_eq!(refused.field, field);
        }
        let level = Level {
            bought: 1,
            sold: 0,
            trades: 1,
        };
        assert_eq!(ladder.levels().collect::<Vec<_>>(), [level]);
        assert!(Ladder::new(0).is_err());
    }

    #[test]
    fn sums_go_on_beyond_64_bits() {
        let mut ladder = Ladder::new(1).unwrap();
        for _ in 0..3 {
            add(&mut ladder, &[7, 8], &[i64::MAX - 5, 5], &[1, -1]);
        }
        let most = i128::from(i64::MAX) - 5;
        assert_eq!(volumes(&ladder), [3 * most, 15]);
        // A row below is made for what is carried too.
        add(&mut ladder, &[6], &[1], &[1]);
        assert_eq!(volumes(&ladder), [1, 3 * most, 15]);
        ladder.rescale(10, 1_000).unwrap();
        assert_eq!(volumes(&ladder), [1_000, 3_000 * most, 15_000]);
        assert_eq!(ladder.level(1).trades, 3);
    }

    #[test]
    fn prices_are_as_wide_as_they_must_be() {
        let size = 10_i128.pow(20);
        let mut ladder = Ladder::new(size).unwrap();
        let prices = [9_999 * size + 1, 10_001 * size, -size];
        let (prices, quantities) = (Numbers::Wide(&prices[..2]), Numbers::Narrow(&[4, 6]));
        ladder.add_columns(&prices, &quantities, &[-1, 1]).unwrap();
        assert_eq!(volumes(&ladder), [4, 0, 6]);
        assert_eq!(ladder.edge(2), 10_001 * size);
        // Prices of 64 bits whose lowest row begins below them.
        let mut ladder = Ladder::new(1 << 62).unwrap();
        add(
            &mut ladder,
            &[i64::MIN, i64::MAX, -1],
            &[1, 2, 3],
            &[1, 1, 1],
        );
        assert_eq!(volumes(&ladder), [1, 3, 0, 2]);
        let mut ladder = Ladder::new((1 << 62) + 1).unwrap();
        add(&mut ladder, &[i64::MIN], &[1], &[1]);
        assert_eq!(ladder.edge(0), -2 * ((1 << 62) + 1));
    }

    proptest! {
        #[test]
        fn wide_and_narrow_come_to_the_same(
            rows in prop::collection::vec((-99_i64..99, 0_i64..9, prop::bool::ANY), 1..60),
            wide_prices in prop::bool::ANY,
            step in 1_usize..20,
        ) {
            let prices: Vec<_> = rows.iter().map(|row| row.0).collect();
            let quantities: Vec<_> = rows.iter().map(|row| row.1).collect();
            let sides: Vec<i8> = rows.iter().map(|row| if row.2 { 1 } else { -1 }).collect();
            let mut expected = Ladder::new(7).unwrap();
            add(&mut expected, &prices, &quantities, &sides);
            let widened = |values: &[i64]| -> Vec<i128> {
                values.iter().map(|value| i128::from(*value)).collect()
            };
            let (many_prices, many_quantities) = (widened(&prices), widened(&quantities));
            let mut found = Ladder::new(7).unwrap();
            // Pieces are wide and narrow by turns.
            for (turn, from) in (0..rows.len()).step_by(step).enumerate() {
                let piece = from..rows.len().min(from + step);
                let (price, quantity) = match turn % 2 {
                    0 if wide_prices => {
                        (Numbers::Wide(&many_prices), Numbers::Narrow(&quantities))
                    }
                    0 => (Numbers::Narrow(&prices), Numbers::Wide(&many_quantities)),
                    _ => (Numbers::Narrow(&prices), Numbers::Narrow(&quantities)),
                };
                let (price, quantity) = (price.slice(piece.clone()), quantity.slice(piece.clone()));
                found.add_columns(&price, &quantity, &sides[piece]).unwrap();
            }
            prop_assert_eq!(found.edge(0), expected.edge(0));
            prop_assert_eq!(
                found.levels().collect::<Vec<_>>(),
                expected.levels().collect::<Vec<_>>()
            );
        }
    }
}
