//! Kills: a process that is ended at any point has lost nothing that it acknowledged.
//!
//! Goal: acknowledged ⊆ recovered; the recovered state is that of a replay from the first record;
//! what was not acknowledged is wholly there or not at all. Method: this test program starts itself
//! as a child that loads an exchange and writes down each reply in a file; the child ends at a
//! named failpoint, or is killed at a random time. Then the directory is opened here. Every
//! failure prints the seed.

mod common;

use common::load::{Random, check, load};
use common::{client, open_with, options};
use outcry_runtime::{Options, failpoint};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const FOLDER: &str = "OUTCRY_CRASH_FOLDER";
const SEED: &str = "OUTCRY_CRASH_SEED";
const FAILPOINT: &str = "OUTCRY_CRASH_FAILPOINT";
const PASSES: &str = "OUTCRY_CRASH_PASSES";

fn crash_options() -> Options {
    Options {
        snapshot_interval_ms: 5,
        ..options()
    }
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
    let closes = std::env::var(FAILPOINT).is_ok_and(|name| name.starts_with("close"));
    let time = Duration::from_millis(if closes { 50 } else { 20_000 });
    load(&client, seed, time, &mut replies_file);
    drop(client);
    exchange.close().unwrap();
}

/// How a child is to end.
#[derive(Debug, Clone, Copy)]
enum End {
    At(&'static str, u64),
    After(Duration),
}

/// Runs a child to its end, which must not be its own.
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

/// Kills again and again in one directory; answers how many replies were checked at the end.
fn kill_often(seed: u64, ends: &[End]) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let mut replies = 0;
    for (number, end) in ends.iter().enumerate() {
        let seed = seed * 100 + number as u64;
        run_child(folder.path(), seed, *end);
        let told = std::fs::read(folder.path().join("replies")).unwrap_or_default();
        let what = format!("seed {seed}, {end:?}");
        replies = check(&folder.path().join("data"), &crash_options(), &told, &what);
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
    assert!(
        replies > 20,
        "the children were ended before they did anything: {replies} replies"
    );
}

#[test]
fn nothing_acknowledged_is_lost_at_random_times() {
    let ends: Vec<_> = [40, 90, 160]
        .map(|time| End::After(Duration::from_millis(time)))
        .to_vec();
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
            ends.push(End::After(Duration::from_millis(random.below(200) + 20)));
        }
        // Another order each time, so that each end meets what each other end left.
        for place in (1..ends.len()).rev() {
            ends.swap(place, random.below(place as u64 + 1) as usize);
        }
        for (part, ends) in ends.chunks(5).enumerate() {
            kills += ends.len();
            replies += kill_often(seed * 10 + part as u64, ends);
        }
    }
    assert!(
        kills >= 200 && replies > 10_000,
        "{kills} kills, {replies} replies"
    );
}
