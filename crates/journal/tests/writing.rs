//! Goal: what was committed is read again, whole and in order, over segments, epochs, archives and
//! restarts, also while it is being written. Method: journals in memory with small segments; random
//! histories by proptest; two threads on a real disk.

mod common;

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use common::*;
use outcry_journal::disk::{Disk, RealDisk};
use outcry_journal::disk_faults::FaultyDisk;
use outcry_journal::{
    DirectoryLock, Durability, Folders, FrameKind, OpenError, Options, Reader, Verdict, open,
    segments, verify,
};
use proptest::prelude::*;

#[test]
fn a_new_journal_is_made_and_opens_again() {
    let disk = FaultyDisk::new();
    let opened = open_small(&disk);
    assert!(opened.opening.created);
    assert_eq!((opened.opening.last_sequence, opened.opening.epoch), (0, 1));
    assert_eq!(opened.writer.next_sequence(), 1);
    opened.writer.close().unwrap();
    drop(opened.lock);
    let mut opened = open_small(&disk);
    assert!(!opened.opening.created);
    assert_eq!(opened.opening.rules, rules(1));
    append(&mut opened.writer, 3, 0).unwrap();
    assert_eq!(opened.writer.progress().released(), 0);
    assert_eq!(opened.writer.commit().unwrap(), 3);
    assert_eq!(opened.writer.progress().released(), 3);
    assert_eq!(opened.writer.progress().durable(), 3);
    disk.kill();
    let opened = open_small(&disk);
    assert_eq!(opened.opening.last_sequence, 3);
    assert_eq!(opened.opening.durable_sequence, 3);
    assert_eq!(opened.opening.time_ns, 10);
    assert_eq!(opened.opening.digest, digest(3, 0));
    assert_eq!(opened.opening.cut, None);
    assert_eq!(read_all(&disk, 1).unwrap(), expected(3, 0));
}

#[test]
fn other_shards_and_wrong_options_are_refused() {
    let disk = FaultyDisk::new();
    drop(open_small(&disk));
    let other = Options {
        shard: 4,
        ..small()
    };
    let error = try_open(&disk, &other).err().unwrap();
    assert_eq!(
        error.to_string(),
        "shard: the journal is that of shard 3, not 4"
    );
    for segment_bytes in [0, 4088, 4097, 1 << 40] {
        let options = Options {
            segment_bytes,
            ..small()
        };
        let error = try_open(&disk, &options).err().unwrap();
        assert!(matches!(error, OpenError::Options(_)), "{error}");
        assert!(error.to_string().starts_with("segment_bytes: "), "{error}");
    }
}

#[test]
fn segments_roll_and_each_begins_with_its_rules() {
    let disk = FaultyDisk::new();
    let mut opened = open_small(&disk);
    for _ in 0..100 {
        append(&mut opened.writer, 5, 0).unwrap();
        opened.writer.commit().unwrap();
    }
    let found = segments(&disk, &Folders::new(data())).unwrap();
    assert!(found.len() > 8, "{} segments", found.len());
    assert_eq!(read_all(&disk, 1).unwrap(), expected(500, 0));
    for file in found {
        let mut reader = Reader::open(shared(&disk), data(), file.first_sequence).unwrap();
        let frame = reader.next(u64::MAX).unwrap().unwrap();
        assert_eq!(frame.rules(), Some(rules(1)));
        let frame = reader.next(u64::MAX).unwrap().unwrap();
        assert_eq!(frame.header.first_sequence, file.first_sequence);
    }
}

#[test]
fn readers_begin_anywhere_and_go_on_where_they_stood() {
    let disk = FaultyDisk::new();
    let mut opened = open_small(&disk);
    for count in 1..=20 {
        append(&mut opened.writer, count, 0).unwrap();
        opened.writer.commit().unwrap();
    }
    let last = opened.writer.next_sequence() - 1;
    for from in 1..=last + 1 {
        let found = read_all(&disk, from).unwrap();
        let first = found.first().map_or(last + 1, |(sequence, _)| *sequence);
        assert!(first <= from && from < first + 20, "{first} for {from}");
        assert_eq!(found, expected(last, 0)[first as usize - 1..]);
    }
    let mut reader = Reader::open(shared(&disk), data(), 1).unwrap();
    let mut frames = 0;
    loop {
        let position = reader.position();
        let mut second = Reader::at(shared(&disk), data(), position).unwrap();
        let other = second.next(u64::MAX).unwrap().map(|frame| frame.header);
        let Some(frame) = reader.next(u64::MAX).unwrap() else {
            assert_eq!(other, None);
            break;
        };
        assert_eq!(other, Some(frame.header));
        frames += 1;
    }
    assert!(frames > 20, "{frames}");
}

