//! What is available and what is held, and what a command changed of it.

use super::Accounts;

/// The balance of one account in one asset, in the asset's smallest units.
#[repr(align(64))]
#[derive(Debug, Clone)]
pub(super) struct Balance {
    pub(super) available: i128,
    pub(super) held: i128,
    pub(super) account: u32,
    pub(super) asset: u32,
    /// The turn in which it was last touched.
    turn: u64,
}

/// A balance that a command may have changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    pub(crate) account: u32,
    pub(crate) asset: u32,
    place: u32,
    /// What was available and held before the command.
    before: (i128, i128),
}

/// Every balance that ever was other than nothing.
#[derive(Debug, Clone)]
pub(super) struct Balances {
    all: Vec<Balance>,
    /// Counts the commands that touched a balance.
    turn: u64,
    /// What the command at work touched.
    touched: Vec<Change>,
}

impl Default for Balances {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            turn: 1,
            touched: Vec::new(),
        }
    }
}

impl Balances {
    /// A balance as it stands.
    #[inline(always)]
    pub(super) fn at(&self, place: u32) -> &Balance {
        &self.all[place as usize]
    }

    /// A balance that is about to change.
    #[inline(always)]
    pub(super) fn touch(&mut self, place: u32) -> &mut Balance {
        let balance = &mut self.all[place as usize];
        if balance.turn != self.turn {
            balance.turn = self.turn;
            self.touched.push(Change {
                account: balance.account,
                asset: balance.asset,
                place,
                before: (balance.available, balance.held),
            });
        }
        balance
    }

    /// Makes an empty balance and answers its place.
    pub(super) fn open(&mut self, account: u32, asset: u32) -> u32 {
        let place = self.all.len() as u32;
        self.all.push(Balance {
            available: 0,
            held: 0,
            account,
            asset,
            turn: 0,
        });
        place
    }

    /// Every balance, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Balance> {
        self.all.iter()
    }
}

impl Accounts {
    /// The balance of a holder in an asset, about to change; made when there is none.
    #[inline(always)]
    pub(super) fn balance(&mut self, holder: u32, asset: u32) -> &mut Balance {
        let place = match self.holders.at(holder).purse.find(asset) {
            Some(place) => place,
            None => self.open_balance(holder, asset),
        };
        self.balances.touch(place)
    }

    #[cold]
    fn open_balance(&mut self, holder: u32, asset: u32) -> u32 {
        let holder = self.holders.at_mut(holder);
        let place = self.balances.open(holder.account, asset);
        holder.purse.insert(asset, place);
        place
    }

    /// What a holder has available of an asset.
    #[inline(always)]
    pub(crate) fn available(&self, holder: u32, asset: u32) -> i128 {
        let place = self.holders.at(holder).purse.find(asset);
        place.map_or(0, |place| self.balances.at(place).available)
    }

    /// How many balances the command at work touched.
    #[inline(always)]
    pub(crate) fn touched(&self) -> usize {
        self.balances.touched.len()
    }

    /// Puts what was touched into the order in which it is said: by account and asset.
    #[inline(always)]
    pub(crate) fn sort_touched(&mut self) {
        if self.balances.touched.len() > 1 {
            let key = |change: &Change| u64::from(change.account) << 32 | u64::from(change.asset);
            self.balances.touched.sort_unstable_by_key(key);
        }
    }

    /// What became of the touched balance with this number; `None` when it stands as before.
    #[inline(always)]
    pub(crate) fn change(&self, number: usize) -> Option<(Change, i128, i128)> {
        let change = self.balances.touched[number];
        let balance = self.balances.at(change.place);
        let now = (balance.available, balance.held);
        (now != change.before).then_some((change, now.0, now.1))
    }

    /// Ends the command at work.
    #[inline(always)]
    pub(crate) fn end_turn(&mut self) {
        self.balances.touched.clear();
        self.balances.turn += 1;
    }
}
