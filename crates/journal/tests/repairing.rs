//! Goal: a repair keeps all that stands before the damage, throws nothing away, and can be
//! interrupted; a verification changes nothing and agrees. Method: journals in memory, damaged in
//! each of their parts, repaired with every call failing once.

mod common;

use common::*;
use outcry_journal::disk_faults::{Fault, FaultyDisk, Loss};
use outcry_journal::{
    DirectoryLock, Folders, RepairError, RepairReport, Verdict, repair, segments, verify,
};

/// A journal of so many sequences in segments of 4,096 bytes, all of it durable.
fn journal(last: u64) -> FaultyDisk {
    let disk = FaultyDisk::new();
    let mut opened = open_small(&disk);
    while opened.writer.next_sequence() <= last {
        let left = last + 1 - opened.writer.next_sequence();
        append(&mut opened.writer, left.min(5) as u32, 0).unwrap();
        opened.writer.commit().unwrap();
    }
    opened.writer.close().unwrap();
    disk
}

fn repaired(disk: &FaultyDisk) -> Result<RepairReport, RepairError> {
    let lock = DirectoryLock::take(disk, data()).expect("nobody holds it");
    repair(&shared(disk), &lock, 0)
}

/// Flips a bit in the middle of a file.
fn damage(disk: &FaultyDisk, first_sequence: u64, offset: usize) {
    let mut bytes = disk.bytes(&segment(first_sequence)).unwrap();
    bytes[offset] ^= 4;
    disk.put(&segment(first_sequence), bytes);
}

fn first_sequences(disk: &FaultyDisk) -> Vec<u64> {
    let found = segments(disk, &Folders::new(data())).unwrap();
    found.iter().map(|file| file.first_sequence).collect()
}

#[test]
fn a_good_journal_is_verified_and_not_repaired() {
    let disk = journal(300);
    let before: Vec<_> = disk.paths().iter().map(|path| disk.bytes(path)).collect();
    let report = verify(&shared(&disk), data(), 0);
    assert_eq!(report.verdict, Verdict::Good, "{:?}", report.findings);
    assert_eq!((report.first_sequence, report.last_sequence), (1, 300));
    assert_eq!(
        (report.durable_sequence, report.epoch, report.shard),
        (300, 1, SHARD)
    );
    assert_eq!(report.segments.len(), first_sequences(&disk).len());
    let commands = |last: u64, first: u64| last + 1 - first;
    let total: u64 = report
        .segments
        .iter()
        .map(|segment| commands(segment.last_sequence, segment.first_sequence))
        .sum();
    assert_eq!(total, 300);
    let after: Vec<_> = disk.paths().iter().map(|path| disk.bytes(path)).collect();
    assert!(before == after, "verifying changes nothing");
    assert!(matches!(
        repaired(&disk),
        Err(RepairError::NothingDamaged(_))
    ));
}

#[test]
fn what_is_no_journal_is_unusable() {
    let disk = FaultyDisk::new();
    let report = verify(&shared(&disk), data(), 0);
    assert_eq!(report.verdict.exit_code(), 2);
    assert_eq!(report.findings[0].text, "there is no journal");
    assert!(matches!(
        repaired(&disk),
        Err(RepairError::NothingLeft { .. })
    ));
}

#[test]
fn a_verification_goes_on_behind_damage() {
    let disk = journal(400);
    let firsts = first_sequences(&disk);
    damage(&disk, firsts[1], 500);
    damage(&disk, firsts[3], 20);
    disk.take(&segment(firsts[5]));
    let report = verify(&shared(&disk), data(), 0);
    assert_eq!(report.verdict, Verdict::Damaged);
    let files: Vec<_> = report
        .findings
        .iter()
        .map(|finding| &finding.file)
        .collect();
    assert_eq!(report.findings.len(), 3, "{:?}", report.findings);
    assert_eq!(files[..2], [&segment(firsts[1]), &segment(firsts[3])]);
    assert_eq!(report.last_sequence, 400);
    assert!(open_fails(&disk));
}

fn open_fails(disk: &FaultyDisk) -> bool {
    try_open(disk, &small()).is_err()
}

#[test]
fn a_repair_cuts_at_the_first_damage_and_keeps_what_it_cuts() {
    let disk = journal(300);
    let firsts = first_sequences(&disk);
    let whole = disk.bytes(&segment(firsts[2])).unwrap();
    damage(&disk, firsts[2], 1000);
    let damaged = disk.bytes(&segment(firsts[2])).unwrap();
    assert_ne!(whole, damaged);
    assert!(open_fails(&disk));
    let report = repaired(&disk).unwrap();
    assert!(report.damage.contains("checksum"), "{}", report.damage);
    assert!(report.last_sequence >= firsts[2] && report.last_sequence < firsts[3]);
    assert_eq!(report.lost, Some((report.last_sequence + 1, 300)));
    assert_eq!((report.durable_sequence, report.epoch), (300, 2));
    assert_eq!(report.quarantined.len(), firsts.len() - 2);
    assert!(report.lost_bytes > 4096 * (firsts.len() as u64 - 3));
    let kept = Folders::new(data()).quarantine();
    let kept = kept.join(format!("{:020}.journal.epoch-2", firsts[2]));
    assert_eq!(disk.bytes(&kept).unwrap(), damaged);
    let mut opened = open_small(&disk);
    assert_eq!(opened.opening.last_sequence, report.last_sequence);
    assert_eq!((opened.opening.epoch, opened.opening.cut), (2, None));
    append(&mut opened.writer, 4, 0).unwrap();
    opened.writer.commit().unwrap();
    let last = report.last_sequence + 4;
    assert_eq!(read_all(&disk, 1).unwrap(), expected(last, 0));
    let report = verify(&shared(&disk), data(), 0);
    assert_eq!(report.verdict, Verdict::Good, "{:?}", report.findings);
}

