//! Goal: nothing is removed that a projection or a start still needs. Method: a journal whose
//! segments are archived, policies that keep nothing, and projections at each edge.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::archive::archivable;
use crate::archive::tests::{LAST, SHARD, archive, dir, journal, shared, snapshot};
use crate::disk_faults::{Fault, FaultyDisk, Loss};
use crate::store::StoreDamage;

const NOTHING: ArchivePolicy = ArchivePolicy {
    keep_bytes: Some(0),
    keep_ns: None,
};

/// A journal whose closed segments are archived but for one.
fn archived() -> (FaultyDisk, Verified, Vec<u64>) {
    let disk = journal();
    let behind = snapshot(&disk, LAST);
    let segments = archivable(&disk, dir(), &behind, 1).unwrap();
    for segment in &segments {
        archive(&disk, *segment, &behind).unwrap();
    }
    (disk, behind, segments)
}

fn retain(
    disk: &FaultyDisk,
    policy: &ArchivePolicy,
    verified: &Verified,
    generations: usize,
) -> Result<Vec<u64>, StoreError> {
    let snapshots = SnapshotStore::open(shared(disk), dir(), SHARD)?;
    let projections = Projections::open(shared(disk), dir())?;
    let store = (&snapshots, generations);
    retain_archives(
        disk,
        dir(),
        policy,
        store,
        verified,
        &projections,
        LAST * 1_000,
    )
}

#[test]
fn all_is_kept_unless_told_otherwise() {
    let (disk, behind, segments) = archived();
    assert_eq!(
        retain(&disk, &ArchivePolicy::default(), &behind, 3).unwrap(),
        []
    );
    let keep_bytes = Some(1 << 30);
    let keep_ns = Some(LAST * 1_000);
    let long = ArchivePolicy {
        keep_bytes,
        keep_ns,
    };
    assert_eq!(retain(&disk, &long, &behind, 3).unwrap(), []);
    assert_eq!(retain(&disk, &NOTHING, &behind, 3).unwrap(), segments);
    assert_eq!(retain(&disk, &NOTHING, &behind, 3).unwrap(), []);
}

#[test]
fn age_and_bytes_remove_the_oldest_first() {
    let (disk, behind, segments) = archived();
    let by_age = ArchivePolicy {
        keep_bytes: None,
        keep_ns: Some((LAST - segments[2] + 1) * 1_000),
    };
    // The last command of the second segment is one before the third's first.
    assert_eq!(retain(&disk, &by_age, &behind, 3).unwrap(), segments[..1]);
    let folders = Folders::new(dir());
    let sizes = segments[1..]
        .iter()
        .map(|first| disk.length(&folders.archived(*first)).unwrap());
    let by_bytes = ArchivePolicy {
        keep_bytes: Some(sizes.sum::<u64>() - 1),
        keep_ns: None,
    };
    assert_eq!(
        retain(&disk, &by_bytes, &behind, 3).unwrap(),
        segments[1..2]
    );
}

#[test]
fn projections_hold_what_they_have_not_applied() {
    let (disk, behind, segments) = archived();
    let projections = Projections::open(shared(&disk), dir()).unwrap();
    projections.register("history", 0).unwrap();
    projections.register("ledger", LAST).unwrap();
    assert_eq!(projections.slowest().unwrap(), Some(0));
    assert_eq!(retain(&disk, &NOTHING, &behind, 3).unwrap(), []);
    projections.advance("history", segments[1] - 2).unwrap();
    assert_eq!(retain(&disk, &NOTHING, &behind, 3).unwrap(), []);
    projections.advance("history", segments[1] - 1).unwrap();
    assert_eq!(retain(&disk, &NOTHING, &behind, 3).unwrap(), segments[..1]);
    projections.unregister("history").unwrap();
    assert_eq!(projections.slowest().unwrap(), Some(LAST));
    assert_eq!(retain(&disk, &NOTHING, &behind, 3).unwrap(), segments[1..]);
}

#[test]
fn older_generations_keep_what_they_start_from() {
    let (disk, behind, segments) = archived();
    snapshot(&disk, segments[1] + 3);
    assert_eq!(retain(&disk, &NOTHING, &behind, 2).unwrap(), segments[..1]);
    assert_eq!(retain(&disk, &NOTHING, &behind, 1).unwrap(), segments[1..]);
}

