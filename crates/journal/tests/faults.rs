//! Goal: whatever call of the disk fails, and whenever the power goes, nothing that was released is
//! lost, nothing is tried after a failure, and the next opening goes on. Method: a history by seed
//! is run with the Nth call failing, for every N until none is left; then the process or the power
//! goes, and what opens is compared with what was released.

mod common;

use common::*;
use outcry_journal::disk_faults::{Call, Fault, FaultyDisk, Loss};
use outcry_journal::{Damage, Durability, Halt, HaltReason, OpenError, Options};

/// What a history left behind.
struct Run {
    disk: FaultyDisk,
    /// The last sequence that was ever answered as released.
    released: u64,
    /// The last sequence that was ever appended.
    appended: u64,
    /// Whether every step was done.
    complete: bool,
}

/// Runs a history: open, groups of frames, restarts, an epoch. It stops at the first failure.
fn run(disk: FaultyDisk, seed: u64, options: &Options) -> Run {
    let mut run = Run {
        disk,
        released: 0,
        appended: 0,
        complete: false,
    };
    run.complete = steps(&mut run, seed, options).is_ok();
    run
}

fn steps(run: &mut Run, seed: u64, options: &Options) -> Result<(), OpenError> {
    let mut seeded = Seeded(seed);
    for round in 0..3 {
        let mut opened = try_open(&run.disk, options)?;
        assert!(
            opened.opening.last_sequence >= run.released,
            "an opening loses nothing"
        );
        run.appended = opened.writer.next_sequence() - 1;
        run.released = run.released.max(run.appended);
        let outcome = write(run, &mut opened, &mut seeded, round);
        if let Err(halt) = outcome {
            assert_is_over(&mut opened, &halt);
            return Err(halt.into());
        }
        opened.writer.close()?;
        run.released = run.appended;
    }
    Ok(())
}

fn write(run: &mut Run, opened: &mut Opened, seeded: &mut Seeded, round: u32) -> Result<(), Halt> {
    for _ in 0..8 {
        for _ in 0..=seeded.below(3) {
            let count = 1 + seeded.below(9) as u32;
            append(&mut opened.writer, count, 0)?;
            run.appended += u64::from(count);
        }
        run.released = opened.writer.commit()?;
        assert_eq!(run.released, run.appended);
    }
    if round == 1 {
        opened.writer.open_next_epoch(&rules(2))?;
    }
    Ok(())
}

/// After a halt nothing is written, and the same halt is answered.
fn assert_is_over(opened: &mut Opened, halt: &Halt) {
    let frames = opened.writer.statistics();
    for _ in 0..2 {
        assert_eq!(opened.writer.commit().as_ref(), Err(halt));
        assert_eq!(append(&mut opened.writer, 1, 0).as_ref(), Err(halt));
        assert_eq!(opened.writer.open_next_epoch(&rules(7)).as_ref(), Err(halt));
    }
    assert_eq!(opened.writer.statistics(), frames);
}

/// Opens what is left and compares: all that was released, then wholly or not at all what was
/// appended.
fn assert_recovers(disk: &FaultyDisk, run: &Run, options: &Options, what: &str) {
    let opened = try_open(disk, options).unwrap_or_else(|error| panic!("{what}: {error}"));
    let last = opened.opening.last_sequence;
    assert!(
        last >= run.released,
        "{what}: {last} of {} released",
        run.released
    );
    assert!(
        last <= run.appended,
        "{what}: {last} of {} appended",
        run.appended
    );
    if last > 0 {
        assert_eq!(read_all(disk, 1).unwrap(), expected(last, 0), "{what}");
    }
    drop(opened);
    let again = try_open(disk, options).unwrap();
    assert_eq!(again.opening.last_sequence, last, "{what}: opened again");
    assert_eq!(again.opening.cut, None, "{what}: opened again");
}

fn nth_fault(fault: Fault, seed: u64, losses: u64) {
    let options = small();
    let (mut fired, mut nth) = (0, 0);
    loop {
        let disk = FaultyDisk::new();
        disk.fail_after(nth, fault);
        let left = run(disk, seed, &options);
        let Some((call, path)) = left.disk.fired() else {
            assert!(left.complete);
            break;
        };
        fired += 1;
        let path = path.display();
        let what = format!("seed {seed}, {fault:?} at call {nth}, {call:?} of {path}");
        assert!(!left.complete, "{what}: no failure is passed over");
        left.disk.kill();
        assert_recovers(&left.disk.fork(), &left, &options, &what);
        for loss in (0..losses).map(Loss::Some).chain([Loss::All]) {
            let disk = left.disk.fork();
            disk.lose_power(loss);
            assert_recovers(&disk, &left, &options, &format!("{what}, then {loss:?}"));
        }
        nth += 1;
    }
    println!("seed {seed}, {fault:?}: {fired} calls failed");
    assert!(fired > 200, "{fired} calls failed");
}

