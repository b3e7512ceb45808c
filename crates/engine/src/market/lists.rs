//! The order lists that live: what belongs together, and how.
//!
//! A list that is over is forgotten; what is left of its orders keeps its id and is like any other.

use super::order::{Order, Place};
use super::orders::Orders;
use super::slab::NONE;
use outcry_protocol::{ListState, ListType};
use std::collections::BTreeMap;

/// Most legs of a list.
pub(crate) const LEGS_MAX: usize = 3;

/// An order list.
#[expect(
    clippy::struct_field_names,
    reason = "`list_type` is the field's own name"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct List {
    pub(crate) account: u32,
    pub(crate) instrument: u32,
    pub(crate) list_type: ListType,
    /// The ids of its orders in their order, closed ones too; 0 where there is no third.
    pub(crate) legs: [u64; LEGS_MAX],
}

/// The lists by id: the sequence of the command that made each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lists {
    lists: BTreeMap<u64, List>,
}

/// A list that lives, as a reader sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListView {
    /// The list's id: the sequence of the command that made it.
    pub list_id: u64,
    /// Its account.
    pub account: u32,
    /// Its instrument.
    pub instrument: u32,
    /// How its orders hang together.
    pub list_type: ListType,
    /// What became of it.
    pub state: ListState,
    /// The ids of its orders in their order, closed ones too; 0 where there is no third.
    pub order_ids: [u64; LEGS_MAX],
}

impl List {
    /// The ids of its orders in their order.
    pub(crate) fn legs(&self) -> &[u64] {
        &self.legs[..usize::from(self.list_type.legs())]
    }

    /// Whether this order works while the others are pending.
    pub(crate) fn works_for_others(&self, order_id: u64) -> bool {
        self.list_type != ListType::Oco && self.legs[0] == order_id
    }

    /// The ids of the orders that are pending at first.
    pub(crate) fn pending(&self) -> &[u64] {
        match self.list_type {
            ListType::Oco => &[],
            ListType::Oto | ListType::Otoco => &self.legs()[1..],
        }
    }
}

impl Lists {
    /// A list that lives.
    pub(crate) fn get(&self, list_id: u64) -> Option<&List> {
        self.lists.get(&list_id)
    }

    pub(crate) fn insert(&mut self, list_id: u64, list: List) {
        self.lists.insert(list_id, list);
    }

    pub(crate) fn remove(&mut self, list_id: u64) {
        self.lists.remove(&list_id);
    }

    /// Every list by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &List)> {
        self.lists.iter().map(|(list_id, list)| (*list_id, list))
    }

    /// A list as a reader sees it.
    pub(crate) fn view(list_id: u64, list: &List) -> ListView {
        ListView {
            list_id,
            account: list.account,
            instrument: list.instrument,
            list_type: list.list_type,
            state: ListState::Executing,
            order_ids: list.legs,
        }
    }
}

impl Orders {
    /// The list that an order came with, 0 for none; it may be over.
    #[inline(always)]
    pub(crate) fn list_id(&self, order: &Order) -> u64 {
        if order.extra == NONE {
            0
        } else {
            self.extras[order.extra].list_id
        }
    }

    /// The list that an order belongs to, if it lives.
    #[inline(always)]
    pub(crate) fn list_of(&self, order: &Order) -> Option<(u64, List)> {
        match self.list_id(order) {
            0 => None,
            list_id => self.live_list(list_id),
        }
    }

    #[cold]
    fn live_list(&self, list_id: u64) -> Option<(u64, List)> {
        self.lists.get(list_id).map(|list| (list_id, *list))
    }

    /// Whether an order has not entered: it is pending, or was set free and waits for its turn. A
    /// queued stop was met, so its list is over.
    pub(crate) fn is_to_enter(&self, order: &Order) -> bool {
        match order.place() {
            Place::Pending => true,
            Place::Queued => self.list_of(order).is_some(),
            Place::Resting | Place::Waiting => false,
        }
    }

    /// Whether the filters count an order as a waiting stop: those to come are counted too.
    pub(crate) fn counts_as_stop(&self, order: &Order) -> bool {
        order.is_stop() && (order.place() == Place::Waiting || self.is_to_enter(order))
    }

    /// The places of a list's open orders in their order.
    pub(crate) fn open_legs(&self, list: &List) -> Vec<u32> {
        let places = list.legs().iter().map(|order_id| self.find(*order_id));
        places.filter(|place| *place != NONE).collect()
    }
}
