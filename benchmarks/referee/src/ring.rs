//! The queue of reports: one writer, one reader, records of 32 bytes.
//!
//! A trade does not carry its taker, which is the order of the acknowledgement before it; the
//! reader puts it in. The writer shows its progress to the reader every few reports and at the end
//! of each batch, so that the two threads seldom pass a cache line between them.

use std::cell::UnsafeCell;
use std::hint::spin_loop;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::abi::{Report, ReportType};

/// Reports between two publications of the writer's progress.
const PUBLISHED_EVERY: usize = 64;
/// Slots ahead of the writer that are asked for before they are written.
const PREFETCHED_AHEAD: usize = 24;

/// One report on its way.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number of the message that led to the report.
    pub sequence_number: u64,
    /// The order, of a trade the maker.
    pub order_id: u64,
    /// The order's limit, of a trade the maker's.
    pub price_ticks: i64,
    /// In lots.
    pub quantity: u32,
    /// What it says.
    pub report_type: ReportType,
    /// The side of the order, 0 in trades and rejects.
    pub side: u8,
    /// Padding.
    pub reserved: [u8; 2],
}

const _: () = assert!(size_of::<Entry>() == 32);

const NO_ENTRY: Entry = Entry {
    sequence_number: 0,
    order_id: 0,
    price_ticks: 0,
    quantity: 0,
    report_type: ReportType::OrderAck,
    side: 0,
    reserved: [0; 2],
};

/// Keeps what two threads write on separate cache lines, and on separate pairs of them.
#[repr(align(128))]
#[derive(Default)]
struct Apart<T>(T);

/// The writer's own: what it has written, shown, and last seen of the reader's progress.
#[derive(Clone, Copy, Default)]
struct Writer {
    written: usize,
    shown: usize,
    read: usize,
}

/// The reader's own: what it has read and the order of the last acknowledgement.
#[derive(Clone, Copy, Default)]
struct Reader {
    read: usize,
    acknowledged: u64,
}

/// The queue. Counts of entries rise for ever; an entry's slot is its count modulo the size.
pub struct Ring {
    slots: Box<[UnsafeCell<Entry>]>,
    shown: Apart<AtomicUsize>,
    read: Apart<AtomicUsize>,
    writer: Apart<UnsafeCell<Writer>>,
    reader: Apart<UnsafeCell<Reader>>,
}

impl Ring {
    /// A queue for at least `capacity` reports, its memory touched.
    pub fn new(capacity: u32) -> Self {
        let size = (capacity as usize)
            .max(2 * PUBLISHED_EVERY)
            .next_power_of_two();
        Self {
            slots: (0..size).map(|_| UnsafeCell::new(NO_ENTRY)).collect(),
            shown: Apart::default(),
            read: Apart::default(),
            writer: Apart::default(),
            reader: Apart::default(),
        }
    }

    /// Puts one report in; waits while the queue is full.
    ///
    /// # Safety
    /// One thread alone calls this and [`Self::show`].
    #[inline]
    pub unsafe fn push(&self, entry: Entry) {
        // SAFETY: the caller is the only writer, and only it touches `writer`.
        let writer = unsafe { &mut *self.writer.0.get() };
        if writer.written - writer.read == self.slots.len() {
            self.wait_for_room(writer);
        }
        self.prefetch(writer.written + PREFETCHED_AHEAD);
        // SAFETY: the slot is the writer's until `shown` passes it.
        unsafe { *self.slots[self.place(writer.written)].get() = entry };
        writer.written += 1;
        if writer.written - writer.shown >= PUBLISHED_EVERY {
            self.publish(writer);
        }
    }

    /// Shows the reader everything that has been written.
    ///
    /// # Safety
    /// As [`Self::push`].
    pub unsafe fn show(&self) {
        // SAFETY: the caller is the only writer.
        self.publish(unsafe { &mut *self.writer.0.get() });
    }

    /// Takes reports out into `reports` and returns how many.
    ///
    /// # Safety
    /// One thread alone calls this.
    pub unsafe fn drain(&self, reports: &mut [std::mem::MaybeUninit<Report>]) -> usize {
        // SAFETY: the caller is the only reader, and only it touches `reader`.
        let reader = unsafe { &mut *self.reader.0.get() };
        let ready = self.shown.0.load(Ordering::Acquire) - reader.read;
        let count = ready.min(reports.len());
        for report in &mut reports[..count] {
            // SAFETY: the slot lies below `shown`, so it is the reader's until `read` passes it.
            let entry = unsafe { *self.slots[self.place(reader.read)].get() };
            report.write(reader.expand(&entry));
            reader.read += 1;
        }
        if count > 0 {
            self.read.0.store(reader.read, Ordering::Release);
        }
        count
    }

