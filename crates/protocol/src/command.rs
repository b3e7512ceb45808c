//! The records of orders, lists and the commands that steer an instrument.

use crate::layout::record;
use crate::{
    CommandKind, ListType, OrderType, RejectReason, SelfTrade, Side, StopUnit, Text, TimeInForce,
    TradingState, Trigger, VERSION,
};

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

record! {
    /// An order command that carries more than [`OrderRecord`] holds: 128 bytes.
    ///
    /// As `list_leg` it stands behind a [`ListRecord`].
    ExtendedOrderRecord, 128 {
        /// What [`OrderRecord`] carries, with a kind of this size.
        base: OrderRecord,
        /// The stop price in ticks, or the trailing distance, by `stop_unit`; 0 for none.
        stop: i64,
        /// What an iceberg shows of itself, in lots; 0 for all.
        display_lots: u64,
        /// When a GTD order expires, in nanoseconds since 1970 UTC.
        expire_time_ns: u64,
        /// The client's own name for the order, unique among the account's open orders.
        client_order_id: Text<36>,
        /// [`Trigger`], or 0 for an order without a stop.
        trigger: u8,
        /// [`StopUnit`].
        stop_unit: u8,
        /// Zeros.
        reserved: [u8; 2],
    }
}

record! {
    /// A market order that spends (or raises) an amount of the quote asset: 128 bytes.
    AmountOrderRecord, 128 {
        /// What [`OrderRecord`] carries; its quantity is 0.
        base: OrderRecord,
        /// The amount in the quote asset's smallest units, low word first.
        amount: [u64; 2],
        /// Zeros.
        reserved: u64,
        /// The client's own name for the order.
        client_order_id: Text<36>,
        /// Zeros.
        reserved_tail: [u8; 4],
    }
}

record! {
    /// Cancels every open order that matches: 64 bytes. Zero matches all.
    MassCancelRecord, 64 {
        /// [`CommandKind::MassCancel`].
        kind: u8,
        /// [`VERSION`].
        version: u8,
        /// Zero.
        flags: u16,
        /// The instrument, or 0 for all.
        instrument: u32,
        /// Nanoseconds since 1970 UTC.
        time_ns: u64,
        /// The request id, low word first; zero for none.
        request_id: [u64; 2],
        /// The account, or 0 for all.
        account: u32,
        /// [`Side`], or 0 for both.
        side: u8,
        /// Zeros.
        reserved: [u8; 27],
    }
}

record! {
    /// A command to an instrument or to the machine: 64 bytes.
    ///
    /// Serves `set_state`, `set_reference`, `end_session`, `advance_time` and `cancel_list`.
    AdminRecord, 64 {
        /// One of those kinds.
        kind: u8,
        /// [`VERSION`].
        version: u8,
        /// Zero.
        flags: u16,
        /// The instrument's number; 0 where none belongs.
        instrument: u32,
        /// Nanoseconds since 1970 UTC.
        time_ns: u64,
        /// The request id, low word first; zero for none.
        request_id: [u64; 2],
        /// The account that asks, or 0 for the venue.
        account: u32,
        /// [`TradingState`] of `set_state`, else 0.
        state: u8,
        /// Zeros.
        reserved: [u8; 3],
        /// The reference price of `set_reference` in ticks, 0 to clear it, else 0.
        price_ticks: i64,
        /// The list of `cancel_list`, else 0.
        list_id: u64,
        /// Zeros.
        reserved_tail: [u8; 8],
    }
}

record! {
    /// An order list: 128 bytes, followed by `legs` records of kind `list_leg`.
    ListRecord, 128 {
        /// [`CommandKind::NewList`].
        kind: u8,
        /// [`VERSION`].
        version: u8,
        /// Zero.
        flags: u16,
        /// The instrument's number, from 1.
        instrument: u32,
        /// Nanoseconds since 1970 UTC.
        time_ns: u64,
        /// The request id, low word first; zero for none.
        request_id: [u64; 2],
        /// The account's number, from 1.
        account: u32,
        /// [`ListType`].
        list_type: u8,
        /// How many legs follow: 2 or 3.
        legs: u8,
        /// Zeros.
        reserved: [u8; 2],
        /// The client's own name for the list.
        client_list_id: Text<36>,
        /// Zeros.
        reserved_tail: [u8; 52],
    }
}

type Checked = Result<(), RejectReason>;

