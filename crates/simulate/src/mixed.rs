//! A mixed flow: every kind of order and of command to the market, on a few instruments and among
//! few accounts, so that orders meet their own account's, stops cascade, icebergs show slices,
//! orders expire, ids are stale or taken, and some commands are malformed.
//!
//! The flow is made without knowing what became of its commands. Orders are named by their client's
//! ids, which the flow chooses from few, or by order ids: those that [`Mixed::note_order`] was told
//! of, or guesses.

use outcry_protocol::{
    AdminRecord, AmountOrderRecord, CommandKind, ExtendedOrderRecord, MassCancelRecord,
    OrderRecord, OrderType, RecordBuffer, Side, StopUnit, Text, TimeInForce, TradingState, Trigger,
    flags,
};

use crate::encode::{START_TIME_NS, instrument, limits};
use crate::random::Random;

const INSTRUMENTS: u32 = 3;
const ACCOUNTS: u32 = 8;
const CLIENT_IDS_AN_ACCOUNT: u32 = 24;
const NOTED_ORDERS_MAX: usize = 256;
const START_TICKS: i64 = 10_000;
const WALK_TICKS: i64 = 500;
const LARGEST_INTERVAL_NS: u32 = 2_000_000;
/// Commands after which an instrument that was stopped goes on.
const STOPPED_FOR: u32 = 30;
const BAND_PPM: u32 = 100_000;

/// What comes next, and how often in 1,000.
const SHARES: [(Kind, u32); 17] = [
    (Kind::Limit, 330),
    (Kind::Market, 50),
    (Kind::Iceberg, 70),
    (Kind::Gtd, 50),
    (Kind::Stop, 50),
    (Kind::StopLimit, 50),
    (Kind::Trailing, 40),
    (Kind::Amount, 25),
    (Kind::Cancel, 110),
    (Kind::CancelByClientId, 60),
    (Kind::Replace, 90),
    (Kind::ReplaceByClientId, 40),
    (Kind::AdvanceTime, 10),
    (Kind::SetReference, 5),
    (Kind::SetState, 3),
    (Kind::Sweep, 5),
    (Kind::Malformed, 12),
];

#[derive(Clone, Copy, Debug)]
enum Kind {
    Limit,
    Market,
    Iceberg,
    Gtd,
    Stop,
    StopLimit,
    Trailing,
    Amount,
    Cancel,
    CancelByClientId,
    Replace,
    ReplaceByClientId,
    AdvanceTime,
    SetReference,
    SetState,
    Sweep,
    Malformed,
}

#[derive(Clone, Copy, Debug)]
struct Named {
    account: u32,
    order_id: u64,
}

/// The state of a mixed flow.
#[derive(Clone, Debug)]
pub struct Mixed {
    random: Random,
    time_ns: u64,
    mids_ticks: [i64; INSTRUMENTS as usize],
    /// The commands left until each instrument trades again.
    stopped_for: [u32; INSTRUMENTS as usize],
    noted: Vec<Named>,
    news: u64,
}

impl Mixed {
    /// A flow that starts from `seed`.
    #[must_use]
    pub fn new(seed: u32) -> Self {
        Self {
            random: Random::new(seed),
            time_ns: START_TIME_NS,
            mids_ticks: [START_TICKS; INSTRUMENTS as usize],
            stopped_for: [0; INSTRUMENTS as usize],
            noted: Vec::with_capacity(NOTED_ORDERS_MAX),
            news: 0,
        }
    }

    /// The instruments of the flow, with filters close enough to bind.
    #[must_use]
    pub fn setup() -> RecordBuffer {
        let mut records = RecordBuffer::default();
        for number in 1..=INSTRUMENTS {
            let mut instrument = instrument(number, &format!("SIM{number}"));
            instrument.price_min_ticks = START_TICKS - WALK_TICKS;
            instrument.price_max_ticks = START_TICKS + WALK_TICKS;
            instrument.quantity_max_lots = 1000;
            instrument.iceberg_parts_max = 10;
            let mut limits = limits(number);
            limits.band_ppm = BAND_PPM;
            limits.market_band_ppm = BAND_PPM / 10;
            limits.account_orders_max = 50;
            limits.account_stops_max = 10;
            limits.orders_max = 300;
            limits.stops_max = 60;
            records.extend(instrument.as_record_bytes());
            records.extend(limits.as_record_bytes());
        }
        records
    }

