//! An exchange from end to end, on real files in a folder of its own: what is acknowledged is
//! there, is seen, and stays.

mod common;

use common::{
    PATIENCE, client, instrument, limit, open, open_with, options, replayed, state, wait_for,
};
use outcry_engine::EngineConfig;
use outcry_protocol::{CommandKind, EventKind, MassCancelRecord, OrderRecord, Side};
use outcry_runtime::{
    ClientOptions, Exchange, HaltReason, OpenError, Read, ReadAnswer, Replies, SubmitError,
};

#[test]
fn an_order_is_answered_and_seen_in_depth() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = open(folder.path());
    let client = client(&exchange);
    let replies = client.call(&instrument(1)).unwrap();
    let reply = replies.iter().next().unwrap();
    assert_eq!((reply.first_sequence, reply.commands), (1, 1));
    assert_eq!(reply.records[0].kind, EventKind::Accepted as u8);
    for number in 1..=20_u64 {
        client
            .call(&limit(7, Side::Buy, 100 + number.cast_signed(), 5))
            .unwrap();
        let depth = exchange.depth(1, 3).unwrap();
        assert_eq!(
            depth.bids[0].price_ticks,
            100 + number.cast_signed(),
            "a reply comes behind its depth"
        );
        assert_eq!(depth.update_number, number);
    }
    let traded = client.call(&limit(8, Side::Sell, 120, 2)).unwrap();
    let kinds: Vec<_> = traded.records().iter().map(|record| record.kind).collect();
    assert_eq!(kinds, [EventKind::Accepted as u8, EventKind::Traded as u8]);
    assert_eq!(exchange.depth(1, 1).unwrap().last_trade_ticks, Some(120));
    let report = exchange.close().unwrap();
    assert_eq!((report.sequence, report.snapshot_sequence), (22, 22));
}

#[test]
fn what_was_acknowledged_survives_an_end_without_close() {
    let folder = tempfile::tempdir().unwrap();
    let mut last = (0, [0; 32]);
    for round in 0..5 {
        let exchange = open(folder.path());
        let client = client(&exchange);
        assert!(round == 0 || state(&client) == last, "round {round}");
        if round == 0 {
            client.call(&instrument(1)).unwrap();
        }
        for price in 1..200 {
            let side = if price % 3 == 0 {
                Side::Sell
            } else {
                Side::Buy
            };
            client
                .call(&limit(price % 5 + 1, side, i64::from(price % 17) + 90, 3))
                .unwrap();
        }
        last = state(&client);
        if round % 2 == 0 {
            drop((client, exchange));
        } else {
            drop(client);
            exchange.close().unwrap();
        }
        assert_eq!(
            replayed(folder.path(), EngineConfig::default()),
            last,
            "round {round}"
        );
    }
}

#[test]
fn reads_see_what_was_submitted_before_them() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = open(folder.path());
    let client = client(&exchange);
    client.submit(&instrument(1), 1).unwrap();
    client.submit(&limit(7, Side::Buy, 100, 5), 2).unwrap();
    client
        .request(
            &Read::OpenOrders {
                account: 7,
                instrument: 0,
                most: 10,
            },
            3,
        )
        .unwrap();
    client
        .submit_with_order(&limit(8, Side::Sell, 100, 2), 4)
        .unwrap();
    let replace = OrderRecord::replace(1, 7, 1, 101, 9);
    client
        .submit_with_order(replace.as_record_bytes(), 5)
        .unwrap();
    let mut replies = Replies::default();
    while replies.len() < 5 {
        assert!(client.wait(PATIENCE));
        client.take(&mut replies).unwrap();
    }
    let found: Vec<_> = replies.iter().collect();
    let tickets: Vec<_> = found.iter().map(|reply| reply.ticket).collect();
    assert_eq!(tickets, [1, 2, 3, 4, 5]);
    let Some(ReadAnswer::Orders(orders)) = found[2].answer else {
        panic!("{:?} is no list of orders", found[2].answer);
    };
    assert_eq!((orders.len(), orders[0].open_lots), (1, 5));
    assert_eq!((found[2].last_sequence, found[2].commands), (2, 0));
    assert_eq!(found[3].order, None, "it was filled");
    assert_eq!(found[4].order.unwrap().open_lots, 7);
    assert_eq!(client.in_flight(), 0);
}

#[test]
fn a_mass_cancel_is_repeated_until_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options();
    options.engine.mass_max = 10;
    let config = options.engine;
    let exchange = open_with(folder.path(), options);
    let client = client(&exchange);
    client.call(&instrument(1)).unwrap();
    let orders: Vec<u8> = (0..105)
        .flat_map(|at| limit(3, Side::Buy, 100 + at, 1))
        .collect();
    client.call(&orders).unwrap();
    let mut batch = MassCancelRecord::new(3, 0, None);
    batch.request_id = [5, 5];
    let mut batch = batch.as_record_bytes().to_vec();
    batch.extend(limit(3, Side::Sell, 500, 1));
    let replies = client.call(&batch).unwrap();
    let reply = replies.iter().next().unwrap();
    assert_eq!(
        (reply.commands, reply.last_sequence - reply.first_sequence),
        (2, 11)
    );
    let answers: Vec<_> = reply.answers().collect();
    assert_eq!(answers.len(), 2, "repeats belong to the first");
    let cancelled = |kind: u8| kind == EventKind::Cancelled as u8;
    assert_eq!(
        answers[0]
            .records
            .iter()
            .filter(|record| cancelled(record.kind))
            .count(),
        105
    );
    assert_eq!(answers[1].sequence, reply.last_sequence);
    let again = client.call(&batch[..64]).unwrap();
    assert_eq!(again.records()[0].kind, EventKind::DuplicateRequest as u8);
    assert!(exchange.depth(1, 5).unwrap().bids.is_empty());
    let last = state(&client);
    drop((client, exchange));
    assert_eq!(replayed(folder.path(), config), last);
}

