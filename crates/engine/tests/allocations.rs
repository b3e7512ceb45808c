//! No allocation on the way of an order: once the pools have grown to the book, a flow of new
//! orders, cancels, replaces and trades takes no memory from the system.
//!
//! The global allocator counts while the second half of a flow runs, after the first has grown the
//! pools. One test to a file, since the count is of the whole process.

use outcry_engine::{Engine, EngineConfig, EventSink};
use outcry_protocol::EventRecord;
use outcry_simulate::Workload;
use outcry_simulate::w1::SCENARIOS;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

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

/// Folds the events, so that none is left out, and keeps nothing.
struct Folding(u64);

impl EventSink for Folding {
    fn push(&mut self, record: &EventRecord) {
        self.0 = record
            .words()
            .into_iter()
            .fold(self.0, |fold, word| fold.rotate_left(7) ^ word);
    }
}

#[test]
fn a_steady_flow_allocates_nothing() {
    let mut quiet = 0;
    for workload in [Workload::W1(SCENARIOS[0]), Workload::W2] {
        let commands = workload.commands(workload.usual_seed(), 100_000);
        let config = EngineConfig {
            orders_capacity: 1 << 14,
            check_invariants: false,
            ..EngineConfig::default()
        };
        let mut engine = Engine::new(config);
        let mut sink = Folding(0);
        engine
            .apply_batch(commands.setup.as_bytes(), &mut sink)
            .unwrap();
        let flow = commands.flow.as_bytes();
        let (first, second) = flow.split_at(flow.len() / 128 * 64);
        engine.apply_batch(first, &mut sink).unwrap();
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        engine.apply_batch(second, &mut sink).unwrap();
        let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
        assert_eq!(allocations, 0, "{}", workload.name());
        assert!(engine.last_trade(1).is_some(), "the flow trades");
        quiet += 1;
    }
    assert_eq!(quiet, 2);
}
