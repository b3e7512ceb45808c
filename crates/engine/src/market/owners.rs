//! Whose an open order is: what the ledger stamped it with, and the other orders of the same owner.

use super::ledger::Stamp;
use super::slab::NONE;

/// What became of an order since it came. Kept with a ledger only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Life {
    /// Engine time when it came, in nanoseconds since 1970 UTC.
    pub(crate) entered_ns: u64,
    /// Engine time of its last change.
    pub(crate) changed_ns: u64,
    /// The value of its fills in ticks times lots.
    pub(crate) traded_value: u128,
}

impl Life {
    /// That of an order which comes now.
    #[inline(always)]
    pub(crate) const fn begun_at(time_ns: u64) -> Self {
        Self {
            entered_ns: time_ns,
            changed_ns: time_ns,
            traded_value: 0,
        }
    }
}

/// What stands beside an order, at the same place as in the pool.
#[derive(Debug, Clone, Copy)]
struct Link {
    stamp: Stamp,
    /// The owner's order that opened behind it.
    newer: u32,
    /// The owner's order that opened before it.
    older: u32,
}

/// The open orders of each owner; empty in a machine without a ledger.
#[derive(Debug, Clone, Default)]
pub(super) struct Owners {
    links: Vec<Link>,
    /// Apart from the links, of which every order that comes and goes touches its neighbours'.
    lives: Vec<Life>,
    /// The newest order of each owner, by the place of its wallet.
    newest: Vec<u32>,
}

impl Owners {
    /// What the order at this place was stamped with; nothing without a ledger.
    #[inline(always)]
    pub(super) fn stamp(&self, place: u32) -> Stamp {
        let link = self.links.get(place as usize);
        link.map_or_else(Stamp::default, |link| link.stamp)
    }

    /// What became of the order at this place; nothing without a ledger.
    pub(super) fn life(&self, place: u32) -> Life {
        self.lives.get(place as usize).copied().unwrap_or_default()
    }

    /// Notes that an order changed, and the value that it traded then.
    #[inline(always)]
    pub(super) fn change(&mut self, place: u32, time_ns: u64, traded_value: u128) {
        let life = &mut self.lives[place as usize];
        life.changed_ns = time_ns;
        life.traded_value += traded_value;
    }

    /// Notes an order that opened in a pool with room for `room`.
    #[inline(always)]
    pub(super) fn enter(&mut self, place: u32, stamp: Stamp, life: Life, room: usize) {
        let owner = stamp.wallet as usize;
        if self.links.len() <= place as usize || self.newest.len() <= owner {
            self.grow(room, owner);
        }
        let older = std::mem::replace(&mut self.newest[owner], place);
        if older != NONE {
            self.links[older as usize].newer = place;
        }
        self.links[place as usize] = Link {
            stamp,
            newer: NONE,
            older,
        };
        self.lives[place as usize] = life;
    }

    #[cold]
    fn grow(&mut self, room: usize, owner: usize) {
        let blank = Link {
            stamp: Stamp::default(),
            newer: NONE,
            older: NONE,
        };
        if self.links.len() < room {
            self.links.resize(room, blank);
            self.lives.resize(room, Life::default());
        }
        if self.newest.len() <= owner {
            let owners = (owner + 1).next_power_of_two();
            self.newest.resize(owners, NONE);
        }
    }

    /// Forgets an order that closes.
    #[inline(always)]
    pub(super) fn leave(&mut self, place: u32) {
        let Some(link) = self.links.get(place as usize) else {
            return;
        };
        let (wallet, newer, older) = (link.stamp.wallet, link.newer, link.older);
        match newer {
            NONE => self.newest[wallet as usize] = older,
            newer => self.links[newer as usize].older = older,
        }
        if older != NONE {
            self.links[older as usize].newer = newer;
        }
    }

    /// The places of an owner's open orders, the newest first.
    pub(super) fn orders(&self, wallet: u32) -> impl Iterator<Item = u32> + '_ {
        let some = |place: u32| (place != NONE).then_some(place);
        let newest = self.newest.get(wallet as usize).copied().and_then(some);
        std::iter::successors(newest, move |place| some(self.links[*place as usize].older))
    }
}
