//! The flow of an exchange with money: exchange-core's mix of commands ([`w2`]) over 1,000 accounts
//! that hold funds and pay fees, every new order with a client's id.
//!
//! Every tenth account is paid a maker rebate. Deposits are so large that no order of the
//! mix lacks funds, and small enough that a total stays far below its bound. Every fourth order is
//! cancelled by its client's id, the others by their order ids; replaces name order ids.
//!
//! Beside the instrument of the mix a second one may hold a deep book of resting orders of the same
//! accounts, which nothing touches: what a snapshot has to carry.

use outcry_protocol::{
    AccountRecord, AdminRecord, AssetRecord, CommandKind, ExtendedOrderRecord, FundsRecord,
    InstrumentRecord, RecordBuffer, Text,
};

use crate::encode::{Commands, INSTRUMENT, START_TIME_NS, instrument, limits, record};
use crate::flow::{Action, Step};
use crate::live_book::{self, MID_TICKS};
use crate::w2::{self, Accounts, USERS};

/// The accounts, numbered from 1.
pub const ACCOUNTS: u32 = USERS;
/// The asset that is bought and sold.
pub const BASE_ASSET: u32 = 1;
/// The asset that it is paid in.
pub const QUOTE_ASSET: u32 = 2;
/// The instrument of the deep book.
pub const DEEP_INSTRUMENT: u32 = INSTRUMENT + 1;
/// Of so many orders one is cancelled by its client's id.
pub const CANCELLED_BY_CLIENT_ID_ONE_IN: u64 = 4;
/// Of so many accounts one is paid a maker rebate.
pub const REBATE_ONE_IN: u32 = 10;

/// What each account has of each asset at the start, in smallest units.
pub const DEPOSIT: u128 = 1 << 62;
/// Of all deposits.
pub const SOURCE: u64 = 1;

const ASSET_DECIMALS: u8 = 6;
const REBATE_PPM: i32 = -50;
const MAKER_RATES_PPM: [i32; 3] = [0, 80, 100];
const TAKER_RATES_PPM: [i32; 4] = [100, 200, 400, 1000];
/// The levels of each side that the deep book is spread over.
const DEEP_LEVELS_A_SIDE: u32 = 50_000;
const DEEP_SEED: u32 = 1;

/// The exchange, the resting orders of a deep book beside it, and `count` commands of the mix.
///
/// The flow's first book, as [`w2`] prefills it, is a part of the setup.
#[must_use]
pub fn commands(seed: u32, count: usize, deep_orders: usize) -> Commands {
    let shape = w2::Shape {
        commands: count,
        accounts: Accounts::OneAUser,
        ..w2::CANONICAL_SHAPE
    };
    let mix = w2::generate(&shape, seed.cast_signed());
    let mut setup = RecordBuffer::default();
    put_assets_and_accounts(&mut setup);
    put_instrument(INSTRUMENT, "SIM", mix.start_price_ticks, &mut setup);
    if deep_orders > 0 {
        put_instrument(DEEP_INSTRUMENT, "DEEP", MID_TICKS, &mut setup);
        put_steps(&deep_steps(deep_orders), DEEP_INSTRUMENT, 0, &mut setup);
    }
    put_steps(&mix.prefill, INSTRUMENT, deep_orders as u64, &mut setup);
    let mut flow = RecordBuffer::with_capacity(count * 80);
    put_steps(&mix.commands, INSTRUMENT, deep_orders as u64, &mut flow);
    Commands { setup, flow }
}

