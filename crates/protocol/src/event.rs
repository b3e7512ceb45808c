//! Events: what a command did, as records of 32 bytes (64 for a balance).
//!
//! Each event but a trade carries its command's sequence; its place is its position among the
//! events of that sequence. A trade carries only the maker, price and quantity: its sequence,
//! taker and trade id follow from the record before its pass that names them (`accepted`,
//! `replaced` or [`EventKind::Pass`]). [`EventContext::read`] puts them together again.

use crate::layout::record;
use crate::{
    CancelReason, EventKind, ListState, RejectReason, Side, TradingState, UnknownValue, VERSION,
};
use thiserror::Error;

/// The bits of a trade's `code`.
pub mod trade_flags {
    /// The aggressor sells.
    pub const AGGRESSOR_SELLS: u16 = 1;
    /// The maker's last lot traded.
    pub const MAKER_FILLED: u16 = 2;
    /// The taker's last lot traded.
    pub const TAKER_FILLED: u16 = 4;
}

/// `accepted`: more orders match than the bound let the command touch.
const MORE: u16 = 1;
/// `replaced`: the order kept its priority.
const KEPT_PRIORITY: u16 = 1;

record! {
    /// One event: 32 bytes.
    EventRecord, 32 {
        /// [`EventKind`].
        kind: u8,
        /// [`VERSION`].
        version: u8,
        /// Reason, state or flags, by kind.
        code: u16,
        /// The instrument's number, or 0.
        instrument: u32,
        /// The command's sequence; of a trade the price in ticks.
        sequence_or_price: u64,
        /// The order (of a trade or prevention the maker) or list, or 0.
        order_id: u64,
        /// Lots, or the next trade id, or the bound that was broken, by kind.
        value: u64,
    }
}

record! {
    /// A balance as it stands after the command: 64 bytes.
    BalanceRecord, 64 {
        /// [`EventKind::BalanceChanged`].
        kind: u8,
        /// [`VERSION`].
        version: u8,
        /// Zero.
        code: u16,
        /// The asset's number.
        asset: u32,
        /// The command's sequence.
        sequence: u64,
        /// The account's number.
        account: u32,
        /// Zeros.
        reserved: [u8; 4],
        /// Free to use, signed 128 bits, low word first.
        available: [u64; 2],
        /// Held by orders and withdrawals, signed 128 bits, low word first.
        held: [u64; 2],
        /// Zeros.
        reserved_tail: [u8; 8],
    }
}

impl EventRecord {
    #[inline(always)]
    const fn make(
        kind: EventKind,
        code: u16,
        instrument: u32,
        sequence_or_price: u64,
        order_id: u64,
        value: u64,
    ) -> Self {
        let version = VERSION;
        let kind = kind as u8;
        Self {
            kind,
            version,
            code,
            instrument,
            sequence_or_price,
            order_id,
            value,
        }
    }

    /// The command was accepted; trades behind it count from `next_trade_id`.
    #[inline(always)]
    #[must_use]
    pub const fn accepted(
        sequence: u64,
        instrument: u32,
        order_id: u64,
        next_trade_id: u64,
        more: bool,
    ) -> Self {
        let code = if more { MORE } else { 0 };
        Self::make(
            EventKind::Accepted,
            code,
            instrument,
            sequence,
            order_id,
            next_trade_id,
        )
    }

    /// The command was refused; `bound` is the limit that it broke, where there is one.
    #[inline]
    #[must_use]
    pub const fn rejected(
        sequence: u64,
        instrument: u32,
        reason: RejectReason,
        order_id: u64,
        bound: u64,
    ) -> Self {
        Self::make(
            EventKind::Rejected,
            reason as u16,
            instrument,
            sequence,
            order_id,
            bound,
        )
    }

    /// The request was seen before: how it ended (0 or a reject's code) and where.
    #[must_use]
    pub const fn duplicate_request(
        sequence: u64,
        instrument: u32,
        outcome: u16,
        order_id: u64,
        first_sequence: u64,
    ) -> Self {
        let kind = EventKind::DuplicateRequest;
        Self::make(
            kind,
            outcome,
            instrument,
            sequence,
            order_id,
            first_sequence,
        )
    }

    /// A trade at the maker's price; `flags` are [`trade_flags`].
    #[inline(always)]
    #[must_use]
    pub const fn traded(
        instrument: u32,
        maker_order_id: u64,
        price_ticks: i64,
        quantity_lots: u64,
        flags: u16,
    ) -> Self {
        let price = price_ticks.cast_unsigned();
        Self::make(
            EventKind::Traded,
            flags,
            instrument,
            price,
            maker_order_id,
            quantity_lots,
        )
    }

