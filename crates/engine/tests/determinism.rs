//! The same commands lead to the same events and the same state, however they are handed over.
//!
//! A mixed flow of every kind of command runs one by one and in batches of odd lengths, with all
//! invariants asserted after each command.

use outcry_engine::{Engine, EngineConfig};
use outcry_protocol::{
    Event, EventContext, EventKind, EventRecord, MassCancelRecord, RecordBuffer,
};
use outcry_simulate::Workload;

fn engine() -> Engine {
    Engine::new(EngineConfig {
        check_invariants: true,
        ..EngineConfig::default()
    })
}

/// Applies commands one by one, each copied to a place of its own.
fn one_by_one(commands: &[u8]) -> (Engine, Vec<EventRecord>) {
    let (mut engine, mut events) = (engine(), Vec::new());
    let mut offset = 0;
    while offset < commands.len() {
        let rest = RecordBuffer::copy_of(&commands[offset..(offset + 512).min(commands.len())]);
        offset += engine.apply(rest.as_bytes(), &mut events).unwrap();
    }
    (engine, events)
}

#[test]
fn one_by_one_and_in_a_batch_are_the_same() {
    for seed in 1..=3 {
        let commands = Workload::Mixed.commands(seed, 3_000);
        let mut all = RecordBuffer::copy_of(commands.setup.as_bytes());
        all.extend(commands.flow.as_bytes());
        let (single, single_events) = one_by_one(all.as_bytes());
        let (mut batched, mut batched_events) = (engine(), Vec::new());
        let count = batched
            .apply_batch(all.as_bytes(), &mut batched_events)
            .unwrap();
        assert_eq!(count, batched.sequence());
        assert_eq!(single_events, batched_events);
        assert_eq!(single.digest(), batched.digest());
        assert_eq!(single.state_hash(), batched.state_hash());
        assert!(
            single.open_orders() > 0,
            "the flow leaves orders in the book"
        );
    }
}

#[test]
fn a_sweep_in_many_commands_is_a_sweep_in_one() {
    let commands = Workload::W2.commands(5, 2_000);
    let sweep = |mass_max: u32| {
        let config = EngineConfig {
            mass_max,
            check_invariants: true,
            ..EngineConfig::default()
        };
        let (mut engine, mut events) = (Engine::new(config), Vec::new());
        engine
            .apply_batch(commands.setup.as_bytes(), &mut events)
            .unwrap();
        engine
            .apply_batch(commands.flow.as_bytes(), &mut events)
            .unwrap();
        events.clear();
        let record = MassCancelRecord::new(0, 0, None);
        let mut repeats = 0;
        loop {
            let first = events.len();
            engine.apply(record.as_record_bytes(), &mut events).unwrap();
            repeats += 1;
            let mut context = EventContext::default();
            let answer = context.read(&events[first]).unwrap().unwrap().event;
            if !matches!(answer, Event::Accepted { more: true, .. }) {
                break;
            }
        }
        let cancelled = events
            .iter()
            .filter(|event| event.kind == EventKind::Cancelled as u8);
        let ids: Vec<_> = cancelled.map(|event| event.order_id).collect();
        (ids, repeats, engine.open_orders())
    };
    let (ids, repeats, left) = sweep(100_000);
    assert!(ids.len() > 10 && ids.is_sorted());
    assert_eq!(repeats, 1);
    let (piecewise, repeats, left_piecewise) = sweep(3);
    assert_eq!(repeats, ids.len().div_ceil(3));
    assert_eq!((piecewise, left_piecewise), (ids, left));
}

#[test]
fn a_copy_goes_on_as_the_original_does() {
    let commands = Workload::Mixed.commands(7, 2_000);
    let (mut original, mut events) = (engine(), Vec::new());
    original
        .apply_batch(commands.setup.as_bytes(), &mut events)
        .unwrap();
    let mut copy = original.clone();
    let (mut first, mut second) = (Vec::new(), Vec::new());
    original
        .apply_batch(commands.flow.as_bytes(), &mut first)
        .unwrap();
    copy.apply_batch(commands.flow.as_bytes(), &mut second)
        .unwrap();
    assert_eq!(first, second);
    assert_eq!(original.state_hash(), copy.state_hash());
}
