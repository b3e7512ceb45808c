//! What readers of files need of the core: trades out of text, books of price levels, zstd.

mod book;
mod trades;
mod zstd;

pub(crate) use book::PriceBook;
pub(crate) use trades::{TradeReader, TradeRules};
pub(crate) use zstd::ZstdReader;
