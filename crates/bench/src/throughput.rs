//! Messages a second through the batch interface, reports on a second thread.

use crate::exact::{EXACT, ExactHash, check};
use crate::ring::{Writer, ring};
use crate::{Figure, Problem};
use outcry_engine::{Engine, EngineConfig, EventSink};
use outcry_protocol::{Command, Digest, EventRecord, OrderRecord};
use outcry_simulate::encode::Commands;
use outcry_simulate::{Workload, exchange};
use sha2::{Digest as _, Sha256};
use std::time::Instant;

/// Records in the ring: 2 MiB.
pub(crate) const RING: usize = 1 << 16;

/// Records between two publications: as many as fill the first-level cache, so that the second
/// thread reads what has left it already rather than pull at lines in use.
pub(crate) const PUBLISH_EVERY: usize = 1_024;

/// Commands in a batch.
pub(crate) const BATCH: usize = 1_024;

/// Bytes of a plain order command.
pub(crate) const COMMAND: usize = size_of::<OrderRecord>();

/// Room for open orders made before the start.
const fn capacity(workload: &Workload) -> u32 {
    match workload {
        Workload::LiveBook => 1 << 21,
        Workload::W5 => 1 << 20,
        _ => 1 << 14,
    }
}

/// A workload with what its reports must come to.
pub(crate) struct Flow {
    name: String,
    commands: Commands,
    has_money: bool,
    /// Room for open orders made before the start.
    pub(crate) capacity: u32,
    /// The engine's digest after the last command.
    pub(crate) digest: Digest,
    reports: u64,
    /// Where each batch ends, in bytes.
    ends: Vec<usize>,
    messages: usize,
}

struct Counting {
    reports: u64,
    hasher: Sha256,
}

impl EventSink for Counting {
    fn push(&mut self, record: &EventRecord) {
        self.reports += 1;
        self.hasher.update(record.as_record_bytes());
    }
}

impl Flow {
    /// Makes the workload, `count` 0 for the whole, and runs it once without a clock. A whole one
    /// must have the exact hash that is known of it.
    pub(crate) fn verified(workload: &Workload, count: usize) -> Result<Self, Problem> {
        let is_whole = count == 0 || count == workload.usual_count();
        let count = if is_whole {
            workload.usual_count()
        } else {
            count
        };
        let (flow, hash) = Self::hashed(workload, count)?;
        if is_whole {
            check(EXACT, workload, &hash)?;
        }
        Ok(flow)
    }

    /// Makes the workload with its usual seed, and takes the exact hash of its reports.
    pub(crate) fn hashed(workload: &Workload, count: usize) -> Result<(Self, ExactHash), Problem> {
        let commands = workload.commands(workload.usual_seed(), count);
        let mut flow = Self::unrun(workload.name(), commands, workload.has_money());
        flow.capacity = capacity(workload);
        let hash = flow.run_untimed()?;
        Ok((flow, hash))
    }

    /// The exchange's flow beside so many resting orders, run once without a clock.
    pub(crate) fn beside_deep_book(count: usize, deep_orders: usize) -> Result<Self, Problem> {
        let seed = Workload::Exchange.usual_seed();
        let commands = exchange::commands(seed, count, deep_orders);
        let name = format!("exchange beside {deep_orders} resting orders");
        let mut flow = Self::unrun(name, commands, true);
        flow.capacity = (deep_orders as u32 + capacity(&Workload::Exchange)).next_power_of_two();
        flow.run_untimed()?;
        Ok(flow)
    }

    fn unrun(name: String, commands: Commands, has_money: bool) -> Self {
        let (ends, messages) = batches(commands.flow.as_bytes(), BATCH);
        Self {
            name,
            commands,
            has_money,
            capacity: 0,
            digest: Digest::default(),
            reports: 0,
            ends,
            messages,
        }
    }

    fn run_untimed(&mut self) -> Result<ExactHash, Problem> {
        let mut engine = self.engine()?;
        let mut sink = Counting {
            reports: 0,
            hasher: Sha256::new(),
        };
        engine
            .apply_batch(self.bytes(), &mut sink)
            .map_err(|error| format!("{}: {error}", self.name))?;
        self.digest = engine.digest();
        self.reports = sink.reports;
        Ok(sink.hasher.finalize().into())
    }

