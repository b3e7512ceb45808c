//! Orders that are open, as the spot API's JSON.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::num::NonZeroU64;

use outcry_protocol::{InstrumentRecord, OrderType, StopUnit};
use outcry_spot::{Figures, Json, OpenOrder, Step, Words, write_report};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zerocopy::FromBytes;

use crate::answer::Status;
use crate::bytes::{AlignedBytes, rows_in};
use crate::errors::{invalid_value, malformed_record};
use crate::views::OpenOrderRow;

/// About what a report takes.
const REPORT_BYTES: usize = 640;

/// Makes reports of open orders. What its words are it is told, by the engine's numbers of what
/// they stand for.
#[pyclass(frozen, module = "outcry._native")]
pub(crate) struct OrderReports {
    sides: HashMap<u8, String>,
    /// By type, side, trigger (0 for none) and whether it must not take.
    types: HashMap<(u8, u8, u8, bool), String>,
    /// By time in force and type.
    times_in_force: HashMap<(u8, u8), String>,
    /// By status and whether it has traded.
    statuses: HashMap<(u8, bool), String>,
    self_trades: HashMap<u8, String>,
}

/// What the history knows of an open order: an `OrderRow`, by its attributes.
#[derive(FromPyObject)]
struct Kept {
    order_id: u64,
    prevented_lots: u64,
    working_ns: u64,
    trigger: Option<u8>,
    stop: i64,
    stop_unit: u8,
}

/// What of an order its row does not tell as it is said.
struct Told {
    /// 0 without a stop.
    trigger: u8,
    /// 0 without a stop that stands still.
    stop_ticks: i64,
    trail_ppm: Option<i64>,
    executed_lots: u64,
    prevented_lots: u64,
    /// Since when it can trade, `None` before.
    working_ns: Option<u64>,
}

/// What the reports need of an instrument.
struct Definition {
    symbol: String,
    figures: Figures,
    /// One tick times one lot in the quote asset's smallest units.
    value_unit: u128,
}

#[pymethods]
impl OrderReports {
    #[new]
    const fn new(
        sides: HashMap<u8, String>,
        types: HashMap<(u8, u8, u8, bool), String>,
        times_in_force: HashMap<(u8, u8), String>,
        statuses: HashMap<(u8, bool), String>,
        self_trades: HashMap<u8, String>,
    ) -> Self {
        Self {
            sides,
            types,
            times_in_force,
            statuses,
            self_trades,
        }
    }

    /// The ids of the orders of which `OpenOrderRow`s do not tell all: what was filled and what
    /// prevented is one number there, and the stop is gone of an order that met it.
    #[staticmethod]
    #[pyo3(signature = (orders, /))]
    fn unclear(orders: &Bound<'_, PyAny>) -> PyResult<Vec<u64>> {
        let bytes = AlignedBytes::of(orders)?;
        let rows: &[OpenOrderRow] = rows_in(&bytes)?;
        let unclear = rows.iter().filter(|row| row.done_lots > 0 || was_met(row));
        Ok(unclear.map(|row| row.order_id).collect())
    }

    /// A list of the reports of `OpenOrderRow`s.
    ///
    /// `describe` tells of an instrument's number its record first; `kept` is what the history has
    /// of those that are unclear; times are told in units of `unit_ns`.
    #[pyo3(signature = (orders, describe, kept, unit_ns, /))]
    #[expect(clippy::needless_pass_by_value, reason = "Python hands lists over")]
    fn text<'py>(
        &self,
        py: Python<'py>,
        orders: &Bound<'py, PyAny>,
        describe: &Bound<'py, PyAny>,
        kept: Vec<Kept>,
        unit_ns: NonZeroU64,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = AlignedBytes::of(orders)?;
        let rows: &[OpenOrderRow] = rows_in(&bytes)?;
        let kept: HashMap<u64, &Kept> = kept.iter().map(|each| (each.order_id, each)).collect();
        let instruments = instruments_of(rows, describe)?;
        let mut json = Json::with_capacity(2 + rows.len() * REPORT_BYTES);
        json.raw("[");
        for (place, row) in rows.iter().enumerate() {
            json.item(place);
            let told = Told::of(row, kept.get(&row.order_id).copied());
            let instrument = &instruments[&row.instrument];
            let order = self.order(row, &told, instrument, unit_ns)?;
            write_report(&mut json, &instrument.symbol, instrument.figures, &order);
        }
        json.raw("]");
        Ok(PyBytes::new(py, json.bytes()))
    }
}

