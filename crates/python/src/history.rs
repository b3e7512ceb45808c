//! The history's fold, as rows for a database: tuples of what its tables' columns take.
//!
//! Every number is a signed 64-bit one, as `SQLite` has them: unsigned ones are taken as they are,
//! bit by bit. Amounts that may be wider come as text where they do not fit.

use std::path::{Path, PathBuf};

use outcry_history::{
    Account, Aggregate, Batch, Fill, Fold, List, MinuteCandle, Order, OrderState, Steps, Tail,
    TailError, Trade, client_key,
};
use outcry_journal::ReadError;
use outcry_protocol::{Side, Text};
use outcry_runtime::OpenError;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::errors::{classes, invalid_value};
use crate::exchange_errors::open_failed;

/// A row of values, each as Python has it.
macro_rules! row {
    ($py:expr, $($value:expr),+ $(,)?) => {
        PyTuple::new($py, [$(($value).into_bound_py_any($py)?),+])
    };
}

/// An order as `load_orders` takes it up.
type OrderRow = (
    (i64, u32, u32, u32, u8, u8, u8, u8, u8, u8, u16),
    (i64, i64, Wide, i64, i64, Wide, i64, u8, u8, i64),
    (i64, i64, i64, i64, i64, i64, i32, i32, i64, u8, String),
);
type ListRow = (i64, u32, u32, u8, u8, i64, i64, i64, i64, i64, String);
type StepsRow = (u32, u32, String, u32, u32, i64, u8, i64, u8, u8, u8);
type TradeRow = (u32, i64, u32, i64, i64, i64, u8, i64);

/// An amount: a number, or its digits.
#[derive(FromPyObject)]
enum Wide {
    Number(i128),
    Digits(String),
}

impl Wide {
    fn unsigned(&self) -> PyResult<u128> {
        let found = match self {
            Self::Number(number) => u128::try_from(*number).ok(),
            Self::Digits(digits) => digits.parse().ok(),
        };
        found.ok_or_else(|| damaged("an amount that is no number"))
    }
}

/// Folds a data directory's past into rows, from outside of the process that trades.
#[pyclass(unsendable, module = "outcry._native")]
pub(crate) struct HistoryFold {
    path: PathBuf,
    fold: Fold,
    tail: Option<Tail>,
}

#[pymethods]
impl HistoryFold {
    /// A fold that goes on behind a command, with what was said of it then; 0 for a beginning.
    #[new]
    #[pyo3(signature = (path, sequence, time_ns, digest, /))]
    fn new(path: PathBuf, sequence: u64, time_ns: u64, digest: i64) -> Self {
        Self {
            path,
            fold: Fold::new(sequence, time_ns, digest.cast_unsigned()),
            tail: None,
        }
    }

    /// The key by which an order is found by its client's name: its generation above 32 bits of a
    /// hash.
    #[staticmethod]
    #[pyo3(signature = (generation, account, instrument, client_order_id, /))]
    fn client_key(
        generation: u64,
        account: u32,
        instrument: u32,
        client_order_id: &str,
    ) -> PyResult<i64> {
        Ok(client_key(generation, account, instrument, &text(client_order_id)?).cast_signed())
    }

    /// The generation of an order: those of one generation are found by one key.
    #[staticmethod]
    #[pyo3(signature = (order_id, /))]
    fn generation(order_id: i64) -> u64 {
        outcry_history::generation(order_id.cast_unsigned())
    }

    /// A fold that begins with the oldest command that can be followed, and with what was open
    /// then; it follows. None while there is nothing yet.
    #[staticmethod]
    #[pyo3(signature = (path, /))]
    fn begin(py: Python<'_>, path: PathBuf) -> PyResult<Option<Self>> {
        let begun = py.detach(|| Tail::begin(&path));
        let begun = begun.map_err(|error| tail_failed(&path, error))?;
        Ok(begun.map(|(tail, fold)| Self {
            path,
            fold,
            tail: Some(tail),
        }))
    }

    /// Begins to follow behind the fold's command, up to which the digest of all events must be the
    /// fold's. False if the journal holds another past.
    fn follow(&mut self, py: Python<'_>) -> PyResult<bool> {
        let Self { path, fold, .. } = self;
        let found = py.detach(|| Tail::behind(path, fold.sequence(), fold.digest()));
        match found {
            Ok(tail) => self.tail = Some(tail),
            Err(TailError::OtherPast { .. }) => return Ok(false),
            Err(error) => return Err(tail_failed(path, error)),
        }
        Ok(true)
    }

