//! Goal: who reads beside the process that writes takes nothing for damage that is only the work of
//! that process: a segment begun, filled, archived or removed between two looks at the disk.
//!
//! Method: a disk in memory, on which the other process does its work before a chosen look.

mod common;

use std::sync::Arc;

use common::*;
use outcry_journal::disk::{Disk, OpenMode};
use outcry_journal::disk_faults::{Beside, Call, FaultyDisk};
use outcry_journal::{
    Damage, Durability, Folders, FrameKind, Options, ReadError, Reader, Verdict, Writer, segments,
    verify,
};

/// Commands until so many segments were begun.
fn fill(writer: &mut Writer, segments: u64) {
    while writer.statistics().segments < segments {
        append(writer, 9, 0).unwrap();
        writer.commit().unwrap();
    }
}

fn unsynced() -> Options {
    Options {
        durability: Durability::None,
        ..small()
    }
}

/// The last sequence that a reader comes to.
fn read_to_the_end(disk: Arc<dyn Disk>) -> Result<u64, ReadError> {
    let mut reader = Reader::open(disk, data(), 1)?;
    while reader.next(u64::MAX)?.is_some() {}
    Ok(reader.position().link.sequence - 1)
}

/// The first sequences of the segments.
fn firsts(disk: &FaultyDisk) -> Vec<u64> {
    let found = segments(disk, &Folders::new(data())).unwrap();
    found.iter().map(|file| file.first_sequence).collect()
}

#[test]
fn a_segment_that_is_begun_between_two_looks_is_entered() {
    let disk = FaultyDisk::new();
    let mut opened = open_small(&disk);
    fill(&mut opened.writer, 2);
    let last = opened.writer.next_sequence() - 1;
    // The newest segment gets its name late: behind the look for it, before the look for others.
    let path = segment(*firsts(&disk).last().unwrap());
    let hidden = journal_file("hidden");
    disk.rename(&path, &hidden).unwrap();
    for is_verified in [false, true] {
        let (own, from, to) = (disk.clone(), hidden.clone(), path.clone());
        let work = move || own.rename(&from, &to).unwrap();
        // Two folders are listed at the beginning.
        let beside = Beside::new(shared(&disk), Call::List, 2, work);
        if is_verified {
            let report = verify(&(Arc::clone(&beside) as Arc<dyn Disk>), data(), 0);
            assert_eq!(report.verdict, Verdict::Good, "{:?}", report.findings);
            assert_eq!(report.last_sequence, last);
        } else {
            assert_eq!(read_to_the_end(Arc::clone(&beside) as _).unwrap(), last);
        }
        assert!(beside.was_done());
        disk.rename(&path, &hidden).unwrap();
    }
    // Without the writer, a reader ends where the journal does.
    assert!(read_to_the_end(shared(&disk)).unwrap() < last);
}

#[test]
fn a_segment_that_is_filled_between_two_looks_is_read_on() {
    let disk = FaultyDisk::new();
    let mut writer = open_small(&disk).writer;
    append(&mut writer, 9, 0).unwrap();
    writer.commit().unwrap();
    let beside = Beside::new(shared(&disk), Call::List, 2, move || fill(&mut writer, 3));
    let last = read_to_the_end(Arc::clone(&beside) as _).unwrap();
    assert!(beside.was_done());
    assert_eq!(last, read_to_the_end(shared(&disk)).unwrap());
    assert!(last > *firsts(&disk).last().unwrap());
}

#[test]
fn a_segment_that_has_no_seal_before_another_stays_damaged() {
    let disk = FaultyDisk::new();
    let mut opened = open_small(&disk);
    fill(&mut opened.writer, 2);
    let mut reader = Reader::open(shared(&disk), data(), 1).unwrap();
    let seal = loop {
        let before = reader.position().offset;
        if reader.next(u64::MAX).unwrap().unwrap().kind() == FrameKind::Seal {
            break before as usize;
        }
    };
    let mut bytes = disk.bytes(&segment(1)).unwrap();
    bytes[seal..].fill(0);
    disk.put(&segment(1), bytes);
    let error = read_to_the_end(shared(&disk)).unwrap_err();
    assert!(
        matches!(
            error,
            ReadError::Damaged {
                why: Damage::Unsealed,
                ..
            }
        ),
        "{error}"
    );
}

