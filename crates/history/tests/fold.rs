//! Goal: a fold says the same in whatever batches it reads, and behind any restart; its candles are
//! those of its trades. Method: a mixed flow of every kind of order, with times that run over
//! minutes, is folded in several ways and all rows compared.

mod common;

use common::{Directory, Tables, folded};
use outcry_history::{Fold, OrderState, Tail, TailError};
use outcry_marketdata::Interval;
use outcry_marketdata::candles::{CandleSet, Key, Settings};
use outcry_protocol::{RecordBuffer, Side};
use outcry_simulate::encode::START_TIME_NS;
use outcry_simulate::mixed::Mixed;

const COMMANDS: u64 = 6_000;
/// Between two commands: minutes of a hundred commands.
const STEP_NS: u64 = 600_000_000;
/// Where a command's time stands.
const TIME: std::ops::Range<usize> = 8..16;

/// The next command of a flow, at the time that its number has.
fn next_command(flow: &mut Mixed, number: u64) -> RecordBuffer {
    let mut record = RecordBuffer::default();
    flow.next_command(&mut record);
    let mut bytes = record.as_bytes().to_vec();
    let time_ns = START_TIME_NS + number * STEP_NS;
    bytes[TIME].copy_from_slice(&time_ns.to_le_bytes());
    RecordBuffer::copy_of(&bytes)
}

/// A directory with a past, in frames of one to a hundred commands.
fn past(seed: u32) -> Directory {
    let mut directory = Directory::new();
    directory.write(&Mixed::setup());
    let mut flow = Mixed::new(seed);
    let mut number = 0;
    while number < COMMANDS {
        let mut frame = RecordBuffer::default();
        for _ in 0..=number * 7 % 100 {
            frame.extend(next_command(&mut flow, number).as_bytes());
            number += 1;
            flow.note_order(1 + (number % 8) as u32, number % 400 + 1);
        }
        directory.write(&frame);
    }
    directory
}

#[test]
fn batches_do_not_matter() {
    let directory = past(1);
    let whole = folded(directory.path(), u64::MAX);
    let states = whole.orders.values().map(|order| order.state);
    let expired = states.filter(|state| *state == OrderState::Cancelled);
    assert!(expired.count() > 50 && whole.trades.len() > 500);
    for commands_max in [1, 250] {
        assert!(folded(directory.path(), commands_max) == whole);
    }
}

#[test]
fn a_restart_anywhere_does_not_matter() {
    let directory = past(2);
    let whole = folded(directory.path(), u64::MAX);
    let mut tables = Tables::default();
    let mut fold = Fold::new(0, 0, 0);
    loop {
        let mut tail = Tail::behind(directory.path(), fold.sequence(), fold.digest()).unwrap();
        if !fold.advance(&mut tail, 150).unwrap() {
            break;
        }
        tables.write(fold.take());
        fold = tables.loaded(&fold);
    }
    assert!(tables == whole);
}

#[test]
fn candles_are_those_of_the_trades() {
    let directory = past(3);
    let tables = folded(directory.path(), 40);
    let mut set = CandleSet::<i64>::new(Settings {
        intervals: vec![Interval::parse("1m").unwrap()],
        horizon_ns: i64::MAX,
        grace_ns: 0,
    })
    .unwrap();
    for trade in &tables.trades {
        let key = Key {
            time_ns: trade.time_ns.cast_signed(),
            id: trade.trade_id.cast_signed(),
        };
        let quantity = i128::from(trade.quantity_lots);
        let value = quantity * i128::from(trade.price_ticks);
        let buys = trade.aggressor == Side::Buy;
        set.add_trade(
            trade.instrument,
            key,
            trade.price_ticks,
            quantity,
            value,
            buys,
        )
        .unwrap();
    }
    let last_ns = START_TIME_NS + COMMANDS * STEP_NS;
    let ended = set
        .take()
        .into_iter()
        .filter(|row| row.candle.end_ns <= last_ns.cast_signed());
    let expected: Vec<_> = ended
        .map(|row| (row.group, row.candle.open_time_ns, row.candle.figures))
        .collect();
    let found = tables.candles.values();
    let found: Vec<_> = found
        .map(|candle| {
            let open_time_ns = candle.open_time_ns.cast_signed();
            (candle.instrument, open_time_ns, candle.figures)
        })
        .collect();
    assert!(found.len() > 100);
    assert_eq!(found, expected);
}

#[test]
fn a_tail_goes_on_while_it_is_written() {
    let mut directory = Directory::new();
    directory.write(&Mixed::setup());
    let mut flow = Mixed::new(4);
    let mut fold = Fold::new(0, 0, 0);
    let mut tail = Tail::behind(directory.path(), 0, 0).unwrap();
    let mut tables = Tables::default();
    for number in 0..2_000 {
        directory.write(&next_command(&mut flow, number));
        if number % 3 == 0 {
            assert!(fold.advance(&mut tail, u64::MAX).unwrap());
            assert!(!fold.advance(&mut tail, u64::MAX).unwrap());
            tables.write(fold.take());
        }
    }
    fold.advance(&mut tail, u64::MAX).unwrap();
    tables.write(fold.take());
    assert!(tables == folded(directory.path(), u64::MAX));
}

#[test]
fn another_past_is_refused() {
    let directory = past(5);
    let mut fold = Fold::new(0, 0, 0);
    let mut tail = Tail::behind(directory.path(), 0, 0).unwrap();
    fold.advance(&mut tail, 500).unwrap();
    let other = |sequence, digest| {
        let opened = Tail::behind(directory.path(), sequence, digest);
        matches!(opened.err(), Some(TailError::OtherPast { .. }))
    };
    assert!(!other(fold.sequence(), fold.digest()));
    assert!(other(fold.sequence(), fold.digest() + 1));
    assert!(other(u64::MAX - 1, 0));
}
