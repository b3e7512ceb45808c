//! Reports of open orders.

use crate::figures::Figures;
use crate::json::Json;
use crate::order::PPM_PER_BIP;

/// The words for what an open order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words<'a> {
    /// Where it is.
    pub status: &'a str,
    /// How long it lives.
    pub time_in_force: &'a str,
    /// Its type.
    pub kind: &'a str,
    /// Its side.
    pub side: &'a str,
    /// What happens where it meets one of its own.
    pub self_trade: &'a str,
}

/// An open order, in the steps of its instrument; times are in the unit of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenOrder<'a> {
    /// Its id.
    pub order_id: u64,
    /// The list that it belongs to.
    pub list_id: Option<u64>,
    /// The client's name for it.
    pub client_order_id: &'a str,
    /// Its limit, 0 for none.
    pub price_ticks: u64,
    /// Its quantity.
    pub quantity_lots: u64,
    /// What of it traded.
    pub executed_lots: u64,
    /// What self-trade prevention took off it.
    pub prevented_lots: u64,
    /// What was traded came to, in the quote asset's smallest units.
    pub traded_units: u128,
    /// What it is.
    pub words: Words<'a>,
    /// The price that it waits for, 0 for none that stands still.
    pub stop_ticks: u64,
    /// How far behind the best trade it waits, in parts per million.
    pub trail_ppm: Option<u64>,
    /// Since when it has followed the trades; `None` before.
    pub trailing_time: Option<u64>,
    /// What it shows of itself, 0 for all.
    pub display_lots: u64,
    /// When it came.
    pub entered_time: u64,
    /// When it last changed.
    pub changed_time: u64,
    /// Since when it can trade; `None` before.
    pub working_time: Option<u64>,
}

/// Writes the report of an open order.
pub fn write_report(json: &mut Json, symbol: &str, figures: Figures, order: &OpenOrder<'_>) {
    json.raw("{\"symbol\":");
    json.text(symbol);
    json.raw(",\"orderId\":");
    json.whole(order.order_id);
    json.raw(",\"orderListId\":");
    json.whole_or_minus_one(order.list_id);
    json.raw(",\"clientOrderId\":");
    json.text(order.client_order_id);
    write_size(json, figures, order);
    write_words(json, &order.words);
    write_stop(json, figures, order);
    write_times(json, order);
    json.raw(",\"origQuoteOrderQty\":");
    json.zero();
    json.raw(",\"selfTradePreventionMode\":");
    json.text(order.words.self_trade);
    if order.prevented_lots > 0 {
        json.raw(",\"preventedQuantity\":");
        figures.write_quantity(json, order.prevented_lots);
    }
    json.raw("}");
}

/// Writes price and quantities, and what was traded so far came to.
fn write_size(json: &mut Json, figures: Figures, order: &OpenOrder<'_>) {
    json.raw(",\"price\":");
    write_price(json, figures, order.price_ticks);
    json.raw(",\"origQty\":");
    figures.write_quantity(json, order.quantity_lots);
    json.raw(",\"executedQty\":");
    figures.write_quantity(json, order.executed_lots);
    json.raw(",\"cummulativeQuoteQty\":");
    figures.write_amount(json, order.traded_units);
}

fn write_words(json: &mut Json, words: &Words<'_>) {
    json.raw(",\"status\":");
    json.text(words.status);
    json.raw(",\"timeInForce\":");
    json.text(words.time_in_force);
    json.raw(",\"type\":");
    json.text(words.kind);
    json.raw(",\"side\":");
    json.text(words.side);
}

fn write_stop(json: &mut Json, figures: Figures, order: &OpenOrder<'_>) {
    json.raw(",\"stopPrice\":");
    write_price(json, figures, order.stop_ticks);
    json.raw(",\"icebergQty\":");
    if order.display_lots == 0 {
        json.zero();
    } else {
        figures.write_quantity(json, order.display_lots);
    }
    if let Some(ppm) = order.trail_ppm {
        json.raw(",\"trailingDelta\":");
        json.whole(ppm / u64::from(PPM_PER_BIP));
        json.raw(",\"trailingTime\":");
        json.whole_or_minus_one(order.trailing_time);
    }
}

fn write_times(json: &mut Json, order: &OpenOrder<'_>) {
    let is_working = order.working_time.is_some_and(|time| time > 0);
    json.raw(",\"time\":");
    json.whole(order.entered_time);
    json.raw(",\"updateTime\":");
    json.whole(order.changed_time);
    json.raw(",\"isWorking\":");
    json.raw(if is_working { "true" } else { "false" });
    json.raw(",\"workingTime\":");
    json.whole_or_minus_one(order.working_time);
}

/// Writes a price; 0 stands for none.
fn write_price(json: &mut Json, figures: Figures, ticks: u64) {
    if ticks == 0 {
        json.zero();
    } else {
        figures.write_price(json, ticks);
    }
}
