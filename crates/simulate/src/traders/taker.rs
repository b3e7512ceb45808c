//! Takers: they take what is quoted, by limit, by quantity or by amount, more often toward where
//! the fair price went; some leave a limit order instead, and cancel it later.

use outcry_protocol::{AmountOrderRecord, OrderType, RecordBuffer, Side, TimeInForce};

use super::desk::{Desk, Wish};
use super::market::ticks_as_real;

/// How a taker acts, of 100 turns.
const SHARES: [(u32, Way); 6] = [
    (40, Way::Immediate),
    (3, Way::AllOrNothing),
    (15, Way::Market),
    (7, Way::Amount),
    (20, Way::Leave),
    (15, Way::Cancel),
];
/// Limit orders that a taker leaves standing, at most.
const LEFT_MAX: usize = 8;
/// How far a taker's limit goes beyond the fair price.
const REACH: f64 = 0.000_4;
/// How far from the fair price a limit order is left, at least and at most.
const LEFT_AT: (f64, f64) = (0.000_03, 0.000_8);
/// How far a market order may trade from the reference, and a little more.
const MARKET_REACH: f64 = 0.021;
/// A fair price so far from the last trade has all takers on one side, but for one in ten.
const ALARM: f64 = 0.000_3;
/// What an order is worth in the mean, in smallest units of the quote asset.
const MEAN_VALUE: f64 = 4_000e8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Immediate,
    AllOrNothing,
    Market,
    Amount,
    Leave,
    Cancel,
}

/// One turn; answers whether there is a command.
pub(super) fn act(desk: &mut Desk, trader: u32, records: &mut RecordBuffer) -> bool {
    let is_full = desk.others_of(trader) >= LEFT_MAX;
    let way = match desk.drawn_of(&SHARES) {
        Way::Leave if is_full => Way::Cancel,
        drawn => drawn,
    };
    let market = desk.any_market();
    match way {
        Way::Cancel => desk.cancel_oldest(trader, records),
        Way::Leave => leave(desk, trader, market, records),
        Way::Market | Way::Amount if desk.known.last_trade(market) == 0 => false,
        _ => take(desk, trader, market, way, records),
    }
}

fn take(desk: &mut Desk, trader: u32, market: usize, way: Way, records: &mut RecordBuffer) -> bool {
    let has_limit = matches!(way, Way::Immediate | Way::AllOrNothing);
    let reach = if has_limit { REACH } else { MARKET_REACH };
    let Some(wish) = wish(desk, trader, market, reach) else {
        return false;
    };
    let mut record = desk.limit(&wish);
    record.time_in_force = if way == Way::AllOrNothing {
        TimeInForce::Fok as u8
    } else {
        TimeInForce::Ioc as u8
    };
    if has_limit {
        desk.send(record.as_record_bytes(), &record, &wish, records);
        return true;
    }
    record.order_type = OrderType::Market as u8;
    record.price_ticks = 0;
    if way == Way::Market {
        desk.send(record.as_record_bytes(), &record, &wish, records);
        return true;
    }
    record.quantity_lots = 0;
    let value = desk.value_at_fair(&wish);
    let by_amount = AmountOrderRecord::new(record, value.unsigned_abs());
    desk.send(by_amount.as_record_bytes(), &record, &wish, records);
    true
}

fn leave(desk: &mut Desk, trader: u32, market: usize, records: &mut RecordBuffer) -> bool {
    let away = desk.within(LEFT_AT.0, LEFT_AT.1);
    let Some(wish) = wish(desk, trader, market, -away) else {
        return false;
    };
    let record = desk.limit(&wish);
    let record = desk.extended(record);
    desk.send_extended(&record, &wish, records);
    true
}

/// A side, a price `beyond` the fair one as that side sees it, and a quantity, as far as the trader
/// can pay for them.
fn wish(desk: &mut Desk, trader: u32, market: usize, beyond: f64) -> Option<Wish> {
    let buys = desk.random.uniform() < share_of_buyers(desk, market);
    let side = if buys { Side::Buy } else { Side::Sell };
    let value = MEAN_VALUE * desk.random.exponential(1.0);
    desk.affordable(trader, market, side, beyond, value as i128)
}

fn share_of_buyers(desk: &Desk, market: usize) -> f64 {
    let last = desk.known.last_trade(market);
    if last == 0 {
        return 0.5;
    }
    let fair = desk.markets[market].fair();
    let drift = (fair - ticks_as_real(last)) / fair;
    0.5 + 0.4 * (drift / ALARM).clamp(-1.0, 1.0)
}
