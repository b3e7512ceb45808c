//! What an exchange did, from outside: its commands beside their events, and what they come to.
//!
//! A [`Tail`] follows the journal and the event log of a data directory from any process, without
//! its lock. A [`Fold`] turns what it reads into the rows of a history: orders as they stand, the
//! trades with both sides' fees, aggregates, finished candles, lists. Nothing here knows a database
//! or a clock: the same commands make the same rows, in whatever batches they are read.

mod accounts;
mod batch;
mod beginning;
mod candles;
mod commands;
mod events;
mod fold;
mod lists;
mod order;
mod steps;
mod tail;
mod trades;

pub use accounts::Account;
pub use batch::Batch;
pub use candles::MinuteCandle;
pub use fold::Fold;
pub use lists::List;
pub use order::{Order, OrderState, client_key, generation};
pub use steps::Steps;
pub use tail::{Tail, TailError};
pub use trades::{Aggregate, Fill, Trade};
