//! Structure: bars through the kernels, and ladders of prices.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray, UInt32Array};
use outcry_marketdata::ladder::{Ladder, Level};
use outcry_marketdata::structure::{
    Bar, Expansion, Gap, GapRule, Gaps, Swing, Swings, Zone, ZoneRule, ZoneState, Zones,
};
use pyo3::prelude::*;

use super::arrow::{Columns, Table, decimals};
use super::footprint::power;
use super::refused;

fn bars(frame: &Bound<'_, PyAny>) -> PyResult<Vec<Bar>> {
    let columns = Columns::read(frame)?;
    let times = columns.int64("open_time")?;
    let close_times = columns.int64("close_time")?;
    let (opens, closes) = (columns.int64("open")?, columns.int64("close")?);
    let (highs, lows) = (columns.int64("high")?, columns.int64("low")?);
    let bar = |at: usize| Bar {
        open_time_ns: times[at],
        close_time_ns: close_times[at],
        open: opens[at],
        high: highs[at],
        low: lows[at],
        close: closes[at],
    };
    Ok((0..columns.len()).map(bar).collect())
}

fn prices<T>(rows: &[T], get: impl Fn(&T) -> i64, scale: u8) -> ArrayRef {
    decimals(rows.iter().map(|row| Some(i128::from(get(row)))), scale)
}

fn times<T>(rows: &[T], get: impl Fn(&T) -> Option<i64>) -> ArrayRef {
    Arc::new(rows.iter().map(get).collect::<Int64Array>())
}

fn flags<T>(rows: &[T], get: impl Fn(&T) -> bool) -> ArrayRef {
    Arc::new(
        rows.iter()
            .map(|row| Some(get(row)))
            .collect::<BooleanArray>(),
    )
}

fn counts<T>(rows: &[T], get: impl Fn(&T) -> u32) -> ArrayRef {
    Arc::new(rows.iter().map(get).collect::<UInt32Array>())
}

fn words<T>(rows: &[T], get: impl Fn(&T) -> &'static str) -> ArrayRef {
    let all: StringArray = rows.iter().map(|row| Some(get(row))).collect();
    Arc::new(all)
}

/// The last state of each number.
fn last_of_each<T: Copy>(changed: Vec<(u32, T)>) -> Vec<(u32, T)> {
    let mut last = std::collections::BTreeMap::new();
    for (number, state) in changed {
        last.insert(number, state);
    }
    last.into_iter().collect()
}

/// Fair value gaps.
#[pyclass(module = "outcry._native")]
#[derive(Clone)]
pub(crate) struct GapFinder {
    gaps: Gaps,
    scale: u8,
}

#[pymethods]
impl GapFinder {
    #[new]
    fn new(close_beyond: bool, threshold: f64, step_ns: i64, scale: u8) -> PyResult<Self> {
        let gaps = Gaps::new(GapRule {
            close_beyond,
            threshold,
            step_ns,
        })
        .map_err(refused)?;
        Ok(Self { gaps, scale })
    }

    /// Takes closed bars; returns the gaps that changed, each as it is after the last.
    fn update(&mut self, frame: &Bound<'_, PyAny>) -> PyResult<Table> {
        let mut changed = Vec::new();
        for bar in bars(frame)? {
            self.gaps.update(bar, &mut changed);
        }
        Ok(gap_table(&last_of_each(changed), self.scale))
    }

    /// What `update` would return.
    fn peek(&self, frame: &Bound<'_, PyAny>) -> PyResult<Table> {
        self.clone().update(frame)
    }
}

