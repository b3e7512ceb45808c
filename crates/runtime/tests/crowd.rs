//! Many clients, readers and subscribers at once, coming and going.
//!
//! Goal: every submission is answered once and in the order of its client, sequences have no gap
//! and no two owners, and what a client was told it also finds in depth and reads. Method: threads
//! by seed, small rings so that they fill, and the events of all as the account of what was done.

mod common;

use common::load::{Random, batch};
use common::{PATIENCE, client, instrument, open_with, options, replayed, state};
use outcry_engine::EngineConfig;
use outcry_runtime::{
    Client, Exchange, Options, Piece, Read, ReadAnswer, Replies, SubmitError, SubscribeOptions,
};
use std::sync::Mutex;
use std::time::Duration;

const SUBMISSIONS: u64 = 300;

fn crowd_options() -> Options {
    Options {
        command_ring_bytes: 64 << 10,
        in_flight_bytes: 1 << 20,
        ..options()
    }
}

/// Submits by seed, with reads between; answers the sequences that its commands took.
fn trade(client: &Client, seed: u64) -> Vec<(u64, u64)> {
    let mut random = Random(seed * 2 + 1);
    let mut replies = Replies::default();
    let mut owned = Vec::new();
    let (mut sent, mut next) = (0, 0);
    while next < SUBMISSIONS {
        while sent < SUBMISSIONS {
            let submitted = if random.below(10) == 0 {
                client.request(&Read::Order { order_id: 1 }, sent)
            } else {
                client.submit(&batch(&mut random), sent).map(drop)
            };
            match submitted {
                Ok(()) => sent += 1,
                Err(SubmitError::Overloaded { .. }) => break,
                Err(error) => panic!("seed {seed}: {error}"),
            }
        }
        if client.in_flight() == 0 {
            // The ring is full of others' commands: nothing of this client's will wake it.
            std::thread::yield_now();
            continue;
        }
        let answered = client.wait(PATIENCE);
        assert!(answered, "seed {seed}: no answer to {next}");
        client.take(&mut replies).unwrap();
        for reply in replies.iter() {
            assert_eq!(reply.ticket, next, "seed {seed}");
            next += 1;
            if reply.commands == 0 {
                assert!(
                    matches!(reply.answer, Some(ReadAnswer::Order(_))),
                    "seed {seed}"
                );
                continue;
            }
            assert_eq!(
                reply.answers().count(),
                reply.commands as usize,
                "seed {seed}"
            );
            owned.push((reply.first_sequence, reply.last_sequence));
        }
        replies.clear();
    }
    owned
}

/// Reads all events from the first on, up to a sequence that is told later.
fn listen(exchange: &Exchange, until: &Mutex<Option<u64>>) {
    let mut events = exchange.subscribe(1, SubscribeOptions::default()).unwrap();
    let mut next = 1;
    loop {
        if until.lock().unwrap().is_some_and(|until| next > until) {
            return;
        }
        match events.next(Duration::from_millis(50)).unwrap() {
            Some(Piece::Events {
                first_sequence,
                last_sequence,
                ..
            }) => {
                assert_eq!(first_sequence, next);
                next = last_sequence + 1;
            }
            Some(gap @ Piece::Gap { .. }) => panic!("{gap:?}"),
            None => {}
        }
    }
}

fn crowd(seed: u64, threads: u64) {
    let folder = tempfile::tempdir().unwrap();
    let exchange = open_with(folder.path(), crowd_options());
    let first = client(&exchange);
    for number in 1..=3 {
        first.call(&instrument(number)).unwrap();
    }
    let until = Mutex::new(None);
    let mut owned = vec![(1, 1), (2, 2), (3, 3)];
    std::thread::scope(|scope| {
        scope.spawn(|| listen(&exchange, &until));
        let trading: Vec<_> = (0..threads)
            .map(|number| {
                let exchange = &exchange;
                scope.spawn(move || {
                    // The second half of the work is done by a client that came later.
                    let mut owned = trade(&client(exchange), seed * 100 + number);
                    owned.extend(trade(&client(exchange), seed * 100 + 50 + number));
                    owned
                })
            })
            .collect();
        let traded: Vec<_> = trading
            .into_iter()
            .map(std::thread::ScopedJoinHandle::join)
            .collect();
        *until.lock().unwrap() = Some(exchange.status().sequence);
        for sequences in traded {
            owned.extend(sequences.unwrap());
        }
    });
    owned.sort_unstable();
    let mut next = 1;
    for (first, last) in owned {
        assert_eq!(first, next, "seed {seed}: a sequence of nobody, or of two");
        next = last + 1;
    }
    let last = state(&first);
    assert_eq!(last.0, next - 1);
    drop((first, exchange));
    assert_eq!(
        replayed(folder.path(), EngineConfig::default()),
        last,
        "seed {seed}"
    );
}

#[test]
fn a_crowd_is_served() {
    crowd(1, 4);
}

#[test]
#[ignore = "slow"]
fn many_crowds_are_served() {
    for seed in 2..20 {
        crowd(seed, 1 + seed % 7);
    }
}
