//! The handle on one engine.

use outcry_engine::{BatchError, DepthLevel, EngineConfig};
use outcry_protocol::{
    Command, EventRecord, InstrumentLimitsRecord, InstrumentRecord, OrderRecord, OrderType, Side,
    TradingState, record_size,
};
use pyo3::prelude::*;
use pyo3::types::PyInt;

use crate::answer::{Outcome, Status, accepted_alone, integer, order_answer, own_answer};
use crate::arguments as take;
use crate::bytes::{AlignedBytes, LevelRow, Records};
use crate::decimals::Decimals;
use crate::errors::{engine_busy, invalid_value, malformed_record, undecodable};
use crate::order::OrderCommand;
use crate::placement::{Cancelled, Steps, cancelled_order, placement};
use crate::views;

const SHARD_MAX: u32 = (1 << 19) - 1;
/// The core makes room for so much at once; memory that is not there would end the process.
const INSTRUMENT_MAX: u32 = 1 << 20;
const ORDERS_CAPACITY_MAX: u32 = 1 << 26;

/// One engine, its events in the making beside it.
#[pyclass(module = "outcry._native")]
pub(crate) struct Engine {
    pub(crate) core: outcry_engine::Engine,
    /// The events of the last one-call command; its room is used again and again.
    events: Vec<EventRecord>,
    decimals: Decimals,
}

impl Engine {
    /// The one who may write; another thread that already does is said so.
    #[inline]
    pub(crate) fn writer<'py>(slf: &Bound<'py, Self>) -> PyResult<PyRefMut<'py, Self>> {
        slf.try_borrow_mut().map_err(|_| engine_busy())
    }

    #[inline]
    pub(crate) fn reader<'py>(slf: &Bound<'py, Self>) -> PyResult<PyRef<'py, Self>> {
        slf.try_borrow().map_err(|_| engine_busy())
    }

    /// Applies the one command in these bytes.
    #[inline]
    pub(crate) fn apply_one(&mut self, record: &[u8]) -> PyResult<()> {
        self.events.clear();
        let applied = self.core.apply(record, &mut self.events);
        let consumed = applied.map_err(|error| undecodable(0, error, None))?;
        debug_assert_eq!(consumed, record.len());
        Ok(())
    }

    /// What became of the order that the last command, of this record, made or replaced.
    #[inline]
    pub(crate) fn placement<'py>(
        &mut self,
        py: Python<'py>,
        steps: Steps,
        order: &OrderRecord,
    ) -> PyResult<Bound<'py, PyAny>> {
        let outcome = match accepted_alone(&self.events) {
            Some(order_id) => {
                let is_stop = order.order_type >= OrderType::Stop as u8;
                let status = if is_stop {
                    Status::Waiting
                } else {
                    Status::Resting
                };
                Outcome::entered(order_id, status, order.quantity_lots)
            }
            None => Outcome::read(py, &self.core, &self.events, order.kind)?,
        };
        let (sequence, time_ns) = (self.core.sequence(), self.core.time_ns());
        placement(py, &mut self.decimals, steps, &outcome, sequence, time_ns)
    }

    /// What was open of the order that the last command, of this record, cancelled; or all of it,
    /// as its `CancelledOrder`.
    pub(crate) fn cancelled<'py>(
        &mut self,
        py: Python<'py>,
        steps: Steps,
        order: &OrderRecord,
        tells_all: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let own = own_answer(py, &self.events, order.kind)?;
        if !tells_all {
            return self.decimals.get(py, own.value, steps.lot);
        }
        let told = Cancelled {
            order_id: own.order_id,
            open_lots: own.value,
            sequence: self.core.sequence(),
            time_ns: self.core.time_ns(),
        };
        cancelled_order(py, &mut self.decimals, steps, &told)
    }
}

