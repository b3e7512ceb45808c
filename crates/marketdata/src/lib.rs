//! Market data made of trades and of books: pure kernels without files and clocks.

pub mod book;
pub mod ingest;
