//! Goal: what today's program writes is read by every later one. Method: the files of the first
//! format are committed; they are read, and what is written today equals them byte for byte, but
//! for what zstd may compress in another way. A later format gets a folder of its own beside this
//! one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::archive::{ArchiveHead, tests as archive};
use crate::disk::{Disk, RealDisk};
use crate::disk_faults::FaultyDisk;
use crate::event_log::{EventLogReader, seal_event_segments, tests as events};
use crate::folders::Folders;
use crate::reader::Reader;
use crate::retention::Projections;
use crate::snapshot::{SnapshotStore, tests as snapshots};

/// Commands in the event log.
const EVENTS_LAST: u64 = 30;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/store-format-1")
}

/// What today's program writes, beside the journal.
fn written_today() -> FaultyDisk {
    let disk = FaultyDisk::new();
    let shared = || -> Arc<dyn Disk> { Arc::new(disk.clone()) };
    let store = SnapshotStore::open(shared(), snapshots::dir(), snapshots::SHARD).unwrap();
    snapshots::take(&store, snapshots::NEWER).unwrap();
    drop(events::write(&disk, EVENTS_LAST, 4).unwrap());
    seal_event_segments(shared(), events::dir()).unwrap();
    let projections = Projections::open(shared(), archive::dir()).unwrap();
    projections.register("history", 41).unwrap();
    disk
}

#[test]
fn what_is_written_today_is_the_fixture() {
    let disk = written_today();
    for path in disk.paths() {
        let fixture = fixtures().join(path.strip_prefix("/data").unwrap());
        let length = RealDisk.length(&fixture).unwrap();
        let bytes = crate::disk::read_file(&RealDisk, &fixture, length).unwrap();
        assert_eq!(disk.bytes(&path), Some(bytes), "{}", fixture.display());
    }
    assert!(disk.paths().len() >= 9, "{:?}", disk.paths());
}

#[test]
fn snapshots_are_read_for_ever() {
    let store = SnapshotStore::read_only(RealDisk::shared(), &fixtures(), snapshots::SHARD);
    let newest = store.newest_good(u64::MAX).unwrap();
    assert_eq!(newest.passed_over, []);
    let snapshot = newest.snapshot.unwrap();
    let point = snapshots::point(snapshots::NEWER);
    assert_eq!(snapshot.state, snapshots::state_of(snapshots::NEWER));
    assert_eq!(snapshot.manifest.position, point.position);
    assert_eq!(snapshot.manifest.time_ns, point.time_ns);
    assert_eq!(snapshot.manifest.digest, point.digest);
    assert_eq!(snapshot.manifest.durable_sequence, point.durable_sequence);
    assert_eq!(snapshot.manifest.rules_version, point.rules_version);
}

#[test]
fn events_are_read_for_ever() {
    for from in 1..=EVENTS_LAST {
        let opened = EventLogReader::open(RealDisk::shared(), &fixtures(), from);
        assert_eq!(events::read_on(&mut opened.unwrap()).unwrap(), EVENTS_LAST);
    }
}

#[test]
fn archived_segments_are_read_for_ever() {
    let path = Folders::new(&fixtures()).archived(1);
    let head = ArchiveHead::read(&RealDisk, &path, 1).unwrap();
    assert_eq!((head.shard, head.last_sequence), (archive::SHARD, 48));
    assert_eq!(head.last_time_ns, 48_000);
    // The archive alone, without the journal behind it.
    let folder = tempfile::tempdir().unwrap();
    let folders = Folders::new(folder.path());
    RealDisk.create_dir(&folders.archive()).unwrap();
    std::fs::copy(&path, folders.archived(1)).unwrap(); // tidy-ok: the fixture stays as it is
    let mut reader = Reader::open(RealDisk::shared(), folder.path(), 1).unwrap();
    let mut last = 0;
    while last < head.last_sequence {
        last = reader
            .next(head.last_sequence)
            .unwrap()
            .unwrap()
            .last_sequence();
    }
    assert!(reader.is_archived());
}

#[test]
fn projections_are_read_for_ever() {
    let projections = Projections::open(RealDisk::shared(), &fixtures()).unwrap();
    assert_eq!(projections.slowest().unwrap(), Some(41));
}
