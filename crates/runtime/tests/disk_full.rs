//! A disk that fills up. The graceful way: with less than the reserve free, commands are refused,
//! reads go on, and commands are taken again once there is room. The hard way: a write fails, the
//! exchange halts, and what was durable is told on, exactly.
//!
//! Method: a disk in memory, that tells how much is free and fails by order.

mod common;

use common::load::{Random, batch};
use common::{client, instrument, limit, open_with, options, state, wait_for};
use outcry_engine::{Engine, EngineConfig};
use outcry_journal::disk::Disk;
use outcry_journal::disk_faults::{Call, Fault, FaultyDisk, Loss};
use outcry_journal::{FrameKind, Reader};
use outcry_protocol::{OrderRecord, Side};
use outcry_runtime::{
    CallError, Client, Exchange, HaltReason, Options, Piece, Read, ReadAnswer, Replies,
    SubmitError, SubscribeOptions, SubscriptionError, Waker,
};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const DATA: &str = "/data";
const RESERVE: u64 = 32 << 20;
const MUCH: u64 = 1 << 40;

fn on(disk: &FaultyDisk) -> Options {
    Options {
        disk: Arc::new(disk.clone()) as Arc<dyn Disk>,
        disk_reserve_bytes: RESERVE,
        ..options()
    }
}

fn started(disk: &FaultyDisk) -> (Exchange, Client) {
    let exchange = open_with(Path::new(DATA), on(disk));
    let client = client(&exchange);
    client.call(&instrument(1)).unwrap();
    client.call(&limit(1, Side::Buy, 100, 5)).unwrap();
    (exchange, client)
}

/// Hash and sequence of a replay up to a sequence.
fn replayed(disk: &FaultyDisk, until: u64) -> (u64, [u8; 32]) {
    let mut engine = Engine::new(EngineConfig::default());
    let mut reader = Reader::open(Arc::new(disk.clone()), Path::new(DATA), 1).unwrap();
    while let Some(frame) = reader.next(until).unwrap() {
        if frame.kind() == FrameKind::Commands {
            engine.apply_batch(frame.payload, &mut Vec::new()).unwrap();
        }
    }
    (engine.sequence(), engine.state_hash())
}

#[test]
fn with_less_than_the_reserve_commands_are_refused_and_reads_go_on() {
    let disk = FaultyDisk::new();
    let (exchange, client) = started(&disk);
    assert!(!exchange.status().is_disk_short);
    disk.tell_free_space(RESERVE - 1);
    wait_for("the look at the disk", || exchange.status().is_disk_short);
    let order = limit(1, Side::Buy, 101, 1);
    let refused = SubmitError::DiskNearlyFull {
        free_bytes: RESERVE - 1,
        needed_bytes: exchange.status().disk_needed_bytes,
    };
    assert_eq!(client.submit(&order, 1), Err(refused.clone()));
    let cancel = OrderRecord::cancel(0, 1, 1);
    assert_eq!(
        client
            .call_with_order(cancel.as_record_bytes())
            .unwrap_err(),
        CallError::Submit(refused),
        "a cancel is a command too"
    );
    let (sequence, answer) = client.read(&Read::Order { order_id: 1 }).unwrap();
    assert!(matches!(answer, ReadAnswer::Order(Some(_))));
    assert_eq!(sequence, exchange.status().sequence);
    assert_eq!(exchange.depth(1, 1).unwrap().bids[0].price_ticks, 100);
    assert_eq!(exchange.halt(), None);

    disk.tell_free_space(MUCH);
    wait_for("the look at the disk", || !exchange.status().is_disk_short);
    client.call(&order).unwrap();
    assert_eq!(exchange.depth(1, 1).unwrap().bids[0].price_ticks, 101);
    exchange.close().unwrap();
}

#[test]
fn the_text_names_the_setting_and_what_is_free() {
    let refused = SubmitError::DiskNearlyFull {
        free_bytes: 7,
        needed_bytes: 9,
    };
    assert_eq!(
        refused.to_string(),
        "disk_reserve_bytes: 7 bytes of the disk are free, 9 must be for commands to be taken"
    );
}

#[test]
fn an_exchange_opened_on_a_full_disk_refuses_from_its_first_command() {
    let disk = FaultyDisk::new();
    let (exchange, client) = started(&disk);
    let before = state(&client);
    exchange.close().unwrap();
    disk.tell_free_space(RESERVE / 2);
    let exchange = open_with(Path::new(DATA), on(&disk));
    let client = common::client(&exchange);
    assert!(matches!(
        client.submit(&limit(1, Side::Buy, 101, 1), 1),
        Err(SubmitError::DiskNearlyFull { .. })
    ));
    assert_eq!(state(&client), before);
}

