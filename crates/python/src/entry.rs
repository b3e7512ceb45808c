//! The entry of orders in words and decimals: one call from arguments to `Placement`.

use outcry_protocol::{
    CommandKind, ExtendedOrderRecord, OrderRecord, OrderType, SelfTrade, Side, StopUnit, Text,
    TimeInForce, flags,
};
use std::sync::OnceLock;

use pyo3::exceptions::PyRuntimeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};

use crate::arguments as take;
use crate::caller::Caller;
use crate::choice;
use crate::engine::{Engine, words_of};
use crate::errors::invalid_value;
use crate::gateways::Told;
use crate::market::Market;
use crate::order::OrderCommand;
use crate::reply::{Asked, explained, is_cancel, size_of_order};
use crate::tasks::Tasks;

/// Refuses what an order by amount has no place for.
fn require_plain(order: &ExtendedOrderRecord) -> PyResult<()> {
    let stop_field = match order.stop_unit {
        unit if unit == StopUnit::TrailTicks as u8 => "trail",
        unit if unit == StopUnit::TrailPpm as u8 => "trail_ppm",
        _ => "stop",
    };
    let has_stop = order.stop != 0 || order.stop_unit != StopUnit::Price as u8;
    for (field, is_given) in [
        (stop_field, has_stop),
        ("trigger", order.trigger != 0),
        ("display", order.display_lots != 0),
        ("expire_time_ns", order.expire_time_ns != 0),
    ] {
        if is_given {
            return Err(invalid_value(
                field,
                "and amount",
                "must not be given together",
            ));
        }
    }
    Ok(())
}

/// Where orders enter an engine: the base of `outcry.Engine`.
#[pyclass(frozen, subclass, module = "outcry._native")]
#[derive(Default)]
pub(crate) struct OrderEntry(OnceLock<Links>);

/// Where orders go, and how their outcome comes back.
enum Target {
    /// Into an engine, at once.
    Engine(Py<Engine>),
    /// Into an exchange, waited for.
    Caller(Py<Caller>),
    /// Into an exchange, as a future.
    Tasks(Py<Tasks>),
}

impl<'py> FromPyObject<'_, 'py> for Target {
    type Error = PyErr;

    fn extract(target: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(caller) = target.cast::<Caller>() {
            return Ok(Self::Caller(caller.to_owned().unbind()));
        }
        if let Ok(tasks) = target.cast::<Tasks>() {
            return Ok(Self::Tasks(tasks.to_owned().unbind()));
        }
        Ok(Self::Engine(target.cast::<Engine>()?.to_owned().unbind()))
    }
}

/// What an entry of orders leads to.
struct Links {
    target: Target,
    /// The markets of the instruments found so far, by symbol.
    markets: Py<PyDict>,
    /// Finds any instrument, or says what is wrong with it.
    find: Py<PyAny>,
    /// Says a refusal in the words of the caller.
    explain: Py<PyAny>,
}

/// A command about an order of an instrument that the caller named.
struct Entry<'a, 'py> {
    instrument: &'a Bound<'py, PyAny>,
    market: Market,
    command: OrderCommand,
    /// What an amount order says, else 0.
    amount: u128,
    /// Whether of a cancel all is told, and not the quantity alone.
    tells_all: bool,
    /// Of an order of the spot API: how its result is told.
    told: Option<Told>,
}

impl Links {
    fn market(&self, instrument: &Bound<'_, PyAny>) -> PyResult<Market> {
        let py = instrument.py();
        let markets = self.markets.bind(py);
        let known = if instrument.is_exact_instance_of::<PyString>() {
            markets.get_item(instrument)?
        } else if instrument.is_exact_instance(instrument_type(py)?) {
            markets.get_item(instrument.getattr(intern!(py, "symbol"))?)?
        } else {
            None
        };
        let known = if let Some(known) = known {
            known
        } else {
            let found = self.find.bind(py).call1((instrument,))?;
            let symbol = found.getattr(intern!(py, "symbol"))?;
            markets.as_any().get_item(symbol)?
        };
        Ok(*known.cast::<Market>()?.get())
    }

