//! Goal: the traders keep a market alive for long, few of their commands are refused, no money is
//! made or lost, and a seed gives one flow. Method: apply their batches to the engine with money,
//! all invariants asserted, and tell them the events as late as an exchange would; count what
//! happened.

use std::collections::BTreeMap;

use outcry_engine::{Engine, EngineConfig};
use outcry_protocol::{
    AdminRecord, CommandKind, Event, EventContext, EventKind, EventRecord, FEE_ACCOUNT,
};
use outcry_simulate::encode::START_TIME_NS;
use outcry_simulate::traders::{Traders, account_numbers, setup};

const BATCH: usize = 100;
const BATCH_NS: u64 = 50_000_000;
const LATE_BATCHES: usize = 2;

/// An exchange with its traders; the events of a batch reach them two batches later.
struct Venue {
    engine: Engine,
    traders: Traders,
    time_ns: u64,
    waiting: Vec<Vec<EventRecord>>,
    counts: BTreeMap<&'static str, u64>,
    context: EventContext,
    balances: BTreeMap<(u32, u32), (i128, i128)>,
}

impl Venue {
    fn new(seed: u32) -> Self {
        let engine = Engine::new(EngineConfig {
            money: true,
            check_invariants: true,
            ..EngineConfig::default()
        });
        let mut venue = Self {
            engine,
            traders: Traders::new(seed),
            time_ns: START_TIME_NS,
            waiting: Vec::new(),
            counts: BTreeMap::new(),
            context: EventContext::default(),
            balances: BTreeMap::new(),
        };
        let events = venue.apply(setup().as_bytes());
        assert!(!venue.counts.contains_key("rejected"), "{events:?}");
        venue.traders.learn(&events);
        venue
    }

    fn apply(&mut self, commands: &[u8]) -> Vec<EventRecord> {
        let mut events = Vec::new();
        self.engine.apply_batch(commands, &mut events).unwrap();
        for event in &events {
            let kind = EventKind::from_byte(event.kind).unwrap();
            *self.counts.entry(kind.name()).or_insert(0) += 1;
            let placed = self.context.read(event).unwrap();
            if let Some(Event::BalanceChanged {
                account,
                asset,
                available,
                held,
            }) = placed.map(|placed| placed.event)
            {
                self.balances.insert((account, asset), (available, held));
            }
        }
        events
    }

    /// Runs so many batches, and answers the commands of all.
    fn run(&mut self, batches: usize) -> Vec<u8> {
        let mut all = Vec::new();
        for batch in 0..batches {
            self.time_ns += BATCH_NS;
            let commands = self.traders.next_batch(self.time_ns, BATCH);
            all.extend_from_slice(commands.as_bytes());
            let mut events = self.apply(commands.as_bytes());
            if batch.is_multiple_of(10) {
                events.extend(self.advance_time());
            }
            self.waiting.push(events);
            if self.waiting.len() > LATE_BATCHES {
                let events = self.waiting.remove(0);
                self.traders.learn(&events);
            }
        }
        for events in std::mem::take(&mut self.waiting) {
            self.traders.learn(&events);
        }
        all
    }

    fn advance_time(&mut self) -> Vec<EventRecord> {
        let mut record = AdminRecord::new(CommandKind::AdvanceTime, 0);
        record.time_ns = self.time_ns;
        self.apply(record.as_record_bytes())
    }

    /// The refused, in a thousand of all commands.
    fn refused_per_mille(&self) -> u64 {
        let figures = self.traders.figures();
        assert_eq!(figures.refused, self.counts["rejected"]);
        1_000 * figures.refused / figures.commands
    }
}

#[test]
fn few_commands_are_refused_and_everything_happens() {
    trade_for(200, 500, 0);
}

#[test]
#[ignore = "slow"]
fn few_commands_are_refused_for_long_and_everything_happens() {
    trade_for(800, 2_000, 4);
}

/// Requires that of the frequent and of the rarer events more than so many happen.
fn trade_for(batches: usize, often_least: u64, rarer_least: u64) {
    let mut venue = Venue::new(1);
    venue.run(batches);
    let figures = venue.traders.figures();
    assert_eq!(figures.commands, (batches * BATCH) as u64);
    assert_eq!(figures.open_orders, venue.engine.open_orders() as usize);
    let refused_per_mille = venue.refused_per_mille();
    assert!(refused_per_mille < 30, "{:?}", venue.counts);
    let often = ["accepted", "replaced", "cancelled", "traded"];
    let rarer = ["triggered", "slice_shown", "expired"];
    for (names, least) in [(often.as_slice(), often_least), (&rarer, rarer_least)] {
        for name in names {
            let count = venue.counts.get(name).copied().unwrap_or(0);
            assert!(count > least, "{name}: {:?}", venue.counts);
        }
    }
}

/// What is on deposit, as the external account has it, is what all others have together.
#[test]
fn no_money_is_made_or_lost_and_the_fees_come_back() {
    let mut venue = Venue::new(2);
    venue.run(150);
    for asset in 1..=4 {
        let of_asset = venue.balances.iter().filter(|((_, one), _)| *one == asset);
        let parts: Vec<i128> = of_asset
            .map(|(_, (available, held))| available + held)
            .collect();
        assert_eq!(parts.iter().sum::<i128>(), 0, "asset {asset}");
        assert!(parts.len() > account_numbers().count());
    }
    let fees: Vec<_> = (1..=4)
        .map(|asset| venue.balances[&(FEE_ACCOUNT, asset)])
        .collect();
    assert!(fees.iter().all(|(available, _)| *available > 0), "{fees:?}");
}

#[test]
fn a_seed_gives_one_flow() {
    let commands = |seed| Venue::new(seed).run(50);
    assert_eq!(commands(3), commands(3));
    assert_ne!(commands(3), commands(4));
}

#[test]
fn traders_go_on_where_others_left() {
    let mut venue = Venue::new(5);
    venue.run(100);
    assert!(venue.engine.open_orders() > 100);
    venue.traders = Traders::new(6);
    venue.counts.clear();
    let last_trades: Vec<_> = (1..=3)
        .filter_map(|number| Some((number, venue.engine.last_trade(number)?)))
        .collect();
    assert_eq!(last_trades.len(), 3);
    let balances: Vec<_> = venue
        .balances
        .iter()
        .map(|((account, asset), (available, _))| (*account, *asset, *available))
        .collect();
    let commands = venue.traders.resume(venue.time_ns, &last_trades, &balances);
    let events = venue.apply(commands.as_bytes());
    venue.traders.learn(&events);
    assert_eq!(venue.engine.open_orders(), 0);
    venue.counts.insert("rejected", 0);
    venue.run(100);
    let refused_per_mille = venue.refused_per_mille();
    assert!(refused_per_mille < 30, "{:?}", venue.counts);
    assert!(venue.counts["traded"] > 100, "{:?}", venue.counts);
}

/// A batch that the exchange did not take is as if it had never been made.
#[test]
fn what_was_not_taken_is_forgotten() {
    let mut venue = Venue::new(7);
    for _ in 0..20 {
        venue.run(5);
        venue.traders.next_batch(venue.time_ns, BATCH);
        venue.traders.unsent(BATCH);
    }
    assert_eq!(venue.traders.figures().commands, 100 * BATCH as u64);
    assert_eq!(
        venue.traders.figures().open_orders,
        venue.engine.open_orders() as usize
    );
    let refused_per_mille = venue.refused_per_mille();
    assert!(refused_per_mille < 30, "{:?}", venue.counts);
}