    /// Tells of an order that was accepted, so that later commands may name it.
    pub fn note_order(&mut self, account: u32, order_id: u64) {
        let named = Named { account, order_id };
        if self.noted.len() < NOTED_ORDERS_MAX {
            self.noted.push(named);
        } else {
            let place = self.below(NOTED_ORDERS_MAX as u32) as usize;
            self.noted[place] = named;
        }
    }

    /// Appends the next command.
    pub fn next_command(&mut self, records: &mut RecordBuffer) {
        self.time_ns += u64::from(self.random.below(LARGEST_INTERVAL_NS));
        let index = self.below(INSTRUMENTS) as usize;
        if self.stopped_for[index] > 0 {
            self.stopped_for[index] -= 1;
            if self.stopped_for[index] == 0 {
                let record = self.state(index, TradingState::Continuous);
                return records.extend(record.as_record_bytes());
            }
        }
        self.walk(index);
        let kind = self.draw_kind();
        self.write(kind, index, records);
    }

    fn write(&mut self, kind: Kind, index: usize, records: &mut RecordBuffer) {
        match kind {
            Kind::Limit => records.extend(self.limit(index).as_record_bytes()),
            Kind::Market => records.extend(self.market(index).as_record_bytes()),
            Kind::Iceberg => records.extend(self.iceberg(index).as_record_bytes()),
            Kind::Gtd => records.extend(self.gtd(index).as_record_bytes()),
            Kind::Stop => records.extend(self.stop(index, OrderType::Stop).as_record_bytes()),
            Kind::StopLimit => {
                records.extend(self.stop(index, OrderType::StopLimit).as_record_bytes());
            }
            Kind::Trailing => records.extend(self.trailing(index).as_record_bytes()),
            Kind::Amount => records.extend(self.amount(index).as_record_bytes()),
            Kind::Cancel => records.extend(self.cancel(index).as_record_bytes()),
            Kind::CancelByClientId => records.extend(self.cancel_named(index).as_record_bytes()),
            Kind::Replace => records.extend(self.replace(index).as_record_bytes()),
            Kind::ReplaceByClientId => records.extend(self.replace_named(index).as_record_bytes()),
            Kind::AdvanceTime => {
                let mut record = AdminRecord::new(CommandKind::AdvanceTime, 0);
                record.time_ns = self.time_ns;
                records.extend(record.as_record_bytes());
            }
            Kind::SetReference => records.extend(self.reference(index).as_record_bytes()),
            Kind::SetState => {
                self.stopped_for[index] = 1 + self.below(STOPPED_FOR);
                let halted = self.chance(3);
                let state = if halted {
                    TradingState::Halted
                } else {
                    TradingState::CancelOnly
                };
                records.extend(self.state(index, state).as_record_bytes());
            }
            Kind::Sweep => self.sweep(index, records),
            Kind::Malformed => records.extend(self.malformed(index).as_record_bytes()),
        }
    }

    fn draw_kind(&mut self) -> Kind {
        let total = SHARES.iter().map(|(_, share)| share).sum();
        let mut drawn = self.below(total);
        for (kind, share) in SHARES {
            if drawn < share {
                return kind;
            }
            drawn -= share;
        }
        Kind::Limit
    }

    fn walk(&mut self, index: usize) {
        let step = i64::from(self.below(3)) - 1;
        let bound = WALK_TICKS * 9 / 10;
        let mid = (self.mids_ticks[index] + step).clamp(START_TICKS - bound, START_TICKS + bound);
        self.mids_ticks[index] = mid;
    }
}

/// Orders.
impl Mixed {
    fn order(&mut self, index: usize, order_type: OrderType) -> OrderRecord {
        self.news += 1;
        let side = if self.chance(2) {
            Side::Buy
        } else {
            Side::Sell
        };
        let account = self.account();
        let (price_ticks, lots) = (self.price(index, side), self.lots());
        let mut record = OrderRecord::limit(number(index), account, side, price_ticks, lots);
        record.order_type = order_type as u8;
        record.self_trade = self.below(5) as u8;
        record.time_ns = self.time_ns;
        record
    }

