//! Any bytes as trades in CSV and JSON and as levels of a book:
//! `cargo +nightly fuzz run ingest --fuzz-dir crates/marketdata/fuzz`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/exercise/mod.rs"]
mod exercise;

fuzz_target!(|bytes: &[u8]| exercise::exercise(bytes));