    /// Folds what is there, `commands_max` commands and a block of events at most; whether there
    /// was anything.
    #[pyo3(signature = (commands_max, /))]
    fn advance(&mut self, py: Python<'_>, commands_max: u64) -> PyResult<bool> {
        let Self { path, fold, tail } = self;
        let Some(tail) = tail else {
            return Ok(false);
        };
        let advanced = py.detach(|| fold.advance(tail, commands_max));
        advanced.map_err(|error| tail_failed(path, error))
    }

    /// The rows that changed since this was last asked, by table.
    fn take<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let batch = py.detach(|| self.fold.take());
        batch_of(py, &batch)
    }

    /// The last command that was folded.
    #[getter]
    fn sequence(&self) -> u64 {
        self.fold.sequence()
    }

    /// Engine time behind it, ns.
    #[getter]
    fn time_ns(&self) -> u64 {
        self.fold.time_ns()
    }

    /// The digest of all events up to it.
    #[getter]
    fn digest(&self) -> i64 {
        self.fold.digest().cast_signed()
    }

    /// How many orders are open.
    #[getter]
    fn open_orders(&self) -> usize {
        self.fold.open_orders()
    }

    /// Takes up open orders of earlier.
    #[pyo3(signature = (rows, /))]
    fn load_orders(&mut self, rows: Vec<OrderRow>) -> PyResult<()> {
        for row in rows {
            self.fold.load_order(loaded_order(row)?);
        }
        Ok(())
    }

    /// Takes up executing lists of earlier.
    #[pyo3(signature = (rows, /))]
    fn load_lists(&mut self, rows: Vec<ListRow>) -> PyResult<()> {
        for row in rows {
            let (list_id, instrument, account, list_type, state, entered, changed, ..) = row;
            let (.., first, second, third, name) = row;
            self.fold.load_list(List {
                list_id: list_id.cast_unsigned(),
                instrument,
                account,
                list_type,
                state,
                entered_ns: entered.cast_unsigned(),
                changed_ns: changed.cast_unsigned(),
                order_ids: [first, second, third].map(i64::cast_unsigned),
                client_list_id: text(&name)?,
            });
        }
        Ok(())
    }

    /// Takes up accounts of earlier.
    #[pyo3(signature = (rows, /))]
    fn load_accounts(&mut self, rows: Vec<(u32, u32, i32, i32, u8)>) {
        for (account, group, maker_rate_ppm, taker_rate_ppm, state) in rows {
            self.fold.load_account(Account {
                account,
                group,
                maker_rate_ppm,
                taker_rate_ppm,
                state,
            });
        }
    }

    /// Takes up steps of earlier by rising number, each with the aggregates of its instrument.
    #[pyo3(signature = (rows, /))]
    fn load_steps(&mut self, rows: Vec<(StepsRow, u64)>) -> PyResult<()> {
        for (row, aggregates) in rows {
            self.fold.load_steps(loaded_steps(&row)?, aggregates);
        }
        Ok(())
    }

    /// Takes up the trades of minutes that have not ended.
    #[pyo3(signature = (rows, /))]
    fn load_trades(&mut self, rows: Vec<TradeRow>) -> PyResult<()> {
        for row in rows {
            let (instrument, trade_id, steps, price_ticks, quantity, time, side, sequence) = row;
            self.fold.load_trade(&Trade {
                instrument,
                trade_id: trade_id.cast_unsigned(),
                steps,
                price_ticks,
                quantity_lots: quantity.cast_unsigned(),
                time_ns: time.cast_unsigned(),
                aggressor: Side::try_from(side).map_err(|_| damaged("a side that is none"))?,
                sequence: sequence.cast_unsigned(),
            });
        }
        Ok(())
    }
}

fn loaded_order(row: OrderRow) -> PyResult<Order> {
    let (who, what, when) = row;
    let state = OrderState::from_number(who.9).ok_or_else(|| damaged("a state that is none"))?;
    Ok(Order {
        order_id: who.0.cast_unsigned(),
        steps: who.1,
        instrument: who.2,
        account: who.3,
        side: who.4,
        order_type: who.5,
        time_in_force: who.6,
        self_trade: who.7,
        post_only: who.8 != 0,
        state,
        cancel_code: who.10,
        price_ticks: what.0,
        quantity_lots: what.1.cast_unsigned(),
        amount: what.2.unsigned()?,
        filled_lots: what.3.cast_unsigned(),
        prevented_lots: what.4.cast_unsigned(),
        value: what.5.unsigned()?,
        stop: what.6,
        stop_unit: what.7,
        trigger: what.8,
        display_lots: what.9.cast_unsigned(),
        entered_ns: when.0.cast_unsigned(),
        changed_ns: when.1.cast_unsigned(),
        working_ns: when.2.cast_unsigned(),
        expire_ns: when.3.cast_unsigned(),
        entered_sequence: when.4.cast_unsigned(),
        changed_sequence: when.5.cast_unsigned(),
        maker_rate_ppm: when.6,
        taker_rate_ppm: when.7,
        list_id: when.8.cast_unsigned(),
        leg: when.9,
        client_order_id: text(&when.10)?,
    })
}

