//! A hash table that can be asked and changed but not walked.

use foldhash::fast::FixedState;
use hashbrown::HashMap; // tidy-ok: no order of it can be seen from outside
use std::hash::Hash;

/// Values by key. Its order differs from machine to machine, so it does not show any.
#[derive(Debug, Clone)]
pub(crate) struct Lookup<K, V> {
    table: HashMap<K, V, FixedState>, // tidy-ok: as above
}

impl<K: Eq + Hash, V: Copy> Lookup<K, V> {
    pub(crate) const fn new() -> Self {
        let table = HashMap::with_hasher(FixedState::with_seed(0)); // tidy-ok: as above
        Self { table }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.table.get(key).copied()
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.table.insert(key, value);
    }

    pub(crate) fn remove(&mut self, key: &K) {
        self.table.remove(key);
    }
}
