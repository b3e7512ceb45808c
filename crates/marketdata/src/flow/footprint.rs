//! Footprints: what was bought and sold in each row of prices of a bar, and where one side
//! overweighs the other across the diagonal.

use crate::error::InvalidInput;
use crate::ladder::{Ladder, Level};
use crate::numbers::{Numbers, share_up};

/// How rows are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Footprint {
    /// Height of a row in units of the price's scale.
    pub row_size: i128,
    /// How many thousandths of the diagonal volume make an imbalance.
    pub ratio_permille: u32,
    /// The least volume of an imbalance, above 0; where nothing stands across, it alone counts.
    pub minimum: i128,
    /// So many imbalances in a row are stacked.
    pub stacked: usize,
}

/// One row of one bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FootprintRow {
    /// The row's lower edge.
    pub price: i128,
    /// What selling aggressors hit.
    pub sell_volume: i128,
    /// What buying aggressors lifted.
    pub buy_volume: i128,
    /// How many trades.
    pub trades: u32,
    /// Bought here ≥ ratio · sold one row below.
    pub is_buy_imbalance: bool,
    /// Sold here ≥ ratio · bought one row above.
    pub is_sell_imbalance: bool,
    /// Whether the imbalance is one of enough neighbours.
    pub is_stacked: bool,
}

impl Footprint {
    pub(super) fn check(&self) -> Result<(), InvalidInput> {
        let above_0 = "must be above 0";
        if self.row_size < 1 {
            return Err(InvalidInput::new("row_size", self.row_size, above_0));
        }
        if self.ratio_permille < 1 {
            return Err(InvalidInput::new("ratio", self.ratio_permille, above_0));
        }
        if self.minimum < 1 {
            return Err(InvalidInput::new("minimum", self.minimum, above_0));
        }
        if self.stacked < 1 {
            return Err(InvalidInput::new("stacked", self.stacked, above_0));
        }
        Ok(())
    }

    fn overweighs(&self, volume: i128, across: i128) -> bool {
        volume >= self.minimum && volume >= share_up(across, self.ratio_permille, 1_000)
    }

    /// Adds the rows of a bar that traded, from the lowest.
    pub(super) fn add_rows(&self, ladder: &Ladder, rows: &mut Vec<FootprintRow>) {
        let from = rows.len();
        let (mut buys, mut sells) = (0_usize, 0_usize);
        let mut below = Level::default();
        for place in 0..ladder.len() {
            let level = ladder.level(place);
            if level.trades == 0 {
                (below, buys, sells) = (level, 0, 0);
                continue;
            }
            let is_last = place + 1 == ladder.len();
            let above = if is_last {
                0
            } else {
                ladder.level(place + 1).bought
            };
            let is_buy_imbalance = self.overweighs(level.bought, below.sold);
            let is_sell_imbalance = self.overweighs(level.sold, above);
            buys = if is_buy_imbalance { buys + 1 } else { 0 };
            sells = if is_sell_imbalance { sells + 1 } else { 0 };
            rows.push(FootprintRow {
                price: ladder.edge(place),
                sell_volume: level.sold,
                buy_volume: level.bought,
                trades: level.trades,
                is_buy_imbalance,
                is_sell_imbalance,
                is_stacked: false,
            });
            // An imbalance needs volume, so neighbours in a stack are neighbours among the rows.
            let deepest = [buys, sells]
                .into_iter()
                .filter(|depth| *depth >= self.stacked)
                .max();
            let begin = (rows.len() - deepest.unwrap_or(0)).max(from);
            rows[begin..]
                .iter_mut()
                .for_each(|row| row.is_stacked = true);
            below = level;
        }
    }
}

/// The rows of a bar that traded, from the lowest; `ladder` is room that is used again.
///
/// # Errors
/// When a parameter is not above 0, or the bar spans too many rows.
pub fn footprint(
    how: &Footprint,
    prices: &Numbers<'_>,
    quantities: &Numbers<'_>,
    sides: &[i8],
    ladder: &mut Ladder,
    rows: &mut Vec<FootprintRow>,
) -> Result<(), InvalidInput> {
    how.check()?;
    ladder.fill(how.row_size, prices, quantities, sides)?;
    how.add_rows(ladder, rows);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOW: Footprint = Footprint {
        row_size: 10,
        ratio_permille: 3_000,
        minimum: 2,
        stacked: 3,
    };

    fn rows(trades: &[(i64, i64, i8)]) -> Vec<FootprintRow> {
        let prices: Vec<_> = trades.iter().map(|trade| trade.0).collect();
        let quantities: Vec<_> = trades.iter().map(|trade| trade.1).collect();
        let sides: Vec<_> = trades.iter().map(|trade| trade.2).collect();
        let (mut ladder, mut rows) = (Ladder::default(), Vec::new());
        let (prices, quantities) = (Numbers::Narrow(&prices), Numbers::Narrow(&quantities));
        footprint(&HOW, &prices, &quantities, &sides, &mut ladder, &mut rows).unwrap();
        rows
    }

    #[test]
    fn three_diagonal_imbalances_are_stacked() {
        let found = rows(&[
            (1_009, 1, -1),
            (1_010, 3, 1),
            (1_011, 1, -1),
            (1_020, 3, 1),
            (1_030, 2, 1),
            (1_040, 1, 1),
        ]);
        let prices: Vec<_> = found.iter().map(|row| row.price).collect();
        assert_eq!(prices, [1_000, 1_010, 1_020, 1_030, 1_040]);
        let buys: Vec<_> = found.iter().map(|row| row.is_buy_imbalance).collect();
        // The last has less than the minimum.
        assert_eq!(buys, [false, true, true, true, false]);
        let stacked: Vec<_> = found.iter().map(|row| row.is_stacked).collect();
        assert_eq!(stacked, [false, true, true, true, false]);
        assert!(found.iter().all(|row| !row.is_sell_imbalance));
    }

    #[test]
    fn sells_are_held_against_the_row_above() {
        let found = rows(&[(1_000, 6, -1), (1_010, 2, 1)]);
        assert!(found[0].is_sell_imbalance);
        let found = rows(&[(1_000, 5, -1), (1_010, 2, 1)]);
        assert!(!found[0].is_sell_imbalance);
        assert!(!found[1].is_buy_imbalance);
    }

    #[test]
    fn parameters_are_above_zero() {
        let how = Footprint { minimum: 0, ..HOW };
        assert_eq!(how.check().unwrap_err().field, "minimum");
    }

    #[test]
    fn volumes_beyond_64_bits_are_compared_exactly() {
        let unit = 10_i128.pow(36);
        let quantities = [unit, 3 * unit, unit, 3 * unit - 1];
        let (mut ladder, mut rows) = (Ladder::default(), Vec::new());
        footprint(
            &HOW,
            &Numbers::Narrow(&[1_000, 1_010, 1_020, 1_030]),
            &Numbers::Wide(&quantities),
            &[-1, 1, -1, 1],
            &mut ladder,
            &mut rows,
        )
        .unwrap();
        let buys: Vec<_> = rows.iter().map(|row| row.is_buy_imbalance).collect();
        assert_eq!(buys, [false, true, false, false]);
        assert_eq!(rows[3].buy_volume, 3 * unit - 1);
    }
}
