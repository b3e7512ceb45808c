//! Goal: W2 is exchange-core's flow. Method: compare the SHA-256 of its commands, written one a
//! line, with the one that was noted when the same lines were printed by exchange-core's own
//! generator: all equal, but that a reduction of all that is open is a cancel here.

mod hex;

use std::collections::HashMap;

use hex::sha256;
use outcry_protocol::{Side, TimeInForce};
use outcry_simulate::flow::{Action, Step};
use outcry_simulate::plain_book::PlainBook;
use outcry_simulate::w2::{self, Accounts, CANONICAL_SEED, Flow, Shape};

const SHAPE: Shape = Shape {
    commands: 200_000,
    target_orders: 1000,
    accounts: Accounts::OneEach,
};

fn flow(seed: i32) -> Flow {
    w2::generate(&SHAPE, seed)
}

/// Resting, immediate, fill or kill, cancel, reduction, move.
fn shares(book: &mut PlainBook, flow: &Flow) -> [f64; 6] {
    let mut counts = [0_u32; 6];
    for step in &flow.commands {
        let kind = match step.action {
            Action::New {
                time_in_force: TimeInForce::Gtc,
                ..
            } => 0,
            Action::New {
                time_in_force: TimeInForce::Ioc,
                ..
            } => 1,
            Action::New { .. } => 2,
            Action::Cancel { .. } => 3,
            Action::Replace {
                order, price_ticks, ..
            } => {
                if book.price_ticks(order) == Some(price_ticks) {
                    4
                } else {
                    5
                }
            }
        };
        counts[kind] += 1;
        apply(book, step);
    }
    let total = f64::from(u32::try_from(flow.commands.len()).unwrap());
    counts.map(|count| f64::from(count) / total)
}

fn apply(book: &mut PlainBook, step: &Step) {
    book.apply(step, &mut Vec::new());
}

#[test]
fn the_mix_is_that_of_a_port_of_exchange_core() {
    let flow = flow(CANONICAL_SEED);
    let mut book = PlainBook::default();
    flow.prefill.iter().for_each(|step| apply(&mut book, step));
    let shares = shares(&mut book, &flow);
    // A port that knows a reduction has as many of them as cancels, 7 % each. Where a reduction
    // takes all that is open, a cancel stands here.
    let [resting, immediate, fill_or_kill, cancel, reduction, moved] = shares;
    let shares = [resting, immediate, cancel + reduction, moved];
    let expected = [0.12, 0.02, 0.14, 0.71];
    for (share, expected) in shares.iter().zip(expected) {
        assert!((share - expected).abs() < 0.02, "{shares:?}");
    }
    assert!(
        (immediate / fill_or_kill - 31.).abs() < 10.0,
        "{immediate} {fill_or_kill}"
    );
}

/// One line a command: its letter, the order, and what it carries. `R` is a reduction and by what.
fn lines(flow: &Flow) -> String {
    let mut totals = HashMap::new();
    let mut lines = Vec::new();
    for step in flow.prefill.iter().chain(&flow.commands) {
        lines.push(match step.action {
            Action::New {
                order,
                side,
                price_ticks,
                quantity_lots,
                time_in_force,
                ..
            } => {
                totals.insert(order, quantity_lots);
                let side = if side == Side::Buy { "B" } else { "S" };
                let kind = match time_in_force {
                    TimeInForce::Gtc => "GTC",
                    TimeInForce::Ioc => "IOC",
                    _ => "FOK_BUDGET",
                };
                format!("N {order} {side} {kind} {price_ticks} {quantity_lots}")
            }
            Action::Cancel { order, .. } => format!("C {order}"),
            Action::Replace {
                order,
                price_ticks,
                quantity_lots,
                ..
            } => match totals.insert(order, quantity_lots).unwrap() - quantity_lots {
                0 => format!("M {order} {price_ticks}"),
                less_lots => format!("R {order} {less_lots}"),
            },
        });
    }
    lines.push(String::new());
    lines.join("\n")
}

#[test]
fn the_flow_equals_exchange_cores() {
    let hash = sha256(lines(&flow(CANONICAL_SEED)).as_bytes());
    assert_eq!(
        hash,
        "3c7d772a88b60e7c692fe0e9636c2463d1dd741b2d6451b14414143746995b10"
    );
}

#[test]
fn the_book_stays_at_its_target() {
    let book = flow(CANONICAL_SEED).book;
    assert!(
        (900..=1050).contains(&book.orders()),
        "{} orders",
        book.orders()
    );
    assert!(
        (400..=800).contains(&book.levels()),
        "{} levels",
        book.levels()
    );
}

#[test]
fn every_cancel_and_replace_names_a_live_order() {
    let flow = flow(7);
    let mut book = PlainBook::default();
    for step in flow.prefill.iter().chain(&flow.commands) {
        if let Action::Cancel { order, .. } | Action::Replace { order, .. } = step.action {
            assert!(book.price_ticks(order).is_some(), "{step:?}");
        }
        apply(&mut book, step);
    }
}

#[test]
fn a_seed_gives_one_flow() {
    assert_eq!(flow(7).commands, flow(7).commands);
    assert_ne!(flow(7).commands, flow(8).commands);
}
