//! Replay of a journal from its first record: what recovery does where there is no snapshot.

use super::venue::{Folder, Venue};
use crate::disk::Disk;
use crate::throughput::Flow;
use crate::{Figure, Problem};
use outcry_engine::{Engine, EventSink};
use outcry_journal::disk::RealDisk;
use outcry_journal::{FrameKind, Reader};
use outcry_protocol::EventRecord;
use outcry_runtime::{Durability, Options};
use outcry_simulate::Workload;
use std::time::Instant;

/// Where events go that nobody reads; the engine's digest has them.
struct Unread;

impl EventSink for Unread {
    #[inline(always)]
    fn push(&mut self, _: &EventRecord) {}
}

/// Writes a journal, and measures its replay `runs` times.
pub(super) fn measure(disk: &Disk, runs: usize, count: usize) -> Result<Figure, Problem> {
    let flow = Flow::verified(&Workload::Exchange, count)?;
    let folder = Folder::within(&disk.folder)?;
    let options = Options {
        durability: Durability::None,
        ..Options::default()
    };
    let mut venue = Venue::open(&folder, &flow, options)?;
    for batch in flow.batches() {
        venue.clerk.submit(batch)?;
    }
    venue.clerk.take_all()?;
    venue.check(&flow)?;
    venue.exchange.close().map_err(|halt| halt.to_string())?;
    let mut figures = Vec::with_capacity(runs);
    let mut commands = 0;
    for _ in 0..runs {
        let start = Instant::now();
        commands = replay(&folder, &flow)?;
        figures.push(commands as f64 / start.elapsed().as_secs_f64() / 1e6);
    }
    Ok(Figure {
        name: "journal/replay".to_owned(),
        unit: "M commands/s",
        runs: figures,
        setting: format!(
            "{commands} commands of the exchange's flow, its setup included; checksums, sequences \
             and the digest in each frame checked; page cache warm; 1 thread"
        ),
    })
}

/// Answers how many commands there were.
fn replay(folder: &Folder, flow: &Flow) -> Result<u64, Problem> {
    let mut engine = Engine::new(flow.config());
    let opened = Reader::open(RealDisk::shared(), folder.path(), 1);
    let mut reader = opened.map_err(|error| error.to_string())?;
    while let Some(frame) = reader.next(u64::MAX).map_err(|error| error.to_string())? {
        if frame.kind() != FrameKind::Commands {
            continue;
        }
        let applied = engine.apply_batch(frame.payload, &mut Unread);
        applied.map_err(|error| error.to_string())?;
        if engine.digest().0 != frame.header.digest {
            return Err(format!(
                "sequence {}: the digest differs",
                engine.sequence()
            ));
        }
    }
    if engine.digest() == flow.digest {
        Ok(engine.sequence())
    } else {
        Err("the journal ends before its flow".to_owned())
    }
}
