//! Goal: what is read from the event log is what was written, from any sequence on, by any reader,
//! and what is damaged is never read. Method: events of trades and balances whose content follows
//! from the sequence; segments of a few blocks, so that every edge is near.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use outcry_protocol::EventRecord;
use proptest::prelude::*;
use zerocopy::IntoBytes;

use super::segments::EventFolder;
use super::*;
use crate::disk::{Disk, RealDisk};
use crate::disk_faults::FaultyDisk;
use crate::store::StoreError;

pub(crate) const SHARD: u32 = 3;
pub(crate) const OPTIONS: EventLogOptions = EventLogOptions {
    shard: SHARD,
    segment_bytes: 1_000,
};

pub(crate) fn dir() -> &'static Path {
    Path::new("/data")
}

/// The events of a command: an answer, then trades at prices that look like later sequences.
pub(crate) fn events_of(sequence: u64) -> Vec<EventRecord> {
    let mut events = vec![EventRecord::accepted(
        sequence,
        1,
        sequence * 10,
        sequence,
        false,
    )];
    for index in 0..sequence % 3 {
        let price = (sequence + 1 + index).cast_signed();
        events.push(EventRecord::traded(1, 5, price, 2, 0));
    }
    events
}

pub(crate) fn time_ns(sequence: u64) -> u64 {
    sequence * 1_000
}

/// Fills a block with the events of these commands.
pub(crate) fn fill(block: &mut EventBlock, first: u64, last: u64) -> BlockStamp {
    for sequence in first..=last {
        block.records().extend(events_of(sequence));
    }
    BlockStamp {
        first_sequence: first,
        last_sequence: last,
        time_ns: time_ns(last),
        digest: last ^ 0xABCD,
        epoch: 1,
    }
}

/// Opens the log, and writes blocks of `step` commands up to `last`.
pub(crate) fn write(
    disk: &FaultyDisk,
    last: u64,
    step: u64,
) -> Result<(EventLogWriter, EventLogOpening), StoreError> {
    let (mut writer, opening) = EventLogWriter::open(shared(disk), dir(), &OPTIONS, last)?;
    write_on(&mut writer, last, step)?;
    Ok((writer, opening))
}

pub(crate) fn write_on(
    writer: &mut EventLogWriter,
    last: u64,
    step: u64,
) -> Result<(), StoreError> {
    let mut block = EventBlock::new();
    while writer.next_sequence() <= last {
        let first = writer.next_sequence();
        let stamp = fill(&mut block, first, last.min(first + step - 1));
        writer.append(&mut block, &stamp)?;
    }
    Ok(())
}

pub(crate) fn shared(disk: &FaultyDisk) -> Arc<dyn Disk> {
    Arc::new(disk.clone())
}

/// Reads all there is, which must begin at `from` and have no gap; answers the last sequence.
pub(crate) fn read_all(disk: &FaultyDisk, from: u64) -> Result<u64, StoreError> {
    let mut reader = EventLogReader::open(shared(disk), dir(), from)?;
    read_on(&mut reader)
}

pub(crate) fn read_on(reader: &mut EventLogReader) -> Result<u64, StoreError> {
    loop {
        let due = reader.next_sequence();
        let Some(piece) = reader.read()? else {
            return Ok(due - 1);
        };
        assert_eq!(piece.first_sequence, due);
        let expected: Vec<_> = (due..=piece.last_sequence).flat_map(events_of).collect();
        assert_eq!(piece.records, expected);
        assert_eq!(piece.time_ns, time_ns(piece.last_sequence));
        assert_eq!(piece.digest, piece.last_sequence ^ 0xABCD);
        assert_eq!(piece.epoch, 1);
    }
}

fn segments(disk: &FaultyDisk) -> Vec<u64> {
    EventFolder::new(shared(disk), dir()).segments().unwrap()
}

