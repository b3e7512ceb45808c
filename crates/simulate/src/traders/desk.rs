//! What all traders share: chance, time, the markets, and how an order is written and noted.

use outcry_protocol::{
    CommandKind, ExtendedOrderRecord, OrderRecord, OrderType, RecordBuffer, Side, Text, TimeInForce,
};

use super::known::{Known, Order, need, paying_asset};
use super::maker::SLOTS;
use super::market::Market;
use super::world::{FIRST_ACCOUNT, SPECS};
use crate::encode::START_TIME_NS;
use crate::random::Random;

const NS_A_SECOND: f64 = 1e9;

#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) random: Random,
    pub(super) time_ns: u64,
    pub(super) markets: Vec<Market>,
    pub(super) known: Known,
    client_numbers: u64,
}

/// An order to write: what varies between traders.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub(super) trader: u32,
    pub(super) market: usize,
    pub(super) side: Side,
    pub(super) price_ticks: i64,
    pub(super) lots: u64,
}

impl Desk {
    pub(super) fn new(seed: u32) -> Self {
        Self {
            random: Random::new(seed),
            time_ns: START_TIME_NS,
            markets: SPECS.map(Market::new).to_vec(),
            known: Known::new(SLOTS),
            client_numbers: 0,
        }
    }

    pub(super) fn pass_time(&mut self, time_ns: u64) {
        let passed_ns = time_ns.saturating_sub(self.time_ns);
        self.time_ns = self.time_ns.max(time_ns);
        // More than an hour is as good as an hour: the markets take a second at most.
        let passed_us = u32::try_from(passed_ns / 1_000).unwrap_or(u32::MAX);
        let seconds = f64::from(passed_us) * 1_000.0 / NS_A_SECOND;
        for market in &mut self.markets {
            market.drift(seconds, &mut self.random);
        }
    }
}

/// Draws.
impl Desk {
    pub(super) fn drawn_of<T: Copy>(&mut self, shares: &[(u32, T)]) -> T {
        let total = shares.iter().map(|(share, _)| share).sum();
        let mut drawn = self.random.below(total);
        for (share, value) in shares {
            if drawn < *share {
                return *value;
            }
            drawn -= share;
        }
        shares[0].1
    }

    /// True once in `times`.
    pub(super) fn chance(&mut self, times: u32) -> bool {
        self.random.below(times) == 0
    }

    pub(super) fn any_market(&mut self) -> usize {
        self.random.below(SPECS.len() as u32) as usize
    }

    pub(super) fn any_side(&mut self) -> Side {
        if self.chance(2) {
            Side::Buy
        } else {
            Side::Sell
        }
    }

    /// A real within these bounds.
    pub(super) fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.random.uniform()
    }
}

/// Orders.
impl Desk {
    /// The lots that a trader wishes for, cut to a quarter of what it can hold; none for nothing.
    pub(super) fn affordable_lots(&self, wish: &Wish) -> Option<u64> {
        let spec = &SPECS[wish.market];
        let asset = paying_asset(spec, wish.side);
        let free = self.known.free(FIRST_ACCOUNT + wish.trader, asset);
        let of_one = need(spec, wish.side, wish.price_ticks, 1);
        let most = u64::try_from(free / 4 / of_one).unwrap_or(0);
        let lots = wish.lots.min(most);
        let worth = spec.dollars(spec.value(lots, wish.price_ticks));
        let worth_while = worth >= MINIMUM_VALUE;
        worth_while.then_some(lots)
    }

    /// An order worth `dollar_units` at a price `beyond` the fair one, as its side sees it: of this
    /// side, or of the other one where the trader cannot pay.
    pub(super) fn affordable(
        &self,
        trader: u32,
        market: usize,
        side: Side,
        beyond: f64,
        dollar_units: i128,
    ) -> Option<Wish> {
        let market_now = &self.markets[market];
        [side, side.opposite()].into_iter().find_map(|side| {
            let share = if side == Side::Buy { beyond } else { -beyond };
            let wish = Wish {
                trader,
                market,
                side,
                price_ticks: market_now.price_ticks(share),
                lots: market_now.lots_for(dollar_units),
            };
            let lots = self.affordable_lots(&wish)?;
            Some(Wish { lots, ..wish })
        })
    }

    /// What the lots of a wish are worth at the fair price.
    pub(super) fn value_at_fair(&self, wish: &Wish) -> i128 {
        let price_ticks = self.markets[wish.market].price_ticks(0.0);
        SPECS[wish.market].value(wish.lots, price_ticks)
    }

    /// How many open orders of a trader are no quotes.
    pub(super) fn others_of(&self, trader: u32) -> usize {
        self.known.others(FIRST_ACCOUNT + trader).len()
    }

