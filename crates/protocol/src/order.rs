//! The plain order commands: new, cancel, replace.

use crate::check::{Checked, require};
use crate::layout::record;
use crate::{CommandKind, OrderType, RejectReason, SelfTrade, Side, TimeInForce, VERSION};

/// The bits of a command's `flags` field.
pub mod flags {
    /// A new order that must not take.
    pub const POST_ONLY: u16 = 1;
    /// Every bit that has a meaning.
    pub const ALL: u16 = POST_ONLY;
}

record! {
    /// A new plain order, or a cancel or replace by order id: 64 bytes.
    ///
    /// A cancel names `account` and `order_id` (and the instrument, if it likes); a replace adds
    /// the new price and the new total quantity. Every other field of theirs is zero.
    OrderRecord, 64 {
        /// [`CommandKind::New`], [`CommandKind::Cancel`] or [`CommandKind::Replace`].
        kind: u8,
        /// [`VERSION`].
        version: u8,
        /// Bits of [`flags`].
        flags: u16,
        /// The instrument's number, from 1.
        instrument: u32,
        /// Nanoseconds since 1970 UTC; the engine takes the greater of this and its own time.
        time_ns: u64,
        /// The request id, low word first; zero for none.
        request_id: [u64; 2],
        /// The account's number, from 1.
        account: u32,
        /// [`Side`].
        side: u8,
        /// [`OrderType`].
        order_type: u8,
        /// [`TimeInForce`].
        time_in_force: u8,
        /// [`SelfTrade`].
        self_trade: u8,
        /// The limit in ticks; of a market order the worst price it may trade at, or 0.
        price_ticks: i64,
        /// The quantity in lots; of a replace the new total.
        quantity_lots: u64,
        /// The order that a cancel or replace names; 0 in a new order.
        order_id: u64,
    }
}

/// For each side, time in force and self-trade mode, packed, whether a plain limit order can have
/// them.
const KNOWN_TERMS: [u64; 4] = {
    let mut known = [0; 4];
    let mut number = 0;
    while number < 256 {
        let (side, time, mode) = (number & 3, number >> 2 & 7, number >> 5);
        let sides = side == Side::Buy as usize || side == Side::Sell as usize;
        let times = TimeInForce::Gtc as usize <= time && time <= TimeInForce::Day as usize;
        if sides && times && mode <= SelfTrade::Decrement as usize {
            known[number / 64] |= 1 << (number % 64);
        }
        number += 1;
    }
    known
};

impl OrderRecord {
    /// A record of this kind with every other field zero.
    #[must_use]
    pub const fn empty(kind: CommandKind) -> Self {
        Self {
            kind: kind as u8,
            version: VERSION,
            flags: 0,
            instrument: 0,
            time_ns: 0,
            request_id: [0; 2],
            account: 0,
            side: 0,
            order_type: 0,
            time_in_force: 0,
            self_trade: 0,
            price_ticks: 0,
            quantity_lots: 0,
            order_id: 0,
        }
    }

    /// A new limit order, good till cancelled, that cancels itself rather than trade with its own
    /// group.
    #[must_use]
    pub const fn limit(
        instrument: u32,
        account: u32,
        side: Side,
        price_ticks: i64,
        quantity_lots: u64,
    ) -> Self {
        let mut record = Self::empty(CommandKind::New);
        record.instrument = instrument;
        record.account = account;
        record.side = side as u8;
        record.order_type = OrderType::Limit as u8;
        record.time_in_force = TimeInForce::Gtc as u8;
        record.self_trade = SelfTrade::CancelTaker as u8;
        record.price_ticks = price_ticks;
        record.quantity_lots = quantity_lots;
        record
    }

    /// A cancel by order id.
    #[must_use]
    pub const fn cancel(instrument: u32, account: u32, order_id: u64) -> Self {
        let mut record = Self::empty(CommandKind::Cancel);
        record.instrument = instrument;
        record.account = account;
        record.order_id = order_id;
        record
    }

    /// A replace by order id to a price and a new total quantity.
    #[must_use]
    pub const fn replace(
        instrument: u32,
        account: u32,
        order_id: u64,
        price_ticks: i64,
        quantity_lots: u64,
    ) -> Self {
        let mut record = Self::empty(CommandKind::Replace);
        record.instrument = instrument;
        record.account = account;
        record.order_id = order_id;
        record.price_ticks = price_ticks;
        record.quantity_lots = quantity_lots;
        record
    }

    /// Whether the order must not take.
    #[inline]
    #[must_use]
    pub const fn is_post_only(&self) -> bool {
        self.flags & flags::POST_ONLY != 0
    }

    /// Checks the shape of a new plain order.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong, in the order of the fields.
    #[inline(always)]
    pub fn check_new(&self) -> Checked {
        if self.is_sound_limit() {
            Ok(())
        } else {
            self.check_new_fields()
        }
    }

    /// Whether this is a limit order without fault: one branch for the common case.
    #[inline(always)]
    const fn is_sound_limit(&self) -> bool {
        let named = (self.instrument != 0) & (self.account != 0) & (self.order_id == 0);
        let numbers = (self.price_ticks > 0) & (self.quantity_lots > 0);
        let flags = (self.flags == 0) | ((self.flags == flags::POST_ONLY) & !self.is_immediate());
        named & numbers & flags & (self.version == VERSION) & self.is_limit_of_known_terms()
    }