#[test]
fn archived_segments_are_read_through() {
    let disk = FaultyDisk::new();
    let mut opened = open_small(&disk);
    for _ in 0..60 {
        append(&mut opened.writer, 5, 0).unwrap();
        opened.writer.commit().unwrap();
    }
    let folders = Folders::new(data());
    let found = segments(&disk, &folders).unwrap();
    let mut positions = Vec::new();
    let mut reader = Reader::open(shared(&disk), data(), 1).unwrap();
    while reader.next(u64::MAX).unwrap().is_some() {
        positions.push(reader.position());
    }
    for file in &found[..found.len() - 1] {
        let bytes = disk.bytes(&file.path).unwrap();
        let packed = zstd::encode_all(&bytes[..], 1).unwrap();
        disk.put(&folders.archived(file.first_sequence), packed);
        disk.take(&file.path);
    }
    assert_eq!(read_all(&disk, 1).unwrap(), expected(300, 0));
    assert_eq!(read_all(&disk, 151).unwrap().last().unwrap().0, 300);
    for position in positions {
        let mut reader = Reader::at(shared(&disk), data(), position).unwrap();
        if let Some(frame) = reader.next(u64::MAX).unwrap() {
            assert_eq!(frame.payload.as_ptr().addr() % 8, 0);
        }
    }
    disk.kill();
    let opened = open_small(&disk);
    assert_eq!(opened.opening.last_sequence, 300);
    assert_eq!(opened.opening.first_sequence, 1);
    let report = verify(&shared(&disk), data(), 0);
    assert_eq!(report.verdict, Verdict::Good, "{:?}", report.findings);
    assert!(report.segments[0].archived && report.segments[0].sealed);
}

#[test]
fn epochs_follow_each_other_and_outlast_a_restart() {
    let disk = FaultyDisk::new();
    let mut opened = open_small(&disk);
    append(&mut opened.writer, 2, 0).unwrap();
    assert_eq!(opened.writer.open_next_epoch(&rules(2)).unwrap(), 2);
    append(&mut opened.writer, 2, 0).unwrap();
    opened.writer.commit().unwrap();
    disk.kill();
    let mut opened = open_small(&disk);
    assert_eq!(opened.opening.epoch, 2);
    assert_eq!(opened.opening.rules, rules(2));
    for epoch in 3..40 {
        assert_eq!(opened.writer.open_next_epoch(&rules(epoch)).unwrap(), epoch);
        append(&mut opened.writer, 3, 0).unwrap();
    }
    opened.writer.close().unwrap();
    drop(opened.lock);
    let opened = open_small(&disk);
    assert_eq!(opened.opening.rules, rules(39));
    let mut reader = Reader::open(shared(&disk), data(), 1).unwrap();
    let mut epoch = 1;
    while let Some(frame) = reader.next(u64::MAX).unwrap() {
        if frame.kind() == FrameKind::Rules && frame.header.epoch != epoch {
            epoch += 1;
            assert_eq!(frame.header.epoch, epoch);
        }
    }
    assert_eq!(epoch, 39);
    assert_eq!(read_all(&disk, 1).unwrap(), expected(4 + 37 * 3, 0));
}

#[test]
fn an_opening_that_reads_from_a_late_segment_still_knows_the_rules() {
    let disk = FaultyDisk::new();
    let mut opened = open_small(&disk);
    while segments(&disk, &Folders::new(data())).unwrap().len() < 3 {
        append(&mut opened.writer, 5, 0).unwrap();
        opened.writer.commit().unwrap();
    }
    let last_sequence = opened.writer.next_sequence() - 1;
    disk.kill();
    let options = Options {
        scan_from: last_sequence,
        known_durable: last_sequence,
        rules: rules(9),
        ..small()
    };
    let opened = try_open(&disk, &options).unwrap();
    assert_eq!(opened.opening.rules, rules(1));
    assert_eq!(opened.opening.last_sequence, last_sequence);
    assert_eq!(opened.opening.digest, digest(last_sequence, 0));
    let ahead = Options {
        known_durable: last_sequence + 1,
        ..options
    };
    drop(opened);
    assert!(matches!(
        try_open(&disk, &ahead).err().unwrap(),
        OpenError::Damaged { durable_sequence, .. } if durable_sequence == last_sequence + 1
    ));
}

