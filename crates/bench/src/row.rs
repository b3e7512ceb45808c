//! The rows of the benchmark.

use crate::{Problem, latency, memory, throughput};
use outcry_simulate::Workload;
use outcry_simulate::w1::SCENARIOS;

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
}

/// Every row, by name.
#[must_use]
pub fn rows() -> Vec<Row> {
    let names = [
        "matching/w1/static",
        "matching/w1/normal",
        "matching/w1/swing-25",
        "matching/w1/swing-40",
        "matching/w1/flash-crash",
    ];
    let scenarios = names.iter().zip(SCENARIOS);
    let mut rows: Vec<_> = scenarios
        .map(|(name, scenario)| Row::Throughput(name, Workload::W1(scenario)))
        .collect();
    rows.push(Row::Throughput("matching/w2", Workload::W2));
    rows.push(Row::Throughput("matching/w5", Workload::W5));
    rows.push(Row::Throughput("book/1m_live", Workload::LiveBook));
    rows.push(Row::Memory);
    rows.push(Row::Latency);
    rows
}

impl Row {
    /// The name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Throughput(name, _) => name,
            Self::Latency => "latency/w1",
            Self::Memory => "memory/resting_order",
        }
    }

    /// Measures the row `runs` times, each with a fresh engine. `count` cuts the workload short,
    /// for tests; 0 takes it whole.
    ///
    /// # Errors
    /// When a hash is not the expected one.
    pub fn measure(&self, runs: usize, count: usize) -> Result<Vec<Figure>, Problem> {
        match self {
            Self::Throughput(name, workload) => {
                throughput::measure(name, workload, runs, count).map(|figure| vec![figure])
            }
            Self::Latency => latency::measure(runs, count),
            Self::Memory => Ok(vec![memory::measure()]),
        }
    }
}
