//! A check of a new order says what the order itself is answered, and changes nothing.

use outcry_engine::{Engine, EngineConfig};
use outcry_protocol::{CommandKind, EventKind, EventRecord, RecordBuffer, RejectReason};
use outcry_simulate::Workload;

/// What the engine's own answer to a new order was: `None` where it was accepted.
fn refusal_in(events: &[EventRecord]) -> Option<u16> {
    let answers = [
        EventKind::Accepted,
        EventKind::Rejected,
        EventKind::DuplicateRequest,
    ];
    let is_answer = |event: &&EventRecord| answers.iter().any(|kind| event.kind == *kind as u8);
    let own = events.iter().find(is_answer).expect("there is an answer");
    (own.kind != EventKind::Accepted as u8).then_some(own.code)
}

fn is_new(command: &[u8]) -> bool {
    let kinds = [
        CommandKind::New,
        CommandKind::NewExtended,
        CommandKind::NewAmount,
    ];
    kinds.iter().any(|kind| command[0] == *kind as u8)
}

/// Time stands at the same place in every command.
fn time_of(command: &[u8]) -> u64 {
    u64::from_le_bytes(*command[8..].first_chunk().expect("a whole record"))
}

#[test]
fn a_check_says_what_the_order_is_answered() {
    let commands = Workload::Mixed.commands(11, 4_000);
    let mut engine = Engine::new(EngineConfig::default());
    let (mut events, mut checked, mut refused) = (Vec::new(), 0, 0);
    engine
        .apply_batch(commands.setup.as_bytes(), &mut events)
        .unwrap();
    let (flow, mut offset) = (commands.flow.as_bytes(), 0);
    while offset < flow.len() {
        let rest = RecordBuffer::copy_of(&flow[offset..(offset + 512).min(flow.len())]);
        let time_ns = time_of(rest.as_bytes());
        let is_due = engine.has_due_work(time_ns);
        let before = (engine.state_hash(), engine.digest());
        let said = engine.check_new(rest.as_bytes(), time_ns);
        assert_eq!((engine.state_hash(), engine.digest()), before);
        events.clear();
        offset += engine.apply(rest.as_bytes(), &mut events).unwrap();
        if !is_new(rest.as_bytes()) {
            assert_eq!(said, Err((RejectReason::NotSupported, 0)));
        } else if !is_due {
            let told = refusal_in(&events);
            assert_eq!(said.err().map(|(reason, _)| reason as u16), told);
            checked += 1;
            refused += u32::from(told.is_some());
        }
    }
    assert!(checked > 1_000, "{checked} orders were checked");
    assert!(refused > 0, "some were refused");
}