    /// Maker and taker both lost `lots` without a trade.
    #[must_use]
    pub const fn prevented(sequence: u64, instrument: u32, maker_order_id: u64, lots: u64) -> Self {
        Self::make(
            EventKind::Prevented,
            0,
            instrument,
            sequence,
            maker_order_id,
            lots,
        )
    }

    /// An order ended with `lots` open.
    #[inline]
    #[must_use]
    pub const fn cancelled(
        sequence: u64,
        instrument: u32,
        order_id: u64,
        lots: u64,
        reason: CancelReason,
    ) -> Self {
        Self::make(
            EventKind::Cancelled,
            reason as u16,
            instrument,
            sequence,
            order_id,
            lots,
        )
    }

    /// An order was replaced; trades behind it count from `next_trade_id`.
    #[inline]
    #[must_use]
    pub const fn replaced(
        sequence: u64,
        instrument: u32,
        order_id: u64,
        next_trade_id: u64,
        kept_priority: bool,
    ) -> Self {
        let code = if kept_priority { KEPT_PRIORITY } else { 0 };
        Self::make(
            EventKind::Replaced,
            code,
            instrument,
            sequence,
            order_id,
            next_trade_id,
        )
    }

    /// A stop was met by a trade at `price_ticks`.
    #[must_use]
    pub const fn triggered(
        sequence: u64,
        instrument: u32,
        order_id: u64,
        price_ticks: i64,
    ) -> Self {
        let price = price_ticks.cast_unsigned();
        Self::make(
            EventKind::Triggered,
            0,
            instrument,
            sequence,
            order_id,
            price,
        )
    }

    /// An iceberg shows `lots` at the back of its level.
    #[must_use]
    pub const fn slice_shown(sequence: u64, instrument: u32, order_id: u64, lots: u64) -> Self {
        Self::make(
            EventKind::SliceShown,
            0,
            instrument,
            sequence,
            order_id,
            lots,
        )
    }

    /// An order's time came with `lots` open.
    #[must_use]
    pub const fn expired(sequence: u64, instrument: u32, order_id: u64, lots: u64) -> Self {
        Self::make(EventKind::Expired, 0, instrument, sequence, order_id, lots)
    }

    /// A list changed its state.
    #[must_use]
    pub const fn list_changed(
        sequence: u64,
        instrument: u32,
        list_id: u64,
        state: ListState,
    ) -> Self {
        let kind = EventKind::ListChanged;
        Self::make(kind, state as u16, instrument, sequence, list_id, 0)
    }

    /// An instrument changed its state.
    #[must_use]
    pub const fn state_changed(sequence: u64, instrument: u32, state: TradingState) -> Self {
        Self::make(
            EventKind::StateChanged,
            state as u16,
            instrument,
            sequence,
            0,
            0,
        )
    }

    /// What the auction would trade: quantity 0 when nothing crosses.
    #[must_use]
    pub const fn indicative(
        sequence: u64,
        instrument: u32,
        price_ticks: i64,
        quantity_lots: u64,
    ) -> Self {
        let price = price_ticks.cast_unsigned();
        Self::make(
            EventKind::Indicative,
            0,
            instrument,
            sequence,
            price,
            quantity_lots,
        )
    }

    /// Names the taker of the trades behind it, which count from `next_trade_id`.
    #[must_use]
    pub const fn pass(
        sequence: u64,
        instrument: u32,
        taker_order_id: u64,
        next_trade_id: u64,
    ) -> Self {
        Self::make(
            EventKind::Pass,
            0,
            instrument,
            sequence,
            taker_order_id,
            next_trade_id,
        )
    }

    /// The record as four words, as the digest folds it.
    #[inline(always)]
    #[must_use]
    pub const fn words(&self) -> [u64; 4] {
        let head = self.kind as u64
            | (self.version as u64) << 8
            | (self.code as u64) << 16
            | (self.instrument as u64) << 32;
        [head, self.sequence_or_price, self.order_id, self.value]
    }
}

impl BalanceRecord {
    /// A balance after a command.
    #[must_use]
    pub const fn new(sequence: u64, account: u32, asset: u32, available: i128, held: i128) -> Self {
        Self {
            kind: EventKind::BalanceChanged as u8,
            version: VERSION,
            code: 0,
            asset,
            sequence,
            account,
            reserved: [0; 4],
            available: words_of(available),
            held: words_of(held),
            reserved_tail: [0; 8],
        }
    }
}

/// The two words of a signed 128-bit number, low first.
const fn words_of(money: i128) -> [u64; 2] {
    let bits = money.cast_unsigned();
    [bits as u64, (bits >> 64) as u64]
}

/// A record that is no event.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EventError {
    /// The kind byte names no event.
    #[error("kind: {0:#04x} is no event of 32 bytes")]
    Kind(u8),
    /// Another version of the encoding.
    #[error("version: {0} is not {VERSION}")]
    Version(u8),
    /// The code names no reason.
    #[error("code: {0} is no reason of this event")]
    Reason(u16),
    /// The code names no state.
    #[error(transparent)]
    State(#[from] UnknownValue),
}

