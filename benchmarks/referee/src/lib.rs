//! The engine as the shared library that the public matching-engine referee loads.
//!
//! The referee calls the functions below from one thread, and takes the reports out of the queue
//! ([`ring`]) on another.

pub mod abi;
pub mod adapter;
pub mod orders;
pub mod ring;

use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::mem::MaybeUninit;

use outcry_protocol::Side;

use abi::{BUY, Cancel, Message, Modify, NewOrder, Report, TransportTable};
use adapter::Adapter;
use ring::Ring;

/// The one engine of the process and the queue that it reports to.
struct Loaded {
    adapter: Adapter,
    ring: *const Ring,
}

struct LoadedCell(UnsafeCell<Option<Loaded>>);

// SAFETY: the referee calls every function that reads the cell from its one matcher thread.
unsafe impl Sync for LoadedCell {}

static LOADED: LoadedCell = LoadedCell(UnsafeCell::new(None));

/// The engine and its queue.
///
/// # Safety
/// Called on the matcher thread between `engine_init` and `engine_shutdown`, one borrow at a time.
unsafe fn loaded() -> (&'static mut Adapter, &'static Ring) {
    // SAFETY: by the caller's promise nobody else borrows.
    let loaded = unsafe { &mut *LOADED.0.get() };
    let loaded = loaded.as_mut().expect("engine_init comes first");
    // SAFETY: the referee frees the queue after `engine_shutdown` only.
    (&mut loaded.adapter, unsafe { &*loaded.ring })
}

extern "C" fn create(capacity: u32) -> *mut c_void {
    Box::into_raw(Box::new(Ring::new(capacity))).cast()
}

unsafe extern "C" fn drain(queue: *mut c_void, reports: *mut Report, most: u32) -> u32 {
    // SAFETY: the queue is one that `create` made, and `reports` has room for `most`.
    let (ring, reports) = unsafe {
        let ring = &*queue.cast::<Ring>();
        let room = reports.cast::<MaybeUninit<Report>>();
        (ring, std::slice::from_raw_parts_mut(room, most as usize))
    };
    // SAFETY: the referee drains on one thread.
    (unsafe { ring.drain(reports) }) as u32
}

unsafe extern "C" fn flush(queue: *mut c_void) {
    // SAFETY: the queue is one that `create` made; the referee flushes on the matcher thread.
    unsafe { (*queue.cast::<Ring>()).show() };
}

unsafe extern "C" fn destroy(queue: *mut c_void) {
    // SAFETY: the queue is one that `create` made, and the referee is done with it.
    drop(unsafe { Box::from_raw(queue.cast::<Ring>()) });
}

static TRANSPORT: TransportTable = TransportTable {
    create,
    push: None,
    drain,
    flush,
    destroy,
};

/// The queue that carries this engine's reports.
#[unsafe(no_mangle)]
pub extern "C" fn engine_get_transport() -> *const TransportTable {
    &raw const TRANSPORT
}

/// Makes the engine.
///
/// # Safety
/// `queue` is one that the transport of [`engine_get_transport`] made.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_init(_nonce: u64, _: *const TransportTable, queue: *const c_void) {
    let loaded = Loaded {
        adapter: Adapter::load(),
        ring: queue.cast(),
    };
    // SAFETY: the referee calls this before it sends messages, on the thread that sends them.
    unsafe { *LOADED.0.get() = Some(loaded) };
}

/// Frees the engine.
///
/// # Safety
/// No other function of the engine is at work.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_shutdown() {
    // SAFETY: by the caller's promise.
    unsafe { *LOADED.0.get() = None };
}

/// Applies a new order.
///
/// # Safety
/// Called on the matcher thread after [`engine_init`], with a valid message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_on_new_order(new: *const NewOrder) {
    // SAFETY: by the caller's promise.
    unsafe {
        let (adapter, ring) = loaded();
        adapter.enter(&*new, ring);
    }
}

/// Applies a cancel.
///
/// # Safety
/// As [`engine_on_new_order`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_on_cancel(cancel: *const Cancel) {
    // SAFETY: by the caller's promise.
    unsafe {
        let (adapter, ring) = loaded();
        adapter.cancel(&*cancel, ring);
    }
}

/// Applies a modify.
///
/// # Safety
/// As [`engine_on_new_order`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_on_modify(modify: *const Modify) {
    // SAFETY: by the caller's promise.
    unsafe {
        let (adapter, ring) = loaded();
        adapter.modify(&*modify, ring);
    }
}

/// Applies `count` messages, in order.
///
/// # Safety
/// As [`engine_on_new_order`], with as many valid messages.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_on_batch(messages: *const Message, count: u32) {
    // SAFETY: by the caller's promise.
    unsafe {
        let (adapter, ring) = loaded();
        adapter.apply_batch(std::slice::from_raw_parts(messages, count as usize), ring);
    }
}

/// Shows all reports to the reader; every message has been matched before.
///
/// # Safety
/// As [`engine_on_new_order`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_flush() {
    // SAFETY: by the caller's promise.
    unsafe { loaded().1.show() };
}

/// The best bid, or the least number when there is none.
///
/// # Safety
/// As [`engine_on_new_order`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_query_best_bid() -> i64 {
    // SAFETY: by the caller's promise.
    unsafe { loaded() }
        .0
        .best_ticks(Side::Buy)
        .unwrap_or(i64::MIN)
}

/// The best ask, or the greatest number when there is none.
///
/// # Safety
/// As [`engine_on_new_order`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_query_best_ask() -> i64 {
    // SAFETY: by the caller's promise.
    unsafe { loaded() }
        .0
        .best_ticks(Side::Sell)
        .unwrap_or(i64::MAX)
}

/// The open lots at a price of a side.
///
/// # Safety
/// As [`engine_on_new_order`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_query_depth_at(price_ticks: i64, side: u8) -> u64 {
    let side = if side == BUY { Side::Buy } else { Side::Sell };
    // SAFETY: by the caller's promise.
    unsafe { loaded() }.0.depth_lots(side, price_ticks)
}