    /// Whether side, type, time in force and self-trade mode are those that a plain limit order can
    /// have, looked up as one number.
    #[inline(always)]
    const fn is_limit_of_known_terms(&self) -> bool {
        let terms = [
            self.side,
            self.order_type,
            self.time_in_force,
            self.self_trade,
        ];
        let terms = u32::from_le_bytes(terms);
        // Two bits of the side, three of the time in force, three of the mode; the rest is fixed.
        let fixed = terms & 0xF8F8_FFFC == (OrderType::Limit as u32) << 8;
        let number = (terms & 3) | (terms >> 14 & 0x1C) | (terms >> 19 & 0xE0);
        fixed & (KNOWN_TERMS[(number / 64) as usize] >> (number % 64) & 1 == 1)
    }

    #[cold]
    fn check_new_fields(&self) -> Checked {
        use RejectReason as R;
        self.check_order()?;
        require(
            self.order_type <= OrderType::Market as u8,
            R::InvalidOrderType,
        )?;
        require(
            self.time_in_force != TimeInForce::Gtd as u8,
            R::InvalidTimeInForce,
        )
    }

    /// Checks what a plain and an extended new order have in common.
    #[inline]
    pub(crate) fn check_order(&self) -> Checked {
        use RejectReason as R;
        self.check_order_but_quantity()?;
        require(self.quantity_lots > 0, R::InvalidQuantity)
    }

    #[inline]
    pub(crate) fn check_order_but_quantity(&self) -> Checked {
        use RejectReason as R;
        require(self.version == VERSION, R::UnsupportedVersion)?;
        require(self.flags & !flags::ALL == 0, R::InvalidFlags)?;
        require(self.instrument != 0, R::InvalidInstrument)?;
        require(self.account != 0, R::InvalidAccount)?;
        require(matches!(self.side, 1 | 2), R::InvalidSide)?;
        require(matches!(self.order_type, 1..=4), R::InvalidOrderType)?;
        require(matches!(self.time_in_force, 1..=5), R::InvalidTimeInForce)?;
        require(
            self.self_trade <= SelfTrade::Decrement as u8,
            R::InvalidSelfTrade,
        )?;
        require(self.order_id == 0, R::InvalidOrderId)?;
        if self.order_type == OrderType::Limit as u8 {
            require(self.price_ticks > 0, R::InvalidPrice)?;
            return require(
                !self.is_post_only() || !self.is_immediate(),
                R::InvalidFlags,
            );
        }
        self.check_price_of_uncommon_type()
    }

    fn check_price_of_uncommon_type(&self) -> Checked {
        use RejectReason as R;
        match OrderType::try_from(self.order_type) {
            Ok(OrderType::Market) => {
                require(self.is_immediate(), R::InvalidTimeInForce)?;
                require(self.price_ticks >= 0, R::InvalidPrice)?;
                require(!self.is_post_only(), R::InvalidFlags)
            }
            Ok(OrderType::Stop) => {
                require(self.price_ticks == 0, R::InvalidPrice)?;
                require(!self.is_post_only(), R::InvalidFlags)
            }
            _ => {
                require(self.price_ticks > 0, R::InvalidPrice)?;
                require(
                    !self.is_post_only() || !self.is_immediate(),
                    R::InvalidFlags,
                )
            }
        }
    }

    /// Whether nothing of the order may rest.
    #[inline]
    pub(crate) const fn is_immediate(&self) -> bool {
        matches!(self.time_in_force, 2 | 3)
    }

    /// Checks the shape of a cancel by order id.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    #[inline(always)]
    pub fn check_cancel(&self) -> Checked {
        let numbers = (self.price_ticks == 0) & (self.quantity_lots == 0);
        if self.names_soundly() & numbers {
            Ok(())
        } else {
            self.check_cancel_fields()
        }
    }

    #[cold]
    fn check_cancel_fields(&self) -> Checked {
        require(self.order_id != 0, RejectReason::InvalidOrderId)?;
        self.check_named()?;
        require(self.price_ticks == 0, RejectReason::InvalidPrice)?;
        require(self.quantity_lots == 0, RejectReason::InvalidQuantity)
    }

    /// Checks the shape of a replace by order id.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    #[inline(always)]
    pub fn check_replace(&self) -> Checked {
        let numbers = (self.price_ticks >= 0) & (self.quantity_lots > 0);
        if self.names_soundly() & numbers {
            Ok(())
        } else {
            self.check_replace_fields()
        }
    }

    #[cold]
    fn check_replace_fields(&self) -> Checked {
        require(self.order_id != 0, RejectReason::InvalidOrderId)?;
        self.check_replace_but_id()
    }

    /// Whether this names an order by id without fault: one branch for the common case.
    #[inline(always)]
    const fn names_soundly(&self) -> bool {
        let named = (self.version == VERSION) & (self.account != 0) & (self.order_id != 0);
        let unused = self.side | self.order_type | self.time_in_force | self.self_trade;
        named & (self.flags == 0) & (unused == 0)
    }

    #[inline]
    pub(crate) fn check_replace_but_id(&self) -> Checked {
        self.check_named()?;
        require(self.price_ticks >= 0, RejectReason::InvalidPrice)?;
        require(self.quantity_lots > 0, RejectReason::InvalidQuantity)
    }

    /// Checks what every command that names an order has in common.
    #[inline]
    pub(crate) fn check_named(&self) -> Checked {
        use RejectReason as R;
        require(self.version == VERSION, R::UnsupportedVersion)?;
        require(self.flags == 0, R::InvalidFlags)?;
        require(self.account != 0, R::InvalidAccount)?;
        require(self.side == 0, R::InvalidSide)?;
        require(self.order_type == 0, R::InvalidOrderType)?;
        require(self.time_in_force == 0, R::InvalidTimeInForce)?;
        require(self.self_trade == 0, R::InvalidSelfTrade)
    }
}
