//! Order lists: what they hold, what becomes of them, and that a state full of them is sound,
//! saved and taken up again.

use outcry_engine::{Engine, EngineConfig, Place, example_instrument};
use outcry_protocol::{
    AccountRecord, AdminRecord, AssetRecord, CancelReason, CommandKind, Event, EventContext,
    EventRecord, ExtendedOrderRecord, FundsRecord, InstrumentLimitsRecord, ListRecord, ListState,
    ListType, MassCancelRecord, OrderRecord, OrderType, RecordBuffer, RejectReason, Side, StopUnit,
    Text, TimeInForce, Trigger,
};
use proptest::prelude::*;

const BASE: u32 = 1;
const QUOTE: u32 = 2;
const CONFIG: fn() -> EngineConfig = || EngineConfig {
    money: true,
    work_max: 6,
    mass_max: 4,
    check_invariants: true,
    ..EngineConfig::default()
};

/// Two assets, an instrument, and accounts 1 to 3 with a thousand lots of base and as much quote as
/// they can need. Takers pay a tenth.
fn market() -> Engine {
    let mut engine = Engine::new(CONFIG());
    let instrument = example_instrument(1);
    let mut commands = RecordBuffer::default();
    for (asset, name, decimals) in [
        (BASE, "BTC", instrument.base_decimals),
        (QUOTE, "USDT", instrument.quote_decimals),
    ] {
        let record = AssetRecord::new(asset, Text::new(name).unwrap(), decimals);
        commands.extend(record.as_record_bytes());
    }
    commands.extend(instrument.as_record_bytes());
    commands.extend(InstrumentLimitsRecord::unbounded(1).as_record_bytes());
    for account in 1..=3 {
        let mut record = AccountRecord::new(account, 0);
        record.taker_rate_ppm = 100_000;
        commands.extend(record.as_record_bytes());
        for (asset, amount) in [(BASE, 1_000 * lot_unit()), (QUOTE, 1 << 90)] {
            let source = [u64::from(account), u64::from(asset)];
            let deposit = FundsRecord::deposit(source, account, asset, amount);
            commands.extend(deposit.as_record_bytes());
        }
    }
    events_of(&mut engine, commands.as_bytes());
    engine
}

fn lot_unit() -> u128 {
    example_instrument(1).lot_unit().unwrap()
}

fn value_unit() -> u128 {
    example_instrument(1).value_unit().unwrap()
}

/// What commands did, but for balances.
fn events_of(engine: &mut Engine, commands: &[u8]) -> Vec<Event> {
    let mut records = Vec::new();
    engine.apply_batch(commands, &mut records).unwrap();
    read(&records)
}

fn read(records: &[EventRecord]) -> Vec<Event> {
    let mut context = EventContext::default();
    let placed = records
        .iter()
        .filter_map(|record| context.read(record).unwrap());
    placed
        .map(|placed| placed.event)
        .filter(|event| !matches!(event, Event::BalanceChanged { .. }))
        .collect()
}

fn limit(side: Side, price: i64, lots: u64) -> ExtendedOrderRecord {
    let base = OrderRecord::limit(1, 1, side, price, lots);
    ExtendedOrderRecord::new(CommandKind::ListLeg, base)
}

fn stop(side: Side, trigger: Trigger, stop: i64, lots: u64) -> ExtendedOrderRecord {
    let mut leg = limit(side, 0, lots);
    leg.base.order_type = OrderType::Stop as u8;
    leg.trigger = trigger as u8;
    leg.stop = stop;
    leg
}

fn list(list_type: ListType, account: u32, legs: &[ExtendedOrderRecord]) -> RecordBuffer {
    let record = ListRecord::new(1, account, list_type);
    let mut bytes = RecordBuffer::copy_of(record.as_record_bytes());
    for leg in legs {
        let mut leg = *leg;
        leg.base.account = account;
        bytes.extend(leg.as_record_bytes());
    }
    bytes
}

fn place(engine: &mut Engine, account: u32, side: Side, price: i64, lots: u64) -> Vec<Event> {
    let record = OrderRecord::limit(1, account, side, price, lots);
    events_of(
        engine,
        RecordBuffer::copy_of(record.as_record_bytes()).as_bytes(),
    )
}

fn held(engine: &Engine, account: u32, asset: u32) -> u128 {
    let balances = engine.balances(account);
    let found = balances.iter().find(|balance| balance.asset == asset);
    found.map_or(0, |balance| balance.held.cast_unsigned())
}

