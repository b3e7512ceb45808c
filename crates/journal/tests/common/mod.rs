//! A journal in memory, what was put into it, and what it answers.

#![allow(dead_code, reason = "each test uses its part")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use outcry_journal::disk::Disk;
use outcry_journal::disk_faults::FaultyDisk;
use outcry_journal::{
    Damage, DirectoryLock, FrameKind, FrameStamp, Halt, OpenError, Opening, Options, ReadError,
    Reader, Rules, Writer, open,
};

pub(crate) const SHARD: u32 = 3;

/// The data directory in memory.
pub(crate) fn data() -> &'static Path {
    Path::new("/data")
}

pub(crate) fn journal_file(name: &str) -> PathBuf {
    data().join("journal").join(name)
}

pub(crate) fn segment(first_sequence: u64) -> PathBuf {
    journal_file(&format!("{first_sequence:020}.journal"))
}

/// Small segments, so that a few commands fill several.
pub(crate) fn small() -> Options {
    Options {
        segment_bytes: 4096,
        ..Options::new(SHARD, rules(1))
    }
}

pub(crate) fn rules(version: u32) -> Rules {
    Rules {
        version,
        config: b"config".to_vec(),
    }
}

/// Numbers by a seed (`SplitMix64`).
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// What a command is in these tests: 64 bytes that only its sequence and a salt give.
pub(crate) fn command(sequence: u64, salt: u64) -> [u8; 64] {
    let mut seeded = Seeded(sequence ^ (salt << 40));
    let mut bytes = [0; 64];
    for word in bytes.chunks_mut(8) {
        word.copy_from_slice(&seeded.next().to_le_bytes());
    }
    bytes
}

/// The digest that these tests state after a command.
pub(crate) fn digest(sequence: u64, salt: u64) -> u64 {
    Seeded(sequence ^ (salt << 40) ^ 0xD16E).next()
}

/// Appends a frame of so many commands behind the last.
pub(crate) fn append(writer: &mut Writer, count: u32, salt: u64) -> Result<(), Halt> {
    let first_sequence = writer.next_sequence();
    let stamp = FrameStamp {
        first_sequence,
        count,
        time_ns: first_sequence * 10,
        digest: digest(first_sequence + u64::from(count) - 1, salt),
    };
    let room = writer.reserve(count as usize * 64)?;
    for (index, place) in room.chunks_mut(64).enumerate() {
        place.copy_from_slice(&command(first_sequence + index as u64, salt));
    }
    writer.seal(&stamp)
}

/// An open journal with its lock.
pub(crate) struct Opened {
    pub(crate) lock: DirectoryLock,
    pub(crate) writer: Writer,
    pub(crate) opening: Opening,
}

pub(crate) fn try_open(disk: &FaultyDisk, options: &Options) -> Result<Opened, OpenError> {
    let lock = DirectoryLock::take(disk, data()).map_err(|error| OpenError::Disk {
        file: data().to_owned(),
        error: std::io::Error::other(error.to_string()),
    })?;
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let (writer, opening) = open(shared, &lock, options)?;
    Ok(Opened {
        lock,
        writer,
        opening,
    })
}

pub(crate) fn open_small(disk: &FaultyDisk) -> Opened {
    try_open(disk, &small()).expect("the journal opens")
}

pub(crate) fn shared(disk: &FaultyDisk) -> Arc<dyn Disk> {
    Arc::new(disk.clone())
}

/// A command as it was read: its sequence, its bytes.
pub(crate) type Read = (u64, Vec<u8>);

/// All commands of a journal from a sequence on.
pub(crate) fn read_all(disk: &FaultyDisk, from: u64) -> Result<Vec<Read>, ReadError> {
    let mut reader = Reader::open(shared(disk), data(), from)?;
    let mut commands = Vec::new();
    while let Some(frame) = reader.next(u64::MAX)? {
        assert_eq!(frame.payload.as_ptr().addr() % 8, 0, "payloads are aligned");
        if frame.kind() == FrameKind::Commands {
            let first = frame.header.first_sequence;
            let bytes = frame.payload.chunks(64);
            commands.extend((first..).zip(bytes.map(<[u8]>::to_vec)));
        }
    }
    Ok(commands)
}

/// The commands from 1 to `last`, as [`append`] made them.
pub(crate) fn expected(last: u64, salt: u64) -> Vec<Read> {
    (1..=last)
        .map(|sequence| (sequence, command(sequence, salt).to_vec()))
        .collect()
}

/// The damage that an error names.
pub(crate) fn damage_of(error: &OpenError) -> Option<Damage> {
    match error {
        OpenError::Damaged { why, .. } => Some(*why),
        _ => None,
    }
}