#[pymethods]
impl Engine {
    /// An engine without instruments. Bounds are documented at `outcry.Engine`.
    #[new]
    #[pyo3(signature = (
        *, shard=0, work_max=1024, mass_max=1024, remembered_requests=128, instrument_max=65_535,
        orders_capacity=1024, money=false, accounts_max=1 << 24, asset_max=65_535,
        withdrawals_max=128, sources_max=65_536, check_invariants=false
    ))]
    #[expect(
        clippy::too_many_arguments,
        reason = "an engine has as many bounds as it has"
    )]
    fn new(
        #[pyo3(from_py_with = take::shard)] shard: u32,
        #[pyo3(from_py_with = take::work_max)] work_max: u32,
        #[pyo3(from_py_with = take::mass_max)] mass_max: u32,
        #[pyo3(from_py_with = take::remembered_requests)] remembered_requests: u32,
        #[pyo3(from_py_with = take::instrument_max)] instrument_max: u32,
        #[pyo3(from_py_with = take::orders_capacity)] orders_capacity: u32,
        money: bool,
        #[pyo3(from_py_with = take::accounts_max)] accounts_max: u32,
        #[pyo3(from_py_with = take::asset_max)] asset_max: u32,
        #[pyo3(from_py_with = take::withdrawals_max)] withdrawals_max: u32,
        #[pyo3(from_py_with = take::sources_max)] sources_max: u32,
        check_invariants: bool,
    ) -> PyResult<Self> {
        let config = EngineConfig {
            shard,
            work_max,
            mass_max,
            remembered_requests,
            instrument_max,
            orders_capacity,
            money,
            accounts_max,
            asset_max,
            withdrawals_max,
            sources_max,
            check_invariants,
            ..EngineConfig::default()
        };
        require_bounds(&config)?;
        Ok(Self {
            core: outcry_engine::Engine::new(config),
            events: Vec::new(),
            decimals: Decimals::default(),
        })
    }

    /// Applies command records, one after another, and returns the records of their events.
    ///
    /// The interpreter is free meanwhile; nobody may write into `records` until this returns. A
    /// record that is refused is answered in its place and the others apply. Where the bytes end
    /// within a record, or no size can be told, `MalformedRecord` names the offset; what stood
    /// before it has been applied, with the events in the exception.
    #[pyo3(signature = (records, /))]
    fn apply_batch(slf: &Bound<'_, Self>, records: &Bound<'_, PyAny>) -> PyResult<Records> {
        let bytes = AlignedBytes::of(records)?;
        let mut writer = Self::writer(slf)?;
        let core = &mut writer.core;
        let mut events = Vec::with_capacity(2 * bytes.len() / size_of::<OrderRecord>() + 1);
        match slf.py().detach(|| core.apply_batch(&bytes, &mut events)) {
            Ok(_) => Ok(events.into()),
            Err(BatchError { offset, error }) => {
                Err(undecodable(offset, error, Some(events.into())))
            }
        }
    }

    /// Places a limit order: the order id where it rests whole and nothing else happened, else
    /// `(order_id, status, open_lots, cancel_reason, fills)`, each fill `(trade_id, maker_order_id,
    /// taker_order_id, price_ticks, quantity_lots)`.
    #[pyo3(signature = (
        instrument, account, side, price_ticks, quantity_lots, time_in_force=1, self_trade=1,
        flags=0, time_ns=0, /
    ))]
    #[expect(
        clippy::too_many_arguments,
        reason = "an order has as many fields as it has"
    )]
    fn limit_ticks<'py>(
        slf: &Bound<'py, Self>,
        #[pyo3(from_py_with = take::instrument)] instrument: u32,
        #[pyo3(from_py_with = take::account)] account: u32,
        #[pyo3(from_py_with = take::side)] side: u8,
        #[pyo3(from_py_with = take::price_ticks)] price_ticks: i64,
        #[pyo3(from_py_with = take::quantity_lots)] quantity_lots: u64,
        #[pyo3(from_py_with = take::time_in_force)] time_in_force: u8,
        #[pyo3(from_py_with = take::self_trade)] self_trade: u8,
        #[pyo3(from_py_with = take::flags)] flags: u16,
        #[pyo3(from_py_with = take::time_ns)] time_ns: u64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mut record =
            OrderRecord::limit(instrument, account, Side::Buy, price_ticks, quantity_lots);
        record.side = side;
        record.time_in_force = time_in_force;
        record.self_trade = self_trade;
        record.flags = flags;
        record.time_ns = time_ns;
        let mut writer = Self::writer(slf)?;
        writer.apply_one(record.as_record_bytes())?;
        order_answer(slf.py(), &writer.core, &writer.events, record.kind)
    }

    /// Cancels an order by its id, or with id 0 by the client's, and returns the lots that were
    /// open.
    #[pyo3(signature = (
        instrument, account, order_id, time_ns=0, request_id=0, client_order_id=None, /
    ))]
    fn cancel_order<'py>(
        slf: &Bound<'py, Self>,
        #[pyo3(from_py_with = take::instrument)] instrument: u32,
        #[pyo3(from_py_with = take::account)] account: u32,
        #[pyo3(from_py_with = take::order_id)] order_id: u64,
        #[pyo3(from_py_with = take::time_ns)] time_ns: u64,
        #[pyo3(from_py_with = take::request_id)] request_id: u128,
        client_order_id: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyInt>> {
        let mut record = OrderRecord::cancel(instrument, account, order_id);
        record.time_ns = time_ns;
        record.request_id = words_of(request_id);
        let mut writer = Self::writer(slf)?;
        let name = take::client_order_id(client_order_id)?;
        writer.apply_one(OrderCommand::cancel(record, name).bytes())?;
        let answer = own_answer(slf.py(), &writer.events, record.kind)?;
        Ok(integer(slf.py(), answer.value))
    }

    /// Replaces the price, the total quantity, and for a waiting stop the stop, of an order named
    /// as in `cancel_order`; the answer is as of `limit_ticks`.
    #[pyo3(signature = (
        instrument, account, order_id, price_ticks, quantity_lots, time_ns=0, request_id=0,
        client_order_id=None, stop=0, /
    ))]
    #[expect(
        clippy::too_many_arguments,
        reason = "an order has as many fields as it has"
    )]
    fn replace_ticks<'py>(
        slf: &Bound<'py, Self>,
        #[pyo3(from_py_with = take::instrument)] instrument: u32,
        #[pyo3(from_py_with = take::account)] account: u32,
        #[pyo3(from_py_with = take::order_id)] order_id: u64,
        #[pyo3(from_py_with = take::price_ticks)] price_ticks: i64,
        #[pyo3(from_py_with = take::quantity_lots)] quantity_lots: u64,
        #[pyo3(from_py_with = take::time_ns)] time_ns: u64,
        #[pyo3(from_py_with = take::request_id)] request_id: u128,
        client_order_id: Option<&Bound<'py, PyAny>>,
        #[pyo3(from_py_with = take::stop)] stop: i64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let name = take::client_order_id(client_order_id)?;
        let base = OrderRecord {
            time_ns,
            request_id: words_of(request_id),
            ..OrderRecord::replace(instrument, account, order_id, price_ticks, quantity_lots)
        };
        let mut writer = Self::writer(slf)?;
        writer.apply_one(OrderCommand::replace(base, name, stop).bytes())?;
        order_answer(slf.py(), &writer.core, &writer.events, base.kind)
    }

    /// Applies one command in its records; the answer is as of `limit_ticks`, order id 0 for a
    /// command that is not about an order. `MalformedRecord` where more follows it: nothing is
    /// applied then.
    #[pyo3(signature = (record, /))]
    fn command<'py>(
        slf: &Bound<'py, Self>,
        record: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let bytes = AlignedBytes::of(record)?;
        require_one(&bytes)?;
        let mut writer = Self::writer(slf)?;
        writer.apply_one(&bytes)?;
        let kind = bytes.first().copied().unwrap_or_default();
        order_answer(slf.py(), &writer.core, &writer.events, kind)
    }

    /// The records of the events of the last command that was given in one call.
    fn events(slf: &Bound<'_, Self>) -> PyResult<Records> {
        let reader = Self::reader(slf)?;
        Ok(Records::from(reader.events.clone()).at(reader.core.time_ns()))
    }

    /// The sequence of the last command, 0 before the first.
    #[getter]
    fn sequence(slf: &Bound<'_, Self>) -> PyResult<u64> {
        Ok(Self::reader(slf)?.core.sequence())
    }

    /// Engine time in nanoseconds since 1970 UTC.
    #[getter]
    fn time_ns(slf: &Bound<'_, Self>) -> PyResult<u64> {
        Ok(Self::reader(slf)?.core.time_ns())
    }

    /// The rolling digest of all events.
    #[getter]
    fn digest(slf: &Bound<'_, Self>) -> PyResult<u64> {
        Ok(Self::reader(slf)?.core.digest().0)
    }

    /// How many orders are open.
    #[getter]
    fn open_orders(slf: &Bound<'_, Self>) -> PyResult<u32> {
        Ok(Self::reader(slf)?.core.open_orders())
    }

    /// The SHA-256 of the whole state.
    fn state_hash(slf: &Bound<'_, Self>) -> PyResult<[u8; 32]> {
        Ok(Self::reader(slf)?.core.state_hash())
    }

    /// Whether an expiry is due or a queue can run at this time.
    #[pyo3(signature = (time_ns, /))]
    fn has_due_work(
        slf: &Bound<'_, Self>,
        #[pyo3(from_py_with = take::time_ns)] time_ns: u64,
    ) -> PyResult<bool> {
        Ok(Self::reader(slf)?.core.has_due_work(time_ns))
    }

    /// The records of all instruments, by number.
    fn instruments(slf: &Bound<'_, Self>) -> PyResult<Records> {
        let reader = Self::reader(slf)?;
        let records: Vec<InstrumentRecord> = reader.core.instruments().copied().collect();
        Ok(records.into())
    }

    /// An instrument's record, its limits' record and its trading state.
    #[pyo3(signature = (instrument, /))]
    fn instrument(
        slf: &Bound<'_, Self>,
        #[pyo3(from_py_with = take::instrument)] instrument: u32,
    ) -> PyResult<Option<(Records, Records, u8)>> {
        let reader = Self::reader(slf)?;
        let found = reader.core.instrument(instrument);
        Ok(found.map(describe))
    }

    /// The price of the last trade in ticks.
    #[pyo3(signature = (instrument, /))]
    fn last_trade(
        slf: &Bound<'_, Self>,
        #[pyo3(from_py_with = take::instrument)] instrument: u32,
    ) -> PyResult<Option<i64>> {
        Ok(Self::reader(slf)?.core.last_trade(instrument))
    }

    /// The number of the book's last update, 0 before the first.
    #[pyo3(signature = (instrument, /))]
    fn update_number(
        slf: &Bound<'_, Self>,
        #[pyo3(from_py_with = take::instrument)] instrument: u32,
    ) -> PyResult<u64> {
        Ok(Self::reader(slf)?.core.update_number(instrument))
    }

    /// The best level of a side: price in ticks, lots, orders.
    #[pyo3(signature = (instrument, side, /))]
    fn best(
        slf: &Bound<'_, Self>,
        #[pyo3(from_py_with = take::instrument)] instrument: u32,
        #[pyo3(from_py_with = take::side)] side: u8,
    ) -> PyResult<Option<(i64, u64, u32)>> {
        let best = Self::reader(slf)?.core.best(instrument, known_side(side)?);
        Ok(best.map(|level| (level.price_ticks, level.quantity_lots, level.orders)))
    }

    /// The levels of a side, best first, as rows of `LevelRow`.
    #[pyo3(signature = (instrument, side, levels, /))]
    fn depth(
        slf: &Bound<'_, Self>,
        #[pyo3(from_py_with = take::instrument)] instrument: u32,
        #[pyo3(from_py_with = take::side)] side: u8,
        #[pyo3(from_py_with = take::levels)] levels: u32,
    ) -> PyResult<Records> {
        let mut found = Vec::new();
        let side = known_side(side)?;
        Self::reader(slf)?
            .core
            .depth(instrument, side, levels as usize, &mut found);
        let rows: Vec<LevelRow> = found.iter().map(level_row).collect();
        Ok(rows.into())
    }

    /// The open order of an id as a row of `OpenOrderRow`, none where there is none.
    #[pyo3(signature = (order_id, /))]
    fn order(
        slf: &Bound<'_, Self>,
        #[pyo3(from_py_with = take::order_id)] order_id: u64,
    ) -> PyResult<Records> {
        Ok(views::orders(&Self::reader(slf)?.core.order(order_id)))
    }

    /// Open orders as rows of `OpenOrderRow`, by id; 0 stands for all accounts or instruments.
    #[pyo3(signature = (account, instrument, most, /))]
    fn account_orders(
        slf: &Bound<'_, Self>,
        #[pyo3(from_py_with = take::account)] account: u32,
        #[pyo3(from_py_with = take::instrument)] instrument: u32,
        #[pyo3(from_py_with = take::most)] most: u32,
    ) -> PyResult<Records> {
        let core = &Self::reader(slf)?.core;
        let found = core.account_orders(account, instrument, most as usize);
        Ok(views::orders(&found))
    }

    /// The list of an id, while it lives, as a row of `ListRow`.
    #[pyo3(signature = (list_id, /))]
    fn order_list(
        slf: &Bound<'_, Self>,
        #[pyo3(from_py_with = take::list_id)] list_id: u64,
    ) -> PyResult<Records> {
        Ok(views::lists(&Self::reader(slf)?.core.order_list(list_id)))
    }

    /// Lists that live as rows of `ListRow`, by id; 0 stands for all accounts or instruments.
    #[pyo3(signature = (account, instrument, most, /))]
    fn account_lists(
        slf: &Bound<'_, Self>,
        #[pyo3(from_py_with = take::account)] account: u32,
        #[pyo3(from_py_with = take::instrument)] instrument: u32,
        #[pyo3(from_py_with = take::most)] most: u32,
    ) -> PyResult<Records> {
        let core = &Self::reader(slf)?.core;
        let found = core.open_lists(account, instrument, most as usize);
        Ok(views::lists(&found))
    }

    /// What an account has, as rows of `BalanceRow`, by asset.
    #[pyo3(signature = (account, /))]
    fn balances(
        slf: &Bound<'_, Self>,
        #[pyo3(from_py_with = take::account)] account: u32,
    ) -> PyResult<Records> {
        Ok(views::balances(&Self::reader(slf)?.core.balances(account)))
    }

    /// The `AssetRecord` of every asset, by number.
    fn assets(slf: &Bound<'_, Self>) -> PyResult<Records> {
        Ok(views::assets(&Self::reader(slf)?.core.assets()))
    }

    /// The `AccountRecord` of every account, by number.
    fn accounts(slf: &Bound<'_, Self>) -> PyResult<Records> {
        Ok(views::accounts(&Self::reader(slf)?.core.accounts()))
    }

    /// The `AccountRecord` of an account, none where there is none.
    #[pyo3(signature = (account, /))]
    fn account(
        slf: &Bound<'_, Self>,
        #[pyo3(from_py_with = take::account)] account: u32,
    ) -> PyResult<Records> {
        Ok(views::accounts(&Self::reader(slf)?.core.account(account)))
    }

    /// Every pending withdrawal as rows of `WithdrawalRow`, by sequence.
    fn withdrawals(slf: &Bound<'_, Self>) -> PyResult<Records> {
        Ok(views::withdrawals(&Self::reader(slf)?.core.withdrawals()))
    }

    /// What stands before a resting order at its level: orders and lots.
    #[pyo3(signature = (order_id, /))]
    fn queue_position(
        slf: &Bound<'_, Self>,
        #[pyo3(from_py_with = take::order_id)] order_id: u64,
    ) -> PyResult<Option<(u32, u64)>> {
        let position = Self::reader(slf)?.core.queue_position(order_id);
        Ok(position.map(|position| (position.orders_ahead, position.lots_ahead)))
    }
}

