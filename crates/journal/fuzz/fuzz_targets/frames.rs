//! Any bytes as frames, and as the last segment of a journal:
//! `cargo +nightly fuzz run frames --fuzz-dir crates/journal/fuzz`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/exercise/mod.rs"]
mod exercise;

fuzz_target!(|bytes: &[u8]| exercise::exercise(bytes));
