//! The fold: commands and their events, one behind the other, into rows.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use outcry_protocol::{Command, Event, EventRecord, ExtendedOrderRecord, ListType, PlacedEvent};

use crate::accounts::Account;
use crate::batch::Batch;
use crate::candles::Candles;
use crate::commands::Commands;
use crate::events::{Events, time_of};
use crate::lists::List;
use crate::order::{Order, OrderState};
use crate::steps::{Steps, Units};
use crate::tail::{Tail, TailError};
use crate::trades::{Aggregate, Fill, Trade, fees};

/// What the fold keeps of an instrument.
#[derive(Debug, Clone, Copy)]
struct Instrument {
    steps: Steps,
    units: Units,
    next_aggregate_id: u64,
}

/// An order in memory, and whether it stands in the batch that is made.
#[derive(Debug)]
struct Known {
    order: Order,
    is_touched: bool,
    is_stored: bool,
}

/// A list in memory, and whether it stands in the batch that is made.
#[derive(Debug)]
struct KnownList {
    list: List,
    is_touched: bool,
}

/// The history's state: open orders, executing lists, accounts, instruments, forming candles.
#[derive(Debug, Default)]
pub struct Fold {
    sequence: u64,
    time_ns: u64,
    digest: u64,
    orders: HashMap<u64, Known, FixedState>,
    touched: Vec<u64>,
    lists: HashMap<u64, KnownList, FixedState>,
    touched_lists: Vec<u64>,
    accounts: HashMap<u32, Account, FixedState>,
    instruments: HashMap<u32, Instrument, FixedState>,
    steps_count: u32,
    candles: Candles,
    batch: Batch,
    /// The legs of the list that the command enters, as they are accepted.
    legs: u8,
}

impl Fold {
    /// A fold that has seen the commands up to `sequence`, at engine time `time_ns`.
    #[must_use]
    pub fn new(sequence: u64, time_ns: u64, digest: u64) -> Self {
        Self {
            sequence,
            time_ns,
            digest,
            ..Self::default()
        }
    }

    /// The last command that was folded.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Engine time behind it, ns.
    #[must_use]
    pub const fn time_ns(&self) -> u64 {
        self.time_ns
    }

    /// The digest of all events up to it.
    #[must_use]
    pub const fn digest(&self) -> u64 {
        self.digest
    }

    /// How many orders are open.
    #[must_use]
    pub fn open_orders(&self) -> usize {
        self.orders.len()
    }

    /// Takes up an open order of earlier.
    pub fn load_order(&mut self, order: Order) {
        let known = Known {
            order,
            is_touched: false,
            is_stored: true,
        };
        self.orders.insert(known.order.order_id, known);
    }

    /// Takes up an executing list of earlier.
    pub fn load_list(&mut self, list: List) {
        let is_touched = false;
        self.lists
            .insert(list.list_id, KnownList { list, is_touched });
    }

    /// Takes up an account of earlier.
    pub fn load_account(&mut self, account: Account) {
        self.accounts.insert(account.account, account);
    }

    /// Takes up steps of earlier, by rising number, and how many aggregates the instrument has.
    pub fn load_steps(&mut self, steps: Steps, aggregates: u64) {
        self.steps_count = self.steps_count.max(steps.number);
        self.place(steps, aggregates + 1);
    }

    /// Takes up a trade of a minute that has not ended.
    pub fn load_trade(&mut self, trade: &Trade) {
        self.note_candle(trade);
        self.batch.candles.clear();
    }

    /// Folds what the tail has, `commands_max` commands at least where it has so many, and at most
    /// a block of events more. Answers whether there was anything.
    ///
    /// # Errors
    /// [`TailError`]; the fold is to be thrown away then.
    pub fn advance(&mut self, tail: &mut Tail, commands_max: u64) -> Result<bool, TailError> {
        let from = self.sequence;
        while self.sequence - from < commands_max {
            let Some((piece, commands)) = tail.next()? else {
                break;
            };
            if piece.first_sequence != self.sequence + 1 {
                let sequence = self.sequence;
                return Err(TailError::OtherPast { sequence });
            }
            self.fold_piece(piece.records, piece.last_sequence, commands)?;
            self.time_ns = self.time_ns.max(piece.time_ns);
            self.digest = piece.digest;
        }
        self.candles.advance(self.time_ns, &mut self.batch.candles);
        Ok(self.sequence > from)
    }

