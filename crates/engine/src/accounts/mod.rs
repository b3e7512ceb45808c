//! The accounts: assets, balances, money in and out. They know no market.
//!
//! Every amount moves through [`Accounts::balance`], which remembers how a balance stood before
//! the command, so that its end can say what changed.

mod admission;
mod assets;
mod balances;
mod funds;
mod holders;
mod invariants;
mod settlement;
mod sources;
mod state;
mod views;

pub(crate) use admission::Act;
pub(crate) use settlement::Party;
pub use views::{AccountView, AssetView, BalanceView, WithdrawalView};

use crate::config::EngineConfig;
use assets::Assets;
use balances::Balances;
use holders::Holders;
use sources::Sources;
use std::collections::BTreeMap;

/// The money of a shard.
#[derive(Debug, Clone)]
pub(crate) struct Accounts {
    assets: Assets,
    holders: Holders,
    balances: Balances,
    sources: Sources,
    /// Withdrawals that are held and not settled, by sequence.
    withdrawals: BTreeMap<u64, Withdrawal>,
    withdrawals_max: u32,
}

/// Money that is held until it is known to have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Withdrawal {
    /// Where its holder is.
    holder: u32,
    asset: u32,
    amount: u128,
}

impl Accounts {
    pub(crate) fn new(config: &EngineConfig) -> Self {
        Self {
            assets: Assets::new(config.asset_max),
            holders: Holders::new(config.accounts_max),
            balances: Balances::default(),
            sources: Sources::new(config.sources_max),
            withdrawals: BTreeMap::new(),
            withdrawals_max: config.withdrawals_max,
        }
    }
}
