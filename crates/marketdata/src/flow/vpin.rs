//! VPIN: the volume-synchronised probability of informed trading.
//!
//! Source: D. Easley, M. López de Prado, M. O'Hara, Flow Toxicity and Liquidity in a High-frequency
//! World, 2012. Sides are the aggressors' own rather than those of a bulk classification.

use std::collections::VecDeque;

use crate::error::InvalidInput;

/// More buckets would make no better mean.
const WINDOW_MAX: usize = 100_000;
/// So many buckets one trade may fill.
const BUCKETS_MAX: i128 = 1_000_000;

/// A bucket that is full: it holds the bucket volume exactly, the trade across its end is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VpinBucket {
    /// When its first part was traded.
    pub open_time_ns: i64,
    /// When it was full.
    pub close_time_ns: i64,
    /// What was bought of it; the rest was sold.
    pub buy_volume: i128,
    /// Σ|bought - sold| over the last buckets, this one included; absent before there are enough.
    pub imbalance_sum: Option<i128>,
}

/// VPIN = Σ|Vb - Vs| / (n · V) over the last n buckets of volume V.
#[derive(Debug, Clone)]
pub struct Vpin {
    bucket_volume: i128,
    window: usize,
    open_time_ns: i64,
    volume: i128,
    buy_volume: i128,
    imbalances: VecDeque<i128>,
    imbalance_sum: i128,
}

impl Vpin {
    /// Buckets of this volume, and a mean over so many.
    ///
    /// # Errors
    /// When one of them is not above 0, or the window is above 100,000.
    pub fn new(bucket_volume: i128, window: usize) -> Result<Self, InvalidInput> {
        if bucket_volume < 1 {
            return Err(InvalidInput::new(
                "bucket_volume",
                bucket_volume,
                "must be above 0",
            ));
        }
        if window == 0 || window > WINDOW_MAX {
            let bound = format!("must be from 1 to {WINDOW_MAX}");
            return Err(InvalidInput::new("window", window, bound));
        }
        Ok(Self {
            bucket_volume,
            window,
            open_time_ns: 0,
            volume: 0,
            buy_volume: 0,
            imbalances: VecDeque::with_capacity(window),
            imbalance_sum: 0,
        })
    }

    /// Takes a trade in its order, and hands out each bucket that it fills.
    ///
    /// # Errors
    /// When it would fill more than a million buckets; nothing changed.
    pub fn update(
        &mut self,
        time_ns: i64,
        mut quantity: i128,
        is_buy: bool,
        mut filled: impl FnMut(VpinBucket),
    ) -> Result<(), InvalidInput> {
        if quantity / self.bucket_volume > BUCKETS_MAX {
            let bound = format!("fills more than {BUCKETS_MAX} buckets");
            return Err(InvalidInput::new("quantity", quantity, bound));
        }
        while quantity > 0 {
            if self.volume == 0 {
                self.open_time_ns = time_ns;
            }
            let part = quantity.min(self.bucket_volume - self.volume);
            quantity -= part;
            self.volume += part;
            self.buy_volume += if is_buy { part } else { 0 };
            if self.volume == self.bucket_volume {
                filled(self.end_bucket(time_ns));
            }
        }
        Ok(())
    }

    fn end_bucket(&mut self, time_ns: i64) -> VpinBucket {
        let imbalance = (2 * self.buy_volume - self.bucket_volume).abs();
        if self.imbalances.len() == self.window {
            self.imbalance_sum -= self.imbalances.pop_front().unwrap_or(0);
        }
        self.imbalances.push_back(imbalance);
        self.imbalance_sum += imbalance;
        let bucket = VpinBucket {
            open_time_ns: self.open_time_ns,
            close_time_ns: time_ns,
            buy_volume: self.buy_volume,
            imbalance_sum: (self.imbalances.len() == self.window).then_some(self.imbalance_sum),
        };
        (self.volume, self.buy_volume) = (0, 0);
        bucket
    }

    /// What the bucket that forms holds, and what was bought of it.
    pub const fn forming(&self) -> (i128, i128) {
        (self.volume, self.buy_volume)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trade_across_the_end_is_split() {
        let mut vpin = Vpin::new(10, 2).unwrap();
        let mut filled = Vec::new();
        vpin.update(1, 6, true, |bucket| filled.push(bucket))
            .unwrap();
        vpin.update(2, 27, false, |bucket| filled.push(bucket))
            .unwrap();
        let found: Vec<_> = filled
            .iter()
            .map(|b| (b.buy_volume, b.imbalance_sum))
            .collect();
        assert_eq!(found, [(6, None), (0, Some(12)), (0, Some(20))]);
        assert_eq!(vpin.forming(), (3, 0));
        assert_eq!((filled[0].open_time_ns, filled[1].open_time_ns), (1, 2));
    }

    #[test]
    fn bounds_are_told() {
        assert_eq!(Vpin::new(0, 5).unwrap_err().field, "bucket_volume");
        assert_eq!(Vpin::new(1, 0).unwrap_err().field, "window");
        let mut vpin = Vpin::new(1, 1).unwrap();
        assert!(vpin.update(0, 2_000_000_000, true, |_| ()).is_err());
        assert_eq!(vpin.forming(), (0, 0));
    }
}
