//! What readers see of accounts.

use super::Accounts;
use super::holders::{EXTERNAL, FEES, Holder};
use outcry_protocol::{AccountState, EXTERNAL_ACCOUNT, FEE_ACCOUNT, Text};

/// An asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssetView {
    /// The asset's number.
    pub asset: u32,
    /// Its name.
    pub name: Text<16>,
    /// Decimals of its smallest unit.
    pub decimals: u8,
}

/// An account's standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountView {
    /// The account's number.
    pub account: u32,
    /// Its trade group.
    pub group: u32,
    /// What makers pay, in parts per million; negative for a rebate.
    pub maker_rate_ppm: i32,
    /// What takers pay, in parts per million.
    pub taker_rate_ppm: i32,
    /// What it may do.
    pub state: AccountState,
}

/// A balance in the asset's smallest units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BalanceView {
    /// The account's number: 0 for the external one, 2^32 - 1 for the fees.
    pub account: u32,
    /// The asset's number.
    pub asset: u32,
    /// Free to use.
    pub available: i128,
    /// Held by orders and withdrawals.
    pub held: i128,
}

/// A withdrawal that is held and not settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WithdrawalView {
    /// The sequence of its command.
    pub sequence: u64,
    /// The account it is taken from.
    pub account: u32,
    /// The asset's number.
    pub asset: u32,
    /// In the asset's smallest units.
    pub amount: u128,
}

impl Accounts {
    /// Every asset, by number.
    pub(crate) fn asset_views(&self) -> Vec<AssetView> {
        let assets = self.assets.iter();
        let view = |(asset, found): (u32, &super::assets::Asset)| AssetView {
            asset,
            name: found.name,
            decimals: found.decimals,
        };
        assets.map(view).collect()
    }

    /// At most `most` accounts that were named, by number, from this one on.
    pub(crate) fn account_views(&self, first: u32, most: usize) -> Vec<AccountView> {
        let wanted = self.holders.sorted_from(first).take(most);
        wanted.map(view_of).collect()
    }

    /// One account; the fee account too.
    pub(crate) fn account_view(&self, account: u32) -> Option<AccountView> {
        let place = self.holders.find(account)?;
        Some(view_of(self.holders.at(place)))
    }

    /// What an account has, by asset, without what is nothing.
    pub(crate) fn balance_views(&self, account: u32) -> Vec<BalanceView> {
        let holder = match account {
            EXTERNAL_ACCOUNT => EXTERNAL,
            FEE_ACCOUNT => FEES,
            account => match self.holders.find(account) {
                Some(place) => place,
                None => return Vec::new(),
            },
        };
        let mut views: Vec<_> = self
            .holders
            .at(holder)
            .purse
            .places()
            .map(|place| {
                let balance = self.balances.at(place);
                BalanceView {
                    account,
                    asset: balance.asset,
                    available: balance.available,
                    held: balance.held,
                }
            })
            .filter(|view| (view.available, view.held) != (0, 0))
            .collect();
        views.sort_unstable_by_key(|view| view.asset);
        views
    }

    /// Every pending withdrawal, by sequence.
    pub(crate) fn withdrawal_views(&self) -> Vec<WithdrawalView> {
        let pending = self.withdrawals.iter();
        let view = |(sequence, found): (&u64, &super::Withdrawal)| WithdrawalView {
            sequence: *sequence,
            account: self.holders.at(found.holder).account,
            asset: found.asset,
            amount: found.amount,
        };
        pending.map(view).collect()
    }
}

fn view_of(holder: &Holder) -> AccountView {
    AccountView {
        account: holder.account,
        group: holder.group,
        maker_rate_ppm: holder.maker_rate_ppm,
        taker_rate_ppm: holder.taker_rate_ppm,
        state: holder.state,
    }
}
