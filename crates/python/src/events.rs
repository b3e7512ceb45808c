//! Events put together from their records, in bulk.

use outcry_protocol::{
    CommandKind, Event, EventContext, EventKind, EventRecord, FieldType, PlacedEvent, RejectReason,
    record_size,
};
use pyo3::prelude::*;
use zerocopy::FromBytes;

use crate::bytes::{AlignedBytes, Records, row};
use crate::errors::{malformed_record, no_event};
use crate::views::words_of;

const BYTE: FieldType = FieldType::Scalar("u1");
const FLAG: FieldType = FieldType::Scalar("?");
const WORD: FieldType = FieldType::Scalar("<u8");
const EVENT_SIZE: usize = size_of::<EventRecord>();

row! {
    /// An event with everything that follows from the records before it. Fields that an event of
    /// its kind does not have are zero.
    PlacedRow {
        /// The event's kind.
        kind: u8 = BYTE,
        /// The taker's side.
        aggressor: u8 = BYTE,
        /// The new state of an instrument or list.
        state: u8 = BYTE,
        /// Whether the command is to be repeated.
        more: bool = FLAG,
        /// Whether a replaced order kept its place.
        kept_priority: bool = FLAG,
        /// Whether the maker's last lot traded.
        maker_filled: bool = FLAG,
        /// Whether the taker's last lot traded.
        taker_filled: bool = FLAG,
        /// Zero.
        reserved: [u8; 1] = FieldType::Bytes(1),
        /// The instrument's number, or 0.
        instrument: u32 = FieldType::Scalar("<u4"),
        /// The event's place among those of its command, from 0.
        place: u32 = FieldType::Scalar("<u4"),
        /// The account of a balance.
        account: u32 = FieldType::Scalar("<u4"),
        /// The asset of a balance.
        asset: u32 = FieldType::Scalar("<u4"),
        /// The reason of a reject, of a duplicate's first answer, or of a cancel.
        reason: u16 = FieldType::Scalar("<u2"),
        /// What refused a pending order that is cancelled for it: a reject's reason.
        refusal: u16 = FieldType::Scalar("<u2"),
        /// Zeros.
        reserved_middle: [u8; 4] = FieldType::Bytes(4),
        /// The command's sequence.
        sequence: u64 = WORD,
        /// The order or list; of a trade or prevention the maker.
        order_id: u64 = WORD,
        /// The taker of a trade or prevention.
        taker_order_id: u64 = WORD,
        /// The trade's number on its instrument.
        trade_id: u64 = WORD,
        /// The price of a trade, trigger or indication.
        price_ticks: i64 = FieldType::Scalar("<i8"),
        /// Lots traded, prevented, cancelled, expired, shown, indicated or entered with.
        quantity_lots: u64 = WORD,
        /// The limit that a rejected command broke.
        bound: u64 = WORD,
        /// The sequence of a duplicate's first answer.
        first_sequence: u64 = WORD,
        /// The low word of what an account has free of an asset, in smallest units.
        available_low: u64 = WORD,
        /// Its high word.
        available_high: i64 = FieldType::Scalar("<i8"),
        /// The low word of what orders and withdrawals hold of it.
        held_low: u64 = WORD,
        /// Its high word.
        held_high: i64 = FieldType::Scalar("<i8"),
    }
}

impl From<PlacedEvent> for PlacedRow {
    fn from(placed: PlacedEvent) -> Self {
        let row = Self {
            sequence: placed.sequence,
            place: placed.place,
            instrument: placed.instrument,
            ..Self::default()
        };
        row.with(placed.event)
    }
}

