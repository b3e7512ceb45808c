//! Orders as the history keeps them.

use outcry_protocol::{
    AmountOrderRecord, ExtendedOrderRecord, OrderRecord, OrderType, Text, flags,
};

/// Orders of one generation have one key per client's name.
const GENERATION_BITS: u32 = 16;

/// The bits of an order id that count within a shard.
const COUNT_BITS: u32 = 44;

/// The generation of an order: neighbours by id have the same.
#[must_use]
pub const fn generation(order_id: u64) -> u64 {
    (order_id & ((1 << COUNT_BITS) - 1)) >> GENERATION_BITS
}

/// The key by which the orders of a generation are found by their client's name: the generation
/// above 32 bits of a hash (FNV-1a). Keys of neighbours stand beside each other, so an index of
/// them grows at its end whatever the names are.
#[must_use]
pub fn client_key(generation: u64, account: u32, instrument: u32, name: &Text<36>) -> u64 {
    const START: u64 = 0xCBF2_9CE4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01B3;
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
    let numbers = [account.to_le_bytes(), instrument.to_le_bytes()];
    let hash = numbers.as_flattened().iter().fold(START, fold);
    let hash = name.as_str().as_bytes().iter().fold(hash, fold);
    generation << 32 | (hash >> 32 ^ hash) & 0xFFFF_FFFF
}

/// Where an order is.
#[repr(u8)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrderState {
    /// It can trade.
    Open = 1,
    /// A stop that is not met.
    Waiting = 2,
    /// A leg that is not live yet.
    Pending = 3,
    /// Its last lot traded, or its amount is spent.
    Filled = 4,
    /// It was cancelled.
    Cancelled = 5,
    /// Its time came.
    Expired = 6,
}

impl OrderState {
    /// Whether the order can still trade.
    #[must_use]
    pub const fn is_open(self) -> bool {
        (self as u8) <= Self::Pending as u8
    }

    /// The state with this number.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Open,
            2 => Self::Waiting,
            3 => Self::Pending,
            4 => Self::Filled,
            5 => Self::Cancelled,
            6 => Self::Expired,
            _ => return None,
        })
    }
}

/// An order behind the last command that was folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub order_id: u64,
    /// The number of the steps that its ticks and lots are meant in.
    pub steps: u32,
    /// Its instrument.
    pub instrument: u32,
    /// Whose it is.
    pub account: u32,
    /// As in its record.
    pub side: u8,
    /// As in its record.
    pub order_type: u8,
    /// As in its record.
    pub time_in_force: u8,
    /// As in its record.
    pub self_trade: u8,
    /// Whether it must not take.
    pub post_only: bool,
    /// Where it is.
    pub state: OrderState,
    /// Why it was cancelled, or the reason by which it was refused as a pending leg; else 0.
    pub cancel_code: u16,
    /// Its limit in ticks, or a market order's worst price; 0 for none.
    pub price_ticks: i64,
    /// Its total quantity; 0 of an order by amount.
    pub quantity_lots: u64,
    /// The amount of an order by amount, in the quote asset's smallest units.
    pub amount: u128,
    /// What traded.
    pub filled_lots: u64,
    /// What was lost to its own group.
    pub prevented_lots: u64,
    /// What its trades came to, in ticks times lots.
    pub value: u128,
    /// The stop in ticks, or the trailing distance by `stop_unit`; 0 for none.
    pub stop: i64,
    /// As in its record.
    pub stop_unit: u8,
    /// As in its record, 0 for none.
    pub trigger: u8,
    /// What an iceberg shows, 0 for all.
    pub display_lots: u64,
    /// Engine time of its entry, ns.
    pub entered_ns: u64,
    /// Engine time of its last change, ns.
    pub changed_ns: u64,
    /// Engine time since which it can trade, ns; 0 before.
    pub working_ns: u64,
    /// When it expires, ns; 0 if never.
    pub expire_ns: u64,
    /// The command that entered it.
    pub entered_sequence: u64,
    /// The command that changed it last.
    pub changed_sequence: u64,
    /// The rate that it was stamped with, parts per million.
    pub maker_rate_ppm: i32,
    /// The same as a taker.
    pub taker_rate_ppm: i32,
    /// The list that it is a leg of, 0 for none.
    pub list_id: u64,
    /// Which leg, from 0.
    pub leg: u8,
    /// The client's name for it.
    pub client_order_id: Text<36>,
}

/// What an order of this type is once it is live.
const fn state_of(order_type: u8) -> OrderState {
    if order_type >= OrderType::Stop as u8 {
        OrderState::Waiting
    } else {
        OrderState::Open
    }
}

impl Order {
    /// A plain order as its record says it; identity, times and stamps are the caller's to give.
    pub(crate) fn plain(record: &OrderRecord) -> Self {
        Self {
            order_id: 0,
            steps: 0,
            instrument: record.instrument,
            account: record.account,
            side: record.side,
            order_type: record.order_type,
            time_in_force: record.time_in_force,
            self_trade: record.self_trade,
            post_only: record.flags & flags::POST_ONLY != 0,
            state: state_of(record.order_type),
            cancel_code: 0,
            price_ticks: record.price_ticks,
            quantity_lots: record.quantity_lots,
            amount: 0,
            filled_lots: 0,
            prevented_lots: 0,
            value: 0,
            stop: 0,
            stop_unit: 0,
            trigger: 0,
            display_lots: 0,
            entered_ns: 0,
            changed_ns: 0,
            working_ns: 0,
            expire_ns: 0,
            entered_sequence: 0,
            changed_sequence: 0,
            maker_rate_ppm: 0,
            taker_rate_ppm: 0,
            list_id: 0,
            leg: 0,
            client_order_id: Text::EMPTY,
        }
    }

    /// What an order of its type is once it is live.
    pub(crate) const fn state_of_type(&self) -> OrderState {
        state_of(self.order_type)
    }

    pub(crate) fn extended(record: &ExtendedOrderRecord) -> Self {
        Self {
            stop: record.stop,
            stop_unit: record.stop_unit,
            trigger: record.trigger,
            display_lots: record.display_lots,
            expire_ns: record.expire_time_ns,
            client_order_id: record.client_order_id,
            ..Self::plain(&record.base)
        }
    }

    pub(crate) fn by_amount(record: &AmountOrderRecord) -> Self {
        Self {
            amount: record.amount(),
            client_order_id: record.client_order_id,
            ..Self::plain(&record.base)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_of_one_generation_whatever_their_shard() {
        assert_eq!(generation(1), 0);
        assert_eq!(generation((1 << 16) + 5), 1);
        assert_eq!(generation((3 << 44) + (1 << 16)), 1);
    }

    #[test]
    fn a_key_is_of_its_generation_account_instrument_and_name() {
        let name = |text| Text::new(text).unwrap();
        let key = client_key(7, 1, 2, &name("a"));
        assert_eq!(key >> 32, 7);
        let others = [
            client_key(7, 2, 1, &name("a")),
            client_key(7, 1, 2, &name("b")),
            client_key(7, 1, 2, &name("aa")),
        ];
        assert!(!others.contains(&key));
    }
}