type Change<'a> = &'a dyn Fn(&FaultyDisk);

#[test]
fn every_kind_of_damage_can_be_repaired() {
    let whole = journal(120);
    let firsts = first_sequences(&whole);
    let last = *firsts.last().unwrap();
    let archive = |disk: &FaultyDisk, first: u64, flip: bool| {
        let folders = Folders::new(data());
        let mut packed = zstd::encode_all(&disk.bytes(&segment(first)).unwrap()[..], 1).unwrap();
        if flip {
            let middle = packed.len() / 2;
            packed[middle] ^= 1;
        }
        disk.put(&folders.archived(first), packed);
        disk.take(&segment(first));
    };
    let damages: [(&str, Change<'_>); 9] = [
        ("head of the second segment", &|disk| {
            damage(disk, firsts[1], 10);
        }),
        ("a frame of the first segment", &|disk| damage(disk, 1, 300)),
        ("a segment missing", &|disk| disk.take(&segment(firsts[1]))),
        ("the last segment missing", &|disk| {
            disk.take(&segment(last));
        }),
        ("the last frame", &|disk| {
            let bytes = disk.bytes(&segment(last)).unwrap();
            damage(
                disk,
                last,
                bytes.iter().rposition(|byte| *byte != 0).unwrap(),
            );
        }),
        ("the last segment cut short", &|disk| {
            let bytes = disk.bytes(&segment(last)).unwrap();
            disk.put(&segment(last), bytes[..200].to_vec());
        }),
        ("the head of the last segment", &|disk| {
            damage(disk, last, 60);
        }),
        ("an archived segment", &|disk| {
            archive(disk, 1, false);
            archive(disk, firsts[1], true);
        }),
        ("archived, and plain damage behind", &|disk| {
            archive(disk, 1, false);
            damage(disk, firsts[1], 80);
        }),
    ];
    for (what, change) in damages {
        let disk = whole.fork();
        change(&disk);
        assert!(open_fails(&disk), "{what}");
        let report = repaired(&disk).unwrap_or_else(|error| panic!("{what}: {error}"));
        println!("{what}: {report:?}");
        assert_eq!(report.lost, Some((report.last_sequence + 1, 120)), "{what}");
        disk.lose_power(Loss::All);
        let opened = open_small(&disk);
        assert_eq!(opened.opening.last_sequence, report.last_sequence, "{what}");
        let found = read_all(&disk, 1).unwrap();
        assert_eq!(found, expected(report.last_sequence, 0), "{what}");
        let verified = verify(&shared(&disk), data(), 0);
        assert_eq!(
            verified.verdict,
            Verdict::Good,
            "{what}: {:?}",
            verified.findings
        );
    }
}

#[test]
fn a_journal_without_a_beginning_is_left_alone() {
    let disk = journal(20);
    damage(&disk, 1, 30);
    let error = repaired(&disk).unwrap_err();
    assert!(matches!(error, RepairError::NothingLeft { .. }), "{error}");
}

#[test]
fn a_repair_that_fails_at_any_call_can_be_ordered_again() {
    let whole = journal(120);
    let firsts = first_sequences(&whole);
    damage(&whole, firsts[1], 900);
    let reference = whole.fork();
    let report = repaired(&reference).unwrap();
    let mut nth = 0;
    loop {
        let disk = whole.fork();
        let lock = DirectoryLock::take(&disk, data()).unwrap();
        disk.fail_after(nth, Fault::Device);
        let outcome = repair(&shared(&disk), &lock, 0);
        let Some((call, path)) = disk.fired() else {
            assert!(outcome.is_ok());
            break;
        };
        let what = format!("call {nth}, {call:?} of {}", path.display());
        for loss in [None, Some(Loss::All), Some(Loss::Some(nth))] {
            let disk = disk.fork();
            disk.kill();
            if let Some(loss) = loss {
                disk.lose_power(loss);
            }
            match repaired(&disk) {
                Ok(again) => assert_eq!(again.last_sequence, report.last_sequence, "{what}"),
                Err(RepairError::NothingDamaged(_)) => {}
                Err(error) => panic!("{what}, {loss:?}: {error}"),
            }
            let opened = open_small(&disk);
            assert_eq!(opened.opening.last_sequence, report.last_sequence, "{what}");
            let found = read_all(&disk, 1).unwrap();
            assert_eq!(found, expected(report.last_sequence, 0), "{what}, {loss:?}");
        }
        nth += 1;
    }
    println!("{nth} calls failed");
    assert!(nth > 50, "{nth} calls failed");
}
