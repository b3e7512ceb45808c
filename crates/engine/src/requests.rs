//! Request ids that were answered, so that a repeat changes nothing.

use crate::lookup::Lookup;
use crate::state::{LoadError, StateReader};
use std::collections::{BTreeMap, VecDeque};

/// How a request was answered first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) sequence: u64,
    /// 0 when it was accepted, else the reason's code.
    pub(crate) code: u16,
    /// The order it made or named, 0 for none.
    pub(crate) order_id: u64,
}

type RequestId = [u64; 2];

/// The last answered request ids of each account.
#[derive(Debug, Clone)]
pub(crate) struct Requests {
    remembered: u32,
    answers: Lookup<(u32, RequestId), Answer>,
    /// Request ids of each account, oldest first.
    order: BTreeMap<u32, VecDeque<RequestId>>,
}

impl Requests {
    pub(crate) const fn new(remembered: u32) -> Self {
        Self {
            remembered,
            answers: Lookup::new(),
            order: BTreeMap::new(),
        }
    }

    /// The first answer to a request, if it is remembered.
    pub(crate) fn find(&self, account: u32, request_id: RequestId) -> Option<Answer> {
        self.answers.get(&(account, request_id))
    }

    /// Remembers an answer; the account's oldest makes room.
    pub(crate) fn remember(&mut self, account: u32, request_id: RequestId, answer: Answer) {
        if self.remembered == 0 {
            return;
        }
        let order = self.order.entry(account).or_default();
        if order.len() == self.remembered as usize
            && let Some(oldest) = order.pop_front()
        {
            self.answers.remove(&(account, oldest));
        }
        order.push_back(request_id);
        self.answers.insert((account, request_id), answer);
    }

    /// Takes up what [`Self::feed_state`] gave.
    pub(crate) fn load_state(&mut self, from: &mut StateReader<'_>) -> Result<(), LoadError> {
        for _ in 0..from.u32()? {
            let account = from.u32()?;
            let count = from.u32()?;
            from.expect(count <= self.remembered, "remembered requests")?;
            for _ in 0..count {
                let request_id = [from.u64()?, from.u64()?];
                let answer = Answer {
                    sequence: from.u64()?,
                    code: from.u16()?,
                    order_id: from.u64()?,
                };
                self.remember(account, request_id, answer);
            }
        }
        Ok(())
    }

    /// Feeds what is remembered to `feed`, in the order that `docs/rules.md` gives.
    pub(crate) fn feed_state(&self, feed: &mut impl FnMut(&[u8])) {
        feed(&(self.order.len() as u32).to_le_bytes());
        for (account, order) in &self.order {
            feed(&account.to_le_bytes());
            feed(&(order.len() as u32).to_le_bytes());
            for request_id in order {
                let answer = self
                    .find(*account, *request_id)
                    .expect("what is in order has an answer");
                feed(&request_id[0].to_le_bytes());
                feed(&request_id[1].to_le_bytes());
                feed(&answer.sequence.to_le_bytes());
                feed(&answer.code.to_le_bytes());
                feed(&answer.order_id.to_le_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_of_the_same_account_is_forgotten() {
        let mut requests = Requests::new(2);
        let answer = |sequence| Answer {
            sequence,
            code: 0,
            order_id: 0,
        };
        for id in 1..=3 {
            requests.remember(7, [id, 0], answer(id));
        }
        requests.remember(8, [1, 0], answer(9));
        assert_eq!(requests.find(7, [1, 0]), None);
        assert_eq!(requests.find(7, [2, 0]), Some(answer(2)));
        assert_eq!(requests.find(8, [1, 0]), Some(answer(9)));
    }
}
