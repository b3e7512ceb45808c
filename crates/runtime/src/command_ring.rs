//! A bounded ring of bytes for many writers and one reader.
//!
//! A writer reserves a stretch of slots by moving the tail, fills it, and marks its first slot with
//! the round that the ring is in. The reader takes stretches in the order of their reservation. No
//! writer waits for another; when there is no room it is told so.

use crate::spsc::Line;
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Bytes of a slot: one plain command.
pub(crate) const SLOT: usize = 64;

/// What stands before the bytes of a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Head {
    /// The client that sent it; [`PADDING`] for slots that only fill up the end of the ring.
    pub(crate) client: u32,
    /// What it is: the reader's business.
    pub(crate) kind: u32,
    /// The client's own name for it.
    pub(crate) ticket: u64,
    /// How many commands it holds.
    pub(crate) commands: u32,
    /// How many bytes follow.
    pub(crate) bytes: u32,
}

const PADDING: u32 = u32::MAX;
const HEAD: usize = 1;

#[repr(C, align(64))]
struct Slot([u8; SLOT]);

/// The ring.
pub(crate) struct CommandRing {
    slots: Box<[UnsafeCell<Slot>]>,
    /// By slot, the round (from 1) in which a stretch that begins there was last filled.
    filled: Box<[AtomicU32]>,
    /// Slots reserved by writers so far.
    reserved: Line<AtomicU64>,
    /// Slots that the reader is done with.
    read: Line<AtomicU64>,
}

// SAFETY: a slot between `reserved` and `read + capacity` belongs to the writer that moved
// `reserved` over it, until it marks the stretch as filled; from then on the one reader reads it,
// until `read` moves over it.
unsafe impl Sync for CommandRing {}
// SAFETY: plain bytes.
unsafe impl Send for CommandRing {}

/// Where the reader stands.
#[derive(Debug, Default)]
pub(crate) struct Cursor {
    position: u64,
}

impl CommandRing {
    /// A ring of this many bytes, a power of two of at least two slots.
    pub(crate) fn new(bytes: usize) -> Self {
        let slots = bytes / SLOT;
        assert!(slots.is_power_of_two() && slots > 1, "a power of two");
        Self {
            slots: (0..slots)
                .map(|_| UnsafeCell::new(Slot([0; SLOT])))
                .collect(),
            filled: (0..slots).map(|_| AtomicU32::new(0)).collect(),
            reserved: Line(AtomicU64::new(0)),
            read: Line(AtomicU64::new(0)),
        }
    }

    /// Bytes of the whole ring.
    pub(crate) fn capacity(&self) -> usize {
        self.slots.len() * SLOT
    }

    /// Bytes in use now.
    pub(crate) fn used(&self) -> usize {
        let read = self.read.0.load(Ordering::Acquire);
        let reserved = self.reserved.0.load(Ordering::Acquire);
        // The tail may have moved on since `read` was loaded.
        let slots = reserved.saturating_sub(read).min(self.slots.len() as u64);
        usize::try_from(slots).map_or(usize::MAX, |slots| slots * SLOT)
    }

    /// The most bytes that one stretch may have: so many always fit into an empty ring, wherever
    /// its end is.
    pub(crate) fn stretch_max(&self) -> usize {
        (self.slots.len() / 2 - HEAD) * SLOT
    }

    fn mask(&self) -> u64 {
        self.slots.len() as u64 - 1
    }

    fn round(&self, position: u64) -> u32 {
        ((position / self.slots.len() as u64) as u32).wrapping_add(1)
    }

    fn index(&self, position: u64) -> usize {
        (position & self.mask()) as usize
    }

    /// Puts a stretch behind those that were reserved before; answers whether there was room.
    pub(crate) fn push(&self, mut head: Head, bytes: &[u8]) -> bool {
        debug_assert!(bytes.len() <= self.stretch_max());
        head.bytes = bytes.len() as u32;
        let needed = (HEAD + bytes.len().div_ceil(SLOT)) as u64;
        let Some((start, padding)) = self.reserve(needed) else {
            return false;
        };
        if padding > 0 {
            let blank = Head {
                client: PADDING,
                ..Head::default()
            };
            self.fill(start, blank, &[]);
        }
        self.fill(start + padding, head, bytes);
        true
    }

    /// Moves the tail; answers where the stretch begins and how many slots before it only fill up
    /// the end of the ring.
    fn reserve(&self, needed: u64) -> Option<(u64, u64)> {
        let capacity = self.slots.len() as u64;
        let mut reserved = self.reserved.0.load(Ordering::Relaxed);
        loop {
            let left = capacity - (reserved & self.mask());
            let padding = if left < needed { left } else { 0 };
            let end = reserved + padding + needed;
            if end
                .wrapping_sub(self.read.0.load(Ordering::Acquire))
                .cast_signed()
                > capacity.cast_signed()
            {
                return None;
            }
            match self.reserved.0.compare_exchange_weak(
                reserved,
                end,
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Some((reserved, padding)),
                Err(found) => reserved = found,
            }
        }
    }

