//! The writer: frames gather in a group, a commit writes and syncs the group, replies follow.

use std::sync::Arc;
use std::time::{Duration, Instant};

use zerocopy::IntoBytes;

use crate::disk::{Disk, DiskFile, write_full};
use crate::folders::Folders;
use crate::format::{
    DurableMark, FrameHeader, FrameKind, HEADER_BYTES, PAYLOAD_BYTES_MAX, PAYLOAD_UNIT_BYTES,
    SegmentHeader,
};
use crate::frame::{Link, close};
use crate::group::Group;
use crate::halt::{Halt, HaltReason};
use crate::options::{Durability, check_rules};
use crate::progress::Progress;
use crate::rules::Rules;
use crate::segment::{Segment, begin};
use crate::segment_maker::SegmentMaker;

/// What the maker of a frame says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameStamp {
    /// The sequence of the first command, which is [`Writer::next_sequence`].
    pub first_sequence: u64,
    /// Commands, at least one.
    pub count: u32,
    /// Engine time after the frame, ns.
    pub time_ns: u64,
    /// The digest of the engine's events after the frame.
    pub digest: u64,
}

/// What the writer has done since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WriterStatistics {
    /// Frames.
    pub frames: u64,
    /// Writes of gathered frames.
    pub writes: u64,
    /// Bytes of those writes.
    pub bytes: u64,
    /// Syncs of segments.
    pub syncs: u64,
    /// How long the last of them took, ns.
    pub last_sync_ns: u64,
    /// Segments begun.
    pub segments: u64,
}

/// The one writer of a journal. After a [`Halt`] every call answers that same halt.
pub struct Writer {
    disk: Arc<dyn Disk>,
    folders: Folders,
    shard: u32,
    durability: Durability,
    maker: SegmentMaker,
    mark: Box<dyn DiskFile>,
    segment: Segment,
    group: Group,
    link: Link,
    rules: Rules,
    time_ns: u64,
    digest: u64,
    progress: Arc<Progress>,
    unsynced_since: Option<Instant>,
    /// As [`WriterStatistics::bytes`] at the last commit.
    committed_bytes: u64,
    statistics: WriterStatistics,
    halted: Option<Halt>,
}

/// Where an opened journal goes on.
pub(crate) struct Start {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) folders: Folders,
    pub(crate) shard: u32,
    pub(crate) durability: Durability,
    pub(crate) maker: SegmentMaker,
    pub(crate) mark: Box<dyn DiskFile>,
    pub(crate) segment: Segment,
    pub(crate) link: Link,
    pub(crate) rules: Rules,
    pub(crate) time_ns: u64,
    pub(crate) digest: u64,
}

impl Writer {
    pub(crate) fn new(start: Start) -> Self {
        Self {
            progress: Arc::new(Progress::new(start.link.sequence - 1)),
            disk: start.disk,
            folders: start.folders,
            shard: start.shard,
            durability: start.durability,
            maker: start.maker,
            mark: start.mark,
            segment: start.segment,
            group: Group::new(),
            link: start.link,
            rules: start.rules,
            time_ns: start.time_ns,
            digest: start.digest,
            unsynced_since: None,
            committed_bytes: 0,
            statistics: WriterStatistics::default(),
            halted: None,
        }
    }

    /// The sequence that the next command gets.
    #[must_use]
    pub const fn next_sequence(&self) -> u64 {
        self.link.sequence
    }

    /// The epoch.
    #[must_use]
    pub const fn epoch(&self) -> u32 {
        self.link.epoch
    }

    /// The rules of the epoch.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// When what is written is synced.
    #[must_use]
    pub const fn durability(&self) -> Durability {
        self.durability
    }

    /// How far the journal is, for other threads.
    #[must_use]
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// What makes segments ahead, for another thread.
    #[must_use]
    pub fn segment_maker(&self) -> SegmentMaker {
        self.maker.clone()
    }

    /// What was done since the opening.
    #[must_use]
    pub const fn statistics(&self) -> WriterStatistics {
        self.statistics
    }

    /// Bytes that wait for the next commit.
    #[must_use]
    pub const fn gathered_bytes(&self) -> usize {
        self.group.used() + (self.statistics.bytes - self.committed_bytes) as usize
    }

    /// The most bytes of a payload: [`PAYLOAD_BYTES_MAX`], less if the segments are small.
    #[must_use]
    pub fn payload_bytes_max(&self) -> usize {
        // The heads of the segment, its rules, the frame and the seal.
        let heads = 4 * HEADER_BYTES + self.rules.payload_bytes();
        let room = (self.maker.segment_bytes() as usize).saturating_sub(heads);
        PAYLOAD_BYTES_MAX.min(room - room % PAYLOAD_UNIT_BYTES)
    }