    #[cold]
    fn wait_for_room(&self, writer: &mut Writer) {
        self.publish(writer);
        loop {
            writer.read = self.read.0.load(Ordering::Acquire);
            if writer.written - writer.read < self.slots.len() {
                return;
            }
            spin_loop();
        }
    }

    fn publish(&self, writer: &mut Writer) {
        writer.shown = writer.written;
        self.shown.0.store(writer.shown, Ordering::Release);
    }

    fn place(&self, count: usize) -> usize {
        count & (self.slots.len() - 1)
    }

    #[inline]
    fn prefetch(&self, count: usize) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the address is a slot's; a prefetch reads nothing.
        unsafe {
            use std::arch::x86_64::{_MM_HINT_ET0, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_ET0>(self.slots[self.place(count)].get().cast());
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = count;
    }
}

// SAFETY: what both threads touch is atomic or handed over by the atomics `shown` and `read`.
unsafe impl Sync for Ring {}
// SAFETY: the ring owns all that it points to.
unsafe impl Send for Ring {}

impl Reader {
    fn expand(&mut self, entry: &Entry) -> Report {
        let trades = entry.report_type == ReportType::Trade;
        if !trades {
            self.acknowledged = entry.order_id;
        }
        Report {
            report_type: entry.report_type as u8,
            side: entry.side,
            reserved: [0; 6],
            sequence_number: entry.sequence_number,
            order_id: entry.order_id,
            price_ticks: entry.price_ticks,
            quantity: entry.quantity,
            reserved_quantity: 0,
            maker_order_id: if trades { entry.order_id } else { 0 },
            taker_order_id: if trades { self.acknowledged } else { 0 },
            reserved_tail: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::mem::MaybeUninit;
    use std::thread;

    use super::{Entry, NO_ENTRY, Ring};
    use crate::abi::{Report, ReportType};

    fn drain(ring: &Ring, most: usize) -> Vec<Report> {
        let mut reports = vec![MaybeUninit::uninit(); most];
        // SAFETY: each test drains on one thread.
        let count = unsafe { ring.drain(&mut reports) };
        // SAFETY: the ring wrote the first `count`.
        reports[..count]
            .iter()
            .map(|report| unsafe { report.assume_init() })
            .collect()
    }

    #[test]
    fn a_trade_takes_its_taker_from_the_acknowledgement_before_it() {
        let ring = Ring::new(8);
        let ack = Entry {
            order_id: 7,
            sequence_number: 3,
            ..NO_ENTRY
        };
        let trade = Entry {
            order_id: 5,
            report_type: ReportType::Trade,
            ..ack
        };
        for entry in [ack, trade, trade] {
            // SAFETY: one thread.
            unsafe { ring.push(entry) };
        }
        assert!(drain(&ring, 8).is_empty(), "nothing is shown yet");
        // SAFETY: one thread.
        unsafe { ring.show() };
        let reports = drain(&ring, 2);
        assert_eq!((reports[0].order_id, reports[0].taker_order_id), (7, 0));
        assert_eq!(
            (reports[1].maker_order_id, reports[1].taker_order_id),
            (5, 7)
        );
        assert_eq!(drain(&ring, 8)[0].taker_order_id, 7);
    }

    #[test]
    fn two_threads_pass_every_report_in_order_through_a_small_ring() {
        const COUNT: u64 = 100_000;
        let ring = Ring::new(1);
        thread::scope(|scope| {
            scope.spawn(|| {
                for sequence_number in 0..COUNT {
                    // SAFETY: this thread alone writes.
                    unsafe {
                        ring.push(Entry {
                            sequence_number,
                            ..NO_ENTRY
                        });
                    };
                }
                // SAFETY: as before.
                unsafe { ring.show() };
            });
            let mut next = 0;
            while next < COUNT {
                for report in drain(&ring, 50) {
                    assert_eq!(report.sequence_number, next);
                    next += 1;
                }
            }
        });
    }
}
