//! Goal: no bytes make a reader of the journal panic, and what a reader says of them holds. Method:
//! the committed corpus is read on the stable toolchain, whole, cut short, and damaged byte by
//! byte; random bytes in the shape of frames come on top.

mod common;
mod exercise;

use std::fs;
use std::path::{Path, PathBuf};

use common::Seeded;
use exercise::exercise;

fn corpus() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/frames");
    let entries = fs::read_dir(&folder).expect("the corpus is committed");
    let paths = entries.map(|entry| entry.expect("a readable entry").path());
    paths
        .map(|path| {
            let bytes = fs::read(&path).expect("a readable file");
            (path, bytes)
        })
        .collect()
}

#[test]
fn every_input_of_the_corpus_is_read() {
    let corpus = corpus();
    assert!(corpus.len() >= 10, "the corpus has {} inputs", corpus.len());
    for (path, bytes) in corpus {
        println!("{}", path.display());
        exercise(&bytes);
    }
}

#[test]
fn every_input_is_read_cut_short() {
    for (path, bytes) in corpus() {
        println!("{}", path.display());
        for length in (0..bytes.len().min(512)).step_by(3) {
            exercise(&bytes[..length]);
        }
    }
}

#[test]
fn every_input_is_read_with_its_heads_damaged() {
    for (path, mut bytes) in corpus() {
        println!("{}", path.display());
        for at in 0..bytes.len().min(128) {
            let whole = bytes[at];
            for damage in [0x00, 0x01, 0x80, 0xFF] {
                bytes[at] = damage;
                exercise(&bytes);
            }
            bytes[at] = whole;
        }
    }
}

#[test]
fn random_frames_are_read() {
    for seed in 0..300 {
        println!("seed {seed}");
        let mut seeded = Seeded(seed);
        let mut bytes = Vec::new();
        for _ in 0..=seeded.below(4) {
            let units = seeded.below(4);
            let mut frame = vec![0; 64 + units as usize * 64];
            frame.fill_with(|| seeded.next() as u8);
            frame[..4].copy_from_slice(&(64 + units as u32 * 64).to_le_bytes());
            frame[8..16].copy_from_slice(&(1 + seeded.below(3)).to_le_bytes());
            frame[40..44].copy_from_slice(&(1 + seeded.below(2) as u32).to_le_bytes());
            frame[44..48].copy_from_slice(&(seeded.below(4) as u32).to_le_bytes());
            frame[48] = seeded.below(5) as u8;
            frame[49] = 1 + seeded.below(2) as u8;
            let clean = seeded.below(4) > 0;
            if clean {
                frame[50..64].fill(0);
            }
            bytes.extend(frame);
        }
        exercise(&bytes);
    }
}