/// An event by meaning, as [`EventContext::read`] finds it among its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The command was accepted.
    Accepted {
        /// The order it made, or 0.
        order_id: u64,
        /// Whether the command is to be repeated.
        more: bool,
    },
    /// The command was refused.
    Rejected {
        /// Why.
        reason: RejectReason,
        /// The order it named, or 0.
        order_id: u64,
        /// The limit it broke, or 0.
        bound: u64,
    },
    /// The request id was seen before.
    DuplicateRequest {
        /// How it ended then: `None` when it was accepted.
        outcome: Option<RejectReason>,
        /// The order that it made or named then, or 0.
        order_id: u64,
        /// The sequence of the first answer.
        first_sequence: u64,
    },
    /// Two orders traded.
    Traded {
        /// The trade's number on this instrument.
        trade_id: u64,
        /// The order that rested.
        maker_order_id: u64,
        /// The order that came.
        taker_order_id: u64,
        /// The price in ticks.
        price_ticks: i64,
        /// The quantity in lots.
        quantity_lots: u64,
        /// The taker's side.
        aggressor: Side,
        /// Whether the maker's last lot traded.
        maker_filled: bool,
        /// Whether the taker's last lot traded.
        taker_filled: bool,
    },
    /// Two orders of one group lost quantity.
    Prevented {
        /// The order that rested.
        maker_order_id: u64,
        /// The order that came.
        taker_order_id: u64,
        /// What each lost, in lots.
        quantity_lots: u64,
    },
    /// An order was cancelled.
    Cancelled {
        /// The order.
        order_id: u64,
        /// What was open, in lots.
        quantity_lots: u64,
        /// Why.
        reason: CancelReason,
    },
    /// An order was replaced.
    Replaced {
        /// The order.
        order_id: u64,
        /// Whether it kept its place.
        kept_priority: bool,
    },
    /// A stop was met.
    Triggered {
        /// The order.
        order_id: u64,
        /// The trade's price that met it.
        price_ticks: i64,
    },
    /// An iceberg shows its next slice.
    SliceShown {
        /// The order.
        order_id: u64,
        /// What it shows, in lots.
        quantity_lots: u64,
    },
    /// An order's time came.
    Expired {
        /// The order.
        order_id: u64,
        /// What was open, in lots.
        quantity_lots: u64,
    },
    /// A list changed its state.
    ListChanged {
        /// The list.
        list_id: u64,
        /// Its new state.
        state: ListState,
    },
    /// An instrument changed its state.
    StateChanged {
        /// The new state.
        state: TradingState,
    },
    /// What the auction would trade.
    Indicative {
        /// The price in ticks.
        price_ticks: i64,
        /// The quantity in lots.
        quantity_lots: u64,
    },
}

/// An event with its command's sequence and its own place in it, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlacedEvent {
    /// The command's sequence.
    pub sequence: u64,
    /// The event's place among those of its command, from 0.
    pub place: u32,
    /// The instrument, or 0.
    pub instrument: u32,
    /// What happened.
    pub event: Event,
}

/// What a reader of records remembers from one to the next.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventContext {
    sequence: u64,
    next_place: u32,
    taker_order_id: u64,
    next_trade_id: u64,
}

impl EventContext {
    /// Reads the next record of a stream that was read from the start of a command. Answers
    /// `None` for a record that only names a pass.
    ///
    /// # Errors
    /// [`EventError`] for a record that is no event; the context is unchanged then.
    pub fn read(&mut self, record: &EventRecord) -> Result<Option<PlacedEvent>, EventError> {
        let kind = EventKind::from_byte(record.kind).ok_or(EventError::Kind(record.kind))?;
        if record.version != VERSION {
            return Err(EventError::Version(record.version));
        }
        let names_pass = matches!(
            kind,
            EventKind::Accepted | EventKind::Replaced | EventKind::Pass
        );
        let mut next = *self;
        if kind != EventKind::Traded && record.sequence_or_price != self.sequence {
            next.sequence = record.sequence_or_price;
            next.next_place = 0;
        }
        if names_pass {
            next.taker_order_id = record.order_id;
            next.next_trade_id = record.value;
        }
        if kind == EventKind::Pass {
            *self = next;
            return Ok(None);
        }
        let event = next.meaning(kind, record)?;
        let place = next.next_place;
        next.next_place += 1;
        next.next_trade_id += u64::from(kind == EventKind::Traded);
        *self = next;
        let sequence = next.sequence;
        Ok(Some(PlacedEvent {
            sequence,
            place,
            instrument: record.instrument,
            event,
        }))
    }

