//! The best levels of a book as JSON: prices and quantities as texts of at least eight decimals.

use std::io::Write;

use outcry_engine::DepthLevel;

use crate::decimal::Unit;
use crate::placement::Steps;

/// Decimals of every number that is told; numbers of smaller steps have theirs.
const PLACES: u32 = 8;
/// About what a level takes.
const LEVEL_BYTES: usize = 48;

/// `{"lastUpdateId":…,"bids":[["price","quantity"],…],"asks":[…]}`.
pub(crate) fn depth_text(
    update_number: u64,
    bids: &[DepthLevel],
    asks: &[DepthLevel],
    steps: Steps,
) -> Vec<u8> {
    let mut text = Vec::with_capacity(64 + (bids.len() + asks.len()) * LEVEL_BYTES);
    write!(text, "{{\"lastUpdateId\":{update_number},\"bids\":").expect("memory takes all");
    write_levels(&mut text, bids, steps);
    text.extend_from_slice(b",\"asks\":");
    write_levels(&mut text, asks, steps);
    text.push(b'}');
    text
}

fn write_levels(text: &mut Vec<u8>, levels: &[DepthLevel], steps: Steps) {
    text.push(b'[');
    for (place, level) in levels.iter().enumerate() {
        text.extend_from_slice(if place == 0 { b"[\"" } else { b",[\"" });
        write_number(text, level.price_ticks.cast_unsigned(), steps.tick);
        text.extend_from_slice(b"\",\"");
        write_number(text, level.quantity_lots, steps.lot);
        text.extend_from_slice(b"\"]");
    }
    text.push(b']');
}

fn write_number(text: &mut Vec<u8>, units: u64, unit: Unit) {
    let decimals = u32::from(unit.decimals());
    // 64 bits times 64 bits fit 128.
    let mantissa = u128::from(units) * u128::from(unit.mantissa());
    let power = 10_u128.pow(decimals);
    let (whole, part) = (mantissa / power, mantissa % power);
    let (places, zeros) = (decimals as usize, PLACES.saturating_sub(decimals) as usize);
    let written = if let (Ok(whole), Ok(part)) = (u64::try_from(whole), u64::try_from(part)) {
        write_small(text, whole, part, places);
        Ok(())
    } else {
        write!(text, "{whole}.{part:0places$}")
    };
    written.expect("memory takes all");
    text.extend(std::iter::repeat_n(b'0', zeros));
}

/// The usual case, in digits of our own: a formatter costs several times as much.
fn write_small(text: &mut Vec<u8>, whole: u64, part: u64, places: usize) {
    write_digits(text, whole, 1);
    text.push(b'.');
    if places > 0 {
        write_digits(text, part, places);
    }
}

fn write_digits(text: &mut Vec<u8>, mut value: u64, least: usize) {
    let mut digits = [b'0'; 32];
    let mut start = digits.len();
    while value > 0 {
        start -= 1;
        digits[start] += (value % 10) as u8;
        value /= 10;
    }
    start = start.min(digits.len() - least);
    text.extend_from_slice(&digits[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(units: u64, mantissa: u64, decimals: u8) -> String {
        let mut text = Vec::new();
        write_number(&mut text, units, Unit::new(mantissa, decimals));
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn numbers_have_at_least_eight_decimals() {
        assert_eq!(told(6_000_050, 1, 2), "60000.50000000");
        assert_eq!(told(7, 5, 0), "35.00000000");
        assert_eq!(told(1, 1, 12), "0.000000000001");
        assert_eq!(told(u64::MAX, 1, 20), "0.18446744073709551615");
        assert_eq!(
            told(u64::MAX, u64::MAX, 2),
            "3402823669209384634264811192843491082.25000000"
        );
        assert_eq!(told(3, 1, 24), "0.000000000000000000000003");
    }

    #[test]
    fn a_book_is_json() {
        let level = |price_ticks, quantity_lots| DepthLevel {
            price_ticks,
            quantity_lots,
            orders: 1,
        };
        let steps = Steps {
            tick: Unit::new(1, 2),
            lot: Unit::new(1, 0),
        };
        let text = depth_text(9, &[level(100, 2), level(99, 1)], &[], steps);
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "{\"lastUpdateId\":9,\"bids\":[[\"1.00000000\",\"2.00000000\"],\
             [\"0.99000000\",\"1.00000000\"]],\"asks\":[]}"
        );
    }
}
