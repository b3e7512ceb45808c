//! Any bytes as each of the files beside the journal:
//! `cargo +nightly fuzz run store --fuzz-dir crates/journal/fuzz`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/store_exercise/mod.rs"]
mod store_exercise;

fuzz_target!(|bytes: &[u8]| store_exercise::exercise(bytes));
