//! What some commands came to.

use crate::accounts::Account;
use crate::candles::MinuteCandle;
use crate::lists::List;
use crate::order::Order;
use crate::steps::Steps;
use crate::trades::{Aggregate, Fill, Trade};

/// The rows that some commands made or changed, each once, as they stand behind the last of them.
#[derive(Debug, Default)]
pub struct Batch {
    /// Orders that entered, by id.
    pub entered: Vec<Order>,
    /// Orders of earlier batches that changed.
    pub changed: Vec<Order>,
    /// Trades, in their order.
    pub trades: Vec<Trade>,
    /// Both sides of each trade, as far as their orders are known.
    pub fills: Vec<Fill>,
    /// Aggregates.
    pub aggregates: Vec<Aggregate>,
    /// Candles that ended.
    pub candles: Vec<MinuteCandle>,
    /// Steps that began.
    pub steps: Vec<Steps>,
    /// Accounts that were set.
    pub accounts: Vec<Account>,
    /// Lists that entered or changed.
    pub lists: Vec<List>,
}
