//! From the start of a process until its exchange, which held a million orders, accepts the first.

use super::venue::{Folder, Venue};
use crate::disk::Disk;
use crate::throughput::Flow;
use crate::{Figure, Problem};
use outcry_engine::EngineConfig;
use outcry_protocol::{EventKind, OrderRecord, Side};
use outcry_runtime::{ClientOptions, Exchange, Options};
use outcry_simulate::encode::INSTRUMENT;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const DEEP_ORDERS: usize = 1_000_000;
const TAIL: usize = 100_000;
/// What the process says before the sequence of its order.
const ACCEPTED: &str = "accepted ";

/// Makes the exchange and measures its recovery `runs` times, each time in a new process and from
/// a copy of the folder: `child`, with the folder behind its last argument, is to do what
/// [`first_order`] does and to print what it answers.
pub(super) fn measure(
    disk: &Disk,
    child: &[String],
    runs: usize,
    count: usize,
) -> Result<Figure, Problem> {
    let (deep_orders, tail) = if count == 0 {
        (DEEP_ORDERS, TAIL)
    } else {
        (count, count)
    };
    let flow = Flow::beside_deep_book(tail, deep_orders)?;
    let prepared = Folder::within(&disk.folder)?;
    let last_sequence = prepare(&prepared, &flow)?;
    let mut seconds = Vec::with_capacity(runs);
    for _ in 0..runs {
        let copy = Folder::within(&disk.folder)?;
        copy_below(prepared.path(), copy.path()).map_err(|error| error.to_string())?;
        // What is still to be written would compete with the process.
        sync(copy.path())?;
        let took = recover(child, copy.path(), last_sequence)?;
        seconds.push(took);
    }
    let setting = format!(
        "{deep_orders} resting orders with client ids, of 1,000 accounts, in a snapshot of {} MB, \
         and {tail} commands behind it; from the start of the process until its first order is \
         accepted and durable; page cache warm; {}; {}",
        prepared.bytes_below("snapshots") / 1_000_000,
        disk.file_system,
        if child
            .first()
            .is_some_and(|program| program.contains("python"))
        {
            "a Python process"
        } else {
            "a native process"
        },
    );
    Ok(Figure {
        name: "recovery/1m_orders".to_owned(),
        unit: "s",
        runs: seconds,
        setting,
    })
}

/// A snapshot of the deep book, and commands behind it; then the exchange is left as a crash would.
fn prepare(folder: &Folder, flow: &Flow) -> Result<u64, Problem> {
    let options = Options {
        snapshot_interval_ms: 0,
        ..Options::default()
    };
    let mut venue = Venue::open(folder, flow, options)?;
    venue.exchange.snapshot().map_err(|halt| halt.to_string())?;
    for batch in flow.batches() {
        venue.clerk.submit(batch)?;
    }
    venue.clerk.take_all()?;
    venue.check(flow)?;
    Ok(venue.clerk.last_sequence)
}

fn recover(child: &[String], folder: &Path, last_sequence: u64) -> Result<f64, Problem> {
    let (program, arguments) = child.split_first().ok_or("child: no program is named")?;
    let mut command = Command::new(program);
    command.args(arguments).arg(folder).stdout(Stdio::piped());
    let start = Instant::now();
    let mut process = command
        .spawn()
        .map_err(|error| format!("{program}: {error}"))?;
    let mut line = String::new();
    let said = process
        .stdout
        .take()
        .map(|out| BufReader::new(out).read_line(&mut line));
    let took = start.elapsed();
    // What it takes to end is no part of it.
    let left = process.wait().map_err(|error| error.to_string())?;
    let expected = format!("{ACCEPTED}{}", last_sequence + 1);
    if matches!(said, Some(Ok(_))) && line.trim_end() == expected && left.success() {
        Ok(took.as_secs_f64())
    } else {
        let line = line.trim_end();
        Err(format!(
            "{program} said {line:?} and left with {left}, expected is {expected:?}"
        ))
    }
}

/// Opens the exchange in a folder, enters one order, and tells what is to be printed of it while
/// the exchange stands.
///
/// # Errors
/// When the exchange cannot be opened, the order is refused, or nothing can be told.
pub fn first_order(
    folder: &Path,
    tell: impl FnOnce(&str) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let options = Options {
        engine: EngineConfig {
            money: true,
            check_invariants: false,
            ..EngineConfig::default()
        },
        ..Options::default()
    };
    let opened = Exchange::open(folder, options);
    let (exchange, _) = opened.map_err(|error| error.to_string())?;
    let client = exchange
        .client(ClientOptions::default())
        .map_err(|error| error.to_string())?;
    let order = OrderRecord::limit(INSTRUMENT, 1, Side::Buy, 1, 1);
    let replies = client
        .call(order.as_record_bytes())
        .map_err(|error| error.to_string())?;
    let reply = replies.iter().next().ok_or("there is no reply")?;
    let accepted = reply
        .records
        .iter()
        .any(|event| event.kind == EventKind::Accepted as u8);
    if accepted {
        tell(&format!("{ACCEPTED}{}", reply.last_sequence))
    } else {
        Err(format!("the order was refused: {:?}", reply.records))
    }
}

fn copy_below(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            std::fs::create_dir(&target)?;
            copy_below(&source, &target)?;
        } else {
            std::fs::copy(&source, &target)?;
        }
    }
    Ok(())
}

/// Makes every file below a folder durable.
fn sync(folder: &Path) -> Result<(), Problem> {
    let told = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(told)? {
        let path = entry.map_err(told)?.path();
        if path.is_dir() {
            sync(&path)?;
        } else {
            std::fs::File::open(&path)
                .and_then(|file| file.sync_all())
                .map_err(told)?;
        }
    }
    Ok(())
}