#[test]
fn events_are_read_from_any_sequence_on() {
    let disk = FaultyDisk::new();
    let (writer, opening) = write(&disk, 100, 7).unwrap();
    assert_eq!(
        (opening.resume_from, opening.oldest, opening.cut_bytes),
        (1, 1, 0)
    );
    assert_eq!(writer.next_sequence(), 101);
    assert!(segments(&disk).len() > 5);
    for from in 0..=100 {
        assert_eq!(read_all(&disk, from).unwrap(), 100, "from {from}");
    }
    assert_eq!(event_log_oldest(shared(&disk), dir()).unwrap(), Some(1));
}

#[test]
fn a_reader_waits_at_the_end_and_goes_on() {
    let disk = FaultyDisk::new();
    let mut reader = EventLogReader::open(shared(&disk), dir(), 5).unwrap();
    assert!(reader.read().unwrap().is_none());
    let (mut writer, _) = write(&disk, 0, 1).unwrap();
    assert!(reader.read().unwrap().is_none());
    write_on(&mut writer, 3, 2).unwrap();
    assert!(reader.read().unwrap().is_none());
    let mut ahead = EventLogReader::open(shared(&disk), dir(), 40).unwrap();
    for last in 4..60 {
        write_on(&mut writer, last, 3).unwrap();
        assert_eq!(read_on(&mut reader).unwrap(), last.max(4));
        assert_eq!(read_on(&mut ahead).unwrap(), last.max(39));
    }
    let error = writer.restart_at(0).unwrap_err();
    assert_eq!(error.to_string(), "sequence: sequences begin at 1");
}

#[test]
fn an_opening_goes_on_where_the_log_ended() {
    let disk = FaultyDisk::new();
    drop(write(&disk, 30, 4).unwrap());
    let (_, opening) = write(&disk, 61, 5).unwrap();
    assert_eq!((opening.resume_from, opening.notes.len()), (31, 0));
    assert_eq!(read_all(&disk, 1).unwrap(), 61);
}

#[test]
fn what_the_journal_does_not_have_is_cut() {
    for journal_end in 0..=40 {
        let disk = FaultyDisk::new();
        drop(write(&disk, 40, 4).unwrap());
        let mut reader = EventLogReader::open(shared(&disk), dir(), 1).unwrap();
        assert_eq!(read_on(&mut reader).unwrap(), 40);
        let opened = EventLogWriter::open(shared(&disk), dir(), &OPTIONS, journal_end);
        let (mut writer, opening) = opened.unwrap();
        assert_eq!(opening.resume_from, journal_end / 4 * 4 + 1);
        assert_eq!(opening.cut_bytes > 0, journal_end < 40);
        write_on(&mut writer, 44, 3).unwrap();
        assert_eq!(read_all(&disk, 1).unwrap(), 44);
        assert_eq!(
            read_on(&mut reader).unwrap(),
            44,
            "an old reader finds the new blocks"
        );
    }
}

#[test]
fn a_log_begins_anew_behind_a_gap() {
    let disk = FaultyDisk::new();
    let (mut writer, _) = write(&disk, 30, 4).unwrap();
    let mut reader = EventLogReader::open(shared(&disk), dir(), 1).unwrap();
    assert_eq!(read_on(&mut reader).unwrap(), 30);
    writer.restart_at(50).unwrap();
    write_on(&mut writer, 60, 4).unwrap();
    assert_eq!(read_all(&disk, 50).unwrap(), 60);
    let error = read_all(&disk, 49).unwrap_err();
    assert!(matches!(
        error,
        StoreError::TooOld {
            sequence: 49,
            oldest: 50
        }
    ));
    let error = read_on(&mut reader).unwrap_err();
    assert_eq!(
        error.to_string(),
        "events: sequence 31 is below 50, the oldest kept"
    );
}

