//! Cumulative volume delta: what was bought less what was sold, added up.

use crate::interval::Interval;

/// Trades looked at at once for their greatest quantity: few enough to stay near the processor.
const BLOCK: usize = 4_096;

/// Where the sum begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// At the first trade.
    Start,
    /// Anew with each bucket of this interval: with `1d` at 00:00 UTC.
    Session(Interval),
}

/// The running sum: `cvd = cvd before + side * amount`.
#[derive(Debug, Clone, Copy)]
pub struct Cvd {
    anchor: Anchor,
    total: i128,
    session_end_ns: i64,
}

impl Cvd {
    /// A sum that begins at this anchor.
    #[must_use]
    pub const fn new(anchor: Anchor) -> Self {
        let session_end_ns = match anchor {
            Anchor::Start => i64::MAX,
            Anchor::Session(_) => i64::MIN,
        };
        Self {
            anchor,
            total: 0,
            session_end_ns,
        }
    }

    /// Takes a trade, or the delta of a bar, in order of time; returns the sum with it.
    #[inline]
    pub fn update(&mut self, time_ns: i64, delta: i128) -> i128 {
        if time_ns >= self.session_end_ns {
            self.begin_session(time_ns);
        }
        self.total += delta;
        self.total
    }

    /// The sum as it would be with this trade.
    #[must_use]
    pub fn peek(&self, time_ns: i64, delta: i128) -> i128 {
        let mut copy = *self;
        copy.update(time_ns, delta)
    }

    /// Takes trades in order, columns of equal length: what was bought where a side is above zero.
    /// Returns the sum after each, or `None` where 64 bits may not hold all of them, or a quantity
    /// lies below zero; nothing changed then.
    #[must_use]
    pub fn update_narrow(
        &mut self,
        times_ns: &[i64],
        quantities: &[i64],
        sides: &[i8],
    ) -> Option<Vec<i64>> {
        let mut copy = *self;
        let mut sums = Vec::with_capacity(times_ns.len());
        let amounts = quantities.chunks(BLOCK).zip(sides.chunks(BLOCK));
        for (times_ns, (quantities, sides)) in times_ns.chunks(BLOCK).zip(amounts) {
            let total = copy.narrow_total(quantities)?;
            let latest_ns = times_ns
                .iter()
                .fold(i64::MIN, |latest, time| latest.max(*time));
            let trades = quantities.iter().zip(sides);
            let signed =
                trades.map(|(quantity, side)| if *side > 0 { *quantity } else { -*quantity });
            if latest_ns < copy.session_end_ns {
                let running = signed.scan(total, |total, amount| {
                    *total += amount;
                    Some(*total)
                });
                sums.extend(running);
                copy.total = sums.last().copied().map_or(copy.total, i128::from);
            } else {
                let each = times_ns.iter().zip(signed);
                sums.extend(
                    each.map(|(time, amount)| copy.update(*time, i128::from(amount)) as i64),
                );
            }
        }
        *self = copy;
        Some(sums)
    }

    /// The total, where 64 bits hold it and all sums of so many quantities on the way.
    fn narrow_total(&self, quantities: &[i64]) -> Option<i64> {
        let bits = quantities.iter().fold(0, |bits, quantity| bits | quantity);
        // Bits that are set anywhere, all of them and those below: no quantity is greater.
        let widest = u64::MAX.checked_shr(bits.leading_zeros()).unwrap_or(0);
        let moved = u128::from(widest) * quantities.len() as u128;
        let is_held = bits >= 0 && self.total.unsigned_abs() + moved <= i64::MAX as u128;
        is_held.then_some(self.total as i64)
    }

    #[cold]
    fn begin_session(&mut self, time_ns: i64) {
        if let Anchor::Session(interval) = self.anchor {
            self.session_end_ns = interval.next(interval.floor(time_ns));
            self.total = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Anchor, Cvd};
    use crate::interval::Interval;

    proptest! {
        #[test]
        fn columns_come_to_what_single_trades_do(
            rows in prop::collection::vec((0_i64..400, 0..i64::MAX, -1_i8..=1), 0..9_000),
            shift in 16_u32..63, sorted in any::<bool>(),
        ) {
            let mut rows = rows;
            if sorted {
                rows.sort_by_key(|row| row.0);
            }
            let times: Vec<_> = rows.iter().map(|row| row.0 * 1_000_000_000).collect();
            let quantities: Vec<_> = rows.iter().map(|row| row.1 >> shift).collect();
            let sides: Vec<_> = rows.iter().map(|row| row.2).collect();
            let mut cvd = Cvd::new(Anchor::Session(Interval::parse("1m").unwrap()));
            let mut single = cvd;
            let each = times.iter().zip(&quantities).zip(&sides);
            let expected: Vec<_> = each.map(|((time, quantity), side)| {
                let amount = i128::from(if *side > 0 { *quantity } else { -*quantity });
                single.update(*time, amount)
            }).collect();
            let found = cvd.update_narrow(&times, &quantities, &sides).unwrap();
            prop_assert!(found.iter().map(|sum| i128::from(*sum)).eq(expected));
            prop_assert_eq!(cvd.peek(i64::MIN, 0), single.peek(i64::MIN, 0));
        }
    }

    #[test]
    fn sums_that_may_pass_64_bits_change_nothing() {
        let mut cvd = Cvd::new(Anchor::Start);
        assert_eq!(
            cvd.update_narrow(&[0], &[1 << 61], &[1]),
            Some(vec![1 << 61])
        );
        assert_eq!(
            cvd.update_narrow(&[1, 2], &[1 << 61, 1 << 61], &[1, 1]),
            None
        );
        assert_eq!(cvd.update_narrow(&[1], &[-1], &[1]), None);
        assert_eq!(cvd.peek(3, 0), 1 << 61);
    }

    #[test]
    fn a_session_begins_anew_and_peek_changes_nothing() {
        let mut cvd = Cvd::new(Anchor::Session(Interval::parse("1m").unwrap()));
        let minute_ns = 60_000_000_000;
        assert_eq!(cvd.update(0, 10), 10);
        assert_eq!(cvd.update(minute_ns - 1, -3), 7);
        assert_eq!(cvd.peek(minute_ns, 5), 5);
        assert_eq!(cvd.peek(minute_ns - 1, 5), 12);
        assert_eq!(cvd.update(minute_ns, 5), 5);
        let mut whole = Cvd::new(Anchor::Start);
        assert_eq!(
            [10, 15, 20, -5, -3].map(|delta| whole.update(0, delta))[4],
            37
        );
    }
}
