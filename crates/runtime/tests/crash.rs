//! Kills: a process that is ended at any point has lost nothing that it acknowledged.
//!
//! Goal: acknowledged ⊆ recovered; the recovered state is that of a replay from the first record;
//! what was not acknowledged is wholly there or not at all. Method: this test program starts itself
//! as a child that loads an exchange and writes down each reply in a file; the child ends at a
//! named failpoint, or is killed at a random time. Then the directory is opened here. Every
//! failure prints the seed.

mod common;

use common::{client, instrument, open_with, options, state};
use outcry_engine::Engine;
use outcry_journal::disk::RealDisk;
use outcry_journal::{FrameKind, Reader};
use outcry_protocol::{Digest, EventRecord, MassCancelRecord, OrderRecord, Side};
use outcry_runtime::{Options, Read, Replies, SubmitError, failpoint};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const FOLDER: &str = "OUTCRY_CRASH_FOLDER";
const SEED: &str = "OUTCRY_CRASH_SEED";
const FAILPOINT: &str = "OUTCRY_CRASH_FAILPOINT";
const PASSES: &str = "OUTCRY_CRASH_PASSES";
const INSTRUMENTS: u32 = 3;

fn crash_options() -> Options {
    Options {
        snapshot_interval_ms: 5,
        ..options()
    }
}

/// Numbers by seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }

    fn side(&mut self) -> Side {
        if self.below(2) == 0 { Side::Buy } else { Side::Sell }
    }
}

/// A batch of commands of many kinds.
fn batch(random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..random.below(60) + 1 {
        let number = random.below(INSTRUMENTS.into()) as u32 + 1;
        let account = random.below(9) as u32 + 1;
        let price = random.below(40) as i64 + 80;
        let (id, lots) = (random.below(20_000) + 1, random.below(50) + 1);
        match random.below(100) {
            0..55 => {
                let order = OrderRecord::limit(number, account, random.side(), price, lots);
                bytes.extend(order.as_record_bytes());
            }
            55..75 => bytes.extend(OrderRecord::cancel(0, account, id).as_record_bytes()),
            75..98 => {
                let replace = OrderRecord::replace(0, account, id, price, lots);
                bytes.extend(replace.as_record_bytes());
            }
            _ => bytes.extend(MassCancelRecord::new(account, 0, None).as_record_bytes()),
        }
    }
    bytes
}

/// One reply as it is written down: first and last sequence, digest of its records.
fn digest_of(records: &[EventRecord]) -> u64 {
    let mut digest = Digest::default();
    records.iter().for_each(|record| digest.fold(record));
    digest.0
}

/// The child: loads the exchange until it is ended.
#[test]
#[ignore = "started by the other tests of this file, as a process of its own"]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let folder = PathBuf::from(folder);
    let seed: u64 = std::env::var(SEED).unwrap().parse().unwrap();
    if let Ok(name) = std::env::var(FAILPOINT) {
        failpoint::arm(&name, std::env::var(PASSES).unwrap().parse().unwrap());
    }
    let mut replies_file = File::options()
        .create(true)
        .append(true)
        .open(folder.join("replies"))
        .unwrap();
    let exchange = open_with(&folder.join("data"), crash_options());
    let client = client(&exchange);
    let mut random = Random(seed * 2 + 1);
    if client.read(&Read::StateHash).unwrap().0 == 0 {
        (1..=INSTRUMENTS).for_each(|number| client.submit(&instrument(number), 1).map_or((), drop));
    }
    let end = Instant::now() + Duration::from_secs(20);
    let mut replies = Replies::default();
    let closes = std::env::var(FAILPOINT).is_ok_and(|name| name.starts_with("close"));
    while Instant::now() < end && !closes {
        while client.in_flight() < 1_000 {
            match client.submit(&batch(&mut random), 1) {
                Ok(_) => {}
                Err(SubmitError::Overloaded { .. }) => break,
                Err(error) => panic!("{error}"),
            }
        }
        client.wait(Duration::from_secs(1));
        client.take(&mut replies).unwrap();
        let mut lines = Vec::new();
        for reply in replies.iter() {
            for word in [reply.first_sequence, reply.last_sequence, digest_of(reply.records)] {
                lines.extend(word.to_le_bytes());
            }
        }
        replies_file.write_all(&lines).unwrap();
        replies.clear();
    }
    client.call(&batch(&mut random)).unwrap();
    drop(client);
    exchange.close().unwrap();
}

