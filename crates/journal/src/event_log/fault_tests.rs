//! Goal: no damage, fault or crash makes the event log say what was not written; what is lost is
//! said by `resume_from`, and can be made again. Method: every bit, every length, every call of the
//! disk, power lost at each; whatever is read is compared with what must stand there.

use super::segments::EventFolder;
use super::tests::{OPTIONS, SHARD, dir, read_all, shared, write, write_on};
use super::*;
use crate::disk_faults::{Fault, FaultyDisk, Loss};
use crate::store::StoreError;

const LAST: u64 = 40;

fn log() -> FaultyDisk {
    let disk = FaultyDisk::new();
    drop(write(&disk, LAST, 4).unwrap());
    disk
}

fn seal(disk: &FaultyDisk) -> Result<Vec<u64>, StoreError> {
    seal_event_segments(shared(disk), dir())
}

fn segments(disk: &FaultyDisk) -> Vec<u64> {
    EventFolder::new(shared(disk), dir()).segments().unwrap()
}

/// Opens the log again, makes what is lost again, and reads all. Answers where it was resumed.
fn mended(disk: &FaultyDisk) -> u64 {
    let (mut writer, opening) = EventLogWriter::open(shared(disk), dir(), &OPTIONS, LAST).unwrap();
    write_on(&mut writer, LAST, 5).unwrap();
    assert_eq!(read_all(disk, opening.oldest).unwrap(), LAST);
    opening.resume_from
}

#[test]
fn every_cut_of_the_newest_segment_is_made_again() {
    let disk = log();
    let newest = *segments(&disk).last().unwrap();
    let path = EventFolder::new(shared(&disk), dir()).segment(newest);
    let whole = disk.bytes(&path).unwrap();
    for length in 0..whole.len() {
        let disk = disk.fork();
        disk.put(&path, whole[..length].to_vec());
        let seen = read_all(&disk, 1).unwrap();
        assert!(seen < LAST, "cut at {length}");
        assert_eq!(mended(&disk), seen + 1, "cut at {length}");
    }
}

#[test]
fn every_flipped_bit_is_found() {
    let disk = log();
    let folder = EventFolder::new(shared(&disk), dir());
    let all = segments(&disk);
    for first in [all[0], all[all.len() - 1]] {
        let path = folder.segment(first);
        let whole = disk.bytes(&path).unwrap();
        for bit in 0..whole.len() * 8 {
            let disk = disk.fork();
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            disk.put(&path, bytes);
            match read_all(&disk, 1) {
                Err(StoreError::Damaged { file, .. }) => assert_eq!(file, path),
                // A length that passes the file's end looks as a block that is being written.
                Ok(seen) => assert!(seen < LAST && first != all[0], "bit {bit}: {seen}"),
                Err(other) => panic!("bit {bit}: {other}"),
            }
            let resumed = mended(&disk);
            assert!(resumed >= first && resumed <= LAST, "bit {bit}: {resumed}");
        }
    }
}

#[test]
fn lost_swapped_and_stale_segments_are_found() {
    let disk = log();
    let folder = EventFolder::new(shared(&disk), dir());
    let all = segments(&disk);
    let lost = disk.fork();
    lost.take(&folder.segment(all[1]));
    assert!(matches!(
        read_all(&lost, 1),
        Err(StoreError::TooOld { sequence, oldest }) if (sequence, oldest) == (all[1], all[2])
    ));
    assert_eq!(mended(&lost), all[1]);

    let swapped = disk.fork();
    swapped.put(
        &folder.segment(all[1]),
        disk.bytes(&folder.segment(all[2])).unwrap(),
    );
    assert!(matches!(
        read_all(&swapped, 1),
        Err(StoreError::Damaged { .. })
    ));
    assert_eq!(mended(&swapped), all[1]);

    // A segment of another life of the log: undamaged, but it follows other blocks.
    let other = FaultyDisk::new();
    drop(write(&other, LAST, 2).unwrap());
    let stale = disk.fork();
    let found = segments(&other);
    let both = all[1..].iter().find(|first| found.contains(first)).unwrap();
    stale.put(
        &folder.segment(*both),
        other.bytes(&folder.segment(*both)).unwrap(),
    );
    assert!(matches!(
        read_all(&stale, 1),
        Err(StoreError::Damaged { .. })
    ));
    assert_eq!(mended(&stale), *both);
}

