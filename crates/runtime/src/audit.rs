//! Reading all that stands in a data directory, without changing anything: the journal's frames,
//! the snapshots, and whether replay says the same events and reaches the same states again.

use crate::recovery::replay_frame;
use crate::rules::{self, RULES_VERSION};
use outcry_engine::{Engine, EngineConfig};
use outcry_journal::disk::Disk;
use outcry_journal::{
    Finding, Folders, Frame, FrameKind, Manifest, NewestGood, Reader, SnapshotStore, StoreDamage,
    Verdict, VerifyReport, segments, verify,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Between two looks at a snapshot of which a file is missing.
const LOOK: Duration = Duration::from_millis(500);
/// How often that is done.
const LOOKS_MAX: u32 = 3;

/// What an audit saw.
#[derive(Debug, Clone)]
pub struct AuditReport {
    /// The worst of all that follows.
    pub verdict: Verdict,
    /// What was read of the journal's files.
    pub journal: VerifyReport,
    /// What is wrong beside: in snapshots, and where replay differs.
    pub findings: Vec<Finding>,
    /// Sequences of the snapshots whose state is whole.
    pub good_snapshots: Vec<u64>,
    /// Sequences of the snapshots that replay reached in the same state.
    pub reached_snapshots: Vec<u64>,
    /// The snapshot that replay began with; 0 when it began with the first command.
    pub replayed_from: u64,
    /// Commands replayed.
    pub replayed_commands: u64,
    /// The state behind the last of them.
    pub state_hash: Option<[u8; 32]>,
}

/// Reads the data directory whole. Takes no lock: beside a process that writes, what lies behind
/// the durable end is not judged. `progress` is told the sequence that replay has reached, and the
/// last one.
#[must_use]
pub fn audit(disk: &Arc<dyn Disk>, dir: &Path, progress: &mut dyn FnMut(u64, u64)) -> AuditReport {
    let structure = verify(disk, dir, 0);
    let snapshots = SnapshotStore::read_only(Arc::clone(disk), dir, structure.shard);
    let known_durable = snapshots.known_durable().unwrap_or(0);
    let journal = if known_durable > structure.durable_sequence {
        verify(disk, dir, known_durable)
    } else {
        structure
    };
    let mut audit = Audit {
        disk,
        dir,
        report: AuditReport {
            verdict: journal.verdict,
            journal,
            findings: Vec::new(),
            good_snapshots: Vec::new(),
            reached_snapshots: Vec::new(),
            replayed_from: 0,
            replayed_commands: 0,
            state_hash: None,
        },
    };
    if audit.report.verdict != Verdict::Unusable {
        let good = audit.check_snapshots(&snapshots);
        audit.replay(&snapshots, &good, progress);
    }
    audit.report
}

/// The engine that replays, and the rules that it obeys.
struct Replayed {
    config: EngineConfig,
    engine: Engine,
}

struct Audit<'a> {
    disk: &'a Arc<dyn Disk>,
    dir: &'a Path,
    report: AuditReport,
}

type Manifests = BTreeMap<u64, Manifest>;

