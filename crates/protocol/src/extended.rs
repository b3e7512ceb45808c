//! Order commands that carry more: a stop, a display, an expiry, a client id, an amount.

use crate::check::{Checked, require};
use crate::layout::record;
use crate::money::MONEY_MAX;
use crate::{
    CommandKind, OrderRecord, OrderType, RejectReason, StopUnit, Text, TimeInForce, Trigger,
};

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
        require(matches!(self.amount(), 1..=MONEY_MAX), R::InvalidAmount)?;
        require(self.client_order_id.is_valid(), R::InvalidClientOrderId)?;
        let reserved = self.reserved == 0 && self.reserved_tail == [0; 4];
        require(reserved, R::InvalidReserved)
    }
}