/// Both assets, and every account with its rates and its deposits.
fn put_assets_and_accounts(records: &mut RecordBuffer) {
    for (asset, name) in [(BASE_ASSET, "SIM"), (QUOTE_ASSET, "USD")] {
        let name = Text::new(name).expect("a short name");
        let mut asset = AssetRecord::new(asset, name, ASSET_DECIMALS);
        asset.time_ns = START_TIME_NS;
        records.extend(asset.as_record_bytes());
    }
    for account in 1..=ACCOUNTS {
        records.extend(account_record(account).as_record_bytes());
    }
    for account in 1..=ACCOUNTS {
        for asset in [BASE_ASSET, QUOTE_ASSET] {
            let number = u64::from(2 * account + asset);
            let mut deposit = FundsRecord::deposit([SOURCE, number], account, asset, DEPOSIT);
            deposit.time_ns = START_TIME_NS;
            records.extend(deposit.as_record_bytes());
        }
    }
}

fn account_record(account: u32) -> AccountRecord {
    let place = account as usize;
    let mut record = AccountRecord::new(account, account);
    record.time_ns = START_TIME_NS;
    record.maker_rate_ppm = if account.is_multiple_of(REBATE_ONE_IN) {
        REBATE_PPM
    } else {
        MAKER_RATES_PPM[place % MAKER_RATES_PPM.len()]
    };
    record.taker_rate_ppm = TAKER_RATES_PPM[place % TAKER_RATES_PPM.len()];
    record
}

/// An instrument with wide filters and a reference price. One lot is a million smallest units, one
/// lot at one tick 5,000: so a fee is more than dust.
fn put_instrument(number: u32, symbol: &str, reference_ticks: i64, records: &mut RecordBuffer) {
    let definition = InstrumentRecord {
        base_asset: BASE_ASSET,
        quote_asset: QUOTE_ASSET,
        base_decimals: ASSET_DECIMALS,
        quote_decimals: ASSET_DECIMALS,
        ..instrument(number, symbol)
    };
    let mut reference = AdminRecord::new(CommandKind::SetReference, number);
    reference.time_ns = START_TIME_NS;
    reference.price_ticks = reference_ticks;
    records.extend(definition.as_record_bytes());
    records.extend(limits(number).as_record_bytes());
    records.extend(reference.as_record_bytes());
}

/// The resting orders of the deep book, dealt to the accounts in turn.
fn deep_steps(orders: usize) -> Vec<Step> {
    let shape = live_book::Shape {
        resting_orders: orders,
        levels_a_side: DEEP_LEVELS_A_SIDE,
        messages: 0,
    };
    let mut steps = live_book::generate(&shape, DEEP_SEED).book;
    for step in &mut steps {
        step.time_ns = 0;
        if let Action::New { order, account, .. } = &mut step.action {
            *account = 1 + (*order % u64::from(ACCOUNTS)) as u32;
        }
    }
    steps
}

/// The commands of `steps`, whose orders are numbered behind `orders_before` others.
fn put_steps(steps: &[Step], instrument: u32, orders_before: u64, records: &mut RecordBuffer) {
    for step in steps {
        put_step(step, instrument, orders_before, records);
    }
}

fn put_step(step: &Step, instrument: u32, orders_before: u64, records: &mut RecordBuffer) {
    let mut plain = record(step);
    plain.instrument = instrument;
    if plain.order_id > 0 {
        plain.order_id += orders_before;
    }
    let named = match step.action {
        Action::New { order, account, .. } => (CommandKind::NewExtended, account, order),
        Action::Cancel { order, account } if is_cancelled_by_client_id(order) => {
            plain.order_id = 0;
            (CommandKind::CancelExtended, account, order)
        }
        Action::Cancel { .. } | Action::Replace { .. } => {
            return records.extend(plain.as_record_bytes());
        }
    };
    let (kind, account, order) = named;
    let mut extended = ExtendedOrderRecord::new(kind, plain);
    extended.client_order_id = client_id(account, orders_before + order);
    records.extend(extended.as_record_bytes());
}

const fn is_cancelled_by_client_id(order: u64) -> bool {
    order.is_multiple_of(CANCELLED_BY_CLIENT_ID_ONE_IN)
}

/// As long as the ids that clients of the large venues choose: 22 characters.
fn client_id(account: u32, order: u64) -> Text<36> {
    Text::new(&format!("a{account:04}-{order:016}")).expect("22 characters")
}
