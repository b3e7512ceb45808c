//! Order-flow imbalance from the best levels; not the imbalance of trades.

use std::cmp::{Ordering, Reverse};

use super::levels::Level;

/// The best level of each side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quote {
    /// The highest bid.
    pub bid: Option<Level>,
    /// The lowest ask.
    pub ask: Option<Level>,
}

/// The order-flow imbalance of Cont, Kukanov and Stoikov (*The price impact of order book events*,
/// 2014): what came to the best bid less what came to the best ask, over the changes of both.
///
/// A bid that rises adds all that stands there, one that falls takes away all that stood there, one
/// that stays adds the difference; asks count the same way with the sign turned. A side without a
/// level adds nothing, and what comes back to it counts as risen, or for asks as fallen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OrderFlowImbalance {
    last: Option<Quote>,
    total: i128,
}

impl OrderFlowImbalance {
    /// Takes the best levels after a change and answers what it added; 0 for the first.
    #[inline]
    pub fn update(&mut self, quote: Quote) -> i128 {
        let Some(last) = self.last.replace(quote) else {
            return 0;
        };
        let bids = came(last.bid, quote.bid, |level| level.price);
        let asks = came(last.ask, quote.ask, |level| Reverse(level.price));
        self.total += bids - asks;
        bids - asks
    }

    /// The sum so far, in units of the quantity.
    pub fn total(&self) -> i128 {
        self.total
    }

    /// Tells the last levels and the sum at scales greater by these powers of ten; where they do
    /// not fit, the next levels do not follow them.
    pub fn raise(&mut self, prices: i64, quantities: u64) {
        let raised = |level: Option<Level>| match level {
            None => Some(None),
            Some(level) => {
                let price = level.price.checked_mul(prices)?;
                let quantity = level.quantity.checked_mul(quantities)?;
                Some(Some(Level { price, quantity }))
            }
        };
        self.last = self.last.and_then(|last| {
            let (bid, ask) = (raised(last.bid)?, raised(last.ask)?);
            Some(Quote { bid, ask })
        });
        self.total = self.total.saturating_mul(i128::from(quantities));
    }

    /// Forgets the last levels: the next do not follow them. The sum stays.
    pub fn restart(&mut self) {
        self.last = None;
    }
}

/// What came to a side whose better prices are the greater ones in `rank`.
#[inline]
fn came<R: Ord>(before: Option<Level>, now: Option<Level>, rank: impl Fn(Level) -> R) -> i128 {
    let held = |level: Level| i128::from(level.quantity);
    match (before, now) {
        (None, None) => 0,
        (None, Some(now)) => held(now),
        (Some(before), None) => -held(before),
        (Some(before), Some(now)) => match rank(now).cmp(&rank(before)) {
            Ordering::Greater => held(now),
            Ordering::Less => -held(before),
            Ordering::Equal => held(now) - held(before),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(bid: Option<(i64, u64)>, ask: Option<(i64, u64)>) -> Quote {
        let level = |(price, quantity)| Level { price, quantity };
        Quote {
            bid: bid.map(level),
            ask: ask.map(level),
        }
    }

    #[test]
    fn each_change_counts_by_its_rule() {
        let steps = [
            (quote(Some((99, 10)), Some((101, 20))), 0),
            // The bid grows by 5.
            (quote(Some((99, 15)), Some((101, 20))), 5),
            // The bid rises to a level of 7.
            (quote(Some((100, 7)), Some((101, 20))), 7),
            // The bid falls from it.
            (quote(Some((99, 15)), Some((101, 20))), -7),
            // The ask falls to a level of 4: it came to the sellers.
            (quote(Some((99, 15)), Some((100, 4))), -4),
            // The ask rises from it.
            (quote(Some((99, 15)), Some((101, 20))), 4),
            // The ask shrinks by 8.
            (quote(Some((99, 15)), Some((101, 12))), 8),
            // The asks are gone, then back.
            (quote(Some((99, 15)), None), 12),
            (quote(Some((99, 15)), Some((103, 2))), -2),
            (quote(None, Some((103, 2))), -15),
        ];
        let mut flow = OrderFlowImbalance::default();
        let mut total = 0;
        for (quote, added) in steps {
            assert_eq!(flow.update(quote), added);
            total += added;
        }
        assert_eq!(flow.total(), total);
        flow.raise(10, 100);
        total *= 100;
        assert_eq!(flow.update(quote(None, Some((1_030, 150)))), 50);
        total += 50;
        flow.restart();
        assert_eq!(flow.update(quote(Some((1, 1)), None)), 0);
        assert_eq!(flow.total(), total);
    }
}
