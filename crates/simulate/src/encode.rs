//! Flows as command records.

use outcry_protocol::{
    AdminRecord, CommandKind, InstrumentLimitsRecord, InstrumentRecord, LogHeader, OrderRecord,
    RecordBuffer, Text, VERSION,
};

use crate::flow::{Action, Step};

/// The number of the one instrument of a flow of [`Step`]s.
pub const INSTRUMENT: u32 = 1;
/// The time that a flow's clock starts from: 2026-01-01 00:00 UTC.
pub const START_TIME_NS: u64 = 1_767_225_600_000_000_000;

const SHARD: u32 = 0;
const PRICE_MAX_TICKS: i64 = 1 << 40;
const QUANTITY_MAX_LOTS: u64 = 1 << 40;
const NOTIONAL_MAX: u64 = u64::MAX;
const WHOLE_BAND_PPM: u32 = 1_000_000;
const ORDERS_MAX: u32 = u32::MAX;

/// Commands in two parts: what makes the instrument and its first book, and the flow upon it.
#[derive(Clone, Debug)]
pub struct Commands {
    /// The instrument, its reference price, and the orders that stand before the flow.
    pub setup: RecordBuffer,
    /// The flow.
    pub flow: RecordBuffer,
}

impl Commands {
    /// Both parts as a command log file: its header, then the records.
    #[must_use]
    pub fn to_log(&self) -> Vec<u8> {
        let header = LogHeader::new(SHARD);
        let parts = [
            header.as_record_bytes(),
            self.setup.as_bytes(),
            self.flow.as_bytes(),
        ];
        parts.concat()
    }
}

/// The instrument with every filter of the instrument's own set, and none so close that it binds,
/// and `reference_ticks` as its reference price, by which the price band is a whole one.
///
/// The filters of one account's orders are not set: a flow's orders are each of another account.
#[must_use]
pub fn setup(reference_ticks: i64) -> RecordBuffer {
    let mut reference = AdminRecord::new(CommandKind::SetReference, INSTRUMENT);
    reference.time_ns = START_TIME_NS;
    reference.price_ticks = reference_ticks;
    let mut records = RecordBuffer::with_capacity(256);
    records.extend(instrument(INSTRUMENT, "SIM").as_record_bytes());
    records.extend(limits(INSTRUMENT).as_record_bytes());
    records.extend(reference.as_record_bytes());
    records
}

/// An instrument whose filters of price and quantity are wide.
pub(crate) fn instrument(number: u32, symbol: &str) -> InstrumentRecord {
    InstrumentRecord {
        kind: CommandKind::AddInstrument as u8,
        version: VERSION,
        flags: 0,
        instrument: number,
        time_ns: START_TIME_NS,
        request_id: [0; 2],
        base_asset: 1,
        quote_asset: 2,
        symbol: Text::new(symbol).expect("a short symbol"),
        tick_mantissa: 5,
        lot_mantissa: 1,
        tick_decimals: 3,
        lot_decimals: 0,
        base_decimals: 0,
        quote_decimals: 3,
        iceberg_parts_max: 100,
        price_min_ticks: 1,
        price_max_ticks: PRICE_MAX_TICKS,
        quantity_min_lots: 1,
        quantity_max_lots: QUANTITY_MAX_LOTS,
        reserved: [0; 8],
    }
}

/// Limits of every kind but those of one account, all of them wide.
pub(crate) fn limits(number: u32) -> InstrumentLimitsRecord {
    InstrumentLimitsRecord {
        notional_min: [1, 0],
        notional_max: [NOTIONAL_MAX, 0],
        band_ppm: WHOLE_BAND_PPM,
        market_band_ppm: WHOLE_BAND_PPM,
        orders_max: ORDERS_MAX,
        stops_max: ORDERS_MAX,
        ..InstrumentLimitsRecord::unbounded(number)
    }
}

/// The records of `steps`, behind one another.
#[must_use]
pub fn encode(steps: &[Step]) -> RecordBuffer {
    let mut records = RecordBuffer::with_capacity(size_of_val(steps) * 2);
    for step in steps {
        records.extend(record(step).as_record_bytes());
    }
    records
}

/// The command of one step. Self-trade prevention cancels the taker.
#[must_use]
pub fn record(step: &Step) -> OrderRecord {
    let mut record = match step.action {
        Action::New {
            account,
            side,
            price_ticks,
            quantity_lots,
            time_in_force,
            ..
        } => {
            let mut new = OrderRecord::limit(INSTRUMENT, account, side, price_ticks, quantity_lots);
            new.time_in_force = time_in_force as u8;
            new
        }
        Action::Cancel { order, account } => OrderRecord::cancel(INSTRUMENT, account, order),
        Action::Replace {
            order,
            account,
            price_ticks,
            quantity_lots,
        } => OrderRecord::replace(INSTRUMENT, account, order, price_ticks, quantity_lots),
    };
    record.time_ns = START_TIME_NS + step.time_ns;
    record
}
