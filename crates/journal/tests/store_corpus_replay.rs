//! Goal: no bytes make a reader of snapshots, events, archives or projections panic, and what it
//! says of them holds. Method: the corpus of the fuzzer is read on the stable toolchain, whole, cut
//! short, and damaged byte by byte.

mod store_exercise;

use std::fs;
use std::path::{Path, PathBuf};

use store_exercise::exercise;

/// Bytes at which an input is cut and damaged; behind them more of the same follows.
const DAMAGED_BYTES_MAX: usize = 200;

fn corpus() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/store");
    let entries = fs::read_dir(&folder).expect("the corpus is committed");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("a readable entry").path())
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).expect("a readable file");
        (path, bytes)
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn every_input_of_the_corpus_is_read() {
    let corpus = corpus();
    assert!(corpus.len() >= 8, "the corpus has {} inputs", corpus.len());
    for (path, bytes) in corpus {
        println!("{}", path.display());
        exercise(&bytes);
    }
}

#[test]
fn every_input_is_read_cut_short_at_every_byte() {
    for (path, bytes) in corpus() {
        println!("{}", path.display());
        for length in 0..bytes.len().min(DAMAGED_BYTES_MAX) {
            exercise(&bytes[..length]);
        }
    }
}

#[test]
fn every_input_is_read_with_every_byte_damaged() {
    for (path, mut bytes) in corpus() {
        println!("{}", path.display());
        for at in 0..bytes.len().min(DAMAGED_BYTES_MAX) {
            let whole = bytes[at];
            for damage in [0x00, 0x01, 0x80, 0xFF] {
                bytes[at] = damage;
                exercise(&bytes);
            }
            bytes[at] = whole;
        }
    }
}
