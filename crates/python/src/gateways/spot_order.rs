//! New orders of the spot API: read, sent, and their results told, without a Decimal between.

use outcry_protocol::{
    CancelReason, CommandKind, ExtendedOrderRecord, OrderRecord, OrderType, StopUnit, Text,
    TimeInForce, Trigger, flags,
};
use outcry_spot::{
    Figures, Fill, Instrument, Json, Kind, NewOrder, Outcome, Refusal, Sizes, Stand, Step,
    write_result,
};
use pyo3::exceptions::{PyAssertionError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use crate::answer::{self, Status};
use crate::arguments as take;
use crate::decimal::Unit;
use crate::engine::words_of;
use crate::entry::OrderEntry;
use crate::market::Market;
use crate::placement::Steps;

/// No list.
const NO_LIST: i64 = -1;

/// An instrument as the spot API tells it.
#[pyclass(frozen, module = "outcry._native")]
pub(crate) struct SpotInstrument {
    /// The instrument of the Python package.
    named: Py<PyAny>,
    market: Market,
    told: Instrument,
}

#[pymethods]
impl SpotInstrument {
    /// The instrument of an `outcry.exchange.Instrument`.
    #[new]
    #[pyo3(signature = (instrument, /))]
    fn new(instrument: &Bound<'_, PyAny>) -> PyResult<Self> {
        let steps = Steps {
            tick: step_named(instrument, "tick_increment")?,
            lot: step_named(instrument, "lot_increment")?,
        };
        let quote_decimals = instrument.getattr("quote_decimals")?.extract()?;
        let told = Instrument {
            symbol: instrument.getattr("symbol")?.extract()?,
            base: instrument.getattr("base")?.extract()?,
            quote: instrument.getattr("quote")?.extract()?,
            figures: Figures {
                tick: step_of(steps.tick),
                lot: step_of(steps.lot),
                base_decimals: instrument.getattr("base_decimals")?.extract()?,
                quote_decimals,
            },
        };
        let number = instrument.getattr("number")?.extract()?;
        Ok(Self {
            named: instrument.clone().unbind(),
            market: Market::of(number, steps, quote_decimals),
            told,
        })
    }

    /// Reads a new order; a client that has no name for it is given `made_client_order_id`.
    #[pyo3(signature = (said, made_client_order_id, /))]
    fn read_order(
        slf: &Bound<'_, Self>,
        said: &Bound<'_, PyDict>,
        made_client_order_id: &str,
    ) -> PyResult<SpotOrder> {
        let made = Text::new(made_client_order_id)
            .ok_or_else(|| PyAssertionError::new_err("made_client_order_id"))?;
        let held: Vec<_> = said
            .iter()
            .map(|(name, text)| Ok((name.cast_into::<PyString>()?, text.cast_into::<PyString>()?)))
            .collect::<PyResult<_>>()?;
        let texts = Texts::of(&held)?;
        let order = NewOrder::read(
            |name| texts.get(name),
            slf.get().told.figures.decimals_max(),
            made,
        );
        Ok(SpotOrder {
            instrument: slf.clone().unbind(),
            order: order.map_err(refused)?,
        })
    }
}

fn step_named(instrument: &Bound<'_, PyAny>, name: &str) -> PyResult<Unit> {
    let (mantissa, decimals) = instrument.getattr(name)?.extract()?;
    Ok(Unit::new(mantissa, decimals))
}

/// A step as the spot API's writer takes it.
pub(crate) fn step_of(unit: Unit) -> Step {
    Step {
        mantissa: unit.mantissa(),
        decimals: unit.decimals(),
    }
}

/// The fields of a call by name; they are few, so they are looked through.
struct Texts<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Texts<'a> {
    fn of(held: &'a [(Bound<'_, PyString>, Bound<'_, PyString>)]) -> PyResult<Self> {
        let texts = held
            .iter()
            .map(|(name, text)| Ok((name.to_str()?, text.to_str()?)));
        texts.collect::<PyResult<_>>().map(Self)
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, text)| *text)
    }
}

/// A refusal as a `ValueError` of its kind, the field it is about, and what more there is to say.
#[cold]
fn refused(refusal: Refusal) -> PyErr {
    match refusal {
        Refusal::Missing(name) => PyValueError::new_err(("missing", name)),
        Refusal::Empty(name) => PyValueError::new_err(("empty", name)),
        Refusal::Illegal(name, legal) => PyValueError::new_err(("illegal", name, legal)),
        Refusal::NotRequired(name) => PyValueError::new_err(("not_required", name)),
        Refusal::NotValid(name) => PyValueError::new_err(("not_valid", name)),
        Refusal::TooPrecise(name) => PyValueError::new_err(("too_precise", name)),
        Refusal::Said(code, text) => PyValueError::new_err(("said", code, text)),
    }
}

