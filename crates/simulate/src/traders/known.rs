//! What the traders know: their open orders, their balances, and the commands not answered yet.

use std::collections::{HashMap, VecDeque};

use outcry_protocol::{
    Event, EventContext, EventRecord, FEE_ACCOUNT, PlacedEvent, RejectReason, Side,
};

use super::world::{ASSETS, FIRST_ACCOUNT, MARKETS, SPECS, Spec, TRADERS};

/// An open order, as far as its owner knows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub(super) account: u32,
    /// The place of its instrument among the specs.
    pub(super) market: usize,
    pub(super) side: Side,
    pub(super) price_ticks: i64,
    pub(super) open_lots: u64,
    /// Filled or prevented, so gone from the total.
    pub(super) done_lots: u64,
    /// Whether what does not trade at once stays.
    pub(super) rests: bool,
    /// Which of its maker's quotes it is, if one.
    pub(super) slot: Option<usize>,
    /// The number in its client's id, 0 for none.
    pub(super) client_number: u64,
    /// Whether a command that names it is not answered yet.
    pub(super) is_asked: bool,
}

impl Order {
    /// Whether no command that names it is under way.
    pub(super) const fn is_free(&self) -> bool {
        !self.is_asked
    }
}

/// A maker's quote at one distance of one side of one instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Empty,
    /// Its order is on the way.
    Sent,
    Live(u64),
}

/// What a command asked for.
#[derive(Clone, Copy, Debug)]
enum Asked {
    New(Order),
    Cancel(u64),
    Replace {
        order_id: u64,
        price_ticks: i64,
        total_lots: u64,
    },
    Other,
}

/// A command that is not answered yet, and what it will hold.
#[derive(Clone, Copy, Debug)]
struct Pending {
    asked: Asked,
    account: u32,
    asset: u32,
    reserved: i128,
}

type Funds = [i128; ASSETS];

/// Any asset, for what holds nothing of it.
pub(super) const NO_ASSET: u32 = 1;

#[derive(Clone, Debug)]
pub(super) struct Known {
    orders: HashMap<u64, Order>,
    /// The open orders of each trader that are no quotes, oldest first.
    others: Vec<Vec<u64>>,
    slots: Vec<Slot>,
    /// What each trader has free, as last told; the fee account's stand last.
    free: Vec<Funds>,
    /// What the commands that are not answered will hold.
    reserved: Vec<Funds>,
    pending: VecDeque<Pending>,
    context: EventContext,
    /// The command whose events are being read, and whether its answer was among them.
    sequence: u64,
    is_answered: bool,
    last_trades: [i64; MARKETS],
    pub(super) refused: u64,
}

impl Known {
    pub(super) fn new(slots: usize) -> Self {
        let traders = TRADERS as usize;
        Self {
            orders: HashMap::new(),
            others: vec![Vec::new(); traders],
            slots: vec![Slot::Empty; slots],
            free: vec![[0; ASSETS]; traders + 1],
            reserved: vec![[0; ASSETS]; traders + 1],
            pending: VecDeque::new(),
            context: EventContext::default(),
            sequence: 0,
            is_answered: true,
            last_trades: [0; MARKETS],
            refused: 0,
        }
    }

    pub(super) fn open_orders(&self) -> usize {
        self.orders.len()
    }

    pub(super) fn slot(&self, slot: usize) -> Slot {
        self.slots[slot]
    }

    pub(super) fn order(&self, order_id: u64) -> Option<&Order> {
        self.orders.get(&order_id)
    }

    /// The open orders of a trader that are no quotes, oldest first.
    pub(super) fn others(&self, account: u32) -> &[u64] {
        &self.others[place(account)]
    }

    /// The last trade's price, 0 before the first.
    pub(super) fn last_trade(&self, market: usize) -> i64 {
        self.last_trades[market]
    }

    pub(super) fn set_last_trade(&mut self, market: usize, price_ticks: i64) {
        self.last_trades[market] = price_ticks;
    }

    /// What a trader can still hold of an asset.
    pub(super) fn free(&self, account: u32, asset: u32) -> i128 {
        let (place, index) = (place(account), asset as usize - 1);
        self.free[place][index] - self.reserved[place][index]
    }

