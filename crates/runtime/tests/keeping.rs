//! What the housekeeper keeps: old segments are archived behind a verified snapshot and can still
//! be replayed; what the retention says goes, and no more.

mod common;

use common::load::Random;
use common::load::batch;
use common::{client, instrument, open_with, options, replayed, state, wait_for};
use outcry_engine::EngineConfig;
use outcry_runtime::{Client, Exchange, Options, Retention};
use std::path::Path;

fn keeping_options() -> Options {
    Options {
        snapshot_interval_ms: 20,
        ..options()
    }
}

/// Commands until the journal has begun so many segments of 1 MiB.
fn fill(client: &Client, random: &mut Random, megabytes: u64, exchange: &Exchange) {
    let until = exchange.status().journal_bytes + (megabytes << 20);
    while exchange.status().journal_bytes < until {
        client.call(&batch(random)).unwrap();
    }
}

fn files(folder: &Path, name: &str) -> usize {
    std::fs::read_dir(folder.join(name)).map_or(0, |files| {
        let ends = [".zst", ".journal"];
        let named = files.flatten().filter(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            ends.iter().any(|end| name.ends_with(end))
        });
        named.count()
    })
}

#[test]
fn old_segments_are_archived_and_still_replay() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random(9);
    let exchange = open_with(folder.path(), keeping_options());
    let client = client(&exchange);
    client.call(&instrument(1)).unwrap();
    fill(&client, &mut random, 4, &exchange);
    wait_for("an archive of two segments", || {
        files(folder.path(), "archive") >= 2
    });
    fill(&client, &mut random, 1, &exchange);
    assert_eq!(exchange.status().housekeeping_error, None);
    let live = state(&client);
    drop(client);
    exchange.close().unwrap();
    assert_eq!(replayed(folder.path(), EngineConfig::default()), live);
    // Without event log and snapshots all is made again from the archive.
    for made in ["events", "snapshots"] {
        std::fs::remove_dir_all(folder.path().join(made)).unwrap();
    }
    let exchange = open_with(folder.path(), keeping_options());
    let client = common::client(&exchange);
    assert_eq!(state(&client), live);
    wait_for("the follower", || {
        exchange.status().follower_lag_commands == 0
    });
    assert_eq!(exchange.halt(), None);
}

#[test]
fn what_the_retention_says_goes() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random(11);
    let mut options = keeping_options();
    options.retention = Retention {
        plain_segments: 0,
        ..Retention::default()
    };
    options.retention.archive.keep_bytes = Some(0);
    options.retention.events.keep_bytes = Some(1 << 20);
    let exchange = open_with(folder.path(), options.clone());
    let client = client(&exchange);
    client.call(&instrument(1)).unwrap();
    fill(&client, &mut random, 3, &exchange);
    let first = folder
        .path()
        .join("journal")
        .join(format!("{:020}.journal", 1));
    let archived = folder
        .path()
        .join("archive")
        .join(format!("{:020}.journal.zst", 1));
    wait_for("the end of the first segment", || {
        !first.exists() && !archived.exists()
    });
    assert_eq!(exchange.status().housekeeping_error, None);
    let live = state(&client);
    drop((client, exchange));
    let (exchange, report) = Exchange::open(folder.path(), options).unwrap();
    assert_eq!((report.sequence, report.engine.money), (live.0, false));
    let client = common::client(&exchange);
    assert_eq!(state(&client), live, "the snapshots stand for what is gone");
}
