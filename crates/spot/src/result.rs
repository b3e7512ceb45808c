//! The reply to a new order.

use outcry_protocol::{CancelReason, Side};

use crate::instrument::Instrument;
use crate::json::{Json, places_of};
use crate::order::{Detail, NewOrder};
use crate::words::{self_trade_word, side_word, time_in_force_word};

/// A rate counts in parts per million of what is received.
const MILLION: u128 = 1_000_000;
/// About what a reply takes.
const REPLY_BYTES: usize = 640;

/// Where an order is when its command is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// In its book, or on its way there.
    Open,
    /// A stop that waits for its price.
    Waiting,
    /// The leg of a list that waits for the leg before it.
    Pending,
    /// Filled.
    Filled,
    /// Gone otherwise.
    Ended,
}

/// A trade of a new order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    /// The trade.
    pub trade_id: u64,
    /// Its price.
    pub price_ticks: u64,
    /// Its quantity.
    pub quantity_lots: u64,
}

/// What became of a new order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome<'a> {
    /// Its id.
    pub order_id: u64,
    /// The list it belongs to; -1 for none.
    pub list_id: i64,
    /// When its command was done, in the unit of the reply's times.
    pub time: u64,
    /// Where it is.
    pub stand: Stand,
    /// What is open of it.
    pub open_lots: u64,
    /// Why it was cancelled, where it was.
    pub cancel_reason: Option<CancelReason>,
    /// Its trades.
    pub fills: &'a [Fill],
    /// What its account pays as a taker, in parts per million of what it receives; below 0 for
    /// what it is given back, which is no fee.
    pub taker_rate_ppm: i32,
}

/// The numbers of a new order in the steps of its instrument; 0 for those that it does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sizes {
    /// Its limit.
    pub price_ticks: u64,
    /// Its quantity.
    pub quantity_lots: u64,
    /// What it spends or raises, in the quote asset's smallest units.
    pub amount_units: u128,
    /// The price that it waits for.
    pub stop_ticks: u64,
    /// What it shows of itself.
    pub display_lots: u64,
}

/// Returns the reply to a new order as JSON.
#[must_use]
pub fn write_result(
    instrument: &Instrument,
    order: &NewOrder,
    sizes: Sizes,
    outcome: &Outcome<'_>,
) -> Json {
    let mut reply = Reply {
        json: Json::with_capacity(REPLY_BYTES),
        instrument,
        order,
        sizes,
        outcome,
    };
    reply.write();
    reply.json
}

struct Reply<'a> {
    json: Json,
    instrument: &'a Instrument,
    order: &'a NewOrder,
    sizes: Sizes,
    outcome: &'a Outcome<'a>,
}