    /// The rows that changed since this was last asked; ended orders are forgotten with it.
    pub fn take(&mut self) -> Batch {
        let mut batch = std::mem::take(&mut self.batch);
        for order_id in std::mem::take(&mut self.touched) {
            let Entry::Occupied(mut entry) = self.orders.entry(order_id) else {
                continue;
            };
            let known = entry.get_mut();
            known.is_touched = false;
            let is_stored = std::mem::replace(&mut known.is_stored, true);
            let row = if known.order.state.is_open() {
                known.order.clone()
            } else {
                entry.remove().order
            };
            if is_stored {
                batch.changed.push(row);
            } else {
                batch.entered.push(row);
            }
        }
        for list_id in std::mem::take(&mut self.touched_lists) {
            let Entry::Occupied(mut entry) = self.lists.entry(list_id) else {
                continue;
            };
            entry.get_mut().is_touched = false;
            batch.lists.push(entry.get().list.clone());
            if !entry.get().list.is_open() {
                entry.remove();
            }
        }
        batch
    }

    /// Folds the events of whole commands beside those commands.
    fn fold_piece(
        &mut self,
        records: &[EventRecord],
        last_sequence: u64,
        commands: &mut Commands,
    ) -> Result<(), TailError> {
        let mut events = Events::new(records);
        while self.sequence < last_sequence {
            let command = commands.next(last_sequence)?;
            self.sequence += 1;
            self.legs = 0;
            if let Some(command) = &command {
                self.time_ns = self.time_ns.max(time_of(command));
            }
            let mut amount_order_id = 0;
            while let Some(placed) = events.next_of(self.sequence)? {
                if let Event::Accepted { order_id, .. } = placed.event
                    && matches!(command, Some(Command::NewAmount(_)))
                {
                    amount_order_id = order_id;
                }
                self.fold_event(&placed, command.as_ref());
            }
            if amount_order_id != 0 {
                self.end_amount_order(amount_order_id);
            }
        }
        events.check_end(self.sequence)
    }

    fn fold_event(&mut self, placed: &PlacedEvent, command: Option<&Command<'_>>) {
        match placed.event {
            Event::Traded { .. } => self.fold_trade(placed),
            Event::Accepted { order_id, .. } => {
                if let Some(command) = command {
                    self.fold_accepted(order_id, command);
                }
            }
            Event::Replaced { order_id, .. } => self.fold_replaced(order_id, command),
            Event::Cancelled {
                order_id,
                reason,
                refusal,
                ..
            } => self.change(order_id, |order| {
                order.state = OrderState::Cancelled;
                order.cancel_code = refusal.map_or(reason as u16, |refusal| refusal as u16);
            }),
            Event::Entered {
                order_id,
                quantity_lots,
            } => self.change_now(order_id, |order| {
                order.quantity_lots = quantity_lots;
                order.state = order.state_of_type();
            }),
            Event::Expired { order_id, .. } => {
                self.change(order_id, |order| order.state = OrderState::Expired);
            }
            Event::Triggered { order_id, .. } => {
                self.change_now(order_id, |order| order.state = OrderState::Open);
            }
            Event::Prevented {
                maker_order_id,
                taker_order_id,
                quantity_lots,
            } => {
                for order_id in [maker_order_id, taker_order_id] {
                    self.change(order_id, |order| order.prevented_lots += quantity_lots);
                }
            }
            Event::ListChanged { list_id, state } => self.fold_list(list_id, state as u8),
            _ => {}
        }
    }

    fn fold_accepted(&mut self, order_id: u64, command: &Command<'_>) {
        match command {
            Command::New(record) => self.enter(order_id, Order::plain(record)),
            Command::NewExtended(record) => self.enter(order_id, Order::extended(record)),
            Command::NewAmount(record) => self.enter(order_id, Order::by_amount(record)),
            Command::NewList(record, legs) => {
                let place = usize::from(self.legs);
                let Some(leg) = legs.get(place) else { return };
                self.legs += 1;
                self.enter_leg(
                    order_id,
                    List::new(record, self.sequence, self.time_ns),
                    leg,
                );
            }
            Command::SetAccount(record) => self.begin_account(Account {
                account: record.account,
                group: record.group,
                maker_rate_ppm: record.maker_rate_ppm,
                taker_rate_ppm: record.taker_rate_ppm,
                state: record.state,
            }),
            Command::Instrument(_, record, _) => self.begin_steps(Steps::of(record, 0)),
            _ => {}
        }
    }