    pub(super) fn set_free(&mut self, account: u32, asset: u32, available: i128) {
        let known = is_trader(account) || account == FEE_ACCOUNT;
        if known && (1..=ASSETS as u32).contains(&asset) {
            self.free[place(account)][asset as usize - 1] = available;
        }
    }
}

/// What is sent.
impl Known {
    /// A new order that will hold `reserved` of what its side pays with.
    pub(super) fn sent_new(&mut self, order: Order, reserved: i128) {
        if let Some(slot) = order.slot {
            self.slots[slot] = Slot::Sent;
        }
        let asset = paying_asset(&SPECS[order.market], order.side);
        self.push(Asked::New(order), order.account, asset, reserved);
    }

    pub(super) fn sent_cancel(&mut self, order_id: u64) {
        let account = self.ask(order_id).account;
        self.push(Asked::Cancel(order_id), account, NO_ASSET, 0);
    }

    pub(super) fn sent_replace(&mut self, order_id: u64, price_ticks: i64, total_lots: u64) {
        let order = *self.ask(order_id);
        let spec = &SPECS[order.market];
        let open_lots = total_lots - order.done_lots;
        let after = need(spec, order.side, price_ticks, open_lots);
        let before = need(spec, order.side, order.price_ticks, order.open_lots);
        let asked = Asked::Replace {
            order_id,
            price_ticks,
            total_lots,
        };
        let asset = paying_asset(spec, order.side);
        self.push(asked, order.account, asset, (after - before).max(0));
    }

    /// A command of an account that touches no single order.
    pub(super) fn sent_other(&mut self, account: u32, asset: u32, reserved: i128) {
        self.push(Asked::Other, account, asset, reserved);
    }

    fn ask(&mut self, order_id: u64) -> &Order {
        let order = self.orders.get_mut(&order_id).expect("an open order");
        order.is_asked = true;
        order
    }

    fn push(&mut self, asked: Asked, account: u32, asset: u32, reserved: i128) {
        self.reserved[place(account)][asset as usize - 1] += reserved;
        self.pending.push_back(Pending {
            asked,
            account,
            asset,
            reserved,
        });
    }

    /// The last `count` commands were not taken.
    pub(super) fn unsent(&mut self, count: usize) {
        for _ in 0..count {
            if let Some(pending) = self.pending.pop_back() {
                self.release(&pending);
                self.forget(&pending.asked);
            }
        }
    }

    fn release(&mut self, pending: &Pending) {
        let index = pending.asset as usize - 1;
        self.reserved[place(pending.account)][index] -= pending.reserved;
    }

    /// A command came to nothing.
    fn forget(&mut self, asked: &Asked) {
        match asked {
            Asked::New(order) => {
                if let Some(slot) = order.slot {
                    self.slots[slot] = Slot::Empty;
                }
            }
            Asked::Cancel(order_id) | Asked::Replace { order_id, .. } => {
                if let Some(order) = self.orders.get_mut(order_id) {
                    order.is_asked = false;
                }
            }
            Asked::Other => {}
        }
    }
}

/// What is told.
impl Known {
    pub(super) fn learn(&mut self, events: &[EventRecord]) {
        for record in events {
            let read = self.context.read(record);
            if let Some(placed) = read.expect("an engine says only events") {
                self.hear(&placed);
            }
        }
    }

    fn hear(&mut self, placed: &PlacedEvent) {
        if placed.sequence != self.sequence {
            self.sequence = placed.sequence;
            self.is_answered = false;
        }
        if !self.is_answered
            && let Some(pending) = self.pending.front()
            && answers(&placed.event, &pending.asked)
        {
            let pending = *pending;
            self.pending.pop_front();
            self.is_answered = true;
            self.release(&pending);
            self.settle(&pending.asked, &placed.event);
        }
        match placed.event {
            Event::Traded {
                maker_order_id,
                taker_order_id,
                price_ticks,
                quantity_lots,
                ..
            } => {
                self.lose(maker_order_id, quantity_lots);
                self.lose(taker_order_id, quantity_lots);
                self.note_trade(placed.instrument, price_ticks);
            }
            Event::Prevented {
                maker_order_id,
                taker_order_id,
                quantity_lots,
            } => {
                self.lose(maker_order_id, quantity_lots);
                self.lose(taker_order_id, quantity_lots);
            }
            Event::Cancelled { order_id, .. } | Event::Expired { order_id, .. } => {
                self.close(order_id);
            }
            Event::BalanceChanged {
                account,
                asset,
                available,
                ..
            } => self.set_free(account, asset, available),
            _ => {}
        }
    }

