//! An instrument for examples and tests.

use outcry_protocol::{CommandKind, InstrumentRecord, Text, VERSION};

/// An instrument with a tick and a lot of one unit of money and wide bounds, for examples, tests
/// and benchmarks.
///
/// # Panics
/// Never: the symbol fits.
#[must_use]
pub fn example_instrument(instrument: u32) -> InstrumentRecord {
    InstrumentRecord {
        kind: CommandKind::AddInstrument as u8,
        version: VERSION,
        flags: 0,
        instrument,
        time_ns: 0,
        request_id: [0; 2],
        base_asset: 1,
        quote_asset: 2,
        symbol: Text::new(&format!("EXAMPLE{instrument}")).expect("17 characters at most"),
        tick_mantissa: 1,
        lot_mantissa: 1,
        tick_decimals: 2,
        lot_decimals: 0,
        base_decimals: 0,
        quote_decimals: 2,
        iceberg_parts_max: 0,
        price_min_ticks: 1,
        price_max_ticks: 1 << 40,
        quantity_min_lots: 1,
        quantity_max_lots: 1 << 40,
        reserved: [0; 8],
    }
}
