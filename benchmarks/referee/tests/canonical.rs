//! Goal: the reports of the canonical streams are those that the referee publishes. Method: send
//! our own copy of each stream through the adapter, write the reports as the referee does (a line
//! each, by message and then by type, no newline at the end), and compare the SHA-256 with the
//! published.

use std::fmt::Write;
use std::mem::MaybeUninit;

use outcry_protocol::{Side, TimeInForce};
use outcry_referee::abi::{
    CANCEL, Cancel, MODIFY, Message, Modify, NEW, NewOrder, Payload, Report, ReportType,
};
use outcry_referee::adapter::Adapter;
use outcry_referee::ring::Ring;
use outcry_simulate::flow::Action;
use outcry_simulate::w1::{self, CANONICAL_ORDERS, CANONICAL_SEED, SCENARIOS, Stream};
use sha2::{Digest, Sha256};

/// In the order of [`SCENARIOS`].
const PUBLISHED: [&str; 5] = [
    "9803843ee404fc29c9a0aa5614f8f0d5a58b5c44fcac9ef89067886fcaaa30d1",
    "e9b2e3926854410b01a035aeb25dd05f1e597c233be8263de9eb49b6713d367e",
    "61a84be9469661bd039e00dbc9a7c011e70b6ace37aadfe60045ea083b05f4df",
    "3cb0175e7982ff09ea220d1feaee3844cf9116a5ce455757879dea1d880b9b9f",
    "cff8d3f94b709fc64a8b2058a6ca4fb6920364904796e46906895e362d2bb16b",
];
const BATCH: usize = 4096;

fn side_byte(side: Side) -> u8 {
    u8::from(side == Side::Sell)
}

fn message(stream: &Stream, sequence_number: u64, action: &Action) -> Message {
    let caller_id = |order: u64| stream.referee_ids[usize::try_from(order).unwrap() - 1];
    let (message_type, payload) = match *action {
        Action::New {
            order,
            side,
            price_ticks,
            quantity_lots,
            time_in_force,
            ..
        } => {
            let new = NewOrder {
                order_id: caller_id(order),
                sequence_number,
                price_ticks,
                quantity: u32::try_from(quantity_lots).unwrap(),
                side: side_byte(side),
                immediate: u8::from(time_in_force == TimeInForce::Ioc),
                reserved: [0; 2],
            };
            (NEW, Payload { new })
        }
        Action::Cancel { order, .. } => (
            CANCEL,
            Payload {
                cancel: Cancel {
                    order_id: caller_id(order),
                    sequence_number,
                },
            },
        ),
        Action::Replace {
            order,
            price_ticks,
            quantity_lots,
            ..
        } => {
            let modify = Modify {
                order_id: caller_id(order),
                sequence_number,
                price_ticks,
                quantity: u32::try_from(quantity_lots).unwrap(),
                side: 0,
                reserved: [0; 3],
            };
            (MODIFY, Payload { modify })
        }
    };
    Message {
        message_type,
        reserved: [0; 7],
        payload,
    }
}

fn drain(ring: &Ring, reports: &mut Vec<Report>) {
    let mut room = [MaybeUninit::uninit(); 256];
    loop {
        // SAFETY: the test has one thread.
        let count = unsafe { ring.drain(&mut room) };
        // SAFETY: the ring wrote the first `count`.
        reports.extend(
            room[..count]
                .iter()
                .map(|report| unsafe { report.assume_init() }),
        );
        if count == 0 {
            return;
        }
    }
}

fn reports(messages: &[Message]) -> Vec<Report> {
    let ring = Ring::new(1 << 20);
    let mut adapter = Adapter::load();
    let mut reports = Vec::with_capacity(messages.len() * 2);
    for batch in messages.chunks(BATCH) {
        // SAFETY: the payloads are as the messages say, and the test has one thread.
        unsafe { adapter.apply_batch(batch, &ring) };
        drain(&ring, &mut reports);
    }
    reports
}