    /// The bounds of an engine that runs the flow.
    pub(crate) fn config(&self) -> EngineConfig {
        EngineConfig {
            orders_capacity: self.capacity,
            check_invariants: false,
            money: self.has_money,
            ..Default::default()
        }
    }

    /// A fresh engine with the setup applied, and its events thrown away.
    pub(crate) fn engine(&self) -> Result<Engine, Problem> {
        let mut engine = Engine::new(self.config());
        engine
            .apply_batch(self.setup(), &mut Vec::new())
            .map_err(|error| format!("{}: setup: {error}", self.name))?;
        Ok(engine)
    }

    /// The commands before the timed ones.
    pub(crate) fn setup(&self) -> &[u8] {
        self.commands.setup.as_bytes()
    }

    /// The timed commands.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.commands.flow.as_bytes()
    }

    /// How many commands are timed.
    pub(crate) const fn messages(&self) -> usize {
        self.messages
    }

    /// The batches of the timed commands.
    pub(crate) fn batches(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, end)| &self.bytes()[start..*end])
    }
}

/// Where each batch of so many commands ends, and how many commands there are.
pub(crate) fn batches(bytes: &[u8], commands_a_batch: usize) -> (Vec<usize>, usize) {
    let (mut ends, mut at, mut commands) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        let decoded = Command::decode(&bytes[at..]);
        at += decoded.expect("a flow is whole commands").1;
        commands += 1;
        if commands % commands_a_batch == 0 || at == bytes.len() {
            ends.push(at);
        }
    }
    (ends, commands)
}

/// Measures a workload `runs` times.
pub(crate) fn measure(
    name: &str,
    workload: &Workload,
    runs: usize,
    count: usize,
) -> Result<Figure, Problem> {
    let flow = Flow::verified(workload, count)?;
    let mut figures = Vec::with_capacity(runs);
    for _ in 0..runs {
        figures.push(flow.messages() as f64 / run(&flow)? / 1e6);
    }
    let money = if workload.has_money() {
        "1,000 accounts with holds, fees, rebates and client ids; "
    } else {
        ""
    };
    let setting = format!(
        "{messages} messages, {reports} reports; {money}room for {orders} orders; batch {BATCH}; \
         ring {RING}, published every {PUBLISH_EVERY}; 2 threads",
        messages = flow.messages(),
        reports = flow.reports,
        orders = flow.capacity,
    );
    Ok(Figure {
        name: name.to_owned(),
        unit: if workload.has_money() {
            "M commands/s"
        } else {
            "M messages/s"
        },
        runs: figures,
        setting,
    })
}

/// One run, in seconds: from the first batch until the second thread has folded the last report.
fn run(flow: &Flow) -> Result<f64, Problem> {
    let mut engine = flow.engine()?;
    let (writer, mut reader) = ring(RING, PUBLISH_EVERY);
    let before = engine.digest();
    let (seconds, digest, reports) = std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            let (mut digest, mut reports) = (before, 0);
            let mut take = |record: &EventRecord| {
                digest.fold(record);
                reports += 1;
            };
            while reader.drain(&mut take) {
                std::hint::spin_loop();
            }
            reader.drain(&mut take);
            (digest, reports, Instant::now())
        });
        let start = Instant::now();
        feed(&mut engine, flow, writer);
        let (digest, reports, end) = reading.join().expect("the reader does not panic");
        ((end - start).as_secs_f64(), digest, reports)
    });
    if (digest, reports) == (flow.digest, flow.reports) {
        Ok(seconds)
    } else {
        Err(format!(
            "the second thread received {reports} reports with digest {:016x}, expected are {} \
             with {:016x}",
            digest.0, flow.reports, flow.digest.0
        ))
    }
}

fn feed(engine: &mut Engine, flow: &Flow, mut writer: Writer) {
    for batch in flow.batches() {
        engine
            .apply_batch(batch, &mut writer)
            .expect("whole commands");
    }
    writer.close();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_reports_than_expected_fail_the_run() {
        let mut flow = Flow::verified(&Workload::W5, 500).unwrap();
        run(&flow).expect("the expected reports pass");
        flow.digest.0 ^= 1;
        let problem = run(&flow).unwrap_err();
        assert!(problem.contains("the second thread received"), "{problem}");
    }
}
