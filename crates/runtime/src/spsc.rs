//! A bounded ring of values for one writer and one reader.

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Its own cache lines, so that writer and reader do not pull at each other's counters.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Line<T>(pub(crate) T);

struct Shared<T> {
    slots: Box<[UnsafeCell<MaybeUninit<T>>]>,
    /// Values that the reader may take; written by the writer only.
    written: Line<AtomicUsize>,
    /// Values that the reader took; written by the reader only.
    read: Line<AtomicUsize>,
}

// SAFETY: a slot is written only while it is between `written` and `read + capacity`, by the one
// writer, and read only while it is between `read` and `written`, by the one reader.
unsafe impl<T: Send> Sync for Shared<T> {}
// SAFETY: the values are owned by the ring, so they move with it.
unsafe impl<T: Send> Send for Shared<T> {}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        let mask = self.slots.len() - 1;
        for at in *self.read.0.get_mut()..*self.written.0.get_mut() {
            // SAFETY: what stands between `read` and `written` was written and not taken.
            unsafe { self.slots[at & mask].get_mut().assume_init_drop() };
        }
    }
}

/// The writing end.
pub(crate) struct Writer<T> {
    shared: Arc<Shared<T>>,
    written: usize,
    /// Where the reader was when it was last asked.
    read: usize,
}

/// The reading end.
pub(crate) struct Reader<T> {
    shared: Arc<Shared<T>>,
    read: usize,
    /// Where the writer was when it was last asked.
    written: usize,
}

/// A ring of `capacity` values, a power of two.
pub(crate) fn ring<T>(capacity: usize) -> (Writer<T>, Reader<T>) {
    assert!(
        capacity.is_power_of_two(),
        "a ring's capacity is a power of two"
    );
    let slots = (0..capacity).map(|_| UnsafeCell::new(MaybeUninit::uninit()));
    let shared = Arc::new(Shared {
        slots: slots.collect(),
        written: Line(AtomicUsize::new(0)),
        read: Line(AtomicUsize::new(0)),
    });
    let writer = Writer {
        shared: Arc::clone(&shared),
        written: 0,
        read: 0,
    };
    let reader = Reader {
        shared,
        read: 0,
        written: 0,
    };
    (writer, reader)
}

impl<T> Writer<T> {
    /// Whether another value has room.
    #[inline]
    pub(crate) fn has_room(&mut self) -> bool {
        let capacity = self.shared.slots.len();
        if self.written - self.read < capacity {
            return true;
        }
        self.read = self.shared.read.0.load(Ordering::Acquire);
        self.written - self.read < capacity
    }

    /// Hands a value to the reader.
    ///
    /// # Errors
    /// The value, when the ring is full.
    #[inline]
    pub(crate) fn push(&mut self, value: T) -> Result<(), T> {
        if !self.has_room() {
            return Err(value);
        }
        let mask = self.shared.slots.len() - 1;
        // SAFETY: the slot is free: fewer than `capacity` values are not taken yet.
        unsafe { (*self.shared.slots[self.written & mask].get()).write(value) };
        self.written += 1;
        self.shared.written.0.store(self.written, Ordering::Release);
        Ok(())
    }
}

impl<T> Reader<T> {
    /// Whether a value is there.
    #[inline]
    pub(crate) fn has_value(&mut self) -> bool {
        if self.read != self.written {
            return true;
        }
        self.written = self.shared.written.0.load(Ordering::Acquire);
        self.read != self.written
    }

    /// Takes the oldest value.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<T> {
        if !self.has_value() {
            return None;
        }
        let mask = self.shared.slots.len() - 1;
        // SAFETY: the slot was published and is not given back yet.
        let value = unsafe { (*self.shared.slots[self.read & mask].get()).assume_init_read() };
        self.read += 1;
        self.shared.read.0.store(self.read, Ordering::Release);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_arrives_once_and_in_order() {
        for capacity in [1, 2, 8, 256] {
            let (mut writer, mut reader) = ring::<Box<u32>>(capacity);
            let reading = std::thread::spawn(move || {
                let mut found = Vec::new();
                while found.len() < 10_000 {
                    match reader.pop() {
                        Some(value) => found.push(*value),
                        None => std::thread::yield_now(),
                    }
                }
                found
            });
            for number in 0..10_000_u32 {
                let mut value = Box::new(number);
                while let Err(back) = writer.push(value) {
                    value = back;
                    std::thread::yield_now();
                }
            }
            assert_eq!(reading.join().unwrap(), (0..10_000).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_was_not_taken_is_dropped_with_the_ring() {
        let value = Arc::new(());
        let (mut writer, mut reader) = ring(4);
        for _ in 0..4 {
            writer.push(Arc::clone(&value)).unwrap();
        }
        assert!(writer.push(Arc::clone(&value)).is_err());
        assert!(reader.pop().is_some());
        assert_eq!(Arc::strong_count(&value), 4);
        drop((writer, reader));
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
