//! Prints the native rows; for profilers. `outcry bench` is the command for people.

use outcry_bench::rows;

fn main() {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let runs = std::env::args()
        .nth(2)
        .and_then(|runs| runs.parse().ok())
        .unwrap_or(5);
    for row in rows().iter().filter(|row| row.name().starts_with(&wanted)) {
        match row.measure(runs, 0) {
            Ok(figures) => figures.iter().for_each(|figure| {
                println!(
                    "{:<28} {:?} {} ({})",
                    figure.name, figure.runs, figure.unit, figure.setting
                );
            }),
            Err(problem) => eprintln!("{}: {problem}", row.name()),
        }
    }
}
