//! Sums and extremes of many trades at once, for the widest registers that the machine has.
//!
//! One loop without a branch is compiled for each width; sums of a chunk are 64 bits wide, and a
//! chunk whose greatest price and quantity could pass that is added up again in 128.

use super::figures::Sums;
use crate::by_width;

/// Short enough that 64 bits hold the sums of ordinary trades, long enough to fill the registers.
const CHUNK: usize = 1_024;

/// What one chunk comes to, when it does not pass 64 bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk {
    high: i64,
    low: i64,
    /// Every bit that any quantity has.
    quantity_bits: i64,
    volume: i64,
    value: i64,
    buy_volume: i64,
    buy_value: i64,
}

/// What a run of trades comes to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) high: i64,
    pub(super) low: i64,
    pub(super) sums: Sums,
    /// Whether a quantity lies below zero, so that the rest says nothing.
    pub(super) is_negative: bool,
    /// The greatest magnitude that a value may have.
    pub(super) value_bound: u128,
}

/// Adds up trades, at least one, columns of equal length.
pub(super) fn reduce(prices: &[i64], quantities: &[i64], sides: &[i8]) -> Run {
    let mut run = Run {
        high: i64::MIN,
        low: i64::MAX,
        sums: Sums {
            trades: prices.len() as u64,
            ..Sums::default()
        },
        is_negative: false,
        value_bound: 0,
    };
    let columns = prices
        .chunks(CHUNK)
        .zip(quantities.chunks(CHUNK))
        .zip(sides.chunks(CHUNK));
    for ((prices, quantities), sides) in columns {
        let chunk = chunk(prices, quantities, sides);
        run.high = run.high.max(chunk.high);
        run.low = run.low.min(chunk.low);
        run.is_negative |= chunk.quantity_bits < 0;
        let price = chunk.high.unsigned_abs().max(chunk.low.unsigned_abs());
        // Bits that are set anywhere, all of them and those below: no quantity is greater.
        let quantity = u64::MAX
            .checked_shr(chunk.quantity_bits.leading_zeros())
            .unwrap_or(0);
        let bound = u128::from(price) * u128::from(quantity);
        run.value_bound = run.value_bound.max(bound);
        let count = prices.len() as u128;
        let widest = bound.max(u128::from(quantity)).saturating_mul(count);
        if widest <= i64::MAX as u128 {
            run.sums.volume += i128::from(chunk.volume);
            run.sums.quote_volume += i128::from(chunk.value);
            run.sums.buy_volume += i128::from(chunk.buy_volume);
            run.sums.buy_quote_volume += i128::from(chunk.buy_value);
        } else {
            add_wide(&mut run.sums, prices, quantities, sides);
        }
    }
    run
}

#[cold]
fn add_wide(sums: &mut Sums, prices: &[i64], quantities: &[i64], sides: &[i8]) {
    for ((price, quantity), side) in prices.iter().zip(quantities).zip(sides) {
        let quantity = i128::from(*quantity);
        let value = i128::from(*price) * quantity;
        sums.volume = sums.volume.wrapping_add(quantity);
        sums.quote_volume = sums.quote_volume.wrapping_add(value);
        if *side > 0 {
            sums.buy_volume = sums.buy_volume.wrapping_add(quantity);
            sums.buy_quote_volume = sums.buy_quote_volume.wrapping_add(value);
        }
    }
}

#[inline(always)]
fn chunk_body(prices: &[i64], quantities: &[i64], sides: &[i8]) -> Chunk {
    let mut chunk = Chunk {
        high: i64::MIN,
        low: i64::MAX,
        quantity_bits: 0,
        volume: 0,
        value: 0,
        buy_volume: 0,
        buy_value: 0,
    };
    for ((price, quantity), side) in prices.iter().zip(quantities).zip(sides) {
        let bought = -i64::from(*side > 0);
        let value = price.wrapping_mul(*quantity);
        chunk.high = chunk.high.max(*price);
        chunk.low = chunk.low.min(*price);
        chunk.quantity_bits |= *quantity;
        chunk.volume = chunk.volume.wrapping_add(*quantity);
        chunk.value = chunk.value.wrapping_add(value);
        chunk.buy_volume = chunk.buy_volume.wrapping_add(*quantity & bought);
        chunk.buy_value = chunk.buy_value.wrapping_add(value & bought);
    }
    chunk
}

#[inline(always)]
fn is_ordered_body(times: &[i64], ids: &[i64]) -> bool {
    let (next_times, next_ids) = (times.get(1..).unwrap_or(&[]), ids.get(1..).unwrap_or(&[]));
    let mut wrong = 0_u64;
    for ((time, next_time), (id, next_id)) in
        times.iter().zip(next_times).zip(ids.iter().zip(next_ids))
    {
        let goes_back = (next_time < time) | ((next_time == time) & (next_id < id));
        wrong |= u64::from(goes_back);
    }
    wrong == 0
}

by_width!(
    fn chunk_by_width(prices: &[i64], quantities: &[i64], sides: &[i8]) -> Chunk = chunk_body
);
by_width!(
    /// Whether trades stand in the order of (time, id), equal keys allowed.
    pub(super) fn is_ordered(times: &[i64], ids: &[i64]) -> bool = is_ordered_body
);

fn chunk(prices: &[i64], quantities: &[i64], sides: &[i8]) -> Chunk {
    // Equal lengths, told to the compiler, spare the loop its checks.
    let count = prices.len();
    chunk_by_width(prices, &quantities[..count], &sides[..count])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn wide_registers_add_up_what_a_plain_loop_does(
            rows in prop::collection::vec((any::<i32>(), 0..i64::MAX, -1_i8..=1), 1..3_000),
            shift in 0_u32..63,
        ) {
            let prices: Vec<_> = rows.iter().map(|row| i64::from(row.0)).collect();
            let quantities: Vec<_> = rows.iter().map(|row| row.1 >> shift).collect();
            let sides: Vec<_> = rows.iter().map(|row| row.2).collect();
            let run = reduce(&prices, &quantities, &sides);
            let mut sums = Sums { trades: rows.len() as u64, ..Sums::default() };
            add_wide(&mut sums, &prices, &quantities, &sides);
            prop_assert_eq!(run.sums, sums);
            prop_assert_eq!(run.high, *prices.iter().max().unwrap());
            prop_assert_eq!(run.low, *prices.iter().min().unwrap());
        }
    }

    #[test]
    fn order_is_by_time_then_id() {
        assert!(is_ordered(&[1, 1, 2], &[5, 6, 1]));
        assert!(!is_ordered(&[1, 1, 2], &[6, 5, 7]));
        assert!(!is_ordered(&[2, 1], &[1, 2]));
        assert!(is_ordered(&[], &[]));
    }
}