fn gap_table(rows: &[(u32, Gap)], scale: u8) -> Table {
    let fractions: Float64Array = rows.iter().map(|(_, gap)| gap.fraction()).collect();
    let state = |(_, gap): &(u32, Gap)| match (gap.touched_ns, gap.half_ns, gap.filled_ns) {
        (_, _, Some(_)) => "filled",
        (_, Some(_), None) => "half",
        (Some(_), None, None) => "touched",
        (None, None, None) => "open",
    };
    Table::new(vec![
        ("number", counts(rows, |row| row.0)),
        ("bullish", flags(rows, |row| row.1.is_bullish)),
        (
            "confirmed_time",
            times(rows, |row| Some(row.1.confirmed_ns)),
        ),
        ("top", prices(rows, |row| row.1.top, scale)),
        ("bottom", prices(rows, |row| row.1.bottom, scale)),
        ("state", words(rows, state)),
        ("fraction", Arc::new(fractions)),
        ("touched_time", times(rows, |row| row.1.touched_ns)),
        ("half_time", times(rows, |row| row.1.half_ns)),
        ("filled_time", times(rows, |row| row.1.filled_ns)),
    ])
}

/// Supply and demand zones.
#[pyclass(module = "outcry._native")]
#[derive(Clone)]
pub(crate) struct ZoneFinder {
    zones: Zones,
    scale: u8,
}

#[pymethods]
impl ZoneFinder {
    #[new]
    fn new(lengths: (u32, u32, u32), multiples: (f64, f64, f64), scale: u8) -> PyResult<Self> {
        let (atr_length, smoothing, base_max) = lengths;
        let (impulse, base_body, height_max) = multiples;
        let rule = ZoneRule {
            atr_length,
            smoothing,
            impulse,
            base_body,
            base_max,
            height_max,
        };
        Ok(Self {
            zones: Zones::new(rule).map_err(refused)?,
            scale,
        })
    }

    /// Takes closed bars; returns the zones that changed, each as it is after the last.
    fn update(&mut self, frame: &Bound<'_, PyAny>) -> PyResult<Table> {
        let mut changed = Vec::new();
        for bar in bars(frame)? {
            self.zones.update(bar, &mut changed);
        }
        Ok(zone_table(&last_of_each(changed), self.scale))
    }

    /// What `update` would return.
    fn peek(&self, frame: &Bound<'_, PyAny>) -> PyResult<Table> {
        self.clone().update(frame)
    }
}

fn zone_table(rows: &[(u32, Zone)], scale: u8) -> Table {
    let strengths: Float64Array = rows.iter().map(|(_, zone)| zone.strength).collect();
    let state = |(_, zone): &(u32, Zone)| match zone.state() {
        ZoneState::Fresh => "fresh",
        ZoneState::Tested => "tested",
        ZoneState::Broken => "broken",
    };
    let pattern = |(_, zone): &(u32, Zone)| match (zone.from_rally, zone.is_demand) {
        (false, true) => "drop-base-rally",
        (true, true) => "rally-base-rally",
        (true, false) => "rally-base-drop",
        (false, false) => "drop-base-drop",
    };
    Table::new(vec![
        ("number", counts(rows, |row| row.0)),
        ("demand", flags(rows, |row| row.1.is_demand)),
        ("pattern", words(rows, pattern)),
        ("base_time", times(rows, |row| Some(row.1.base_ns))),
        ("base_bars", counts(rows, |row| row.1.base_bars)),
        (
            "confirmed_time",
            times(rows, |row| Some(row.1.confirmed_ns)),
        ),
        ("top", prices(rows, |row| row.1.top, scale)),
        ("bottom", prices(rows, |row| row.1.bottom, scale)),
        ("strength", Arc::new(strengths)),
        ("state", words(rows, state)),
        ("tests", counts(rows, |row| row.1.tests)),
        ("tested_time", times(rows, |row| row.1.tested_ns)),
        ("broken_time", times(rows, |row| row.1.broken_ns)),
    ])
}

/// Swing points.
#[pyclass(module = "outcry._native")]
#[derive(Clone)]
pub(crate) struct SwingFinder {
    swings: Swings,
    scale: u8,
}

#[pymethods]
impl SwingFinder {
    #[new]
    fn new(length: usize, scale: u8) -> PyResult<Self> {
        Ok(Self {
            swings: Swings::new(length).map_err(refused)?,
            scale,
        })
    }

    /// Takes closed bars; returns the swings that they confirm.
    fn update(&mut self, frame: &Bound<'_, PyAny>) -> PyResult<Table> {
        let mut found = Vec::new();
        for bar in bars(frame)? {
            found.extend(self.swings.update(bar).into_iter().flatten());
        }
        Ok(swing_table(&found, self.scale))
    }

