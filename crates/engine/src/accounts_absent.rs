//! What stands in for accounts in a machine that has none: every account exists, is active and is
//! its own trade group unless it was given another.

use crate::state::{LoadError, StateReader};
use std::collections::BTreeMap;

/// Trade groups of the accounts that were given one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Groups {
    given: BTreeMap<u32, u32>,
}

impl Groups {
    /// The trade group of an account.
    #[inline(always)]
    pub(crate) fn of(&self, account: u32) -> u32 {
        if self.given.is_empty() {
            return account;
        }
        self.given.get(&account).copied().unwrap_or(account)
    }

    /// Gives an account a group; 0 makes it its own again.
    pub(crate) fn set(&mut self, account: u32, group: u32) {
        if group == 0 || group == account {
            self.given.remove(&account);
        } else {
            self.given.insert(account, group);
        }
    }

    /// Feeds every account with a group other than its own, rising.
    pub(crate) fn feed_state(&self, feed: &mut impl FnMut(&[u8])) {
        feed(&(self.given.len() as u32).to_le_bytes());
        for (account, group) in &self.given {
            feed(&account.to_le_bytes());
            feed(&group.to_le_bytes());
        }
    }

    /// Takes up what [`Self::feed_state`] gave.
    pub(crate) fn load_state(&mut self, from: &mut StateReader<'_>) -> Result<(), LoadError> {
        for _ in 0..from.u32()? {
            let (account, group) = (from.u32()?, from.u32()?);
            self.given.insert(account, group);
        }
        Ok(())
    }
}