impl Reply<'_> {
    fn write(&mut self) {
        let (order, outcome) = (self.order, self.outcome);
        self.json.raw("{\"symbol\":");
        self.json.text(&self.instrument.symbol);
        self.whole("orderId", outcome.order_id);
        self.name("orderListId");
        self.signed(outcome.list_id);
        self.word("clientOrderId", order.client_order_id.as_str());
        self.whole("transactTime", outcome.time);
        if order.detail != Detail::Ack {
            self.write_stand();
        }
        if order.detail == Detail::Full {
            self.write_fills();
        }
        if order.detail != Detail::Ack {
            self.word("selfTradePreventionMode", self_trade_word(order.self_trade));
            self.write_prevented();
        }
        self.json.raw("}");
    }

    fn write_stand(&mut self) {
        let (order, outcome, sizes) = (self.order, self.outcome, self.sizes);
        let executed = self.executed_lots();
        // An order by amount is, once done, an order of what it traded.
        let quantity = if order.quantity.is_some() {
            sizes.quantity_lots
        } else {
            executed
        };
        self.name("price");
        if order.price.is_some() {
            self.write_price(sizes.price_ticks);
        } else {
            self.json.zero();
        }
        self.quantity("origQty", quantity);
        self.quantity("executedQty", executed);
        if order.amount.is_some() {
            self.amount("origQuoteOrderQty", sizes.amount_units);
        } else {
            self.name("origQuoteOrderQty");
            self.json.zero();
        }
        self.amount("cummulativeQuoteQty", self.cost_units());
        self.word("status", self.status());
        let lives = order.time_in_force.map_or("GTC", time_in_force_word);
        self.word("timeInForce", lives);
        self.word("type", order.kind.word());
        self.word("side", side_word(order.side));
        if order.stop.is_some() {
            self.name("stopPrice");
            self.write_price(sizes.stop_ticks);
        }
        let idle = outcome.stand == Stand::Pending;
        if let Some(bips) = order.trailing_bips() {
            self.whole("trailingDelta", u64::from(bips));
            self.time("trailingTime", idle);
        }
        if order.display.is_some() {
            self.quantity("icebergQty", sizes.display_lots);
        }
        if let Some(strategy) = order.strategy_id {
            self.whole("strategyId", strategy);
        }
        if let Some(strategy) = order.strategy_type {
            self.whole("strategyType", strategy);
        }
        self.time("workingTime", idle || outcome.stand == Stand::Waiting);
    }

    fn write_fills(&mut self) {
        self.name("fills");
        self.json.raw("[");
        for (place, fill) in self.outcome.fills.iter().enumerate() {
            self.json.item(place);
            self.json.raw("{\"price\":");
            self.write_price(fill.price_ticks);
            self.quantity("qty", fill.quantity_lots);
            self.write_commission(fill);
            self.whole("tradeId", fill.trade_id);
            self.json.raw("}");
        }
        self.json.raw("]");
    }

    /// The fee of what a trade brings, rounded down as the engine takes it.
    fn write_commission(&mut self, fill: &Fill) {
        let instrument = self.instrument;
        let (asset, received, decimals) = match self.order.side {
            Side::Buy => (
                &instrument.base,
                instrument.figures.base_units(fill.quantity_lots),
                instrument.figures.base_decimals,
            ),
            Side::Sell => (
                &instrument.quote,
                instrument
                    .figures
                    .quote_units(fill.price_ticks, fill.quantity_lots),
                instrument.figures.quote_decimals,
            ),
        };
        self.name("commission");
        match u128::try_from(self.outcome.taker_rate_ppm) {
            Ok(rate_ppm) if rate_ppm > 0 => {
                let fee = received * rate_ppm / MILLION;
                self.json.decimal(fee, decimals, places_of(decimals));
            }
            _ => self.json.zero(),
        }
        self.word("commissionAsset", asset);
    }

    /// What self-trade prevention took off the order, where all that did not trade was that.
    fn write_prevented(&mut self) {
        let is_known = matches!(
            self.outcome.cancel_reason,
            None | Some(CancelReason::SelfTrade)
        );
        if self.order.amount.is_some() || !is_known {
            return;
        }
        let gone = self.executed_lots() + self.outcome.open_lots;
        let prevented = self.sizes.quantity_lots.saturating_sub(gone);
        if prevented > 0 {
            self.quantity("preventedQuantity", prevented);
        }
    }

    fn executed_lots(&self) -> u64 {
        self.outcome
            .fills
            .iter()
            .map(|fill| fill.quantity_lots)
            .sum()
    }

    fn cost_units(&self) -> u128 {
        let cost = |fill: &Fill| {
            self.instrument
                .figures
                .quote_units(fill.price_ticks, fill.quantity_lots)
        };
        self.outcome.fills.iter().map(cost).sum()
    }

    fn status(&self) -> &'static str {
        let has_traded = !self.outcome.fills.is_empty();
        match self.outcome.stand {
            Stand::Pending => "PENDING_NEW",
            Stand::Open | Stand::Waiting if has_traded => "PARTIALLY_FILLED",
            Stand::Open | Stand::Waiting => "NEW",
            Stand::Filled => "FILLED",
            Stand::Ended => match self.outcome.cancel_reason {
                // What was left of the amount buys no lot: at the venue that is all of the order.
                Some(CancelReason::AmountRemainder) if has_traded => "FILLED",
                Some(
                    CancelReason::Requested
                    | CancelReason::Replaced
                    | CancelReason::MassCancel
                    | CancelReason::ListEnded,
                ) => "CANCELED",
                Some(CancelReason::SelfTrade) => "EXPIRED_IN_MATCH",
                Some(CancelReason::Refused) => "REJECTED",
                _ => "EXPIRED",
            },
        }
    }

    fn name(&mut self, name: &str) {
        self.json.raw(",\"");
        self.json.raw(name);
        self.json.raw("\":");
    }

    fn word(&mut self, name: &str, word: &str) {
        self.name(name);
        self.json.text(word);
    }

    fn whole(&mut self, name: &str, value: u64) {
        self.name(name);
        self.json.whole(value);
    }

    fn signed(&mut self, value: i64) {
        if value < 0 {
            self.json.raw("-");
        }
        self.json.whole(value.unsigned_abs());
    }

    /// The time of the reply, or that there is none yet.
    fn time(&mut self, name: &str, is_none: bool) {
        self.name(name);
        let time = Some(self.outcome.time).filter(|_| !is_none);
        self.json.whole_or_minus_one(time);
    }

    fn write_price(&mut self, ticks: u64) {
        self.instrument.figures.write_price(&mut self.json, ticks);
    }

    fn quantity(&mut self, name: &str, lots: u64) {
        self.name(name);
        self.instrument.figures.write_quantity(&mut self.json, lots);
    }

    fn amount(&mut self, name: &str, units: u128) {
        self.name(name);
        self.instrument.figures.write_amount(&mut self.json, units);
    }
}