#[test]
fn bad_submissions_are_refused_whole() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = open(folder.path());
    let client = client(&exchange);
    assert_eq!(client.submit(&[], 1), Err(SubmitError::Empty));
    let mut bytes = limit(1, Side::Buy, 100, 1);
    bytes.extend([0x21; 64]);
    let text = client.submit(&bytes, 1).unwrap_err().to_string();
    assert_eq!(text, "offset 64: kind: 0x21 is no command");
    let many: Vec<u8> = (0..1_025)
        .flat_map(|_| limit(1, Side::Buy, 100, 1))
        .collect();
    assert_eq!(
        client.submit(&many, 1),
        Err(SubmitError::TooMany { count: 1_025 })
    );
    assert_eq!(
        client.submit(&many[..64], 1 << 63),
        Err(SubmitError::Ticket(1 << 63))
    );
    let long = vec![CommandKind::New as u8; 300 << 10];
    assert!(matches!(
        client.submit(&long, 1),
        Err(SubmitError::TooLong { bound: 262_144, .. })
    ));
    assert_eq!(state(&client).0, 0, "nothing was done");
}

#[test]
fn a_second_opening_is_refused_with_the_holder() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = open(folder.path());
    let error = Exchange::open(folder.path(), options())
        .map(|_| ())
        .unwrap_err();
    assert!(matches!(error, OpenError::Lock(_)), "{error}");
    let pid = std::process::id().to_string();
    assert!(error.to_string().contains(&pid), "{error}");
    drop(exchange);
    drop(open(folder.path()));
}

#[test]
fn rules_that_differ_are_named() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let mut options = options();
    options.engine.mass_max = 9;
    let error = Exchange::open(folder.path(), options)
        .map(|_| ())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "mass_max: the journal was begun with 1024, not 9"
    );
}

/// Goal: other rules begin a new epoch, behind a clean stop only, and what was done under the old
/// ones is not replayed by the new.
#[test]
fn other_rules_begin_behind_a_clean_stop() {
    let folder = tempfile::tempdir().unwrap();
    let mut changed = options();
    changed.engine.mass_max = 2;
    changed.may_change_rules = true;
    // What the end of a session leaves is not to be a snapshot of all.
    changed.snapshot_interval_ms = 0;
    let exchange = open(folder.path());
    let first = client(&exchange);
    first.call(&instrument(1)).unwrap();
    for price in 1..10 {
        first.call(&limit(3, Side::Buy, price, 1)).unwrap();
    }
    let last = state(&first);
    exchange.close().unwrap();
    let exchange = open_with(folder.path(), changed.clone());
    let second = client(&exchange);
    assert_eq!(state(&second), last);
    let cancel = MassCancelRecord::new(3, 0, None);
    let replies = second.call(cancel.as_record_bytes()).unwrap();
    let reply = replies.iter().next().unwrap();
    assert_eq!(
        reply.last_sequence - reply.first_sequence,
        4,
        "two orders at a time"
    );
    let last = state(&second);
    drop((second, exchange));
    let exchange = open_with(folder.path(), changed);
    assert_eq!(state(&client(&exchange)), last);
    drop(exchange);
    let mut again = options();
    again.may_change_rules = true;
    again.snapshot_interval_ms = 0;
    let sequence = last.0;
    let error = Exchange::open(folder.path(), again)
        .map(|_| ())
        .unwrap_err();
    let OpenError::NotStopped {
        field: "mass_max",
        sequence: found,
        ..
    } = error
    else {
        panic!("{error}");
    };
    assert_eq!(found, sequence);
}

#[test]
fn a_closed_exchange_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = open(folder.path());
    let client = client(&exchange);
    client.call(&instrument(1)).unwrap();
    exchange.close().unwrap();
    let Err(SubmitError::Halted(halt)) = client.submit(&instrument(2), 1) else {
        panic!("it was taken in");
    };
    assert_eq!(halt.reason, HaltReason::Closed);
    let mut replies = Replies::default();
    assert_eq!(
        client.take(&mut replies).unwrap_err().reason,
        HaltReason::Closed
    );
}

#[test]
fn clients_come_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options();
    options.clients_max = 3;
    let exchange = open_with(folder.path(), options);
    let first = client(&exchange);
    first.call(&instrument(1)).unwrap();
    for _ in 0..50 {
        let clients = [client(&exchange), client(&exchange)];
        assert!(exchange.client(ClientOptions::default()).is_err());
        for client in &clients {
            client.submit(&limit(1, Side::Buy, 10, 1), 1).unwrap();
        }
        clients[0].call(&limit(1, Side::Buy, 11, 1)).unwrap();
        drop(clients);
        wait_for("the end of two clients", || exchange.status().clients == 1);
    }
    assert_eq!(state(&first).0, 1 + 150);
}
