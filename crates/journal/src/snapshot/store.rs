//! The folder of snapshots: finding the newest good one, and keeping those that are needed.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::manifest::{MANIFEST_BYTES, Manifest, SNAPSHOT_HEAD_BYTES, SnapshotHead};
use super::writer::{SNAPSHOT_PIECE_BYTES_MAX, SnapshotPoint, SnapshotWriter};
use crate::disk::{Disk, DiskFile, OpenMode, read_full};
use crate::folders::numbered;
use crate::store::{
    HeadError, OnFile, StoreDamage, StoreError, make_folder, read_head, remove_if_there,
    remove_temporaries,
};

const SNAPSHOT_SUFFIX: &str = ".snapshot";
const MANIFEST_SUFFIX: &str = ".manifest";

/// The snapshots of a data directory.
#[derive(Clone)]
pub struct SnapshotStore {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    shard: u32,
}

/// A snapshot that was read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// What it is of.
    pub manifest: Manifest,
    /// The bytes to load the engine from.
    pub state: Vec<u8>,
}

/// A snapshot that is there and cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// The sequence in its name.
    pub sequence: u64,
    /// The file with the damage.
    pub file: PathBuf,
    /// What is wrong.
    pub why: StoreDamage,
}

impl fmt::Display for PassedOver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, why) = (self.file.display(), &self.why);
        write!(
            formatter,
            "snapshot {} is passed over: {file}: {why}",
            self.sequence
        )
    }
}

/// The newest good snapshot, and those newer ones that are not good.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewestGood {
    /// The snapshot, if there is one.
    pub snapshot: Option<Snapshot>,
    /// What was passed over on the way, newest first.
    pub passed_over: Vec<PassedOver>,
}

/// The proof that a snapshot was read back whole from the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified(Manifest);

impl Verified {
    /// What the snapshot is of.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.0
    }
}

impl SnapshotStore {
    /// The snapshots in a data directory, whose lock this process holds. Makes the folder, and
    /// removes what was left half written.
    ///
    /// # Errors
    /// The disk's.
    pub fn open(disk: Arc<dyn Disk>, dir: &Path, shard: u32) -> Result<Self, StoreError> {
        let store = Self::read_only(disk, dir, shard);
        make_folder(&*store.disk, &store.folder)?;
        remove_temporaries(&*store.disk, &store.folder)?;
        Ok(store)
    }

    /// The snapshots in a data directory, to read them only; nothing on the disk is touched.
    #[must_use]
    pub fn read_only(disk: Arc<dyn Disk>, dir: &Path, shard: u32) -> Self {
        Self {
            disk,
            folder: dir.join("snapshots"),
            shard,
        }
    }

    /// Begins a snapshot. One of the same sequence is replaced when this one is finished.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a position before the journal's beginning, or the disk's.
    pub fn begin(&self, point: &SnapshotPoint) -> Result<SnapshotWriter, StoreError> {
        let link = &point.position.link;
        if link.sequence == 0 || link.epoch == 0 {
            return Err(StoreError::Refused {
                field: "position",
                why: "sequence and epoch begin at 1".to_owned(),
            });
        }
        let paths = self.paths(link.sequence - 1);
        SnapshotWriter::begin(Arc::clone(&self.disk), paths, self.shard, point)
    }

    /// Reads the newest good snapshot of this sequence or an earlier one; `u64::MAX` for the newest
    /// of all. Damaged ones are passed over and told.
    ///
    /// # Errors
    /// [`StoreError::Newer`] and [`StoreError::OtherShard`] of a snapshot that is not damaged but
    /// not for this program or shard; the disk's if the folder cannot be read.
    pub fn newest_good(&self, at_or_before: u64) -> Result<NewestGood, StoreError> {
        let mut found = NewestGood::default();
        let sequences = self.sequences()?;
        for sequence in sequences
            .into_iter()
            .rev()
            .filter(|sequence| *sequence <= at_or_before)
        {
            let mut state = Vec::new();
            let kept = self.read(sequence, |manifest, piece| {
                // The file was found to have this length, so the room is not a stranger's wish.
                state.reserve_exact(manifest.state_bytes as usize - state.len());
                state.extend_from_slice(piece);
            });
            match kept {
                Ok(manifest) => {
                    found.snapshot = Some(Snapshot { manifest, state });
                    break;
                }
                Err(error) => found.passed_over.push(passed_over(sequence, error)?),
            }
        }
        Ok(found)
    }

    /// The manifests that can be read, newest first; their states are not looked at.
    ///
    /// # Errors
    /// As [`Self::newest_good`].
    pub fn manifests(&self) -> Result<Vec<Manifest>, StoreError> {
        let mut manifests = Vec::new();
        for sequence in self.sequences()?.into_iter().rev() {
            match self.read_manifest(sequence) {
                Ok(manifest) => manifests.push(manifest),
                Err(error) => drop(passed_over(sequence, error)?),
            }
        }
        Ok(manifests)
    }

