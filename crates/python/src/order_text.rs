//! Orders that are open, as the spot API's JSON.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::num::NonZeroU64;

use outcry_protocol::{InstrumentRecord, OrderType, StopUnit};
use outcry_spot::{Json, places_of};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zerocopy::FromBytes;

use crate::answer::Status;
use crate::bytes::{AlignedBytes, rows_in};
use crate::decimal::Unit;
use crate::errors::{invalid_value, malformed_record};
use crate::views::OpenOrderRow;

/// About what a report takes.
const REPORT_BYTES: usize = 640;
/// The unit of a trailing delta.
const PPM_PER_BIP: u64 = 100;

/// Reports of open orders. It lays them out; what its words are it is told, by the engine's
/// numbers of what they stand for.
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

/// How the numbers of an instrument are told.
struct Figures {
    symbol: String,
    tick: Unit,
    lot: Unit,
    price_places: u8,
    quantity_places: u8,
    /// One tick times one lot in the quote asset's smallest units; whole by the rules.
    value_unit: u128,
    quote_decimals: u8,
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
        let figures = figures_of(rows, describe)?;
        let mut json = Json::with_capacity(2 + rows.len() * REPORT_BYTES);
        json.raw("[");
        for (place, row) in rows.iter().enumerate() {
            json.item(place);
            let told = Told::of(row, kept.get(&row.order_id).copied());
            self.write(&mut json, row, &told, &figures[&row.instrument], unit_ns)?;
        }
        json.raw("]");
        Ok(PyBytes::new(py, json.bytes()))
    }
}

impl OrderReports {
    fn write(
        &self,
        json: &mut Json,
        row: &OpenOrderRow,
        told: &Told,
        figures: &Figures,
        unit_ns: NonZeroU64,
    ) -> PyResult<()> {
        json.raw("{\"symbol\":");
        json.text(&figures.symbol);
        json.raw(",\"orderId\":");
        json.whole(row.order_id);
        json.raw(",\"orderListId\":");
        write_or_minus_one(json, Some(row.list_id).filter(|list_id| *list_id != 0));
        json.raw(",\"clientOrderId\":");
        json.text(row.client_order_id.as_str());
        figures.write_size(json, row, told)?;
        self.write_words(json, row, told)?;
        figures.write_stop(json, row, told);
        write_times(json, row, told, unit_ns);
        json.raw(",\"origQuoteOrderQty\":");
        json.zero();
        json.raw(",\"selfTradePreventionMode\":");
        json.text(word(&self.self_trades, &row.self_trade)?);
        if told.prevented_lots > 0 {
            json.raw(",\"preventedQuantity\":");
            figures.write_quantity(json, told.prevented_lots);
        }
        json.raw("}");
        Ok(())
    }