#[test]
fn a_reader_finds_a_log_that_begins_anew_under_the_same_name() {
    let disk = FaultyDisk::new();
    let (mut writer, _) = write(&disk, 3, 4).unwrap();
    let mut reader = EventLogReader::open(shared(&disk), dir(), 1).unwrap();
    assert_eq!(read_on(&mut reader).unwrap(), 3);
    writer.restart_at(1).unwrap();
    assert_eq!(read_on(&mut reader).unwrap(), 3);
    write_on(&mut writer, 9, 2).unwrap();
    assert_eq!(read_on(&mut reader).unwrap(), 9);
}

#[test]
fn stamps_that_do_not_follow_are_refused() {
    let disk = FaultyDisk::new();
    let (mut writer, _) = write(&disk, 9, 4).unwrap();
    let mut block = EventBlock::new();
    for (first, last) in [(9, 12), (11, 12), (10, 9), (10, u64::MAX)] {
        let mut stamp = fill(&mut block, 10, 10);
        (stamp.first_sequence, stamp.last_sequence) = (first, last);
        let error = writer.append(&mut block, &stamp).unwrap_err();
        assert!(matches!(error, StoreError::Refused { .. }), "{error}");
        block.clear();
    }
    assert!(block.is_empty());
    write_on(&mut writer, 20, 4).unwrap();
    assert_eq!(read_all(&disk, 1).unwrap(), 20);
}

#[test]
fn an_index_is_only_a_hint() {
    let disk = FaultyDisk::new();
    let options = EventLogOptions::new(SHARD);
    let (mut writer, _) = EventLogWriter::open(shared(&disk), dir(), &options, 0).unwrap();
    write_on(&mut writer, 60_000, 500).unwrap();
    let path = EventFolder::new(shared(&disk), dir()).index(1);
    let whole = disk.bytes(&path).unwrap();
    assert!(whole.len() > 64 + 5 * 32, "{} bytes", whole.len());
    for from in [1, 30_000, 59_999] {
        assert_eq!(read_all(&disk, from).unwrap(), 60_000);
    }
    for at in (0..whole.len()).step_by(5) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        disk.put(&path, bytes);
        let mut reader = EventLogReader::open(shared(&disk), dir(), 50_000).unwrap();
        assert_eq!(reader.read().unwrap().unwrap().first_sequence, 50_000);
    }
    disk.take(&path);
    assert_eq!(read_all(&disk, 50_000).unwrap(), 60_000);
}

#[test]
fn an_index_of_other_blocks_leads_nobody_astray() {
    let disk = FaultyDisk::new();
    let options = EventLogOptions::new(SHARD);
    let other = FaultyDisk::new();
    for (disk, step) in [(&disk, 500), (&other, 333)] {
        let (mut writer, _) = EventLogWriter::open(shared(disk), dir(), &options, 0).unwrap();
        write_on(&mut writer, 60_000, step).unwrap();
    }
    let path = EventFolder::new(shared(&disk), dir()).index(1);
    disk.put(&path, other.bytes(&path).unwrap());
    assert_eq!(read_all(&disk, 50_000).unwrap(), 60_000);
}

#[test]
fn retention_removes_what_is_long_or_old_and_was_passed() {
    let retain = |disk: &FaultyDisk, retention: EventRetention, passed| {
        retain_events(shared(disk), dir(), &retention, time_ns(100), passed).unwrap()
    };
    let by_bytes = |keep_bytes| EventRetention {
        keep_bytes: Some(keep_bytes),
        keep_ns: None,
    };
    let disk = FaultyDisk::new();
    drop(write(&disk, 100, 7).unwrap());
    let all = segments(&disk);
    assert_eq!(retain(&disk, EventRetention::default(), u64::MAX), []);
    assert_eq!(retain(&disk, by_bytes(1 << 20), u64::MAX), []);
    assert_eq!(
        retain(&disk, by_bytes(0), all[1] - 2),
        [],
        "a projection needs the first"
    );
    assert_eq!(retain(&disk, by_bytes(0), all[1] - 1), all[..1]);
    let by_age = EventRetention {
        keep_bytes: None,
        keep_ns: Some(time_ns(100) - time_ns(all[2] + 6) - 1),
    };
    assert_eq!(retain(&disk, by_age, u64::MAX), all[1..2]);
    let error = read_all(&disk, 1).unwrap_err();
    assert!(matches!(error, StoreError::TooOld { sequence: 1, oldest } if oldest == all[2]));
    assert_eq!(read_all(&disk, all[2]).unwrap(), 100);
    let newest = all.len() - 1;
    assert_eq!(retain(&disk, by_bytes(0), u64::MAX), all[2..newest]);
    assert_eq!(read_all(&disk, all[newest]).unwrap(), 100);
    assert_eq!(disk.paths().len(), 2, "the newest segment and its index");
}

