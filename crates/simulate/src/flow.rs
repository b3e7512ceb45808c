//! What a flow is made of: intents to enter, cancel and replace orders of one instrument.

use outcry_protocol::{Side, TimeInForce};

/// One intent. `order` is the number, from 1, of the new order among the new orders of the flow.
/// Each new order of a flow is accepted, so on a fresh engine that number is also its order id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Enter a limit order.
    New {
        /// The order's number.
        order: u64,
        /// The account that enters it.
        account: u32,
        /// Its side.
        side: Side,
        /// Its limit price, in ticks.
        price_ticks: i64,
        /// Its quantity, in lots.
        quantity_lots: u64,
        /// How long it stays: GTC, IOC or FOK.
        time_in_force: TimeInForce,
    },
    /// Cancel an order, which may be closed already.
    Cancel {
        /// The order's number.
        order: u64,
        /// The account of the order.
        account: u32,
    },
    /// Give an order, which may be closed already, a price and a total quantity.
    Replace {
        /// The order's number.
        order: u64,
        /// The account of the order.
        account: u32,
        /// Its new limit price, in ticks.
        price_ticks: i64,
        /// Its new total quantity in lots, of which what is filled already is a part.
        quantity_lots: u64,
    },
}

/// An intent and the time it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// Nanoseconds since the start of the flow, never falling.
    pub time_ns: u64,
    /// What arrives.
    pub action: Action,
}

/// The account of an order in a flow where every order is of an account of its own, so that
/// self-trade prevention is checked at each match and never applies.
///
/// # Panics
/// When `order` is above the greatest 32-bit number.
#[must_use]
pub fn own_account(order: u64) -> u32 {
    u32::try_from(order).expect("a flow has fewer than 2^32 new orders")
}
