//! A ring for one writer and one reader.

use outcry_engine::EventSink;
use outcry_protocol::EventRecord;
use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Its own cache lines, so that writer and reader do not pull at each other's counters.
#[repr(align(128))]
struct Line<T>(T);

struct Shared {
    slots: Box<[UnsafeCell<EventRecord>]>,
    /// Records that the reader may read; written by the writer only.
    written: Line<AtomicUsize>,
    /// Records that the reader is done with; written by the reader only.
    read: Line<AtomicUsize>,
    closed: Line<AtomicBool>,
}

// SAFETY: a slot is written only while it is between `written` and `read + capacity`, by the one
// writer, and read only while it is between `read` and `written`, by the one reader.
unsafe impl Sync for Shared {}

/// The writing end.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    /// Records written, published or not.
    written: usize,
    /// Where the reader was when it was last asked.
    read: usize,
    publish_every: usize,
    next_publish: usize,
}

/// The reading end.
pub(crate) struct Reader {
    shared: Arc<Shared>,
    read: usize,
}

/// How far ahead a slot's cache line is asked for, for writing.
const AHEAD: usize = 24;

/// A ring of `capacity` records (a power of two), published every `publish_every` records.
pub(crate) fn ring(capacity: usize, publish_every: usize) -> (Writer, Reader) {
    assert!(
        capacity.is_power_of_two(),
        "a ring's capacity is a power of two"
    );
    assert!(
        publish_every <= capacity / 2,
        "a ring is published before it is full"
    );
    let blank = EventRecord::pass(u64::MAX, 1, 1, 1);
    let slots: Box<[_]> = (0..capacity).map(|_| UnsafeCell::new(blank)).collect();
    let shared = Arc::new(Shared {
        slots,
        written: Line(AtomicUsize::new(0)),
        read: Line(AtomicUsize::new(0)),
        closed: Line(AtomicBool::new(false)),
    });
    let writer = Writer {
        shared: Arc::clone(&shared),
        written: 0,
        read: 0,
        publish_every,
        next_publish: publish_every,
    };
    (writer, Reader { shared, read: 0 })
}

impl Writer {
    /// Lets the reader see all that was written.
    #[inline]
    pub(crate) fn publish(&mut self) {
        self.shared.written.0.store(self.written, Ordering::Release);
        self.next_publish = self.written + self.publish_every;
    }

    /// Publishes and says that nothing more comes.
    pub(crate) fn close(mut self) {
        self.publish();
        self.shared.closed.0.store(true, Ordering::Release);
    }

    #[cold]
    fn wait_for_room(&mut self) {
        self.publish();
        let capacity = self.shared.slots.len();
        loop {
            self.read = self.shared.read.0.load(Ordering::Acquire);
            if self.written - self.read < capacity {
                return;
            }
            std::hint::spin_loop();
        }
    }
}

impl EventSink for Writer {
    #[inline(always)]
    fn push(&mut self, record: &EventRecord) {
        let capacity = self.shared.slots.len();
        if self.written - self.read >= capacity {
            self.wait_for_room();
        }
        let slot = self.shared.slots[self.written & (capacity - 1)].get();
        // SAFETY: the slot is free: fewer than `capacity` records are unread.
        unsafe { slot.write(*record) };
        prefetch_for_write(slot.wrapping_add(AHEAD));
        self.written += 1;
        if self.written >= self.next_publish {
            self.publish();
        }
    }
}

#[inline(always)]
fn prefetch_for_write(slot: *mut EventRecord) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch reads nothing and faults on no address.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_ET0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_ET0>(slot.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = slot;
}

impl Reader {
    /// Hands what is there to `take`; answers whether more may come.
    #[inline]
    pub(crate) fn drain(&mut self, mut take: impl FnMut(&EventRecord)) -> bool {
        let closed = self.shared.closed.0.load(Ordering::Acquire);
        let written = self.shared.written.0.load(Ordering::Acquire);
        let mask = self.shared.slots.len() - 1;
        while self.read != written {
            // Room is given back in pieces, so that a writer that waits goes on soon.
            let end = written.min(self.read + 256);
            for at in self.read..end {
                // SAFETY: the slot was published and is not given back yet.
                take(unsafe { &*self.shared.slots[at & mask].get() });
            }
            self.read = end;
            self.shared.read.0.store(end, Ordering::Release);
        }
        !closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_arrives_once_and_in_order() {
        let (mut writer, mut reader) = ring(64, 16);
        let reading = std::thread::spawn(move || {
            let mut sequences = Vec::new();
            while reader.drain(|record| sequences.push(record.sequence_or_price)) {
                std::hint::spin_loop();
            }
            sequences
        });
        for sequence in 0..10_000 {
            writer.push(&EventRecord::accepted(sequence, 1, 1, 1, false));
        }
        writer.close();
        assert_eq!(reading.join().unwrap(), (0..10_000).collect::<Vec<_>>());
    }
}
