//! Goal: the engine does with the flows what they were made for. Method: apply the flows of plain
//! orders to the engine and to the plain book, and compare fill for fill; apply the mixed flow, all
//! invariants asserted, and count what happened.

use std::collections::BTreeMap;

use outcry_engine::{Engine, EngineConfig};
use outcry_protocol::{
    CancelReason, Event, EventContext, EventKind, EventRecord, FEE_ACCOUNT, OrderRecord,
    RecordBuffer,
};
use outcry_simulate::encode::{record, setup};
use outcry_simulate::flow::{Action, Step};
use outcry_simulate::mixed::Mixed;
use outcry_simulate::plain_book::{Fill, PlainBook};
use outcry_simulate::{exchange, w1, w2, w5};

const COUNT: usize = 30_000;

fn engine(setup: &RecordBuffer, check_invariants: bool) -> Engine {
    let mut engine = Engine::new(EngineConfig {
        check_invariants,
        ..EngineConfig::default()
    });
    let mut events = Vec::new();
    engine.apply_batch(setup.as_bytes(), &mut events).unwrap();
    assert!(
        events
            .iter()
            .all(|event| event.kind != EventKind::Rejected as u8),
        "{events:?}"
    );
    engine
}

fn fill(event: &EventRecord) -> Fill {
    Fill {
        maker: event.order_id,
        price_ticks: event.sequence_or_price.cast_signed(),
        quantity_lots: event.value,
    }
}

/// The order numbers of a flow are the engine's ids, so the fills can be compared as they are.
/// Answers how many orders lost their rest to an order of their own account.
fn assert_fills_are_those_of_the_plain_book(reference_ticks: i64, steps: &[Step]) -> usize {
    let mut engine = engine(&setup(reference_ticks), false);
    let mut book = PlainBook::default();
    let (mut traded, mut prevented) = (0, 0);
    let (mut events, mut expected) = (Vec::new(), Vec::new());
    for step in steps {
        events.clear();
        expected.clear();
        engine
            .apply(record(step).as_record_bytes(), &mut events)
            .unwrap();
        book.apply(step, &mut expected);
        let trades = events
            .iter()
            .filter(|event| event.kind == EventKind::Traded as u8);
        let fills: Vec<Fill> = trades.map(fill).collect();
        assert_eq!(fills, expected, "{step:?}");
        let accepted = events[0].kind != EventKind::Rejected as u8;
        assert!(
            accepted || !matches!(step.action, Action::New { .. }),
            "{step:?}"
        );
        traded += fills.len();
        let is_prevented = |event: &&EventRecord| {
            event.kind == EventKind::Cancelled as u8 && event.code == CancelReason::SelfTrade as u16
        };
        prevented += events.iter().filter(is_prevented).count();
    }
    assert_eq!(engine.open_orders() as usize, book.orders());
    assert!(traded > 10, "{traded} trades");
    prevented
}

#[test]
fn the_engine_fills_w1_as_the_plain_book_does() {
    for scenario in &w1::SCENARIOS {
        let stream = w1::generate(scenario, COUNT, w1::CANONICAL_SEED);
        assert_fills_are_those_of_the_plain_book(33_504, &stream.steps);
    }
}

#[test]
fn the_engine_fills_w2_as_the_plain_book_does() {
    let shape = w2::Shape {
        commands: COUNT,
        ..w2::CANONICAL_SHAPE
    };
    let flow = w2::generate(&shape, w2::CANONICAL_SEED);
    let steps = [flow.prefill, flow.commands].concat();
    assert_fills_are_those_of_the_plain_book(flow.start_price_ticks, &steps);
}

/// Where an order meets one of its own account, both books cancel its rest.
#[test]
fn the_engine_fills_w2_of_a_thousand_users_as_the_plain_book_does() {
    let shape = w2::Shape {
        commands: 4 * COUNT,
        accounts: w2::Accounts::OneAUser,
        ..w2::CANONICAL_SHAPE
    };
    let flow = w2::generate(&shape, w2::CANONICAL_SEED);
    let steps = [flow.prefill, flow.commands].concat();
    let prevented = assert_fills_are_those_of_the_plain_book(flow.start_price_ticks, &steps);
    assert!(prevented > 3, "{prevented} prevented");
}

#[test]
fn the_engine_fills_w5_as_the_plain_book_does() {
    assert_fills_are_those_of_the_plain_book(1887, &w5::generate(COUNT, 1));
}

/// Every order of the flow can be paid for, and every name it uses is known.
#[test]
fn the_exchange_flow_passes_and_conserves_money() {
    pass_the_exchange_flow(6_000);
}

#[test]
#[ignore = "slow"]
fn a_long_exchange_flow_passes_whole_and_conserves_money() {
    pass_the_exchange_flow(COUNT);
}

fn pass_the_exchange_flow(count: usize) {
    let mut engine = Engine::new(EngineConfig {
        money: true,
        check_invariants: true,
        ..EngineConfig::default()
    });
    let commands = exchange::commands(1, count, 500);
    let mut events: Vec<EventRecord> = Vec::new();
    for part in [&commands.setup, &commands.flow] {
        engine.apply_batch(part.as_bytes(), &mut events).unwrap();
    }
    let mut context = EventContext::default();
    let (mut traded, mut totals) = (0, BTreeMap::new());
    for record in &events {
        let placed = context.read(record).unwrap();
        match placed.map(|placed| placed.event) {
            Some(Event::Rejected { reason, .. }) => panic!("{}", reason.name()),
            Some(Event::Traded { .. }) => traded += 1,
            Some(Event::BalanceChanged {
                account,
                asset,
                available,
                held,
            }) => {
                totals.insert((asset, account), available + held);
            }
            _ => {}
        }
    }
    assert!(traded > count / 30, "{traded} trades");
    for asset in [exchange::BASE_ASSET, exchange::QUOTE_ASSET] {
        let of_asset = totals.iter().filter(|((one, _), _)| *one == asset);
        assert_eq!(of_asset.map(|(_, total)| total).sum::<i128>(), 0);
        assert!(totals[&(asset, FEE_ACCOUNT)] > 0);
    }
}

#[test]
fn the_mixed_flow_sets_off_every_event_of_the_market() {
    let mut mixed = Mixed::new(1);
    let mut engine = engine(&Mixed::setup(), true);
    let mut counts = BTreeMap::new();
    for _ in 0..COUNT {
        let mut command = RecordBuffer::default();
        mixed.next_command(&mut command);
        let mut events: Vec<EventRecord> = Vec::new();
        engine.apply(command.as_bytes(), &mut events).unwrap();
        for event in &events {
            *counts
                .entry(EventKind::from_byte(event.kind).unwrap().name())
                .or_insert(0) += 1;
        }
        if events[0].kind == EventKind::Accepted as u8 && events[0].order_id != 0 {
            let account = account(&command);
            mixed.note_order(account, events[0].order_id);
        }
    }
    let wanted = [
        "accepted",
        "rejected",
        "traded",
        "prevented",
        "cancelled",
        "replaced",
    ];
    let rarer = ["triggered", "slice_shown", "expired", "state_changed"];
    for name in wanted.iter().chain(&rarer) {
        assert!(
            counts.get(name).is_some_and(|count| *count > 10),
            "{name}: {counts:?}"
        );
    }
    assert!(counts["rejected"] < COUNT / 2, "{counts:?}");
}

/// Every record that makes an order begins with what a plain order has.
fn account(command: &RecordBuffer) -> u32 {
    let bytes = &command.as_bytes()[std::mem::offset_of!(OrderRecord, account)..];
    u32::from_le_bytes(bytes[..4].try_into().unwrap())
}
