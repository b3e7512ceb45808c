//! Trades, what each side paid for them, and aggregates.

use outcry_protocol::Side;

use crate::order::Order;
use crate::steps::Units;

const PPM: u128 = 1_000_000;

/// A trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trade {
    /// The instrument.
    pub instrument: u32,
    /// Its number on its instrument.
    pub trade_id: u64,
    /// The number of the steps that it is meant in.
    pub steps: u32,
    /// The price.
    pub price_ticks: i64,
    /// The quantity.
    pub quantity_lots: u64,
    /// Engine time, ns.
    pub time_ns: u64,
    /// The taker's side.
    pub aggressor: Side,
    /// The command that traded.
    pub sequence: u64,
}

/// One side of a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    /// Whose it is.
    pub account: u32,
    /// The instrument.
    pub instrument: u32,
    /// The trade.
    pub trade_id: u64,
    /// Whether the order rested.
    pub is_maker: bool,
    /// The order.
    pub order_id: u64,
    /// What was paid in the asset that was received; below zero for a rebate, which comes in the
    /// asset that the taker received.
    pub fee: i128,
    /// The list that the order is a leg of, 0 for none.
    pub list_id: u64,
}

/// Trades of one pass at one price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aggregate {
    /// The instrument.
    pub instrument: u32,
    /// Its number on its instrument, from 1.
    pub aggregate_id: u64,
    /// The number of the steps that it is meant in.
    pub steps: u32,
    /// The price.
    pub price_ticks: i64,
    /// The quantity of all.
    pub quantity_lots: u64,
    /// The first trade.
    pub first_trade_id: u64,
    /// The last trade.
    pub last_trade_id: u64,
    /// Engine time, ns.
    pub time_ns: u64,
    /// The taker's side.
    pub aggressor: Side,
    /// The command and the taker, of which it is a part.
    pub(crate) pass: (u64, u64),
}

impl Aggregate {
    /// Takes a trade of this taker too, if it belongs to it: within a command an order has one
    /// pass.
    pub(crate) fn takes(&mut self, trade: &Trade, taker_order_id: u64) -> bool {
        let belongs = self.pass == (trade.sequence, taker_order_id)
            && self.price_ticks == trade.price_ticks
            && self.instrument == trade.instrument
            && self.last_trade_id + 1 == trade.trade_id;
        if belongs {
            self.quantity_lots += trade.quantity_lots;
            self.last_trade_id = trade.trade_id;
        }
        belongs
    }
}

/// What taker and maker pay for a trade: the rules' *Settlement*.
pub(crate) fn fees(
    trade: &Trade,
    units: Units,
    taker: Option<&Order>,
    maker: Option<&Order>,
) -> (i128, i128) {
    let rates = |order: Option<&Order>| order.map_or((0, 0), Order::rates);
    let ((_, taker_rate), (maker_rate, _)) = (rates(taker), rates(maker));
    if taker_rate == 0 && maker_rate == 0 {
        return (0, 0);
    }
    let lots = u128::from(trade.quantity_lots);
    let base = lots * units.lot;
    let quote = lots * u128::from(trade.price_ticks.unsigned_abs()) * units.value;
    let (taken, given) = match trade.aggressor {
        Side::Buy => (base, quote),
        Side::Sell => (quote, base),
    };
    let part = |rate: i32, of: u128| of * u128::from(rate.unsigned_abs()) / PPM;
    let taker_fee = part(taker_rate, taken);
    let maker_fee = if maker_rate < 0 {
        -part(maker_rate, taken).min(taker_fee).cast_signed()
    } else {
        part(maker_rate, given).cast_signed()
    };
    (taker_fee.cast_signed(), maker_fee)
}

impl Order {
    /// Its maker and its taker rate.
    const fn rates(&self) -> (i32, i32) {
        (self.maker_rate_ppm, self.taker_rate_ppm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcry_protocol::OrderRecord;

    /// What taker and maker pay at these rates for 3 lots of 7 units at 100 ticks of 2 units.
    fn paid(aggressor: Side, taker_rate_ppm: i32, maker_rate_ppm: i32) -> (i128, i128) {
        let trade = Trade {
            instrument: 1,
            trade_id: 1,
            steps: 1,
            price_ticks: 100,
            quantity_lots: 3,
            time_ns: 0,
            aggressor,
            sequence: 1,
        };
        let order = |rates: (i32, i32)| Order {
            maker_rate_ppm: rates.0,
            taker_rate_ppm: rates.1,
            ..Order::plain(&OrderRecord::limit(1, 1, aggressor, 100, 3))
        };
        let (taker, maker) = (order((9, taker_rate_ppm)), order((maker_rate_ppm, 9)));
        let units = Units { value: 2, lot: 7 };
        fees(&trade, units, Some(&taker), Some(&maker))
    }

    #[test]
    fn each_side_pays_of_what_it_receives() {
        // The buyer receives 21 units of the base asset, the seller 600 of the quote asset.
        assert_eq!(paid(Side::Buy, 100_000, 100_000), (2, 60));
        assert_eq!(paid(Side::Sell, 100_000, 100_000), (60, 2));
        assert_eq!(paid(Side::Buy, 0, 0), (0, 0));
    }

    #[test]
    fn a_rebate_comes_out_of_the_fee_of_the_taker() {
        assert_eq!(paid(Side::Sell, 100_000, -50_000), (60, -30));
        assert_eq!(paid(Side::Sell, 100_000, -500_000), (60, -60));
        assert_eq!(paid(Side::Buy, 0, -500_000), (0, 0));
    }

    #[test]
    fn who_is_not_known_pays_nothing() {
        let trade = |order| fees(order, Units { value: 2, lot: 7 }, None, None);
        let made = Trade {
            instrument: 1,
            trade_id: 1,
            steps: 1,
            price_ticks: 100,
            quantity_lots: 3,
            time_ns: 0,
            aggressor: Side::Buy,
            sequence: 1,
        };
        assert_eq!(trade(&made), (0, 0));
    }
}
