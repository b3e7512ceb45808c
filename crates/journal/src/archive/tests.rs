//! Goal: an archived segment is the plain one, and the plain one goes only once that is sure.
//! Method: journals of small segments on a disk in memory; they are read whole after every fault,
//! crash and damage, and must say what was written or name the damage.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::*;
use crate::disk::Disk;
use crate::disk_faults::{Fault, FaultyDisk, Loss};
use crate::folders::Folders;
use crate::format::{FrameKind, HEADER_BYTES};
use crate::lock::DirectoryLock;
use crate::opening::open;
use crate::options::Options;
use crate::reader::{ReadError, Reader};
use crate::rules::Rules;
use crate::snapshot::{SnapshotPoint, SnapshotStore, Verified};
use crate::store::{StoreDamage, StoreError};
use crate::writer::FrameStamp;

pub(crate) const SHARD: u32 = 3;
/// Commands in a segment of 4,096 bytes are fewer, so this many fill several.
pub(crate) const LAST: u64 = 200;

pub(crate) fn dir() -> &'static Path {
    Path::new("/data")
}

pub(crate) fn shared(disk: &FaultyDisk) -> Arc<dyn Disk> {
    Arc::new(disk.clone())
}

fn command(sequence: u64) -> [u8; 64] {
    std::array::from_fn(|index| (sequence * 7 + index as u64 * 3) as u8)
}

/// A journal of [`LAST`] commands, four a frame, closed.
pub(crate) fn journal() -> FaultyDisk {
    let disk = FaultyDisk::new();
    let lock = DirectoryLock::take(&disk, dir()).unwrap();
    let mut options = Options::new(SHARD, Rules::default());
    options.segment_bytes = 4096;
    let (mut writer, _) = open(shared(&disk), &lock, &options).unwrap();
    for first_sequence in (1..=LAST).step_by(4) {
        let payload: Vec<u8> = (first_sequence..first_sequence + 4)
            .flat_map(command)
            .collect();
        let stamp = FrameStamp {
            first_sequence,
            count: 4,
            time_ns: (first_sequence + 3) * 1_000,
            digest: 0,
        };
        writer.append(&payload, &stamp).unwrap();
        writer.commit().unwrap();
    }
    writer.close().unwrap();
    disk
}

/// Reads the journal from its start; answers the last sequence.
fn read_all(disk: &FaultyDisk) -> Result<u64, ReadError> {
    let mut reader = Reader::open(shared(disk), dir(), 1)?;
    let mut due = 1;
    while let Some(frame) = reader.next(u64::MAX)? {
        if frame.kind() == FrameKind::Commands {
            let expected: Vec<u8> = (due..=frame.last_sequence()).flat_map(command).collect();
            assert_eq!(frame.payload, expected);
            due = frame.last_sequence() + 1;
        }
    }
    Ok(due - 1)
}

/// Takes a snapshot behind this sequence and verifies it.
pub(crate) fn snapshot(disk: &FaultyDisk, sequence: u64) -> Verified {
    let mut reader = Reader::open(shared(disk), dir(), 1).unwrap();
    while reader.position().link.sequence <= sequence {
        reader.next(u64::MAX).unwrap().expect("the journal has it");
    }
    let store = SnapshotStore::open(shared(disk), dir(), SHARD).unwrap();
    let point = SnapshotPoint {
        rules_version: 1,
        time_ns: sequence,
        digest: 0,
        durable_sequence: sequence,
        position: reader.position(),
    };
    let mut writer = store.begin(&point).unwrap();
    writer.write_piece(&sequence.to_le_bytes()).unwrap();
    writer.finish().unwrap();
    store.verify(sequence).unwrap()
}

pub(crate) fn archive(
    disk: &FaultyDisk,
    segment: u64,
    behind: &Verified,
) -> Result<Archived, StoreError> {
    let mut job = ArchiveJob::begin(shared(disk), dir(), segment, behind)?;
    loop {
        if let Some(archived) = job.step()? {
            return Ok(archived);
        }
    }
}

fn segments(disk: &FaultyDisk) -> Vec<(u64, bool)> {
    let found = crate::folders::segments(disk, &Folders::new(dir())).unwrap();
    let pairs = found
        .iter()
        .map(|segment| (segment.first_sequence, segment.archived));
    pairs.collect()
}

fn plain(segment: u64) -> PathBuf {
    Folders::new(dir()).segment(segment)
}

fn archived(segment: u64) -> PathBuf {
    Folders::new(dir()).archived(segment)
}

#[test]
fn archived_segments_read_as_before() {
    let disk = journal();
    let all = segments(&disk);
    assert!(all.len() > 4, "{all:?}");
    let behind = snapshot(&disk, LAST);
    let candidates = archivable(&disk, dir(), &behind, 1).unwrap();
    let closed: Vec<u64> = all[..all.len() - 1]
        .iter()
        .map(|(first, _)| *first)
        .collect();
    assert_eq!(
        candidates,
        closed[..closed.len() - 1],
        "one closed segment stays plain"
    );
    assert_eq!(archivable(&disk, dir(), &behind, 0).unwrap(), closed);
    for (index, segment) in candidates.iter().enumerate() {
        let whole = disk.bytes(&plain(*segment)).unwrap();
        let done = archive(&disk, *segment, &behind).unwrap();
        assert_eq!(done.segment, *segment);
        assert_eq!(done.last_sequence + 1, closed[index + 1]);
        assert_eq!(done.plain_bytes, whole.len() as u64);
        let bytes = disk.bytes(&archived(*segment)).unwrap();
        assert_eq!(done.archived_bytes, bytes.len() as u64);
        assert_eq!(
            zstd::decode_all(&bytes[..]).unwrap(),
            whole,
            "any zstd reads it"
        );
        assert!(disk.bytes(&plain(*segment)).is_none());
        assert_eq!(read_all(&disk).unwrap(), LAST);
        disk.lose_power(Loss::All);
        assert_eq!(read_all(&disk).unwrap(), LAST);
    }
    assert_eq!(archivable(&disk, dir(), &behind, 1).unwrap(), []);
    assert!(
        segments(&disk)[..candidates.len()]
            .iter()
            .all(|(_, archived)| *archived)
    );
    assert!(matches!(
        archive(&disk, candidates[0], &behind),
        Err(StoreError::Missing { .. })
    ));
}