/// A new order that was read.
#[pyclass(frozen, module = "outcry._native")]
pub(crate) struct SpotOrder {
    instrument: Py<SpotInstrument>,
    order: NewOrder,
}

impl SpotOrder {
    /// The record of its command, and the amount of one by amount.
    fn command(&self, account: u32, request_id: u128) -> PyResult<(ExtendedOrderRecord, u128)> {
        let (order, market) = (&self.order, self.instrument.get().market);
        let (kind, sizes) = (order.kind.order_type(), self.sizes()?);
        let is_maker = order.kind == Kind::LimitMaker;
        let lives = order.time_in_force.unwrap_or(match kind {
            OrderType::Market => TimeInForce::Ioc,
            _ => TimeInForce::Gtc,
        });
        let base = OrderRecord {
            flags: if is_maker { flags::POST_ONLY } else { 0 },
            instrument: market.number(),
            request_id: words_of(request_id),
            account,
            side: order.side as u8,
            order_type: kind as u8,
            time_in_force: lives as u8,
            self_trade: order.self_trade as u8,
            price_ticks: sizes.price_ticks.cast_signed(),
            quantity_lots: sizes.quantity_lots,
            ..OrderRecord::empty(CommandKind::New)
        };
        let mut extended = ExtendedOrderRecord::new(CommandKind::NewExtended, base);
        extended.stop = sizes.stop_ticks.cast_signed();
        if let Some(ppm) = order.trail_ppm {
            extended.stop = i64::from(ppm);
            extended.stop_unit = StopUnit::TrailPpm as u8;
        }
        extended.trigger = order.kind.trigger(order.side).map_or(0, |side| side as u8);
        extended.display_lots = sizes.display_lots;
        extended.client_order_id = order.client_order_id;
        Ok((extended, sizes.amount_units))
    }

    /// Its numbers in the steps of its instrument.
    fn sizes(&self) -> PyResult<Sizes> {
        let (order, market) = (&self.order, self.instrument.get().market);
        Ok(Sizes {
            price_ticks: market.ticks_of("price", order.price.as_deref())?,
            quantity_lots: market.lots_of("quantity", order.quantity.as_deref())?,
            amount_units: market.amount_of("amount", order.amount.as_deref())?,
            stop_ticks: market.ticks_of("stop", order.stop.as_deref())?,
            display_lots: market.lots_of("display", order.display.as_deref())?,
        })
    }

    fn result(&self, py: Python<'_>, sizes: Sizes, outcome: &Outcome<'_>) -> Json {
        let instrument = &self.instrument.bind(py).get().told;
        write_result(instrument, &self.order, sizes, outcome)
    }
}

#[pymethods]
impl SpotOrder {
    /// What it trades.
    #[getter]
    fn instrument<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        self.instrument.get().named.bind(py).clone()
    }

    /// The client's name for it, or the one that was made for it.
    #[getter]
    fn client_order_id(&self) -> &str {
        self.order.client_order_id.as_str()
    }

    /// What the exchange's `place` takes of it, beside instrument and account.
    fn arguments<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let order = &self.order;
        let arguments = PyDict::new(py);
        arguments.set_item("side", order.side.name())?;
        arguments.set_item("type", order.kind.order_type().name())?;
        arguments.set_item("self_trade", order.self_trade.name())?;
        arguments.set_item("client_order_id", order.client_order_id.as_str())?;
        arguments.set_item("quantity", order.quantity.as_deref())?;
        arguments.set_item("price", order.price.as_deref())?;
        arguments.set_item("post_only", order.kind == Kind::LimitMaker)?;
        arguments.set_item("time_in_force", order.time_in_force.map(TimeInForce::name))?;
        arguments.set_item("display", order.display.as_deref())?;
        arguments.set_item("stop", order.stop.as_deref())?;
        arguments.set_item("trail_ppm", order.trail_ppm)?;
        let trigger = order.kind.trigger(order.side);
        arguments.set_item("trigger", trigger.map(Trigger::name))?;
        arguments.set_item("amount", order.amount.as_deref())?;
        Ok(arguments)
    }

    /// Places it; the future of its result as JSON, its id, whether it traded, is open, and made.
    ///
    /// `taker_rate_ppm` is what its account pays as a taker, in parts per million; times are told
    /// in units of `unit_ns` nanoseconds.
    #[pyo3(signature = (entry, account, request_id, taker_rate_ppm, unit_ns, /))]
    fn place<'py>(
        slf: &Bound<'py, Self>,
        entry: &Bound<'py, OrderEntry>,
        #[pyo3(from_py_with = take::account)] account: u32,
        #[pyo3(from_py_with = take::request_id)] request_id: u128,
        taker_rate_ppm: i32,
        unit_ns: u64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let own = slf.get();
        let (record, amount_units) = own.command(account, request_id)?;
        let instrument = own.instrument.get();
        let named = instrument.named.bind(slf.py());
        let told = Told {
            order: slf.clone().unbind(),
            stop_ticks: if own.order.stop.is_some() {
                record.stop
            } else {
                0
            },
            display_lots: record.display_lots,
            taker_rate_ppm,
            unit_ns,
        };
        entry
            .get()
            .send_new(named, instrument.market, &record, amount_units, Some(told))
    }

    /// Its result as JSON, of a `Placement` by which it was placed as part of a list.
    #[pyo3(signature = (placement, list_id, taker_rate_ppm, unit_ns, /))]
    fn result_of<'py>(
        &self,
        placement: &Bound<'py, PyAny>,
        list_id: i64,
        taker_rate_ppm: i32,
        unit_ns: u64,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let (py, market) = (placement.py(), self.instrument.get().market);
        let member = |name: &str| placement.getattr(name);
        let fills = member("fills")?
            .try_iter()?
            .map(|fill| {
                let fill = fill?;
                Ok(Fill {
                    trade_id: fill.getattr("trade_id")?.extract()?,
                    price_ticks: market
                        .ticks("price", Some(&fill.getattr("price")?))?
                        .cast_unsigned(),
                    quantity_lots: market.lots("quantity", Some(&fill.getattr("quantity")?))?,
                })
            })
            .collect::<PyResult<Vec<Fill>>>()?;
        let open = member("open_quantity")?;
        let reason = member("cancel_reason")?.extract::<Option<u16>>()?;
        let outcome = Outcome {
            order_id: member("order_id")?.extract()?,
            list_id,
            time: member("time_ns")?.extract::<u64>()? / unit_ns,
            stand: stand_of(status_of(&member("status")?)?),
            open_lots: market.lots("open_quantity", Some(&open).filter(|open| is_some(open)))?,
            cancel_reason: reason.and_then(CancelReason::from_code),
            fills: &fills,
            taker_rate_ppm,
        };
        Ok(PyBytes::new(
            py,
            self.result(py, self.sizes()?, &outcome).bytes(),
        ))
    }
}