    fn fill(&self, position: u64, head: Head, bytes: &[u8]) {
        let index = self.index(position);
        let words: [u64; 3] = [
            u64::from(head.client) << 32 | u64::from(head.kind),
            head.ticket,
            u64::from(head.commands) << 32 | u64::from(head.bytes),
        ];
        // SAFETY: the slots from `index` on, one for the head and those of the bytes, were reserved
        // by this writer and do not reach over the end of the ring; they are contiguous, since an
        // `UnsafeCell` has the layout of what it holds.
        unsafe {
            let slot: *mut Slot = UnsafeCell::raw_get(self.slots.as_ptr().add(index));
            slot.cast::<[u64; 3]>().write(words);
            let payload: *mut u8 = slot.wrapping_add(HEAD).cast();
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), payload, bytes.len());
        }
        self.filled[index].store(self.round(position), Ordering::Release);
    }

    /// Whether the next stretch is there.
    #[inline]
    pub(crate) fn has_next(&self, cursor: &Cursor) -> bool {
        let index = self.index(cursor.position);
        self.filled[index].load(Ordering::Acquire) == self.round(cursor.position)
    }

    /// The next stretch, if it is there; the cursor moves over it, but its slots stay taken until
    /// [`Self::release`].
    #[inline]
    pub(crate) fn next(&self, cursor: &mut Cursor) -> Option<(Head, &[u8])> {
        loop {
            if !self.has_next(cursor) {
                return None;
            }
            let index = self.index(cursor.position);
            let slot: *const Slot = UnsafeCell::raw_get(self.slots.as_ptr().wrapping_add(index));
            // SAFETY: the stretch is filled, and its slots are not given back yet.
            let words = unsafe { slot.cast::<[u64; 3]>().read() };
            let head = Head {
                client: (words[0] >> 32) as u32,
                kind: words[0] as u32,
                ticket: words[1],
                commands: (words[2] >> 32) as u32,
                bytes: words[2] as u32,
            };
            if head.client == PADDING {
                cursor.position += self.slots.len() as u64 - index as u64;
                continue;
            }
            let length = head.bytes as usize;
            cursor.position += (HEAD + length.div_ceil(SLOT)) as u64;
            // SAFETY: as above; the bytes stand behind the head without a gap.
            let bytes = unsafe { std::slice::from_raw_parts(slot.add(HEAD).cast(), length) };
            return Some((head, bytes));
        }
    }

    /// Gives back to the writers all that the cursor has moved over. No slice that
    /// [`Self::next`] gave may be used behind this.
    #[inline]
    pub(crate) fn release(&self, cursor: &Cursor) {
        self.read.0.store(cursor.position, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn head(client: u32, ticket: u64) -> Head {
        Head {
            client,
            ticket,
            ..Head::default()
        }
    }

    #[test]
    fn a_full_ring_says_so_and_has_room_again_behind_a_release() {
        let ring = CommandRing::new(4 * SLOT);
        let mut cursor = Cursor::default();
        assert!(ring.push(head(1, 1), &[7; 64]));
        assert!(ring.push(head(1, 2), &[8; 10]));
        assert!(!ring.push(head(1, 3), &[]));
        assert_eq!(ring.used(), ring.capacity());
        assert_eq!(ring.next(&mut cursor).unwrap().1, &[7; 64]);
        assert!(!ring.push(head(1, 3), &[]), "not released yet");
        ring.release(&cursor);
        assert!(ring.push(head(1, 3), &[]));
        assert_eq!(ring.next(&mut cursor).unwrap().1, &[8; 10]);
        assert_eq!(ring.next(&mut cursor).unwrap().0.ticket, 3);
        assert!(ring.next(&mut cursor).is_none());
    }

    #[test]
    fn a_stretch_never_reaches_over_the_end() {
        let ring = CommandRing::new(8 * SLOT);
        let mut cursor = Cursor::default();
        for ticket in 0..1_000 {
            let bytes = vec![ticket as u8; (ticket as usize * 37) % (ring.stretch_max() + 1)];
            assert!(ring.push(head(2, ticket), &bytes));
            let (found, payload) = ring.next(&mut cursor).unwrap();
            assert_eq!((found.ticket, payload), (ticket, &bytes[..]));
            ring.release(&cursor);
        }
    }

    /// Writers push numbered stretches of many sizes as fast as they can, through rings so small
    /// that they wrap all the time; the reader must find each writer's in order and whole.
    #[test]
    fn many_writers_lose_and_mix_nothing() {
        for (seed, slots) in [(1_u64, 8), (2, 16), (3, 64), (4, 1024)] {
            let ring = Arc::new(CommandRing::new(slots * SLOT));
            let writers: Vec<_> = (0..4_u32)
                .map(|client| {
                    let ring = Arc::clone(&ring);
                    std::thread::spawn(move || write_many(&ring, client, seed))
                })
                .collect();
            let mut cursor = Cursor::default();
            let mut next = [0_u64; 4];
            while next.iter().sum::<u64>() < 4 * STRETCHES {
                let Some((head, bytes)) = ring.next(&mut cursor) else {
                    std::thread::yield_now();
                    continue;
                };
                let expected = &mut next[head.client as usize];
                assert_eq!(head.ticket, *expected, "seed {seed}");
                assert!(
                    bytes.iter().all(|byte| *byte == head.ticket as u8),
                    "seed {seed}"
                );
                *expected += 1;
                ring.release(&cursor);
            }
            for writer in writers {
                writer.join().unwrap();
            }
        }
    }

    const STRETCHES: u64 = 5_000;

    fn write_many(ring: &CommandRing, client: u32, seed: u64) {
        let mut state = seed * 1_000 + u64::from(client);
        for ticket in 0..STRETCHES {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let length = (state >> 33) as usize % (ring.stretch_max() + 1);
            let bytes = vec![ticket as u8; length];
            while !ring.push(head(client, ticket), &bytes) {
                std::thread::yield_now();
            }
        }
    }
}