    /// The greatest sequence that a manifest says was durable in the journal; 0 if none does.
    ///
    /// # Errors
    /// As [`Self::manifests`].
    pub fn known_durable(&self) -> Result<u64, StoreError> {
        let manifests = self.manifests()?;
        let durable = manifests
            .iter()
            .map(|manifest| manifest.durable_sequence.min(manifest.sequence()));
        Ok(durable.max().unwrap_or(0))
    }

    /// Reads a snapshot back from the disk.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if it is not good, [`StoreError::Missing`] if it is not there.
    pub fn verify(&self, sequence: u64) -> Result<Verified, StoreError> {
        if !self.sequences()?.contains(&sequence) {
            let file = self.folder.clone();
            return Err(StoreError::Missing { file, sequence });
        }
        self.read(sequence, |_, _| ()).map(Verified)
    }

    /// Removes the snapshots that are not needed: kept are the newest `generations`, and within
    /// each kept segment of the journal (named by its first sequence, sorted) the oldest, so that
    /// any part can be replayed. Answers the sequences of the removed.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for no generations, or the disk's.
    pub fn retain(&self, generations: usize, segments: &[u64]) -> Result<Vec<u64>, StoreError> {
        if generations == 0 {
            return Err(StoreError::Refused {
                field: "generations",
                why: "at least 1 is kept".to_owned(),
            });
        }
        let whole: BTreeSet<u64> = self.whole_sequences()?;
        let newest: BTreeSet<u64> = whole.iter().rev().take(generations).copied().collect();
        let Some(oldest_of_newest) = newest.first().copied() else {
            return Ok(Vec::new());
        };
        let mut kept = newest;
        for (index, first) in segments.iter().enumerate() {
            let end = segments.get(index + 1).copied().unwrap_or(u64::MAX);
            // A snapshot at the end of a segment goes on in the next one.
            kept.extend(whole.range(first - 1..end.saturating_sub(1)).next());
        }
        // What is not whole may be of use to a person, so it stays as long as the newest do.
        let sequences = self.sequences()?;
        let removable = sequences.range(..oldest_of_newest);
        let removed: Vec<u64> = removable
            .filter(|found| !kept.contains(found))
            .copied()
            .collect();
        self.remove(&removed)?;
        Ok(removed)
    }

    /// Removes the snapshots behind a sequence, which the journal no longer reaches after a repair.
    ///
    /// # Errors
    /// The disk's.
    pub fn remove_after(&self, sequence: u64) -> Result<Vec<u64>, StoreError> {
        let sequences = self.sequences()?;
        let removed: Vec<u64> = sequences
            .into_iter()
            .filter(|found| *found > sequence)
            .collect();
        self.remove(&removed)?;
        Ok(removed)
    }

    /// The manifest goes first: a state without one counts for nothing.
    fn remove(&self, sequences: &[u64]) -> Result<(), StoreError> {
        if sequences.is_empty() {
            return Ok(());
        }
        for sequence in sequences {
            remove_if_there(&*self.disk, &self.paths(*sequence).1)?;
        }
        self.disk.sync_dir(&self.folder).on("sync", &self.folder)?;
        for sequence in sequences {
            remove_if_there(&*self.disk, &self.paths(*sequence).0)?;
        }
        Ok(())
    }

    /// The sequences of which there is a state or a manifest.
    fn sequences(&self) -> Result<BTreeSet<u64>, StoreError> {
        let list = |suffix| numbered(&*self.disk, &self.folder, suffix).on("list", &self.folder);
        let mut sequences: BTreeSet<u64> = list(SNAPSHOT_SUFFIX)?.into_iter().collect();
        sequences.extend(list(MANIFEST_SUFFIX)?);
        Ok(sequences)
    }

    /// The sequences whose manifest can be read and whose state has the right length.
    fn whole_sequences(&self) -> Result<BTreeSet<u64>, StoreError> {
        let mut whole = BTreeSet::new();
        for manifest in self.manifests()? {
            let length = self.disk.length(&self.paths(manifest.sequence()).0);
            let stated = SNAPSHOT_HEAD_BYTES as u64 + manifest.state_bytes;
            if length.is_ok_and(|length| length == stated) {
                whole.insert(manifest.sequence());
            }
        }
        Ok(whole)
    }

