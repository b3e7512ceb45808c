//! Any bytes, read in every way in which the journal reads bytes.

use std::path::Path;
use std::sync::Arc;

use outcry_journal::disk::Disk;
use outcry_journal::disk_faults::FaultyDisk;
use outcry_journal::{
    DirectoryLock, DurableMark, Frame, FrameHeader, FrameKind, HEADER_BYTES, Link, Options, Reader,
    Rules, SegmentHeader, Verdict, open, verify,
};

/// Reads bytes as frames, heads, rules, and as a whole segment. A checksum would turn nearly all of
/// them away, so they are also read with their checksums made right.
pub(crate) fn exercise(bytes: &[u8]) {
    let _ = SegmentHeader::read(bytes);
    let _ = DurableMark::read(bytes);
    if let Ok(rules) = Rules::read(bytes) {
        assert!(rules.config.len() < bytes.len());
    }
    read_frames(bytes);
    let mut mended = bytes.to_vec();
    mend(&mut mended);
    read_frames(&mended);
    read_segment(bytes);
    read_segment(&mended);
}

const START: Link = Link {
    crc: 0,
    sequence: 1,
    epoch: 1,
    at_start: true,
};

/// Reads frames one behind the other, and holds each to what its reader promises.
fn read_frames(bytes: &[u8]) {
    let mut link = START;
    let mut left = bytes;
    loop {
        match Frame::read(left, &link) {
            Ok(None) | Err(_) => break,
            Ok(Some(frame)) => {
                let FrameHeader { length, count, .. } = frame.header;
                assert_eq!(frame.payload.len() + HEADER_BYTES, length as usize);
                assert_eq!(frame.header.first_sequence, link.sequence);
                let has_commands = frame.kind() == FrameKind::Commands;
                assert_eq!(count > 0, has_commands);
                assert_eq!(frame.rules().is_some(), frame.kind() == FrameKind::Rules);
                if !has_commands {
                    assert_eq!(frame.last_sequence() + 1, link.sequence);
                }
                link = Link {
                    crc: frame.header.crc,
                    sequence: frame.last_sequence() + 1,
                    epoch: frame.header.epoch,
                    at_start: false,
                };
                left = &left[length as usize..];
            }
        }
    }
}

/// Sets the checksum of every frame that the bytes claim.
fn mend(bytes: &mut [u8]) {
    let mut before = 0;
    let mut offset = 0;
    while let Some(head) = bytes.get(offset..offset + HEADER_BYTES) {
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let Some(frame) = bytes.get_mut(offset..offset + length.max(HEADER_BYTES)) else {
            break;
        };
        before = crc32c::crc32c_append(before, &frame[8..]);
        frame[4..8].copy_from_slice(&before.to_le_bytes());
        offset += frame.len();
    }
}

/// Reads, verifies and opens a journal whose only segment holds these bytes behind its head.
fn read_segment(bytes: &[u8]) {
    let disk = FaultyDisk::new();
    let dir = Path::new("/data");
    disk.create_dir(&dir.join("journal")).expect("a folder");
    let header = SegmentHeader::new(0, 1, 0, 1, 0);
    let mut segment = header.as_head_bytes().to_vec();
    segment.extend_from_slice(bytes);
    disk.put(&dir.join("journal/00000000000000000001.journal"), segment);
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let report = verify(&shared, dir, 0);
    let lock = DirectoryLock::take(&disk, dir).expect("nobody holds it");
    let options = Options {
        segment_bytes: 8192,
        ..Options::new(0, Rules::default())
    };
    match open(Arc::clone(&shared), &lock, &options) {
        Err(_) => assert_ne!(report.verdict, Verdict::Good),
        Ok((writer, opening)) => {
            assert_eq!(report.verdict, Verdict::Good, "{:?}", report.findings);
            assert_eq!(report.last_sequence, opening.last_sequence);
            drop(writer);
            let mut reader = Reader::open(shared, dir, 1).expect("it was opened");
            while reader.next(u64::MAX).expect("it was cut").is_some() {}
            assert!(reader.position().link.sequence > opening.last_sequence);
        }
    }
}