    fn write_words(&self, json: &mut Json, row: &OpenOrderRow, told: &Told) -> PyResult<()> {
        let has_traded = told.executed_lots > 0;
        let kind = (row.order_type, row.side, told.trigger, row.post_only);
        json.raw(",\"status\":");
        json.text(word(&self.statuses, &(row.status, has_traded))?);
        json.raw(",\"timeInForce\":");
        let time_in_force = (row.time_in_force, row.order_type);
        json.text(word(&self.times_in_force, &time_in_force)?);
        json.raw(",\"type\":");
        json.text(word(&self.types, &kind)?);
        json.raw(",\"side\":");
        json.text(word(&self.sides, &row.side)?);
        Ok(())
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

impl Figures {
    fn of(definition: &Bound<'_, PyAny>) -> PyResult<Self> {
        let bytes = AlignedBytes::of(definition)?;
        let record = InstrumentRecord::ref_from_bytes(&bytes)
            .map_err(|_| malformed_record(0, "definition: is no record of an instrument"))?;
        let unit = u128::from(record.tick_mantissa) * u128::from(record.lot_mantissa);
        let decimals = record.tick_decimals + record.lot_decimals;
        let power = 10_u128.pow(u32::from(decimals.abs_diff(record.quote_decimals)));
        Ok(Self {
            symbol: record.symbol.as_str().to_owned(),
            tick: Unit::new(record.tick_mantissa, record.tick_decimals),
            lot: Unit::new(record.lot_mantissa, record.lot_decimals),
            price_places: places_of(record.tick_decimals),
            quantity_places: places_of(record.base_decimals),
            value_unit: if decimals > record.quote_decimals {
                unit / power
            } else {
                unit * power
            },
            quote_decimals: record.quote_decimals,
        })
    }

    /// Writes price and quantities, and what was traded so far came to.
    fn write_size(&self, json: &mut Json, row: &OpenOrderRow, told: &Told) -> PyResult<()> {
        let traded = u128::from(row.traded_value_high) << 64 | u128::from(row.traded_value_low);
        let traded_units = traded.checked_mul(self.value_unit).ok_or_else(|| {
            let bound = "must stay below 2^128 smallest units";
            invalid_value("traded_value", &traded.to_string(), bound)
        })?;
        json.raw(",\"price\":");
        self.write_price(json, row.price_ticks);
        json.raw(",\"origQty\":");
        self.write_quantity(json, row.open_lots.saturating_add(row.done_lots));
        json.raw(",\"executedQty\":");
        self.write_quantity(json, told.executed_lots);
        json.raw(",\"cummulativeQuoteQty\":");
        let places = places_of(self.quote_decimals);
        json.decimal(traded_units, self.quote_decimals, places);
        Ok(())
    }

    fn write_stop(&self, json: &mut Json, row: &OpenOrderRow, told: &Told) {
        json.raw(",\"stopPrice\":");
        self.write_price(json, told.stop_ticks);
        json.raw(",\"icebergQty\":");
        if row.display_lots == 0 {
            json.zero();
        } else {
            self.write_quantity(json, row.display_lots);
        }
        if let Some(ppm) = told.trail_ppm {
            json.raw(",\"trailingDelta\":");
            json.whole(ppm.cast_unsigned() / PPM_PER_BIP);
        }
    }

    /// Writes a price; 0 stands for none.
    fn write_price(&self, json: &mut Json, ticks: i64) {
        if ticks == 0 {
            json.zero();
        } else {
            write_units(json, ticks.cast_unsigned(), self.tick, self.price_places);
        }
    }

    fn write_quantity(&self, json: &mut Json, lots: u64) {
        write_units(json, lots, self.lot, self.quantity_places);
    }
}

fn write_units(json: &mut Json, units: u64, unit: Unit, places: u8) {
    // 64 bits times 64 bits fit 128.
    let number = u128::from(units) * u128::from(unit.mantissa());
    json.decimal(number, unit.decimals(), places);
}

fn write_times(json: &mut Json, row: &OpenOrderRow, told: &Told, unit_ns: NonZeroU64) {
    let entered = row.entered_ns / unit_ns;
    let working = told.working_ns.map(|time_ns| time_ns / unit_ns);
    if told.trail_ppm.is_some() {
        // A trailing stop follows the trades from its entry on.
        json.raw(",\"trailingTime\":");
        write_or_minus_one(json, (!is_pending(row)).then_some(entered));
    }
    json.raw(",\"time\":");
    json.whole(entered);
    json.raw(",\"updateTime\":");
    json.whole(row.changed_ns / unit_ns);
    json.raw(",\"isWorking\":");
    json.raw(if working.is_some_and(|time| time > 0) {
        "true"
    } else {
        "false"
    });
    json.raw(",\"workingTime\":");
    write_or_minus_one(json, working);
}

fn write_or_minus_one(json: &mut Json, value: Option<u64>) {
    match value {
        Some(value) => json.whole(value),
        None => json.raw("-1"),
    }
}

/// How the numbers of each instrument in the rows are told.
fn figures_of(
    rows: &[OpenOrderRow],
    describe: &Bound<'_, PyAny>,
) -> PyResult<HashMap<u32, Figures>> {
    let mut found = HashMap::new();
    for row in rows {
        if let Entry::Vacant(place) = found.entry(row.instrument) {
            let described = describe.call1((row.instrument,))?;
            place.insert(Figures::of(&described.get_item(0)?)?);
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
