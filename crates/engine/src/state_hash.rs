//! A hash over the whole state, equal on every machine for equal input.

use crate::engine::Engine;
use sha2::{Digest as _, Sha256};

/// The first bytes that are hashed; another layout has another name.
const NAME: &[u8] = b"outcry-state-1";

impl Engine {
    /// SHA-256 over the whole state, laid out as `docs/rules.md` says. Walks the state.
    #[must_use]
    pub fn state_hash(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        let mut feed = |bytes: &[u8]| hasher.update(bytes);
        feed(NAME);
        let orders = self.core().market.orders.counter;
        for number in [self.sequence(), self.time_ns(), orders, self.digest().0] {
            feed(&number.to_le_bytes());
        }
        let groups = self.core().market.groups.iter();
        feed(&(groups.len() as u32).to_le_bytes());
        for (account, group) in groups {
            feed(&account.to_le_bytes());
            feed(&group.to_le_bytes());
        }
        self.core().requests.feed_state(&mut feed);
        self.core().market.feed_state(&mut feed);
        hasher.finalize().into()
    }
}