fn accepted(order_id: u64) -> Event {
    Event::Accepted {
        order_id,
        more: false,
    }
}

fn cancelled(order_id: u64, quantity_lots: u64, reason: CancelReason) -> Event {
    Event::Cancelled {
        order_id,
        quantity_lots,
        reason,
        refusal: None,
    }
}

const fn changed(list_id: u64, state: ListState) -> Event {
    Event::ListChanged { list_id, state }
}

#[test]
fn a_pair_holds_its_greatest_need_and_leaves_what_trades() {
    let mut engine = market();
    place(&mut engine, 2, Side::Sell, 10_000, 1);
    place(&mut engine, 3, Side::Buy, 10_000, 1);
    let mut above = stop(Side::Buy, Trigger::Rise, 10_100, 8);
    above.base.order_type = OrderType::StopLimit as u8;
    above.base.price_ticks = 10_150;
    let pair = list(ListType::Oco, 1, &[limit(Side::Buy, 9_900, 8), above]);
    let events = events_of(&mut engine, pair.as_bytes());
    let list_id = engine.sequence();
    let begun = [
        accepted(3),
        accepted(4),
        changed(list_id, ListState::Executing),
    ];
    assert_eq!(events, begun);
    assert_eq!(held(&engine, 1, QUOTE), 8 * 10_150 * value_unit());
    let events = place(&mut engine, 2, Side::Sell, 9_900, 3);
    assert_eq!(
        events[2..],
        [
            cancelled(4, 8, CancelReason::Sibling),
            changed(list_id, ListState::Done),
        ]
    );
    assert_eq!(held(&engine, 1, QUOTE), 5 * 9_900 * value_unit());
    let left = engine.order(3).unwrap();
    assert_eq!((left.list_id, left.open_lots), (list_id, 5));
    assert_eq!(left.traded_value, 3 * 9_900);
    assert!(engine.order_list(list_id).is_none());
}

#[test]
fn a_stop_that_triggers_takes_its_sibling_at_once() {
    let mut engine = market();
    place(&mut engine, 2, Side::Sell, 10_000, 1);
    place(&mut engine, 3, Side::Buy, 10_000, 1);
    place(&mut engine, 3, Side::Buy, 9_890, 4);
    let below = stop(Side::Sell, Trigger::Fall, 9_900, 6);
    let pair = list(ListType::Oco, 1, &[below, limit(Side::Sell, 10_100, 6)]);
    events_of(&mut engine, pair.as_bytes());
    let list_id = engine.sequence();
    assert_eq!(held(&engine, 1, BASE), 6 * lot_unit());
    place(&mut engine, 3, Side::Buy, 9_900, 1);
    let events = place(&mut engine, 2, Side::Sell, 9_900, 1);
    let triggered = Event::Triggered {
        order_id: 4,
        price_ticks: 9_900,
    };
    let expected = [
        triggered,
        cancelled(5, 6, CancelReason::Sibling),
        changed(list_id, ListState::Done),
    ];
    assert_eq!(events[2..5], expected);
    assert_eq!(events[6], cancelled(4, 2, CancelReason::NoLiquidity));
    assert_eq!(held(&engine, 1, BASE), 0);
}

#[test]
fn a_pending_sell_enters_with_the_whole_lots_that_are_there() {
    let mut engine = market();
    let all = OrderRecord::limit(1, 1, Side::Sell, 20_000, 1_000);
    events_of(
        &mut engine,
        RecordBuffer::copy_of(all.as_record_bytes()).as_bytes(),
    );
    place(&mut engine, 2, Side::Sell, 10_000, 10);
    let (above, below) = (
        limit(Side::Sell, 11_000, 10),
        stop(Side::Sell, Trigger::Fall, 9_000, 10),
    );
    let bracket = list(
        ListType::Otoco,
        1,
        &[limit(Side::Buy, 10_000, 10), above, below],
    );
    let events = events_of(&mut engine, bracket.as_bytes());
    let list_id = engine.sequence();
    let entered = |order_id| Event::Entered {
        order_id,
        quantity_lots: 9,
    };
    assert_eq!(events[3], changed(list_id, ListState::Executing));
    assert!(matches!(
        events[4],
        Event::Traded {
            taker_order_id: 3,
            taker_filled: true,
            ..
        }
    ));
    assert_eq!(events[5..], [entered(4), entered(5)]);
    assert_eq!(held(&engine, 1, BASE), 1_009 * lot_unit());
    let places = [4, 5].map(|order_id| engine.order(order_id).unwrap().place);
    assert_eq!(places, [Place::Resting, Place::Waiting]);
    let view = engine.order_list(list_id).unwrap();
    assert_eq!(
        (view.list_type, view.order_ids),
        (ListType::Otoco, [3, 4, 5])
    );
}

