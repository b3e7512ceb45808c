//! Money and trades together, and a state that is saved and taken up again.

use outcry_engine::{Engine, EngineConfig, LevelChange, example_instrument};
use outcry_protocol::{
    AccountRecord, AssetRecord, EventKind, EventRecord, FEE_ACCOUNT, FundsRecord,
    InstrumentLimitsRecord, OrderRecord, RecordBuffer, RejectReason, Side, Text,
};
use std::collections::BTreeMap;

const BASE: u32 = 1;
const QUOTE: u32 = 2;
const CONFIG: fn() -> EngineConfig = || EngineConfig {
    money: true,
    tell_levels: true,
    check_invariants: true,
    ..EngineConfig::default()
};

fn text(name: &str) -> Text<16> {
    Text::new(name).unwrap()
}

/// Two assets, an instrument, and accounts 1 to 3 with a thousand lots and a million of quote each.
fn market() -> Engine {
    let mut engine = Engine::new(CONFIG());
    let instrument = example_instrument(1);
    let mut commands = RecordBuffer::default();
    let base = AssetRecord::new(BASE, text("BTC"), instrument.base_decimals);
    let quote = AssetRecord::new(QUOTE, text("USDT"), instrument.quote_decimals);
    commands.extend(base.as_record_bytes());
    commands.extend(quote.as_record_bytes());
    commands.extend(instrument.as_record_bytes());
    commands.extend(InstrumentLimitsRecord::unbounded(1).as_record_bytes());
    let mut number = 0;
    for account in 1..=3 {
        let mut record = AccountRecord::new(account, 0);
        record.taker_rate_ppm = 1_000;
        record.maker_rate_ppm = -500;
        commands.extend(record.as_record_bytes());
        let lots = 1_000 * instrument.lot_unit().unwrap();
        for (asset, amount) in [(BASE, lots), (QUOTE, 1 << 90)] {
            number += 1;
            let deposit = FundsRecord::deposit([7, number], account, asset, amount);
            commands.extend(deposit.as_record_bytes());
        }
    }
    let events = apply(&mut engine, &commands);
    assert!(
        events
            .iter()
            .all(|event| event.kind != EventKind::Rejected as u8)
    );
    engine
}

fn apply(engine: &mut Engine, commands: &RecordBuffer) -> Vec<EventRecord> {
    let mut events = Vec::new();
    engine
        .apply_batch(commands.as_bytes(), &mut events)
        .unwrap();
    events
}

fn place(engine: &mut Engine, account: u32, side: Side, price: i64, lots: u64) -> Vec<EventRecord> {
    let record = OrderRecord::limit(1, account, side, price, lots);
    apply(engine, &RecordBuffer::copy_of(record.as_record_bytes()))
}

fn available(engine: &Engine, account: u32, asset: u32) -> i128 {
    let balances = engine.balances(account);
    let found = balances.iter().find(|balance| balance.asset == asset);
    found.map_or(0, |balance| balance.available)
}

#[test]
fn a_trade_pays_the_maker_out_of_the_takers_fee() {
    let mut engine = market();
    let instrument = example_instrument(1);
    let (value_unit, lot_unit) = (
        instrument.value_unit().unwrap(),
        instrument.lot_unit().unwrap(),
    );
    let before = available(&engine, 1, QUOTE);
    place(&mut engine, 1, Side::Sell, 10_000, 10);
    place(&mut engine, 2, Side::Buy, 10_001, 4);
    let value = (40_000 * value_unit).cast_signed();
    let bought = (4 * lot_unit).cast_signed();
    let fee = bought * 1_000 / 1_000_000;
    let rebate = bought * 500 / 1_000_000;
    assert_eq!(available(&engine, 1, QUOTE), before + value);
    assert_eq!(available(&engine, FEE_ACCOUNT, BASE), fee - rebate);
    let full = (1_000 * lot_unit).cast_signed();
    assert_eq!(available(&engine, 2, BASE), full + bought - fee);
}

#[test]
fn what_an_account_does_not_have_is_refused_with_what_it_has() {
    let mut engine = market();
    let hash = engine.state_hash();
    let events = place(&mut engine, 3, Side::Sell, 10_000, 1_001);
    let [refusal] = events[..] else {
        panic!("one event: {events:?}")
    };
    let has = 1_000 * example_instrument(1).lot_unit().unwrap();
    let code = RejectReason::InsufficientBalance as u16;
    assert_eq!((refusal.code, u128::from(refusal.value)), (code, has));
    assert_ne!(engine.state_hash(), hash, "the sequence went on");
    assert_eq!(engine.open_orders(), 0);
}