    fn limit(&mut self, index: usize) -> OrderRecord {
        let mut record = self.order(index, OrderType::Limit);
        let time_in_force = match self.below(20) {
            0..2 => TimeInForce::Ioc,
            2..4 => TimeInForce::Fok,
            4..7 => TimeInForce::Day,
            _ => TimeInForce::Gtc,
        };
        record.time_in_force = time_in_force as u8;
        let may_rest = matches!(time_in_force, TimeInForce::Gtc | TimeInForce::Day);
        if may_rest && self.chance(8) {
            record.flags |= flags::POST_ONLY;
        }
        record
    }

    fn market(&mut self, index: usize) -> OrderRecord {
        let mut record = self.order(index, OrderType::Market);
        if self.chance(2) {
            record.price_ticks = 0;
        }
        record.time_in_force = self.immediate() as u8;
        record
    }

    fn iceberg(&mut self, index: usize) -> ExtendedOrderRecord {
        let base = self.order(index, OrderType::Limit);
        let mut record = self.extended(base);
        record.base.quantity_lots += 20;
        record.display_lots = 1 + u64::from(self.below(12));
        record
    }

    fn gtd(&mut self, index: usize) -> ExtendedOrderRecord {
        let mut base = self.order(index, OrderType::Limit);
        base.time_in_force = TimeInForce::Gtd as u8;
        let mut record = self.extended(base);
        let ahead_ns = u64::from(self.below(100)) * u64::from(LARGEST_INTERVAL_NS);
        record.expire_time_ns = self.time_ns + ahead_ns;
        record
    }

    fn stop(&mut self, index: usize, order_type: OrderType) -> ExtendedOrderRecord {
        let mut base = self.order(index, order_type);
        if order_type == OrderType::Stop {
            base.price_ticks = 0;
        }
        if self.chance(6) {
            base.time_in_force = self.immediate() as u8;
        }
        let mut record = self.extended(base);
        let rises = self.chance(2);
        let distance = 1 + i64::from(self.below(25));
        record.trigger = if rises {
            Trigger::Rise as u8
        } else {
            Trigger::Fall as u8
        };
        record.stop = self.mids_ticks[index] + if rises { distance } else { -distance };
        record
    }

    fn trailing(&mut self, index: usize) -> ExtendedOrderRecord {
        let order_type = if self.chance(2) {
            OrderType::Stop
        } else {
            OrderType::StopLimit
        };
        let mut record = self.stop(index, order_type);
        let by_ticks = self.chance(2);
        let unit = if by_ticks {
            StopUnit::TrailTicks
        } else {
            StopUnit::TrailPpm
        };
        record.stop_unit = unit as u8;
        record.stop = 1 + i64::from(self.below(if by_ticks { 20 } else { 2000 }));
        record
    }

    fn amount(&mut self, index: usize) -> AmountOrderRecord {
        let mut base = self.order(index, OrderType::Market);
        base.quantity_lots = 0;
        base.price_ticks = 0;
        base.time_in_force = TimeInForce::Ioc as u8;
        let mut record = AmountOrderRecord::new(base, u128::from(1 + self.below(5_000_000)));
        record.client_order_id = self.maybe_client_id();
        record
    }

    fn extended(&mut self, base: OrderRecord) -> ExtendedOrderRecord {
        let mut record = ExtendedOrderRecord::new(CommandKind::NewExtended, base);
        record.client_order_id = self.maybe_client_id();
        record
    }
}

/// Commands to orders and instruments.
impl Mixed {
    fn cancel(&mut self, index: usize) -> OrderRecord {
        let Named { account, order_id } = self.named();
        let mut record = OrderRecord::cancel(self.maybe_number(index), account, order_id);
        record.time_ns = self.time_ns;
        record
    }

    fn replace(&mut self, index: usize) -> OrderRecord {
        let Named { account, order_id } = self.named();
        let side = if self.chance(2) {
            Side::Buy
        } else {
            Side::Sell
        };
        let (price_ticks, lots) = (self.price(index, side), self.lots());
        let instrument = self.maybe_number(index);
        let mut record = OrderRecord::replace(instrument, account, order_id, price_ticks, lots);
        record.time_ns = self.time_ns;
        record
    }

    fn cancel_named(&mut self, index: usize) -> ExtendedOrderRecord {
        let mut base = self.cancel(index);
        (base.account, base.order_id) = (self.account(), 0);
        let mut record = ExtendedOrderRecord::new(CommandKind::CancelExtended, base);
        record.client_order_id = self.client_id();
        record
    }

