//! What readers may see of accounts and their orders.

use crate::accounts::{AccountView, Accounts, AssetView, BalanceView, WithdrawalView};
use crate::engine::{Either, Engine};
use crate::market::{Ledger, LevelChange, ListView, OrderView};
use outcry_protocol::Text;

impl Engine {
    /// The accounts, where there is money.
    const fn accounts_kept(&self) -> Option<&Accounts> {
        match &self.0 {
            Either::Market(_) => None,
            Either::Money(machine) => Some(&machine.ledger),
        }
    }

    /// Every asset, by number; none without money.
    #[must_use]
    pub fn assets(&self) -> Vec<AssetView> {
        self.accounts_kept()
            .map_or_else(Vec::new, Accounts::asset_views)
    }

    /// Every account that was named, by number; none without money.
    #[must_use]
    pub fn accounts(&self) -> Vec<AccountView> {
        self.accounts_from(0, usize::MAX)
    }

    /// At most `most` accounts that were named, by number, from this one on; none without money.
    #[must_use]
    pub fn accounts_from(&self, first: u32, most: usize) -> Vec<AccountView> {
        self.accounts_kept()
            .map_or_else(Vec::new, |accounts| accounts.account_views(first, most))
    }

    /// One account, or the fee account; `None` for an unknown one, and without money.
    #[must_use]
    pub fn account(&self, account: u32) -> Option<AccountView> {
        self.accounts_kept()?.account_view(account)
    }

    /// What an account has, by asset, without what is nothing. Account 0 is the external one,
    /// 2^32 - 1 that of the fees.
    #[must_use]
    pub fn balances(&self, account: u32) -> Vec<BalanceView> {
        self.accounts_kept()
            .map_or_else(Vec::new, |accounts| accounts.balance_views(account))
    }

    /// Every pending withdrawal, by sequence.
    #[must_use]
    pub fn withdrawals(&self) -> Vec<WithdrawalView> {
        self.accounts_kept()
            .map_or_else(Vec::new, Accounts::withdrawal_views)
    }

    /// At most `most` open orders of an account (0: of all) on an instrument (0: on all), those
    /// with the lowest ids, by id. Without money, and for account 0, walks all open orders.
    #[must_use]
    pub fn account_orders(&self, account: u32, instrument: u32, most: usize) -> Vec<OrderView> {
        let wallet = self.wallet_of(account);
        self.core()
            .market
            .account_orders(account, instrument, wallet, most)
    }

    /// Where the ledger finds an account; `None` without money, and for account 0.
    fn wallet_of(&self, account: u32) -> Option<u32> {
        self.accounts_kept()
            .filter(|_| account != 0)
            .map(|accounts| accounts.terms(account).stamp.wallet)
    }

    /// The open order of an account that has this client order id.
    #[must_use]
    pub fn client_order(&self, account: u32, client_order_id: Text<36>) -> Option<OrderView> {
        self.core()
            .market
            .client_order(account, client_order_id, self.time_ns())
    }

    /// A list that lives.
    #[must_use]
    pub fn order_list(&self, list_id: u64) -> Option<ListView> {
        self.core().market.list(list_id)
    }

    /// At most `most` living lists of an account (0: of all) on an instrument (0: on all), by id.
    /// Without money, and for account 0, walks all lists.
    #[must_use]
    pub fn open_lists(&self, account: u32, instrument: u32, most: usize) -> Vec<ListView> {
        let wallet = self.wallet_of(account);
        self.core().market.lists(account, instrument, wallet, most)
    }

    /// When the first open order expires, in nanoseconds since 1970 UTC.
    #[must_use]
    pub fn next_expiry_ns(&self) -> Option<u64> {
        let next = self.core().market.orders.next_expiry_ns();
        (next != u64::MAX).then_some(next)
    }

    /// Puts every price level that changed since the last call into `changes`, as it stands now:
    /// those of an instrument together, else in no order, and one may come twice. Nothing unless
    /// the configuration says `tell_levels`.
    pub fn take_level_changes(&mut self, changes: &mut Vec<LevelChange>) {
        crate::engine::either!(self, machine => machine.core.market.take_level_changes(changes));
    }
}
