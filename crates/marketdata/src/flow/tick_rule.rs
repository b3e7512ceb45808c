//! The side of trades whose source does not say it.

/// The tick rule: a trade above the price before it was bought, below it sold, and at the same
/// price it is as the last that differed. The first of all counts as bought.
///
/// Source: C. Lee and M. Ready, Inferring Trade Direction from Intraday Data, 1991.
#[derive(Debug, Clone, Copy)]
pub struct TickRule {
    last_price: Option<i128>,
    last_side: i8,
}

impl Default for TickRule {
    fn default() -> Self {
        Self {
            last_price: None,
            last_side: 1,
        }
    }
}

impl TickRule {
    /// The side of the next trade, 1 bought or -1 sold: as it says, or inferred where it says 0.
    #[inline]
    pub fn update(&mut self, price: i128, side: i8) -> i8 {
        let inferred = match self.last_price {
            Some(last) if price > last => 1,
            Some(last) if price < last => -1,
            _ => self.last_side,
        };
        self.last_price = Some(price);
        self.last_side = if side == 0 { inferred } else { side.signum() };
        self.last_side
    }

    /// Takes the units of prices as so many times smaller.
    pub fn rescale(&mut self, factor: i128) {
        self.last_price = self.last_price.map(|price| price.saturating_mul(factor));
    }
}

#[cfg(test)]
mod tests {
    use super::TickRule;

    #[test]
    fn equal_prices_keep_the_side_of_the_last_change() {
        let mut rule = TickRule::default();
        let prices = [10, 11, 11, 9, 9, 9, 12];
        let sides: Vec<_> = prices.iter().map(|price| rule.update(*price, 0)).collect();
        assert_eq!(sides, [1, 1, 1, -1, -1, -1, 1]);
        assert_eq!(rule.update(13, -1), -1);
        assert_eq!(rule.update(13, 0), -1);
        rule.rescale(10);
        assert_eq!(rule.update(131, 0), 1);
    }
}
