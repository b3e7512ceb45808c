//! Goal: no allocation per frame, on the side of the writer and on that of the reader. Method: the
//! global allocator counts while the second half of a journal is written and read; all of it fits
//! into one segment. One test to a file, since the count is of the whole process.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

use outcry_journal::disk::RealDisk;
use outcry_journal::{DirectoryLock, Durability, FrameStamp, Options, Reader, Rules, Writer, open};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const FRAMES: u64 = 400;

fn write(writer: &mut Writer, reader: &mut Reader) {
    for _ in 0..FRAMES {
        let stamp = FrameStamp {
            first_sequence: writer.next_sequence(),
            count: 4,
            time_ns: 1,
            digest: 2,
        };
        writer.append(&[7; 256], &stamp).unwrap();
        if writer.next_sequence() % 8 == 1 {
            let released = writer.commit().unwrap();
            while reader.next(released).unwrap().is_some() {}
        }
    }
}

#[test]
fn frames_are_written_and_read_without_allocating() {
    let root = tempfile::tempdir().unwrap();
    let lock = DirectoryLock::take(&RealDisk, root.path()).unwrap();
    let options = Options {
        segment_bytes: 1 << 20,
        durability: Durability::None,
        ..Options::new(0, Rules::default())
    };
    let (mut writer, _) = open(RealDisk::shared(), &lock, &options).unwrap();
    let mut reader = Reader::open(RealDisk::shared(), root.path(), 1).unwrap();
    write(&mut writer, &mut reader);
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    write(&mut writer, &mut reader);
    let after = ALLOCATIONS.load(Ordering::Relaxed);
    assert_eq!(reader.position().link.sequence, 8 * FRAMES + 1);
    assert_eq!(after - before, 0, "allocations in {FRAMES} frames");
}
