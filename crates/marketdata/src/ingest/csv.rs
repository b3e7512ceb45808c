//! Trades in lines of separated fields.

use super::bad_line::{Field, Reason};
use super::reader::{LineFormat, TradeReader};
use super::rows::RawTrade;
use super::rules::TradeRules;
use super::scan::find;

/// Which field of a line says what, counted from 0; `None` where none does.
#[derive(Debug, Clone, Copy, Default)]
pub struct CsvColumns {
    /// The instrument's name.
    pub symbol: Option<u8>,
    /// Whose trade it is.
    pub account: Option<u8>,
    /// The trade's id.
    pub id: Option<u8>,
    /// When it was.
    pub time: u8,
    /// At which price.
    pub price: u8,
    /// How much.
    pub quantity: u8,
    /// What price times quantity came to.
    pub value: Option<u8>,
    /// The aggressor.
    pub side: Option<u8>,
    /// How many fields every line has.
    pub count: u8,
    /// What stands between two fields.
    pub separator: u8,
    /// Whether the first line names the columns.
    pub has_header: bool,
}

/// Reads trades out of pieces of a CSV file. A field may stand in double quotes, which may hold
/// anything but a separator or another quote.
pub type CsvReader = TradeReader<CsvLines>;

/// Lines of separated fields.
#[derive(Debug, Clone)]
pub struct CsvLines {
    columns: CsvColumns,
    /// Where the separators of a line stand; kept for its room.
    ends: Vec<usize>,
}

impl CsvReader {
    /// A reader at the start of a file.
    ///
    /// # Panics
    /// When a column lies behind the last.
    pub fn new(columns: CsvColumns, rules: TradeRules) -> Self {
        let named = [
            columns.symbol,
            columns.account,
            columns.id,
            Some(columns.time),
            Some(columns.price),
            Some(columns.quantity),
            columns.value,
            columns.side,
        ];
        let behind = named
            .into_iter()
            .flatten()
            .find(|place| *place >= columns.count);
        assert!(behind.is_none(), "column {behind:?} is behind the last");
        let lines = CsvLines {
            columns,
            ends: Vec::with_capacity(usize::from(columns.count)),
        };
        Self::at_start(lines, rules)
    }
}

impl LineFormat for CsvLines {
    #[inline]
    fn trade_of<'a>(
        &mut self,
        number: u64,
        line: &'a [u8],
    ) -> Result<Option<RawTrade<'a>>, (Field, Reason)> {
        if number == 1 && self.columns.has_header {
            return Ok(None);
        }
        if !self.divide(line) {
            return Err((Field::Line, Reason::Malformed));
        }
        let field = |place: u8| {
            let place = usize::from(place);
            let start = if place == 0 {
                0
            } else {
                self.ends[place - 1] + 1
            };
            unquoted(&line[start..self.ends[place]])
        };
        let columns = &self.columns;
        Ok(Some(RawTrade {
            symbol: columns.symbol.map(field),
            account: columns.account.map(field),
            id: columns.id.map(field),
            time: Some(field(columns.time)),
            price: Some(field(columns.price)),
            quantity: Some(field(columns.quantity)),
            value: columns.value.map(field),
            side: columns.side.map(field),
        }))
    }
}

impl CsvLines {
    /// Finds where the fields end; whether there are as many as there should be.
    #[inline]
    fn divide(&mut self, line: &[u8]) -> bool {
        self.ends.clear();
        let mut start = 0;
        while let Some(length) = find(&line[start..], self.columns.separator) {
            if self.ends.len() == usize::from(self.columns.count) {
                return false;
            }
            self.ends.push(start + length);
            start += length + 1;
        }
        self.ends.push(line.len());
        self.ends.len() == usize::from(self.columns.count)
    }
}

/// A field without the blanks around it, then without its quotes.
#[inline]
fn unquoted(field: &[u8]) -> &[u8] {
    let field = match field {
        [b' ', ..] | [.., b' '] => field.trim_ascii(),
        _ => field,
    };
    match field {
        [b'"', inner @ .., b'"'] => inner,
        _ => field,
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::SideWords;
    use super::super::time::TimeUnit;
    use super::*;
    use crate::ingest::Integers;

    fn rules() -> TradeRules {
        TradeRules {
            price_scale: None,
            quantity_scale: None,
            value_scale: None,
            time_unit: TimeUnit::Auto,
            sides: SideWords::new(&["false"], &["true"]),
            back_max_ns: i64::MAX,
            ahead_max_ns: i64::MAX,
        }
    }

    fn reader(has_header: bool) -> CsvReader {
        let columns = CsvColumns {
            id: Some(0),
            time: 1,
            price: 2,
            quantity: 3,
            side: Some(4),
            count: 5,
            separator: b',',
            has_header,
            ..CsvColumns::default()
        };
        CsvReader::new(columns, rules())
    }

    #[test]
    fn blanks_around_fields_are_none_of_theirs() {
        let mut csv = reader(false);
        csv.feed(b"7, 1700000000000 , 1.5 , \"2\",true \n");
        assert!(csv.rows().take_bad().is_empty());
        let trades = csv.rows().take_trades();
        assert_eq!((trades.ids[0], trades.sides[0]), (7, -1));
        assert_eq!(trades.prices, Integers::Narrow(vec![15]));
    }

    #[test]
    fn fields_are_taken_by_place() {
        let mut csv = reader(true);
        csv.feed(b"id,time,price,qty,maker\n1,1723161255342,5.50,\"0.1\",true\n");
        csv.feed(b"2,1723161255343,5.25,3,fal");
        csv.feed(b"se");
        csv.finish();
        let trades = csv.rows().take_trades();
        assert_eq!(trades.ids, [1, 2]);
        assert_eq!(trades.sides, [-1, 1]);
        assert_eq!(trades.prices, Integers::Narrow(vec![550, 525]));
        assert_eq!(trades.quantities, Integers::Narrow(vec![1, 30]));
        assert!(csv.rows().take_bad().is_empty());
    }

    #[test]
    fn another_count_of_fields_is_malformed() {
        let mut csv = reader(false);
        csv.feed(b"1,2,3\n1,2,3,4,true,6\n1,2,3,4,true\n");
        let bad = csv.rows().take_bad();
        let found: Vec<_> = bad.iter().map(|line| (line.number, line.reason)).collect();
        assert_eq!(found, [(1, Reason::Malformed), (2, Reason::Malformed)]);
        assert_eq!(csv.rows().len(), 1);
    }

    #[test]
    #[should_panic(expected = "is behind the last")]
    fn columns_lie_within_the_line() {
        let columns = CsvColumns {
            time: 5,
            count: 5,
            ..CsvColumns::default()
        };
        let _ = CsvReader::new(columns, rules());
    }
}
