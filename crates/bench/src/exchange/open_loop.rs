//! Reply times of durable commands at a fixed rate, from the time at which each was to start.

use super::venue::{Clerk, Folder, Venue};
use crate::disk::{Disk, PAGE_BYTES, new_times, percentiles_us};
use crate::throughput::{Flow, batches};
use crate::{Figure, Problem};
use hdrhistogram::Histogram;
use outcry_runtime::Options;
use std::time::{Duration, Instant};

/// Commands a second.
const RATE: u64 = 1_000_000;
const INTERVAL_NS: u64 = 1_000_000_000 / RATE;
/// Most commands in one submission.
const BATCH: u64 = 1_024;
/// The sender looks for what is due this often: it sleeps meanwhile, and what became due is late.
const TICK: Duration = Duration::from_micros(100);
/// Segments of the journal that are ready at the start.
const SPARE_SEGMENTS: u32 = 24;
/// From the making of the schedule to the first command.
const LEAD: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_mins(1);
const US: f64 = 1_000.0;

/// What is measured, and what beside it.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) commands: usize,
    /// Orders that rest beside the flow and are in every snapshot.
    pub(super) deep_orders: usize,
    /// The name of a figure and its percentile; 100 is the longest.
    pub(super) percentiles: [(&'static str, f64); 3],
}

pub(super) const PLAIN: Case = Case {
    name: "exchange/durable_open_loop",
    commands: 3_000_000,
    deep_orders: 0,
    percentiles: [("p50", 50.0), ("p99", 99.0), ("p99.9", 99.9)],
};

pub(super) const SNAPSHOTS: Case = Case {
    name: "exchange/durable_open_loop_snapshots",
    commands: 10_000_000,
    deep_orders: 1_000_000,
    percentiles: [("p50", 50.0), ("p99", 99.0), ("longest", 100.0)],
};

/// Measures a case `runs` times.
pub(super) fn measure(
    case: &Case,
    disk: &Disk,
    runs: usize,
    count: usize,
) -> Result<Vec<Figure>, Problem> {
    let commands = if count == 0 { case.commands } else { count };
    let deep_orders = if count == 0 {
        case.deep_orders
    } else {
        case.deep_orders.min(count)
    };
    let flow = Flow::beside_deep_book(commands, deep_orders)?;
    let mut figures = case.percentiles.map(|(name, _)| Figure {
        name: format!("{}/{name}", case.name),
        unit: "us",
        runs: Vec::with_capacity(runs),
        setting: String::new(),
    });
    let mut last = None;
    for _ in 0..runs {
        let run = run(disk, &flow, deep_orders > 0)?;
        for (figure, (_, percentile)) in figures.iter_mut().zip(case.percentiles) {
            figure
                .runs
                .push(run.times.value_at_percentile(percentile) as f64 / US);
        }
        last = Some(run);
    }
    let last = last.ok_or("runs: 0 is below 1")?;
    let setting = setting(disk, &flow, deep_orders, &last)?;
    for figure in &mut figures {
        figure.setting.clone_from(&setting);
    }
    Ok(figures.into())
}

/// What one run came to.
struct Run {
    times: Histogram<u64>,
    syncs: u64,
    sync_p50_ns: u64,
    snapshots: u64,
    snapshot_bytes: u64,
    snapshot_ms: u64,
}

fn run(disk: &Disk, flow: &Flow, needs_snapshots: bool) -> Result<Run, Problem> {
    let folder = Folder::within(&disk.folder)?;
    let options = Options {
        spare_segments: SPARE_SEGMENTS,
        ..Options::default()
    };
    let mut venue = Venue::open(&folder, flow, options)?;
    Venue::wait_for_spares(&folder, SPARE_SEGMENTS)?;
    let before = venue.exchange.status();
    let times = send(&mut venue.clerk, flow)?;
    let after = venue.exchange.status();
    venue.check(flow)?;
    venue.wait_for_follower()?;
    venue.exchange.close().map_err(|halt| halt.to_string())?;
    let snapshots = after.snapshot.taken - before.snapshot.taken;
    if needs_snapshots && snapshots == 0 && flow.messages() as u64 >= RATE {
        return Err("no snapshot was taken meanwhile".to_owned());
    }
    Ok(Run {
        times,
        syncs: after.fsyncs - before.fsyncs,
        sync_p50_ns: after.fsync_p50_ns,
        snapshots,
        snapshot_bytes: after.snapshot.bytes,
        snapshot_ms: after.snapshot.duration_ms,
    })
}

/// Sends each command when it is due, and takes replies meanwhile.
fn send(clerk: &mut Clerk, flow: &Flow) -> Result<Histogram<u64>, Problem> {
    let (ends, _) = batches(flow.bytes(), 1);
    let total = ends.len() as u64;
    let before = clerk.submitted();
    let mut times = new_times();
    let start = Instant::now() + LEAD;
    let mut sent = 0;
    let mut heard = 0;
    while heard < total {
        let passed = Instant::now().saturating_duration_since(start);
        let due = (passed.as_nanos() as u64 / INTERVAL_NS).min(total);
        while sent < due {
            let next = due.min(sent + BATCH);
            let from = if sent == 0 {
                0
            } else {
                ends[sent as usize - 1]
            };
            if !clerk.try_submit(&flow.bytes()[from..ends[next as usize - 1]])? {
                break;
            }
            sent = next;
        }
        clerk.wait(TICK);
        clerk.take(|ticket, commands| {
            let passed_ns = Instant::now().saturating_duration_since(start).as_nanos() as u64;
            for number in ticket - before..ticket - before + u64::from(commands) {
                times.saturating_record(passed_ns.saturating_sub(number * INTERVAL_NS));
            }
            heard += u64::from(commands);
        })?;
        if passed > PATIENCE {
            return Err(format!(
                "{heard} of {total} commands were answered in a minute"
            ));
        }
    }
    Ok(times)
}

fn setting(disk: &Disk, flow: &Flow, deep_orders: usize, run: &Run) -> Result<String, Problem> {
    let snapshots = if deep_orders > 0 {
        format!(
            "; {deep_orders} orders rest on a second instrument; {} snapshots meanwhile, the last \
             of {} MB in {} ms",
            run.snapshots,
            run.snapshot_bytes / 1_000_000,
            run.snapshot_ms
        )
    } else {
        String::new()
    };
    Ok(format!(
        "{} commands, open loop at {RATE}/s, from the intended start of each until its reply is \
         taken; one client thread that sends what is due every {} us{snapshots}; {}, \
         {SPARE_SEGMENTS} segments of 64 MiB ready; {} \
         fdatasyncs, p50 {} us; the disk alone: 4 KiB {}; threads sleep when idle",
        flow.messages(),
        TICK.as_micros(),
        disk.file_system,
        run.syncs,
        run.sync_p50_ns / 1_000,
        percentiles_us(&disk.sync_times(PAGE_BYTES)?),
    ))
}
