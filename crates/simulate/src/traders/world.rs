//! What the traders trade: assets, instruments, the accounts and their first funds.

use std::ops::RangeInclusive;

use outcry_protocol::{
    AccountRecord, AssetRecord, CommandKind, FundsRecord, InstrumentLimitsRecord, InstrumentRecord,
    RecordBuffer, Text, VERSION,
};

use crate::encode::START_TIME_NS;

/// The first trader's account; the others follow it.
pub(super) const FIRST_ACCOUNT: u32 = 1_001;
/// Quote on both sides of each instrument, all day.
pub(super) const MAKERS: u32 = 20;
/// Take what is quoted, or leave a limit order.
pub(super) const TAKERS: u32 = 100;
/// Use stops, icebergs, trailing stops and orders that expire.
pub(super) const SPECIALISTS: u32 = 30;
pub(super) const TRADERS: u32 = MAKERS + TAKERS + SPECIALISTS;

/// Assets are numbered from 1.
pub(super) const ASSETS: usize = 5;
const NAMES: [&str; ASSETS] = ["USDT", "BTC", "ETH", "AAPL", "USD"];
const USDT: u32 = 1;
const BTC: u32 = 2;
const ETH: u32 = 3;
const AAPL: u32 = 4;
const USD: u32 = 5;
const DECIMALS: u8 = 8;
/// One of an asset in its smallest units.
const ONE: i128 = 10_i128.pow(DECIMALS as u32);
/// What one bitcoin is worth at the start, in dollars.
const BITCOIN: i128 = 62_000;
/// The source of the first deposits.
const DEPOSITS: u64 = 1;
/// The source of what is paid out of the fees.
pub(super) const PAYOUTS: u64 = 2;

/// An instrument, and how its price behaves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spec {
    pub(super) number: u32,
    pub(super) base: u32,
    pub(super) quote: u32,
    /// What one of the quote asset is worth, in dollars.
    quote_worth: i128,
    symbol: &'static str,
    tick_decimals: u8,
    lot_decimals: u8,
    /// Where the fair price starts.
    pub(super) start_ticks: i64,
    /// Smallest units of the quote asset that one lot at one tick is worth.
    pub(super) value_unit: i128,
    /// Smallest units of the base asset in one lot.
    pub(super) lot_unit: i128,
    /// The share of the fair price by which it moves in a second, one standard deviation.
    pub(super) volatility: f64,
}

pub(super) const MARKETS: usize = 4;
pub(super) const SPECS: [Spec; MARKETS] = [
    spec(1, "BTCUSDT", [BTC, USDT], [2, 5], 6_200_000, 0.000_15),
    spec(2, "ETHUSDT", [ETH, USDT], [2, 4], 310_000, 0.000_20),
    spec(3, "ETHBTC", [ETH, BTC], [5, 3], 5_000, 0.000_12),
    spec(4, "AAPLUSD", [AAPL, USD], [2, 0], 23_000, 0.000_08),
];

const fn spec(
    number: u32,
    symbol: &'static str,
    [base, quote]: [u32; 2],
    [tick_decimals, lot_decimals]: [u8; 2],
    start_ticks: i64,
    volatility: f64,
) -> Spec {
    let unit_decimals = (DECIMALS - lot_decimals) as u32;
    Spec {
        number,
        base,
        quote,
        quote_worth: if quote == BTC { BITCOIN } else { 1 },
        symbol,
        tick_decimals,
        lot_decimals,
        start_ticks,
        value_unit: 10_i128.pow(unit_decimals - tick_decimals as u32),
        lot_unit: 10_i128.pow(unit_decimals),
        volatility,
    }
}

impl Spec {
    /// What lots cost at a price, in the quote asset's smallest units.
    pub(super) const fn value(&self, lots: u64, price_ticks: i64) -> i128 {
        lots as i128 * price_ticks as i128 * self.value_unit
    }

    /// So much of the quote asset in dollars' smallest units, at the prices of the start.
    pub(super) const fn dollars(&self, quote_units: i128) -> i128 {
        quote_units * self.quote_worth
    }

