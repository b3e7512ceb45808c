//! Why a command is refused and why an order is cancelled.

macro_rules! reasons {
    ($(#[$meta:meta])* $name:ident {
        $(
            $(#[$variant_meta:meta])*
            $variant:ident = $value:literal, $text:literal, $field:literal;
        )+
    }) => {
        $(#[$meta])*
        #[repr(u16)]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_meta])* $variant = $value),+ }

        impl $name {
            /// Every reason, in the order of their codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name that people read.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The field of the command that it speaks of, empty where it speaks of none.
            #[must_use]
            pub const fn field(self) -> &'static str {
                match self { $(Self::$variant => $field),+ }
            }

            /// The reason with this code.
            #[must_use]
            pub const fn from_code(code: u16) -> Option<Self> {
                match code {
                    $($value => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

reasons! {
    /// Why a command is refused: 1xx shape, 2xx filters, 3xx balance, 4xx accounts and orders,
    /// 5xx instruments.
    RejectReason {
        /// The bytes are no command.
        Malformed = 101, "malformed", "kind";
        /// The version of the encoding is not known.
        UnsupportedVersion = 102, "unsupported_version", "version";
        /// Neither buy nor sell, or a side where none belongs.
        InvalidSide = 103, "invalid_side", "side";
        /// No order type, or one that the command cannot carry.
        InvalidOrderType = 104, "invalid_order_type", "order_type";
        /// No time in force, or one that the order type cannot have.
        InvalidTimeInForce = 105, "invalid_time_in_force", "time_in_force";
        /// No self-trade prevention mode.
        InvalidSelfTrade = 106, "invalid_self_trade", "self_trade";
        /// Unknown flags, or post-only with IOC, FOK or market.
        InvalidFlags = 107, "invalid_flags", "flags";
        /// A price that is missing, negative, or set where none belongs.
        InvalidPrice = 108, "invalid_price", "price_ticks";
        /// A quantity that is zero, or set where none belongs.
        InvalidQuantity = 109, "invalid_quantity", "quantity_lots";
        /// A stop that is missing, out of range, or set where none belongs.
        InvalidStop = 110, "invalid_stop", "stop";
        /// A trigger side that is missing or set where none belongs.
        InvalidTrigger = 111, "invalid_trigger", "trigger";
        /// No unit of a stop.
        InvalidStopUnit = 112, "invalid_stop_unit", "stop_unit";
        /// A display above the quantity, or with IOC, FOK or market.
        InvalidDisplay = 113, "invalid_display", "display_lots";
        /// An expiry that is missing, set without GTD, or not in the future.
        InvalidExpiry = 114, "invalid_expiry", "expire_time_ns";
        /// A client order id that is not printable ASCII, or missing where it is the only name.
        InvalidClientOrderId = 115, "invalid_client_order_id", "client_order_id";
        /// An amount that is not above zero or above 2^100.
        InvalidAmount = 116, "invalid_amount", "amount";
        /// An order id that is missing or set where none belongs.
        InvalidOrderId = 117, "invalid_order_id", "order_id";
        /// An account that is missing.
        InvalidAccount = 118, "invalid_account", "account";
        /// No trading or account state, or one that cannot be entered.
        InvalidState = 119, "invalid_state", "state";
        /// Bytes that must be zero are not.
        InvalidReserved = 120, "invalid_reserved", "reserved";
        /// An instrument's number where it must be zero, or zero where it must not.
        InvalidInstrument = 121, "invalid_instrument", "instrument";
        /// A symbol that is empty or not printable ASCII.
        InvalidSymbol = 122, "invalid_symbol", "symbol";
        /// A tick or lot size that is zero or has too many decimals.
        InvalidIncrement = 123, "invalid_increment", "tick_mantissa, lot_mantissa";
        /// A bound of a filter that is out of range, or a minimum above its maximum.
        InvalidFilter = 124, "invalid_filter", "filters";
        /// A list whose legs do not make a list of its type.
        InvalidList = 125, "invalid_list", "legs";
        /// This machine does not do what the command asks for.
        NotSupported = 126, "not_supported", "kind";
        /// A source, or a source's number, that is zero.
        InvalidSource = 127, "invalid_source", "request_id";

        /// The price is below the filter's minimum.
        PriceBelowMinimum = 201, "price_below_minimum", "price_ticks";
        /// The price is above the filter's maximum.
        PriceAboveMaximum = 202, "price_above_maximum", "price_ticks";
        /// The price is below the band around the reference price.
        PriceBelowBand = 203, "price_below_band", "price_ticks";
        /// The price is above the band around the reference price.
        PriceAboveBand = 204, "price_above_band", "price_ticks";
        /// The quantity is below the filter's minimum.
        QuantityBelowMinimum = 205, "quantity_below_minimum", "quantity_lots";
        /// The quantity is above the filter's maximum.
        QuantityAboveMaximum = 206, "quantity_above_maximum", "quantity_lots";
        /// The notional is below the filter's minimum.
        NotionalBelowMinimum = 207, "notional_below_minimum", "notional";
        /// The notional is above the filter's maximum.
        NotionalAboveMaximum = 208, "notional_above_maximum", "notional";
        /// The iceberg would have more parts than the filter allows.
        TooManyIcebergParts = 209, "too_many_iceberg_parts", "display_lots";
        /// The account has as many open orders here as the filter allows.
        TooManyAccountOrders = 210, "too_many_account_orders", "account";
        /// The instrument has as many open orders as the filter allows.
        TooManyOrders = 211, "too_many_orders", "instrument";
        /// The account has as many waiting stops here as the filter allows.
        TooManyAccountStops = 212, "too_many_account_stops", "account";
        /// The instrument has as many waiting stops as the filter allows.
        TooManyStops = 213, "too_many_stops", "instrument";

        /// The account does not have what it is to hold or pay; the bound is what it has.
        InsufficientBalance = 301, "insufficient_balance", "account";
        /// More than 2^100 of the asset would be on deposit; the bound is the room left.
        TotalAboveMaximum = 302, "total_above_maximum", "amount";

        /// No such account.
        UnknownAccount = 401, "unknown_account", "account";
        /// The account may only cancel.
        AccountCancelOnly = 402, "account_cancel_only", "account";
        /// The account is frozen.
        AccountFrozen = 403, "account_frozen", "account";
        /// The account of the fees, which is nobody's to set and does not trade.
        AccountReserved = 404, "account_reserved", "account";
        /// The machine holds as many accounts as it may.
        TooManyAccounts = 405, "too_many_accounts", "account";
        /// No open order of this account has that name.
        UnknownOrder = 410, "unknown_order", "order_id";
        /// An open order of this account has that client order id.
        DuplicateClientOrderId = 411, "duplicate_client_order_id", "client_order_id";
        /// There is no reference price to take the worst price from.
        NoReference = 412, "no_reference", "instrument";
        /// The stop is already met.
        WouldTrigger = 413, "would_trigger", "stop";
        /// The order would cross one of its own group in an auction.
        WouldSelfTrade = 414, "would_self_trade", "price_ticks";
        /// The post-only order would take.
        WouldTake = 415, "would_take", "price_ticks";
        /// No list of this account that still lives has that id.
        UnknownList = 416, "unknown_list", "list_id";
        /// The order is a member of a list and cannot be replaced.
        ListMember = 417, "list_member", "order_id";
        /// A trailing stop may only fall in quantity.
        TrailingStop = 418, "trailing_stop", "order_id";
        /// No withdrawal of that sequence is pending.
        UnknownWithdrawal = 419, "unknown_withdrawal", "withdrawal_sequence";
        /// The account has as many pending withdrawals as it may.
        TooManyWithdrawals = 420, "too_many_withdrawals", "account";
        /// The machine remembers as many sources as it may.
        TooManySources = 421, "too_many_sources", "request_id";

        /// No such instrument.
        UnknownInstrument = 501, "unknown_instrument", "instrument";
        /// The instrument stands already.
        InstrumentExists = 502, "instrument_exists", "instrument";
        /// The instrument is halted.
        InstrumentHalted = 503, "instrument_halted", "instrument";
        /// The instrument takes cancels only.
        InstrumentCancelOnly = 504, "instrument_cancel_only", "instrument";
        /// Tick and lot cannot change while orders are open.
        IncrementsLocked = 505, "increments_locked", "tick_mantissa, lot_mantissa";
        /// One tick times one lot is no whole number of the quote asset's smallest units.
        InexactValue = 506, "inexact_value", "tick_mantissa, lot_mantissa";
        /// One lot is no whole number of the base asset's smallest units.
        InexactLot = 507, "inexact_lot", "lot_mantissa";
        /// Maximum price times maximum quantity is above 2^100 smallest units.
        ValueTooLarge = 508, "value_too_large", "price_max_ticks, quantity_max_lots";
        /// What an update may not change.
        InstrumentFixed = 509, "instrument_fixed", "symbol, base_asset, quote_asset";
        /// The machine holds as many instruments as it may.
        TooManyInstruments = 510, "too_many_instruments", "instrument";
        /// No such asset.
        UnknownAsset = 511, "unknown_asset", "asset";
        /// The asset's number or name is taken.
        AssetExists = 512, "asset_exists", "asset, name";
        /// The machine holds as many assets as it may.
        TooManyAssets = 513, "too_many_assets", "asset";
        /// The instrument's decimals are not those of its asset.
        AssetDecimals = 514, "asset_decimals", "base_decimals, quote_decimals";
    }
}

reasons! {
    /// Why an order was cancelled.
    CancelReason {
        /// Its owner asked for it.
        Requested = 1, "requested", "";
        /// A mass cancel took it.
        MassCancel = 2, "mass_cancel", "";
        /// The rest of an IOC order.
        ImmediateOrCancel = 3, "immediate_or_cancel", "";
        /// A FOK order that could not fill at once.
        FillOrKill = 4, "fill_or_kill", "";
        /// A market order found nothing more up to its worst price.
        NoLiquidity = 5, "no_liquidity", "";
        /// The amount left does not cover one lot at the next level.
        AmountRemainder = 6, "amount_remainder", "";
        /// It met an order of its own group.
        SelfTrade = 7, "self_trade", "";
        /// A replace asked for no more than what is filled and prevented.
        Replaced = 8, "replaced", "";
        /// A triggered post-only order would have taken.
        WouldTake = 9, "would_take", "";
        /// Its sibling in a list traded or triggered.
        Sibling = 10, "sibling", "";
        /// Another order of its list ended.
        ListEnded = 11, "list_ended", "";
        /// It was refused when its turn in a list came. Never written: in its place the event
        /// carries the code of the [`RejectReason`].
        Refused = 12, "refused", "";
    }
}
