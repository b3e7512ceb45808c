//! Goal: a damaged journal is never taken for another good one. At or before the durable end damage
//! is an error that names file and offset; behind it the loss is said. Method: a small journal in
//! memory whose last group was written and not synced; every truncation, every flipped bit, and
//! frames and segments in wrong places.

mod common;

use std::path::{Path, PathBuf};

use common::*;
use outcry_journal::disk_faults::{Call, Fault, FaultyDisk};
use outcry_journal::{Damage, Folders, OpenError, Opening, Verdict, segments, verify};

/// A journal of three segments. All up to `durable` was synced and marked; the last group was
/// written, and its sync failed.
struct Torn {
    disk: FaultyDisk,
    durable: u64,
    last: u64,
    /// The end of what is durable, and the end of the last group, in the last segment.
    durable_offset: usize,
    end_offset: usize,
    last_segment: PathBuf,
}

fn torn_journal(salt: u64) -> Torn {
    let disk = FaultyDisk::new();
    let mut opened = open_small(&disk);
    let folders = Folders::new(data());
    for _ in 0..2 {
        append(&mut opened.writer, 2, salt).unwrap();
    }
    while segments(&disk, &folders).unwrap().len() < 3 {
        append(&mut opened.writer, 7, salt).unwrap();
        opened.writer.commit().unwrap();
    }
    append(&mut opened.writer, 3, salt).unwrap();
    let durable = opened.writer.commit().unwrap();
    let last_segment = segments(&disk, &folders).unwrap().pop().unwrap().path;
    let durable_offset = used(&disk.bytes(&last_segment).unwrap());
    for count in [1, 2, 4] {
        append(&mut opened.writer, count, salt).unwrap();
    }
    disk.fail_call(Call::SyncData, 0, Fault::Device);
    opened.writer.commit().unwrap_err();
    disk.kill();
    let end_offset = used(&disk.bytes(&last_segment).unwrap());
    assert!(end_offset > durable_offset);
    Torn {
        disk,
        durable,
        last: durable + 7,
        durable_offset,
        end_offset,
        last_segment,
    }
}

/// Bytes up to the last that is not zero, as a multiple of eight.
fn used(bytes: &[u8]) -> usize {
    let last = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    (last + 1).next_multiple_of(8)
}

impl Torn {
    /// The same with the bytes of a file changed.
    fn with(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) -> FaultyDisk {
        let disk = self.disk.fork();
        let mut bytes = disk.bytes(path).expect("the file is there");
        change(&mut bytes);
        disk.put(path, bytes);
        disk
    }

    /// Opens a changed journal: an error, or a prefix that holds all that was durable. What is
    /// missing behind that was told. The verifier must agree.
    fn opens_or_halts(&self, disk: &FaultyDisk, salt: u64, what: &str) -> Option<Opening> {
        let report = verify(&shared(disk), data(), 0);
        match try_open(disk, &small()) {
            Err(error) => {
                assert!(!matches!(error, OpenError::Halt(_)), "{what}: {error}");
                assert_ne!(report.verdict, Verdict::Good, "{what}: {error}");
                None
            }
            Ok(opened) => {
                assert_eq!(
                    report.verdict,
                    Verdict::Good,
                    "{what}: {:?}",
                    report.findings
                );
                let opening = opened.opening;
                let found = opening.last_sequence;
                assert_eq!(report.last_sequence, found, "{what}");
                assert_eq!(report.tail, opening.cut, "{what}");
                assert!(found >= self.durable, "{what}: {found} of {}", self.durable);
                assert_eq!(read_all(disk, 1).unwrap(), expected(found, salt), "{what}");
                if found < self.last {
                    let length = disk.bytes(&self.last_segment).unwrap().len();
                    assert_eq!(length, 4096, "{what}: the segment has its size again");
                }
                Some(opening)
            }
        }
    }
}