#[test]
fn the_nth_call_fails_and_nothing_released_is_lost() {
    nth_fault(Fault::Device, 1, 3);
}

#[test]
fn the_disk_is_full_at_the_nth_call() {
    nth_fault(Fault::Full, 2, 1);
}

#[test]
fn the_nth_call_is_a_short_write() {
    nth_fault(Fault::Short, 3, 1);
}

#[test]
fn the_nth_call_is_a_short_write_for_no_reason() {
    nth_fault(Fault::Part, 4, 1);
}

#[test]
#[ignore = "slow"]
fn the_nth_call_fails_for_many_seeds() {
    for seed in 10..30 {
        for fault in [Fault::Device, Fault::Full, Fault::Short] {
            nth_fault(fault, seed, 8);
        }
    }
}

#[test]
fn an_opening_that_fails_at_any_call_leaves_a_journal_that_opens() {
    let options = small();
    let disk = FaultyDisk::new();
    let mut opened = open_small(&disk);
    for _ in 0..30 {
        append(&mut opened.writer, 5, 0).unwrap();
        opened.writer.commit().unwrap();
    }
    append(&mut opened.writer, 5, 0).unwrap();
    append(&mut opened.writer, 5, 0).unwrap();
    disk.fail_call(Call::SyncData, 0, Fault::Device);
    opened.writer.commit().unwrap_err();
    disk.kill();
    // The tail is torn in its first frame, so the opening has something to cut.
    let path = disk
        .paths()
        .into_iter()
        .rfind(|path| path.extension().is_some())
        .unwrap();
    let mut bytes = disk.bytes(&path).unwrap();
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[used - 600] ^= 1;
    disk.put(&path, bytes);
    for fault in [Fault::Device, Fault::Full, Fault::Short] {
        let mut nth = 0;
        loop {
            let disk = disk.fork();
            disk.fail_after(nth, fault);
            let opened = try_open(&disk, &options);
            let Some((call, _)) = disk.fired() else {
                assert!(opened.unwrap().opening.cut.is_some());
                break;
            };
            let what = format!("{fault:?} at call {nth}, {call:?}");
            assert!(opened.is_err(), "{what}");
            disk.kill();
            for loss in [None, Some(Loss::All), Some(Loss::Some(nth))] {
                let disk = disk.fork();
                if let Some(loss) = loss {
                    disk.lose_power(loss);
                }
                let opened = open_small(&disk);
                assert_eq!(opened.opening.last_sequence, 150, "{what}, {loss:?}");
                assert_eq!(read_all(&disk, 1).unwrap(), expected(150, 0), "{what}");
            }
            nth += 1;
        }
        assert!(nth > 20, "{nth} calls");
    }
}

/// A history that the power ends between two steps, over and over.
fn power_failures(seed: u64, rounds: u64) {
    let mut seeded = Seeded(seed);
    let mut disk = FaultyDisk::new();
    let mut released = 0;
    for round in 0..rounds {
        let mut opened = open_small(&disk);
        let last = opened.opening.last_sequence;
        assert!(
            last >= released,
            "seed {seed}, round {round}: {last} of {released}"
        );
        assert_eq!(read_all(&disk, 1).unwrap(), expected(last, 0));
        let most = 1 + seeded.below(6);
        for _ in 0..most {
            append(&mut opened.writer, 1 + seeded.below(12) as u32, 0).unwrap();
            released = opened.writer.commit().unwrap();
        }
        for _ in 0..seeded.below(4) {
            append(&mut opened.writer, 1 + seeded.below(12) as u32, 0).unwrap();
        }
        // Without its sync the last group is anything from absent to whole.
        disk.fail_call(Call::SyncData, 0, Fault::Device);
        let _ = opened.writer.commit();
        disk = disk.fork();
        match seeded.below(4) {
            0 => disk.kill(),
            1 => disk.lose_power(Loss::All),
            _ => disk.lose_power(Loss::Some(seeded.next())),
        }
    }
}

#[test]
fn what_was_released_survives_any_number_of_power_failures() {
    for seed in 0..20 {
        println!("seed {seed}");
        power_failures(seed, 12);
    }
}

#[test]
#[ignore = "slow"]
fn what_was_released_survives_very_many_power_failures() {
    for seed in 100..1100 {
        println!("seed {seed}");
        power_failures(seed, 20);
    }
}

