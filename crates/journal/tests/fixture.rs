//! Goal: a journal of format 1 is read for ever, and written as it was as long as it is the format
//! of the day. Method: a committed data directory of three segments, one of them archived, with two
//! epochs and an unsealed end; its history is written out here.

mod common;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::*;
use outcry_journal::disk::{Disk, OpenMode, RealDisk, read_file, write_full};
use outcry_journal::disk_faults::FaultyDisk;
use outcry_journal::{
    DirectoryLock, FORMAT, Folders, FrameKind, Reader, Verdict, open, segments, verify,
};

const FILE_BYTES_MAX: u64 = 1 << 20;
const LAST_SEQUENCE: u64 = 108;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/format-1")
}

/// The history that the fixture holds.
fn history(disk: &FaultyDisk) {
    let mut opened = open_small(disk);
    for count in [1, 2, 3, 40, 4, 25] {
        append(&mut opened.writer, count, 5).unwrap();
        opened.writer.commit().unwrap();
    }
    opened.writer.open_next_epoch(&rules(2)).unwrap();
    append(&mut opened.writer, 30, 5).unwrap();
    append(&mut opened.writer, 3, 5).unwrap();
    opened.writer.close().unwrap();
}

/// A copy of the fixture that may be written on.
fn copy(target: &Path) {
    for folder in ["journal", "archive"] {
        let folder = Path::new(folder);
        RealDisk.create_dir(&target.join(folder)).unwrap();
        for name in RealDisk.list(&fixture().join(folder)).unwrap() {
            let source = fixture().join(folder).join(&name);
            let bytes = read_file(&RealDisk, &source, FILE_BYTES_MAX).unwrap();
            let path = target.join(folder).join(&name);
            let file = RealDisk.open(&path, OpenMode::Create).unwrap();
            write_full(&*file, &bytes, 0).unwrap();
        }
    }
}

#[test]
fn format_1_is_read() {
    let report = verify(&RealDisk::shared(), &fixture(), LAST_SEQUENCE);
    assert_eq!(report.verdict, Verdict::Good, "{:?}", report.findings);
    assert_eq!(
        (report.first_sequence, report.last_sequence),
        (1, LAST_SEQUENCE)
    );
    assert_eq!(
        (report.epoch, report.shard, report.segments.len()),
        (2, SHARD, 3)
    );
    assert!(report.segments[0].archived);
    let mut reader = Reader::open(RealDisk::shared(), &fixture(), 1).unwrap();
    let (mut next, mut epochs) = (1, Vec::new());
    while let Some(frame) = reader.next(u64::MAX).unwrap() {
        if let Some(rules) = frame.rules() {
            epochs.push((frame.header.epoch, rules.version));
            assert_eq!(rules.config, b"config");
        }
        if frame.kind() == FrameKind::Commands {
            assert_eq!(frame.header.time_ns, next * 10);
            for bytes in frame.payload.chunks(64) {
                assert_eq!(bytes, command(next, 5), "command {next}");
                next += 1;
            }
            assert_eq!(frame.header.digest, digest(next - 1, 5));
        }
    }
    assert_eq!(next, LAST_SEQUENCE + 1);
    assert_eq!(epochs, [(1, 1), (1, 1), (2, 2), (2, 2)]);
}

#[test]
fn format_1_is_opened_and_written_on() {
    let root = tempfile::tempdir().unwrap();
    copy(root.path());
    let lock = DirectoryLock::take(&RealDisk, root.path()).unwrap();
    let (mut writer, opening) = open(RealDisk::shared(), &lock, &small()).unwrap();
    assert_eq!((opening.last_sequence, opening.epoch), (LAST_SEQUENCE, 2));
    assert_eq!(
        (opening.durable_sequence, opening.cut),
        (LAST_SEQUENCE, None)
    );
    assert_eq!(opening.rules, rules(2));
    append(&mut writer, 2, 5).unwrap();
    assert_eq!(writer.commit().unwrap(), LAST_SEQUENCE + 2);
}

#[test]
fn the_same_history_is_written_in_the_same_bytes() {
    assert_eq!(FORMAT, 1, "a new format gets a fixture of its own");
    let disk = FaultyDisk::new();
    history(&disk);
    let shared: Arc<dyn Disk> = RealDisk::shared();
    let found = segments(&*shared, &Folders::new(&fixture())).unwrap();
    assert_eq!(found.len(), 3);
    for file in found {
        let bytes = read_file(&RealDisk, &file.path, FILE_BYTES_MAX).unwrap();
        let whole = if file.archived {
            zstd::decode_all(&bytes[..]).unwrap()
        } else {
            bytes
        };
        let written = disk.bytes(&segment(file.first_sequence)).unwrap();
        assert!(written == whole, "segment {}", file.first_sequence);
    }
    let mark = read_file(&RealDisk, &fixture().join("journal/durable"), 64).unwrap();
    assert_eq!(disk.bytes(&journal_file("durable")).unwrap(), mark);
}
