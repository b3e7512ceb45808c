//! The best levels of a book as JSON: prices and quantities as texts of at least eight decimals.

use outcry_engine::DepthLevel;

use crate::decimal::Unit;
use crate::json::{Json, places_of};
use crate::placement::Steps;

/// About what a level takes.
const LEVEL_BYTES: usize = 48;

/// `{"lastUpdateId":…,"bids":[["price","quantity"],…],"asks":[…]}`.
pub(crate) fn depth_text(
    update_number: u64,
    bids: &[DepthLevel],
    asks: &[DepthLevel],
    steps: Steps,
) -> Json {
    let mut json = Json::with_capacity(64 + (bids.len() + asks.len()) * LEVEL_BYTES);
    json.raw("{\"lastUpdateId\":");
    json.whole(update_number);
    json.raw(",\"bids\":");
    write_levels(&mut json, bids, steps);
    json.raw(",\"asks\":");
    write_levels(&mut json, asks, steps);
    json.raw("}");
    json
}

fn write_levels(json: &mut Json, levels: &[DepthLevel], steps: Steps) {
    json.raw("[");
    for (place, level) in levels.iter().enumerate() {
        json.item(place);
        json.raw("[");
        write_units(json, level.price_ticks.cast_unsigned(), steps.tick);
        json.raw(",");
        write_units(json, level.quantity_lots, steps.lot);
        json.raw("]");
    }
    json.raw("]");
}

fn write_units(json: &mut Json, units: u64, unit: Unit) {
    // 64 bits times 64 bits fit 128.
    let number = u128::from(units) * u128::from(unit.mantissa());
    json.decimal(number, unit.decimals(), places_of(unit.decimals()));
}
