//! Messages a second through the batch interface, reports on a second thread.

use crate::ring::{Writer, ring};
use crate::{Figure, Problem};
use outcry_engine::{Engine, EngineConfig, EventSink};
use outcry_protocol::{Digest, EventRecord, OrderRecord};
use outcry_simulate::Workload;
use outcry_simulate::encode::Commands;
use sha2::{Digest as _, Sha256};
use std::time::Instant;

/// Records in the ring: 2 MiB.
pub(crate) const RING: usize = 1 << 16;

/// Records between two publications.
pub(crate) const PUBLISH_EVERY: usize = 64;

/// Commands in a batch.
pub(crate) const BATCH: usize = 1_024;

/// Bytes of a command of these workloads.
const COMMAND: usize = size_of::<OrderRecord>();

/// Room for open orders made before the start.
pub(crate) fn capacity(workload: &Workload) -> u32 {
    match workload {
        Workload::LiveBook => 1 << 21,
        Workload::W5 => 1 << 20,
        _ => 1 << 15,
    }
}

/// An engine with the workload's setup applied, and its events thrown away.
pub(crate) fn prepared(workload: &Workload, commands: &Commands) -> Result<Engine, Problem> {
    let orders_capacity = capacity(workload);
    let config = EngineConfig {
        orders_capacity,
        check_invariants: false,
        ..Default::default()
    };
    let mut engine = Engine::new(config);
    let mut events = Vec::new();
    engine
        .apply_batch(commands.setup.as_bytes(), &mut events)
        .map_err(|error| format!("{}: setup: {error}", workload.name()))?;
    Ok(engine)
}

/// The digest and the exact hash of all reports of a workload, without a clock.
struct Expected {
    digest: Digest,
    reports: u64,
    exact: [u8; 32],
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

fn expected(workload: &Workload, commands: &Commands) -> Result<Expected, Problem> {
    let mut engine = prepared(workload, commands)?;
    let mut sink = Counting {
        reports: 0,
        hasher: Sha256::new(),
    };
    engine
        .apply_batch(commands.flow.as_bytes(), &mut sink)
        .map_err(|error| format!("{}: {error}", workload.name()))?;
    let exact = sink.hasher.finalize().into();
    Ok(Expected {
        digest: engine.digest(),
        reports: sink.reports,
        exact,
    })
}

/// Measures a workload `runs` times.
pub(crate) fn measure(
    name: &str,
    workload: &Workload,
    runs: usize,
    count: usize,
) -> Result<Figure, Problem> {
    let whole = count == 0;
    let count = if whole { workload.usual_count() } else { count };
    let commands = workload.commands(workload.usual_seed(), count);
    let expected = expected(workload, &commands)?;
    let messages = commands.flow.as_bytes().len() / COMMAND;
    if whole {
        check_exact(workload, &expected)?;
    }
    let mut figures = Vec::with_capacity(runs);
    for _ in 0..runs {
        let engine = prepared(workload, &commands)?;
        let (seconds, digest, reports) = run(engine, commands.flow.as_bytes());
        if digest != expected.digest || reports != expected.reports {
            return Err(format!("{name}: the second thread received other reports"));
        }
        figures.push(messages as f64 / seconds / 1e6);
    }
    let setting = format!(
        "{messages} messages, {reports} reports; room for {orders} orders; batch {BATCH}; \
         ring {RING}, published every {PUBLISH_EVERY}; 2 threads",
        reports = expected.reports,
        orders = capacity(workload),
    );
    Ok(Figure {
        name: name.to_owned(),
        unit: "M messages/s",
        runs: figures,
        setting,
    })
}

/// One run: seconds, and what the second thread made of the reports.
fn run(mut engine: Engine, commands: &[u8]) -> (f64, Digest, u64) {
    let (writer, mut reader) = ring(RING, PUBLISH_EVERY);
    let before = engine.digest();
    std::thread::scope(|scope| {
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
        feed(&mut engine, commands, writer);
        let (digest, reports, end) = reading.join().expect("the reader does not panic");
        ((end - start).as_secs_f64(), digest, reports)
    })
}

fn feed(engine: &mut Engine, commands: &[u8], mut writer: Writer) {
    for batch in commands.chunks(BATCH * COMMAND) {
        engine
            .apply_batch(batch, &mut writer)
            .expect("whole commands of one size");
    }
    writer.close();
}

/// SHA-256 over all reports of the workloads with their usual seed and count.
const EXACT: [(&str, [u8; 32]); 0] = [];

fn check_exact(workload: &Workload, expected: &Expected) -> Result<(), Problem> {
    let name = workload.name();
    match EXACT.iter().find(|(known, _)| *known == name) {
        Some((_, wanted)) if *wanted != expected.exact => Err(format!(
            "{name}: the reports hash to {:02x?}",
            expected.exact
        )),
        _ => Ok(()),
    }
}