#[test]
fn without_a_reserve_nothing_is_refused() {
    let disk = FaultyDisk::new();
    disk.tell_free_space(0);
    let options = Options {
        disk_reserve_bytes: 0,
        ..on(&disk)
    };
    let exchange = open_with(Path::new(DATA), options);
    let client = client(&exchange);
    client.call(&instrument(1)).unwrap();
    assert_eq!(exchange.status().disk_needed_bytes, 0);
}

#[test]
fn a_reserve_above_its_bound_is_refused() {
    let options = Options {
        disk_reserve_bytes: (1 << 40) + 1,
        ..options()
    };
    let Err(error) = Exchange::open(Path::new(DATA), options) else {
        panic!("it has a bound");
    };
    let text = error.to_string();
    assert!(
        text.starts_with("disk_reserve_bytes: 1099511627777 "),
        "{text}"
    );
}

/// Goal: the next segment counts as needed until it is made, and no snapshot is begun where there
/// is no room for it.
#[test]
fn what_will_be_written_counts_beside_the_reserve() {
    let disk = FaultyDisk::new();
    let (exchange, client) = started(&disk);
    wait_for("segment and snapshot", || {
        let status = exchange.status();
        status.snapshot.bytes > 0
            && status.disk_needed_bytes == RESERVE + status.snapshot.bytes
            && status.follower_lag_bytes == 0
    });
    // Room for what is needed, and none for another segment.
    let options = on(&disk);
    disk.tell_free_space(RESERVE + options.segment_bytes / 2);
    // Cancels of nothing leave the state, and so the next snapshot, as it is.
    let cancel = OrderRecord::cancel(0, 2, 999);
    let batch = cancel.as_record_bytes().repeat(500);
    // What the follower has yet to write is needed as well, but only for a while.
    let mut refused_in_a_row = 0;
    wait_for("the next segment to be needed", || {
        let called = client.call(&batch);
        let refused = matches!(
            called,
            Err(CallError::Submit(SubmitError::DiskNearlyFull { .. }))
        );
        assert!(refused || called.is_ok(), "{called:?}");
        let status = exchange.status();
        let is_needed = status.disk_needed_bytes >= RESERVE + options.segment_bytes;
        let is_meant = refused && is_needed && status.follower_lag_bytes == 0;
        refused_in_a_row = if is_meant { refused_in_a_row + 1 } else { 0 };
        refused_in_a_row == 200
    });
    let taken = exchange.status().snapshot.taken;
    std::thread::sleep(Duration::from_millis(5 * options.snapshot_interval_ms));
    assert_eq!(exchange.status().snapshot.taken, taken);
    disk.tell_free_space(MUCH);
    wait_for("the segment", || !exchange.status().is_disk_short);
    client.call(&batch).unwrap();
    exchange.close().unwrap();
}

/// What somebody was told of their submissions before a halt.
struct Told {
    exchange: Exchange,
    client: Client,
    /// The last sequence that a reply named.
    last_sequence: u64,
}

/// Loads an exchange on a disk until a call of it fails.
fn loaded(disk: &FaultyDisk, options: Options, call: Call, after: u64, fault: Fault) -> Told {
    let exchange = open_with(Path::new(DATA), options);
    let client = client(&exchange);
    for number in 1..=3 {
        client.call(&instrument(number)).unwrap();
    }
    disk.fail_call(call, after, fault);
    let mut random = Random(after * 2 + 1);
    let (mut replies, mut last_sequence) = (Replies::default(), 0);
    let start = Instant::now();
    while exchange.halt().is_none() {
        assert!(start.elapsed() < Duration::from_mins(1), "{call:?} {after}");
        for _ in 0..8 {
            let sent = client.submit(&batch(&mut random), 1);
            assert!(
                matches!(sent, Ok(_) | Err(SubmitError::Halted(_))),
                "{sent:?}"
            );
        }
        client.wait(Duration::from_millis(50));
        let _ = client.take(&mut replies);
    }
    while client.take(&mut replies).is_ok() {
        client.wait(Duration::from_secs(10));
    }
    for reply in replies.iter() {
        last_sequence = last_sequence.max(reply.last_sequence);
    }
    Told {
        exchange,
        client,
        last_sequence,
    }
}