/// `Err(reason)` unless the condition holds.
#[inline]
pub(crate) const fn require(condition: bool, reason: RejectReason) -> Checked {
    if condition { Ok(()) } else { Err(reason) }
}

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
        let head = (self.version == VERSION) & (self.instrument != 0) & (self.account != 0);
        let side = self.side.wrapping_sub(1) <= 1;
        let order_type = self.order_type == OrderType::Limit as u8;
        let time_in_force = self.time_in_force.wrapping_sub(1) < TimeInForce::Day as u8;
        let self_trade = self.self_trade <= SelfTrade::Decrement as u8;
        let flags = (self.flags == 0) | ((self.flags == flags::POST_ONLY) & !self.is_immediate());
        let numbers = (self.price_ticks > 0) & (self.quantity_lots > 0) & (self.order_id == 0);
        head & side & order_type & time_in_force & self_trade & flags & numbers
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
    fn check_order(&self) -> Checked {
        use RejectReason as R;
        self.check_order_but_quantity()?;
        require(self.quantity_lots > 0, R::InvalidQuantity)
    }

    #[inline]
    fn check_order_but_quantity(&self) -> Checked {
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
    const fn is_immediate(&self) -> bool {
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
    fn check_replace_but_id(&self) -> Checked {
        self.check_named()?;
        require(self.price_ticks >= 0, RejectReason::InvalidPrice)?;
        require(self.quantity_lots > 0, RejectReason::InvalidQuantity)
    }

    /// Checks what every command that names an order has in common.
    #[inline]
    fn check_named(&self) -> Checked {
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

impl ExtendedOrderRecord {
    /// The record with `base` as it is (but for its kind) and every other field zero.
    #[must_use]
    pub const fn new(kind: CommandKind, mut base: OrderRecord) -> Self {
        base.kind = kind as u8;
        Self {
            base,
            stop: 0,
            display_lots: 0,
            expire_time_ns: 0,
            client_order_id: Text::EMPTY,
            trigger: 0,
            stop_unit: 0,
            reserved: [0; 2],
        }
    }

    /// Checks the shape of a new order of any type.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    pub fn check_new(&self) -> Checked {
        use RejectReason as R;
        self.base.check_order()?;
        self.check_stop()?;
        self.check_display()?;
        let is_gtd = self.base.time_in_force == TimeInForce::Gtd as u8;
        require(is_gtd == (self.expire_time_ns != 0), R::InvalidExpiry)?;
        self.check_tail()
    }

    fn check_stop(&self) -> Checked {
        use RejectReason as R;
        let waits = self.base.order_type >= OrderType::Stop as u8;
        let unit = StopUnit::try_from(self.stop_unit).map_err(|_| R::InvalidStopUnit)?;
        if !waits {
            require(self.stop == 0, R::InvalidStop)?;
            require(self.trigger == 0, R::InvalidTrigger)?;
            return require(self.stop_unit == 0, R::InvalidStopUnit);
        }
        Trigger::try_from(self.trigger).map_err(|_| R::InvalidTrigger)?;
        require(self.stop > 0, R::InvalidStop)?;
        require(
            unit != StopUnit::TrailPpm || self.stop < 1_000_000,
            R::InvalidStop,
        )
    }

    fn check_display(&self) -> Checked {
        if self.display_lots == 0 {
            return Ok(());
        }
        let priced = matches!(self.base.order_type, 1 | 4);
        let shown = priced && !self.base.is_immediate();
        let within = self.display_lots <= self.base.quantity_lots;
        require(shown && within, RejectReason::InvalidDisplay)
    }

    fn check_tail(&self) -> Checked {
        require(
            self.client_order_id.is_valid(),
            RejectReason::InvalidClientOrderId,
        )?;
        require(self.reserved == [0; 2], RejectReason::InvalidReserved)
    }

    /// Checks the shape of a cancel by order id or client order id.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    pub fn check_cancel(&self) -> Checked {
        use RejectReason as R;
        self.check_name()?;
        self.base.check_named()?;
        require(self.base.price_ticks == 0, R::InvalidPrice)?;
        require(self.base.quantity_lots == 0, R::InvalidQuantity)?;
        require(self.stop == 0, R::InvalidStop)?;
        self.check_unused()
    }

    /// Checks the shape of a replace by order id or client order id.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    pub fn check_replace(&self) -> Checked {
        self.check_name()?;
        self.base.check_replace_but_id()?;
        require(self.stop >= 0, RejectReason::InvalidStop)?;
        self.check_unused()
    }

    /// Exactly one of order id and client order id names the order.
    fn check_name(&self) -> Checked {
        let by_client_id = !self.client_order_id.is_empty();
        require(
            (self.base.order_id != 0) != by_client_id,
            RejectReason::InvalidOrderId,
        )
    }

    fn check_unused(&self) -> Checked {
        use RejectReason as R;
        require(self.display_lots == 0, R::InvalidDisplay)?;
        require(self.expire_time_ns == 0, R::InvalidExpiry)?;
        require(self.trigger == 0, R::InvalidTrigger)?;
        require(self.stop_unit == 0, R::InvalidStopUnit)?;
        self.check_tail()
    }
}

