//! Goal: no bytes make a reader panic, and what a reader says of them holds. Method: the corpus
//! that fuzzing found is read on the stable toolchain, whole, cut short, and damaged byte by byte.

mod exercise;

use std::fs;
use std::path::{Path, PathBuf};

use exercise::exercise;

fn corpus() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/ingest");
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
    assert!(corpus.len() >= 12, "the corpus has {} inputs", corpus.len());
    for (path, bytes) in corpus {
        println!("{}", path.display());
        exercise(&bytes);
    }
}

#[test]
fn every_input_is_read_cut_short_at_every_byte() {
    for (path, bytes) in corpus() {
        println!("{}", path.display());
        for length in 0..bytes.len().min(400) {
            exercise(&bytes[..length]);
        }
    }
}

#[test]
fn every_input_is_read_with_every_byte_damaged() {
    for (path, mut bytes) in corpus() {
        println!("{}", path.display());
        for at in 0..bytes.len().min(400) {
            let whole = bytes[at];
            for damage in [0x00, 0x01, 0x7F, 0x80, 0xFF] {
                bytes[at] = damage;
                exercise(&bytes);
            }
            bytes[at] = whole;
        }
    }
}
