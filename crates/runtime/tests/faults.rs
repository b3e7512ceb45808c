//! A disk that fails: the exchange halts by a named reason, acknowledges nothing any more, and what
//! it had acknowledged is there when the disk works again.
//!
//! Method: a disk in memory whose Nth call fails, for many N, and that then loses power.

mod common;

use common::load::{check, load};
use common::{PATIENCE, client, options};
use outcry_journal::disk::Disk;
use outcry_journal::disk_faults::{Call, Fault, FaultyDisk, Loss};
use outcry_runtime::{ClientOptions, Durability, Exchange, Halt, HaltReason, Options};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const DATA: &str = "/data";

fn on(disk: &FaultyDisk) -> Options {
    Options {
        disk: Arc::new(disk.clone()) as Arc<dyn Disk>,
        snapshot_interval_ms: 5,
        ..options()
    }
}

/// Opens and loads an exchange until it halts or a while is over; answers the halt, and what was
/// told.
fn run(options: Options, seed: u64, time: Duration) -> (Option<Halt>, Vec<u8>) {
    let mut replies = Vec::new();
    let Ok((exchange, _)) = Exchange::open(Path::new(DATA), options) else {
        return (None, replies);
    };
    let Ok(client) = exchange.client(ClientOptions::default()) else {
        return (exchange.halt(), replies);
    };
    let halt = load(&client, seed, time, &mut replies);
    if halt.is_some() {
        let again = exchange
            .close()
            .expect_err("a halted exchange does not close well");
        assert_eq!(Some(again), halt, "the first halt stays");
    }
    (halt, replies)
}

/// Fails the call of a kind behind so many, loses power, and checks what is left. Answers whether
/// the fault fired.
fn fail(call: Call, after: u64, fault: Fault, seed: u64) -> bool {
    let what = format!("{call:?} {after}: {fault:?}, seed {seed}");
    let disk = FaultyDisk::new();
    disk.fail_call(call, after, fault);
    let (halt, replies) = run(on(&disk), seed, Duration::from_millis(60));
    let fired = disk.fired().is_some();
    if let Some(halt) = &halt {
        assert!(fired, "{what}: {halt}");
        assert_ne!(halt.reason, HaltReason::Panic, "{what}: {halt}");
    }
    let rest = if seed.is_multiple_of(2) {
        Loss::All
    } else {
        Loss::Some(seed)
    };
    disk.lose_power(rest);
    check(Path::new(DATA), &on(&disk), &replies, &what);
    fired
}

fn fail_many(rounds: u64, step: u64) {
    let mut fired = 0;
    for round in 0..rounds {
        for (call, fault) in [
            (Call::SyncData, Fault::Device),
            (Call::Write, Fault::Device),
            (Call::Write, Fault::Full),
            (Call::Write, Fault::Short),
            (Call::Rename, Fault::Device),
            (Call::Read, Fault::Device),
        ] {
            // Few enough that a short run comes to them.
            let after = round * step % 40 + round % 3;
            fired += u64::from(fail(call, after, fault, round + 1));
        }
    }
    assert!(fired > rounds, "{fired} faults fired");
}

#[test]
fn a_failing_disk_halts_and_loses_nothing_acknowledged() {
    fail_many(3, 23);
}

#[test]
#[ignore = "slow"]
fn a_disk_failing_anywhere_halts_and_loses_nothing_acknowledged() {
    fail_many(60, 5);
}

#[test]
fn a_failed_sync_is_named_and_wakes_who_waits() {
    let disk = FaultyDisk::new();
    let (exchange, _) = Exchange::open(Path::new(DATA), on(&disk)).unwrap();
    let client = client(&exchange);
    client.call(&common::instrument(1)).unwrap();
    disk.fail_call(Call::SyncData, 0, Fault::Device);
    let order = common::limit(1, outcry_protocol::Side::Buy, 100, 1);
    let mut error = None;
    for _ in 0..1_000 {
        if let Err(refused) = client.call(&order) {
            error = Some(refused);
            break;
        }
    }
    let error = error.expect("a sync fails").to_string();
    assert!(error.contains("outcome unknown"), "{error}");
    let halt = exchange.wait_halted(PATIENCE).expect("it halted");
    let expected = [
        HaltReason::SyncFailed,
        HaltReason::Follower,
        HaltReason::SegmentFailed,
    ];
    assert!(expected.contains(&halt.reason), "{halt}");
    let late = exchange.client(ClientOptions::default()).unwrap();
    let refused = late.submit(&order, 1);
    assert_eq!(refused, Err(halt.into()), "it can only read");
}

#[test]
fn power_failures_lose_nothing_acknowledged() {
    let disk = FaultyDisk::new();
    let mut told = Vec::new();
    for seed in 1..8 {
        let (halt, replies) = run(on(&disk), seed, Duration::from_millis(60));
        assert_eq!(halt, None, "seed {seed}");
        told.extend(replies);
        disk.lose_power(Loss::Some(seed));
        check(Path::new(DATA), &on(&disk), &told, &format!("seed {seed}"));
    }
    assert!(told.len() > 1_000);
}

/// Without syncs a power failure may take what was acknowledged, but a crash of the process not,
/// and what is left is whole.
#[test]
fn less_durable_exchanges_lose_nothing_by_a_kill() {
    for durability in [
        Durability::None,
        Durability::Interval(Duration::from_millis(20)),
    ] {
        let disk = FaultyDisk::new();
        let options = || Options {
            durability,
            ..on(&disk)
        };
        let (_, replies) = run(options(), 3, Duration::from_millis(60));
        disk.kill();
        check(
            Path::new(DATA),
            &options(),
            &replies,
            &format!("kill, {durability}"),
        );
        disk.lose_power(Loss::Some(5));
        check(
            Path::new(DATA),
            &options(),
            &[],
            &format!("power, {durability}"),
        );
    }
}

/// Goal: a snapshot that does not read back is passed over for the one before, and said.
#[test]
fn a_damaged_snapshot_is_passed_over() {
    let disk = FaultyDisk::new();
    let mut replies = Vec::new();
    for seed in 1..4 {
        replies.extend(run(on(&disk), seed, Duration::from_millis(60)).1);
    }
    let newest = disk
        .paths()
        .into_iter()
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "snapshot")
        })
        .max()
        .expect("there are snapshots");
    let mut bytes = disk.bytes(&newest).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    disk.put(&newest, bytes);
    let (exchange, report) = Exchange::open(Path::new(DATA), on(&disk)).unwrap();
    assert!(!report.notes.is_empty(), "it is said");
    drop(exchange);
    check(Path::new(DATA), &on(&disk), &replies, "a damaged snapshot");
}