/// The planted mistake: a disk that syncs nothing must not pass for one that does.
#[test]
fn a_disk_that_lies_is_found_out() {
    let disk = FaultyDisk::new();
    let mut opened = open_small(&disk);
    append(&mut opened.writer, 2, 0).unwrap();
    opened.writer.commit().unwrap();
    disk.lie_about_syncs();
    append(&mut opened.writer, 2, 0).unwrap();
    assert_eq!(opened.writer.commit().unwrap(), 4);
    disk.lose_power(Loss::All);
    assert_eq!(open_small(&disk.fork()).opening.last_sequence, 2);
    let known = Options {
        known_durable: 4,
        ..small()
    };
    let error = try_open(&disk, &known).err().unwrap();
    assert!(
        matches!(damage_of(&error), Some(Damage::EndsEarly { .. })),
        "{error}"
    );
}

/// Writes until a call between a write and its sync is cut off by the power: the disk then has any
/// part of the group.
#[test]
fn groups_torn_by_power_loss_are_cut_and_told() {
    let (mut cuts, mut whole) = (0, 0);
    for seed in 0..300 {
        let disk = FaultyDisk::new();
        let options = Options {
            durability: Durability::None,
            segment_bytes: 64 << 10,
            ..small()
        };
        let mut opened = try_open(&disk, &options).unwrap();
        for _ in 0..8 {
            append(&mut opened.writer, 12, 0).unwrap();
        }
        opened.writer.commit().unwrap();
        disk.lose_power(Loss::Some(seed));
        let opened = try_open(&disk, &options).unwrap();
        let last = opened.opening.last_sequence;
        match &opened.opening.cut {
            Some(cut) => {
                cuts += 1;
                assert!(last < 96 && cut.bytes > 0, "seed {seed}: {cut}");
            }
            None => whole += 1,
        }
        if last > 0 {
            assert_eq!(
                read_all(&disk, 1).unwrap(),
                expected(last, 0),
                "seed {seed}"
            );
        }
    }
    println!("{cuts} cuts, {whole} without");
    assert!(cuts > 200);
}

#[test]
fn each_failure_has_its_reason() {
    let cases = [
        (Call::Write, Fault::Device, HaltReason::WriteFailed),
        (Call::Write, Fault::Full, HaltReason::DiskFull),
        (Call::Write, Fault::Short, HaltReason::DiskFull),
        (Call::Write, Fault::Part, HaltReason::ShortWrite),
        (Call::SyncData, Fault::Device, HaltReason::SyncFailed),
    ];
    for (call, fault, reason) in cases {
        let disk = FaultyDisk::new();
        let mut opened = open_small(&disk);
        append(&mut opened.writer, 1, 0).unwrap();
        disk.fail_call(call, 0, fault);
        let halt = opened.writer.commit().unwrap_err();
        assert_eq!(halt.reason, reason, "{halt}");
        assert!(halt.detail.contains("segment 1"), "{halt}");
        let progress = opened.writer.progress();
        assert_eq!((progress.released(), progress.durable()), (0, 0));
        assert_is_over(&mut opened, &halt);
    }
    let disk = FaultyDisk::new();
    let mut opened = open_small(&disk);
    disk.fail_call(Call::Rename, 0, Fault::Device);
    let halt = loop {
        if let Err(halt) = append(&mut opened.writer, 9, 0).and_then(|()| opened.writer.commit()) {
            break halt;
        }
    };
    assert_eq!(halt.reason, HaltReason::SegmentFailed, "{halt}");
}

#[test]
fn a_failed_maker_halts_with_the_same_reasons() {
    let disk = FaultyDisk::new();
    let opened = open_small(&disk);
    let maker = opened.writer.segment_maker();
    disk.fail_call(Call::Write, 0, Fault::Full);
    let halt = maker.make().unwrap_err();
    assert_eq!(halt.reason, HaltReason::DiskFull);
    assert!(maker.wanted());
}

/// The mark's bytes after a failed sync say less than what can be read; those bytes are on no disk
/// until they are written again.
#[test]
fn what_an_opening_finds_is_durable_when_it_answers() {
    let disk = FaultyDisk::new();
    let mut opened = open_small(&disk);
    append(&mut opened.writer, 4, 0).unwrap();
    disk.fail_call(Call::SyncData, 0, Fault::Device);
    opened.writer.commit().unwrap_err();
    disk.kill();
    let opened = open_small(&disk);
    assert_eq!(opened.opening.last_sequence, 4, "the page cache has it");
    disk.lose_power(Loss::All);
    assert_eq!(open_small(&disk).opening.last_sequence, 4);
}