#[test]
fn watchers_are_told() {
    let disk = FaultyDisk::new();
    let (mut writer, _) = write(&disk, 3, 1).unwrap();
    let watch = writer.watch();
    assert_eq!(watch.wait_beyond(2, Duration::from_secs(9)), 3);
    assert_eq!(watch.wait_beyond(3, Duration::ZERO), 3);
    let waiting = std::thread::spawn({
        let watch = Arc::clone(&watch);
        move || watch.wait_beyond(3, Duration::from_mins(1))
    });
    write_on(&mut writer, 4, 1).unwrap();
    assert_eq!(waiting.join().unwrap(), 4);
    let waiting = std::thread::spawn(move || watch.wait_beyond(4, Duration::from_mins(1)));
    drop(writer);
    assert_eq!(waiting.join().unwrap(), 4);
}

const LAST: u64 = 60_000;

#[test]
fn readers_of_a_growing_log_see_whole_blocks_only() {
    let root = tempfile::tempdir().unwrap();
    let options = EventLogOptions {
        shard: SHARD,
        segment_bytes: 200_000,
    };
    let disk = RealDisk::shared();
    let (mut writer, _) =
        EventLogWriter::open(Arc::clone(&disk), root.path(), &options, 0).unwrap();
    std::thread::scope(|scope| {
        for from in [1, 30_000] {
            let (disk, watch) = (Arc::clone(&disk), writer.watch());
            let dir = root.path();
            scope.spawn(move || {
                let mut reader = EventLogReader::open(disk, dir, from).unwrap();
                while read_on(&mut reader).unwrap() < LAST {
                    watch.wait_beyond(reader.next_sequence() - 1, Duration::from_secs(9));
                }
            });
        }
        for step in 1.. {
            let last = LAST.min(writer.next_sequence() + 400);
            write_on(&mut writer, last, step % 190 + 1).unwrap();
            if last == LAST {
                break;
            }
        }
    });
}

proptest! {
    #[test]
    fn any_blocks_come_back(
        steps in proptest::collection::vec(1_u64..40, 1..30),
        segment_bytes in 200_u64..5_000,
        from in any::<u64>(),
    ) {
        let disk = FaultyDisk::new();
        let options = EventLogOptions { shard: SHARD, segment_bytes };
        let (mut writer, _) = EventLogWriter::open(shared(&disk), dir(), &options, 0).unwrap();
        for step in &steps {
            let last = writer.next_sequence() + step - 1;
            write_on(&mut writer, last, *step).unwrap();
        }
        let last: u64 = steps.iter().sum();
        let from = 1 + from % last;
        prop_assert_eq!(read_all(&disk, from).unwrap(), last);
        let records: usize = (1..=last).map(|sequence| events_of(sequence).as_bytes().len()).sum();
        let bytes: usize = segments(&disk).iter().map(|first| {
            let path = EventFolder::new(shared(&disk), dir()).segment(*first);
            disk.bytes(&path).unwrap().len() - 64
        }).sum();
        prop_assert_eq!(bytes, records + 64 * steps.len());
    }
}
