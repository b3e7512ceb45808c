//! Both sides of a book, at the scales that its text shows.

use crate::ingest::{Decimal, Reason};

use super::flow::Quote;
use super::ladder::Ladder;

/// A side of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Those who buy.
    Bid,
    /// Those who sell.
    Ask,
}

/// One price level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// The price, at the book's price scale.
    pub price: i64,
    /// What stands there, at the book's quantity scale.
    pub quantity: u64,
}

/// A level that the book cannot take; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookError {
    /// Whether the price is wrong; else it is the quantity.
    pub is_price: bool,
    /// What is wrong with it.
    pub reason: Reason,
}

/// Quantities by price on both sides. Prices stay above -2^63, so that their sign can be turned.
#[derive(Debug, Clone, Default)]
pub struct Book {
    bids: Ladder,
    asks: Ladder,
    price_scale: u8,
    quantity_scale: u8,
}

impl Book {
    /// An empty book, whose scales rise to what its levels show.
    pub fn new(price_scale: u8, quantity_scale: u8) -> Self {
        Self {
            price_scale,
            quantity_scale,
            ..Self::default()
        }
    }

    /// Decimals of prices.
    pub fn price_scale(&self) -> u8 {
        self.price_scale
    }

    /// Decimals of quantities.
    pub fn quantity_scale(&self) -> u8 {
        self.quantity_scale
    }

    /// Sets the quantity of a level in integers at the book's scales; none removes it.
    #[inline]
    pub fn set(&mut self, side: Side, price: i64, quantity: u64) -> bool {
        match side {
            Side::Bid => self.bids.set(-price, quantity),
            Side::Ask => self.asks.set(price, quantity),
        }
    }

    /// Sets the quantity of a level in decimals.
    ///
    /// # Errors
    /// For what is no number, below zero, or too long for 64 bits at the scale of the book.
    #[inline]
    pub fn set_text(
        &mut self,
        side: Side,
        price: &[u8],
        quantity: &[u8],
    ) -> Result<bool, BookError> {
        let wrong_price = |reason| BookError {
            is_price: true,
            reason,
        };
        let wrong_quantity = |reason| BookError {
            is_price: false,
            reason,
        };
        let price = Decimal::parse(price).map_err(wrong_price)?;
        let quantity = Decimal::parse(quantity).map_err(wrong_quantity)?;
        if quantity.mantissa < 0 {
            return Err(wrong_quantity(Reason::Negative));
        }
        if price.scale > self.price_scale || quantity.scale > self.quantity_scale {
            self.raise(price, quantity)?;
        }
        let price = price.at_scale(self.price_scale).map_err(wrong_price)?;
        let quantity = quantity
            .at_scale(self.quantity_scale)
            .map_err(wrong_quantity)?;
        let price = i64::try_from(price).map_err(|_| wrong_price(Reason::TooLarge))?;
        let quantity = u64::try_from(quantity).map_err(|_| wrong_quantity(Reason::TooLarge))?;
        if price == i64::MIN {
            return Err(wrong_price(Reason::TooLarge));
        }
        Ok(self.set(side, price, quantity))
    }

    /// The quantity at a price, 0 where there is no level.
    pub fn quantity(&self, side: Side, price: i64) -> u64 {
        match side {
            Side::Bid => self.bids.quantity(price.wrapping_neg()),
            Side::Ask => self.asks.quantity(price),
        }
    }

    /// The best levels of both sides.
    #[inline]
    pub fn quote(&self) -> Quote {
        let bid = self.bids.best().map(|(key, quantity)| Level {
            price: -key,
            quantity,
        });
        let ask = self
            .asks
            .best()
            .map(|(price, quantity)| Level { price, quantity });
        Quote { bid, ask }
    }

