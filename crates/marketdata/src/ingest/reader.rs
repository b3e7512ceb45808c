//! Trades out of pieces of a file of lines, whatever a line looks like.

use super::bad_line::{Field, Reason};
use super::lines::{Line, Lines};
use super::rows::{RawTrade, TradeRows};
use super::rules::TradeRules;

/// How a line of one format says a trade.
pub trait LineFormat {
    /// The trade of a line, numbered from 1; `None` for a line that is to say none.
    ///
    /// # Errors
    /// The field that cannot be taken, and why.
    fn trade_of<'a>(
        &mut self,
        number: u64,
        line: &'a [u8],
    ) -> Result<Option<RawTrade<'a>>, (Field, Reason)>;
}

/// Reads trades out of pieces of a file.
#[derive(Debug, Clone)]
pub struct TradeReader<F> {
    format: F,
    lines: Lines,
    rows: TradeRows,
}

impl<F: LineFormat> TradeReader<F> {
    /// A reader at the start of a file.
    pub(super) fn at_start(format: F, rules: TradeRules) -> Self {
        Self {
            format,
            lines: Lines::default(),
            rows: TradeRows::new(rules),
        }
    }

    /// Reads the lines that end in this piece.
    pub fn feed(&mut self, piece: &[u8]) {
        let Self {
            format,
            lines,
            rows,
        } = self;
        lines.feed(piece, |number, line| read_line(format, rows, number, line));
    }

    /// Reads the last line where it has no end of its own, and ends every doubt.
    pub fn finish(&mut self) {
        let Self {
            format,
            lines,
            rows,
        } = self;
        lines.finish(|number, line| read_line(format, rows, number, line));
        rows.finish();
    }

    /// What was read.
    pub fn rows(&mut self) -> &mut TradeRows {
        &mut self.rows
    }
}

#[inline]
fn read_line(format: &mut impl LineFormat, rows: &mut TradeRows, number: u64, line: Line<'_>) {
    let line = match line {
        Line::Whole(line) => line,
        Line::TooLong(line) => {
            return rows.refuse(number, line, Field::Line, Reason::TooLong);
        }
    };
    match format.trade_of(number, line) {
        Ok(Some(trade)) => rows.push(number, line, &trade),
        Ok(None) => {}
        Err((field, reason)) => rows.refuse(number, line, field, reason),
    }
}