/// Goal: what is made durable behind the end that was read does not make that end too early.
/// Method: it is written before either look that comes behind the reading, at the segment's rest
/// and at the mark.
#[test]
fn frames_written_behind_the_end_that_was_read_are_no_damage() {
    for skipped in [2, 3] {
        let disk = FaultyDisk::new();
        let mut writer = open_small(&disk).writer;
        append(&mut writer, 9, 0).unwrap();
        writer.commit().unwrap();
        let beside = Beside::new(shared(&disk), Call::Open, skipped, move || {
            for _ in 0..3 {
                append(&mut writer, 9, 0).unwrap();
                writer.commit().unwrap();
            }
        });
        let report = verify(&(Arc::clone(&beside) as Arc<dyn Disk>), data(), 0);
        assert!(beside.was_done());
        assert_eq!(report.verdict, Verdict::Good, "{:?}", report.findings);
        assert_eq!(report.last_sequence, 9);
    }
}

/// Goal: without syncs there is no mark that tells of the writer, and a frame that it has half
/// written in a segment begun meanwhile is no damage either.
#[test]
fn a_frame_half_written_in_a_segment_begun_meanwhile_is_no_damage() {
    let disk = FaultyDisk::new();
    let mut writer = try_open(&disk, &unsynced()).unwrap().writer;
    append(&mut writer, 9, 0).unwrap();
    writer.commit().unwrap();
    let own = disk.clone();
    let beside = Beside::new(shared(&disk), Call::List, 2, move || {
        fill(&mut writer, 2);
        let path = segment(*firsts(&own).last().unwrap());
        let end = own
            .bytes(&path)
            .unwrap()
            .iter()
            .rposition(|byte| *byte != 0)
            .unwrap();
        let file = own.open(&path, OpenMode::Write).unwrap();
        file.write_at(&[0; 32], end as u64 - 31).unwrap();
    });
    let report = verify(&(Arc::clone(&beside) as Arc<dyn Disk>), data(), 0);
    assert!(beside.was_done());
    assert_eq!(report.verdict, Verdict::Good, "{:?}", report.findings);
    assert!(report.tail.is_some());
}

/// Goal: segments that are no longer kept, and go while others are read, are missed by nobody.
#[test]
fn segments_that_are_removed_meanwhile_are_not_missed() {
    let disk = FaultyDisk::new();
    let mut opened = open_small(&disk);
    fill(&mut opened.writer, 5);
    let last = opened.writer.next_sequence() - 1;
    // The mark is opened before the segments and behind each part that was read.
    for (skipped, removed) in [(1, 1), (1, 3), (2, 2), (2, 3), (3, 4)] {
        let disk = disk.fork();
        let (own, firsts) = (disk.clone(), firsts(&disk));
        let gone = firsts[..removed].to_vec();
        let beside = Beside::new(shared(&disk), Call::Open, skipped, move || {
            for first in gone {
                own.remove(&segment(first)).unwrap();
            }
        });
        let report = verify(&(Arc::clone(&beside) as Arc<dyn Disk>), data(), 0);
        let what = format!("{removed} gone before opening {skipped}");
        assert!(beside.was_done(), "{what}");
        assert_eq!(
            report.verdict,
            Verdict::Good,
            "{what}: {:?}",
            report.findings
        );
        assert_eq!(report.last_sequence, last, "{what}");
        let read: Vec<u64> = report
            .segments
            .iter()
            .map(|found| found.first_sequence)
            .collect();
        assert!(read.ends_with(&firsts[removed..]), "{what}: {read:?}");
        let begins = firsts[..=removed].contains(&report.first_sequence);
        assert!(begins, "{what}: {}", report.first_sequence);
    }
}

#[test]
fn a_segment_that_is_gone_from_the_middle_is_missed() {
    let disk = FaultyDisk::new();
    let mut opened = open_small(&disk);
    fill(&mut opened.writer, 4);
    let gone = firsts(&disk)[2];
    disk.remove(&segment(gone)).unwrap();
    let report = verify(&shared(&disk), data(), 0);
    assert_eq!(report.verdict, Verdict::Damaged);
    assert_eq!(
        report.findings[0].text,
        format!("no segment holds sequence {gone}")
    );
}