/// How a child is to end.
#[derive(Debug, Clone, Copy)]
enum End {
    At(&'static str, u64),
    After(Duration),
}

/// Runs a child to its end; answers whether it was ended rather than finished.
fn run_child(folder: &Path, seed: u64, end: End) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "child", "--ignored"])
        .env(FOLDER, folder)
        .env(SEED, seed.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let End::At(name, passes) = end {
        command.env(FAILPOINT, name).env(PASSES, passes.to_string());
    }
    let mut child = command.spawn().unwrap();
    if let End::After(time) = end {
        std::thread::sleep(time);
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    assert!(!status.success(), "seed {seed}: {end:?} was never reached");
}

/// What a replay from the first record comes to, and the digest of each command's records.
fn replay(data: &Path) -> ((u64, [u8; 32]), BTreeMap<u64, Vec<EventRecord>>) {
    let mut engine = Engine::new(crash_options().engine);
    let mut reader = Reader::open(RealDisk::shared(), data, 1).unwrap();
    let mut by_sequence = BTreeMap::new();
    while let Some(frame) = reader.next(u64::MAX).unwrap() {
        if frame.kind() != FrameKind::Commands {
            continue;
        }
        let mut rest = frame.payload;
        while !rest.is_empty() {
            let mut events = Vec::new();
            let length = engine.apply(rest, &mut events).unwrap();
            by_sequence.insert(engine.sequence(), events);
            rest = &rest[length..];
        }
        assert_eq!(engine.digest().0, frame.header.digest);
    }
    ((engine.sequence(), engine.state_hash()), by_sequence)
}

/// Opens what a killed child left and checks it against what the child was told; answers how many
/// replies that were.
fn check(folder: &Path, what: &str) -> usize {
    let data = folder.join("data");
    let exchange = open_with(&data, crash_options());
    let client = client(&exchange);
    let live = state(&client);
    drop((client, exchange));
    let (replayed, by_sequence) = replay(&data);
    assert_eq!(live, replayed, "{what}: the live state is not that of a full replay");
    let bytes = std::fs::read(folder.join("replies")).unwrap_or_default();
    let words: Vec<u64> = bytes
        .chunks_exact(8)
        .map(|word| u64::from_le_bytes(word.try_into().unwrap()))
        .collect();
    for reply in words.chunks_exact(3) {
        let (first, last) = (reply[0], reply[1]);
        assert!(last <= live.0, "{what}: acknowledged {last}, recovered {}", live.0);
        let records: Vec<EventRecord> =
            by_sequence.range(first..=last).flat_map(|(_, records)| records.clone()).collect();
        assert_eq!(digest_of(&records), reply[2], "{what}: another answer to {first}..={last}");
    }
    words.len() / 3
}

/// Kills again and again in one directory; answers how many replies were checked at the end.
fn kill_often(seed: u64, ends: &[End]) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let mut replies = 0;
    for (number, end) in ends.iter().enumerate() {
        let seed = seed * 100 + number as u64;
        run_child(folder.path(), seed, *end);
        replies = check(folder.path(), &format!("seed {seed}, {end:?}"));
    }
    replies
}

/// Every failpoint, a few passes in.
fn at_each(passes: u64) -> Vec<End> {
    failpoint::FAILPOINTS
        .into_iter()
        .map(|name| match name {
            "close.before_seal" => End::At(name, 1),
            _ if name.starts_with("snapshot") => End::At(name, 1 + passes % 3),
            _ => End::At(name, passes),
        })
        .collect()
}

#[test]
fn nothing_acknowledged_is_lost_at_any_failpoint() {
    let replies = kill_often(1, &at_each(7));
    assert!(replies > 20, "the children were ended before they did anything: {replies} replies");
}

#[test]
fn nothing_acknowledged_is_lost_at_random_times() {
    let ends: Vec<_> = [40, 90, 160].map(|time| End::After(Duration::from_millis(time))).to_vec();
    kill_often(2, &ends);
}

#[test]
#[ignore = "slow"]
fn nothing_acknowledged_is_lost_in_two_hundred_kills() {
    let mut random = Random(77);
    let (mut kills, mut replies) = (0, 0);
    for seed in 10..20 {
        let mut ends = at_each(random.below(60) + 1);
        for _ in 0..8 {
            ends.push(End::After(Duration::from_millis(random.below(300) + 20)));
        }
        // Another order each time, so that each end meets what each other end left.
        for place in (1..ends.len()).rev() {
            ends.swap(place, random.below(place as u64 + 1) as usize);
        }
        kills += ends.len();
        replies += kill_often(seed, &ends);
    }
    assert!(kills >= 200 && replies > 10_000, "{kills} kills, {replies} replies");
}
