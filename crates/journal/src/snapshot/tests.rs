//! Goal: a snapshot is either what was written or is passed over and told, whatever became of its
//! bytes, its disk or its process. Method: two snapshots on a disk in memory; every bit flipped,
//! every length cut, every call of the disk failed, power lost behind every call.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::disk_faults::{Fault, FaultyDisk, Loss};
use crate::frame::Link;
use crate::reader::Position;
use crate::store::StoreError;

pub(crate) const SHARD: u32 = 3;
const OLDER: u64 = 40;
pub(crate) const NEWER: u64 = 90;

pub(crate) fn dir() -> &'static Path {
    Path::new("/data")
}

fn file(sequence: u64, suffix: &str) -> PathBuf {
    dir().join(format!("snapshots/{sequence:020}.{suffix}"))
}

pub(crate) fn point(sequence: u64) -> SnapshotPoint {
    SnapshotPoint {
        rules_version: 2,
        time_ns: 1_700_000_000_000_000_000 + sequence,
        digest: sequence.wrapping_mul(0x9E37_79B9_7F4A_7C15),
        durable_sequence: sequence + 5,
        position: Position {
            segment: 1,
            offset: sequence * 64,
            link: Link {
                crc: 7,
                sequence: sequence + 1,
                epoch: 1,
                at_start: false,
            },
            sealed: false,
        },
    }
}

pub(crate) fn state_of(sequence: u64) -> Vec<u8> {
    (0..150 + sequence)
        .map(|index| (index * 31 + sequence) as u8)
        .collect()
}

fn open(disk: &FaultyDisk) -> Result<SnapshotStore, StoreError> {
    SnapshotStore::open(Arc::new(disk.clone()), dir(), SHARD)
}

pub(crate) fn take(store: &SnapshotStore, sequence: u64) -> Result<Manifest, StoreError> {
    let mut writer = store.begin(&point(sequence))?;
    for piece in state_of(sequence).chunks(100) {
        writer.write_piece(piece)?;
    }
    writer.finish()
}

fn two_snapshots() -> FaultyDisk {
    let disk = FaultyDisk::new();
    let store = open(&disk).unwrap();
    take(&store, OLDER).unwrap();
    take(&store, NEWER).unwrap();
    disk
}

/// What is found must be one of those that were taken, whole; answers its sequence.
fn found(disk: &FaultyDisk) -> (Option<u64>, Vec<PassedOver>) {
    let NewestGood {
        snapshot,
        passed_over,
    } = open(disk).unwrap().newest_good(u64::MAX).unwrap();
    let sequence = snapshot.map(|snapshot| {
        let sequence = snapshot.manifest.sequence();
        let state = state_of(sequence);
        assert_eq!(snapshot.state, state);
        assert_eq!(snapshot.manifest.position, point(sequence).position);
        assert_eq!(snapshot.manifest.digest, point(sequence).digest);
        let hash: [u8; 32] = Sha256::digest(&state).into();
        assert_eq!(snapshot.manifest.state_hash, hash);
        sequence
    });
    (sequence, passed_over)
}

#[test]
fn the_newest_is_found_and_older_ones_on_request() {
    let disk = two_snapshots();
    assert_eq!(found(&disk), (Some(NEWER), Vec::new()));
    let store = open(&disk).unwrap();
    for (at_or_before, expected) in [
        (NEWER, Some(NEWER)),
        (NEWER - 1, Some(OLDER)),
        (OLDER - 1, None),
    ] {
        let snapshot = store.newest_good(at_or_before).unwrap().snapshot;
        assert_eq!(
            snapshot.map(|snapshot| snapshot.manifest.sequence()),
            expected
        );
    }
    assert_eq!(
        store.known_durable().unwrap(),
        NEWER,
        "at most its own sequence"
    );
    let verified = store.verify(NEWER).unwrap();
    assert_eq!(verified.manifest().time_ns, point(NEWER).time_ns);
    assert!(matches!(
        store.verify(7),
        Err(StoreError::Missing { sequence: 7, .. })
    ));
}

#[test]
fn every_flipped_bit_is_found_and_told() {
    let disk = two_snapshots();
    for suffix in ["snapshot", "manifest"] {
        let path = file(NEWER, suffix);
        let whole = disk.bytes(&path).unwrap();
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            disk.put(&path, bytes);
            let (sequence, passed_over) = found(&disk);
            assert_eq!(sequence, Some(OLDER), "{suffix}, bit {bit}");
            assert_eq!(passed_over.len(), 1);
            assert_eq!(
                (passed_over[0].sequence, &passed_over[0].file),
                (NEWER, &path)
            );
            assert!(open(&disk).unwrap().verify(NEWER).is_err());
        }
        disk.put(&path, whole);
    }
    assert_eq!(found(&disk).0, Some(NEWER));
}