    /// An open exchange reads its own clock.
    fn require_time(&self, time_ns: u64) -> PyResult<()> {
        if time_ns == 0 || matches!(self.target, Target::Engine(_)) {
            return Ok(());
        }
        let bound = "must be 0: an open exchange reads its own clock";
        Err(invalid_value("time_ns", &time_ns.to_string(), bound))
    }

    /// Sends a command: the `Placement` of the order, or what a cancel says; of an event loop its
    /// future.
    fn send<'py>(&self, entry: Entry<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
        let py = entry.instrument.py();
        match &self.target {
            Target::Engine(engine) => self.apply(engine.bind(py), &entry),
            Target::Caller(caller) => {
                let (command, asked) = self.asked(entry);
                caller.get().order(py, &command, &asked)
            }
            Target::Tasks(tasks) => {
                let (command, asked) = self.asked(entry);
                Tasks::order(tasks.bind(py), &command, asked)
            }
        }
    }

    fn apply<'py>(
        &self,
        engine: &Bound<'py, Engine>,
        entry: &Entry<'_, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = engine.py();
        let mut engine = Engine::writer(engine)?;
        engine.apply_one(entry.command.bytes())?;
        let (steps, base) = (entry.market.steps(), entry.command.base());
        let told = if is_cancel(base.kind) {
            engine.cancelled(py, steps, base, entry.tells_all)
        } else {
            engine.placement(py, steps, base)
        };
        told.map_err(|error| {
            let named = engine.core.order(base.order_id);
            let side = named.map_or(base.side, |order| order.side as u8);
            drop(engine);
            let size = size_of_order(base, entry.amount);
            explained(py, &self.explain, entry.instrument, side, size, error)
        })
    }

    fn asked(&self, entry: Entry<'_, '_>) -> (OrderCommand, Asked) {
        let py = entry.instrument.py();
        let asked = Asked {
            base: *entry.command.base(),
            amount: entry.amount,
            tells_all: entry.tells_all,
            steps: entry.market.steps(),
            instrument: entry.instrument.clone().unbind(),
            explain: self.explain.clone_ref(py),
            told: entry.told,
        };
        (entry.command, asked)
    }
}

impl OrderEntry {
    /// Sends a new order.
    #[inline]
    pub(crate) fn send_new<'py>(
        &self,
        instrument: &Bound<'py, PyAny>,
        market: Market,
        order: &ExtendedOrderRecord,
        amount: u128,
        told: Option<Told>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.links()?.send(Entry {
            instrument,
            market,
            command: OrderCommand::new(order, amount),
            amount,
            tells_all: false,
            told,
        })
    }

    /// Sends a cancel whose instrument is still to be found.
    #[inline]
    fn send_cancel<'py>(
        &self,
        instrument: &Bound<'py, PyAny>,
        cancel: OrderRecord,
        client_order_id: Option<Text<36>>,
        tells_all: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let links = self.links()?;
        links.require_time(cancel.time_ns)?;
        let market = links.market(instrument)?;
        let base = OrderRecord {
            instrument: market.number(),
            ..cancel
        };
        links.send(Entry {
            instrument,
            market,
            command: OrderCommand::cancel(base, client_order_id),
            amount: 0,
            tells_all,
            told: None,
        })
    }

    fn links(&self) -> PyResult<&Links> {
        let links = self.0.get();
        links.ok_or_else(|| PyRuntimeError::new_err("the engine's own __init__ was not called"))
    }
}

fn instrument_type(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static INSTRUMENT: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    INSTRUMENT.import(py, "outcry.exchange.instrument", "Instrument")
}

#[expect(
    clippy::doc_markdown,
    reason = "Python's documentation names arguments bare"
)]
#[pymethods]
impl OrderEntry {
    /// A subclass takes arguments of its own, and says with `__init__` what it leads to.
    #[new]
    #[pyo3(signature = (*_arguments, **_named))]
    fn new(_arguments: &Bound<'_, PyTuple>, _named: Option<&Bound<'_, PyDict>>) -> Self {
        Self::default()
    }

    #[pyo3(signature = (target, markets, find, explain, /))]
    fn __init__(
        &self,
        target: Target,
        markets: Py<PyDict>,
        find: Py<PyAny>,
        explain: Py<PyAny>,
    ) -> PyResult<()> {
        let links = Links {
            target,
            markets,
            find,
            explain,
        };
        let set = self.0.set(links);
        set.map_err(|_| PyRuntimeError::new_err("an engine is made once"))
    }

