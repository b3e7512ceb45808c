//! Books at the ends of the number range, and bytes that are no commands.

use outcry_engine::{Engine, EngineConfig, example_instrument};
use outcry_protocol::{
    DecodeError, EventKind, EventRecord, InstrumentLimitsRecord, OrderRecord, RejectReason, Side,
};

fn engine() -> Engine {
    let mut engine = Engine::new(EngineConfig {
        check_invariants: true,
        ..Default::default()
    });
    let mut bytes = outcry_protocol::RecordBuffer::default();
    bytes.extend(example_instrument(1).as_record_bytes());
    bytes.extend(InstrumentLimitsRecord::unbounded(1).as_record_bytes());
    engine.apply(bytes.as_bytes(), &mut Vec::new()).unwrap();
    engine
}

fn place(engine: &mut Engine, side: Side, price: i64, lots: u64) -> Vec<EventRecord> {
    let mut events = Vec::new();
    let record = OrderRecord::limit(1, 7 + side as u32, side, price, lots);
    engine.apply(record.as_record_bytes(), &mut events).unwrap();
    events
}

#[test]
fn one_tick_stands_beside_a_thousand_million() {
    let mut engine = engine();
    for price in [1, 1_000_000_000, 2, 999_999_999, 1 << 39] {
        place(&mut engine, Side::Buy, price, 1);
    }
    let mut levels = Vec::new();
    engine.depth(1, Side::Buy, 10, &mut levels);
    let prices: Vec<_> = levels.iter().map(|level| level.price_ticks).collect();
    assert_eq!(prices, [1 << 39, 1_000_000_000, 999_999_999, 2, 1]);
    let events = place(&mut engine, Side::Sell, 1, 5);
    let trades = events
        .iter()
        .filter(|event| event.kind == EventKind::Traded as u8);
    assert_eq!(trades.count(), 5, "one order sweeps the whole range");
    assert_eq!(engine.open_orders(), 0);
}

#[test]
fn a_market_that_falls_by_most_of_its_price_keeps_its_book() {
    let mut engine = engine();
    for step in 0..20_000 {
        let mid = 1_000_000 - step * 30;
        place(&mut engine, Side::Sell, mid + 1, 1);
        place(&mut engine, Side::Buy, mid - 1, 1);
    }
    let (bid, ask) = (
        engine.best(1, Side::Buy).unwrap(),
        engine.best(1, Side::Sell).unwrap(),
    );
    assert!(bid.price_ticks < ask.price_ticks);
    assert!(engine.last_trade(1).is_some());
}

#[test]
fn a_level_of_the_largest_orders_loses_no_lot() {
    let mut engine = Engine::new(EngineConfig {
        check_invariants: true,
        ..Default::default()
    });
    let mut definition = example_instrument(1);
    definition.quantity_max_lots = u64::MAX;
    definition.price_max_ticks = 1 << 30;
    let mut bytes = outcry_protocol::RecordBuffer::copy_of(definition.as_record_bytes());
    bytes.extend(InstrumentLimitsRecord::unbounded(1).as_record_bytes());
    engine.apply(bytes.as_bytes(), &mut Vec::new()).unwrap();
    for _ in 0..3 {
        place(&mut engine, Side::Buy, 100, u64::MAX);
    }
    assert_eq!(engine.best(1, Side::Buy).unwrap().quantity_lots, u64::MAX);
    assert_eq!(engine.queue_position(3).unwrap().lots_ahead, u64::MAX);
    for _ in 0..3 {
        place(&mut engine, Side::Sell, 100, u64::MAX - 1);
    }
    assert_eq!(engine.best(1, Side::Buy).unwrap().quantity_lots, 3);
}

#[test]
fn no_price_reaches_the_end_of_the_numbers() {
    let mut engine = Engine::new(EngineConfig::default());
    let mut definition = example_instrument(1);
    definition.price_max_ticks = i64::MAX;
    definition.quantity_max_lots = 1;
    let mut bytes = outcry_protocol::RecordBuffer::copy_of(definition.as_record_bytes());
    bytes.extend(InstrumentLimitsRecord::unbounded(1).as_record_bytes());
    let mut events = Vec::new();
    engine.apply(bytes.as_bytes(), &mut events).unwrap();
    assert_eq!(events[0].code, RejectReason::InvalidFilter as u16);
}

#[test]
fn bytes_without_a_size_change_nothing() {
    let mut engine = engine();
    let before = engine.state_hash();
    let mut events = Vec::new();
    let record = OrderRecord::limit(1, 7, Side::Buy, 5, 5);
    let cut = &record.as_record_bytes()[..40];
    let truncated = DecodeError::Truncated {
        found: 40,
        needed: 64,
    };
    assert_eq!(engine.apply(cut, &mut events), Err(truncated));
    assert_eq!(engine.apply(&[], &mut events), Err(DecodeError::Empty));
    assert_eq!(
        engine.apply(&[0xFF; 64], &mut events),
        Err(DecodeError::Size(0xFF))
    );
    assert!(events.is_empty());
    assert_eq!(engine.state_hash(), before);
}

#[test]
fn a_record_that_is_no_command_is_refused_in_its_place() {
    let mut engine = engine();
    let mut bytes = outcry_protocol::RecordBuffer::default();
    bytes.extend(OrderRecord::limit(1, 7, Side::Buy, 5, 5).as_record_bytes());
    bytes.extend(&[0x00; 32]);
    bytes.extend(&[0x5F; 64]);
    bytes.extend(OrderRecord::limit(1, 7, Side::Buy, 6, 5).as_record_bytes());
    let mut events = Vec::new();
    assert_eq!(engine.apply_batch(bytes.as_bytes(), &mut events), Ok(4));
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    let (accepted, rejected) = (EventKind::Accepted as u8, EventKind::Rejected as u8);
    assert_eq!(kinds, [accepted, rejected, rejected, accepted]);
    assert_eq!(events[1].code, RejectReason::Malformed as u16);
}

#[test]
fn a_batch_that_ends_within_a_record_names_the_place() {
    let mut engine = engine();
    let mut bytes = outcry_protocol::RecordBuffer::default();
    bytes.extend(OrderRecord::limit(1, 7, Side::Buy, 5, 5).as_record_bytes());
    bytes.extend(&OrderRecord::limit(1, 7, Side::Buy, 6, 5).as_record_bytes()[..63]);
    let error = engine
        .apply_batch(bytes.as_bytes(), &mut Vec::new())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "offset 64: length: 63 bytes, the command has 64"
    );
    assert_eq!(engine.open_orders(), 1);
}