#[test]
fn with_interval_and_none_groups_are_released_before_they_are_durable() {
    for durability in [
        Durability::Interval(Duration::from_hours(1)),
        Durability::None,
    ] {
        let disk = FaultyDisk::new();
        let options = Options {
            durability,
            ..small()
        };
        let mut opened = try_open(&disk, &options).unwrap();
        append(&mut opened.writer, 2, 0).unwrap();
        assert_eq!(opened.writer.commit().unwrap(), 2);
        assert_eq!(opened.writer.progress().durable(), 0);
        let waits = matches!(durability, Durability::Interval(_));
        assert_eq!(opened.writer.sync_in().is_some(), waits);
        let progress = opened.writer.progress();
        opened.writer.close().unwrap();
        assert_eq!(progress.durable(), 2);
    }
    let disk = FaultyDisk::new();
    let options = Options {
        durability: Durability::Interval(Duration::ZERO),
        ..small()
    };
    let mut opened = try_open(&disk, &options).unwrap();
    append(&mut opened.writer, 2, 0).unwrap();
    opened.writer.commit().unwrap();
    assert_eq!(opened.writer.progress().durable(), 2);
    assert_eq!(opened.writer.sync_in(), None);
}

#[test]
fn a_group_larger_than_the_buffer_is_written_in_parts() {
    let disk = FaultyDisk::new();
    let options = Options {
        segment_bytes: 8 << 20,
        ..small()
    };
    let mut opened = try_open(&disk, &options).unwrap();
    let most = opened.writer.payload_bytes_max() / 64;
    assert_eq!(most, outcry_journal::PAYLOAD_BYTES_MAX / 64);
    for _ in 0..9 {
        append(&mut opened.writer, most as u32, 0).unwrap();
    }
    assert!(opened.writer.gathered_bytes() >= 9 << 20);
    assert_eq!(opened.writer.commit().unwrap(), 9 * most as u64);
    assert_eq!(opened.writer.gathered_bytes(), 0);
    let statistics = opened.writer.statistics();
    assert!(statistics.writes > 2, "{statistics:?}");
    assert_eq!(statistics.segments, 1);
    let found = read_all(&disk, 1).unwrap();
    assert!(found == expected(9 * most as u64, 0), "all is read again");
}

#[test]
fn a_maker_on_another_thread_keeps_a_segment_ready() {
    let disk = FaultyDisk::new();
    let mut opened = open_small(&disk);
    let maker = opened.writer.segment_maker();
    assert!(maker.wanted());
    let worker = thread::spawn(move || {
        for _ in 0..4 {
            assert!(maker.wait(Duration::from_secs(10)), "the writer goes on");
            maker.make().unwrap();
        }
    });
    while !worker.is_finished() {
        append(&mut opened.writer, 5, 0).unwrap();
        opened.writer.commit().unwrap();
    }
    worker.join().unwrap();
    let last = opened.writer.next_sequence() - 1;
    assert_eq!(read_all(&disk, 1).unwrap(), expected(last, 0));
    disk.kill();
    let spares = |disk: &FaultyDisk| {
        let paths = disk.paths();
        let is_spare = |path: &&std::path::PathBuf| path.extension().is_some_and(|x| x == "spare");
        paths.iter().filter(is_spare).count()
    };
    drop(open_small(&disk));
    assert_eq!(spares(&disk), 0, "what was left over is removed");
}

#[test]
fn as_many_segments_are_kept_ready_as_the_options_say() {
    let disk = FaultyDisk::new();
    let options = Options {
        spare_segments: 3,
        ..small()
    };
    let opened = try_open(&disk, &options).unwrap();
    let maker = opened.writer.segment_maker();
    let mut made = 0;
    while maker.wanted() {
        maker.make().unwrap();
        made += 1;
    }
    assert_eq!(made, 3);
    assert!(!maker.wait(Duration::ZERO));
    let options = Options {
        spare_segments: 65,
        ..small()
    };
    let error = try_open(&FaultyDisk::new(), &options).err().unwrap();
    assert_eq!(error.to_string(), "spare_segments: 65 is above 64");
}

/// What runs on threads of its own can be sent there.
const fn is_send<T: Send>() {}
const fn is_shared<T: Send + Sync>() {}
const _: () = {
    is_send::<outcry_journal::Writer>();
    is_send::<Reader>();
    is_shared::<outcry_journal::SegmentMaker>();
    is_shared::<outcry_journal::Progress>();
    is_shared::<DirectoryLock>();
};

/// Follows a journal that another thread writes, and checks every command.
fn follow(disk: &Arc<dyn Disk>, dir: &Path, released: impl Fn() -> u64, last: u64) {
    let mut reader = Reader::open(Arc::clone(disk), dir, 1).unwrap();
    let mut next = 1;
    while next <= last {
        let until = released();
        while let Some(frame) = reader.next(until).unwrap() {
            assert!(frame.last_sequence() <= until);
            if frame.kind() == FrameKind::Commands {
                assert_eq!(frame.header.first_sequence, next);
                for bytes in frame.payload.chunks(64) {
                    assert_eq!(bytes, command(next, 0));
                    next += 1;
                }
                assert_eq!(frame.header.digest, digest(next - 1, 0));
            }
        }
        assert_eq!(next, until + 1, "all that is released is read");
        thread::yield_now();
    }
}