#[test]
fn every_cut_and_every_byte_too_many_is_found() {
    let disk = two_snapshots();
    for suffix in ["snapshot", "manifest"] {
        let path = file(NEWER, suffix);
        let whole = disk.bytes(&path).unwrap();
        for length in (0..whole.len()).chain([whole.len() + 1]) {
            let mut bytes = whole.clone();
            bytes.resize(length, 0);
            disk.put(&path, bytes);
            let (sequence, passed_over) = found(&disk);
            assert_eq!(
                (sequence, passed_over.len()),
                (Some(OLDER), 1),
                "{suffix} {length}"
            );
        }
        disk.put(&path, whole);
    }
}

#[test]
fn files_under_other_names_and_lost_halves_are_found() {
    for (suffix, other) in [("snapshot", "manifest"), ("manifest", "snapshot")] {
        let disk = two_snapshots();
        disk.put(
            &file(NEWER, suffix),
            disk.bytes(&file(OLDER, suffix)).unwrap(),
        );
        let (sequence, passed_over) = found(&disk);
        assert_eq!(
            (sequence, passed_over.len()),
            (Some(OLDER), 1),
            "{suffix} swapped"
        );
        disk.put(
            &file(NEWER, other),
            disk.bytes(&file(OLDER, other)).unwrap(),
        );
        assert_eq!(
            found(&disk).0,
            Some(OLDER),
            "the whole snapshot under another name"
        );
        disk.take(&file(NEWER, suffix));
        let (sequence, passed_over) = found(&disk);
        assert_eq!(
            (sequence, passed_over.len()),
            (Some(OLDER), 1),
            "{suffix} lost"
        );
    }
}

#[test]
fn newer_formats_and_other_shards_are_refused_by_name() {
    for suffix in ["snapshot", "manifest"] {
        let disk = two_snapshots();
        let path = file(NEWER, suffix);
        let mut bytes = disk.bytes(&path).unwrap();
        bytes[8] = 2;
        let head = if suffix == "snapshot" {
            64
        } else {
            bytes.len()
        };
        let crc = crc32c::crc32c(&bytes[..head - 4]);
        bytes[head - 4..head].copy_from_slice(&crc.to_le_bytes());
        disk.put(&path, bytes);
        let error = open(&disk).unwrap().newest_good(u64::MAX).unwrap_err();
        assert!(
            matches!(&error, StoreError::Newer { format: 2, .. }),
            "{error}"
        );
        assert!(error.to_string().ends_with("format 2 is newer than 1"));
    }
    let disk = two_snapshots();
    let store = SnapshotStore::open(Arc::new(disk), dir(), SHARD + 1).unwrap();
    let error = store.newest_good(u64::MAX).unwrap_err();
    assert!(error.to_string().ends_with("shard 3, not 4"), "{error}");
}

#[test]
fn retention_keeps_the_newest_and_one_for_each_segment() {
    let disk = FaultyDisk::new();
    let store = open(&disk).unwrap();
    for sequence in [5, 9, 10, 14, 19, 20, 31, 45, 46, 47, 48] {
        take(&store, sequence).unwrap();
    }
    assert!(matches!(
        store.retain(0, &[]),
        Err(StoreError::Refused {
            field: "generations",
            ..
        })
    ));
    // Segments begin at 10, 20 and 40: their oldest snapshots are those of 9, 19 and 45.
    let removed = store.retain(3, &[10, 20, 40]).unwrap();
    assert_eq!(removed, [5, 10, 14, 20, 31]);
    let kept = store.manifests().unwrap();
    let kept: Vec<u64> = kept.iter().map(Manifest::sequence).collect();
    assert_eq!(kept, [48, 47, 46, 45, 19, 9]);
    assert_eq!(store.remove_after(46).unwrap(), [47, 48]);
    assert_eq!(disk.paths().len(), 8, "no file is left of the removed");
}

