//! Bounds: what is full says so, who is slow is told, and nobody else is held up.

mod common;

use common::{PATIENCE, client, instrument, limit, open, open_with, options, state, wait_for};
use outcry_protocol::{CommandKind, ExtendedOrderRecord, OrderRecord, Side, TimeInForce};
use outcry_runtime::{
    ClientOptions, Clock, Options, Piece, Read, ReadAnswer, Replies, SubmitError, SubscribeOptions,
    Waker,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

#[test]
fn too_much_at_once_is_answered_overloaded() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        command_ring_bytes: 64 << 10,
        ..options()
    };
    let exchange = open_with(folder.path(), options);
    let few = exchange
        .client(ClientOptions {
            in_flight_max: 10,
            ..ClientOptions::default()
        })
        .unwrap();
    few.call(&instrument(1)).unwrap();
    let order = limit(1, Side::Buy, 100, 1);
    for _ in 0..10 {
        few.submit(&order, 1).unwrap();
    }
    let text = few.submit(&order, 1).unwrap_err().to_string();
    assert_eq!(
        text,
        "overloaded: the client's room for commands in flight is full, its bound is 10"
    );
    let mut replies = Replies::default();
    wait_for("ten replies", || {
        few.take(&mut replies).unwrap() > 0 && replies.len() == 10 || { replies.len() == 10 }
    });
    few.submit(&order, 1).unwrap();
    // Eight batches of 100 commands do not fit into a ring of 64 KiB; the engine may take some out
    // meanwhile, so push until one is refused.
    let many = client(&exchange);
    let batch: Vec<u8> = (0..400)
        .flat_map(|_| limit(2, Side::Sell, 200, 1))
        .collect();
    let mut taken = 0;
    let refusal = loop {
        match many.submit(&batch, taken) {
            Ok(count) => taken += u64::from(count),
            Err(refusal) => break refusal,
        }
    };
    let SubmitError::Overloaded {
        what: "command ring",
        bound: 65_536,
    } = refusal
    else {
        panic!("{refusal:?}");
    };
    let mut done = 0;
    while done < taken {
        assert!(many.wait(PATIENCE));
        replies.clear();
        many.take(&mut replies).unwrap();
        done += replies
            .iter()
            .map(|reply| u64::from(reply.commands))
            .sum::<u64>();
    }
    assert_eq!(
        done, taken,
        "what was taken in was done, what was refused was not"
    );
}

