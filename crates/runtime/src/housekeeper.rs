//! The housekeeper: makes the journal's next segment ahead, archives segments behind a verified
//! snapshot, and removes what the retention says.
//!
//! It works a little at a time and rests in between, so that it takes no more than a part of a core
//! from those on the way of an order. What it cannot do stops nobody: the status says it, and it is
//! tried again later. Only a next segment that cannot be made halts.

use crate::options::Retention;
use crate::shared::{Shared, lock};
use crate::space::Watch;
use outcry_journal::{
    ArchiveJob, Folders, Projections, SegmentMaker, SnapshotStore, StoreError, Verified,
    archivable, retain_archives, retain_events, seal_event_segments, segments,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// The longest wait before it looks whether the exchange has stopped.
const LOOK: Duration = Duration::from_millis(200);
/// Between two looks at what there is to archive or to remove.
const ROUND: Duration = Duration::from_secs(2);
/// Behind a failure nothing is tried for so long.
const PAUSE: Duration = Duration::from_mins(1);
/// It rests so many times what a step of archiving took.
const REST: u32 = 3;

/// The housekeeper's own.
pub(crate) struct Housekeeper {
    shared: Arc<Shared>,
    folder: PathBuf,
    maker: SegmentMaker,
    watch: Watch,
    snapshots: SnapshotStore,
    /// The last snapshot that was read back whole.
    verified: Option<Verified>,
    job: Option<ArchiveJob>,
    next_round: Instant,
}

impl Housekeeper {
    pub(crate) fn new(
        shared: Arc<Shared>,
        folder: &Path,
        maker: SegmentMaker,
        watch: Watch,
        snapshots: SnapshotStore,
    ) -> Self {
        Self {
            shared,
            folder: folder.to_owned(),
            maker,
            watch,
            snapshots,
            verified: None,
            job: None,
            next_round: Instant::now() + ROUND,
        }
    }

    /// Works until the exchange halts or closes.
    pub(crate) fn work(mut self) {
        let mut rest = LOOK;
        while !self.is_over() {
            if self.maker.wait(rest) {
                if !self.watch.has_room_for_segment() {
                    // It is made when there is room; what is removed here makes some.
                    std::thread::sleep(LOOK);
                } else if let Err(halt) = self.maker.make() {
                    return self.shared.stop_by_journal(&halt);
                }
            }
            let start = Instant::now();
            // The follower begins with an old snapshot: until then none may be removed.
            let is_early = !self.shared.stages.following.load(Ordering::Acquire);
            if is_early || (start < self.next_round && self.job.is_none()) {
                rest = LOOK;
                continue;
            }
            if let Err(error) = self.go_on(start) {
                *lock(&self.shared.meters.housekeeping) = Some(error.to_string());
                self.job = None;
                self.next_round = start + PAUSE;
            }
            rest = if self.job.is_some() {
                start.elapsed() * REST
            } else {
                LOOK
            };
        }
    }

    fn is_over(&self) -> bool {
        self.shared.halt.is_set() || self.shared.stages.journal.load(Ordering::Acquire)
    }

    /// Does the next step of archiving, or a round of looking what there is to do.
    fn go_on(&mut self, now: Instant) -> Result<(), StoreError> {
        if let Some(job) = &mut self.job {
            if job.step()?.is_some() {
                self.job = None;
            }
            return Ok(());
        }
        self.next_round = now + ROUND;
        self.retain()?;
        if self.shared.options.retention.archives {
            self.begin_archiving()?;
        }
        *lock(&self.shared.meters.housekeeping) = None;
        Ok(())
    }

    /// Removes snapshots, events and archives that are not kept any more.
    fn retain(&self) -> Result<(), StoreError> {
        let Shared {
            options, meters, ..
        } = &*self.shared;
        let Retention {
            archive, events, ..
        } = options.retention;
        let generations = options.snapshots_kept as usize;
        let disk = &options.disk;
        let kept: Vec<u64> = self
            .segments()?
            .into_iter()
            .map(|(first, _)| first)
            .collect();
        self.snapshots.retain(generations, &kept)?;
        seal_event_segments(Arc::clone(disk), &self.folder)?;
        let now_ns = meters.time_ns.load(Ordering::Relaxed);
        let projections = Projections::open(Arc::clone(disk), &self.folder)?;
        let passed = projections.slowest()?.unwrap_or(u64::MAX);
        retain_events(Arc::clone(disk), &self.folder, &events, now_ns, passed)?;
        if let Some(verified) = &self.verified {
            let snapshots = (&self.snapshots, generations);
            let folder = &self.folder;
            retain_archives(
                &**disk,
                folder,
                &archive,
                snapshots,
                verified,
                &projections,
                now_ns,
            )?;
        }
        Ok(())
    }

    /// The first sequences of all segments, with whether each is archived.
    fn segments(&self) -> Result<Vec<(u64, bool)>, StoreError> {
        let folders = Folders::new(&self.folder);
        let found = segments(&*self.shared.options.disk, &folders);
        let found = found.map_err(|error| StoreError::Disk {
            what: "list",
            file: folders.journal(),
            error,
        })?;
        Ok(found
            .iter()
            .map(|segment| (segment.first_sequence, segment.archived))
            .collect())
    }

    /// Begins to archive the oldest segment that may be, behind a snapshot that reads back whole.
    fn begin_archiving(&mut self) -> Result<(), StoreError> {
        let keep_plain = self.shared.options.retention.plain_segments as usize;
        let plain = self
            .segments()?
            .iter()
            .filter(|(_, archived)| !archived)
            .count();
        // One is being written.
        if plain <= keep_plain + 1 {
            return Ok(());
        }
        if let Some(segment) = self.archivable(keep_plain)? {
            return self.begin_job(segment);
        }
        let newest = lock(&self.shared.meters.snapshot).0.sequence;
        let known = self
            .verified
            .as_ref()
            .map_or(0, |found| found.manifest().sequence());
        if newest > known {
            self.verified = Some(self.snapshots.verify(newest)?);
            if let Some(segment) = self.archivable(keep_plain)? {
                return self.begin_job(segment);
            }
        }
        Ok(())
    }

    fn archivable(&self, keep_plain: usize) -> Result<Option<u64>, StoreError> {
        let Some(verified) = &self.verified else {
            return Ok(None);
        };
        let disk = &*self.shared.options.disk;
        Ok(archivable(disk, &self.folder, verified, keep_plain)?
            .first()
            .copied())
    }

    fn begin_job(&mut self, segment: u64) -> Result<(), StoreError> {
        if let Some(verified) = &self.verified {
            let disk = Arc::clone(&self.shared.options.disk);
            self.job = Some(ArchiveJob::begin(disk, &self.folder, segment, verified)?);
        }
        Ok(())
    }
}