    /// Room for the payload of the next frame, at an address divisible by eight. A second call
    /// before [`Self::seal`] takes the first one back. What gathered so far is written out if the
    /// frame has no room beside it.
    ///
    /// # Errors
    /// [`Halt`].
    ///
    /// # Panics
    /// If the bytes are no multiple of [`PAYLOAD_UNIT_BYTES`] from there to
    /// [`Self::payload_bytes_max`].
    pub fn reserve(&mut self, bytes: usize) -> Result<&mut [u8], Halt> {
        assert!(
            (1..=self.payload_bytes_max()).contains(&bytes)
                && bytes.is_multiple_of(PAYLOAD_UNIT_BYTES),
            "payload: {bytes} bytes is not a multiple of {PAYLOAD_UNIT_BYTES} up to {}",
            self.payload_bytes_max()
        );
        self.go_on()?;
        self.make_room(bytes)?;
        Ok(self.group.payload())
    }

    /// Closes the reserved room into a frame of the group.
    ///
    /// # Errors
    /// [`Halt`].
    ///
    /// # Panics
    /// If nothing was reserved, if the stamp is not that of the next sequence, or if its count
    /// cannot be that of the payload.
    pub fn seal(&mut self, stamp: &FrameStamp) -> Result<(), Halt> {
        self.go_on()?;
        let units = self.group.payload().len() / PAYLOAD_UNIT_BYTES;
        assert_eq!(
            stamp.first_sequence, self.link.sequence,
            "the next sequence"
        );
        assert!(
            (1..=units).contains(&(stamp.count as usize)),
            "count: {} commands in {units} units",
            stamp.count
        );
        (self.time_ns, self.digest) = (stamp.time_ns, stamp.digest);
        self.close_frame(FrameKind::Commands, stamp.count);
        Ok(())
    }

    /// Copies a payload into a frame of the group.
    ///
    /// # Errors
    /// [`Halt`].
    ///
    /// # Panics
    /// As [`Self::reserve`] and [`Self::seal`].
    pub fn append(&mut self, payload: &[u8], stamp: &FrameStamp) -> Result<(), Halt> {
        self.reserve(payload.len())?.copy_from_slice(payload);
        self.seal(stamp)
    }

    /// Writes what gathered, syncs it if [`Durability`] says so, and answers the last sequence
    /// that replies may show, which is then in [`Progress`] too.
    ///
    /// # Errors
    /// [`Halt`]: none of what gathered may be acknowledged.
    pub fn commit(&mut self) -> Result<u64, Halt> {
        self.go_on()?;
        self.write_group()?;
        let due = match self.durability {
            Durability::Sync => self.unsynced_since.is_some(),
            Durability::Interval(_) => self.sync_in() == Some(Duration::ZERO),
            Durability::None => false,
        };
        if due {
            self.sync()?;
        }
        self.committed_bytes = self.statistics.bytes;
        let released = self.link.sequence - 1;
        self.progress.release(released);
        Ok(released)
    }

    /// In how long [`Self::commit`] must be called though nothing came, for something waits to be
    /// synced; `None` if nothing does.
    #[must_use]
    pub fn sync_in(&self) -> Option<Duration> {
        let Durability::Interval(interval) = self.durability else {
            return None;
        };
        let since = self.unsynced_since?;
        Some(interval.saturating_sub(since.elapsed()))
    }

    /// Begins the next epoch under these rules, durably.
    ///
    /// # Errors
    /// [`Halt`].
    ///
    /// # Panics
    /// If the configuration is longer than [`crate::CONFIG_BYTES_MAX`].
    pub fn open_next_epoch(&mut self, rules: &Rules) -> Result<u32, Halt> {
        assert_eq!(check_rules(rules), Ok(()), "rules keep their bounds");
        self.go_on()?;
        self.make_room(rules.payload_bytes())?;
        self.link.epoch += 1;
        self.put_rules(rules.clone());
        self.commit_durably()?;
        Ok(self.link.epoch)
    }

    /// Writes and syncs what is left, whatever the [`Durability`].
    ///
    /// # Errors
    /// [`Halt`].
    pub fn close(mut self) -> Result<(), Halt> {
        self.commit_durably()
    }

    /// Writes the rules with which each segment begins, if they are not there yet.
    pub(crate) fn begin_segment(&mut self) {
        if self.link.at_start {
            self.group.reserve(self.rules.payload_bytes());
            self.put_rules(self.rules.clone());
        }
    }

    /// Goes on in a new segment, behind one that is sealed.
    pub(crate) fn enter_next_segment(&mut self) -> Result<(), Halt> {
        let begun = begin(
            &*self.disk,
            &self.folders,
            &self.maker,
            &self.header(),
            self.durability != Durability::None,
        );
        self.segment = begun.map_err(|halt| self.halt(halt))?;
        self.statistics.segments += 1;
        self.link.at_start = true;
        self.begin_segment();
        Ok(())
    }

    /// The head of a segment that begins here.
    fn header(&self) -> SegmentHeader {
        let Link {
            crc,
            sequence,
            epoch,
            ..
        } = self.link;
        SegmentHeader::new(self.shard, epoch, self.rules.version, sequence, crc)
    }

