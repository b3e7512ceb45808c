//! Reading a data directory whole: what an exchange left is good, and what was changed is found.

mod common;

use common::{client, instrument, limit, open, open_with, options, state};
use outcry_journal::Verdict;
use outcry_journal::disk::RealDisk;
use outcry_protocol::{MassCancelRecord, Side};
use outcry_runtime::{AuditReport, Exchange, Options, audit, mend};
use std::path::{Path, PathBuf};

/// A directory with some commands and a few snapshots, closed; answers its last state.
fn trade(dir: &Path) -> (u64, [u8; 32]) {
    let exchange = open(dir);
    let client = client(&exchange);
    client.call(&instrument(1)).unwrap();
    for step in 0..3 {
        for lots in 1..20 {
            let side = if lots % 2 == 0 { Side::Buy } else { Side::Sell };
            client.call(&limit(lots as u32, side, 100, lots)).unwrap();
        }
        if step < 2 {
            exchange.snapshot().unwrap();
        }
    }
    let last = state(&client);
    drop(client);
    exchange.close().unwrap();
    last
}

fn audited(dir: &Path) -> AuditReport {
    audit(&RealDisk::shared(), dir, &mut |_, _| {})
}

fn files(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    files.sort();
    files
}

fn flip(file: &Path, offset: usize) {
    let mut bytes = std::fs::read(file).unwrap();
    bytes[offset] ^= 1;
    std::fs::write(file, bytes).unwrap();
}

#[test]
fn what_was_left_is_good_and_reaches_every_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    let (sequence, hash) = trade(dir.path());
    let report = audited(dir.path());
    assert_eq!(report.verdict, Verdict::Good, "{:?}", report.findings);
    assert_eq!(report.replayed_commands, sequence);
    assert_eq!(report.state_hash, Some(hash));
    assert_eq!(report.reached_snapshots, report.good_snapshots);
    assert!(report.good_snapshots.len() >= 3);
}

#[test]
fn a_damaged_snapshot_is_told_and_the_others_stand() {
    let dir = tempfile::tempdir().unwrap();
    trade(dir.path());
    let snapshots = files(&dir.path().join("snapshots"), "snapshot");
    flip(&snapshots[0], 100);
    let report = audited(dir.path());
    assert_eq!(report.verdict, Verdict::Damaged);
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    assert_eq!(report.good_snapshots.len(), snapshots.len() - 1);
    assert_eq!(report.reached_snapshots, report.good_snapshots);
}

#[test]
fn a_damaged_journal_is_told() {
    let dir = tempfile::tempdir().unwrap();
    trade(dir.path());
    let segments = files(&dir.path().join("journal"), "journal");
    flip(&segments[0], 2_000);
    let report = audited(dir.path());
    assert_eq!(report.verdict, Verdict::Damaged);
    assert!(!report.journal.findings.is_empty());
}

#[test]
fn a_mended_directory_opens_with_what_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let (sequence, _) = trade(dir.path());
    let disk = RealDisk::shared();
    assert!(mend(&disk, dir.path()).is_err(), "nothing is damaged");
    let segments = files(&dir.path().join("journal"), "journal");
    flip(&segments[0], 4_000);
    assert!(Exchange::open(dir.path(), options()).is_err());
    let mended = mend(&disk, dir.path()).unwrap();
    let left = mended.journal.last_sequence;
    assert!((1..sequence).contains(&left));
    let exchange = open(dir.path());
    let client = client(&exchange);
    assert_eq!(state(&client).0, left);
    client.call(&limit(1, Side::Buy, 90, 1)).unwrap();
    drop(client);
    exchange.close().unwrap();
    let report = audited(dir.path());
    assert_eq!(report.verdict, Verdict::Good, "{:?}", report.findings);
}

#[test]
fn nothing_at_all_is_unusable() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(audited(dir.path()).verdict, Verdict::Unusable);
    assert!(
        files(dir.path(), "journal").is_empty(),
        "an audit makes nothing"
    );
}

/// Goal: a journal whose rules were changed is good. Method: a mass cancel takes fewer orders at a
/// time under the new rules, so a replay under the old ones says other events.
#[test]
fn a_change_of_rules_is_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    {
        let exchange = open_with(folder.path(), options());
        let client = client(&exchange);
        client.call(&instrument(1)).unwrap();
        exchange.close().unwrap();
    }
    let mut changed = Options {
        may_change_rules: true,
        ..options()
    };
    changed.engine.mass_max = 2;
    let exchange = open_with(folder.path(), changed);
    let client = client(&exchange);
    for price in 1..=9 {
        client.call(&limit(1, Side::Buy, price, 1)).unwrap();
    }
    let cancel = MassCancelRecord::new(0, 1, None);
    client.call(cancel.as_record_bytes()).unwrap();
    drop(client);
    exchange.close().unwrap();
    let report = audited(folder.path());
    assert_eq!(report.findings, []);
    assert_eq!(report.verdict, Verdict::Good);
}
