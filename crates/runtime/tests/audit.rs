//! Reading a data directory whole: what an exchange left is good, and what was changed is found.

mod common;

use common::{client, instrument, limit, open, open_with, options, state};
use outcry_journal::Verdict;
use outcry_journal::disk::{Disk, RealDisk};
use outcry_journal::disk_faults::{Beside, Call};
use outcry_protocol::{MassCancelRecord, OrderRecord, Side};
use outcry_runtime::{AuditReport, Exchange, Options, audit, mend};
use std::path::{Path, PathBuf};
use std::sync::Arc;

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

/// Goal: snapshots that come and go beside an audit are no damage. Method: a snapshot's manifest is
/// written, or its state removed, behind the look that found the other file alone.
#[test]
fn a_snapshot_in_the_making_or_in_removal_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    trade(dir.path());
    let folder = dir.path().join("snapshots");
    let manifests = files(&folder, "manifest");
    let manifest = manifests.last().unwrap().clone();
    let (away, state) = (folder.join("away"), manifest.with_extension("snapshot"));
    std::fs::rename(&manifest, &away).unwrap();
    for is_made in [true, false] {
        let kept = manifests.len() - usize::from(!is_made);
        let (from, to, removed) = (away.clone(), manifest.clone(), state.clone());
        let work = move || {
            if is_made {
                std::fs::copy(&from, &to).unwrap();
            } else {
                std::fs::remove_file(&removed).unwrap();
            }
        };
        // Listed twice each: the journal's folders at its beginning and its end, and that of the
        // snapshots for what they say of the journal, and for each look at them.
        let beside = Beside::new(RealDisk::shared(), Call::List, 8, work);
        let disk: Arc<dyn Disk> = Arc::clone(&beside) as _;
        let report = audit(&disk, dir.path(), &mut |_, _| {});
        assert!(beside.was_done());
        assert_eq!(report.verdict, Verdict::Good, "{:?}", report.findings);
        assert_eq!(report.good_snapshots.len(), kept);
        if is_made {
            std::fs::remove_file(&manifest).unwrap();
        }
    }
}

/// Goal: an audit goes on where the journal begins by now. Method: segments and a snapshot of the
/// beginning are removed when replay has begun.
#[test]
fn a_beginning_that_is_removed_meanwhile_is_not_missed() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        snapshot_interval_ms: 0,
        ..options()
    };
    let exchange = open_with(dir.path(), options);
    let client = client(&exchange);
    client.call(&instrument(1)).unwrap();
    // Cancels of nothing, so that the state stays small.
    let cancels = OrderRecord::cancel(0, 2, 999)
        .as_record_bytes()
        .repeat(1_000);
    for _ in 0..4 {
        for _ in 0..20 {
            client.call(&cancels).unwrap();
        }
        exchange.snapshot().unwrap();
    }
    let last = state(&client);
    drop(client);
    exchange.close().unwrap();
    let segments = files(&dir.path().join("journal"), "journal");
    assert!(segments.len() > 3);
    let mut gone = segments[..2].to_vec();
    gone.extend(
        files(&dir.path().join("snapshots"), "manifest")
            .first()
            .cloned(),
    );
    let report = audit(&RealDisk::shared(), dir.path(), &mut |_, _| {
        gone.drain(..)
            .for_each(|file| std::fs::remove_file(file).unwrap());
    });
    assert_eq!(report.verdict, Verdict::Good, "{:?}", report.findings);
    assert_eq!(report.state_hash, Some(last.1));
    assert!(report.replayed_from > 0 && report.journal.first_sequence > 1);
    assert_eq!(report.replayed_from + report.replayed_commands, last.0);
}