#[test]
fn retention_counts_no_generation_that_is_not_whole() {
    let disk = FaultyDisk::new();
    let store = open(&disk).unwrap();
    for sequence in [1, 2, 3, 4] {
        take(&store, sequence).unwrap();
    }
    disk.take(&file(4, "snapshot"));
    disk.take(&file(3, "manifest"));
    assert_eq!(store.retain(1, &[]).unwrap(), [1]);
    assert_eq!(
        store
            .newest_good(u64::MAX)
            .unwrap()
            .snapshot
            .unwrap()
            .manifest
            .sequence(),
        2
    );
}

#[test]
fn a_piece_that_is_too_long_and_a_place_before_the_start_are_refused() {
    let store = open(&FaultyDisk::new()).unwrap();
    let mut writer = store.begin(&point(1)).unwrap();
    let error = writer
        .write_piece(&vec![0; SNAPSHOT_PIECE_BYTES_MAX + 1])
        .unwrap_err();
    assert_eq!(error.to_string(), "state: 1048577 bytes, at most 1048576");
    writer.abandon().unwrap();
    let mut nowhere = point(1);
    nowhere.position.link.sequence = 0;
    assert!(store.begin(&nowhere).is_err());
}

/// Runs a snapshot of [`NEWER`] beside one of [`OLDER`] with the given fault at every call in turn.
fn with_every_fault(fault: Fault, mut check: impl FnMut(&FaultyDisk, bool)) {
    let before = FaultyDisk::new();
    take(&open(&before).unwrap(), OLDER).unwrap();
    let mut fired = 0;
    for calls in 0.. {
        let disk = before.fork();
        disk.fail_after(calls, fault);
        let is_taken = open(&disk).and_then(|store| take(&store, NEWER)).is_ok();
        let has_fired = disk.fired().is_some();
        assert_eq!(
            is_taken,
            !has_fired,
            "no fault is passed over in silence: {:?}",
            disk.fired()
        );
        check(&disk, is_taken);
        if !has_fired {
            break;
        }
        fired += 1;
    }
    assert!(fired >= 14, "{fired} faults fired");
}

#[test]
fn a_fault_at_any_call_leaves_the_snapshot_before_it() {
    for fault in [Fault::Device, Fault::Full, Fault::Short] {
        with_every_fault(fault, |disk, is_taken| {
            for loss in [
                None,
                Some(Loss::All),
                Some(Loss::Some(1)),
                Some(Loss::Some(2)),
            ] {
                let after = disk.fork();
                after.kill();
                if let Some(loss) = loss {
                    after.lose_power(loss);
                }
                let (sequence, _) = found(&after);
                if is_taken {
                    assert_eq!(sequence, Some(NEWER));
                } else {
                    assert!(sequence >= Some(OLDER));
                }
            }
        });
    }
}

#[test]
fn a_fault_while_removing_leaves_the_newest() {
    let before = FaultyDisk::new();
    let store = open(&before).unwrap();
    for sequence in [1, 2, 3, OLDER, NEWER] {
        take(&store, sequence).unwrap();
    }
    for calls in 0.. {
        let disk = before.fork();
        disk.fail_after(calls, Fault::Device);
        let is_done = open(&disk).and_then(|store| store.retain(1, &[])).is_ok();
        let fired = disk.fired().is_some();
        for seed in 0..4 {
            let after = disk.fork();
            after.lose_power(Loss::Some(seed));
            assert_eq!(found(&after).0, Some(NEWER));
        }
        assert!(is_done || fired);
        if !fired {
            break;
        }
    }
}

proptest! {
    #[test]
    fn any_state_comes_back(
        state in proptest::collection::vec(any::<u8>(), 0..3000),
        piece in 1_usize..700,
        sequence in 0..u64::MAX - 1,
        digest in any::<u64>(),
        at_start in any::<bool>(),
        sealed in any::<bool>(),
    ) {
        let store = open(&FaultyDisk::new()).unwrap();
        let mut point = point(1);
        point.digest = digest;
        point.position.link.sequence = sequence + 1;
        point.position.link.at_start = at_start;
        point.position.sealed = sealed;
        let mut writer = store.begin(&point).unwrap();
        for piece in state.chunks(piece) {
            writer.write_piece(piece).unwrap();
        }
        prop_assert_eq!(writer.written(), state.len() as u64);
        let manifest = writer.finish().unwrap();
        let snapshot = store.newest_good(u64::MAX).unwrap().snapshot.unwrap();
        prop_assert_eq!(snapshot.manifest, manifest);
        prop_assert_eq!(manifest.position, point.position);
        prop_assert_eq!(manifest.sequence(), sequence);
        prop_assert_eq!(snapshot.state, state);
    }
}