    /// Place an order and return what became of it.
    ///
    /// Args:
    ///     instrument: What to trade.
    ///     side: `buy` or `sell`.
    ///     quantity: How much of the base asset; not with `amount`.
    ///     price: The limit; of a market order the worst price, none for none.
    ///     type: `limit`, `market`, `stop` or `stop_limit`.
    ///     time_in_force: `gtc`, `ioc`, `fok`, `day` or `gtd`; by default `ioc` for a market
    ///         order, else `gtc`.
    ///     account: Whose order it is, from 1.
    ///     post_only: Refuse the order rather than let it take.
    ///     self_trade: What happens where it meets one of its own trade group: `none`,
    ///         `cancel_taker`, `cancel_maker`, `cancel_both` or `decrement`.
    ///     display: What an iceberg shows of itself.
    ///     stop: The price that a stop waits for.
    ///     trigger: Whether the last trade must `rise` or `fall` to the stop.
    ///     trail: Instead of `stop`, a trailing stop's distance as a price.
    ///     trail_ppm: Instead of `stop`, its distance in parts per million of the best trade.
    ///     amount: Of a market order, how much of the quote asset to spend or raise.
    ///     expire_time_ns: When a `gtd` order expires.
    ///     client_order_id: The client's own name, unique among the account's open orders.
    ///     request_id: A 128-bit number under which the account asks once only; 0 for none.
    ///     time_ns: The time, in nanoseconds since 1970 UTC; of an open exchange 0, for it has
    ///         a clock.
    ///
    /// Raises:
    ///     InvalidValue: A value cannot be taken.
    ///     UnknownSymbol: There is no such instrument.
    ///     OrderRejected: The engine refused the order.
    ///     RequestRepeated: The account used the request id before.
    ///
    /// >>> from outcry import Engine
    /// >>> engine = Engine()
    /// >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
    /// >>> engine.place(btc, side="buy", price="100.5", quantity="2").open_quantity
    /// Decimal('2.00')
    /// >>> engine.place(btc, side="sell", quantity="3", type="market", account=2)
    /// Placement(order_id=2, status=<OrderStatus.CANCELLED: 5>, open_quantity=Decimal('0.00'),
    ///     fills=(Fill(trade_id=1, price=Decimal('100.5'), quantity=Decimal('2.00'),
    ///     maker_order_id=1, taker_order_id=2),), cancel_reason=<CancelReason.NO_LIQUIDITY: 5>,
    ///     sequence=3, time_ns=0)
    #[pyo3(
        signature = (
            instrument, *, side, quantity=None, price=None, r#type=OrderType::Limit,
            time_in_force=None, account=1, post_only=false, self_trade=SelfTrade::CancelTaker,
            display=None, stop=None, trigger=None, trail=None, trail_ppm=None, amount=None,
            expire_time_ns=0, client_order_id=None, request_id=0, time_ns=0
        ),
        text_signature = "($self, instrument, *, side, quantity=None, price=None, type='limit', \
            time_in_force=None, account=1, post_only=False, self_trade='cancel_taker', \
            display=None, stop=None, trigger=None, trail=None, trail_ppm=None, amount=None, \
            expire_time_ns=0, client_order_id=None, request_id=0, time_ns=0)"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "an order has as many fields as it has"
    )]
    fn place<'py>(
        &self,
        instrument: &Bound<'py, PyAny>,
        #[pyo3(from_py_with = choice::side)] side: Side,
        quantity: Option<&Bound<'py, PyAny>>,
        price: Option<&Bound<'py, PyAny>>,
        #[pyo3(from_py_with = choice::order_type)] r#type: OrderType,
        #[pyo3(from_py_with = choice::time_in_force_or_none)] time_in_force: Option<TimeInForce>,
        #[pyo3(from_py_with = take::account)] account: u32,
        #[pyo3(from_py_with = take::truth)] post_only: bool,
        #[pyo3(from_py_with = choice::self_trade)] self_trade: SelfTrade,
        display: Option<&Bound<'py, PyAny>>,
        stop: Option<&Bound<'py, PyAny>>,
        trigger: Option<&Bound<'py, PyAny>>,
        trail: Option<&Bound<'py, PyAny>>,
        trail_ppm: Option<&Bound<'py, PyAny>>,
        amount: Option<&Bound<'py, PyAny>>,
        #[pyo3(from_py_with = take::expire_time_ns)] expire_time_ns: u64,
        client_order_id: Option<&Bound<'py, PyAny>>,
        #[pyo3(from_py_with = take::request_id)] request_id: u128,
        #[pyo3(from_py_with = take::time_ns)] time_ns: u64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let links = self.links()?;
        links.require_time(time_ns)?;
        let market = links.market(instrument)?;
        let lives = time_in_force.unwrap_or(match r#type {
            OrderType::Market => TimeInForce::Ioc,
            _ => TimeInForce::Gtc,
        });
        let base = OrderRecord {
            flags: if post_only { flags::POST_ONLY } else { 0 },
            instrument: market.number(),
            time_ns,
            request_id: words_of(request_id),
            account,
            side: side as u8,
            order_type: r#type as u8,
            time_in_force: lives as u8,
            self_trade: self_trade as u8,
            price_ticks: market.ticks("price", price)?,
            quantity_lots: market.lots("quantity", quantity)?,
            ..OrderRecord::empty(CommandKind::New)
        };
        let (stop, stop_unit) = market.stop(stop, trail, trail_ppm)?;
        let mut extended = ExtendedOrderRecord::new(CommandKind::NewExtended, base);
        extended.stop = stop;
        extended.stop_unit = stop_unit as u8;
        extended.trigger =
            trigger.map_or(Ok(0), |word| choice::trigger(word).map(|side| side as u8))?;
        extended.display_lots = market.lots("display", display)?;
        extended.expire_time_ns = expire_time_ns;
        extended.client_order_id = take::client_order_id(client_order_id)?.unwrap_or_default();
        let units = market.amount_units(amount)?;
        if amount.is_some() {
            require_plain(&extended)?;
        }
        self.send_new(instrument, market, &extended, units, None)
    }

    /// Replace an open order's price, total quantity and, while it waits, its stop.
    ///
    /// The quantity is the new total: what is filled counts in it. An order keeps its priority
    /// where the price stays and the quantity does not rise.
    ///
    /// Args:
    ///     instrument: What it trades.
    ///     order_id: The order's id, or 0 where the client's names it.
    ///     quantity: The new total quantity.
    ///     price: The new limit; none for a stop without limit.
    ///     stop: The new stop of a waiting stop; none keeps the one it has.
    ///     account: Whose order it is.
    ///     client_order_id: The client's own name for it.
    ///     request_id: A 128-bit number under which the account asks once only; 0 for none.
    ///     time_ns: The time, in nanoseconds since 1970 UTC; of an open exchange 0, for it has
    ///         a clock.
    ///
    /// Raises:
    ///     InvalidValue: A value cannot be taken.
    ///     UnknownSymbol: There is no such instrument.
    ///     UnknownOrder: The account has no such open order on the instrument.
    ///     OrderRejected: The engine refused it; the order stays as it was.
    ///     RequestRepeated: The account used the request id before.
    ///
    /// >>> from outcry import Engine
    /// >>> engine = Engine()
    /// >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
    /// >>> order = engine.place(btc, side="buy", price="100.5", quantity="2")
    /// >>> engine.replace(btc, order.order_id, price="101", quantity="3").open_quantity
    /// Decimal('3.00')
    #[pyo3(signature = (
        instrument, order_id=0, *, quantity, price=None, stop=None, account=1,
        client_order_id=None, request_id=0, time_ns=0
    ))]
    #[expect(
        clippy::too_many_arguments,
        reason = "an order has as many fields as it has"
    )]
    fn replace<'py>(
        &self,
        instrument: &Bound<'py, PyAny>,
        #[pyo3(from_py_with = take::order_id)] order_id: u64,
        quantity: &Bound<'py, PyAny>,
        price: Option<&Bound<'py, PyAny>>,
        stop: Option<&Bound<'py, PyAny>>,
        #[pyo3(from_py_with = take::account)] account: u32,
        client_order_id: Option<&Bound<'py, PyAny>>,
        #[pyo3(from_py_with = take::request_id)] request_id: u128,
        #[pyo3(from_py_with = take::time_ns)] time_ns: u64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let links = self.links()?;
        links.require_time(time_ns)?;
        let market = links.market(instrument)?;
        let price_ticks = market.ticks("price", price)?;
        let lots = market.lots("quantity", Some(quantity))?;
        let base = OrderRecord {
            time_ns,
            request_id: words_of(request_id),
            ..OrderRecord::replace(market.number(), account, order_id, price_ticks, lots)
        };
        let stop = market.ticks("stop", stop)?;
        let name = take::client_order_id(client_order_id)?;
        links.send(Entry {
            instrument,
            market,
            command: OrderCommand::replace(base, name, stop),
            amount: 0,
            tells_all: false,
            told: None,
        })
    }

    /// Cancel an open order by its id or the client's; return the quantity that was open.
    ///
    /// Args:
    ///     instrument: What it trades.
    ///     order_id: The order's id, or 0 where the client's names it.
    ///     account: Whose order it is.
    ///     client_order_id: The client's own name for it.
    ///     request_id: A 128-bit number under which the account asks once only; 0 for none.
    ///     time_ns: The time, in nanoseconds since 1970 UTC; of an open exchange 0, for it has
    ///         a clock.
    ///
    /// Raises:
    ///     InvalidValue: A value cannot be taken.
    ///     UnknownSymbol: There is no such instrument.
    ///     UnknownOrder: The account has no such open order on the instrument.
    ///     OrderRejected: The engine refused the cancel, as on a halted instrument.
    ///     RequestRepeated: The account used the request id before.
    ///
    /// >>> from outcry import Engine
    /// >>> engine = Engine()
    /// >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
    /// >>> order = engine.place(btc, side="buy", price="100.5", quantity="2")
    /// >>> engine.cancel(btc, order.order_id)
    /// Decimal('2.00')
    /// >>> engine.cancel(btc, order.order_id)
    /// Traceback (most recent call last):
    /// outcry.errors.UnknownOrder: order_id: unknown_order: 1 is no open order here
    #[pyo3(signature = (
        instrument, order_id=0, *, account=1, client_order_id=None, request_id=0, time_ns=0
    ))]
    fn cancel<'py>(
        &self,
        instrument: &Bound<'py, PyAny>,
        #[pyo3(from_py_with = take::order_id)] order_id: u64,
        #[pyo3(from_py_with = take::account)] account: u32,
        client_order_id: Option<&Bound<'py, PyAny>>,
        #[pyo3(from_py_with = take::request_id)] request_id: u128,
        #[pyo3(from_py_with = take::time_ns)] time_ns: u64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let name = take::client_order_id(client_order_id)?;
        let cancel = OrderRecord {
            time_ns,
            request_id: words_of(request_id),
            ..OrderRecord::cancel(0, account, order_id)
        };
        self.send_cancel(instrument, cancel, name, false)
    }

    /// Cancel an open order as `cancel` does, with the same arguments, and say when it was.
    ///
    /// >>> from outcry import Engine
    /// >>> engine = Engine()
    /// >>> btc = engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
    /// >>> order = engine.place(btc, side="buy", price="100.5", quantity="2")
    /// >>> engine.end_order(btc, order.order_id, time_ns=7)
    /// CancelledOrder(order_id=1, open_quantity=Decimal('2.00'), sequence=3, time_ns=7)
    #[pyo3(signature = (
        instrument, order_id=0, *, account=1, client_order_id=None, request_id=0, time_ns=0
    ))]
    fn end_order<'py>(
        &self,
        instrument: &Bound<'py, PyAny>,
        #[pyo3(from_py_with = take::order_id)] order_id: u64,
        #[pyo3(from_py_with = take::account)] account: u32,
        client_order_id: Option<&Bound<'py, PyAny>>,
        #[pyo3(from_py_with = take::request_id)] request_id: u128,
        #[pyo3(from_py_with = take::time_ns)] time_ns: u64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let name = take::client_order_id(client_order_id)?;
        let cancel = OrderRecord {
            time_ns,
            request_id: words_of(request_id),
            ..OrderRecord::cancel(0, account, order_id)
        };
        self.send_cancel(instrument, cancel, name, true)
    }
}
