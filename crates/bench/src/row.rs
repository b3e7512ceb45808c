//! The rows of the benchmark.

use crate::exact::hex;
use crate::throughput::Flow;
use crate::{ExchangeRow, Problem, latency, memory, throughput};
use outcry_simulate::Workload;
use outcry_simulate::w1::SCENARIOS;
use std::path::PathBuf;

/// One figure: the median of several runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The row's name, as `matching/w1/normal`.
    pub name: String,
    /// The unit of the figures.
    pub unit: &'static str,
    /// One figure for each run.
    pub runs: Vec<f64>,
    /// What was held fixed: capacities, batch, threads, counts.
    pub setting: String,
}

/// A row that can be measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Row {
    /// Messages a second of a workload.
    Throughput(&'static str, Workload),
    /// Reply times at a fixed rate.
    Latency,
    /// Bytes of a plain resting order.
    Memory,
    /// What needs a journal.
    Exchange(ExchangeRow),
}

/// Where rows that need a disk or another process find them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// A folder, in which each run makes one of its own and removes it.
    pub folder: PathBuf,
    /// The program that does what [`crate::first_order`] does with the folder behind its arguments.
    pub child: Vec<String>,
}

/// The rows of messages a second.
pub(crate) const THROUGHPUT: [(&str, Workload); 9] = [
    ("matching/w1/static", Workload::W1(SCENARIOS[0])),
    ("matching/w1/normal", Workload::W1(SCENARIOS[1])),
    ("matching/w1/swing-25", Workload::W1(SCENARIOS[2])),
    ("matching/w1/swing-40", Workload::W1(SCENARIOS[3])),
    ("matching/w1/flash-crash", Workload::W1(SCENARIOS[4])),
    ("matching/w2", Workload::W2),
    ("matching/w5", Workload::W5),
    ("book/1m_live", Workload::LiveBook),
    ("exchange/no_journal", Workload::Exchange),
];

/// Every row, by name.
#[must_use]
pub fn rows() -> Vec<Row> {
    let throughput = THROUGHPUT.map(|(name, workload)| Row::Throughput(name, workload));
    let exchange = ExchangeRow::ALL.map(Row::Exchange);
    let others = [Row::Latency, Row::Memory];
    [throughput.as_slice(), &exchange, &others].concat()
}

/// The exact hash of all reports of each measured workload, with its usual seed and count.
///
/// # Errors
/// When the engine cannot run a workload.
pub fn exact_hashes() -> Result<Vec<(String, String)>, Problem> {
    let hashed = |(_, workload): &(&str, Workload)| {
        let (_, hash) = Flow::hashed(workload, workload.usual_count())?;
        Ok((workload.name(), hex(&hash)))
    };
    THROUGHPUT.iter().map(hashed).collect()
}

impl Row {
    /// The name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Throughput(name, _) => name,
            Self::Latency => "latency/w1",
            Self::Memory => "memory/resting_order",
            Self::Exchange(row) => row.name(),
        }
    }

    /// Measures the row `runs` times, each with a fresh engine. `count` cuts the workload short,
    /// for tests; 0 takes it whole.
    ///
    /// # Errors
    /// When a hash is not the expected one, or the place is none for the row.
    pub fn measure(
        &self,
        runs: usize,
        count: usize,
        place: &Place,
    ) -> Result<Vec<Figure>, Problem> {
        match self {
            Self::Throughput(name, workload) => {
                throughput::measure(name, workload, runs, count).map(|figure| vec![figure])
            }
            Self::Latency => latency::measure(runs, count),
            Self::Memory => Ok(vec![memory::measure()]),
            Self::Exchange(row) => row.measure(place, runs, count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_engine_measures_each_run() {
        measure_each(|row| !matches!(row, Row::Exchange(_)));
    }

    /// Some of them go on for seconds by the clock.
    #[test]
    #[ignore = "slow"]
    fn every_row_of_the_exchange_measures_each_run() {
        measure_each(|row| matches!(row, Row::Exchange(_)));
    }

    fn measure_each(is_wanted: impl Fn(&Row) -> bool) {
        // A recovery needs a process: `tests/recovery.rs` has one.
        let is_small = |row: &&Row| {
            let deep = Row::Throughput("book/1m_live", Workload::LiveBook);
            ![deep, Row::Exchange(ExchangeRow::Recovery)].contains(row)
        };
        let place = Place {
            folder: std::env::temp_dir(),
            child: Vec::new(),
        };
        for row in rows().iter().filter(is_small).filter(|row| is_wanted(row)) {
            let figures = row.measure(2, 400, &place).unwrap();
            assert!(!figures.is_empty());
            for figure in figures {
                assert!(figure.name.starts_with(row.name()), "{}", figure.name);
                let runs = if *row == Row::Memory { 1 } else { 2 };
                assert_eq!(figure.runs.len(), runs, "{}", figure.name);
                assert!(figure.runs.iter().all(|value| *value > 0.0));
                assert!(!figure.setting.is_empty());
            }
        }
    }
}
