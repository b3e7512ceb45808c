//! Specialists: icebergs, orders that expire, post-only orders, and stops of all kinds.

use outcry_protocol::{OrderType, RecordBuffer, Side, StopUnit, TimeInForce, Trigger, flags};

use super::desk::{Desk, Wish};
use super::market::ticks_as_real;

/// How a specialist acts, of 100 turns.
const SHARES: [(u32, Way); 7] = [
    (20, Way::Iceberg),
    (15, Way::Expiring),
    (15, Way::PostOnly),
    (12, Way::Stop),
    (12, Way::StopLimit),
    (8, Way::Trailing),
    (18, Way::Cancel),
];
/// Orders that a specialist has open, at most.
const OPEN_MAX: usize = 8;
/// How far from the fair price an order is left, at least and at most.
const LEFT_AT: (f64, f64) = (0.000_08, 0.001_0);
/// How far from the market a stop stands, at least and at most.
const STOP_AT: (f64, f64) = (0.000_3, 0.002_0);
/// How far beyond its stop a stop-limit may trade, and what a stop may cost beyond its own.
const BEYOND_STOP: f64 = 0.000_5;
const WORST_BEYOND_STOP: f64 = 0.021;
/// Parts of an iceberg.
const PARTS: u64 = 10;
/// How long an expiring order stays, in milliseconds, at least and at most.
const STAYS_MS: (u32, u32) = (2_000, 30_000);
/// What an order is worth in the mean, in smallest units of the quote asset.
const MEAN_VALUE: f64 = 20_000e8;
const PPM: f64 = 1e6;
const NS_A_MS: u64 = 1_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Iceberg,
    Expiring,
    PostOnly,
    Stop,
    StopLimit,
    Trailing,
    Cancel,
}

/// One turn; answers whether there is a command.
pub(super) fn act(desk: &mut Desk, trader: u32, records: &mut RecordBuffer) -> bool {
    let is_full = desk.others_of(trader) >= OPEN_MAX;
    let way = if is_full {
        Way::Cancel
    } else {
        desk.drawn_of(&SHARES)
    };
    let market = desk.any_market();
    match way {
        Way::Cancel => desk.cancel_oldest(trader, records),
        Way::Iceberg | Way::Expiring | Way::PostOnly => leave(desk, trader, market, way, records),
        Way::Stop | Way::StopLimit | Way::Trailing => stop(desk, trader, market, way, records),
    }
}

fn leave(
    desk: &mut Desk,
    trader: u32,
    market: usize,
    way: Way,
    records: &mut RecordBuffer,
) -> bool {
    let away = desk.within(LEFT_AT.0, LEFT_AT.1);
    let side = desk.any_side();
    let value = MEAN_VALUE * desk.random.exponential(1.0);
    let Some(wish) = desk.affordable(trader, market, side, -away, value as i128) else {
        return false;
    };
    let mut base = desk.limit(&wish);
    match way {
        Way::PostOnly => base.flags |= flags::POST_ONLY,
        Way::Expiring => base.time_in_force = TimeInForce::Gtd as u8,
        _ => {}
    }
    let mut record = desk.extended(base);
    if way == Way::Iceberg {
        record.display_lots = wish.lots.div_ceil(PARTS);
    }
    if way == Way::Expiring {
        let stays_ms = STAYS_MS.0 + desk.random.below(STAYS_MS.1 - STAYS_MS.0);
        record.expire_time_ns = desk.time_ns + u64::from(stays_ms) * NS_A_MS;
    }
    desk.send_extended(&record, &wish, records);
    true
}

/// Buys when the price rises to the stop, or sells when it falls to it.
fn stop(desk: &mut Desk, trader: u32, market: usize, way: Way, records: &mut RecordBuffer) -> bool {
    let last = desk.known.last_trade(market);
    if last == 0 {
        return false;
    }
    let (side, distance) = (desk.any_side(), desk.within(STOP_AT.0, STOP_AT.1));
    let (sign, trigger) = match side {
        Side::Buy => (1.0, Trigger::Rise),
        Side::Sell => (-1.0, Trigger::Fall),
    };
    let market_now = &desk.markets[market];
    // The fair price may have run ahead of the last trade.
    let from = match side {
        Side::Buy => market_now.fair().max(ticks_as_real(last)),
        Side::Sell => market_now.fair().min(ticks_as_real(last)),
    };
    let stop_ticks = libm::round(from * (1.0 + sign * distance)) as i64;
    let beyond = if way == Way::StopLimit {
        BEYOND_STOP
    } else {
        WORST_BEYOND_STOP
    };
    let worst = libm::round(ticks_as_real(stop_ticks) * (1.0 + sign * beyond)) as i64;
    let value = MEAN_VALUE * desk.random.exponential(1.0);
    let wish = Wish {
        trader,
        market,
        side,
        price_ticks: worst.max(1),
        lots: market_now.lots_for(value as i128),
    };
    let Some(lots) = desk.affordable_lots(&wish) else {
        return false;
    };
    let wish = Wish { lots, ..wish };
    let mut base = desk.limit(&wish);
    if way == Way::StopLimit {
        base.order_type = OrderType::StopLimit as u8;
    } else {
        base.order_type = OrderType::Stop as u8;
        base.price_ticks = 0;
    }
    let mut record = desk.extended(base);
    record.trigger = trigger as u8;
    record.stop = stop_ticks;
    if way == Way::Trailing {
        record.stop_unit = StopUnit::TrailPpm as u8;
        record.stop = libm::round(distance * PPM) as i64;
    }
    desk.send_extended(&record, &wish, records);
    true
}