impl PlacedRow {
    #[expect(clippy::too_many_lines, reason = "one arm for each kind of event")]
    fn with(mut self, event: Event) -> Self {
        match event {
            Event::Accepted { order_id, more } => {
                self.more = more;
                self.about(EventKind::Accepted, order_id, 0)
            }
            Event::Rejected {
                reason,
                order_id,
                bound,
            } => {
                self.reason = reason as u16;
                self.bound = bound;
                self.about(EventKind::Rejected, order_id, 0)
            }
            Event::DuplicateRequest {
                outcome,
                order_id,
                first_sequence,
            } => {
                self.reason = outcome.map_or(0, |reason: RejectReason| reason as u16);
                self.first_sequence = first_sequence;
                self.about(EventKind::DuplicateRequest, order_id, 0)
            }
            Event::Traded {
                trade_id,
                maker_order_id,
                taker_order_id,
                price_ticks,
                quantity_lots,
                aggressor,
                maker_filled,
                taker_filled,
            } => {
                self.trade_id = trade_id;
                self.taker_order_id = taker_order_id;
                self.price_ticks = price_ticks;
                self.aggressor = aggressor as u8;
                self.maker_filled = maker_filled;
                self.taker_filled = taker_filled;
                self.about(EventKind::Traded, maker_order_id, quantity_lots)
            }
            Event::Prevented {
                maker_order_id,
                taker_order_id,
                quantity_lots,
            } => {
                self.taker_order_id = taker_order_id;
                self.about(EventKind::Prevented, maker_order_id, quantity_lots)
            }
            Event::Cancelled {
                order_id,
                quantity_lots,
                reason,
                refusal,
            } => {
                self.reason = reason as u16;
                self.refusal = refusal.map_or(0, |reason: RejectReason| reason as u16);
                self.about(EventKind::Cancelled, order_id, quantity_lots)
            }
            Event::Entered {
                order_id,
                quantity_lots,
            } => self.about(EventKind::Entered, order_id, quantity_lots),
            Event::Replaced {
                order_id,
                kept_priority,
            } => {
                self.kept_priority = kept_priority;
                self.about(EventKind::Replaced, order_id, 0)
            }
            Event::Triggered {
                order_id,
                price_ticks,
            } => {
                self.price_ticks = price_ticks;
                self.about(EventKind::Triggered, order_id, 0)
            }
            Event::SliceShown {
                order_id,
                quantity_lots,
            } => self.about(EventKind::SliceShown, order_id, quantity_lots),
            Event::Expired {
                order_id,
                quantity_lots,
            } => self.about(EventKind::Expired, order_id, quantity_lots),
            Event::ListChanged { list_id, state } => {
                self.state = state as u8;
                self.about(EventKind::ListChanged, list_id, 0)
            }
            Event::StateChanged { state } => {
                self.state = state as u8;
                self.about(EventKind::StateChanged, 0, 0)
            }
            Event::Indicative {
                price_ticks,
                quantity_lots,
            } => {
                self.price_ticks = price_ticks;
                self.about(EventKind::Indicative, 0, quantity_lots)
            }
            Event::BalanceChanged {
                account,
                asset,
                available,
                held,
            } => {
                self.account = account;
                self.asset = asset;
                (self.available_low, self.available_high) = words_of(available);
                (self.held_low, self.held_high) = words_of(held);
                self.about(EventKind::BalanceChanged, 0, 0)
            }
        }
    }

    fn about(mut self, kind: EventKind, order_id: u64, quantity_lots: u64) -> Self {
        self.kind = kind as u8;
        self.order_id = order_id;
        self.quantity_lots = quantity_lots;
        self
    }
}

/// Reads event records from the start of a command and gives each event its sequence, its place,
/// and what the records before it say of it. Records that only name a pass are left out; the two
/// halves of a balance are one row.
#[pyfunction]
#[pyo3(signature = (events, /))]
pub(crate) fn place_events(py: Python<'_>, events: &Bound<'_, PyAny>) -> PyResult<Records> {
    let bytes = AlignedBytes::of(events)?;
    let rows = py
        .detach(|| placed_rows(&bytes))
        .map_err(Unreadable::into_error)?;
    Ok(rows.into())
}

/// The event records in these bytes, which begin with a command's first.
pub(crate) fn events_in(bytes: &[u8]) -> PyResult<&[EventRecord]> {
    let records = records_in(bytes).map_err(Unreadable::into_error)?;
    let mut context = EventContext::default();
    for (index, record) in records.iter().enumerate() {
        let read = context.read(record);
        read.map_err(|error| no_event(index * EVENT_SIZE, &error))?;
    }
    Ok(records)
}

const LENGTH_TEXT: &str = "length: event records have 32 bytes each";

/// What cannot be read.
enum Unreadable {
    /// A record at this offset.
    Event(usize, outcry_protocol::EventError),
    /// A length that is no multiple of a record's.
    Length(usize),
}

impl Unreadable {
    fn into_error(self) -> PyErr {
        match self {
            Self::Event(offset, error) => no_event(offset, &error),
            Self::Length(length) => malformed_record(length - length % EVENT_SIZE, LENGTH_TEXT),
        }
    }
}

fn records_in(bytes: &[u8]) -> Result<&[EventRecord], Unreadable> {
    <[EventRecord]>::ref_from_bytes(bytes).map_err(|_| Unreadable::Length(bytes.len()))
}

fn placed_rows(bytes: &[u8]) -> Result<Vec<PlacedRow>, Unreadable> {
    let records = records_in(bytes)?;
    let mut context = EventContext::default();
    let mut rows = Vec::with_capacity(records.len());
    for (index, record) in records.iter().enumerate() {
        let read = context.read(record);
        let placed = read.map_err(|error| Unreadable::Event(index * EVENT_SIZE, error))?;
        rows.extend(placed.map(PlacedRow::from));
    }
    Ok(rows)
}

/// Whether any of these command records defines an instrument or an asset.
#[pyfunction]
#[pyo3(signature = (records, /))]
pub(crate) fn has_definitions(py: Python<'_>, records: &Bound<'_, PyAny>) -> PyResult<bool> {
    let bytes = AlignedBytes::of(records)?;
    Ok(py.detach(|| defines(&bytes)))
}

fn defines(bytes: &[u8]) -> bool {
    const DEFINING: [u8; 3] = [
        CommandKind::AddAsset as u8,
        CommandKind::AddInstrument as u8,
        CommandKind::UpdateInstrument as u8,
    ];
    let mut rest = bytes;
    // What cannot be read on is not applied either.
    while let Ok(size) = record_size(rest) {
        if DEFINING.contains(&rest[0]) {
            return true;
        }
        rest = &rest[size..];
    }
    false
}
