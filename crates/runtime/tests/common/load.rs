//! A load that writes down every reply, and the check of what it leaves behind.

use super::{client, instrument, open_with, state};
use outcry_engine::{Engine, EngineConfig};
use outcry_journal::disk::Disk;
use outcry_journal::{FrameKind, Reader};
use outcry_protocol::{Digest, EventRecord, MassCancelRecord, OrderRecord, Side};
use outcry_runtime::{Client, Halt, Options, Read, Replies, SubmitError};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const INSTRUMENTS: u32 = 3;

/// Numbers by seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }

    fn side(&mut self) -> Side {
        if self.below(2) == 0 {
            Side::Buy
        } else {
            Side::Sell
        }
    }
}

/// A batch of commands of many kinds.
pub(crate) fn batch(random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..=random.below(60) {
        let number = random.below(INSTRUMENTS.into()) as u32 + 1;
        let account = random.below(9) as u32 + 1;
        let price = random.below(40).cast_signed() + 80;
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
    for record in records {
        digest.fold(record);
    }
    digest.0
}

/// Loads an exchange until it halts or the time is over, and writes each reply to `replies`.
pub(crate) fn load(
    client: &Client,
    seed: u64,
    time: Duration,
    replies: &mut impl Write,
) -> Option<Halt> {
    let mut random = Random(seed * 2 + 1);
    match client.read(&Read::StateHash) {
        Ok((0, _)) => {
            let add = |number| client.submit(&instrument(number), 1).map_or((), drop);
            (1..=INSTRUMENTS).for_each(add);
        }
        Ok(_) => {}
        Err(_) => return client.take(&mut Replies::default()).err(),
    }
    let end = Instant::now() + time;
    let mut taken = Replies::default();
    let mut halt = None;
    while Instant::now() < end && halt.is_none() {
        while client.in_flight() < 1_000 {
            match client.submit(&batch(&mut random), 1) {
                Ok(_) => {}
                Err(SubmitError::Overloaded { .. } | SubmitError::Halted(_)) => break,
                Err(error) => panic!("{error}"),
            }
        }
        client.wait(Duration::from_secs(1));
        halt = client.take(&mut taken).err();
        write_down(&taken, replies);
        taken.clear();
    }
    halt
}

/// Writes down first and last sequence of each reply, and the digest of its records.
fn write_down(taken: &Replies, replies: &mut impl Write) {
    let mut lines = Vec::new();
    for reply in taken.iter() {
        for word in [
            reply.first_sequence,
            reply.last_sequence,
            digest_of(reply.records),
        ] {
            lines.extend(word.to_le_bytes());
        }
    }
    replies
        .write_all(&lines)
        .expect("the file of replies has room");
}

/// What a replay from the first record comes to, and the digest of each command's records.
fn replay(
    data: &Path,
    disk: Arc<dyn Disk>,
    config: EngineConfig,
) -> ((u64, [u8; 32]), BTreeMap<u64, Vec<EventRecord>>) {
    let mut engine = Engine::new(config);
    let mut reader = Reader::open(disk, data, 1).unwrap();
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

/// Opens what was left and checks it against what was told; answers how many replies that were.
pub(crate) fn check(data: &Path, options: &Options, replies: &[u8], what: &str) -> usize {
    let exchange = open_with(data, options.clone());
    let client = client(&exchange);
    let live = state(&client);
    drop((client, exchange));
    let (replayed, by_sequence) = replay(data, Arc::clone(&options.disk), options.engine);
    assert_eq!(
        live, replayed,
        "{what}: the live state is not that of a full replay"
    );
    let words: Vec<u64> = replies
        .chunks_exact(8)
        .map(|word| u64::from_le_bytes(word.try_into().expect("eight bytes")))
        .collect();
    for reply in words.chunks_exact(3) {
        let (first, last) = (reply[0], reply[1]);
        assert!(
            last <= live.0,
            "{what}: acknowledged {last}, recovered {}",
            live.0
        );
        let records: Vec<EventRecord> = by_sequence
            .range(first..=last)
            .flat_map(|(_, records)| records.clone())
            .collect();
        assert_eq!(
            digest_of(&records),
            reply[2],
            "{what}: another answer to {first}..={last}"
        );
    }
    words.len() / 3
}
