//! Market data made of trades and of books: pure kernels without files and clocks.

pub mod book;
mod calendar;
pub mod candles;
mod error;
pub mod flow;
pub mod ingest;
mod interval;
pub mod ladder;
mod numbers;
pub mod structure;
mod width;

pub use error::InvalidInput;
pub use interval::Interval;
pub use numbers::Numbers;