#[test]
fn the_whole_journal_opens_and_the_unsynced_group_is_kept() {
    let torn = torn_journal(0);
    let opening = torn.opens_or_halts(&torn.disk, 0, "whole").unwrap();
    assert_eq!(opening.last_sequence, torn.last);
    assert_eq!(opening.durable_sequence, torn.durable);
    assert_eq!(opening.cut, None);
}

#[test]
fn a_file_cut_at_every_byte_of_the_last_group_loses_only_that_group() {
    let torn = torn_journal(0);
    let whole = torn.disk.bytes(&torn.last_segment).unwrap();
    let ends: Vec<usize> = frames(&whole).into_iter().map(|(_, end)| end).collect();
    for length in torn.durable_offset..torn.end_offset {
        let disk = torn.with(&torn.last_segment, |bytes| bytes.truncate(length));
        let what = format!("{length} bytes");
        let opening = torn.opens_or_halts(&disk, 0, &what).expect(&what);
        match opening.cut {
            Some(cut) => {
                assert_eq!(cut.file, torn.last_segment);
                // The last bytes of what is left of a head may be zeros.
                let told = cut.offset + cut.bytes;
                assert!(told + 64 > length as u64, "{what}: {told} told");
            }
            None => assert!(ends.contains(&length), "{what}: nothing told"),
        }
    }
}

#[test]
fn a_file_cut_before_the_durable_end_halts_and_names_it() {
    let torn = torn_journal(0);
    for length in 0..torn.durable_offset {
        let disk = torn.with(&torn.last_segment, |bytes| bytes.truncate(length));
        let error = try_open(&disk, &small()).err().expect("a halt");
        let OpenError::Damaged {
            file,
            offset,
            durable_sequence,
            ..
        } = error
        else {
            panic!("{length} bytes: {error}");
        };
        assert_eq!(
            (file, durable_sequence),
            (torn.last_segment.clone(), torn.durable)
        );
        assert!(offset <= length as u64, "{offset} of {length}");
    }
}

#[test]
fn every_torn_sector_of_the_last_group_is_cut_and_told() {
    let torn = torn_journal(0);
    for from in (torn.durable_offset..torn.end_offset).step_by(8) {
        let disk = torn.with(&torn.last_segment, |bytes| bytes[from..from + 8].fill(0));
        torn.opens_or_halts(&disk, 0, &format!("zeros at {from}"));
    }
}

#[test]
fn flipped_bits_are_found_or_their_loss_is_said() {
    // A step that meets every bit of a byte and every byte of a head.
    flip_every(13);
}

#[test]
#[ignore = "slow"]
fn every_flipped_bit_is_found_or_its_loss_is_said() {
    flip_every(1);
}

