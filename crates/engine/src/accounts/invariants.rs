//! What must hold of money after every command; asserted in tests.

use super::Accounts;
use outcry_protocol::{EXTERNAL_ACCOUNT, MONEY_MAX};
use std::collections::BTreeMap;

impl Accounts {
    /// Asserts that no money comes or goes, that no balance is below zero, and that what is held
    /// is what orders need (`needs`, by account and asset) and pending withdrawals wait for.
    ///
    /// # Panics
    /// When one does not hold.
    pub(crate) fn assert_invariants(&self, needs: &BTreeMap<(u32, u32), u128>) {
        let mut needs = needs.clone();
        let mut pending: BTreeMap<u32, u32> = BTreeMap::new();
        for withdrawal in self.withdrawals.values() {
            let account = self.holders.at(withdrawal.holder).account;
            *needs.entry((account, withdrawal.asset)).or_default() += withdrawal.amount;
            *pending.entry(account).or_default() += 1;
        }
        for holder in self.holders.sorted_from(0) {
            let counted = pending.get(&holder.account).copied().unwrap_or(0);
            assert_eq!(
                holder.withdrawals, counted,
                "pending withdrawals are counted"
            );
        }
        let mut totals: BTreeMap<u32, i128> = BTreeMap::new();
        for balance in self.balances.iter() {
            *totals.entry(balance.asset).or_default() += balance.available + balance.held;
            let (account, asset) = (balance.account, balance.asset);
            if account == EXTERNAL_ACCOUNT {
                let bounds = -MONEY_MAX.cast_signed()..=0;
                assert!(bounds.contains(&balance.available), "deposits are bounded");
                assert_eq!(balance.held, 0, "nothing holds what is outside");
                continue;
            }
            assert!(balance.available >= 0, "{account} has no less than nothing");
            let needed = needs.remove(&(account, asset)).unwrap_or(0);
            let held = balance.held.cast_unsigned();
            assert_eq!(
                held, needed,
                "account {account} holds what is needed of {asset}"
            );
        }
        needs.retain(|_, amount| *amount > 0);
        assert!(needs.is_empty(), "every need is held: {needs:?}");
        let sound = totals.values().all(|total| *total == 0);
        assert!(sound, "money neither comes nor goes: {totals:?}");
    }
}
