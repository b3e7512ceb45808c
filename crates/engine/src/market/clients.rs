//! Open orders by their client's own name.

use super::order::{Extra, Order};
use super::slab::{NONE, Slab};
use hashbrown::HashTable; // tidy-ok: it is asked and changed, never walked
use outcry_protocol::{Text, fold_product};

/// A client's name for an order, by account.
pub(super) type ClientId = (u32, Text<36>);

/// The places of the open orders that have a client order id. A due order keeps its entry until it
/// is expired, beside that of an order which took its name meanwhile.
#[derive(Debug, Clone, Default)]
pub(super) struct ClientIds {
    places: HashTable<u32>, // tidy-ok: as above
}

impl ClientIds {
    /// The place of an order with this name that `takes` its place, or [`NONE`].
    #[inline]
    pub(super) fn find(
        &self,
        id: &ClientId,
        orders: &Slab<Order>,
        extras: &Slab<Extra>,
        takes: impl Fn(u32) -> bool,
    ) -> u32 {
        let is_named = |place: &u32| {
            let order = &orders[*place];
            order.account == id.0 && extras[order.extra].client_order_id == id.1 && takes(*place)
        };
        let found = self.places.find(hash_of(id), is_named);
        found.copied().unwrap_or(NONE)
    }

    /// Makes room for so many more names at once.
    pub(super) fn reserve(&mut self, more: usize, orders: &Slab<Order>, extras: &Slab<Extra>) {
        self.places.reserve(more, hash_at(orders, extras));
    }

    /// Notes the place of an order with this name.
    #[inline]
    pub(super) fn insert(
        &mut self,
        id: &ClientId,
        place: u32,
        orders: &Slab<Order>,
        extras: &Slab<Extra>,
    ) {
        let hash_at = hash_at(orders, extras);
        self.places.insert_unique(hash_of(id), place, hash_at);
    }

    /// Forgets the order of this name at this place.
    #[inline]
    pub(super) fn remove(&mut self, id: &ClientId, place: u32) {
        let found = self.places.find_entry(hash_of(id), |other| *other == place);
        if let Ok(entry) = found {
            entry.remove();
        }
    }
}

/// The hash of the name of the order at a place.
fn hash_at<'a>(orders: &'a Slab<Order>, extras: &'a Slab<Extra>) -> impl Fn(&u32) -> u64 + 'a {
    |place| {
        let order = &orders[*place];
        hash_of(&(order.account, extras[order.extra].client_order_id))
    }
}

/// Folds account and name, word by word, with products of 128 bits.
#[inline]
fn hash_of((account, name): &ClientId) -> u64 {
    let (words, rest) = name.0.as_chunks::<8>();
    let (last, _) = rest.as_chunks::<4>();
    let mut hash = fold_product(
        u64::from(*account) << 32 | u64::from(u32::from_le_bytes(last[0])),
        0x9E37_79B9_7F4A_7C15,
    );
    for pair in words.chunks_exact(2) {
        let (low, high) = (u64::from_le_bytes(pair[0]), u64::from_le_bytes(pair[1]));
        hash = fold_product(hash ^ low, high ^ 0x6A09_E667_F3BC_C909) ^ hash.rotate_left(23);
    }
    fold_product(hash, 0xBB67_AE85_84CA_A73B)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_of_one_pattern_spread() {
        let mut tops = BTreeSet::new();
        for account in 1..=64 {
            for number in 0..64 {
                let name = Text::new(&format!("c-{number}")).unwrap();
                tops.insert(hash_of(&(account, name)) >> 48);
            }
        }
        assert!(tops.len() > 3_900, "{} of 4,096 differ", tops.len());
    }
}