#[test]
fn nothing_is_removed_where_a_projection_cannot_be_read() {
    let (disk, behind, _) = archived();
    let projections = Projections::open(shared(&disk), dir()).unwrap();
    projections.register("history", LAST).unwrap();
    let path = Path::new("/data/projections/history");
    let whole = disk.bytes(path).unwrap();
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        disk.put(path, bytes);
        let error = retain(&disk, &NOTHING, &behind, 3).unwrap_err();
        assert!(
            matches!(&error, StoreError::Damaged { file, .. } if file == path),
            "{error}"
        );
    }
    for length in (0..whole.len()).chain([65]) {
        let mut bytes = whole.clone();
        bytes.resize(length, 0);
        disk.put(path, bytes);
        assert!(
            retain(&disk, &NOTHING, &behind, 3).is_err(),
            "{length} bytes"
        );
    }
    projections.register("history", LAST).unwrap();
    assert!(!retain(&disk, &NOTHING, &behind, 3).unwrap().is_empty());
}

#[test]
fn a_damaged_head_in_the_archive_is_told() {
    let (disk, behind, segments) = archived();
    let path = Folders::new(dir()).archived(segments[0]);
    let mut bytes = disk.bytes(&path).unwrap();
    bytes[40] ^= 4;
    disk.put(&path, bytes);
    let error = retain(&disk, &NOTHING, &behind, 3).unwrap_err();
    assert!(matches!(
        error,
        StoreError::Damaged {
            why: StoreDamage::HeadCrc,
            ..
        }
    ));
}

#[test]
fn names_and_sequences_are_checked() {
    let disk = FaultyDisk::new();
    let projections = Projections::open(shared(&disk), dir()).unwrap();
    let long = "x".repeat(PROJECTION_NAME_BYTES_MAX + 1);
    for name in ["", "../journal", "History", "a.b", "ä", &long] {
        let error = projections.register(name, 1).unwrap_err();
        assert!(
            matches!(error, StoreError::Refused { field: "name", .. }),
            "{error}"
        );
    }
    projections.register("sql-ledger_2", 7).unwrap();
    projections.advance("sql-ledger_2", 7).unwrap();
    let error = projections.advance("sql-ledger_2", 6).unwrap_err();
    assert_eq!(
        error.to_string(),
        "applied_sequence: 6 is below 7, which it had applied"
    );
    assert!(projections.advance("absent", 6).is_err());
    assert!(projections.unregister("absent").is_err());
    projections.register("sql-ledger_2", 0).unwrap();
    let registered = projections.list().unwrap();
    assert_eq!(registered.len(), 1);
    assert_eq!(
        (registered[0].name.as_str(), registered[0].applied_sequence),
        ("sql-ledger_2", 0)
    );
}

#[test]
fn a_registration_outlasts_power_loss() {
    for calls in 0.. {
        let disk = FaultyDisk::new();
        let projections = Projections::open(shared(&disk), dir()).unwrap();
        projections.register("history", 5).unwrap();
        disk.fail_after(calls, Fault::Short);
        let advanced = projections.register("history", 9);
        let has_fired = disk.fired().is_some();
        assert_eq!(advanced.is_err(), has_fired);
        for seed in 0..4 {
            let after = disk.fork();
            after.lose_power(Loss::Some(seed));
            let kept = Projections::open(shared(&after), dir())
                .unwrap()
                .slowest()
                .unwrap();
            assert!(kept == Some(9) || kept == Some(5) && has_fired, "{kept:?}");
        }
        if !has_fired {
            break;
        }
    }
}

proptest! {
    #[test]
    fn any_sequence_comes_back(sequences in proptest::collection::vec(any::<u64>(), 1..5)) {
        let projections = Projections::open(shared(&FaultyDisk::new()), dir()).unwrap();
        for (index, sequence) in sequences.iter().enumerate() {
            projections.register(&format!("p{index}"), *sequence).unwrap();
        }
        prop_assert_eq!(projections.slowest().unwrap(), sequences.iter().copied().min());
    }
}