    fn replace_named(&mut self, index: usize) -> ExtendedOrderRecord {
        let mut base = self.replace(index);
        (base.account, base.order_id) = (self.account(), 0);
        let mut record = ExtendedOrderRecord::new(CommandKind::ReplaceExtended, base);
        record.client_order_id = self.client_id();
        if self.chance(3) {
            record.stop = self.mids_ticks[index] + i64::from(self.below(41)) - 20;
        }
        record
    }

    fn reference(&mut self, index: usize) -> AdminRecord {
        let mut record = AdminRecord::new(CommandKind::SetReference, number(index));
        record.price_ticks = if self.chance(2) {
            0
        } else {
            self.mids_ticks[index]
        };
        record.time_ns = self.time_ns;
        record
    }

    fn state(&self, index: usize, state: TradingState) -> AdminRecord {
        let mut record = AdminRecord::new(CommandKind::SetState, number(index));
        record.state = state as u8;
        record.time_ns = self.time_ns;
        record
    }

    /// What touches many orders.
    fn sweep(&mut self, index: usize, records: &mut RecordBuffer) {
        if self.chance(4) {
            let mut record = AdminRecord::new(CommandKind::EndSession, number(index));
            record.time_ns = self.time_ns;
            return records.extend(record.as_record_bytes());
        }
        let side = match self.below(3) {
            0 => Some(Side::Buy),
            1 => Some(Side::Sell),
            _ => None,
        };
        let account = if self.chance(20) { 0 } else { self.account() };
        let mut record = MassCancelRecord::new(account, self.maybe_number(index), side);
        record.time_ns = self.time_ns;
        records.extend(record.as_record_bytes());
    }

    fn malformed(&mut self, index: usize) -> OrderRecord {
        let mut record = self.limit(index);
        match self.below(12) {
            0 => record.version = 9,
            1 => record.flags = 1 << 15,
            2 => record.instrument = INSTRUMENTS + 1,
            3 => record.instrument = 0,
            4 => record.account = 0,
            5 => record.side = 3,
            6 => record.order_type = 9,
            7 => record.time_in_force = 0,
            8 => record.self_trade = 5,
            9 => record.price_ticks = -record.price_ticks,
            10 => record.quantity_lots = 0,
            _ => record.quantity_lots = u64::MAX,
        }
        record
    }
}

/// Draws.
impl Mixed {
    fn below(&mut self, bound: u32) -> u32 {
        self.random.below(bound)
    }

    /// True once in `times`.
    fn chance(&mut self, times: u32) -> bool {
        self.below(times) == 0
    }

    fn account(&mut self) -> u32 {
        1 + self.below(ACCOUNTS)
    }

    fn lots(&mut self) -> u64 {
        1 + u64::from(self.below(40))
    }

    fn immediate(&mut self) -> TimeInForce {
        if self.chance(4) {
            TimeInForce::Fok
        } else {
            TimeInForce::Ioc
        }
    }

    /// Mostly a few ticks on the own side of the mid, at times beyond it.
    fn price(&mut self, index: usize, side: Side) -> i64 {
        let distance = i64::from(self.below(16)) - 4;
        match side {
            Side::Buy => self.mids_ticks[index] - distance,
            Side::Sell => self.mids_ticks[index] + distance,
        }
    }

    fn maybe_number(&mut self, index: usize) -> u32 {
        if self.chance(3) { number(index) } else { 0 }
    }

    fn client_id(&mut self) -> Text<36> {
        let name = format!("c{}", self.below(CLIENT_IDS_AN_ACCOUNT));
        Text::new(&name).expect("a letter and digits")
    }

    fn maybe_client_id(&mut self) -> Text<36> {
        if self.chance(2) {
            self.client_id()
        } else {
            Text::EMPTY
        }
    }

    /// An order to name: mostly one that was noted, else a guess, which may be stale or another's.
    fn named(&mut self) -> Named {
        let noted = u32::try_from(self.noted.len()).expect("a few hundred");
        if noted == 0 || self.chance(10) {
            let newest = u32::try_from(self.news + 1).unwrap_or(u32::MAX);
            return Named {
                account: self.account(),
                order_id: 1 + u64::from(self.below(newest)),
            };
        }
        self.noted[self.random.below(noted) as usize]
    }
}

fn number(index: usize) -> u32 {
    index as u32 + 1
}