#[test]
fn what_a_start_needs_is_not_archived() {
    let disk = journal();
    let all = segments(&disk);
    let behind = snapshot(&disk, all[2].0 + 3);
    assert_eq!(
        archivable(&disk, dir(), &behind, 0).unwrap(),
        [all[0].0, all[1].0]
    );
    let error = archive(&disk, all[2].0, &behind).unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::Refused {
                field: "segment",
                ..
            }
        ),
        "{error}"
    );
    let mut job = ArchiveJob::begin(shared(&disk), dir(), all[0].0, &behind).unwrap();
    while job.step().unwrap().is_none() {}
    assert!(matches!(
        job.step(),
        Err(StoreError::Refused { field: "job", .. })
    ));
}

#[test]
fn a_damaged_segment_is_never_archived() {
    let disk = journal();
    let behind = snapshot(&disk, LAST);
    let whole = disk.bytes(&plain(1)).unwrap();
    let used = whole.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    for at in 0..used {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        disk.put(&plain(1), bytes.clone());
        let error = archive(&disk, 1, &behind).unwrap_err();
        assert!(
            matches!(&error, StoreError::Damaged { file, .. } if *file == plain(1)),
            "{error}"
        );
        assert_eq!(disk.bytes(&plain(1)), Some(bytes));
        assert!(disk.bytes(&archived(1)).is_none());
    }
    let mut bytes = whole.clone();
    bytes.extend([0, 0, 1]);
    disk.put(&plain(1), bytes);
    assert!(
        archive(&disk, 1, &behind).is_err(),
        "something behind the seal"
    );
    disk.put(&plain(1), whole[..HEADER_BYTES].to_vec());
    assert!(archive(&disk, 1, &behind).is_err(), "no seal");
}

#[test]
fn damage_of_an_archive_is_found_by_its_reader() {
    let disk = journal();
    let behind = snapshot(&disk, LAST);
    archive(&disk, 1, &behind).unwrap();
    let whole = disk.bytes(&archived(1)).unwrap();
    let mut harmless = 0;
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        disk.put(&archived(1), bytes);
        let head = ArchiveHead::read(&disk, &archived(1), 1);
        // What the zstd reader steps over is found by the head's own checksum. What is read is what
        // was written, or an error: `read_all` compares it.
        let seen = read_all(&disk).unwrap_or(0);
        assert!(seen == 0 || seen == LAST, "bit {bit}");
        harmless += usize::from(seen == LAST && head.is_ok());
    }
    // zstd's own checksum, which stands behind the seal, and the size of its window change no byte
    // of what is decompressed, and the journal's chain covers that.
    assert!(harmless <= 64, "{harmless} bits are found by nobody");
    for length in 0..whole.len() {
        disk.put(&archived(1), whole[..length].to_vec());
        let seen = read_all(&disk).unwrap_or(0);
        assert!(
            seen == 0 || length + 16 > whole.len(),
            "cut at {length} of {}",
            whole.len()
        );
    }
    disk.put(&archived(1), whole);
    assert_eq!(read_all(&disk).unwrap(), LAST);
}

#[test]
fn a_fault_or_power_loss_at_any_call_loses_nothing() {
    for fault in [Fault::Device, Fault::Full, Fault::Short] {
        let before = journal();
        let behind = snapshot(&before, LAST);
        let mut fired = 0;
        for calls in 0.. {
            let disk = before.fork();
            disk.fail_after(calls, fault);
            let is_done = archive(&disk, 1, &behind).is_ok();
            let has_fired = disk.fired().is_some();
            assert_eq!(is_done, !has_fired, "{:?}", disk.fired());
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
                assert_eq!(
                    read_all(&after).unwrap(),
                    LAST,
                    "{:?} {loss:?}",
                    disk.fired()
                );
                if segments(&after)[0] == (1, false) {
                    archive(&after, 1, &behind).unwrap();
                }
                assert_eq!(read_all(&after).unwrap(), LAST);
            }
            if !has_fired {
                break;
            }
            fired += 1;
        }
        assert!(fired > 14, "{fired} faults fired");
    }
}

#[test]
fn heads_of_newer_formats_and_other_names_are_refused() {
    let disk = journal();
    let behind = snapshot(&disk, LAST);
    archive(&disk, 1, &behind).unwrap();
    let whole = disk.bytes(&archived(1)).unwrap();
    let mut bytes = whole.clone();
    bytes[16] = 2;
    let crc = crc32c::crc32c(&bytes[8..68]);
    bytes[68..72].copy_from_slice(&crc.to_le_bytes());
    disk.put(&archived(1), bytes);
    let error = ArchiveHead::read(&disk, &archived(1), 1).unwrap_err();
    assert!(
        matches!(error, StoreError::Newer { format: 2, .. }),
        "{error}"
    );
    disk.put(&archived(1), whole);
    let error = ArchiveHead::read(&disk, &archived(1), 2).unwrap_err();
    assert!(matches!(
        error,
        StoreError::Damaged {
            why: StoreDamage::Name { named: 2, found: 1 },
            ..
        }
    ));
}
