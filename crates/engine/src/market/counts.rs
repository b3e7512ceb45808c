//! Open orders and waiting stops of each account on one instrument.

use crate::lookup::Lookup;

/// What the count filters ask of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Count {
    pub(crate) orders: u32,
    pub(crate) stops: u32,
}

/// Counts of the accounts that have open orders; the others take no memory.
#[derive(Debug, Clone)]
pub(crate) struct AccountCounts {
    counts: Lookup<u32, Count>,
}

impl AccountCounts {
    pub(crate) const fn new() -> Self {
        Self {
            counts: Lookup::new(),
        }
    }

    pub(crate) fn get(&self, account: u32) -> Count {
        self.counts.get(&account).unwrap_or_default()
    }

    /// Adds to an account's counts; what falls to nothing is forgotten.
    pub(crate) fn change(&mut self, account: u32, orders: i32, stops: i32) {
        let count = self.get(account);
        let count = Count {
            orders: count.orders.wrapping_add_signed(orders),
            stops: count.stops.wrapping_add_signed(stops),
        };
        if count == Count::default() {
            self.counts.remove(&account);
        } else {
            self.counts.insert(account, count);
        }
    }
}