    /// Leaves out the candle of the minute that it is: only a part of it is seen.
    pub(crate) const fn begin_within_a_minute(&mut self) {
        self.candles.begin_behind(self.time_ns);
    }

    /// Takes in an account, or what is new of it.
    pub(crate) fn begin_account(&mut self, account: Account) {
        self.accounts.insert(account.account, account);
        self.batch.accounts.push(account);
    }

    /// Takes in an instrument, or its next steps if they are others.
    pub(crate) fn begin_steps(&mut self, mut steps: Steps) {
        let known = self.instruments.get(&steps.instrument);
        if known.is_some_and(|known| known.steps.equal(&steps)) {
            return;
        }
        let next_aggregate_id = known.map_or(1, |known| known.next_aggregate_id);
        self.steps_count += 1;
        steps.number = self.steps_count;
        self.place(steps, next_aggregate_id);
        self.batch.steps.push(steps);
    }

    /// Takes in a list.
    pub(crate) fn begin_list(&mut self, list: List) {
        self.touched_lists.push(list.list_id);
        let is_touched = true;
        self.lists
            .insert(list.list_id, KnownList { list, is_touched });
    }

    /// Takes in an order, as it stands but for its steps and its rates.
    pub(crate) fn begin_order(&mut self, mut order: Order) {
        order.steps = self.steps_of(order.instrument);
        if let Some(account) = self.accounts.get(&order.account) {
            order.maker_rate_ppm = account.maker_rate_ppm;
            order.taker_rate_ppm = account.taker_rate_ppm;
        }
        let order_id = order.order_id;
        let known = Known {
            order,
            is_touched: true,
            is_stored: false,
        };
        self.orders.insert(order_id, known);
        self.touched.push(order_id);
    }

    /// Gives an instrument its steps.
    fn place(&mut self, steps: Steps, next_aggregate_id: u64) {
        let instrument = Instrument {
            steps,
            units: steps.units(),
            next_aggregate_id,
        };
        self.instruments.insert(steps.instrument, instrument);
    }

    /// Takes in a new order.
    fn enter(&mut self, order_id: u64, mut order: Order) {
        order.order_id = order_id;
        order.entered_ns = self.time_ns;
        order.changed_ns = self.time_ns;
        order.entered_sequence = self.sequence;
        order.changed_sequence = self.sequence;
        if order.state == OrderState::Open {
            order.working_ns = self.time_ns;
        }
        self.begin_order(order);
    }

    fn steps_of(&self, instrument: u32) -> u32 {
        let known = self.instruments.get(&instrument);
        known.map_or(0, |known| known.steps.number)
    }

    /// Changes an order, where it is known: a history that begins late does not know all.
    #[inline]
    fn change(&mut self, order_id: u64, change: impl FnOnce(&mut Order)) {
        let Some(known) = self.orders.get_mut(&order_id) else {
            return;
        };
        change(&mut known.order);
        known.order.changed_ns = self.time_ns;
        known.order.changed_sequence = self.sequence;
        if !known.is_touched {
            known.is_touched = true;
            self.touched.push(order_id);
        }
    }

    /// Takes in a leg of the list that the command enters.
    fn enter_leg(&mut self, order_id: u64, list: List, record: &ExtendedOrderRecord) {
        let (list_id, list_type) = (list.list_id, list.list_type);
        let place = self.legs - 1;
        let known = self.lists.entry(list_id).or_insert_with(|| {
            self.touched_lists.push(list_id);
            let is_touched = true;
            KnownList { list, is_touched }
        });
        known.list.order_ids[usize::from(place)] = order_id;
        let mut order = Order::extended(record);
        (order.list_id, order.leg) = (list_id, place);
        if place > 0 && list_type != ListType::Oco as u8 {
            order.state = OrderState::Pending;
        }
        self.enter(order_id, order);
    }

    fn fold_list(&mut self, list_id: u64, state: u8) {
        let Some(known) = self.lists.get_mut(&list_id) else {
            return;
        };
        known.list.state = state;
        known.list.changed_ns = self.time_ns;
        if !known.is_touched {
            known.is_touched = true;
            self.touched_lists.push(list_id);
        }
    }

