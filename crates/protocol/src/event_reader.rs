//! From event records to events by meaning.

use crate::event::{KEPT_PRIORITY, MORE};
use crate::{
    CancelReason, EventKind, EventRecord, ListState, RejectReason, Side, TradingState,
    UnknownValue, VERSION, trade_flags,
};
use thiserror::Error;

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
    /// Half a balance without the other half.
    #[error("kind: {0:#04x} is half a balance, its other half is not beside it")]
    HalfBalance(u8),
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
        /// What refused it, for [`CancelReason::Refused`].
        refusal: Option<RejectReason>,
    },
    /// A pending order of a list enters as if it were new.
    Entered {
        /// The order.
        order_id: u64,
        /// The lots that it enters with: a sell may have to do with fewer.
        quantity_lots: u64,
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
    /// A balance stands so after the command.
    BalanceChanged {
        /// The account; 0 for the external one, 2^32 - 1 for the fees.
        account: u32,
        /// The asset's number.
        asset: u32,
        /// Free to use, in the asset's smallest units.
        available: i128,
        /// Held by orders and withdrawals.
        held: i128,
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
    /// The first half of a balance whose second comes next.
    half: Option<Half>,
}

/// The first half of a balance.
#[derive(Debug, Clone, Copy)]
struct Half {
    asset: u32,
    available: i128,
}

impl EventContext {
    /// Reads the next record of a stream that was read from the start of a command. Answers
    /// `None` for a record that only names a pass, and for the first half of a balance.
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
        let ends_balance = kind == EventKind::BalanceHeld;
        if self.half.is_some() != ends_balance {
            return Err(EventError::HalfBalance(record.kind));
        }
        next.half = None;
        let has_sequence = kind != EventKind::Traded && !ends_balance;
        if has_sequence && record.sequence_or_price != self.sequence {
            next.sequence = record.sequence_or_price;
            next.next_place = 0;
        }
        if names_pass {
            next.taker_order_id = record.order_id;
            next.next_trade_id = record.value;
        }
        if kind == EventKind::BalanceChanged {
            next.half = Some(Half {
                asset: record.instrument,
                available: record.money(),
            });
        }
        if matches!(kind, EventKind::Pass | EventKind::BalanceChanged) {
            *self = next;
            return Ok(None);
        }
        let event = match self.half {
            Some(half) => half.joined(record)?,
            None => next.meaning(kind, record)?,
        };
        let place = next.next_place;
        // Records from strangers may number their trades to the end.
        next.next_place = next.next_place.wrapping_add(1);
        let is_trade = u64::from(kind == EventKind::Traded);
        next.next_trade_id = next.next_trade_id.wrapping_add(is_trade);
        *self = next;
        let sequence = next.sequence;
        Ok(Some(PlacedEvent {
            sequence,
            place,
            instrument: if ends_balance { 0 } else { record.instrument },
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
            EventKind::Cancelled => cancelled(record)?,
            EventKind::Entered => Event::Entered {
                order_id,
                quantity_lots,
            },
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
                let state = ListState::try_from(state_byte(code)?)?;
                Event::ListChanged {
                    list_id: order_id,
                    state,
                }
            }
            EventKind::StateChanged => Event::StateChanged {
                state: TradingState::try_from(state_byte(code)?)?,
            },
            EventKind::Indicative => Event::Indicative {
                price_ticks: order_id.cast_signed(),
                quantity_lots,
            },
            EventKind::Pass | EventKind::BalanceChanged | EventKind::BalanceHeld => {
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

impl Half {
    /// The whole balance, from its second half.
    fn joined(self, record: &EventRecord) -> Result<Event, EventError> {
        let mismatch = EventError::HalfBalance(record.kind);
        if record.instrument != self.asset {
            return Err(mismatch);
        }
        Ok(Event::BalanceChanged {
            account: u32::try_from(record.sequence_or_price).map_err(|_| mismatch)?,
            asset: self.asset,
            available: self.available,
            held: record.money(),
        })
    }
}

fn state_byte(code: u16) -> Result<u8, EventError> {
    u8::try_from(code).map_err(|_| EventError::Reason(code))
}

/// The end of an order; the code of a refusal stands where it was refused.
fn cancelled(record: &EventRecord) -> Result<Event, EventError> {
    let (reason, refusal) = match CancelReason::from_code(record.code) {
        Some(reason) => (reason, None),
        None => (CancelReason::Refused, Some(reject_reason(record.code)?)),
    };
    Ok(Event::Cancelled {
        order_id: record.order_id,
        quantity_lots: record.value,
        reason,
        refusal,
    })
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
    fn a_balance_is_two_records() {
        let mut context = EventContext::default();
        let first = EventRecord::balance_changed(5, 2, -(1 << 90));
        assert_eq!(context.read(&first), Ok(None));
        let placed = context.read(&EventRecord::balance_held(7, 2, 1 << 70));
        let placed = placed.unwrap().unwrap();
        assert_eq!((placed.sequence, placed.place), (5, 0));
        let whole = Event::BalanceChanged {
            account: 7,
            asset: 2,
            available: -(1 << 90),
            held: 1 << 70,
        };
        assert_eq!(placed.event, whole);
    }

    #[test]
    fn a_refusal_stands_where_an_order_is_cancelled_for_it() {
        let mut context = EventContext::default();
        let refused = EventRecord::refused(5, 1, 40, 7, RejectReason::WouldTake);
        let cancelled = |reason, refusal| Event::Cancelled {
            order_id: 40,
            quantity_lots: 7,
            reason,
            refusal,
        };
        let expected = cancelled(CancelReason::Refused, Some(RejectReason::WouldTake));
        assert_eq!(context.read(&refused).unwrap().unwrap().event, expected);
        let sibling = EventRecord::cancelled(5, 1, 40, 7, CancelReason::Sibling);
        let expected = cancelled(CancelReason::Sibling, None);
        assert_eq!(context.read(&sibling).unwrap().unwrap().event, expected);
    }

    #[test]
    fn half_a_balance_is_refused() {
        let mut context = EventContext::default();
        let second = EventRecord::balance_held(7, 2, 0);
        assert_eq!(context.read(&second), Err(EventError::HalfBalance(0x30)));
        context
            .read(&EventRecord::balance_changed(5, 2, 1))
            .unwrap();
        let other = EventRecord::accepted(5, 0, 0, 0, false);
        assert_eq!(context.read(&other), Err(EventError::HalfBalance(0x21)));
        let stranger = EventRecord::balance_held(7, 3, 0);
        assert_eq!(context.read(&stranger), Err(EventError::HalfBalance(0x30)));
    }

    #[test]
    fn bytes_that_are_no_event_are_named() {
        let mut record = EventRecord::accepted(1, 1, 1, 1, false);
        record.kind = 0x41;
        let error = EventContext::default().read(&record).unwrap_err();
        assert_eq!(error.to_string(), "kind: 0x41 is no event of 32 bytes");
    }
}
