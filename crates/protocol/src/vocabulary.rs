//! The small closed sets of values that commands and events carry as one byte.

use thiserror::Error;

/// A byte that names no value of its set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{field}: {value} is not one of its values ({allowed})")]
pub struct UnknownValue {
    /// The field's name.
    pub field: &'static str,
    /// The byte found.
    pub value: u8,
    /// The values that it may have.
    pub allowed: &'static str,
}

macro_rules! byte_enum {
    ($(#[$meta:meta])* $name:ident, $field:literal, $allowed:literal {
        $($(#[$variant_meta:meta])* $variant:ident = $value:literal, $text:literal;)+
    }) => {
        $(#[$meta])*
        #[repr(u8)]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_meta])* $variant = $value),+ }

        impl $name {
            /// Every value, in the order of their bytes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name that people read.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl TryFrom<u8> for $name {
            type Error = UnknownValue;

            #[inline]
            fn try_from(value: u8) -> Result<Self, UnknownValue> {
                match value {
                    $($value => Ok(Self::$variant),)+
                    _ => Err(UnknownValue { field: $field, value, allowed: $allowed }),
                }
            }
        }
    };
}

byte_enum! {
    /// The side of an order.
    Side, "side", "1 buy, 2 sell" {
        /// Buys the base asset.
        Buy = 1, "buy";
        /// Sells the base asset.
        Sell = 2, "sell";
    }
}

impl Side {
    /// The other side.
    #[inline]
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }

    /// 0 for buy, 1 for sell.
    #[inline]
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize - 1
    }
}

byte_enum! {
    /// How an order takes its price.
    OrderType, "order_type", "1 limit, 2 market, 3 stop, 4 stop_limit" {
        /// Trades at its price or better; the rest rests.
        Limit = 1, "limit";
        /// Trades at once, no worse than its worst price; never rests.
        Market = 2, "market";
        /// Waits for its stop, then trades as a market order.
        Stop = 3, "stop";
        /// Waits for its stop, then enters as a limit order.
        StopLimit = 4, "stop_limit";
    }
}

byte_enum! {
    /// How long an order lives.
    TimeInForce, "time_in_force", "1 gtc, 2 ioc, 3 fok, 4 day, 5 gtd" {
        /// Until cancelled.
        Gtc = 1, "gtc";
        /// What does not trade at once is cancelled.
        Ioc = 2, "ioc";
        /// All at once or nothing.
        Fok = 3, "fok";
        /// Until the instrument's session ends.
        Day = 4, "day";
        /// Until its expiry time.
        Gtd = 5, "gtd";
    }
}

byte_enum! {
    /// What happens when an order meets one of its own trade group.
    SelfTrade, "self_trade",
    "0 none, 1 cancel_taker, 2 cancel_maker, 3 cancel_both, 4 decrement" {
        /// They trade.
        None = 0, "none";
        /// The rest of the taker is cancelled.
        CancelTaker = 1, "cancel_taker";
        /// The maker is cancelled and the taker goes on.
        CancelMaker = 2, "cancel_maker";
        /// Both are cancelled.
        CancelBoth = 3, "cancel_both";
        /// Both lose the smaller quantity without a trade.
        Decrement = 4, "decrement";
    }
}

byte_enum! {
    /// The side from which the last trade must reach a stop.
    Trigger, "trigger", "1 rise, 2 fall" {
        /// Met by a trade at the stop or above.
        Rise = 1, "rise";
        /// Met by a trade at the stop or below.
        Fall = 2, "fall";
    }
}

byte_enum! {
    /// What a stop field holds.
    StopUnit, "stop_unit", "0 price, 1 trail_ticks, 2 trail_ppm" {
        /// A fixed stop price in ticks.
        Price = 0, "price";
        /// A trailing distance in ticks.
        TrailTicks = 1, "trail_ticks";
        /// A trailing distance in parts per million of the best trade.
        TrailPpm = 2, "trail_ppm";
    }
}

byte_enum! {
    /// What an instrument lets its orders do.
    TradingState, "state", "1 continuous, 2 auction, 3 cancel_only, 4 halted" {
        /// Orders match as they arrive.
        Continuous = 1, "continuous";
        /// Orders gather; nothing trades until the uncross.
        Auction = 2, "auction";
        /// Orders can only be cancelled.
        CancelOnly = 3, "cancel_only";
        /// Only the state can change.
        Halted = 4, "halted";
    }
}

byte_enum! {
    /// What an account may do.
    AccountState, "state", "1 active, 2 cancel_only, 3 frozen" {
        /// Everything.
        Active = 1, "active";
        /// Cancels, deposits, transfers in, withdrawals.
        CancelOnly = 2, "cancel_only";
        /// Cancels, deposits and transfers in.
        Frozen = 3, "frozen";
    }
}

byte_enum! {
    /// How the legs of an order list hang together.
    ListType, "list_type", "1 oco, 2 oto, 3 otoco" {
        /// One cancels the other.
        Oco = 1, "oco";
        /// One triggers the other.
        Oto = 2, "oto";
        /// One triggers an OCO.
        Otoco = 3, "otoco";
    }
}

byte_enum! {
    /// What became of an order list.
    ListState, "state", "1 executing, 2 done, 3 ended" {
        /// Its legs are at work.
        Executing = 1, "executing";
        /// A leg traded or triggered, of a list with a working order behind that; it is over.
        Done = 2, "done";
        /// A leg ended without that, and the others with it; it is over.
        Ended = 3, "ended";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_round_trip_and_unknown_bytes_name_the_field() {
        for side in Side::ALL {
            assert_eq!(Side::try_from(*side as u8), Ok(*side));
        }
        let error = Side::try_from(7).unwrap_err();
        assert_eq!(
            error.to_string(),
            "side: 7 is not one of its values (1 buy, 2 sell)"
        );
    }
}