/// Refuses bounds that the core cannot have.
pub(crate) fn require_bounds(config: &EngineConfig) -> PyResult<()> {
    let refuse =
        |field: &str, value: u32, bound: &str| Err(invalid_value(field, &value.to_string(), bound));
    for (field, value, most) in [
        ("shard", config.shard, SHARD_MAX),
        ("instrument_max", config.instrument_max, INSTRUMENT_MAX),
        (
            "orders_capacity",
            config.orders_capacity,
            ORDERS_CAPACITY_MAX,
        ),
    ] {
        if value > most {
            return refuse(field, value, &format!("must be at most {most}"));
        }
    }
    for (field, value) in [("work_max", config.work_max), ("mass_max", config.mass_max)] {
        if value == 0 {
            return refuse(field, value, "must be at least 1");
        }
    }
    Ok(())
}

/// A 128-bit number as a record holds it, low word first.
pub(crate) const fn words_of(value: u128) -> [u64; 2] {
    [value as u64, (value >> 64) as u64]
}

/// Refuses bytes that go on behind their first command; where that is none, behind its record.
fn require_one(bytes: &[u8]) -> PyResult<()> {
    let size = Command::decode(bytes).map_or_else(|_| record_size(bytes), |(_, size)| Ok(size));
    match size {
        Ok(size) if size < bytes.len() => {
            let text = "record: another follows where one command must be alone";
            Err(malformed_record(size, text))
        }
        _ => Ok(()),
    }
}

fn known_side(side: u8) -> PyResult<Side> {
    Side::try_from(side).map_err(|error| {
        invalid_value(
            "side",
            &side.to_string(),
            &format!("must be {}", error.allowed),
        )
    })
}

fn describe(
    (instrument, limits, state): (&InstrumentRecord, &InstrumentLimitsRecord, TradingState),
) -> (Records, Records, u8) {
    (vec![*instrument].into(), vec![*limits].into(), state as u8)
}

pub(crate) fn level_row(level: &DepthLevel) -> LevelRow {
    LevelRow {
        price_ticks: level.price_ticks,
        quantity_lots: level.quantity_lots,
        orders: u64::from(level.orders),
    }
}