    /// What dollars' smallest units buy of the quote asset, at the prices of the start.
    pub(super) const fn quote_units(&self, dollar_units: i128) -> i128 {
        dollar_units / self.quote_worth
    }

    /// Lots in the base asset's smallest units.
    pub(super) const fn base_units(&self, lots: u64) -> i128 {
        lots as i128 * self.lot_unit
    }
}

/// The numbers of the traders' accounts.
#[must_use]
pub const fn account_numbers() -> RangeInclusive<u32> {
    FIRST_ACCOUNT..=FIRST_ACCOUNT + TRADERS - 1
}

/// Assets, instruments, accounts and deposits, for an exchange that has none of them.
#[must_use]
pub fn setup() -> RecordBuffer {
    let mut records = RecordBuffer::default();
    for (number, name) in (1..).zip(NAMES) {
        let mut asset = AssetRecord::new(number, text(name), DECIMALS);
        asset.time_ns = START_TIME_NS;
        records.extend(asset.as_record_bytes());
    }
    for spec in &SPECS {
        records.extend(instrument(spec).as_record_bytes());
        records.extend(limits(spec).as_record_bytes());
    }
    for account in account_numbers() {
        records.extend(account_record(account).as_record_bytes());
    }
    let mut number = 0;
    for account in account_numbers() {
        for asset in 1..=ASSETS as u32 {
            number += 1;
            let amount = first_funds(account, asset);
            let mut deposit = FundsRecord::deposit([DEPOSITS, number], account, asset, amount);
            deposit.time_ns = START_TIME_NS;
            records.extend(deposit.as_record_bytes());
        }
    }
    records
}

fn text<const N: usize>(name: &str) -> Text<N> {
    Text::new(name).expect("a short name")
}

fn instrument(spec: &Spec) -> InstrumentRecord {
    InstrumentRecord {
        kind: CommandKind::AddInstrument as u8,
        version: VERSION,
        flags: 0,
        instrument: spec.number,
        time_ns: START_TIME_NS,
        request_id: [0; 2],
        base_asset: spec.base,
        quote_asset: spec.quote,
        symbol: text(spec.symbol),
        tick_mantissa: 1,
        lot_mantissa: 1,
        tick_decimals: spec.tick_decimals,
        lot_decimals: spec.lot_decimals,
        base_decimals: DECIMALS,
        quote_decimals: DECIMALS,
        iceberg_parts_max: 100,
        price_min_ticks: 1,
        price_max_ticks: 1_000_000_000,
        quantity_min_lots: 1,
        quantity_max_lots: 1_000_000_000,
        reserved: [0; 8],
    }
}

fn limits(spec: &Spec) -> InstrumentLimitsRecord {
    InstrumentLimitsRecord {
        // About a dollar.
        notional_min: [spec.quote_units(ONE).unsigned_abs() as u64, 0],
        // Of a price a fifth to nearly twice as much, so that an order far away can rest.
        band_ppm: 800_000,
        market_band_ppm: 20_000,
        account_orders_max: 200,
        orders_max: 100_000,
        account_stops_max: 20,
        stops_max: 10_000,
        ..InstrumentLimitsRecord::unbounded(spec.number)
    }
}

/// Makers are paid a rebate of 20 ppm; the others pay 50 as makers and 150 as takers.
fn account_record(account: u32) -> AccountRecord {
    let mut record = AccountRecord::new(account, account);
    record.time_ns = START_TIME_NS;
    let is_maker = account < FIRST_ACCOUNT + MAKERS;
    (record.maker_rate_ppm, record.taker_rate_ppm) = if is_maker { (-20, 80) } else { (50, 150) };
    record
}

/// Worth the same in each asset; a maker has twenty times a taker's.
fn first_funds(account: u32, asset: u32) -> u128 {
    let is_maker = account < FIRST_ACCOUNT + MAKERS;
    let worth: i128 = if is_maker { 20_000_000 } else { 1_000_000 };
    let quote_units = worth * ONE;
    let units = match SPECS.iter().find(|spec| spec.base == asset) {
        Some(spec) => quote_units / spec.value(1, spec.start_ticks) * spec.lot_unit,
        None => 3 * quote_units,
    };
    units.unsigned_abs()
}