impl Audit<'_> {
    fn find(&mut self, file: PathBuf, text: String) {
        self.report.verdict = self.report.verdict.max(Verdict::Damaged);
        self.report.findings.push(Finding {
            file,
            offset: 0,
            text,
        });
    }

    /// Reads every snapshot whole, and answers the manifests of the good ones.
    fn check_snapshots(&mut self, snapshots: &SnapshotStore) -> Manifests {
        let mut good = Manifests::new();
        let mut at_or_before = u64::MAX;
        let mut looks = 0;
        loop {
            let found = match snapshots.newest_good(at_or_before) {
                Ok(found) => found,
                Err(error) => {
                    self.find(self.dir.join("snapshots"), error.to_string());
                    break;
                }
            };
            if looks < LOOKS_MAX && is_in_parts(&found) {
                looks += 1;
                std::thread::sleep(LOOK);
                continue;
            }
            for passed in found.passed_over {
                self.find(passed.file, passed.why.to_string());
            }
            let Some(snapshot) = found.snapshot else {
                break;
            };
            let sequence = snapshot.manifest.sequence();
            good.insert(sequence, snapshot.manifest);
            if sequence == 0 {
                break;
            }
            at_or_before = sequence - 1;
        }
        self.report.good_snapshots = good.keys().copied().collect();
        good
    }

    /// Replays from the first command, or else from the oldest good snapshot, up to the last
    /// sequence that was read.
    fn replay(
        &mut self,
        snapshots: &SnapshotStore,
        good: &Manifests,
        progress: &mut dyn FnMut(u64, u64),
    ) {
        while let Err(why) = self.replay_once(snapshots, good, progress) {
            if !self.begins_later() {
                return self.find(self.dir.join("journal"), why);
            }
        }
    }

    /// Whether another process removed the journal's beginning since it was looked at, for it is
    /// not kept: then replay can begin behind that.
    fn begins_later(&mut self) -> bool {
        let journal = &mut self.report.journal;
        let found = segments(&**self.disk, &Folders::new(self.dir));
        let first = found
            .ok()
            .and_then(|found| Some(found.first()?.first_sequence));
        let before = journal.first_sequence;
        journal.first_sequence = first.unwrap_or(0).max(before);
        journal.first_sequence > before
    }

    fn replay_once(
        &mut self,
        snapshots: &SnapshotStore,
        good: &Manifests,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), String> {
        let last = self.report.journal.last_sequence;
        self.report.reached_snapshots.clear();
        (self.report.replayed_from, self.report.replayed_commands) = (0, 0);
        let (mut replayed, mut reader) = if self.report.journal.first_sequence <= 1 {
            let reader = Reader::open(Arc::clone(self.disk), self.dir, 1);
            (None, reader.map_err(|error| error.to_string())?)
        } else {
            self.begin_with_snapshot(snapshots, good)?
        };
        loop {
            let frame = match reader.next(last) {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(error) => return Err(format!("replay ends: {error}")),
            };
            apply(&mut replayed, &frame)?;
            let reached = frame.last_sequence();
            self.report.replayed_commands += u64::from(frame.header.count);
            if let (Some(replayed), Some(manifest)) = (&replayed, good.get(&reached)) {
                self.compare(&replayed.engine, manifest);
            }
            progress(reached, last);
        }
        self.report.state_hash = replayed.map(|replayed| replayed.engine.state_hash());
        Ok(())
    }

    fn begin_with_snapshot(
        &mut self,
        snapshots: &SnapshotStore,
        good: &Manifests,
    ) -> Result<(Option<Replayed>, Reader), String> {
        let first = self.report.journal.first_sequence;
        let mut usable = good.range(first - 1..);
        let (sequence, manifest, state) = loop {
            let Some((sequence, manifest)) = usable.next() else {
                return Err(format!(
                    "no good snapshot, and the journal begins at {first}"
                ));
            };
            let found = snapshots.newest_good(*sequence);
            let found = found.map_err(|error| error.to_string())?.snapshot;
            // One that is gone meanwhile is not kept, where a newer one is.
            if let Some(found) = found.filter(|found| found.manifest == *manifest) {
                break (sequence, manifest, found.state);
            }
        };
        let disk = Arc::clone(self.disk);
        let config = config_at(&disk, self.dir, manifest.position.segment)?;
        let engine = Engine::load(config, &state).map_err(|error| error.to_string())?;
        let reader = Reader::at(disk, self.dir, manifest.position);
        self.report.replayed_from = *sequence;
        let reader = reader.map_err(|error| error.to_string())?;
        Ok((Some(Replayed { config, engine }), reader))
    }

    fn compare(&mut self, engine: &Engine, manifest: &Manifest) {
        let sequence = manifest.sequence();
        if engine.state_hash() == manifest.state_hash {
            self.report.reached_snapshots.push(sequence);
        } else {
            let text = format!("snapshot {sequence}: replay reaches another state");
            self.find(self.dir.join("snapshots"), text);
        }
    }
}

/// Whether one of the two files of a snapshot is missing: who writes or removes one does so file by
/// file.
fn is_in_parts(found: &NewestGood) -> bool {
    let mut passed_over = found.passed_over.iter();
    passed_over.any(|passed| matches!(passed.why, StoreDamage::Missing(_)))
}

/// The configuration in the rules at the head of the segment that holds a sequence.
fn config_at(disk: &Arc<dyn Disk>, dir: &Path, sequence: u64) -> Result<EngineConfig, String> {
    let mut reader =
        Reader::open(Arc::clone(disk), dir, sequence).map_err(|error| error.to_string())?;
    while let Some(frame) = reader.next(u64::MAX).map_err(|error| error.to_string())? {
        if let Some(config) = config_of(&frame)? {
            return Ok(config);
        }
    }
    Err("no rules stand in the journal".to_owned())
}

/// The configuration that a frame of rules holds; `None` for another frame.
fn config_of(frame: &Frame<'_>) -> Result<Option<EngineConfig>, String> {
    if frame.kind() != FrameKind::Rules {
        return Ok(None);
    }
    let known = frame
        .rules()
        .filter(|rules| rules.version == RULES_VERSION)
        .and_then(|rules| rules::config_of(&rules, &EngineConfig::default()));
    match known {
        Some(config) => Ok(Some(config)),
        None => Err("rules_version: the journal has rules that this program does not know".into()),
    }
}

/// Replays a frame. The rules at the journal's head make the engine; where other rules begin, it
/// goes on from its state under those.
fn apply(replayed: &mut Option<Replayed>, frame: &Frame<'_>) -> Result<(), String> {
    if let Some(config) = config_of(frame)? {
        *replayed = Some(match replayed.take() {
            None => Replayed {
                config,
                engine: Engine::new(config),
            },
            Some(same) if same.config == config => same,
            Some(before) => Replayed {
                config,
                engine: under(config, &before.engine)?,
            },
        });
        return Ok(());
    }
    if frame.kind() != FrameKind::Commands {
        return Ok(());
    }
    let Some(Replayed { engine, .. }) = replayed else {
        return Err("commands stand before the rules".to_owned());
    };
    replay_frame(engine, frame).map_err(|error| error.to_string())
}

/// An engine in the same state under other rules: such begin with a snapshot of it, and so does
/// whoever opens the exchange.
fn under(config: EngineConfig, engine: &Engine) -> Result<Engine, String> {
    let mut state = Vec::new();
    engine.save(&mut |bytes| state.extend_from_slice(bytes));
    Engine::load(config, &state).map_err(|error| error.to_string())
}