/// Goal: behind a halt by the disk reads show the durable state, all that was told and nothing
/// more. Method: many faults; the state's hash against a replay up to the durable sequence, and
/// against an opening behind a loss of power, which has what was synced.
#[test]
fn reads_behind_a_halt_show_exactly_what_is_durable() {
    for (round, (call, fault)) in [
        (Call::SyncData, Fault::Device),
        (Call::Write, Fault::Full),
        (Call::Write, Fault::Short),
        (Call::Write, Fault::Device),
        (Call::Open, Fault::Full),
        (Call::SyncDir, Fault::Device),
    ]
    .into_iter()
    .cycle()
    .take(24)
    .enumerate()
    {
        // Segments are seldom made.
        let many = if call == Call::SyncData || call == Call::Write {
            40
        } else {
            6
        };
        let after = (round as u64 * 7) % many;
        let disk = FaultyDisk::new();
        let options = Options {
            snapshot_interval_ms: 5,
            ..on(&disk)
        };
        let what = format!("{call:?} {after}: {fault:?}");
        let told = loaded(&disk, options.clone(), call, after, fault);
        let halt = told.exchange.halt().unwrap();
        assert!(halt.reason.leaves_state(), "{what}: {halt}");
        let durable = told.exchange.status().durable_sequence;
        assert!(told.last_sequence <= durable, "{what}");
        let found = state(&told.client);
        assert_eq!(found, replayed(&disk, durable), "{what}: {halt}");
        assert_eq!(found, state(&client(&told.exchange)), "{what}");
        assert_eq!(found.0, durable, "{what}");
        let status = told.exchange.status();
        assert_eq!(status.delivered_sequence, durable, "{what}");
        assert_eq!(status.sequence, durable, "{what}");
        check_depth(&told.exchange, &disk, durable);
        let refused = told.client.call(&limit(1, Side::Buy, 1, 1)).unwrap_err();
        assert_eq!(refused, CallError::Submit(halt.into()), "{what}");
        drop(told);
        disk.lose_power(Loss::All);
        let again = open_with(Path::new(DATA), options);
        assert_eq!(state(&client(&again)), found, "{what}: opened again");
    }
}

/// The copy of the books is that of a replay up to a sequence.
fn check_depth(exchange: &Exchange, disk: &FaultyDisk, until: u64) {
    let mut engine = Engine::new(EngineConfig::default());
    let mut reader = Reader::open(Arc::new(disk.clone()), Path::new(DATA), 1).unwrap();
    while let Some(frame) = reader.next(until).unwrap() {
        if frame.kind() == FrameKind::Commands {
            engine.apply_batch(frame.payload, &mut Vec::new()).unwrap();
        }
    }
    let mut levels = Vec::new();
    for instrument in 1..=3 {
        let depth = exchange.depth(instrument, 100).unwrap_or_default();
        engine.depth(instrument, Side::Buy, 100, &mut levels);
        assert_eq!(depth.bids, levels);
        engine.depth(instrument, Side::Sell, 100, &mut levels);
        assert_eq!(depth.asks, levels);
    }
}

#[derive(Default)]
struct Bell(AtomicU32);

