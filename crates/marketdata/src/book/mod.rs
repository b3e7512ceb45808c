//! A book of price levels, as a venue publishes it: snapshots and changes in, the best levels,
//! checksums and order-flow imbalance out.
//!
//! Prices and quantities are 64-bit integers at the book's scales. Whether a change follows the one
//! before it is judged by the reader of the venue, which alone knows its numbering.

mod checksum;
mod flow;
mod ladder;
mod levels;

pub use checksum::{interleaved_checksum, stacked_checksum};
pub use flow::{OrderFlowImbalance, Quote};
pub use ladder::Ladder;
pub use levels::{Book, BookError, Level, Side};
