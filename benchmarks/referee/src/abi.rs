//! The records and the function table of the referee's C interface, as its header lays them out.

use std::ffi::c_void;

/// The side byte of a buy.
pub const BUY: u8 = 0;
/// The message byte of a new order.
pub const NEW: u8 = 0;
/// The message byte of a cancel.
pub const CANCEL: u8 = 1;
/// The message byte of a modify.
pub const MODIFY: u8 = 2;

/// What a report says.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportType {
    /// A new order was accepted.
    OrderAck = 0,
    /// Two orders traded.
    Trade = 1,
    /// An order was cancelled, or the rest of an immediate one.
    CancelAck = 2,
    /// An order was modified.
    ModifyAck = 3,
    /// A cancel named an order that does not rest.
    CancelReject = 4,
    /// A modify named an order that does not rest.
    ModifyReject = 5,
}

/// A new limit order.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct NewOrder {
    /// The caller's own id for the order.
    pub order_id: u64,
    /// The caller's number of the message, which its reports repeat.
    pub sequence_number: u64,
    /// The limit.
    pub price_ticks: i64,
    /// In lots.
    pub quantity: u32,
    /// [`BUY`], or 1 to sell.
    pub side: u8,
    /// 1 for immediate or cancel.
    pub immediate: u8,
    /// Padding.
    pub reserved: [u8; 2],
}

/// A cancel.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Cancel {
    /// The caller's id of the order.
    pub order_id: u64,
    /// The caller's number of the message.
    pub sequence_number: u64,
}

/// A modify: the order leaves its queue and enters anew with this quantity open.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Modify {
    /// The caller's id of the order.
    pub order_id: u64,
    /// The caller's number of the message.
    pub sequence_number: u64,
    /// The new limit.
    pub price_ticks: i64,
    /// The quantity that shall be open, in lots.
    pub quantity: u32,
    /// The order's side.
    pub side: u8,
    /// Padding.
    pub reserved: [u8; 3],
}

/// What a message carries; `message_type` of [`Message`] tells which.
#[repr(C)]
#[derive(Clone, Copy)]
pub union Payload {
    /// Of [`NEW`].
    pub new: NewOrder,
    /// Of [`CANCEL`].
    pub cancel: Cancel,
    /// Of [`MODIFY`].
    pub modify: Modify,
}

/// One element of a batch.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Message {
    /// [`NEW`], [`CANCEL`] or [`MODIFY`].
    pub message_type: u8,
    /// Padding.
    pub reserved: [u8; 7],
    /// The message itself.
    pub payload: Payload,
}

/// One report as the referee reads it.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// A [`ReportType`].
    pub report_type: u8,
    /// The side of the order, 0 in trades and rejects.
    pub side: u8,
    /// Padding.
    pub reserved: [u8; 6],
    /// The number of the message that led to the report.
    pub sequence_number: u64,
    /// The order, of a trade the maker.
    pub order_id: u64,
    /// The order's limit, of a trade the maker's.
    pub price_ticks: i64,
    /// In lots.
    pub quantity: u32,
    /// Padding.
    pub reserved_quantity: u32,
    /// Of a trade the resting order, else 0.
    pub maker_order_id: u64,
    /// Of a trade the incoming order, else 0.
    pub taker_order_id: u64,
    /// Padding.
    pub reserved_tail: u64,
}

/// The queue that carries reports to the referee's own thread.
#[repr(C)]
pub struct TransportTable {
    /// Makes a queue for at least so many reports; null when it cannot.
    pub create: extern "C" fn(capacity: u32) -> *mut c_void,
    /// Puts one report in. Null: this engine writes to its queue by itself.
    pub push: Option<unsafe extern "C" fn(queue: *mut c_void, report: *const Report) -> i32>,
    /// Takes at most `most` reports out, on the referee's thread, and returns how many.
    pub drain: unsafe extern "C" fn(queue: *mut c_void, reports: *mut Report, most: u32) -> u32,
    /// Shows the reader everything written so far.
    pub flush: unsafe extern "C" fn(queue: *mut c_void),
    /// Frees the queue.
    pub destroy: unsafe extern "C" fn(queue: *mut c_void),
}

const _: () = assert!(size_of::<NewOrder>() == 32);
const _: () = assert!(size_of::<Cancel>() == 16);
const _: () = assert!(size_of::<Modify>() == 32);
const _: () = assert!(size_of::<Message>() == 40);
const _: () = assert!(size_of::<Report>() == 64);
