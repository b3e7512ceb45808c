//! Order flow imbalance from the best quotes.
//!
//! Source: R. Cont, A. Kukanov, S. Stoikov, The Price Impact of Order Book Events, 2014. Not the
//! imbalance of trades.

/// The best bid and ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// Best bid.
    pub bid: i64,
    /// What it shows.
    pub bid_quantity: i64,
    /// Best ask.
    pub ask: i64,
    /// What it shows.
    pub ask_quantity: i64,
}

/// The flow from quote to quote: what came to the bid less what came to the ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ofi {
    last: Option<Quote>,
}

impl Ofi {
    /// Takes the next quote; returns its event, 0 for the first.
    #[inline]
    pub fn update(&mut self, quote: Quote) -> i128 {
        let event = self.peek(quote);
        self.last = Some(quote);
        event
    }

    /// The event that this quote would be.
    #[inline]
    #[must_use]
    pub fn peek(&self, quote: Quote) -> i128 {
        let Some(last) = self.last else { return 0 };
        let change = |is_better: bool, is_worse: bool, now: i64, before: i64| {
            let now = if is_worse { 0 } else { i128::from(now) };
            let before = if is_better { 0 } else { i128::from(before) };
            now - before
        };
        let bid = change(
            quote.bid > last.bid,
            quote.bid < last.bid,
            quote.bid_quantity,
            last.bid_quantity,
        );
        let ask = change(
            quote.ask < last.ask,
            quote.ask > last.ask,
            quote.ask_quantity,
            last.ask_quantity,
        );
        bid - ask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(bid: i64, bid_quantity: i64, ask: i64, ask_quantity: i64) -> Quote {
        Quote {
            bid,
            bid_quantity,
            ask,
            ask_quantity,
        }
    }

    #[test]
    fn each_case_of_the_formula() {
        let start = quote(100, 7, 102, 5);
        for (next, expected) in [
            (quote(100, 9, 102, 5), 2),
            (quote(101, 4, 102, 5), 4),
            (quote(99, 4, 102, 5), -7),
            (quote(100, 7, 102, 8), -3),
            (quote(100, 7, 101, 8), -8),
            (quote(100, 7, 103, 8), 5),
        ] {
            let mut ofi = Ofi::default();
            assert_eq!(ofi.update(start), 0);
            assert_eq!(ofi.peek(next), expected, "{next:?}");
            assert_eq!(ofi.update(next), expected);
            assert_eq!(ofi.peek(next), 0);
        }
    }
}