#[test]
fn a_client_that_does_not_read_loses_records_and_nobody_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = open(folder.path());
    let slow = exchange
        .client(ClientOptions {
            reply_bytes_max: 10_000,
            ..ClientOptions::default()
        })
        .unwrap();
    let quick = client(&exchange);
    quick.call(&instrument(1)).unwrap();
    for ticket in 0..300 {
        slow.submit(&limit(1, Side::Buy, 50, 1), ticket).unwrap();
        assert_eq!(
            quick
                .call(&limit(2, Side::Sell, 900, 1))
                .unwrap()
                .records()
                .len(),
            1
        );
    }
    let mut replies = Replies::default();
    while replies.len() < 300 {
        assert!(slow.wait(PATIENCE));
        slow.take(&mut replies).unwrap();
    }
    let tickets: Vec<_> = replies.iter().map(|reply| reply.ticket).collect();
    assert_eq!(
        tickets,
        (0..300).collect::<Vec<_>>(),
        "every one is answered, in order"
    );
    let lost = replies
        .iter()
        .filter(|reply| reply.records_lost > 0)
        .count();
    assert!(
        lost > 100 && lost < 300,
        "{lost} replies lost their records"
    );
    assert!(
        replies
            .iter()
            .all(|reply| reply.records.len() as u64 + reply.records_lost == 1)
    );
    // What was lost is to be had from the events.
    let mut events = exchange.subscribe(1, SubscribeOptions::default()).unwrap();
    let mut next = 1;
    while next <= 601 {
        match events.next(PATIENCE).unwrap() {
            Some(Piece::Events {
                first_sequence,
                last_sequence,
                ..
            }) => {
                assert_eq!(first_sequence, next);
                next = last_sequence + 1;
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_subscriber_that_stops_reading_is_told_of_the_gap() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = open(folder.path());
    let client = client(&exchange);
    client.call(&instrument(1)).unwrap();
    let mut slow = exchange
        .subscribe(
            0,
            SubscribeOptions {
                bytes_max: 2_000,
                waker: None,
            },
        )
        .unwrap();
    for price in 1..=200 {
        client.call(&limit(1, Side::Buy, price, 1)).unwrap();
    }
    let mut next = 2;
    let mut gaps = Vec::new();
    while next <= 201 {
        let piece = slow.next(PATIENCE).unwrap().expect("it is told all");
        let (first, last) = match piece {
            Piece::Events {
                first_sequence,
                last_sequence,
                ref records,
                ..
            } => {
                assert!(!records.is_empty());
                (first_sequence, last_sequence)
            }
            Piece::Gap {
                first_sequence,
                last_sequence,
            } => {
                gaps.push((first_sequence, last_sequence));
                (first_sequence, last_sequence)
            }
        };
        assert_eq!(first, next, "nothing is missing without being said");
        next = last + 1;
    }
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    client.call(&limit(1, Side::Buy, 300, 1)).unwrap();
    let live = slow.next(PATIENCE).unwrap();
    assert!(
        matches!(
            live,
            Some(Piece::Events {
                first_sequence: 202,
                ..
            })
        ),
        "{live:?}"
    );
    let mut again = exchange
        .subscribe(gaps[0].0, SubscribeOptions::default())
        .unwrap();
    let missed = again.next(PATIENCE).unwrap();
    let Some(Piece::Events { first_sequence, .. }) = missed else {
        panic!("{missed:?}");
    };
    assert_eq!(first_sequence, gaps[0].0);
}

/// Goal: every event comes once and in order wherever a reader begins, while commands go on.
#[test]
fn subscribers_go_from_the_log_to_the_live_events_without_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..2 {
        let exchange = open(folder.path());
        let client = client(&exchange);
        let first = state(&client).0;
        if round == 0 {
            client.call(&instrument(1)).unwrap();
        }
        std::thread::scope(|scope| {
            for from in [1, 2, first.max(1), first + 100, first + 400] {
                let exchange = &exchange;
                scope.spawn(move || follow(exchange, from, first + 2_000));
            }
            for price in 0..2_000 {
                client
                    .call(&limit(1, Side::Buy, price % 300 + 1, 1))
                    .unwrap();
            }
        });
    }
}

fn follow(exchange: &outcry_runtime::Exchange, from: u64, until: u64) {
    let mut events = exchange
        .subscribe(from, SubscribeOptions::default())
        .unwrap();
    let mut next = from;
    while next <= until {
        let piece = events.next(PATIENCE).unwrap();
        let Some(Piece::Events {
            first_sequence,
            last_sequence,
            records,
            ..
        }) = piece
        else {
            panic!("from {from}, at {next}: {piece:?}");
        };
        assert_eq!(first_sequence, next, "from {from}");
        assert_eq!(records[0].sequence_or_price, next);
        next = last_sequence + 1;
    }
}

struct Hand(AtomicU64);

impl Clock for Hand {
    fn now_ns(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

const HOUR_NS: u64 = 3_600_000_000_000;

/// An exchange whose clock is set by hand.
fn with_clock(now_ns: u64) -> (Options, Arc<Hand>) {
    let clock = Arc::new(Hand(AtomicU64::new(now_ns)));
    let own: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
    let options = Options {
        clock: own,
        ..options()
    };
    (options, clock)
}

#[test]
fn a_clock_that_steps_back_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let start = 400_000 * HOUR_NS;
    let (options, clock) = with_clock(start);
    let exchange = open_with(folder.path(), options);
    let client = client(&exchange);
    client.call(&instrument(1)).unwrap();
    client.call(&good_till(start + HOUR_NS / 2)).unwrap();
    clock.0.store(start - HOUR_NS, Ordering::Release);
    let mut order = OrderRecord::limit(1, 1, Side::Buy, 100, 1);
    // What a client says of the time is nobody's business.
    order.time_ns = u64::MAX / 2;
    let replies = client.call(order.as_record_bytes()).unwrap();
    assert_eq!(replies.iter().next().unwrap().time_ns, start);
    assert_eq!(exchange.status().open_orders, 2, "nothing expired early");
    drop((client, exchange));
    let (options, clock) = with_clock(start - 2 * HOUR_NS);
    let exchange = open_with(folder.path(), options);
    let client = common::client(&exchange);
    let replies = client.call(&limit(1, Side::Buy, 100, 1)).unwrap();
    assert_eq!(replies.iter().next().unwrap().time_ns, start);
    clock.0.store(start + HOUR_NS, Ordering::Release);
    let replies = client.call(&limit(1, Side::Buy, 101, 1)).unwrap();
    assert_eq!(
        replies.iter().next().unwrap().first_sequence,
        6,
        "an advance_time came before it"
    );
    assert_eq!(
        exchange.status().open_orders,
        3,
        "the one with an expiry is gone"
    );
}

fn good_till(expire_time_ns: u64) -> Vec<u8> {
    let base = OrderRecord::limit(1, 9, Side::Buy, 90, 1);
    let mut order = ExtendedOrderRecord::new(CommandKind::NewExtended, base);
    order.base.time_in_force = TimeInForce::Gtd as u8;
    order.expire_time_ns = expire_time_ns;
    order.as_record_bytes().to_vec()
}

#[test]
fn an_idle_exchange_expires_orders_when_their_time_comes() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = open(folder.path());
    let client = client(&exchange);
    client.call(&instrument(1)).unwrap();
    let now = outcry_runtime::SystemClock.now_ns();
    client.call(&good_till(now + 50_000_000)).unwrap();
    wait_for("the expiry", || {
        exchange
            .depth(1, 1)
            .is_some_and(|depth| depth.bids.is_empty())
    });
    let (sequence, answer) = client
        .read(&Read::OpenOrders {
            account: 0,
            instrument: 0,
            most: 10,
        })
        .unwrap();
    assert_eq!((sequence, answer), (3, ReadAnswer::Orders(Vec::new())));
}

struct Counting(AtomicUsize);

impl Waker for Counting {
    fn wake(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

#[test]
fn a_waker_is_called_once_until_the_next_take() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = open(folder.path());
    let waker = Arc::new(Counting(AtomicUsize::new(0)));
    let own: Arc<dyn Waker> = Arc::clone(&waker) as Arc<dyn Waker>;
    let client = exchange
        .client(ClientOptions {
            waker: Some(own),
            ..ClientOptions::default()
        })
        .unwrap();
    client.submit(&instrument(1), 1).unwrap();
    wait_for("a wake-up", || waker.0.load(Ordering::Acquire) == 1);
    for ticket in 2..50 {
        client.submit(&limit(1, Side::Buy, 10, 1), ticket).unwrap();
    }
    wait_for("all deliveries", || {
        exchange.status().delivered_sequence == 49
    });
    assert_eq!(
        waker.0.load(Ordering::Acquire),
        1,
        "one wake-up for all until they are taken"
    );
    let mut replies = Replies::default();
    wait_for("all replies", || {
        client.take(&mut replies).unwrap();
        replies.len() == 49
    });
    let before = waker.0.load(Ordering::Acquire);
    client.submit(&limit(1, Side::Buy, 10, 1), 50).unwrap();
    wait_for("another wake-up", || {
        waker.0.load(Ordering::Acquire) == before + 1
    });
    drop(exchange);
    assert!(
        client.take(&mut replies).is_ok(),
        "what was acknowledged is had behind a halt"
    );
    assert!(client.take(&mut replies).is_err());
}