    /// A limit order as a record, before its owner changes it.
    pub(super) fn limit(&self, wish: &Wish) -> OrderRecord {
        let number = SPECS[wish.market].number;
        let account = FIRST_ACCOUNT + wish.trader;
        let mut record =
            OrderRecord::limit(number, account, wish.side, wish.price_ticks, wish.lots);
        record.time_ns = self.time_ns;
        record
    }

    /// The same with room for what few orders carry, and a client's id.
    pub(super) fn extended(&mut self, base: OrderRecord) -> ExtendedOrderRecord {
        self.client_numbers += 1;
        let mut record = ExtendedOrderRecord::new(CommandKind::NewExtended, base);
        record.client_order_id = client_id(self.client_numbers);
        record
    }

    /// Writes the `bytes` of a command that enters `record`, and notes it.
    pub(super) fn send(
        &mut self,
        bytes: &[u8],
        record: &OrderRecord,
        wish: &Wish,
        records: &mut RecordBuffer,
    ) {
        self.known.sent_new(noted(record, wish), held(wish));
        records.extend(bytes);
    }

    /// The same for a maker's quote.
    pub(super) fn send_quote(&mut self, wish: &Wish, slot: usize, records: &mut RecordBuffer) {
        let record = self.limit(wish);
        let order = Order {
            slot: Some(slot),
            ..noted(&record, wish)
        };
        self.known.sent_new(order, held(wish));
        records.extend(record.as_record_bytes());
    }

    /// The same for the order with the newest client's id.
    pub(super) fn send_extended(
        &mut self,
        record: &ExtendedOrderRecord,
        wish: &Wish,
        records: &mut RecordBuffer,
    ) {
        let order = Order {
            client_number: self.client_numbers,
            ..noted(&record.base, wish)
        };
        self.known.sent_new(order, held(wish));
        records.extend(record.as_record_bytes());
    }

    /// Cancels the oldest order of a trader that is no quote; answers whether there is one.
    pub(super) fn cancel_oldest(&mut self, trader: u32, records: &mut RecordBuffer) -> bool {
        let others = self.known.others(FIRST_ACCOUNT + trader);
        let is_free = |order_id: &&u64| self.known.order(**order_id).is_some_and(Order::is_free);
        let oldest = others.iter().find(is_free).copied();
        if let Some(order_id) = oldest {
            self.cancel(order_id, records);
        }
        oldest.is_some()
    }

    /// Cancels an open order, every other one that has a client's id by that.
    pub(super) fn cancel(&mut self, order_id: u64, records: &mut RecordBuffer) {
        let order = *self.known.order(order_id).expect("an open order");
        let number = SPECS[order.market].number;
        let mut base = OrderRecord::cancel(number, order.account, order_id);
        base.time_ns = self.time_ns;
        self.known.sent_cancel(order_id);
        if order.client_number == 0 || order.client_number.is_multiple_of(2) {
            return records.extend(base.as_record_bytes());
        }
        base.order_id = 0;
        let mut record = ExtendedOrderRecord::new(CommandKind::CancelExtended, base);
        record.client_order_id = client_id(order.client_number);
        records.extend(record.as_record_bytes());
    }

    /// Gives an open order another price and another quantity that is open.
    pub(super) fn replace(
        &mut self,
        order_id: u64,
        price_ticks: i64,
        open_lots: u64,
        records: &mut RecordBuffer,
    ) {
        let order = *self.known.order(order_id).expect("an open order");
        let number = SPECS[order.market].number;
        let total_lots = order.done_lots + open_lots;
        let mut record =
            OrderRecord::replace(number, order.account, order_id, price_ticks, total_lots);
        record.time_ns = self.time_ns;
        self.known.sent_replace(order_id, price_ticks, total_lots);
        records.extend(record.as_record_bytes());
    }
}

/// What an order must be worth for a trader to send it: above the filter of the instruments.
const MINIMUM_VALUE: i128 = 500_000_000;

fn held(wish: &Wish) -> i128 {
    need(&SPECS[wish.market], wish.side, wish.price_ticks, wish.lots)
}

fn noted(record: &OrderRecord, wish: &Wish) -> Order {
    let immediate = [TimeInForce::Ioc as u8, TimeInForce::Fok as u8];
    let waits = record.order_type >= OrderType::Stop as u8;
    Order {
        account: record.account,
        market: wish.market,
        side: wish.side,
        price_ticks: wish.price_ticks,
        open_lots: record.quantity_lots,
        done_lots: 0,
        rests: waits || !immediate.contains(&record.time_in_force),
        slot: None,
        client_number: 0,
        is_asked: false,
    }
}

fn client_id(number: u64) -> Text<36> {
    Text::new(&format!("t-{number}")).expect("a letter and digits")
}
