//! Readers of trades: bytes or texts in, columns of scaled integers out.

use outcry_marketdata::ingest::{
    BadLine, CsvColumns, CsvReader, Field, Integers, JsonKeys, JsonReader, RawTrade, SCALE_MAX,
    SideWords, TimeUnit, TradeRows, TradeRules as Rules,
};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::bytes::Records;
use crate::errors::invalid_value;

const TIME_UNITS: [(&str, TimeUnit); 5] = [
    ("auto", TimeUnit::Auto),
    ("s", TimeUnit::Seconds),
    ("ms", TimeUnit::Milliseconds),
    ("us", TimeUnit::Microseconds),
    ("ns", TimeUnit::Nanoseconds),
];

/// A bad line: its number, the field, the reason, its beginning.
type Bad = (u64, &'static str, &'static str, Py<PyBytes>);
/// The columns of trades, and the scales of prices, quantities and values.
type Columns = (
    usize,
    Records,
    Records,
    Records,
    Records,
    Records,
    Records,
    Records,
    Records,
    [u8; 3],
);

/// How a source writes its trades.
#[pyclass(frozen, module = "outcry._native")]
pub(crate) struct TradeRules(Rules);

#[pymethods]
impl TradeRules {
    #[new]
    #[pyo3(signature = (
        *, buy, sell, time_unit, back_max_ns, ahead_max_ns,
        price_scale=None, quantity_scale=None, value_scale=None
    ))]
    #[expect(clippy::needless_pass_by_value, reason = "Python hands lists over")]
    fn new(
        buy: Vec<String>,
        sell: Vec<String>,
        time_unit: &str,
        back_max_ns: i64,
        ahead_max_ns: i64,
        price_scale: Option<u8>,
        quantity_scale: Option<u8>,
        value_scale: Option<u8>,
    ) -> PyResult<Self> {
        for scale in [price_scale, quantity_scale, value_scale]
            .into_iter()
            .flatten()
        {
            if scale > SCALE_MAX {
                let bound = format!("must be at most {SCALE_MAX}");
                return Err(invalid_value("scale", &scale.to_string(), &bound));
            }
        }
        let known = TIME_UNITS.iter().find(|(name, _)| *name == time_unit);
        let Some((_, time_unit)) = known else {
            let names = TIME_UNITS.map(|(name, _)| name).join(", ");
            let bound = format!("must be one of {names}");
            return Err(invalid_value("time_unit", time_unit, &bound));
        };
        Ok(Self(Rules {
            price_scale,
            quantity_scale,
            value_scale,
            time_unit: *time_unit,
            sides: SideWords::new(&buy, &sell),
            back_max_ns,
            ahead_max_ns,
        }))
    }
}

enum Source {
    Csv(CsvReader),
    Json(JsonReader),
    Rows(TradeRows),
}

/// Trades being read: pieces of a text go in, or fields one trade at a time.
#[pyclass(module = "outcry._native")]
pub(crate) struct TradeReader(Source);

impl TradeReader {
    fn rows(&mut self) -> &mut TradeRows {
        match &mut self.0 {
            Source::Csv(reader) => reader.rows(),
            Source::Json(reader) => reader.rows(),
            Source::Rows(rows) => rows,
        }
    }
}

