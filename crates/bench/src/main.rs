//! Prints the native rows, for profilers: `outcry-bench [HEAD] [RUNS] [COUNT] [FOLDER]`. With
//! `--hashes` it prints the exact hashes of the workloads, with `--first-order FOLDER` it is the
//! process that a recovery is measured on. `outcry bench` is the command for people.

use outcry_bench::{Place, Problem, exact_hashes, first_order, rows};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const RUNS: usize = 5;
const FIRST_ORDER: &str = "--first-order";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let printed = match arguments.first().map(String::as_str) {
        Some("--hashes") => print_hashes(),
        Some(FIRST_ORDER) => print_first_order(arguments.get(1)),
        _ => print_rows(&arguments),
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

fn print_first_order(folder: Option<&String>) -> Result<(), Problem> {
    let folder = folder.ok_or("no folder is named")?;
    first_order(Path::new(folder), |said| {
        println!("{said}");
        std::io::stdout().flush().map_err(|error| error.to_string())
    })
}

fn print_rows(arguments: &[String]) -> Result<(), Problem> {
    let argument = |number: usize| arguments.get(number).map_or("", String::as_str);
    let wanted = argument(0);
    let runs = argument(1).parse().unwrap_or(RUNS);
    let count = argument(2).parse().unwrap_or(0);
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let place = Place {
        folder: PathBuf::from(arguments.get(3).map_or(".", String::as_str)),
        child: vec![own.display().to_string(), FIRST_ORDER.to_owned()],
    };
    let is_wanted = |name: &str| {
        let rest = name.strip_prefix(wanted.trim_end_matches('/'));
        rest.is_some_and(|rest| wanted.is_empty() || rest.is_empty() || rest.starts_with('/'))
    };
    for row in rows().iter().filter(|row| is_wanted(row.name())) {
        let figures = row.measure(runs, count, &place);
        for figure in figures.map_err(|problem| format!("{}: {problem}", row.name()))? {
            println!(
                "{:<28} {:?} {} ({})",
                figure.name, figure.runs, figure.unit, figure.setting
            );
        }
    }
    Ok(())
}