    /// As [`Self::commit`], and synced whatever the [`Durability`].
    pub(crate) fn commit_durably(&mut self) -> Result<(), Halt> {
        self.commit()?;
        if self.unsynced_since.is_some() {
            self.sync()?;
        }
        Ok(())
    }

    fn go_on(&self) -> Result<(), Halt> {
        self.halted.clone().map_or(Ok(()), Err)
    }

    /// Remembers the halt, so that nothing is tried again.
    fn halt(&mut self, halt: Halt) -> Halt {
        self.halted.get_or_insert(halt).clone()
    }

    /// Reserves a payload in the group, behind a new segment or a write if it must be. Behind every
    /// frame there is room left for a seal, in the segment and in the group.
    fn make_room(&mut self, bytes: usize) -> Result<(), Halt> {
        let frame = HEADER_BYTES + bytes;
        let end = self.segment.written + (self.group.used() + frame + HEADER_BYTES) as u64;
        if end > self.segment.capacity {
            self.roll()?;
        }
        if !self.group.has_room(frame + HEADER_BYTES) {
            self.write_group()?;
        }
        self.group.reserve(bytes);
        Ok(())
    }

    /// Seals the segment and begins the next. What the old one holds is durable before the new one
    /// has its name, so a segment that follows another proves it whole.
    fn roll(&mut self) -> Result<(), Halt> {
        if self.segment.first_sequence == self.link.sequence {
            let detail = format!("segment {}: full without a command", self.link.sequence);
            let reason = HaltReason::SegmentFailed;
            return Err(self.halt(Halt { reason, detail }));
        }
        self.group.reserve(0);
        self.close_frame(FrameKind::Seal, 0);
        self.write_group()?;
        if self.durability != Durability::None {
            self.sync()?;
        }
        self.enter_next_segment()
    }

    fn put_rules(&mut self, rules: Rules) {
        rules.write(self.group.payload());
        self.close_frame(FrameKind::Rules, 0);
        self.rules = rules;
    }

    /// Makes a frame of the group of what was reserved.
    fn close_frame(&mut self, kind: FrameKind, count: u32) {
        let header = FrameHeader {
            length: 0,
            crc: 0,
            first_sequence: self.link.sequence,
            time_ns: self.time_ns,
            digest: self.digest,
            durable_sequence: self.progress.durable(),
            epoch: self.link.epoch,
            count,
            kind: kind as u8,
            version: 0,
            reserved: [0; 14],
        };
        self.link = Link {
            crc: close(self.group.close(), header, self.link.crc),
            sequence: self.link.sequence + u64::from(count),
            epoch: self.link.epoch,
            at_start: false,
        };
        self.statistics.frames += 1;
    }

    /// Writes what gathered in one write at its place.
    fn write_group(&mut self) -> Result<(), Halt> {
        let bytes = self.group.bytes();
        if bytes.is_empty() {
            return Ok(());
        }
        let (offset, count) = (self.segment.written, bytes.len() as u64);
        assert!(
            offset + count <= self.segment.capacity,
            "a segment keeps its size"
        );
        if let Err(error) = write_full(&*self.segment.file, bytes, offset) {
            let what = format!("write segment {}", self.segment.first_sequence);
            return Err(self.halt(Halt::from_io(HaltReason::WriteFailed, &what, &error)));
        }
        self.group.clear();
        self.segment.written += count;
        self.statistics.writes += 1;
        self.statistics.bytes += count;
        self.unsynced_since.get_or_insert_with(Instant::now);
        Ok(())
    }

    /// Syncs what was written, tells the other threads, and leaves the mark.
    fn sync(&mut self) -> Result<(), Halt> {
        assert!(self.group.bytes().is_empty(), "what is synced was written");
        let begun = Instant::now();
        if let Err(error) = self.segment.file.sync_data() {
            let what = format!("sync segment {}", self.segment.first_sequence);
            let halt = Halt::from_io(HaltReason::SyncFailed, &what, &error);
            return Err(self.halt(halt));
        }
        self.statistics.syncs += 1;
        self.statistics.last_sync_ns = begun.elapsed().as_nanos() as u64;
        self.unsynced_since = None;
        self.progress.make_durable(self.link.sequence - 1);
        self.leave_mark()
    }

    /// Writes the durable mark over the one before.
    pub(crate) fn leave_mark(&mut self) -> Result<(), Halt> {
        let Link {
            crc,
            sequence,
            epoch,
            ..
        } = self.link;
        let (segment, offset) = (self.segment.first_sequence, self.segment.written);
        let mark = DurableMark::new(epoch, segment, offset, sequence - 1, crc);
        write_full(&*self.mark, mark.as_bytes(), 0).map_err(|error| {
            let what = "write journal/durable";
            self.halt(Halt::from_io(HaltReason::WriteFailed, what, &error))
        })
    }
}