impl OrderReports {
    fn order<'a>(
        &'a self,
        row: &'a OpenOrderRow,
        told: &Told,
        instrument: &Definition,
        unit_ns: NonZeroU64,
    ) -> PyResult<OpenOrder<'a>> {
        let entered_time = row.entered_ns / unit_ns;
        Ok(OpenOrder {
            order_id: row.order_id,
            list_id: Some(row.list_id).filter(|list_id| *list_id != 0),
            client_order_id: row.client_order_id.as_str(),
            price_ticks: row.price_ticks.cast_unsigned(),
            quantity_lots: row.open_lots.saturating_add(row.done_lots),
            executed_lots: told.executed_lots,
            prevented_lots: told.prevented_lots,
            traded_units: instrument.traded_units(row)?,
            words: self.words(row, told)?,
            stop_ticks: told.stop_ticks.cast_unsigned(),
            trail_ppm: told.trail_ppm.map(i64::cast_unsigned),
            // A trailing stop follows the trades from its entry on.
            trailing_time: (!is_pending(row)).then_some(entered_time),
            display_lots: row.display_lots,
            entered_time,
            changed_time: row.changed_ns / unit_ns,
            working_time: told.working_ns.map(|time_ns| time_ns / unit_ns),
        })
    }

    fn words(&self, row: &OpenOrderRow, told: &Told) -> PyResult<Words<'_>> {
        let has_traded = told.executed_lots > 0;
        let kind = (row.order_type, row.side, told.trigger, row.post_only);
        let time_in_force = (row.time_in_force, row.order_type);
        Ok(Words {
            status: word(&self.statuses, &(row.status, has_traded))?,
            time_in_force: word(&self.times_in_force, &time_in_force)?,
            kind: word(&self.types, &kind)?,
            side: word(&self.sides, &row.side)?,
            self_trade: word(&self.self_trades, &row.self_trade)?,
        })
    }
}

impl Told {
    fn of(row: &OpenOrderRow, kept: Option<&Kept>) -> Self {
        let trails = row.stop_unit == StopUnit::TrailPpm as u8;
        let mut told = Self {
            trigger: row.trigger,
            // Where a trailing stop stands now is not what was said of it.
            stop_ticks: if trails { 0 } else { row.stop_ticks },
            trail_ppm: trails.then_some(row.distance),
            executed_lots: row.done_lots,
            prevented_lots: 0,
            working_ns: (!is_dormant(row)).then_some(row.entered_ns),
        };
        if let Some(kept) = kept {
            told.prevented_lots = kept.prevented_lots;
            told.executed_lots = row.done_lots.saturating_sub(kept.prevented_lots);
            if was_met(row) {
                let is_price = kept.stop_unit == StopUnit::Price as u8;
                let trails = kept.stop_unit == StopUnit::TrailPpm as u8;
                told.trigger = kept.trigger.unwrap_or_default();
                told.stop_ticks = if is_price { kept.stop } else { 0 };
                told.trail_ppm = trails.then_some(kept.stop);
                told.working_ns = Some(kept.working_ns);
            }
        }
        told
    }
}

impl Definition {
    fn of(definition: &Bound<'_, PyAny>) -> PyResult<Self> {
        let bytes = AlignedBytes::of(definition)?;
        let record = InstrumentRecord::ref_from_bytes(&bytes)
            .map_err(|_| malformed_record(0, "definition: is no record of an instrument"))?;
        let value_unit = record
            .value_unit()
            .map_err(|_| malformed_record(0, "definition: its values are not exact"))?;
        Ok(Self {
            symbol: record.symbol.as_str().to_owned(),
            figures: Figures {
                tick: Step {
                    mantissa: record.tick_mantissa,
                    decimals: record.tick_decimals,
                },
                lot: Step {
                    mantissa: record.lot_mantissa,
                    decimals: record.lot_decimals,
                },
                base_decimals: record.base_decimals,
                quote_decimals: record.quote_decimals,
            },
            value_unit,
        })
    }

    /// What an order traded, in the quote asset's smallest units.
    fn traded_units(&self, row: &OpenOrderRow) -> PyResult<u128> {
        let traded = u128::from(row.traded_value_high) << 64 | u128::from(row.traded_value_low);
        traded.checked_mul(self.value_unit).ok_or_else(|| {
            let bound = "must stay below 2^128 smallest units";
            invalid_value("traded_value", &traded.to_string(), bound)
        })
    }
}

/// Each instrument in the rows, by its number.
fn instruments_of(
    rows: &[OpenOrderRow],
    describe: &Bound<'_, PyAny>,
) -> PyResult<HashMap<u32, Definition>> {
    let mut found = HashMap::new();
    for row in rows {
        if let Entry::Vacant(place) = found.entry(row.instrument) {
            let described = describe.call1((row.instrument,))?;
            place.insert(Definition::of(&described.get_item(0)?)?);
        }
    }
    Ok(found)
}

fn word<'a, K: Hash + Eq>(words: &'a HashMap<K, String>, key: &K) -> PyResult<&'a str> {
    let found = words.get(key).map(String::as_str);
    found.ok_or_else(|| PyKeyError::new_err("an open order is of a kind that has no word"))
}

const fn is_pending(row: &OpenOrderRow) -> bool {
    row.status == Status::Pending as u8
}

/// Whether an order cannot trade yet.
const fn is_dormant(row: &OpenOrderRow) -> bool {
    row.status == Status::Waiting as u8 || is_pending(row)
}

/// Whether an order was a stop that is a stop no longer.
const fn was_met(row: &OpenOrderRow) -> bool {
    let is_stop =
        row.order_type == OrderType::Stop as u8 || row.order_type == OrderType::StopLimit as u8;
    is_stop && !is_dormant(row)
}
