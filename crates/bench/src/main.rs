//! Prints the native rows, for profilers, or with `--hashes` the exact hashes of the workloads.
//! `outcry bench` is the command for people.

use outcry_bench::{Problem, exact_hashes, rows};
use std::process::ExitCode;

const RUNS: usize = 5;

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let runs = std::env::args().nth(2).and_then(|runs| runs.parse().ok());
    let printed = if wanted == "--hashes" {
        print_hashes()
    } else {
        print_rows(&wanted, runs.unwrap_or(RUNS))
    };
    match printed {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn print_hashes() -> Result<(), Problem> {
    for (name, hash) in exact_hashes()? {
        println!("{name} {hash}");
    }
    Ok(())
}

fn print_rows(wanted: &str, runs: usize) -> Result<(), Problem> {
    for row in rows().iter().filter(|row| row.name().starts_with(wanted)) {
        let figures = row.measure(runs, 0);
        for figure in figures.map_err(|problem| format!("{}: {problem}", row.name()))? {
            println!(
                "{:<28} {:?} {} ({})",
                figure.name, figure.runs, figure.unit, figure.setting
            );
        }
    }
    Ok(())
}