    /// Changes an order that perhaps can trade from now on.
    fn change_now(&mut self, order_id: u64, change: impl FnOnce(&mut Order)) {
        let time_ns = self.time_ns;
        self.change(order_id, |order| {
            change(order);
            if order.state == OrderState::Open {
                order.working_ns = time_ns;
            }
        });
    }

    fn fold_replaced(&mut self, order_id: u64, command: Option<&Command<'_>>) {
        let (record, stop) = match command {
            Some(Command::Replace(record)) => (*record, 0),
            Some(Command::ReplaceExtended(record)) => (&record.base, record.stop),
            _ => return,
        };
        self.change(order_id, |order| {
            order.price_ticks = record.price_ticks;
            order.quantity_lots = record.quantity_lots;
            if stop != 0 {
                order.stop = stop;
            }
        });
    }

    /// An order by amount ends with its command; what was spent whole ends without an event.
    fn end_amount_order(&mut self, order_id: u64) {
        let is_open = |known: &Known| known.order.state == OrderState::Open;
        if self.orders.get(&order_id).is_some_and(is_open) {
            self.change(order_id, |order| order.state = OrderState::Filled);
        }
    }

    fn fold_trade(&mut self, placed: &PlacedEvent) {
        let Event::Traded {
            trade_id,
            maker_order_id,
            taker_order_id,
            price_ticks,
            quantity_lots,
            aggressor,
            maker_filled,
            taker_filled,
        } = placed.event
        else {
            return;
        };
        let instrument = placed.instrument;
        let Some(known) = self.instruments.get(&instrument) else {
            return;
        };
        let trade = Trade {
            instrument,
            trade_id,
            steps: known.steps.number,
            price_ticks,
            quantity_lots,
            time_ns: self.time_ns,
            aggressor,
            sequence: self.sequence,
        };
        let order = |id: u64| self.orders.get(&id).map(|known| &known.order);
        let (taker, maker) = (order(taker_order_id), order(maker_order_id));
        let (taker_fee, maker_fee) = fees(&trade, known.units, taker, maker);
        self.batch.trades.push(trade);
        for (order_id, is_maker, is_filled, fee) in [
            (maker_order_id, true, maker_filled, maker_fee),
            (taker_order_id, false, taker_filled, taker_fee),
        ] {
            self.fill(&trade, order_id, is_maker, is_filled, fee);
        }
        self.note_aggregate(&trade, taker_order_id);
        self.note_candle(&trade);
    }

    /// Books one side of a trade.
    fn fill(&mut self, trade: &Trade, order_id: u64, is_maker: bool, is_filled: bool, fee: i128) {
        let mut owner = None;
        self.change(order_id, |order| {
            order.filled_lots += trade.quantity_lots;
            let price = u128::from(trade.price_ticks.unsigned_abs());
            order.value += price * u128::from(trade.quantity_lots);
            if is_filled {
                order.state = OrderState::Filled;
            }
            owner = Some((order.account, order.list_id));
        });
        if let Some((account, list_id)) = owner {
            self.batch.fills.push(Fill {
                account,
                instrument: trade.instrument,
                trade_id: trade.trade_id,
                is_maker,
                order_id,
                fee,
                list_id,
            });
        }
    }

    fn note_aggregate(&mut self, trade: &Trade, taker_order_id: u64) {
        let last = self.batch.aggregates.last_mut();
        if last.is_some_and(|last| last.takes(trade, taker_order_id)) {
            return;
        }
        let Some(known) = self.instruments.get_mut(&trade.instrument) else {
            return;
        };
        let aggregate_id = known.next_aggregate_id;
        known.next_aggregate_id += 1;
        self.batch.aggregates.push(Aggregate {
            instrument: trade.instrument,
            aggregate_id,
            steps: trade.steps,
            price_ticks: trade.price_ticks,
            quantity_lots: trade.quantity_lots,
            first_trade_id: trade.trade_id,
            last_trade_id: trade.trade_id,
            time_ns: trade.time_ns,
            aggressor: trade.aggressor,
            pass: (trade.sequence, taker_order_id),
        });
    }

    fn note_candle(&mut self, trade: &Trade) {
        let ended = self.candles.add(trade);
        self.batch.candles.extend(ended);
    }
}