#[test]
fn what_refuses_a_pending_order_is_why_it_is_cancelled() {
    let mut engine = market();
    place(&mut engine, 2, Side::Sell, 10_000, 5);
    let mut maker = limit(Side::Sell, 9_990, 5);
    maker.base.flags = outcry_protocol::flags::POST_ONLY;
    place(&mut engine, 3, Side::Buy, 9_995, 1);
    let chain = list(ListType::Oto, 1, &[limit(Side::Buy, 10_000, 5), maker]);
    let events = events_of(&mut engine, chain.as_bytes());
    let list_id = engine.sequence();
    let refused = Event::Cancelled {
        order_id: 4,
        quantity_lots: 5,
        reason: CancelReason::Refused,
        refusal: Some(RejectReason::WouldTake),
    };
    assert_eq!(events[4..], [refused, changed(list_id, ListState::Ended)]);
    assert_eq!(engine.open_lists(1, 0, 10), []);
}

#[test]
fn a_leg_that_ends_ends_its_list_and_a_member_is_not_replaced() {
    let mut engine = market();
    let chain = |account| {
        let legs = [limit(Side::Buy, 9_000, 5), limit(Side::Sell, 11_000, 5)];
        list(ListType::Oto, account, &legs)
    };
    events_of(&mut engine, chain(1).as_bytes());
    let list_id = engine.sequence();
    assert_eq!(engine.order(2).unwrap().place, Place::Pending);
    let replace = OrderRecord::replace(1, 1, 1, 9_000, 4);
    let replace = RecordBuffer::copy_of(replace.as_record_bytes());
    let refused = Event::Rejected {
        reason: RejectReason::ListMember,
        order_id: 1,
        bound: 0,
    };
    assert_eq!(events_of(&mut engine, replace.as_bytes()), [refused]);
    let cancel = OrderRecord::cancel(1, 1, 2);
    let cancel = RecordBuffer::copy_of(cancel.as_record_bytes());
    let ended = |reason| {
        [
            cancelled(2, 5, CancelReason::Requested),
            cancelled(1, 5, reason),
            changed(list_id, ListState::Ended),
        ]
    };
    let events = events_of(&mut engine, cancel.as_bytes());
    assert_eq!(events, ended(CancelReason::ListEnded));
    events_of(&mut engine, chain(2).as_bytes());
    let mut cancel = AdminRecord::new(CommandKind::CancelList, 0);
    cancel.account = 2;
    cancel.list_id = engine.sequence();
    let cancel = RecordBuffer::copy_of(cancel.as_record_bytes());
    assert_eq!(events_of(&mut engine, cancel.as_bytes()).len(), 3);
    let unknown = events_of(&mut engine, cancel.as_bytes());
    let reason = RejectReason::UnknownList;
    assert!(matches!(unknown[..], [Event::Rejected { reason: found, .. }] if found == reason));
    assert_eq!(held(&engine, 2, QUOTE), 0);
}

/// A step of a random flow of lists and of orders that meet them.
#[derive(Debug, Clone)]
struct Step {
    what: u8,
    account: u32,
    side: Side,
    price: i64,
    lots: u64,
    spread: i64,
    terms: u8,
    time_ns: u64,
}

fn step() -> impl Strategy<Value = Step> {
    let numbers = (0..12_u8, 1..=3_u32, any::<bool>(), 9_990..=10_010_i64);
    let more = (1..=9_u64, 1..=12_i64, any::<u8>(), 0..4_u64);
    (numbers, more).prop_map(
        |((what, account, buys, price), (lots, spread, terms, time_ns))| Step {
            what,
            account,
            side: if buys { Side::Buy } else { Side::Sell },
            price,
            lots,
            spread,
            terms,
            time_ns,
        },
    )
}

impl Step {
    fn time_in_force(&self, leg: &mut ExtendedOrderRecord) {
        let (lives, expires) = match self.terms % 8 {
            0 => (TimeInForce::Ioc, 0),
            1 => (TimeInForce::Fok, 0),
            2 => (TimeInForce::Gtd, self.time_ns + 3),
            3 => (TimeInForce::Day, 0),
            _ => (TimeInForce::Gtc, 0),
        };
        leg.base.time_in_force = lives as u8;
        leg.expire_time_ns = expires;
        leg.base.self_trade = (self.terms >> 3) % 5;
    }

