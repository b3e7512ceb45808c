//! Traders with real balances, for a market that looks alive: makers quote around a fair price that
//! drifts, takers take or leave limit orders, specialists use stops, icebergs and orders that
//! expire, and the fees are paid out again to who has least, so that the market never dries up.
//!
//! The traders know what became of their orders and what they own only from the events that
//! [`Traders::learn`] is told, so few of their commands are refused: those that were under way when
//! another's order changed what they were made for. The same seed, times and events give the same
//! commands.

mod desk;
mod known;
mod maker;
mod market;
mod specialist;
mod taker;
mod world;

use outcry_protocol::{EventRecord, FEE_ACCOUNT, FundsRecord, MassCancelRecord, RecordBuffer};

use desk::Desk;
use known::NO_ASSET;
use world::{ASSETS, MAKERS, PAYOUTS, SPECIALISTS, SPECS, TAKERS};
pub use world::{account_numbers, setup};

/// Of so many commands one is a maker's, a taker's, a specialist's.
const SHARES: [(u32, Kind); 3] = [(80, Kind::Maker), (14, Kind::Taker), (6, Kind::Specialist)];
const TURNS_IN_VAIN_MAX: u32 = 200;
/// Between two payouts of the fees.
const COMMANDS_A_PAYOUT: u64 = 20_000;

#[derive(Clone, Copy, Debug)]
enum Kind {
    Maker,
    Taker,
    Specialist,
}

/// Counts for a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Commands handed out.
    pub commands: u64,
    /// Of those answered, the refused ones.
    pub refused: u64,
    /// Open orders, as far as the traders know.
    pub open_orders: usize,
}

/// The traders of one exchange.
#[derive(Clone, Debug)]
pub struct Traders {
    desk: Desk,
    commands: u64,
}

impl Traders {
    /// Traders who behave by this seed.
    #[must_use]
    pub fn new(seed: u32) -> Self {
        Self {
            desk: Desk::new(seed),
            commands: 0,
        }
    }

    /// For an exchange that has run before: tells what was traded last, as (instrument, price in
    /// ticks), and what is available, as (account, asset, smallest units), of the traders and the
    /// fee account. Answers commands that cancel what the traders left open.
    pub fn resume(
        &mut self,
        time_ns: u64,
        last_trades: &[(u32, i64)],
        balances: &[(u32, u32, i128)],
    ) -> RecordBuffer {
        for &(instrument, price_ticks) in last_trades {
            let found = SPECS.iter().position(|spec| spec.number == instrument);
            if let Some(market) = found.filter(|_| price_ticks > 0) {
                self.desk.known.set_last_trade(market, price_ticks);
                self.desk.markets[market].start_from(price_ticks);
            }
        }
        for &(account, asset, available) in balances {
            self.desk.known.set_free(account, asset, available);
        }
        self.desk.pass_time(time_ns);
        let mut records = RecordBuffer::default();
        for account in account_numbers() {
            let mut record = MassCancelRecord::new(account, 0, None);
            record.time_ns = time_ns;
            records.extend(record.as_record_bytes());
            self.desk.known.sent_other(account, NO_ASSET, 0);
            self.commands += 1;
        }
        records
    }

    /// The next commands, at this time, which never falls: `count`, or fewer where so many turns in
    /// a row came to nothing that all traders wait for answers.
    pub fn next_batch(&mut self, time_ns: u64, count: usize) -> RecordBuffer {
        self.desk.pass_time(time_ns);
        let mut records = RecordBuffer::with_capacity(count * 96);
        for _ in 0..count {
            let is_payout = (self.commands + 1).is_multiple_of(COMMANDS_A_PAYOUT);
            let is_made = is_payout && self.pay_out(&mut records)
                || (0..TURNS_IN_VAIN_MAX).any(|_| self.act(&mut records));
            if !is_made {
                break;
            }
            self.commands += 1;
        }
        records
    }

    /// Hears the events of the commands, whole commands in their order, and no others'.
    ///
    /// # Panics
    /// When a record is no event.
    pub fn learn(&mut self, events: &[EventRecord]) {
        self.desk.known.learn(events);
    }

    /// The last `count` commands that were handed out did not reach the exchange.
    pub fn unsent(&mut self, count: usize) {
        self.desk.known.unsent(count);
        self.commands -= count as u64;
    }

    /// Counts for a view.
    #[must_use]
    pub fn figures(&self) -> Figures {
        Figures {
            commands: self.commands,
            refused: self.desk.known.refused,
            open_orders: self.desk.known.open_orders(),
        }
    }

    fn act(&mut self, records: &mut RecordBuffer) -> bool {
        let desk = &mut self.desk;
        match desk.drawn_of(&SHARES) {
            Kind::Maker => {
                let trader = desk.random.below(MAKERS);
                maker::act(desk, trader, records)
            }
            Kind::Taker => {
                let trader = desk.random.below(TAKERS);
                taker::act(desk, MAKERS + trader, records)
            }
            Kind::Specialist => {
                let trader = desk.random.below(SPECIALISTS);
                specialist::act(desk, MAKERS + TAKERS + trader, records)
            }
        }
    }

    /// Moves what the fee account has of one asset to the trader who has least of it.
    fn pay_out(&mut self, records: &mut RecordBuffer) -> bool {
        let known = &mut self.desk.known;
        let turn = (self.commands / COMMANDS_A_PAYOUT) % ASSETS as u64;
        let asset = 1 + turn as u32;
        let amount = known.free(FEE_ACCOUNT, asset);
        let poorest = account_numbers().min_by_key(|account| known.free(*account, asset));
        let Some(to_account) = poorest.filter(|_| amount > 0) else {
            return false;
        };
        // Time rises, so that the number does, over restarts too.
        let number = self.desk.time_ns + self.commands;
        let source = [PAYOUTS, number];
        let amount_units = amount.unsigned_abs();
        let mut record =
            FundsRecord::transfer(source, FEE_ACCOUNT, to_account, asset, amount_units);
        record.time_ns = self.desk.time_ns;
        records.extend(record.as_record_bytes());
        known.sent_other(FEE_ACCOUNT, asset, amount);
        true
    }
}