    fn read_manifest(&self, sequence: u64) -> Result<Manifest, StoreError> {
        let path = self.paths(sequence).1;
        let file = self.open_part(&path, "the manifest")?;
        let mut bytes = [0; MANIFEST_BYTES + 1];
        let count = read_full(&*file, &mut bytes, 0).on("read", &path)?;
        let manifest = Manifest::read(&bytes[..count]).map_err(|error| error.on(&path))?;
        self.check_shard(&path, manifest.shard)?;
        let named = manifest.sequence();
        let damage = if count > MANIFEST_BYTES {
            let (found, stated) = (count as u64, MANIFEST_BYTES as u64);
            Some(StoreDamage::Long { found, stated })
        } else if named == sequence {
            None
        } else {
            let (named, found) = (sequence, named);
            Some(StoreDamage::Name { named, found })
        };
        damage.map_or(Ok(manifest), |why| Err(HeadError::from(why).on(&path)))
    }

    /// Reads a snapshot piece by piece, and checks that it is what its manifest says.
    fn read(
        &self,
        sequence: u64,
        mut piece: impl FnMut(&Manifest, &[u8]),
    ) -> Result<Manifest, StoreError> {
        let manifest = self.read_manifest(sequence)?;
        let path = self.paths(sequence).0;
        let file = self.open_part(&path, "the state")?;
        self.check_head(&*file, &path, &manifest)?;
        let mut left = manifest.state_bytes;
        let mut offset = SNAPSHOT_HEAD_BYTES as u64;
        let mut buffer = vec![0; left.min(SNAPSHOT_PIECE_BYTES_MAX as u64) as usize];
        let (mut crc, mut hash) = (0, Sha256::new());
        while left > 0 {
            let wanted = left.min(buffer.len() as u64) as usize;
            let count = read_full(&*file, &mut buffer[..wanted], offset).on("read", &path)?;
            let bytes = &buffer[..count];
            crc = crc32c::crc32c_append(crc, bytes);
            hash.update(bytes);
            piece(&manifest, bytes);
            left -= count as u64;
            offset += count as u64;
            if count < wanted {
                break;
            }
        }
        let why = if left > 0 || crc != manifest.state_crc {
            StoreDamage::StateCrc
        } else if <[u8; 32]>::from(hash.finalize()) != manifest.state_hash {
            StoreDamage::StateHash
        } else {
            return Ok(manifest);
        };
        let offset = SNAPSHOT_HEAD_BYTES as u64;
        let file = path;
        Err(StoreError::Damaged { file, offset, why })
    }

    fn check_head(
        &self,
        file: &dyn DiskFile,
        path: &Path,
        manifest: &Manifest,
    ) -> Result<(), StoreError> {
        let mut bytes = [0; SNAPSHOT_HEAD_BYTES];
        let count = read_full(file, &mut bytes, 0).on("read", path)?;
        let head: SnapshotHead = read_head(&bytes[..count]).map_err(|error| error.on(path))?;
        self.check_shard(path, head.shard)?;
        let stated = SNAPSHOT_HEAD_BYTES as u64 + manifest.state_bytes;
        let found = file.len().on("read", path)?;
        let why = if head.sequence != manifest.sequence() {
            let (named, found) = (manifest.sequence(), head.sequence);
            StoreDamage::Name { named, found }
        } else if found < stated {
            let needed = stated;
            StoreDamage::Short { found, needed }
        } else if found > stated {
            StoreDamage::Long { found, stated }
        } else {
            return Ok(());
        };
        Err(HeadError::from(why).on(path))
    }

    fn check_shard(&self, path: &Path, found: u32) -> Result<(), StoreError> {
        let (file, shard) = (path.to_owned(), self.shard);
        if found == shard {
            return Ok(());
        }
        Err(StoreError::OtherShard { file, shard, found })
    }

    /// Opens the state or the manifest; without the one the other is damaged.
    fn open_part(&self, path: &Path, part: &'static str) -> Result<Box<dyn DiskFile>, StoreError> {
        match self.disk.open(path, OpenMode::Read) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(HeadError::from(StoreDamage::Missing(part)).on(path))
            }
            opened => opened.on("open", path),
        }
    }

    /// The files of state and manifest.
    fn paths(&self, sequence: u64) -> (PathBuf, PathBuf) {
        let named = |suffix| self.folder.join(format!("{sequence:020}{suffix}"));
        (named(SNAPSHOT_SUFFIX), named(MANIFEST_SUFFIX))
    }
}

/// What is told of a snapshot that cannot be used. A newer format or another shard is no damage: it
/// is refused.
fn passed_over(sequence: u64, error: StoreError) -> Result<PassedOver, StoreError> {
    let (file, why) = match error {
        StoreError::Damaged { file, why, .. } => (file, why),
        StoreError::Disk { file, error, .. } => (file, StoreDamage::Unreadable(error.kind())),
        other => return Err(other),
    };
    Ok(PassedOver {
        sequence,
        file,
        why,
    })
}