/// Whether a number is not zero.
fn is_some(number: &Bound<'_, PyAny>) -> bool {
    number.is_truthy().unwrap_or(true)
}

/// What the reply to an order that is on its way needs beside its outcome.
pub(crate) struct Told {
    order: Py<SpotOrder>,
    stop_ticks: i64,
    display_lots: u64,
    taker_rate_ppm: i32,
    unit_ns: u64,
}

impl Told {
    /// The result as JSON, the order's id, whether it traded, is open, and was a trade's maker.
    pub(crate) fn result<'py>(
        &self,
        py: Python<'py>,
        base: &OrderRecord,
        amount_units: u128,
        outcome: &answer::Outcome,
        time_ns: u64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let sizes = Sizes {
            price_ticks: base.price_ticks.cast_unsigned(),
            quantity_lots: base.quantity_lots,
            amount_units,
            stop_ticks: self.stop_ticks.cast_unsigned(),
            display_lots: self.display_lots,
        };
        let fills: Vec<Fill> = outcome.fills.iter().map(fill_of).collect();
        let stand = stand_of(outcome.status);
        let told = Outcome {
            order_id: outcome.order_id,
            list_id: NO_LIST,
            time: time_ns / self.unit_ns,
            stand,
            open_lots: outcome.open_lots,
            cancel_reason: CancelReason::from_code(outcome.cancel_reason),
            fills: &fills,
            taker_rate_ppm: self.taker_rate_ppm,
        };
        let text = self.order.get().result(py, sizes, &told);
        let is_open = !matches!(stand, Stand::Filled | Stand::Ended);
        let was_maker = outcome.fills.iter().any(|fill| fill.1 == outcome.order_id);
        let members = (
            PyBytes::new(py, text.bytes()),
            outcome.order_id,
            !fills.is_empty(),
            is_open,
            was_maker,
        );
        Ok(members.into_pyobject(py)?.into_any())
    }
}

const fn fill_of(fill: &answer::Fill) -> Fill {
    Fill {
        trade_id: fill.0,
        price_ticks: fill.3.cast_unsigned(),
        quantity_lots: fill.4,
    }
}

/// The status that a member of `outcry.exchange.OrderStatus` is.
fn status_of(member: &Bound<'_, PyAny>) -> PyResult<Status> {
    let number = member.extract::<u8>()?;
    let found = Status::ALL
        .into_iter()
        .find(|status| *status as u8 == number);
    found.ok_or_else(|| PyValueError::new_err("status"))
}

const fn stand_of(status: Status) -> Stand {
    match status {
        Status::Resting | Status::Queued => Stand::Open,
        Status::Waiting => Stand::Waiting,
        Status::Pending => Stand::Pending,
        Status::Filled => Stand::Filled,
        Status::Cancelled | Status::Expired => Stand::Ended,
    }
}