    /// Two orders of a side, one on each side of the price.
    fn pair(&self, side: Side) -> [ExtendedOrderRecord; 2] {
        let (above, below) = (self.price + self.spread, self.price - self.spread);
        let (limit_at, stop_at, trigger) = match side {
            Side::Sell => (above, below, Trigger::Fall),
            Side::Buy => (below, above, Trigger::Rise),
        };
        let mut behind = stop(side, trigger, stop_at, self.lots);
        if self.terms & 1 == 1 {
            behind.base.order_type = OrderType::StopLimit as u8;
            behind.base.price_ticks = stop_at;
        }
        if self.terms & 6 == 6 {
            behind.stop = self.spread;
            behind.stop_unit = StopUnit::TrailTicks as u8;
        }
        let mut one = limit(side, limit_at, self.lots);
        self.time_in_force(&mut one);
        if self.terms & 8 == 8 {
            let rising = stop(side, Trigger::Rise, above, self.lots);
            return [stop(side, Trigger::Fall, below, self.lots), rising];
        }
        [one, behind]
    }

    fn records(&self, newest_id: u64) -> RecordBuffer {
        let mut working = limit(self.side, self.price, self.lots);
        self.time_in_force(&mut working);
        let opposite = self.side.opposite();
        let buffer = match self.what {
            0 | 1 => list(ListType::Oco, self.account, &self.pair(self.side)),
            2 | 3 => {
                let [one, other] = self.pair(opposite);
                let mut pending = if self.terms & 16 == 16 { one } else { other };
                if self.terms & 32 == 32 {
                    pending = limit(opposite, 0, self.lots);
                    pending.base.order_type = OrderType::Market as u8;
                    pending.base.time_in_force = TimeInForce::Ioc as u8;
                }
                list(ListType::Oto, self.account, &[working, pending])
            }
            4 | 5 => {
                let [one, other] = self.pair(opposite);
                list(ListType::Otoco, self.account, &[working, one, other])
            }
            6 => {
                let order = newest_id.saturating_sub(u64::from(self.terms % 16));
                let cancel = OrderRecord::cancel(1, self.account, order.max(1));
                RecordBuffer::copy_of(cancel.as_record_bytes())
            }
            7 if self.terms.is_multiple_of(4) => {
                let sweep = MassCancelRecord::new(self.account, 0, Some(self.side));
                RecordBuffer::copy_of(sweep.as_record_bytes())
            }
            7 => {
                let record = AdminRecord::new(CommandKind::EndSession, 1);
                RecordBuffer::copy_of(record.as_record_bytes())
            }
            _ => {
                let (account, side) = (self.account, self.side);
                let record = OrderRecord::limit(1, account, side, self.price, self.lots);
                RecordBuffer::copy_of(record.as_record_bytes())
            }
        };
        let mut bytes = buffer.as_bytes().to_vec();
        bytes[8..16].copy_from_slice(&self.time_ns.to_le_bytes());
        RecordBuffer::copy_of(&bytes)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_flow_of_lists_is_sound_and_goes_on_from_its_saved_state(
        steps in prop::collection::vec(step(), 10..160),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut engine = market();
        let mut second: Option<Engine> = None;
        let cut = cut.index(steps.len());
        let (mut time_ns, mut newest_id) = (0, 0);
        for (number, step) in steps.iter().enumerate() {
            time_ns += step.time_ns;
            let step = Step { time_ns, ..step.clone() };
            let records = step.records(newest_id);
            let mut events = Vec::new();
            engine.apply_batch(records.as_bytes(), &mut events).unwrap();
            for event in read(&events) {
                if let Event::Accepted { order_id, .. } = event {
                    newest_id = newest_id.max(order_id);
                }
            }
            if let Some(second) = &mut second {
                let mut again = Vec::new();
                second.apply_batch(records.as_bytes(), &mut again).unwrap();
                prop_assert_eq!(&events, &again);
                prop_assert_eq!(engine.state_hash(), second.state_hash());
            }
            if number == cut {
                let mut state = Vec::new();
                engine.save(&mut |piece| state.extend_from_slice(piece));
                let loaded = Engine::load(CONFIG(), &state).unwrap();
                prop_assert_eq!(loaded.state_hash(), engine.state_hash());
                prop_assert_eq!(loaded.open_lists(0, 0, 999), engine.open_lists(0, 0, 999));
                second = Some(loaded);
            }
        }
    }
}