fn line(report: &Report) -> String {
    let kind = report.report_type;
    let (sequence, order) = (report.sequence_number, report.order_id);
    let (side, price, quantity) = (report.side, report.price_ticks, report.quantity);
    if kind == ReportType::Trade as u8 {
        let (maker, taker) = (report.maker_order_id, report.taker_order_id);
        format!("{kind},{sequence},{price},{quantity},{maker},{taker}")
    } else if kind == ReportType::CancelAck as u8 {
        format!("{kind},{sequence},{side},{order},{price}")
    } else if kind == ReportType::OrderAck as u8 || kind == ReportType::ModifyAck as u8 {
        format!("{kind},{sequence},{side},{order},{price},{quantity}")
    } else {
        format!("{kind},{sequence},{order}")
    }
}

fn hash(mut reports: Vec<Report>) -> String {
    reports.sort_by_key(|report| (report.sequence_number, report.report_type));
    let lines: Vec<String> = reports.iter().map(line).collect();
    let mut hex = String::new();
    for byte in Sha256::digest(lines.join("\n")) {
        write!(hex, "{byte:02x}").unwrap();
    }
    hex
}

#[test]
fn the_reports_of_the_first_scenario_have_the_published_hash() {
    require_published(1);
}

#[test]
#[ignore = "slow"]
fn the_reports_of_every_scenario_have_the_published_hash() {
    require_published(SCENARIOS.len());
}

fn require_published(scenarios: usize) {
    for (scenario, published) in SCENARIOS.iter().zip(PUBLISHED).take(scenarios) {
        let stream = w1::generate(scenario, CANONICAL_ORDERS, CANONICAL_SEED);
        let messages: Vec<Message> = (0_u64..)
            .zip(&stream.steps)
            .map(|(sequence, step)| message(&stream, sequence, &step.action))
            .collect();
        assert_eq!(hash(reports(&messages)), published, "{}", scenario.name);
    }
}

fn new(order_id: u64, side: u8, price_ticks: i64, quantity: u32) -> Message {
    let new = NewOrder {
        order_id,
        sequence_number: order_id,
        price_ticks,
        quantity,
        side,
        immediate: 0,
        reserved: [0; 2],
    };
    Message {
        message_type: NEW,
        reserved: [0; 7],
        payload: Payload { new },
    }
}

#[test]
fn a_modify_sets_the_open_quantity_of_an_order_that_has_traded() {
    let modify = Modify {
        order_id: 1,
        sequence_number: 3,
        price_ticks: 90,
        quantity: 8,
        side: 0,
        reserved: [0; 3],
    };
    let modify = Message {
        message_type: MODIFY,
        reserved: [0; 7],
        payload: Payload { modify },
    };
    let ring = Ring::new(64);
    let mut adapter = Adapter::load();
    let messages = [new(1, 0, 100, 10), new(2, 1, 100, 4), modify];
    // SAFETY: the payloads are as the messages say, and the test has one thread.
    unsafe { adapter.apply_batch(&messages, &ring) };
    assert_eq!(adapter.depth_lots(Side::Buy, 90), 8);
    assert_eq!(
        (
            adapter.best_ticks(Side::Buy),
            adapter.best_ticks(Side::Sell)
        ),
        (Some(90), None)
    );
}

#[test]
fn an_id_is_free_once_its_order_is_gone_and_an_unknown_one_is_refused() {
    let cancel = |order_id| {
        let cancel = Cancel {
            order_id,
            sequence_number: order_id,
        };
        Message {
            message_type: CANCEL,
            reserved: [0; 7],
            payload: Payload { cancel },
        }
    };
    let sent = [
        cancel(1),
        new(1, 0, 100, 1),
        cancel(1),
        new(1, 0, 101, 2),
        new(2, 1, 101, 2),
    ];
    let sent = [&sent[..], &[cancel(1), new(1, 0, 99, 3), cancel(1)]].concat();
    let types: Vec<u8> = reports(&sent)
        .iter()
        .map(|report| report.report_type)
        .collect();
    let expected = [
        ReportType::CancelReject,
        ReportType::OrderAck,
        ReportType::CancelAck,
        ReportType::OrderAck,
        ReportType::OrderAck,
        ReportType::Trade,
        ReportType::CancelReject,
        ReportType::OrderAck,
        ReportType::CancelAck,
    ];
    assert_eq!(types, expected.map(|kind| kind as u8));
}
