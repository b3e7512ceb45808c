//! Trades out of text: exact decimals, times, and readers of lines in CSV and JSON.
//!
//! Bytes come in pieces of any size and trades go out as columns of scaled integers. A line that
//! cannot be taken becomes a [`BadLine`] with its number, its field and its [`Reason`]; the lines
//! around it are not touched by it. Nothing here opens a file or asks a clock.

mod bad_line;
mod clock;
mod column;
mod csv;
mod decimal;
mod json;
mod json_lines;
mod lines;
mod reader;
mod rows;
mod rules;
mod scan;
mod symbols;
mod time;

pub use bad_line::{BadLine, Field, Reason};
pub use column::Integers;
pub use csv::{CsvColumns, CsvLines, CsvReader};
pub use decimal::{Decimal, SCALE_MAX};
pub use json_lines::{JsonKeys, JsonLines, JsonReader};
pub use lines::LINE_BYTES_MAX;
pub use reader::{LineFormat, TradeReader};
pub use rows::{RawTrade, TradeRows, Trades};
pub use rules::{SideWords, TradeRules};
pub use time::{TimeUnit, parse_time};