fn flip_every(step: usize) {
    let torn = torn_journal(0);
    let (mut halts, mut cuts) = (0_usize, 0_u64);
    for path in torn.disk.paths() {
        let is_last = path == torn.last_segment;
        let is_mark = path.ends_with("durable");
        let sealed = !is_last && !is_mark;
        let bits = torn.disk.bytes(&path).unwrap().len() * 8;
        // Behind the seal of a segment nothing is read.
        let bytes = used(&torn.disk.bytes(&path).unwrap());
        for bit in (0..if sealed { bytes * 8 } else { bits }).step_by(step) {
            let disk = torn.with(&path, |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
            let what = format!("{}: bit {bit}", path.display());
            let opening = torn.opens_or_halts(&disk, 0, &what);
            let durable = sealed || (is_last && bit / 8 < torn.durable_offset);
            match opening {
                None => {
                    assert!(durable, "{what}: halts behind the durable end");
                    halts += 1;
                }
                Some(opening) => {
                    assert!(!durable, "{what}: opens");
                    assert_eq!(opening.cut.is_some(), is_last, "{what}");
                    assert!(is_last || opening.last_sequence == torn.last, "{what}");
                    cuts += u64::from(opening.cut.is_some());
                }
            }
        }
    }
    println!("{halts} halts, {cuts} cuts");
    assert!(halts > 40_000 / step && cuts > 10_000 / step as u64);
}

#[test]
fn damage_before_good_frames_is_told_with_what_stood_behind_it() {
    let torn = torn_journal(0);
    let at = torn.durable_offset + 80;
    let disk = torn.with(&torn.last_segment, |bytes| bytes[at] ^= 1);
    let cut = torn
        .opens_or_halts(&disk, 0, "middle")
        .unwrap()
        .cut
        .unwrap();
    assert_eq!(cut.frames, 2);
    assert_eq!(cut.sequences, Some((torn.durable + 2, torn.last)));
    assert!(matches!(cut.why, Damage::Crc { .. }));
    let text = cut.to_string();
    assert!(
        text.contains("2 good frames stood behind the damage"),
        "{text}"
    );
    let opening = open_small(&disk.fork()).opening;
    assert_eq!(opening.cut, None, "it is told once");
}

#[test]
fn without_the_mark_later_frames_still_say_what_was_durable() {
    let torn = torn_journal(0);
    let frame = 64 + 64 + 16;
    let disk = torn.with(&torn.last_segment, |bytes| bytes[frame + 70] ^= 1);
    disk.take(&journal_file("durable"));
    let error = try_open(&disk, &small()).err().expect("a halt");
    assert!(
        matches!(damage_of(&error), Some(Damage::Crc { .. })),
        "{error}"
    );
}

/// The frames of a segment: where each begins and ends.
fn frames(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut offset = 64;
    let mut found = Vec::new();
    loop {
        let length = u32::from_le_bytes(bytes[offset..offset + 4].try_into().unwrap()) as usize;
        if length == 0 {
            return found;
        }
        found.push((offset, offset + length));
        offset += length;
        if offset + 64 > bytes.len() {
            return found;
        }
    }
}

#[test]
fn swapped_duplicated_and_misdirected_frames_halt_or_are_cut() {
    let torn = torn_journal(0);
    let whole = torn.disk.bytes(&torn.last_segment).unwrap();
    let places = frames(&whole);
    for (first, one) in places.iter().enumerate() {
        for other in &places[first..] {
            let (a, b) = (&whole[one.0..one.1], &whole[other.0..other.1]);
            let mut swapped = vec![&whole[..one.0], b];
            if one != other {
                swapped.extend([&whole[one.1..other.0], a]);
            }
            swapped.push(&whole[other.1..]);
            let zeros = vec![0; a.len()];
            let doubled = [&whole[..one.1], b, &whole[one.1..whole.len() - b.len()]];
            let dropped = [&whole[..one.0], &whole[one.1..], &zeros];
            let over = [&whole[..one.0], b, &whole[one.0 + b.len()..]];
            let cases: [&[&[u8]]; 4] = [&swapped, &doubled, &dropped, &over];
            for (case, parts) in cases.into_iter().enumerate() {
                let disk = torn.with(&torn.last_segment, |bytes| *bytes = parts.concat());
                let what = format!("case {case} of {one:?} and {other:?}");
                torn.opens_or_halts(&disk, 0, &what);
            }
        }
    }
}

#[test]
fn swapped_missing_and_renamed_segments_halt() {
    let torn = torn_journal(0);
    let found = segments(&torn.disk, &Folders::new(data())).unwrap();
    for one in &found {
        let disk = torn.disk.fork();
        disk.take(&one.path);
        assert!(
            try_open(&disk, &small()).is_err(),
            "{} missing",
            one.path.display()
        );
        for other in &found {
            if one != other {
                let disk = torn.disk.fork();
                disk.put(&one.path, torn.disk.bytes(&other.path).unwrap());
                let error = try_open(&disk, &small()).err().unwrap();
                assert_eq!(damage_of(&error), Some(Damage::HeaderChain), "{error}");
            }
        }
    }
    let disk = torn.disk.fork();
    for file in &found {
        disk.take(&file.path);
    }
    let error = try_open(&disk, &small()).err().unwrap();
    assert!(
        matches!(error, OpenError::Missing { sequence: 1, .. }),
        "{error}"
    );
}

#[test]
fn a_segment_of_another_history_halts() {
    let (torn, other) = (torn_journal(0), torn_journal(1));
    for file in segments(&torn.disk, &Folders::new(data())).unwrap() {
        let disk = torn.disk.fork();
        disk.put(&file.path, other.disk.bytes(&file.path).unwrap());
        assert!(
            try_open(&disk, &small()).is_err(),
            "{}",
            file.path.display()
        );
    }
    let disk = torn.disk.fork();
    for path in other.disk.paths() {
        if !path.ends_with("durable") {
            disk.put(&path, other.disk.bytes(&path).unwrap());
        }
    }
    let error = try_open(&disk, &small()).err().unwrap();
    assert_eq!(
        damage_of(&error),
        Some(Damage::Mark),
        "all but the mark: {error}"
    );
}

#[test]
fn an_older_copy_of_the_last_segment_halts() {
    let disk = FaultyDisk::new();
    let mut opened = open_small(&disk);
    append(&mut opened.writer, 3, 0).unwrap();
    opened.writer.commit().unwrap();
    let stale = disk.bytes(&segment(1)).unwrap();
    append(&mut opened.writer, 3, 0).unwrap();
    opened.writer.commit().unwrap();
    disk.kill();
    disk.put(&segment(1), stale);
    let error = try_open(&disk, &small()).err().unwrap();
    let ends_early = Damage::EndsEarly {
        last_sequence: 3,
        durable_sequence: 6,
    };
    assert_eq!(damage_of(&error), Some(ends_early), "{error}");
}

#[test]
fn frames_that_were_cut_do_not_come_back() {
    let torn = torn_journal(0);
    let first = torn.durable_offset;
    let disk = torn.with(&torn.last_segment, |bytes| bytes[first] ^= 0x10);
    let mut opened = open_small(&disk);
    assert_eq!(opened.opening.last_sequence, torn.durable);
    append(&mut opened.writer, 1, 0).unwrap();
    opened.writer.commit().unwrap();
    disk.kill();
    let opened = open_small(&disk);
    assert_eq!(opened.opening.last_sequence, torn.durable + 1);
    assert_eq!(opened.opening.cut, None);
}

#[test]
fn newer_formats_are_refused_by_name() {
    let torn = torn_journal(0);
    for path in [segment(1), journal_file("durable")] {
        let disk = torn.with(&path, |bytes| {
            bytes[8] = 2;
            let crc = crc32c::crc32c(&bytes[..60]);
            bytes[60..64].copy_from_slice(&crc.to_le_bytes());
        });
        let error = try_open(&disk, &small()).err().unwrap();
        assert!(matches!(error, OpenError::Newer { .. }), "{error}");
        assert!(error.to_string().contains("format: 2 is not 1"), "{error}");
        let report = verify(&shared(&disk), data(), 0);
        assert_eq!(report.verdict.exit_code(), 2, "{:?}", report.findings);
    }
    let disk = torn.with(&torn.last_segment, |bytes| {
        let (from, to) = frames(bytes)[1];
        let (before, _) = frames(bytes)[0];
        let seed = u32::from_le_bytes(bytes[before + 4..before + 8].try_into().unwrap());
        bytes[from + 49] = 2;
        let crc = crc32c::crc32c_append(seed, &bytes[from + 8..to]);
        bytes[from + 4..from + 8].copy_from_slice(&crc.to_le_bytes());
    });
    let error = try_open(&disk, &small()).err().unwrap();
    assert!(matches!(error, OpenError::Newer { .. }), "{error}");
}