    /// What `update` would return.
    fn peek(&self, frame: &Bound<'_, PyAny>) -> PyResult<Table> {
        self.clone().update(frame)
    }
}

fn swing_table(rows: &[Swing], scale: u8) -> Table {
    Table::new(vec![
        ("open_time", times(rows, |row| Some(row.open_time_ns))),
        ("confirmed_time", times(rows, |row| Some(row.confirmed_ns))),
        ("high", flags(rows, |row| row.is_high)),
        ("price", prices(rows, |row| row.price, scale)),
    ])
}

/// What was traded in each row of prices.
#[pyclass(module = "outcry._native")]
#[derive(Clone)]
pub(crate) struct PriceLadder {
    ladder: Ladder,
}

#[pymethods]
impl PriceLadder {
    #[new]
    fn new(row_size: i128) -> PyResult<Self> {
        Ok(Self {
            ladder: Ladder::new(row_size).map_err(refused)?,
        })
    }

    /// Takes trades: their price, quantity and side.
    fn add(&mut self, py: Python<'_>, trades: &Bound<'_, PyAny>) -> PyResult<()> {
        let columns = Columns::read(trades)?;
        let (prices, quantities) = (columns.numbers("price")?, columns.numbers("quantity")?);
        let sides = columns.int8("side")?;
        py.detach(|| self.ladder.add_columns(&prices, &quantities, sides))
            .map_err(refused)
    }

    /// Takes periods of time: one for each row between the low and the high of each.
    fn add_periods(&mut self, periods: &Bound<'_, PyAny>) -> PyResult<()> {
        let columns = Columns::read(periods)?;
        let (lows, highs) = (columns.numbers("low")?, columns.numbers("high")?);
        for place in 0..columns.len() {
            let (low, high) = (lows.get(place), highs.get(place));
            self.ladder.add_period(low, high).map_err(refused)?;
        }
        Ok(())
    }

    /// The rows from the lowest, each by its lower edge.
    fn rows(&self, price_scale: u8, quantity_scale: u8) -> Table {
        let ladder = &self.ladder;
        let levels: Vec<_> = ladder.levels().collect();
        let edges = (0..levels.len()).map(|place| Some(ladder.edge(place)));
        let amounts = |get: fn(&Level) -> i128| {
            decimals(levels.iter().map(|level| Some(get(level))), quantity_scale)
        };
        Table::new(vec![
            ("price", decimals(edges, price_scale)),
            ("volume", amounts(Level::volume)),
            ("buy_volume", amounts(|level| level.bought)),
            ("sell_volume", amounts(|level| level.sold)),
            ("trades", counts(&levels, |level| level.trades)),
        ])
    }

    /// Places of the point of control, the value area's low and high, what it holds, and all.
    fn value_area(&self, two_rows: bool, share_ppm: u32) -> Option<Area> {
        let volumes = self.ladder.levels().map(|level| level.volume());
        value_area(volumes.collect(), two_rows, share_ppm)
    }

    /// Takes prices and quantities at so many decimals more from now on.
    fn rescale(&mut self, price_decimals: u8, quantity_decimals: u8) -> PyResult<()> {
        let (price, quantity) = (power(price_decimals)?, power(quantity_decimals)?);
        self.ladder.rescale(price, quantity).map_err(refused)
    }

    /// A copy, to try trades on.
    fn copy(&self) -> Self {
        self.clone()
    }
}

type Area = (usize, usize, usize, i128, i128);

/// Places of the point of control, the value area's low and high, what it holds, and all.
#[pyfunction]
#[expect(
    clippy::needless_pass_by_value,
    reason = "a list of Python has no slice to lend"
)]
pub(crate) fn value_area(rows: Vec<i128>, two_rows: bool, share_ppm: u32) -> Option<Area> {
    let expansion = if two_rows {
        Expansion::TwoRow
    } else {
        Expansion::OneRow
    };
    let found = outcry_marketdata::structure::value_area(&rows, expansion, share_ppm)?;
    Some((found.poc, found.low, found.high, found.volume, found.total))
}