    /// The levels of a side, the best first.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Level> {
        let (ladder, sign) = match side {
            Side::Bid => (&self.bids, -1),
            Side::Ask => (&self.asks, 1),
        };
        ladder.iter().map(move |(key, quantity)| Level {
            price: sign * key,
            quantity,
        })
    }

    /// How many levels a side has.
    pub fn count(&self, side: Side) -> usize {
        match side {
            Side::Bid => self.bids.len(),
            Side::Ask => self.asks.len(),
        }
    }

    /// Removes what lies behind so many best levels of each side: a venue that publishes so many
    /// says nothing of what falls out of them.
    pub fn truncate(&mut self, levels: usize) {
        self.bids.truncate(levels);
        self.asks.truncate(levels);
    }

    /// Removes every level; the scales stay.
    pub fn clear(&mut self) {
        self.bids.clear();
        self.asks.clear();
    }

    /// Whether a bid is at or above an ask, as no book at rest is.
    pub fn is_crossed(&self) -> bool {
        match self.quote() {
            Quote {
                bid: Some(bid),
                ask: Some(ask),
            } => bid.price >= ask.price,
            _ => false,
        }
    }

    /// Raises the scales to what a level shows, with every level of the book.
    #[cold]
    fn raise(&mut self, price: Decimal, quantity: Decimal) -> Result<(), BookError> {
        let price_scale = self.price_scale.max(price.scale);
        let quantity_scale = self.quantity_scale.max(quantity.scale);
        let mut raised = Self::new(price_scale, quantity_scale);
        let too_precise = |is_price| BookError {
            is_price,
            reason: Reason::OverPrecise,
        };
        let power = |from: u8, to: u8, is_price| {
            10_i64
                .checked_pow(u32::from(to - from))
                .ok_or(too_precise(is_price))
        };
        let prices = power(self.price_scale, price_scale, true);
        let quantities = power(self.quantity_scale, quantity_scale, false);
        for side in [Side::Bid, Side::Ask] {
            for level in self.levels(side) {
                let price = level.price.checked_mul(prices?).ok_or(too_precise(true))?;
                let quantity = level.quantity.checked_mul(quantities?.unsigned_abs());
                raised.set(side, price, quantity.ok_or(too_precise(false))?);
            }
        }
        *self = raised;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book_of(levels: &[(Side, &str, &str)]) -> Book {
        let mut book = Book::default();
        for (side, price, quantity) in levels {
            book.set_text(*side, price.as_bytes(), quantity.as_bytes())
                .unwrap();
        }
        book
    }

    #[test]
    fn best_levels_stand_first() {
        let mut book = book_of(&[
            (Side::Bid, "9.5", "1"),
            (Side::Bid, "9.75", "2.5"),
            (Side::Ask, "10.5", "4"),
            (Side::Ask, "10.25", "3"),
        ]);
        assert_eq!((book.price_scale(), book.quantity_scale()), (2, 1));
        let level = |price, quantity| Some(Level { price, quantity });
        let quote = book.quote();
        assert_eq!((quote.bid, quote.ask), (level(975, 25), level(1_025, 30)));
        assert_eq!(book.set_text(Side::Bid, b"9.750", b"0.0"), Ok(true));
        assert_eq!(book.quote().bid, level(9_500, 10));
        assert_eq!(book.set_text(Side::Bid, b"9.75", b"0"), Ok(false));
        assert!(!book.is_crossed());
        book.set(Side::Bid, 10_250, 1);
        assert!(book.is_crossed());
        let asks: Vec<_> = book.levels(Side::Ask).map(|level| level.price).collect();
        assert_eq!(asks, [10_250, 10_500]);
        book.truncate(1);
        assert_eq!((book.count(Side::Bid), book.count(Side::Ask)), (1, 1));
    }

    #[test]
    fn what_it_cannot_hold_changes_nothing() {
        let mut book = book_of(&[(Side::Bid, "9223372036854775807", "18446744073709551615")]);
        let cases: [(&[u8], &[u8], bool, Reason); 7] = [
            (b"1.5", b"1", true, Reason::OverPrecise),
            (b"1", b"1.5", false, Reason::OverPrecise),
            (b"9223372036854775808", b"1", true, Reason::TooLarge),
            (b"1", b"18446744073709551616", false, Reason::TooLarge),
            (b"1", b"-1", false, Reason::Negative),
            (b"one", b"1", true, Reason::NoNumber),
            (b"-9223372036854775808", b"1", true, Reason::TooLarge),
        ];
        for (price, quantity, is_price, reason) in cases {
            let error = book.set_text(Side::Bid, price, quantity).unwrap_err();
            assert_eq!((error.is_price, error.reason), (is_price, reason));
            assert_eq!(book.count(Side::Bid), 1);
        }
        assert_eq!(book.quantity(Side::Bid, i64::MAX), u64::MAX);
        assert_eq!(book.quantity(Side::Ask, 1), 0);
    }
}
