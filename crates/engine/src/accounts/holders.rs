//! Who can hold: accounts by number, each with the places of its balances.

use crate::lookup::Lookup;
use crate::refusal::{Refusal, require, within};
use outcry_protocol::{
    AccountRecord, AccountState, EXTERNAL_ACCOUNT, FEE_ACCOUNT, RejectReason as R,
};
use std::collections::BTreeSet;

/// Where the external account stands among the holders.
pub(super) const EXTERNAL: u32 = 0;
/// Where the fee account stands.
pub(super) const FEES: u32 = 1;

/// An account.
#[derive(Debug, Clone)]
pub(super) struct Holder {
    pub(super) account: u32,
    /// Its trade group: its own number unless it was given another.
    pub(super) group: u32,
    pub(super) maker_rate_ppm: i32,
    pub(super) taker_rate_ppm: i32,
    pub(super) state: AccountState,
    /// Pending withdrawals.
    pub(super) withdrawals: u32,
    pub(super) purse: Purse,
}

/// Balances that are found without leaving the holder.
const NEAR: usize = 4;

/// The places of a holder's balances by asset. Most accounts hold a few assets.
#[derive(Debug, Clone, Default)]
pub(super) struct Purse {
    /// (asset, place); asset 0 stands for none.
    near: [(u32, u32); NEAR],
    /// The rest, by asset.
    far: Vec<(u32, u32)>,
}

impl Purse {
    /// The place of the balance of an asset.
    #[inline(always)]
    pub(super) fn find(&self, asset: u32) -> Option<u32> {
        match self.near.iter().find(|(held, _)| *held == asset) {
            Some((_, place)) => Some(*place),
            None => self.find_far(asset),
        }
    }

    #[cold]
    fn find_far(&self, asset: u32) -> Option<u32> {
        let at = self.far.binary_search_by_key(&asset, |(held, _)| *held);
        at.ok().map(|at| self.far[at].1)
    }

    /// The places of all balances, in no order.
    pub(super) fn places(&self) -> impl Iterator<Item = u32> {
        let all = self.near.iter().chain(&self.far);
        all.filter(|(asset, _)| *asset != 0)
            .map(|(_, place)| *place)
    }

    /// Notes the place of an asset's first balance.
    pub(super) fn insert(&mut self, asset: u32, place: u32) {
        if let Some(free) = self.near.iter_mut().find(|(held, _)| *held == 0) {
            *free = (asset, place);
            return;
        }
        let at = self.far.partition_point(|(held, _)| *held < asset);
        self.far.insert(at, (asset, place));
    }
}

/// Every account of the machine; the external one and that of the fees stand first.
#[derive(Debug, Clone)]
pub(super) struct Holders {
    all: Vec<Holder>,
    /// Places by number, of the numbers below [`DENSE`]; [`NOWHERE`] for no account.
    near: Vec<u32>,
    /// Places of the accounts with greater numbers.
    far: Lookup<u32, u32>,
    /// The numbers of those that were named, so that a part of them is found by its first.
    named: BTreeSet<u32>,
    accounts_max: u32,
}

/// Account numbers below this are looked up without hashing.
const DENSE: u32 = 1 << 22;

/// The place of no account.
const NOWHERE: u32 = u32::MAX;

impl Holders {
    pub(super) fn new(accounts_max: u32) -> Self {
        let mut holders = Self {
            all: Vec::new(),
            near: Vec::new(),
            far: Lookup::new(),
            named: BTreeSet::new(),
            accounts_max,
        };
        holders.push(
            &AccountRecord::new(EXTERNAL_ACCOUNT, 0),
            AccountState::Active,
        );
        holders.push(&AccountRecord::new(FEE_ACCOUNT, 0), AccountState::Active);
        holders.near[EXTERNAL_ACCOUNT as usize] = NOWHERE;
        holders
    }

    fn push(&mut self, record: &AccountRecord, state: AccountState) {
        self.note(record.account, self.all.len() as u32);
        let mut holder = Holder {
            account: record.account,
            group: 0,
            maker_rate_ppm: 0,
            taker_rate_ppm: 0,
            state,
            withdrawals: 0,
            purse: Purse::default(),
        };
        holder.restate(record, state);
        self.all.push(holder);
    }

    fn note(&mut self, account: u32, place: u32) {
        if account >= DENSE {
            return self.far.insert(account, place);
        }
        let needed = account as usize + 1;
        if self.near.len() < needed {
            self.near.resize(needed.next_power_of_two(), NOWHERE);
        }
        self.near[account as usize] = place;
    }

    /// Makes or changes an account whose record was checked.
    pub(super) fn set(&mut self, record: &AccountRecord) -> Result<(), Refusal> {
        require(record.account != FEE_ACCOUNT, R::AccountReserved)?;
        let state = AccountState::try_from(record.state).map_err(|_| R::InvalidState)?;
        if let Some(place) = self.find(record.account) {
            self.all[place as usize].restate(record, state);
            return Ok(());
        }
        let most = self.accounts_max;
        within(self.count() < most, R::TooManyAccounts, most.into())?;
        self.push(record, state);
        self.named.insert(record.account);
        Ok(())
    }

    /// How many accounts were named.
    pub(super) fn count(&self) -> u32 {
        self.named.len() as u32
    }

    /// The place of an account.
    #[inline(always)]
    pub(super) fn find(&self, account: u32) -> Option<u32> {
        match self.near.get(account as usize) {
            Some(place) => (*place != NOWHERE).then_some(*place),
            None => self.far.get(&account),
        }
    }

    #[inline(always)]
    pub(super) fn at(&self, place: u32) -> &Holder {
        &self.all[place as usize]
    }

    #[inline(always)]
    pub(super) fn at_mut(&mut self, place: u32) -> &mut Holder {
        &mut self.all[place as usize]
    }

    /// The accounts that were named, by number, from this one on.
    pub(super) fn sorted_from(&self, first: u32) -> impl Iterator<Item = &Holder> {
        let places = self.named.range(first..);
        places.map(|account| {
            let place = self.find(*account).expect("it was noted when it was named");
            self.at(place)
        })
    }
}

impl Holder {
    fn restate(&mut self, record: &AccountRecord, state: AccountState) {
        self.group = match record.group {
            0 => record.account,
            group => group,
        };
        self.maker_rate_ppm = record.maker_rate_ppm;
        self.taker_rate_ppm = record.taker_rate_ppm;
        self.state = state;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purse_finds_every_asset_it_was_given() {
        let mut purse = Purse::default();
        for asset in [9, 3, 7, 1, 8, 2, 6] {
            assert_eq!(purse.find(asset), None);
            purse.insert(asset, asset * 10);
        }
        for asset in [9, 3, 7, 1, 8, 2, 6] {
            assert_eq!(purse.find(asset), Some(asset * 10));
        }
    }
}
