//! The journal thread: writes what has gathered, syncs once, and says what is durable.

use crate::failpoint;
use crate::run::Frame;
use crate::shared::Shared;
use crate::spsc::{Reader, Writer};
use outcry_journal::Halt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Bytes behind which a group is written even if more is there.
const GROUP_BYTES: usize = 8 << 20;

/// The journal thread's own.
pub(crate) struct Journal {
    shared: Arc<Shared>,
    writer: outcry_journal::Writer,
    frames: Reader<Box<Frame>>,
    used_frames: Writer<Box<Frame>>,
    fsyncs: u64,
}

impl Journal {
    pub(crate) fn new(
        shared: Arc<Shared>,
        writer: outcry_journal::Writer,
        frames: Reader<Box<Frame>>,
        used_frames: Writer<Box<Frame>>,
    ) -> Self {
        let fsyncs = writer.statistics().syncs;
        Self {
            shared,
            writer,
            frames,
            used_frames,
            fsyncs,
        }
    }

    /// Works until the exchange halts or closes.
    pub(crate) fn work(mut self) {
        let shared = Arc::clone(&self.shared);
        let halt = loop {
            if shared.halt.is_set() {
                return;
            }
            let core_done = shared.stages.core.load(Ordering::Acquire);
            match self.write_group() {
                Err(halt) => break halt,
                Ok(true) => {}
                Ok(false) if core_done => {
                    failpoint::pass("close.before_seal");
                    if let Err(halt) = self.writer.close() {
                        break halt;
                    }
                    shared.stages.journal.store(true, Ordering::Release);
                    return shared.wake_all();
                }
                Ok(false) => self.sleep(),
            }
        };
        shared.stop_by_journal(&halt);
    }

    fn sleep(&mut self) {
        let Self {
            shared,
            frames,
            writer,
            ..
        } = self;
        shared.idle(&shared.journal, writer.sync_in(), || {
            frames.has_value() || shared.stages.core.load(Ordering::Acquire)
        });
    }

    /// Makes one group of what is there durable; answers whether there was anything.
    fn write_group(&mut self) -> Result<bool, Halt> {
        let mut has_frames = false;
        while self.writer.gathered_bytes() < GROUP_BYTES
            && let Some(frame) = self.frames.pop()
        {
            self.writer.append(frame.bytes(), frame.stamp())?;
            has_frames = true;
            // A ring full of used ones needs no more.
            let _ = self.used_frames.push(frame);
        }
        if !has_frames && self.writer.sync_in().is_none_or(|left| !left.is_zero()) {
            return Ok(false);
        }
        failpoint::pass("journal.before_commit");
        self.writer.commit()?;
        failpoint::pass("journal.after_commit");
        self.note_statistics();
        self.shared.events.wake();
        self.shared.follower.wake();
        failpoint::pass("journal.after_wake");
        Ok(true)
    }

    fn note_statistics(&mut self) {
        let statistics = self.writer.statistics();
        let meters = &self.shared.meters;
        meters
            .journal_bytes
            .store(statistics.bytes, Ordering::Relaxed);
        if statistics.syncs != self.fsyncs {
            self.fsyncs = statistics.syncs;
            meters.note_fsync(statistics.last_sync_ns);
        }
    }
}
