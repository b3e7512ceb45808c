//! An open order: 64 bytes for what every order has, and a second record for what few have.

use super::slab::{NONE, Pooled};
use outcry_protocol::{OrderType, SelfTrade, Side, StopUnit, Text, TimeInForce, Trigger};

/// Where an open order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the book.
    Resting,
    /// A stop that has not been met.
    Waiting,
    /// A stop that was met and waits for its turn, or a pending order that was set free and does.
    Queued,
    /// An order of a list that has not entered.
    Pending,
}

const SELF_TRADE: u8 = 0b0000_0111;
const POST_ONLY: u8 = 0b0000_1000;
const WAITING: u8 = 0b0001_0000;
const QUEUED: u8 = 0b0010_0000;
/// The bits of the place: both are set for a pending order.
const PENDING: u8 = WAITING | QUEUED;
const ICEBERG: u8 = 0b0100_0000;
const EXPIRES: u8 = 0b1000_0000;

/// An open order, one cache line.
#[expect(
    clippy::struct_field_names,
    reason = "`order_type` is the field's own name"
)]
#[repr(C, align(64))]
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// 0 while the place is free.
    pub(crate) id: u64,
    /// The sequence of the command that gave it its priority.
    pub(crate) arrival: u64,
    pub(crate) open_lots: u64,
    /// Filled and prevented lots.
    pub(crate) done_lots: u64,
    /// The order behind it at its level.
    pub(crate) next: u32,
    /// The order before it at its level.
    pub(crate) previous: u32,
    /// Its level, [`NONE`] when it does not rest.
    pub(crate) level: u32,
    pub(crate) account: u32,
    pub(crate) group: u32,
    pub(crate) instrument: u32,
    /// Its [`Extra`], or [`NONE`].
    pub(crate) extra: u32,
    pub(crate) side: Side,
    pub(crate) order_type: OrderType,
    pub(crate) time_in_force: TimeInForce,
    pub(crate) traits: u8,
}

const _: () = assert!(size_of::<Order>() == 64);

/// What stops, icebergs, GTD orders, orders with a client id and legs of lists have beside: two
/// cache lines.
#[repr(align(64))]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extra {
    /// The limit of an order that waits or is queued; 0 for a stop without limit.
    pub(crate) price_ticks: i64,
    pub(crate) display_lots: u64,
    pub(crate) hidden_lots: u64,
    /// The stop price as it stands; 0 for none.
    pub(crate) stop_ticks: i64,
    /// The trailing distance; 0 for none.
    pub(crate) distance: i64,
    /// The best trade since entry of a trailing stop.
    pub(crate) best_ticks: i64,
    pub(crate) trigger: Option<Trigger>,
    pub(crate) stop_unit: StopUnit,
    /// The worst price a stop without limit may trade at, as on entry.
    pub(crate) worst: WorstPrice,
    pub(crate) expire_time_ns: u64,
    /// The list that it came with, 0 for none; the list may be over.
    pub(crate) list_id: u64,
    pub(crate) client_order_id: Text<36>,
}

const _: () = assert!(size_of::<Extra>() == 128);

/// The band and clamp that give a market order its worst price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct WorstPrice {
    pub(crate) lower_ticks: i64,
    pub(crate) upper_ticks: i64,
    pub(crate) band_ppm: u32,
}

impl Order {
    /// The `traits` of a resting order without display or expiry.
    #[inline(always)]
    pub(crate) const fn plain_traits(self_trade: u8, post_only: bool) -> u8 {
        self_trade | if post_only { POST_ONLY } else { 0 }
    }

    #[inline]
    pub(crate) const fn total_lots(&self) -> u64 {
        self.open_lots + self.done_lots
    }

    #[inline(always)]
    pub(crate) fn self_trade(&self) -> SelfTrade {
        SelfTrade::try_from(self.traits & SELF_TRADE).unwrap_or(SelfTrade::None)
    }

