//! Any bytes, read as each of the files that stand beside the journal.

use std::path::Path;
use std::sync::Arc;

use outcry_journal::disk::Disk;
use outcry_journal::disk_faults::FaultyDisk;
use outcry_journal::{
    EventLogOptions, EventLogReader, EventLogWriter, Projections, Reader, SnapshotStore,
};

const SHARD: u32 = 3;
/// Heads have 64 bytes, manifests 128.
const HEADS: [usize; 2] = [64, 128];

/// Reads bytes as every kind of file. A checksum would turn nearly all of them away, so they are
/// also read with their checksums made right.
pub(crate) fn exercise(bytes: &[u8]) {
    read_all(bytes);
    for head in HEADS {
        let mut mended = bytes.to_vec();
        mend(&mut mended, head);
        read_all(&mended);
    }
}

fn read_all(bytes: &[u8]) {
    read_snapshot(bytes);
    read_events(bytes);
    read_archive(bytes);
    read_projection(bytes);
}

fn disk_with(names: &[&str], bytes: &[u8]) -> (FaultyDisk, Arc<dyn Disk>) {
    let disk = FaultyDisk::new();
    for name in names {
        disk.put(&dir().join(name), bytes.to_vec());
    }
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    (disk, shared)
}

fn dir() -> &'static Path {
    Path::new("/data")
}

/// The same bytes as manifest and as state: what is good of it is passed on, and the rest told.
fn read_snapshot(bytes: &[u8]) {
    let state = "snapshots/00000000000000000090.snapshot";
    let manifest = "snapshots/00000000000000000090.manifest";
    for names in [&[state][..], &[manifest], &[state, manifest]] {
        let (_, disk) = disk_with(names, bytes);
        let store = SnapshotStore::read_only(disk, dir(), SHARD);
        if let Ok(newest) = store.newest_good(u64::MAX) {
            assert!(
                newest.snapshot.is_none(),
                "a state and its manifest are two files"
            );
            assert_eq!(newest.passed_over.len(), 1);
        }
        for manifest in store.manifests().unwrap_or_default() {
            assert_eq!(manifest.sequence(), 90);
            assert_eq!(manifest.to_bytes(), bytes);
        }
    }
}

/// As a segment, and as its own index. Whatever is kept by an opening can be read.
fn read_events(bytes: &[u8]) {
    let events = "events/00000000000000000001.events";
    let index = "events/00000000000000000001.index";
    for names in [&[events][..], &[events, index]] {
        let (_, disk) = disk_with(names, bytes);
        read_on(&disk, 1, false);
        read_on(&disk, 9, false);
        let options = EventLogOptions::new(SHARD);
        let opened = EventLogWriter::open(Arc::clone(&disk), dir(), &options, u64::MAX - 1);
        let Ok((writer, opening)) = opened else {
            continue;
        };
        assert_eq!(writer.next_sequence(), opening.resume_from);
        let end = read_on(&disk, opening.oldest, true);
        assert_eq!(end, opening.resume_from);
    }
}

fn read_on(disk: &Arc<dyn Disk>, from: u64, must_be_good: bool) -> u64 {
    let mut due = from;
    let Ok(mut reader) = EventLogReader::open(Arc::clone(disk), dir(), from) else {
        assert!(!must_be_good);
        return due;
    };
    loop {
        match reader.read() {
            Ok(None) => return due,
            Ok(Some(piece)) => {
                assert_eq!(piece.first_sequence, due);
                assert!(piece.last_sequence >= due);
                due = piece.last_sequence + 1;
            }
            Err(error) => {
                assert!(!must_be_good, "{error}");
                return due;
            }
        }
    }
}

fn read_archive(bytes: &[u8]) {
    let (_, disk) = disk_with(&["archive/00000000000000000001.journal.zst"], bytes);
    if let Ok(mut reader) = Reader::open(disk, dir(), 1) {
        while let Ok(Some(frame)) = reader.next(u64::MAX) {
            assert!(frame.payload.len() <= outcry_journal::PAYLOAD_BYTES_MAX);
        }
    }
}

fn read_projection(bytes: &[u8]) {
    let (_, disk) = disk_with(&["projections/history"], bytes);
    let projections = Projections::open(disk, dir()).expect("a folder can be made");
    if let Ok(Some(applied_sequence)) = projections.slowest() {
        assert_eq!(bytes[16..24], applied_sequence.to_le_bytes());
    }
}

/// Makes the checksums of a head right, and of the blocks of events behind it.
fn mend(bytes: &mut [u8], head: usize) {
    let Some((first, rest)) = bytes.split_at_mut_checked(head) else {
        return;
    };
    let crc = crc32c::crc32c(&first[..head - 4]);
    first[head - 4..].copy_from_slice(&crc.to_le_bytes());
    let mut left = rest;
    while let Some(length) = left.first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        if length < 64 || length > left.len() {
            break;
        }
        let crc = crc32c::crc32c(&left[8..length]);
        left[4..8].copy_from_slice(&crc.to_le_bytes());
        left = &mut left[length..];
    }
}