impl AmountOrderRecord {
    /// The record with `base` as it is (but for its kind) and this amount.
    #[must_use]
    pub const fn new(mut base: OrderRecord, amount: u128) -> Self {
        base.kind = CommandKind::NewAmount as u8;
        Self {
            base,
            amount: [amount as u64, (amount >> 64) as u64],
            reserved: 0,
            client_order_id: Text::EMPTY,
            reserved_tail: [0; 4],
        }
    }

    /// The amount in the quote asset's smallest units.
    #[must_use]
    pub const fn amount(&self) -> u128 {
        self.amount[0] as u128 | (self.amount[1] as u128) << 64
    }

    /// Checks the shape.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    pub fn check(&self) -> Checked {
        use RejectReason as R;
        self.base.check_order_but_quantity()?;
        require(self.base.quantity_lots == 0, R::InvalidQuantity)?;
        require(
            self.base.order_type == OrderType::Market as u8,
            R::InvalidOrderType,
        )?;
        require(
            self.base.time_in_force == TimeInForce::Ioc as u8,
            R::InvalidTimeInForce,
        )?;
        require(
            matches!(self.amount(), 1..=crate::money::MONEY_MAX),
            R::InvalidAmount,
        )?;
        require(self.client_order_id.is_valid(), R::InvalidClientOrderId)?;
        let reserved = self.reserved == 0 && self.reserved_tail == [0; 4];
        require(reserved, R::InvalidReserved)
    }
}

impl MassCancelRecord {
    /// A mass cancel of what matches; zero and `None` match all.
    #[must_use]
    pub fn new(account: u32, instrument: u32, side: Option<Side>) -> Self {
        Self {
            kind: CommandKind::MassCancel as u8,
            version: VERSION,
            flags: 0,
            instrument,
            time_ns: 0,
            request_id: [0; 2],
            account,
            side: side.map_or(0, |side| side as u8),
            reserved: [0; 27],
        }
    }

    /// Checks the shape.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    pub fn check(&self) -> Checked {
        use RejectReason as R;
        require(self.version == VERSION, R::UnsupportedVersion)?;
        require(self.flags == 0, R::InvalidFlags)?;
        require(self.side <= Side::Sell as u8, R::InvalidSide)?;
        require(self.reserved == [0; 27], R::InvalidReserved)
    }
}

impl AdminRecord {
    /// A record of this kind for an instrument, every other field zero.
    #[must_use]
    pub const fn new(kind: CommandKind, instrument: u32) -> Self {
        Self {
            kind: kind as u8,
            version: VERSION,
            flags: 0,
            instrument,
            time_ns: 0,
            request_id: [0; 2],
            account: 0,
            state: 0,
            reserved: [0; 3],
            price_ticks: 0,
            list_id: 0,
            reserved_tail: [0; 8],
        }
    }

    /// Checks the shape for the record's own kind.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    pub fn check(&self) -> Checked {
        use CommandKind as K;
        use RejectReason as R;
        let kind = CommandKind::from_byte(self.kind).ok_or(R::Malformed)?;
        require(self.version == VERSION, R::UnsupportedVersion)?;
        require(self.flags == 0, R::InvalidFlags)?;
        let wants_instrument = !matches!(kind, K::AdvanceTime | K::CancelList);
        let has_instrument = self.instrument != 0;
        let optional = kind == K::CancelList;
        require(
            optional || wants_instrument == has_instrument,
            R::InvalidInstrument,
        )?;
        require(
            (kind == K::CancelList) == (self.list_id != 0),
            R::InvalidOrderId,
        )?;
        require(
            kind != K::CancelList || self.account != 0,
            R::InvalidAccount,
        )?;
        let is_state = TradingState::try_from(self.state).is_ok();
        require(is_state == (kind == K::SetState), R::InvalidState)?;
        require(is_state || self.state == 0, R::InvalidState)?;
        let priced = kind == K::SetReference && self.price_ticks >= 0;
        require(priced || self.price_ticks == 0, R::InvalidPrice)?;
        let reserved = self.reserved == [0; 3] && self.reserved_tail == [0; 8];
        require(reserved, R::InvalidReserved)
    }
}

impl ListRecord {
    /// Checks the shape of the list itself; its legs are checked each by its own rules.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    pub fn check(&self) -> Checked {
        use RejectReason as R;
        require(self.version == VERSION, R::UnsupportedVersion)?;
        require(self.flags == 0, R::InvalidFlags)?;
        require(self.instrument != 0, R::InvalidInstrument)?;
        require(self.account != 0, R::InvalidAccount)?;
        let legs = match ListType::try_from(self.list_type) {
            Ok(ListType::Oco | ListType::Oto) => 2,
            Ok(ListType::Otoco) => 3,
            Err(_) => return Err(R::InvalidList),
        };
        require(self.legs == legs, R::InvalidList)?;
        require(self.client_list_id.is_valid(), R::InvalidClientOrderId)?;
        let reserved = self.reserved == [0; 2] && self.reserved_tail == [0; 52];
        require(reserved, R::InvalidReserved)
    }
}
