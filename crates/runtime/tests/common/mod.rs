//! What the tests of the runtime share: small exchanges, orders, and how to wait.
#![allow(dead_code, reason = "each test file uses a part")]

pub(crate) mod load;

use outcry_engine::{Engine, EngineConfig, example_instrument};
use outcry_journal::disk::RealDisk;
use outcry_journal::{FrameKind, Reader};
use outcry_protocol::{InstrumentLimitsRecord, OrderRecord, Side};
use outcry_runtime::{Client, ClientOptions, Exchange, Options, Read, ReadAnswer};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long anything is waited for: the machine may have other things to do.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// Small segments and rings, so that tests meet their ends.
pub(crate) fn options() -> Options {
    Options {
        segment_bytes: 1 << 20,
        command_ring_bytes: 1 << 20,
        snapshot_interval_ms: 50,
        ..Options::default()
    }
}

/// An exchange in this directory.
pub(crate) fn open(path: &Path) -> Exchange {
    open_with(path, options())
}

pub(crate) fn open_with(path: &Path, options: Options) -> Exchange {
    match Exchange::open(path, options) {
        Ok((exchange, _)) => exchange,
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

pub(crate) fn client(exchange: &Exchange) -> Client {
    exchange
        .client(ClientOptions::default())
        .expect("there is room for a client")
}

/// The commands that make an instrument.
pub(crate) fn instrument(number: u32) -> Vec<u8> {
    let mut bytes = example_instrument(number).as_record_bytes().to_vec();
    bytes.extend(InstrumentLimitsRecord::unbounded(number).as_record_bytes());
    bytes
}

pub(crate) fn limit(account: u32, side: Side, price_ticks: i64, quantity_lots: u64) -> Vec<u8> {
    OrderRecord::limit(1, account, side, price_ticks, quantity_lots)
        .as_record_bytes()
        .to_vec()
}

/// The hash of the whole live state, with the sequence that it is of.
pub(crate) fn state(client: &Client) -> (u64, [u8; 32]) {
    match client.read(&Read::StateHash).expect("the exchange runs") {
        (sequence, ReadAnswer::StateHash(hash)) => (sequence, hash),
        other => panic!("{other:?} is no state hash"),
    }
}

/// What an engine comes to that replays the whole journal: its last sequence and state hash.
pub(crate) fn replayed(path: &Path, config: EngineConfig) -> (u64, [u8; 32]) {
    let mut engine = Engine::new(config);
    let mut reader = Reader::open(RealDisk::shared(), path, 1).expect("the journal begins at 1");
    let mut events = Vec::new();
    while let Some(frame) = reader.next(u64::MAX).expect("the journal is sound") {
        if frame.kind() == FrameKind::Commands {
            engine
                .apply_batch(frame.payload, &mut events)
                .expect("whole commands");
            assert_eq!(engine.digest().0, frame.header.digest);
            events.clear();
        }
    }
    (engine.sequence(), engine.state_hash())
}

/// Waits until a condition holds.
pub(crate) fn wait_for(what: &str, mut is_met: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_met() {
        assert!(
            Instant::now() < end,
            "{what} did not come about in {PATIENCE:?}"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
}