    #[inline]
    pub(crate) const fn is_post_only(&self) -> bool {
        self.traits & POST_ONLY != 0
    }

    #[inline(always)]
    pub(crate) const fn is_iceberg(&self) -> bool {
        self.traits & ICEBERG != 0
    }

    #[inline(always)]
    pub(crate) const fn expires(&self) -> bool {
        self.traits & EXPIRES != 0
    }

    /// Whether it waits, or will wait, for a stop.
    pub(crate) const fn is_stop(&self) -> bool {
        matches!(self.order_type, OrderType::Stop | OrderType::StopLimit)
    }

    #[inline]
    pub(crate) const fn mark_iceberg(&mut self) {
        self.traits |= ICEBERG;
    }

    #[inline]
    pub(crate) const fn mark_expires(&mut self) {
        self.traits |= EXPIRES;
    }

    #[inline]
    pub(crate) const fn place(&self) -> Place {
        match self.traits & PENDING {
            WAITING => Place::Waiting,
            QUEUED => Place::Queued,
            PENDING => Place::Pending,
            _ => Place::Resting,
        }
    }

    pub(crate) const fn set_place(&mut self, place: Place) {
        self.traits &= !PENDING;
        self.traits |= match place {
            Place::Resting => 0,
            Place::Waiting => WAITING,
            Place::Queued => QUEUED,
            Place::Pending => PENDING,
        };
    }

    /// Whether nothing of it may rest.
    #[inline(always)]
    pub(crate) const fn is_immediate(&self) -> bool {
        matches!(self.time_in_force, TimeInForce::Ioc | TimeInForce::Fok)
    }
}

impl Pooled for Order {
    const BLANK: Self = Self {
        id: 0,
        arrival: 0,
        open_lots: 0,
        done_lots: 0,
        next: NONE,
        previous: NONE,
        level: NONE,
        account: 0,
        group: 0,
        instrument: 0,
        extra: NONE,
        side: Side::Buy,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        traits: 0,
    };

    #[inline]
    fn set_next_free(&mut self, next: u32) {
        self.next = next;
    }

    #[inline]
    fn next_free(&self) -> u32 {
        self.next
    }
}

impl Extra {
    pub(crate) const fn is_trailing(&self) -> bool {
        self.distance != 0
    }

    /// Bounds a trailing stop that buys without limit by its worst price on entry: what it
    /// holds while it waits covers whatever its stop becomes.
    pub(crate) fn cap_trailing_buy(&mut self, side: Side) {
        if self.is_trailing() && side == Side::Buy {
            self.worst.upper_ticks = self.worst.around(side, self.stop_ticks);
        }
    }

    /// The most that a stop may trade at: its limit, or its worst price around its stop.
    pub(crate) fn worst_price(&self, side: Side) -> i64 {
        match self.price_ticks {
            0 => self.worst.around(side, self.stop_ticks),
            limit => limit,
        }
    }

    /// What stays of a stop when it enters the book as a limit order.
    pub(crate) fn forget_stop(&mut self) {
        self.price_ticks = 0;
        self.stop_ticks = 0;
        self.distance = 0;
        self.best_ticks = 0;
        self.trigger = None;
        self.stop_unit = StopUnit::Price;
        self.worst = WorstPrice::default();
    }
}

impl Pooled for Extra {
    const BLANK: Self = Self {
        price_ticks: 0,
        display_lots: 0,
        hidden_lots: 0,
        stop_ticks: 0,
        distance: 0,
        best_ticks: 0,
        trigger: None,
        stop_unit: StopUnit::Price,
        worst: WorstPrice {
            lower_ticks: 0,
            upper_ticks: 0,
            band_ppm: 0,
        },
        expire_time_ns: 0,
        list_id: 0,
        client_order_id: Text::EMPTY,
    };

    fn set_next_free(&mut self, next: u32) {
        self.display_lots = next.into();
    }

    fn next_free(&self) -> u32 {
        self.display_lots as u32
    }
}
