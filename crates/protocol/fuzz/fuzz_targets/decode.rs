//! Any bytes as commands, events and a log's head:
//! `cargo +nightly fuzz run decode --fuzz-dir crates/protocol/fuzz`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/exercise/mod.rs"]
mod exercise;

fuzz_target!(|bytes: &[u8]| exercise::exercise(bytes));
