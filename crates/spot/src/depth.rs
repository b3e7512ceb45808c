//! The best levels of a book as JSON: prices and quantities as texts of at least eight decimals.

use outcry_engine::DepthLevel;

use crate::json::{Json, places_of};
use crate::step::Step;

/// About what a level takes.
const LEVEL_BYTES: usize = 48;

/// `{"lastUpdateId":…,"bids":[["price","quantity"],…],"asks":[…]}`.
#[must_use]
pub fn write_depth(
    update_number: u64,
    bids: &[DepthLevel],
    asks: &[DepthLevel],
    tick: Step,
    lot: Step,
) -> Json {
    let mut json = Json::with_capacity(64 + (bids.len() + asks.len()) * LEVEL_BYTES);
    json.raw("{\"lastUpdateId\":");
    json.whole(update_number);
    json.raw(",\"bids\":");
    write_levels(&mut json, bids, tick, lot);
    json.raw(",\"asks\":");
    write_levels(&mut json, asks, tick, lot);
    json.raw("}");
    json
}

fn write_levels(json: &mut Json, levels: &[DepthLevel], tick: Step, lot: Step) {
    json.raw("[");
    for (place, level) in levels.iter().enumerate() {
        json.item(place);
        json.raw("[");
        write_steps(json, level.price_ticks.cast_unsigned(), tick);
        json.raw(",");
        write_steps(json, level.quantity_lots, lot);
        json.raw("]");
    }
    json.raw("]");
}

fn write_steps(json: &mut Json, steps: u64, step: Step) {
    json.decimal(step.units(steps), step.decimals, places_of(step.decimals));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_is_json() {
        let level = |price_ticks, quantity_lots| DepthLevel {
            price_ticks,
            quantity_lots,
            orders: 1,
        };
        let step = |decimals| Step {
            mantissa: 1,
            decimals,
        };
        let text = write_depth(9, &[level(100, 2), level(99, 1)], &[], step(2), step(0));
        assert_eq!(
            std::str::from_utf8(text.bytes()).unwrap(),
            "{\"lastUpdateId\":9,\"bids\":[[\"1.00000000\",\"2.00000000\"],\
             [\"0.99000000\",\"1.00000000\"]],\"asks\":[]}"
        );
    }
}
