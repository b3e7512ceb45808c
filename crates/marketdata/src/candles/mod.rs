//! Candles of many intervals and many groups in one pass, from trades or from candles.
//!
//! One engine serves streams and batches: a batch is first reduced to the figures of its runs
//! within one bucket, and a run is taken as one trade is. Late trades revise the candles that are
//! held, in every interval at once; behind the horizon they come out as corrections, candles of
//! their own that whoever stores the history merges into it.

mod batch;
mod figures;
mod fill;
mod group;
mod history;
mod lanes;
mod reduce;
mod set;
#[cfg(test)]
mod tests;

pub use batch::TradeColumns;
pub use figures::{Candle, Figures, Key, Price, Sums};
pub use fill::fill_gaps;
pub use lanes::{CandleLanes, LANES, WideLanes};
pub use set::{CandleRow, CandleSet, Forming, Settings};