#[test]
fn a_follower_reads_what_is_released_while_it_grows() {
    let root = tempfile::tempdir().unwrap();
    let disk = RealDisk::shared();
    let lock = DirectoryLock::take(&RealDisk, root.path()).unwrap();
    let options = Options {
        segment_bytes: 64 << 10,
        durability: Durability::None,
        ..small()
    };
    let (mut writer, _) = open(Arc::clone(&disk), &lock, &options).unwrap();
    let progress = writer.progress();
    let dir = root.path().to_owned();
    let last = 40_000;
    let follower = thread::spawn(move || follow(&disk, &dir, || progress.released(), last));
    let mut seeded = Seeded(7);
    while writer.next_sequence() <= last {
        let left = last + 1 - writer.next_sequence();
        let count = (1 + seeded.below(40)).min(left);
        append(&mut writer, count as u32, 0).unwrap();
        if seeded.below(3) == 0 || count == left {
            writer.commit().unwrap();
        }
        assert!(
            !follower.is_finished() || count == left,
            "the follower goes on"
        );
    }
    follower.join().unwrap();
}

#[test]
fn who_read_to_the_end_reads_on_what_came_behind_it() {
    let root = tempfile::tempdir().unwrap();
    let disk = RealDisk::shared();
    let lock = DirectoryLock::take(&RealDisk, root.path()).unwrap();
    let (mut writer, _) = open(Arc::clone(&disk), &lock, &small()).unwrap();
    append(&mut writer, 3, 0).unwrap();
    writer.commit().unwrap();
    let mut reader = Reader::open(disk, root.path(), 1).unwrap();
    while let Some(frame) = reader.next(u64::MAX).unwrap() {
        if frame.kind() == FrameKind::Commands && frame.last_sequence() == 3 {
            break;
        }
    }
    append(&mut writer, 2, 0).unwrap();
    writer.commit().unwrap();
    let released = writer.progress().released();
    assert_eq!(released, 5);
    let frame = reader.next(released).unwrap().unwrap();
    assert_eq!(frame.last_sequence(), 5);
}

#[test]
fn a_verification_beside_a_writer_finds_nothing_wrong() {
    let root = tempfile::tempdir().unwrap();
    let disk = RealDisk::shared();
    let lock = DirectoryLock::take(&RealDisk, root.path()).unwrap();
    let options = Options {
        segment_bytes: 16 << 10,
        durability: Durability::Interval(Duration::ZERO),
        ..small()
    };
    let (mut writer, _) = open(Arc::clone(&disk), &lock, &options).unwrap();
    let dir = root.path().to_owned();
    let verifier = thread::spawn(move || {
        for _ in 0..20 {
            let report = verify(&disk, &dir, 0);
            assert_eq!(report.verdict, Verdict::Good, "{:?}", report.findings);
        }
    });
    while !verifier.is_finished() && writer.next_sequence() < 1_000_000 {
        append(&mut writer, 9, 0).unwrap();
        writer.commit().unwrap();
    }
    verifier.join().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_history_is_read_again(
        steps in prop::collection::vec((1_u32..40, 0_u8..8), 1..80),
        segment_words in 512_u64..4096,
    ) {
        let disk = FaultyDisk::new();
        let options = Options { segment_bytes: segment_words * 8, ..small() };
        let mut opened = try_open(&disk, &options).unwrap();
        for (count, step) in steps {
            append(&mut opened.writer, count, 0).unwrap();
            match step {
                0 => {
                    opened.writer.open_next_epoch(&rules(u32::from(step))).unwrap();
                }
                1 => {
                    opened.writer.close().unwrap();
                    drop(opened.lock);
                    opened = try_open(&disk, &options).unwrap();
                }
                2..5 => {
                    opened.writer.commit().unwrap();
                }
                _ => {}
            }
        }
        let released = opened.writer.commit().unwrap();
        prop_assert_eq!(released, opened.writer.next_sequence() - 1);
        prop_assert_eq!(read_all(&disk, 1).unwrap(), expected(released, 0));
        let report = verify(&shared(&disk), data(), 0);
        prop_assert_eq!(report.verdict, Verdict::Good, "{:?}", report.findings);
        prop_assert_eq!(report.last_sequence, released);
        disk.lose_power(outcry_journal::disk_faults::Loss::All);
        prop_assert_eq!(try_open(&disk, &options).unwrap().opening.last_sequence, released);
    }
}
