//! The exact hashes that the reports of the workloads must have.

use crate::Problem;
use outcry_simulate::Workload;
use std::fmt::Write as _;

/// SHA-256 over all reports of each workload with its usual seed and count: lines of a workload's
/// name and its hash, as `cargo run --release -p outcry-bench -- --hashes` prints them. A change of
/// a rule changes them; a change for speed must not.
pub(crate) const EXACT: &str = include_str!("exact_hashes.txt");

/// SHA-256 over all reports.
pub(crate) type ExactHash = [u8; 32];

/// The hash that `table` has for the workload of this name.
fn expected<'table>(table: &'table str, name: &str) -> Option<&'table str> {
    let mut entries = table.lines().filter_map(|line| line.split_once(' '));
    entries.find_map(|(known, hash)| (known == name).then_some(hash))
}

/// Compares a whole workload's reports with `table`.
///
/// # Errors
/// When the table has no hash of the workload, or another one.
pub(crate) fn check(table: &str, workload: &Workload, hash: &ExactHash) -> Result<(), Problem> {
    let name = workload.name();
    let found = hex(hash);
    match expected(table, &name) {
        Some(expected) if expected == found => Ok(()),
        Some(expected) => Err(format!(
            "the reports of {name} hash to {found}, expected is {expected}"
        )),
        None => Err(format!(
            "the reports of {name} hash to {found}, and no expected hash is known"
        )),
    }
}

/// A hash in hexadecimal digits.
pub(crate) fn hex(hash: &ExactHash) -> String {
    hash.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes what is written");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: ExactHash = [0xAB; 32];

    #[test]
    fn the_expected_hash_passes() {
        let table = format!("w2 {}\nw5 {}\n", "ac".repeat(32), "ab".repeat(32));
        assert_eq!(check(&table, &Workload::W5, &HASH), Ok(()));
    }

    #[test]
    fn another_hash_is_told_beside_the_expected_one() {
        let expected = "ac".repeat(32);
        let problem = check(&format!("w5 {expected}\n"), &Workload::W5, &HASH).unwrap_err();
        assert!(problem.contains("w5") && problem.contains(&expected));
        assert!(problem.contains(&"ab".repeat(32)));
    }

    #[test]
    fn a_workload_without_an_expected_hash_does_not_pass() {
        let table = format!("w5 {}\n", "ab".repeat(32));
        let problem = check(&table, &Workload::W2, &HASH).unwrap_err();
        assert!(problem.contains("w2") && problem.contains("no expected hash"));
    }

    #[test]
    fn every_measured_workload_has_its_expected_hash() {
        for (_, workload) in crate::row::THROUGHPUT {
            let name = workload.name();
            let hash = expected(EXACT, &name);
            assert_eq!(
                hash.map(str::len),
                Some(2 * size_of::<ExactHash>()),
                "{name}"
            );
        }
    }
}