#[test]
fn a_saved_state_goes_on_as_the_first() {
    let mut first = market();
    for (number, side) in (0_u32..).zip([Side::Sell, Side::Buy].repeat(20)) {
        let price = if side == Side::Sell { 10_000 } else { 9_990 };
        place(
            &mut first,
            1 + number % 3,
            side,
            price + i64::from(number % 7),
            3,
        );
    }
    let mut state = Vec::new();
    first.save(&mut |piece| state.extend_from_slice(piece));
    let mut second = Engine::load(CONFIG(), &state).unwrap();
    assert_eq!(second.state_hash(), first.state_hash());
    for account in 1..=3 {
        let orders = |engine: &Engine| engine.account_orders(account, 0, 100);
        assert_eq!(orders(&second), orders(&first));
    }
    for (side, price) in [(Side::Buy, 10_100), (Side::Sell, 9_000)] {
        let (events, again) = (
            place(&mut first, 2, side, price, 40),
            place(&mut second, 2, side, price, 40),
        );
        assert_eq!(events, again);
    }
    assert_eq!(second.state_hash(), first.state_hash());
    assert_eq!(second.digest(), first.digest());
}

#[test]
fn a_state_cut_anywhere_is_refused() {
    let mut engine = market();
    place(&mut engine, 1, Side::Sell, 10_000, 10);
    let mut state = Vec::new();
    engine.save(&mut |piece| state.extend_from_slice(piece));
    for length in 0..state.len() {
        assert!(
            Engine::load(CONFIG(), &state[..length]).is_err(),
            "{length}"
        );
    }
    state.push(0);
    assert!(Engine::load(CONFIG(), &state).is_err());
}

#[test]
fn the_changes_of_levels_make_a_copy_of_the_depth() {
    let mut engine = market();
    let mut copy: BTreeMap<(usize, i64), (u64, u32)> = BTreeMap::new();
    let mut changes: Vec<LevelChange> = Vec::new();
    for step in 0_u32..200 {
        let side = if step % 3 == 0 { Side::Buy } else { Side::Sell };
        let price = i64::from(10_000 + step * 37 % 23 - if step % 3 == 0 { 6 } else { 0 });
        place(
            &mut engine,
            1 + step % 3,
            side,
            price,
            u64::from(1 + step % 5),
        );
        engine.take_level_changes(&mut changes);
        for change in &changes {
            let key = (change.side.index(), change.price_ticks);
            if change.orders == 0 {
                copy.remove(&key);
            } else {
                copy.insert(key, (change.quantity_lots, change.orders));
            }
        }
        let mut levels = Vec::new();
        let mut count = 0;
        for side in [Side::Buy, Side::Sell] {
            engine.depth(1, side, 1_000, &mut levels);
            count += levels.len();
            for level in &levels {
                let key = (side.index(), level.price_ticks);
                assert_eq!(copy.get(&key), Some(&(level.quantity_lots, level.orders)));
            }
        }
        assert_eq!(copy.len(), count);
    }
    assert!(!copy.is_empty());
}

/// Goal: accounts are told by number from any number on, however far apart they are and whenever
/// they came. Method: pages of every length, behind a load of the state as well.
#[test]
fn accounts_are_told_in_pages_by_number() {
    let mut engine = market();
    let later = [9_000_000, 7, u32::MAX - 1, 4_194_304, 4_194_303, 5];
    let mut commands = RecordBuffer::default();
    for account in later.into_iter().chain([7]) {
        commands.extend(AccountRecord::new(account, 0).as_record_bytes());
    }
    apply(&mut engine, &commands);
    let mut state = Vec::new();
    engine.save(&mut |bytes| state.extend_from_slice(bytes));
    let all = engine.accounts();
    let numbers: Vec<u32> = all.iter().map(|view| view.account).collect();
    let expected = [1, 2, 3, 5, 7, 4_194_303, 4_194_304, 9_000_000, u32::MAX - 1];
    assert_eq!(numbers, expected);
    for engine in [engine, Engine::load(CONFIG(), &state).unwrap()] {
        for most in 0..=all.len() + 1 {
            for first in [0, 1, 4, 8, 4_194_304, 4_194_305, u32::MAX] {
                let wanted = all.iter().filter(|view| view.account >= first).take(most);
                let told = engine.accounts_from(first, most);
                assert_eq!(
                    told,
                    wanted.copied().collect::<Vec<_>>(),
                    "{most} from {first}"
                );
            }
        }
    }
}