    fn settle(&mut self, asked: &Asked, answer: &Event) {
        if let Event::Rejected { reason, .. } = answer {
            self.refused += 1;
            self.forget(asked);
            let named = match asked {
                Asked::Cancel(order_id) | Asked::Replace { order_id, .. } => Some(*order_id),
                Asked::New(_) | Asked::Other => None,
            };
            if let (Some(order_id), RejectReason::UnknownOrder) = (named, reason) {
                self.close(order_id);
            }
            return;
        }
        match (asked, answer) {
            (Asked::New(order), Event::Accepted { order_id, .. }) => self.open(*order_id, *order),
            (
                Asked::Replace {
                    order_id,
                    price_ticks,
                    total_lots,
                },
                Event::Replaced { .. },
            ) => {
                if let Some(order) = self.orders.get_mut(order_id) {
                    order.is_asked = false;
                    order.price_ticks = *price_ticks;
                    order.open_lots = total_lots.saturating_sub(order.done_lots);
                }
            }
            _ => {}
        }
    }

    fn open(&mut self, order_id: u64, order: Order) {
        if !order.rests {
            return;
        }
        match order.slot {
            Some(slot) => self.slots[slot] = Slot::Live(order_id),
            None => self.others[place(order.account)].push(order_id),
        }
        self.orders.insert(order_id, order);
    }

    fn lose(&mut self, order_id: u64, lots: u64) {
        if let Some(order) = self.orders.get_mut(&order_id) {
            order.open_lots = order.open_lots.saturating_sub(lots);
            order.done_lots += lots;
            if order.open_lots == 0 {
                self.close(order_id);
            }
        }
    }

    fn close(&mut self, order_id: u64) {
        let Some(order) = self.orders.remove(&order_id) else {
            return;
        };
        match order.slot {
            Some(slot) => self.slots[slot] = Slot::Empty,
            None => self.others[place(order.account)].retain(|other| *other != order_id),
        }
    }

    fn note_trade(&mut self, instrument: u32, price_ticks: i64) {
        let market = SPECS.iter().position(|spec| spec.number == instrument);
        if let Some(market) = market {
            self.last_trades[market] = price_ticks;
        }
    }
}

/// The asset that an order holds.
pub(super) const fn paying_asset(spec: &Spec, side: Side) -> u32 {
    match side {
        Side::Buy => spec.quote,
        Side::Sell => spec.base,
    }
}

/// What an order with a limit holds.
pub(super) const fn need(spec: &Spec, side: Side, price_ticks: i64, open_lots: u64) -> i128 {
    match side {
        Side::Buy => spec.value(open_lots, price_ticks),
        Side::Sell => spec.base_units(open_lots),
    }
}

fn answers(event: &Event, asked: &Asked) -> bool {
    match (asked, event) {
        (_, Event::Rejected { .. }) => true,
        (Asked::New(_), Event::Accepted { order_id, .. }) => *order_id != 0,
        (Asked::Other, Event::Accepted { order_id, .. }) => *order_id == 0,
        (
            Asked::Cancel(asked)
            | Asked::Replace {
                order_id: asked, ..
            },
            Event::Cancelled { order_id, .. } | Event::Replaced { order_id, .. },
        ) => asked == order_id,
        _ => false,
    }
}

fn is_trader(account: u32) -> bool {
    super::account_numbers().contains(&account)
}

/// A trader's place in the lists; the fee account's is behind the last trader's.
fn place(account: u32) -> usize {
    if account == FEE_ACCOUNT {
        TRADERS as usize
    } else {
        (account - FIRST_ACCOUNT) as usize
    }
}