#[pymethods]
impl TradeReader {
    /// Lines of `count` separated fields, of which the numbers given say what.
    #[staticmethod]
    #[pyo3(signature = (
        rules, *, separator, count, has_header, time, price, quantity,
        trade_id=None, value=None, side=None, account=None, symbol=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "each is a column of its own")]
    fn csv(
        rules: &TradeRules,
        separator: u8,
        count: u8,
        has_header: bool,
        time: u8,
        price: u8,
        quantity: u8,
        trade_id: Option<u8>,
        value: Option<u8>,
        side: Option<u8>,
        account: Option<u8>,
        symbol: Option<u8>,
    ) -> PyResult<Self> {
        let columns = CsvColumns {
            symbol,
            account,
            id: trade_id,
            time,
            price,
            quantity,
            value,
            side,
            count,
            separator,
            has_header,
        };
        let optional = [symbol, account, trade_id, value, side];
        let all = [time, price, quantity]
            .into_iter()
            .chain(optional.into_iter().flatten());
        if let Some(place) = all.into_iter().find(|place| *place >= count) {
            let bound = format!("must be below the number of columns, {count}");
            return Err(invalid_value("column", &place.to_string(), &bound));
        }
        Ok(Self(Source::Csv(CsvReader::new(columns, rules.0.clone()))))
    }

    /// JSON objects, one a line, whose members have these names.
    #[staticmethod]
    #[pyo3(signature = (
        rules, *, time, price, quantity,
        trade_id=None, value=None, side=None, account=None, symbol=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "each is a member of its own")]
    fn json(
        rules: &TradeRules,
        time: String,
        price: String,
        quantity: String,
        trade_id: Option<String>,
        value: Option<String>,
        side: Option<String>,
        account: Option<String>,
        symbol: Option<String>,
    ) -> Self {
        let bytes = String::into_bytes;
        let keys = JsonKeys {
            symbol: symbol.map(bytes),
            account: account.map(bytes),
            id: trade_id.map(bytes),
            time: bytes(time),
            price: bytes(price),
            quantity: bytes(quantity),
            value: value.map(bytes),
            side: side.map(bytes),
        };
        Self(Source::Json(JsonReader::new(keys, rules.0.clone())))
    }

    /// Trades whose fields the caller has found, told by `add`.
    #[staticmethod]
    fn rows_of(rules: &TradeRules) -> Self {
        Self(Source::Rows(TradeRows::new(rules.0.clone())))
    }

    /// Reads the lines that end in this piece.
    fn feed(&mut self, py: Python<'_>, piece: &[u8]) {
        py.detach(|| match &mut self.0 {
            Source::Csv(reader) => reader.feed(piece),
            Source::Json(reader) => reader.feed(piece),
            Source::Rows(_) => {}
        });
    }

    /// Reads the last line where it has no end of its own, and ends every doubt about a time.
    fn finish(&mut self) {
        match &mut self.0 {
            Source::Csv(reader) => reader.finish(),
            Source::Json(reader) => reader.finish(),
            Source::Rows(rows) => rows.finish(),
        }
    }

    /// Takes one trade of the line with this number.
    #[pyo3(signature = (
        number, line, /, time, price, quantity, trade_id=None, side=None, symbol=None
    ))]
    #[expect(
        clippy::too_many_arguments,
        reason = "a trade has as many fields as it has"
    )]
    fn add(
        &mut self,
        number: u64,
        line: &[u8],
        time: &str,
        price: &str,
        quantity: &str,
        trade_id: Option<&str>,
        side: Option<&str>,
        symbol: Option<&str>,
    ) {
        let trade = RawTrade {
            symbol: symbol.map(str::as_bytes),
            account: None,
            id: trade_id.map(str::as_bytes),
            time: Some(time.as_bytes()),
            price: Some(price.as_bytes()),
            quantity: Some(quantity.as_bytes()),
            value: None,
            side: side.map(str::as_bytes),
        };
        self.rows().push(number, line, &trade);
    }

    /// How many trades wait to be taken.
    fn waiting(&mut self) -> usize {
        self.rows().len()
    }

    /// The trades read since the last time: their number, then symbols, accounts, ids, times,
    /// prices, quantities, values and sides, then the scales.
    fn take(&mut self) -> Columns {
        let trades = self.rows().take_trades();
        (
            trades.ids.len(),
            trades.symbols.into(),
            trades.accounts.into(),
            trades.ids.into(),
            trades.times_ns.into(),
            records_of(trades.prices),
            records_of(trades.quantities),
            records_of(trades.values),
            trades.sides.into(),
            trades.scales,
        )
    }

    /// The bad lines since the last time.
    fn take_bad(&mut self, py: Python<'_>) -> Vec<Bad> {
        let lines = self.rows().take_bad();
        lines.into_iter().map(|line| told(py, &line)).collect()
    }

    /// The names that the numbers of symbols stand for.
    fn symbol_names(&mut self) -> Vec<String> {
        self.rows().symbol_names().to_vec()
    }
}

/// 8 bytes for each integer, or 16.
fn records_of(integers: Integers) -> Records {
    match integers {
        Integers::Narrow(values) => values.into(),
        Integers::Wide(values) => values.into(),
    }
}

fn told(py: Python<'_>, line: &BadLine) -> Bad {
    let text = PyBytes::new(py, &line.text).unbind();
    (
        line.number,
        Field::name(line.field),
        line.reason.name(),
        text,
    )
}