#[test]
fn sealed_segments_survive_power_loss_and_are_not_read_again() {
    let disk = log();
    let all = segments(&disk);
    assert_eq!(seal(&disk).unwrap(), all[..all.len() - 1]);
    assert_eq!(seal(&disk).unwrap(), [], "once");
    let last_sealed = all[all.len() - 2];
    for loss in [Loss::All, Loss::Some(1), Loss::Some(2), Loss::Some(3)] {
        let after = disk.fork();
        after.lose_power(loss);
        let resumed = mended(&after);
        assert!(resumed > last_sealed, "{loss:?}: {resumed}");
    }
    let before = disk.calls();
    let opened = EventLogWriter::open(shared(&disk), dir(), &OPTIONS, LAST).unwrap();
    assert_eq!(opened.1.resume_from, LAST + 1);
    let path = EventFolder::new(shared(&disk), dir()).segment(all[0]);
    let mut bytes = disk.bytes(&path).unwrap();
    bytes[200] ^= 1;
    disk.put(&path, bytes);
    drop(opened);
    let (_, opening) = EventLogWriter::open(shared(&disk), dir(), &OPTIONS, LAST).unwrap();
    assert_eq!(
        opening.resume_from,
        LAST + 1,
        "what is sealed is left to its readers"
    );
    assert!(matches!(
        read_all(&disk, 1),
        Err(StoreError::Damaged { .. })
    ));
    assert!(disk.calls() > before);
}

#[test]
fn power_loss_without_seals_is_told_too() {
    for seed in 0..200 {
        let disk = log();
        disk.lose_power(Loss::Some(seed));
        let (_, opening) = EventLogWriter::open(shared(&disk), dir(), &OPTIONS, LAST).unwrap();
        assert!(opening.oldest <= opening.resume_from);
        mended(&disk);
    }
}

#[test]
fn a_fault_at_any_call_is_told_and_mended() {
    for fault in [Fault::Device, Fault::Full, Fault::Short] {
        let mut fired = 0;
        for calls in 0.. {
            let disk = FaultyDisk::new();
            drop(write(&disk, 20, 4).unwrap());
            disk.fail_after(calls, fault);
            let is_written = write(&disk, LAST, 4).and_then(|_| seal(&disk)).is_ok();
            let has_fired = disk.fired().is_some();
            let excused = disk.fired().is_some_and(|(_, path)| {
                path.extension()
                    .is_some_and(|extension| extension == "index")
            });
            assert!(
                is_written != has_fired || excused,
                "silent: {:?}",
                disk.fired()
            );
            for loss in [None, Some(Loss::All), Some(Loss::Some(calls))] {
                let after = disk.fork();
                after.kill();
                if let Some(loss) = loss {
                    after.lose_power(loss);
                }
                mended(&after);
            }
            if !has_fired {
                break;
            }
            fired += 1;
        }
        assert!(fired > 30, "{fired} faults fired");
    }
}

#[test]
fn newer_formats_and_other_shards_are_refused_untouched() {
    let disk = log();
    let folder = EventFolder::new(shared(&disk), dir());
    let path = folder.segment(segments(&disk)[1]);
    let mut bytes = disk.bytes(&path).unwrap();
    bytes[8] = 2;
    let crc = crc32c::crc32c(&bytes[..60]);
    bytes[60..64].copy_from_slice(&crc.to_le_bytes());
    let newer = disk.fork();
    newer.put(&path, bytes.clone());
    let opened = EventLogWriter::open(shared(&newer), dir(), &OPTIONS, LAST);
    assert!(matches!(opened, Err(StoreError::Newer { format: 2, .. })));
    assert_eq!(newer.bytes(&path).unwrap(), bytes);
    assert!(matches!(read_all(&newer, 1), Err(StoreError::Newer { .. })));
    let options = EventLogOptions::new(SHARD + 1);
    let opened = EventLogWriter::open(shared(&disk), dir(), &options, LAST);
    assert!(matches!(
        opened,
        Err(StoreError::OtherShard { found: SHARD, .. })
    ));
}
