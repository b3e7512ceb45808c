//! The API's words for what an order is.

use outcry_protocol::{OrderType, SelfTrade, Side, TimeInForce, Trigger};

/// What the API calls an order's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Rests at its price or takes up to it.
    Limit,
    /// Rests at its price or is refused.
    LimitMaker,
    /// Takes at any price.
    Market,
    /// A market order once the price has gone against it.
    StopLoss,
    /// A limit order once the price has gone against it.
    StopLossLimit,
    /// A market order once the price has gone its way.
    TakeProfit,
    /// A limit order once the price has gone its way.
    TakeProfitLimit,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Limit,
        Self::LimitMaker,
        Self::Market,
        Self::StopLoss,
        Self::StopLossLimit,
        Self::TakeProfit,
        Self::TakeProfitLimit,
    ];

    /// The API's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Limit => "LIMIT",
            Self::LimitMaker => "LIMIT_MAKER",
            Self::Market => "MARKET",
            Self::StopLoss => "STOP_LOSS",
            Self::StopLossLimit => "STOP_LOSS_LIMIT",
            Self::TakeProfit => "TAKE_PROFIT",
            Self::TakeProfitLimit => "TAKE_PROFIT_LIMIT",
        }
    }

    /// What the engine calls it.
    #[must_use]
    pub const fn order_type(self) -> OrderType {
        match self {
            Self::Limit | Self::LimitMaker => OrderType::Limit,
            Self::Market => OrderType::Market,
            Self::StopLoss | Self::TakeProfit => OrderType::Stop,
            Self::StopLossLimit | Self::TakeProfitLimit => OrderType::StopLimit,
        }
    }

    /// From which side the last trade comes to its stop; `None` for orders without one.
    #[must_use]
    pub const fn trigger(self, side: Side) -> Option<Trigger> {
        match (self, side) {
            (Self::Limit | Self::LimitMaker | Self::Market, _) => None,
            (Self::StopLoss | Self::StopLossLimit, Side::Buy)
            | (Self::TakeProfit | Self::TakeProfitLimit, Side::Sell) => Some(Trigger::Rise),
            _ => Some(Trigger::Fall),
        }
    }
}

/// The type of a word.
pub(crate) fn kind_of(word: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.word() == word)
}

/// The side of a word.
pub(crate) fn side_of(word: &str) -> Option<Side> {
    [Side::Buy, Side::Sell]
        .into_iter()
        .find(|side| side_word(*side) == word)
}

/// The word of a side.
pub(crate) const fn side_word(side: Side) -> &'static str {
    match side {
        Side::Buy => "BUY",
        Side::Sell => "SELL",
    }
}

/// The time in force of a word; the API has three.
pub(crate) fn time_in_force_of(word: &str) -> Option<TimeInForce> {
    match word {
        "GTC" => Some(TimeInForce::Gtc),
        "IOC" => Some(TimeInForce::Ioc),
        "FOK" => Some(TimeInForce::Fok),
        _ => None,
    }
}

/// The word of one of these three.
pub(crate) const fn time_in_force_word(time_in_force: TimeInForce) -> &'static str {
    match time_in_force {
        TimeInForce::Ioc => "IOC",
        TimeInForce::Fok => "FOK",
        _ => "GTC",
    }
}

const SELF_TRADES: [(SelfTrade, &str); 5] = [
    (SelfTrade::None, "NONE"),
    (SelfTrade::CancelTaker, "EXPIRE_TAKER"),
    (SelfTrade::CancelMaker, "EXPIRE_MAKER"),
    (SelfTrade::CancelBoth, "EXPIRE_BOTH"),
    (SelfTrade::Decrement, "DECREMENT"),
];

/// The self-trade prevention of a word.
pub(crate) fn self_trade_of(word: &str) -> Option<SelfTrade> {
    let found = SELF_TRADES.iter().find(|(_, known)| *known == word);
    found.map(|(mode, _)| *mode)
}

/// The word of a self-trade prevention.
pub(crate) fn self_trade_word(mode: SelfTrade) -> &'static str {
    let found = SELF_TRADES.iter().find(|(known, _)| *known == mode);
    found.map_or("NONE", |(_, word)| word)
}