    fn meaning(&self, kind: EventKind, record: &EventRecord) -> Result<Event, EventError> {
        let order_id = record.order_id;
        let quantity_lots = record.value;
        let code = record.code;
        Ok(match kind {
            EventKind::Accepted => Event::Accepted {
                order_id,
                more: code & MORE != 0,
            },
            EventKind::Rejected => Event::Rejected {
                reason: reject_reason(code)?,
                order_id,
                bound: record.value,
            },
            EventKind::DuplicateRequest => Event::DuplicateRequest {
                outcome: if code == 0 {
                    None
                } else {
                    Some(reject_reason(code)?)
                },
                order_id,
                first_sequence: record.value,
            },
            EventKind::Traded => self.trade(record),
            EventKind::Prevented => Event::Prevented {
                maker_order_id: order_id,
                taker_order_id: self.taker_order_id,
                quantity_lots,
            },
            EventKind::Cancelled => {
                let reason = CancelReason::from_code(code).ok_or(EventError::Reason(code))?;
                Event::Cancelled {
                    order_id,
                    quantity_lots,
                    reason,
                }
            }
            EventKind::Replaced => Event::Replaced {
                order_id,
                kept_priority: code & KEPT_PRIORITY != 0,
            },
            EventKind::Triggered => Event::Triggered {
                order_id,
                price_ticks: record.value.cast_signed(),
            },
            EventKind::SliceShown => Event::SliceShown {
                order_id,
                quantity_lots,
            },
            EventKind::Expired => Event::Expired {
                order_id,
                quantity_lots,
            },
            EventKind::ListChanged => {
                let state = ListState::try_from(code as u8)?;
                Event::ListChanged {
                    list_id: order_id,
                    state,
                }
            }
            EventKind::StateChanged => Event::StateChanged {
                state: TradingState::try_from(code as u8)?,
            },
            EventKind::Indicative => Event::Indicative {
                price_ticks: order_id.cast_signed(),
                quantity_lots,
            },
            EventKind::Pass | EventKind::BalanceChanged => {
                return Err(EventError::Kind(record.kind));
            }
        })
    }

    fn trade(&self, record: &EventRecord) -> Event {
        let has = |flag: u16| record.code & flag != 0;
        let sells = has(trade_flags::AGGRESSOR_SELLS);
        Event::Traded {
            trade_id: self.next_trade_id,
            maker_order_id: record.order_id,
            taker_order_id: self.taker_order_id,
            price_ticks: record.sequence_or_price.cast_signed(),
            quantity_lots: record.value,
            aggressor: if sells { Side::Sell } else { Side::Buy },
            maker_filled: has(trade_flags::MAKER_FILLED),
            taker_filled: has(trade_flags::TAKER_FILLED),
        }
    }
}

fn reject_reason(code: u16) -> Result<RejectReason, EventError> {
    RejectReason::from_code(code).ok_or(EventError::Reason(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trade_takes_sequence_taker_and_id_from_the_record_before_it() {
        let mut context = EventContext::default();
        let records = [
            EventRecord::accepted(9, 1, 44, 7, false),
            EventRecord::traded(1, 40, 100, 5, trade_flags::AGGRESSOR_SELLS),
            EventRecord::traded(1, 41, 99, 6, trade_flags::AGGRESSOR_SELLS),
        ];
        let events: Vec<_> = records
            .iter()
            .filter_map(|record| context.read(record).unwrap())
            .collect();
        assert_eq!(events[2].sequence, 9);
        assert_eq!(events[2].place, 2);
        assert_eq!(
            events[2].event,
            Event::Traded {
                trade_id: 8,
                maker_order_id: 41,
                taker_order_id: 44,
                price_ticks: 99,
                quantity_lots: 6,
                aggressor: Side::Sell,
                maker_filled: false,
                taker_filled: false,
            }
        );
    }

    #[test]
    fn a_pass_names_the_taker_and_is_no_event() {
        let mut context = EventContext::default();
        assert_eq!(context.read(&EventRecord::pass(3, 1, 50, 11)), Ok(None));
        let trade = context
            .read(&EventRecord::traded(1, 4, 10, 1, 0))
            .unwrap()
            .unwrap();
        assert_eq!((trade.sequence, trade.place), (3, 0));
        assert!(matches!(
            trade.event,
            Event::Traded {
                trade_id: 11,
                taker_order_id: 50,
                aggressor: Side::Buy,
                ..
            }
        ));
    }

    #[test]
    fn bytes_that_are_no_event_are_named() {
        let mut record = EventRecord::accepted(1, 1, 1, 1, false);
        record.kind = 0x41;
        let error = EventContext::default().read(&record).unwrap_err();
        assert_eq!(error.to_string(), "kind: 0x41 is no event of 32 bytes");
    }
}
