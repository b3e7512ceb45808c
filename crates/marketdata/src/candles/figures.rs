//! What some trades come to: mergeable in any order.

use std::fmt::Debug;

/// A price as a scaled integer: 64 bits, or 128 where those do not hold a column.
pub trait Price: Copy + Ord + Debug + Default + Send + Sync + Into<i128> + 'static {
    /// The prices as 64-bit integers, where they are.
    fn narrow(prices: &[Self]) -> Option<&[i64]>;

    /// A price of that many units.
    fn of_narrow(price: i64) -> Self;

    /// A price of that many units, where it fits.
    fn of_wide(price: i128) -> Option<Self>;
}

impl Price for i64 {
    fn narrow(prices: &[Self]) -> Option<&[i64]> {
        Some(prices)
    }

    fn of_narrow(price: i64) -> Self {
        price
    }

    fn of_wide(price: i128) -> Option<Self> {
        Self::try_from(price).ok()
    }
}

impl Price for i128 {
    fn narrow(_: &[Self]) -> Option<&[i64]> {
        None
    }

    fn of_narrow(price: i64) -> Self {
        Self::from(price)
    }

    fn of_wide(price: i128) -> Option<Self> {
        Some(price)
    }
}

/// The order of trades: by time, then by id. Never by time alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Key {
    /// Nanoseconds since 1970 UTC.
    pub time_ns: i64,
    /// The venue's trade id, or a place in the source.
    pub id: i64,
}

/// What adds up. Sums wrap, so that a difference of two is right whenever it holds in 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// The quantities.
    pub volume: i128,
    /// Price times quantity, or the values as given.
    pub quote_volume: i128,
    /// The quantities that buying aggressors took.
    pub buy_volume: i128,
    /// The values that buying aggressors took.
    pub buy_quote_volume: i128,
    /// How many trades.
    pub trades: u64,
}

impl Sums {
    /// The sums of one trade.
    #[inline(always)]
    pub const fn of_trade(quantity: i128, value: i128, is_buy: bool) -> Self {
        let bought = if is_buy { -1 } else { 0 };
        Self {
            volume: quantity,
            quote_volume: value,
            buy_volume: quantity & bought,
            buy_quote_volume: value & bought,
            trades: 1,
        }
    }

    /// Takes these too.
    #[inline(always)]
    pub const fn add(&mut self, other: &Self) {
        self.volume = self.volume.wrapping_add(other.volume);
        self.quote_volume = self.quote_volume.wrapping_add(other.quote_volume);
        self.buy_volume = self.buy_volume.wrapping_add(other.buy_volume);
        self.buy_quote_volume = self.buy_quote_volume.wrapping_add(other.buy_quote_volume);
        self.trades += other.trades;
    }

    /// What is here beyond `before`.
    #[inline(always)]
    #[must_use]
    pub const fn since(&self, before: &Self) -> Self {
        Self {
            volume: self.volume.wrapping_sub(before.volume),
            quote_volume: self.quote_volume.wrapping_sub(before.quote_volume),
            buy_volume: self.buy_volume.wrapping_sub(before.buy_volume),
            buy_quote_volume: self.buy_quote_volume.wrapping_sub(before.buy_quote_volume),
            trades: self.trades - before.trades,
        }
    }
}

/// The figures of at least one trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures<P> {
    /// The price of the first trade by key.
    pub open: P,
    /// The greatest price.
    pub high: P,
    /// The least price.
    pub low: P,
    /// The price of the last trade by key.
    pub close: P,
    /// The first trade's key.
    pub first: Key,
    /// The last trade's key.
    pub last: Key,
    /// What adds up.
    pub sums: Sums,
}

impl<P: Price> Figures<P> {
    /// The figures of one trade, of this value.
    #[inline(always)]
    pub const fn of_trade(key: Key, price: P, quantity: i128, value: i128, is_buy: bool) -> Self {
        Self {
            open: price,
            high: price,
            low: price,
            close: price,
            first: key,
            last: key,
            sums: Sums::of_trade(quantity, value, is_buy),
        }
    }

    /// Takes the figures of other trades too; in which order does not matter.
    pub fn merge(&mut self, other: &Self) {
        if other.first < self.first {
            (self.first, self.open) = (other.first, other.open);
        }
        if other.last > self.last {
            (self.last, self.close) = (other.last, other.close);
        }
        self.high = self.high.max(other.high);
        self.low = self.low.min(other.low);
        self.sums.add(&other.sums);
    }
}

/// A candle: the figures of the trades of one bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candle<P> {
    /// The bucket's open time, its label.
    pub open_time_ns: i64,
    /// Where the bucket ends: the next one's open time.
    pub end_ns: i64,
    /// What its trades come to.
    pub figures: Figures<P>,
}

impl<P: Price> Candle<P> {
    /// The volume-weighted mean price as a ratio, quote volume over volume; `None` without volume.
    #[must_use]
    pub fn vwap(&self) -> Option<(i128, i128)> {
        let sums = &self.figures.sums;
        (sums.volume != 0).then_some((sums.quote_volume, sums.volume))
    }
}

/// How prices and sums go over to another scale.
pub(super) struct Scale<F, G> {
    pub(super) price: F,
    pub(super) sums: G,
}

impl<P: Price> Candle<P> {
    pub(super) fn scaled<Q: Price>(
        &self,
        scale: &Scale<impl Fn(P) -> Option<Q>, impl Fn(&Sums) -> Sums>,
    ) -> Option<Candle<Q>> {
        let old = &self.figures;
        Some(Candle {
            open_time_ns: self.open_time_ns,
            end_ns: self.end_ns,
            figures: Figures {
                open: (scale.price)(old.open)?,
                high: (scale.price)(old.high)?,
                low: (scale.price)(old.low)?,
                close: (scale.price)(old.close)?,
                first: old.first,
                last: old.last,
                sums: (scale.sums)(&old.sums),
            },
        })
    }
}