fn loaded_steps(row: &StepsRow) -> PyResult<Steps> {
    Ok(Steps {
        number: row.0,
        instrument: row.1,
        symbol: text(&row.2)?,
        base_asset: row.3,
        quote_asset: row.4,
        tick_mantissa: row.5.cast_unsigned(),
        tick_decimals: row.6,
        lot_mantissa: row.7.cast_unsigned(),
        lot_decimals: row.8,
        base_decimals: row.9,
        quote_decimals: row.10,
    })
}

fn text<const N: usize>(given: &str) -> PyResult<Text<N>> {
    if given.is_empty() {
        return Ok(Text::EMPTY);
    }
    let most = format!("must be 1 to {N} printable ASCII characters");
    Text::new(given).ok_or_else(|| invalid_value("text", given, &most))
}

/// What a database held is nothing that was put into it.
#[cold]
fn damaged(what: &str) -> PyErr {
    invalid_value("row", what, "was not written by this program")
}

fn batch_of<'py>(py: Python<'py>, batch: &Batch) -> PyResult<Bound<'py, PyTuple>> {
    let tables = [
        rows(py, &batch.entered, entered_row)?,
        rows(py, &batch.changed, changed_row)?,
        rows(py, &batch.trades, trade_row)?,
        rows(py, &batch.fills, fill_row)?,
        rows(py, &batch.aggregates, aggregate_row)?,
        rows(py, &batch.candles, candle_row)?,
        rows(py, &batch.steps, steps_row)?,
        rows(py, &batch.accounts, account_row)?,
        rows(py, &batch.lists, list_row)?,
    ];
    PyTuple::new(py, tables)
}

fn rows<'py, T>(
    py: Python<'py>,
    from: &[T],
    row: impl Fn(Python<'py>, &T) -> PyResult<Bound<'py, PyTuple>>,
) -> PyResult<Bound<'py, PyList>> {
    let made = from.iter().map(|each| row(py, each));
    PyList::new(py, made.collect::<PyResult<Vec<_>>>()?)
}

/// An amount as a column takes it.
fn wide(py: Python<'_>, amount: i128) -> PyResult<Bound<'_, PyAny>> {
    match i64::try_from(amount) {
        Ok(narrow) => narrow.into_bound_py_any(py),
        Err(_) => amount.to_string().into_bound_py_any(py),
    }
}

fn entered_row<'py>(py: Python<'py>, order: &Order) -> PyResult<Bound<'py, PyTuple>> {
    let key = (!order.client_order_id.is_empty()).then(|| {
        let generation = outcry_history::generation(order.order_id);
        let (account, instrument) = (order.account, order.instrument);
        client_key(generation, account, instrument, &order.client_order_id).cast_signed()
    });
    row!(
        py,
        order.order_id.cast_signed(),
        order.steps,
        order.instrument,
        order.account,
        order.side,
        order.order_type,
        order.time_in_force,
        order.self_trade,
        u8::from(order.post_only),
        order.state as u8,
        order.cancel_code,
        order.price_ticks,
        order.quantity_lots.cast_signed(),
        wide(py, order.amount.cast_signed())?,
        order.filled_lots.cast_signed(),
        order.prevented_lots.cast_signed(),
        wide(py, order.value.cast_signed())?,
        order.stop,
        order.stop_unit,
        order.trigger,
        order.display_lots.cast_signed(),
        order.entered_ns.cast_signed(),
        order.changed_ns.cast_signed(),
        order.working_ns.cast_signed(),
        order.expire_ns.cast_signed(),
        order.entered_sequence.cast_signed(),
        order.changed_sequence.cast_signed(),
        order.maker_rate_ppm,
        order.taker_rate_ppm,
        order.list_id.cast_signed(),
        order.leg,
        order.client_order_id.as_str(),
        key,
    )
}

