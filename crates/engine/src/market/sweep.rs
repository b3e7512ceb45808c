//! Commands that touch many orders: mass cancels and a session's end.
//!
//! Such a command takes a bounded number of orders and is repeated while there are more. The ids
//! that the first one found are kept for the repeats, so that a sweep over a deep book looks
//! through the pool once; what closed meanwhile is left out when its turn comes.

use super::Market;
use super::ledger::Ledger;
use super::order::Order;
use super::slab::NONE;
use crate::emit::{Emitter, EventSink};
use crate::refusal::Refusal;
use outcry_protocol::{CancelReason, EventRecord, MassCancelRecord, TimeInForce, TradingState};

/// Which orders a command takes; zero and `None` take all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Filter {
    account: u32,
    instrument: u32,
    side: u8,
    time_in_force: Option<TimeInForce>,
    /// Whether orders of halted instruments are passed over.
    skips_halted: bool,
}

/// What a bounded command left for its repeat.
#[derive(Debug, Clone)]
pub(crate) struct Sweep {
    filter: Filter,
    /// The command that left it; only the very next one may go on with it.
    sequence: u64,
    /// Ids, the lowest last.
    ids: Vec<u64>,
}

impl Market {
    /// Cancels at most `most` of the orders that match, by rising id.
    pub(crate) fn mass_cancel<S: EventSink, L: Ledger>(
        &mut self,
        record: &MassCancelRecord,
        most: u32,
        out: &mut Emitter<'_, S, L>,
    ) -> Result<u64, Refusal> {
        if record.instrument != 0 {
            self.books.known(record.instrument)?;
        }
        let filter = Filter {
            account: record.account,
            instrument: record.instrument,
            side: record.side,
            time_in_force: None,
            skips_halted: true,
        };
        let wallet = (L::KEEPS && record.account != 0)
            .then(|| out.ledger.terms(record.account).stamp.wallet);
        let (places, more) = self.lowest_matching(filter, wallet, most, out);
        out.emit(EventRecord::accepted(
            out.sequence,
            record.instrument,
            0,
            0,
            more,
        ));
        for place in places {
            let order = &self.orders.pool[place];
            // One whose list an earlier one ended is closed already.
            if order.id != 0 {
                let book = self.books.at(order.instrument);
                book.cancel(&mut self.orders, place, CancelReason::MassCancel, out);
            }
        }
        Ok(0)
    }

    /// Expires at most `most` DAY orders of an instrument, by rising id.
    pub(crate) fn end_session<S: EventSink, L: Ledger>(
        &mut self,
        instrument: u32,
        most: u32,
        out: &mut Emitter<'_, S, L>,
    ) -> Result<u64, Refusal> {
        self.books.known(instrument)?;
        let filter = Filter {
            account: 0,
            instrument,
            side: 0,
            time_in_force: Some(TimeInForce::Day),
            skips_halted: false,
        };
        let (places, more) = self.lowest_matching(filter, None, most, out);
        out.emit(EventRecord::accepted(out.sequence, instrument, 0, 0, more));
        for place in places {
            if self.orders.pool[place].id != 0 {
                let book = self.books.at(instrument);
                book.expire(&mut self.orders, place, out);
            }
        }
        Ok(0)
    }

    /// The places of the matching orders with the lowest ids, and whether there are more.
    fn lowest_matching<S: EventSink, L: Ledger>(
        &mut self,
        filter: Filter,
        wallet: Option<u32>,
        most: u32,
        out: &Emitter<'_, S, L>,
    ) -> (Vec<u32>, bool) {
        let mut ids = match self.sweep.take() {
            Some(sweep) if sweep.filter == filter && sweep.sequence + 1 == out.sequence => {
                sweep.ids
            }
            _ => self.matching_ids(filter, wallet),
        };
        let mut places = Vec::new();
        while let Some(order_id) = ids.last() {
            let place = self.orders.find_live(*order_id, out.time_ns);
            let matches = place != NONE && self.matches(filter, &self.orders.pool[place]);
            if matches && places.len() == most as usize {
                break;
            }
            if matches {
                places.push(place);
            }
            ids.pop();
        }
        let more = !ids.is_empty();
        if more {
            self.sweep = Some(Sweep {
                filter,
                sequence: out.sequence,
                ids,
            });
        }
        (places, more)
    }

    /// The ids of all matching orders, the lowest last. Where the ledger knows the account's
    /// orders, no others are looked at.
    fn matching_ids(&self, filter: Filter, wallet: Option<u32>) -> Vec<u64> {
        let id_of = |order: &Order| self.matches(filter, order).then_some(order.id);
        let mut ids: Vec<u64> = if let Some(wallet) = wallet {
            self.orders.of_wallet(wallet).filter_map(id_of).collect()
        } else {
            let all = self.orders.iter();
            all.filter_map(|(_, order)| id_of(order)).collect()
        };
        ids.sort_unstable_by(|left, right| right.cmp(left));
        ids
    }

    fn matches(&self, filter: Filter, order: &Order) -> bool {
        let takes = |wanted: u32, found: u32| wanted == 0 || wanted == found;
        let halted = || {
            let book = self.books.get(order.instrument);
            book.is_none_or(|book| book.state == TradingState::Halted)
        };
        takes(filter.account, order.account)
            && takes(filter.instrument, order.instrument)
            && takes(u32::from(filter.side), order.side as u32)
            && filter
                .time_in_force
                .is_none_or(|wanted| wanted == order.time_in_force)
            && !(filter.skips_halted && halted())
    }
}
