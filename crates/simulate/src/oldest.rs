//! The live orders by age, of which one among the oldest few can be picked at once.

use std::collections::VecDeque;

/// A pick is among this many of the oldest live orders.
pub(crate) const PICKED_AMONG: usize = 512;

/// The numbers of the live orders, oldest first. Numbers are added rising, so both parts are
/// sorted and an order is found by bisection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Oldest {
    /// The oldest live orders, as many as a pick is among.
    front: Vec<u64>,
    /// Those behind them; closed ones stay until they reach the front.
    behind: VecDeque<u64>,
}

impl Oldest {
    /// How many a pick is among now.
    pub(crate) fn pickable(&self) -> usize {
        self.front.len()
    }

    /// The live order that `older` others precede.
    ///
    /// # Panics
    /// When `older` is not below [`Self::pickable`].
    pub(crate) fn pick(&self, older: usize) -> u64 {
        self.front[older]
    }

    /// Adds the youngest order.
    pub(crate) fn add(&mut self, order: u64) {
        if self.front.len() < PICKED_AMONG {
            self.front.push(order);
        } else {
            self.behind.push_back(order);
        }
    }

    /// Takes a closed order out, once; `is_live` tells of each other one whether it still is.
    pub(crate) fn remove(&mut self, order: u64, is_live: impl Fn(u64) -> bool) {
        let Ok(place) = self.front.binary_search(&order) else {
            return;
        };
        self.front.remove(place);
        while let Some(next) = self.behind.pop_front() {
            if is_live(next) {
                self.front.push(next);
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Oldest, PICKED_AMONG};
    use crate::random::Random;

    #[test]
    fn picks_are_those_of_a_sorted_set() {
        let mut random = Random::new(5);
        let mut oldest = Oldest::default();
        let mut live = BTreeSet::new();
        for order in 1..5000 {
            oldest.add(order);
            live.insert(order);
            if random.below(10) < 7 {
                let closed = *live
                    .iter()
                    .nth(random.below(700) as usize % live.len())
                    .unwrap();
                live.remove(&closed);
                oldest.remove(closed, |order| live.contains(&order));
            }
            assert_eq!(oldest.pickable(), live.len().min(PICKED_AMONG));
            let picks = (0..oldest.pickable()).map(|older| oldest.pick(older));
            assert!(
                picks.eq(live.iter().copied().take(PICKED_AMONG)),
                "order {order}"
            );
        }
    }
}