fn changed_row<'py>(py: Python<'py>, order: &Order) -> PyResult<Bound<'py, PyTuple>> {
    row!(
        py,
        order.state as u8,
        order.cancel_code,
        order.price_ticks,
        order.quantity_lots.cast_signed(),
        order.filled_lots.cast_signed(),
        order.prevented_lots.cast_signed(),
        wide(py, order.value.cast_signed())?,
        order.stop,
        order.changed_ns.cast_signed(),
        order.working_ns.cast_signed(),
        order.changed_sequence.cast_signed(),
        order.order_id.cast_signed(),
    )
}

fn trade_row<'py>(py: Python<'py>, trade: &Trade) -> PyResult<Bound<'py, PyTuple>> {
    row!(
        py,
        trade.instrument,
        trade.trade_id.cast_signed(),
        trade.steps,
        trade.price_ticks,
        trade.quantity_lots.cast_signed(),
        trade.time_ns.cast_signed(),
        trade.aggressor as u8,
        trade.sequence.cast_signed(),
    )
}

fn fill_row<'py>(py: Python<'py>, fill: &Fill) -> PyResult<Bound<'py, PyTuple>> {
    row!(
        py,
        fill.account,
        fill.instrument,
        fill.trade_id.cast_signed(),
        u8::from(fill.is_maker),
        fill.order_id.cast_signed(),
        wide(py, fill.fee)?,
        fill.list_id.cast_signed(),
    )
}

fn aggregate_row<'py>(py: Python<'py>, each: &Aggregate) -> PyResult<Bound<'py, PyTuple>> {
    row!(
        py,
        each.instrument,
        each.aggregate_id.cast_signed(),
        each.steps,
        each.price_ticks,
        wide(py, each.quantity_lots.into())?,
        each.first_trade_id.cast_signed(),
        each.last_trade_id.cast_signed(),
        each.time_ns.cast_signed(),
        each.aggressor as u8,
    )
}

fn candle_row<'py>(py: Python<'py>, candle: &MinuteCandle) -> PyResult<Bound<'py, PyTuple>> {
    let figures = &candle.figures;
    let sums = &figures.sums;
    row!(
        py,
        candle.instrument,
        candle.open_time_ns.cast_signed(),
        candle.steps,
        figures.open,
        figures.high,
        figures.low,
        figures.close,
        wide(py, sums.volume)?,
        wide(py, sums.quote_volume)?,
        wide(py, sums.buy_volume)?,
        wide(py, sums.buy_quote_volume)?,
        sums.trades.cast_signed(),
        figures.first.id,
        figures.first.time_ns,
        figures.last.id,
        figures.last.time_ns,
    )
}

fn steps_row<'py>(py: Python<'py>, steps: &Steps) -> PyResult<Bound<'py, PyTuple>> {
    row!(
        py,
        steps.number,
        steps.instrument,
        steps.symbol.as_str(),
        steps.base_asset,
        steps.quote_asset,
        steps.tick_mantissa.cast_signed(),
        steps.tick_decimals,
        steps.lot_mantissa.cast_signed(),
        steps.lot_decimals,
        steps.base_decimals,
        steps.quote_decimals,
    )
}

fn account_row<'py>(py: Python<'py>, account: &Account) -> PyResult<Bound<'py, PyTuple>> {
    row!(
        py,
        account.account,
        account.group,
        account.maker_rate_ppm,
        account.taker_rate_ppm,
        account.state,
    )
}

fn list_row<'py>(py: Python<'py>, list: &List) -> PyResult<Bound<'py, PyTuple>> {
    let [first, second, third] = list.order_ids.map(u64::cast_signed);
    row!(
        py,
        list.list_id.cast_signed(),
        list.instrument,
        list.account,
        list.list_type,
        list.state,
        list.entered_ns.cast_signed(),
        list.changed_ns.cast_signed(),
        first,
        second,
        third,
        list.client_list_id.as_str(),
    )
}

#[cold]
fn tail_failed(path: &Path, error: TailError) -> PyErr {
    match error {
        TailError::Journal(ReadError::Damaged { file, offset, why }) => {
            let file = file.display().to_string();
            classes::JournalDamaged::new_err((file, offset, why.to_string()))
        }
        TailError::Journal(error) => open_failed(path, OpenError::Read(error)),
        TailError::Events(error) => open_failed(path, OpenError::Store(error)),
        other => classes::OpenFailed::new_err((other.to_string(),)),
    }
}