impl Waker for Bell {
    fn wake(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Goal: reads by ticket are answered as well, those that came while the state was awaited and
/// those behind it; who is told by a waker hears of each.
#[test]
fn requests_behind_a_halt_are_answered_and_rung_for() {
    let disk = FaultyDisk::new();
    let exchange = open_with(Path::new(DATA), on(&disk));
    let bell = Arc::new(Bell::default());
    let reader = exchange
        .client(outcry_runtime::ClientOptions {
            waker: Some(Arc::clone(&bell) as Arc<dyn Waker>),
            in_flight_max: 2,
            ..outcry_runtime::ClientOptions::default()
        })
        .unwrap();
    let writer = client(&exchange);
    writer.call(&instrument(1)).unwrap();
    disk.fail_call(Call::SyncData, 0, Fault::Device);
    while writer.call(&limit(1, Side::Buy, 100, 1)).is_ok() {}
    let (mut replies, halt) = (Replies::default(), exchange.halt().unwrap());
    reader.request(&Read::StateHash, 9).unwrap();
    assert!(reader.wait(Duration::from_secs(30)));
    let told = reader.take(&mut replies);
    assert_eq!(told, Err(halt.clone()), "before all that comes behind it");
    for ticket in 1..=2 {
        reader.request(&Read::StateHash, ticket).unwrap();
    }
    let third = reader.request(&Read::StateHash, 3);
    assert!(matches!(
        third,
        Err(SubmitError::Overloaded { bound: 2, .. })
    ));
    let mut count = 0;
    while count < 2 {
        assert!(reader.wait(Duration::from_secs(30)));
        count += reader.take(&mut replies).unwrap();
    }
    assert!(bell.0.load(Ordering::SeqCst) > 0);
    let tickets: Vec<_> = replies.iter().map(|reply| reply.ticket).collect();
    assert_eq!(tickets, [1, 2]);
    for reply in replies.iter() {
        let Some(ReadAnswer::StateHash(hash)) = reply.answer else {
            panic!("{reply:?}");
        };
        assert_eq!((reply.last_sequence, *hash), state(&writer));
    }
    // The bell rings anew, or has rung since the replies were taken: who halted may do so late.
    reader.request(&Read::Instruments, 4).unwrap();
    assert!(reader.wait(Duration::from_secs(10)));
    assert_eq!(reader.take(&mut replies), Ok(1));
    assert_eq!(
        reader.take(&mut replies),
        Err(halt),
        "nothing is left to say"
    );
}

#[test]
fn clients_come_and_go_behind_a_halt() {
    let disk = FaultyDisk::new();
    let options = Options {
        clients_max: 3,
        ..on(&disk)
    };
    let exchange = open_with(Path::new(DATA), options);
    let writer = client(&exchange);
    writer.call(&instrument(1)).unwrap();
    disk.fail_call(Call::SyncData, 0, Fault::Device);
    while writer.call(&limit(1, Side::Buy, 100, 1)).is_ok() {}
    for _ in 0..20 {
        let clients = [client(&exchange), client(&exchange)];
        assert!(
            exchange
                .client(outcry_runtime::ClientOptions::default())
                .is_err()
        );
        for client in &clients {
            assert!(matches!(
                client.read(&Read::Instruments),
                Ok((_, ReadAnswer::Instruments(found))) if found.len() == 1
            ));
        }
    }
}

/// Goal: what a fault of the disk does not excuse leaves nothing to read.
#[test]
fn a_closed_exchange_tells_nothing() {
    let disk = FaultyDisk::new();
    let (exchange, client) = started(&disk);
    exchange.close().unwrap();
    let error = client.read(&Read::StateHash).unwrap_err();
    let CallError::Submit(SubmitError::Halted(halt)) = error else {
        panic!("{error}");
    };
    assert_eq!(halt.reason, HaltReason::Closed);
}

/// Goal: a subscriber gets every event that is durable before it is told of the halt.
#[test]
fn subscribers_get_all_that_is_durable_before_the_halt() {
    let disk = FaultyDisk::new();
    let exchange = open_with(Path::new(DATA), on(&disk));
    let mut live = exchange.subscribe(0, SubscribeOptions::default()).unwrap();
    let client = client(&exchange);
    client.call(&instrument(1)).unwrap();
    disk.fail_call(Call::SyncData, 40, Fault::Device);
    while client.call(&limit(1, Side::Buy, 100, 1)).is_ok() {}
    let mut last = 0;
    let end = loop {
        match live.next(Duration::from_secs(10)) {
            Ok(Some(Piece::Events { last_sequence, .. })) => last = last_sequence,
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
    };
    assert!(matches!(end, SubscriptionError::Halted(_)));
    assert_eq!(last, exchange.status().durable_sequence);
}

/// Goal: who asks to close is not refused for want of room: what is acknowledged is in the journal.
#[test]
fn a_close_without_room_for_its_snapshot_is_noted_and_loses_nothing() {
    for (after, fault) in [(0, Fault::Full), (1, Fault::Short), (2, Fault::Device)] {
        let disk = FaultyDisk::new();
        let options = Options {
            snapshot_interval_ms: 0,
            ..on(&disk)
        };
        let exchange = open_with(Path::new(DATA), options.clone());
        let client = client(&exchange);
        client.call(&instrument(1)).unwrap();
        client.call(&limit(1, Side::Buy, 100, 5)).unwrap();
        let before = state(&client);
        wait_for("the follower", || exchange.status().follower_lag_bytes == 0);
        disk.fail_call(Call::Write, after, fault);
        let closed = exchange.close().unwrap();
        assert_eq!((closed.sequence, closed.snapshot_sequence), (2, 0));
        let [note] = &closed.notes[..] else {
            panic!("{:?}", closed.notes);
        };
        let says = "last snapshot: not written, the next opening makes up for it: ";
        assert!(note.starts_with(says), "{note}");
        let roomy = disk.fork();
        let exchange = open_with(Path::new(DATA), on(&roomy));
        assert_eq!(state(&common::client(&exchange)), before);
        let closed = exchange.close().unwrap();
        assert_eq!((closed.snapshot_sequence, closed.notes.len()), (2, 0));
    }
}
