//! Durable commands a second: each batch is acknowledged once the disk has confirmed it.

use super::venue::{Folder, IN_FLIGHT, Venue};
use crate::disk::{Disk, PAGE_BYTES, percentiles_us};
use crate::throughput::{BATCH, Flow};
use crate::{Figure, Problem};
use outcry_journal::disk::RealDisk;
use outcry_journal::{FrameKind, Reader};
use outcry_runtime::Options;
use outcry_simulate::Workload;
use std::path::Path;
use std::time::{Duration, Instant};

/// What one run came to.
struct Run {
    commands_a_second: f64,
    syncs: u64,
    sync_p50_ns: u64,
    journal_bytes: u64,
    event_bytes: u64,
    /// Behind the last reply.
    follower: Duration,
}

/// Measures the flow of the exchange `runs` times.
pub(super) fn measure(disk: &Disk, runs: usize, count: usize) -> Result<Figure, Problem> {
    let flow = Flow::verified(&Workload::Exchange, count)?;
    let mut all = Vec::with_capacity(runs);
    for _ in 0..runs {
        all.push(run(disk, &flow)?);
    }
    let mut ranked: Vec<&Run> = all.iter().collect();
    ranked.sort_by(|a, b| a.commands_a_second.total_cmp(&b.commands_a_second));
    let middle = ranked.get(ranked.len() / 2).ok_or("runs: 0 is below 1")?;
    let commands = flow.messages() as u64;
    let group_bytes = (middle.journal_bytes / middle.syncs.max(1)).max(1) as usize;
    let setting = format!(
        "{commands} commands of 1,000 accounts, batches of {BATCH}, at most {IN_FLIGHT} in flight; \
         from the first batch until the last reply is there and the follower has caught up, \
         {follower:.1} ms behind it; {file_system}; {syncs} fdatasyncs, p50 {sync_us} us; \
         {journal} bytes a command in the journal, {events} in the event log; the disk alone: \
         4 KiB {page}, {group_bytes} bytes {group}; threads sleep when idle",
        follower = middle.follower.as_secs_f64() * 1e3,
        file_system = disk.file_system,
        syncs = middle.syncs,
        sync_us = middle.sync_p50_ns / 1_000,
        journal = middle.journal_bytes / commands,
        events = middle.event_bytes / commands,
        page = percentiles_us(&disk.sync_times(PAGE_BYTES)?),
        group = percentiles_us(&disk.sync_times(group_bytes)?),
    );
    Ok(Figure {
        name: "exchange/durable".to_owned(),
        unit: "M commands/s",
        runs: all.iter().map(|run| run.commands_a_second / 1e6).collect(),
        setting,
    })
}

fn run(disk: &Disk, flow: &Flow) -> Result<Run, Problem> {
    let folder = Folder::within(&disk.folder)?;
    let mut venue = Venue::open(&folder, flow, Options::default())?;
    let before = venue.exchange.status();
    let events_before = folder.bytes_below("events");
    let first_sequence = venue.clerk.last_sequence + 1;
    let start = Instant::now();
    for batch in flow.batches() {
        venue.clerk.submit(batch)?;
    }
    venue.clerk.take_all()?;
    let answered = start.elapsed();
    venue.wait_for_follower()?;
    let caught_up = start.elapsed();
    venue.check(flow)?;
    let after = venue.exchange.status();
    let event_bytes = folder.bytes_below("events") - events_before;
    venue.exchange.close().map_err(|halt| halt.to_string())?;
    Ok(Run {
        commands_a_second: flow.messages() as f64 / caught_up.as_secs_f64(),
        syncs: after.fsyncs - before.fsyncs,
        sync_p50_ns: after.fsync_p50_ns,
        journal_bytes: journal_bytes(folder.path(), first_sequence)?,
        event_bytes,
        follower: caught_up.saturating_sub(answered),
    })
}

/// The bytes of the frames from this sequence on.
fn journal_bytes(folder: &Path, first_sequence: u64) -> Result<u64, Problem> {
    let opened = Reader::open(RealDisk::shared(), folder, first_sequence);
    let mut reader = opened.map_err(|error| error.to_string())?;
    let mut bytes = 0;
    while let Some(frame) = reader.next(u64::MAX).map_err(|error| error.to_string())? {
        if frame.kind() == FrameKind::Commands {
            bytes += u64::from(frame.header.length);
        }
    }
    Ok(bytes)
}
