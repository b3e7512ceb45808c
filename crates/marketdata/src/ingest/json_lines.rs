//! Trades as JSON objects, one a line.

use super::bad_line::{Field, Reason};
use super::json::{Broken, Members, Value};
use super::reader::{LineFormat, TradeReader};
use super::rows::RawTrade;
use super::rules::TradeRules;

/// What the source calls the members; `None` where it has no such member.
#[derive(Debug, Clone, Default)]
pub struct JsonKeys {
    /// The instrument's name.
    pub symbol: Option<Vec<u8>>,
    /// Whose trade it is. A trade may come without.
    pub account: Option<Vec<u8>>,
    /// The trade's id.
    pub id: Option<Vec<u8>>,
    /// When it was.
    pub time: Vec<u8>,
    /// At which price.
    pub price: Vec<u8>,
    /// How much.
    pub quantity: Vec<u8>,
    /// What price times quantity came to. A trade may come without.
    pub value: Option<Vec<u8>>,
    /// The aggressor.
    pub side: Option<Vec<u8>>,
}

/// A key that is looked for, and what it says.
#[derive(Debug, Clone)]
struct Wanted {
    key: Vec<u8>,
    field: Field,
}

/// So many fields there are, the line among them.
const FIELDS: usize = Field::Side as usize + 1;

/// Reads trades out of pieces of a file of JSON lines. Numbers may stand bare or as strings.
pub type JsonReader = TradeReader<JsonLines>;

/// Lines of one JSON object each.
#[derive(Debug, Clone)]
pub struct JsonLines {
    wanted: Vec<Wanted>,
    /// Where the key after the last one found stands: lines mostly have their keys in one order.
    next: usize,
    /// Fields that every line must have.
    needed: Vec<Field>,
}

impl JsonReader {
    /// A reader at the start of a file.
    pub fn new(keys: JsonKeys, rules: TradeRules) -> Self {
        let optional = [
            (keys.symbol, Field::Symbol),
            (keys.account, Field::Account),
            (keys.id, Field::TradeId),
            (Some(keys.time), Field::Time),
            (Some(keys.price), Field::Price),
            (Some(keys.quantity), Field::Quantity),
            (keys.value, Field::Value),
            (keys.side, Field::Side),
        ];
        let wanted: Vec<_> = optional
            .into_iter()
            .filter_map(|(key, field)| key.map(|key| Wanted { key, field }))
            .collect();
        let may_lack = |field| matches!(field, Field::Account | Field::Value);
        let needed = wanted.iter().map(|wanted| wanted.field);
        let lines = JsonLines {
            needed: needed.filter(|field| !may_lack(*field)).collect(),
            wanted,
            next: 0,
        };
        Self::at_start(lines, rules)
    }
}

impl LineFormat for JsonLines {
    #[inline]
    fn trade_of<'a>(
        &mut self,
        _number: u64,
        line: &'a [u8],
    ) -> Result<Option<RawTrade<'a>>, (Field, Reason)> {
        let broken = |_: Broken| (Field::Line, Reason::Malformed);
        let mut texts = [None; FIELDS];
        let mut members = Members::of(line).map_err(broken)?;
        while let Some((key, value)) = members.next().map_err(broken)? {
            let Some(field) = self.field_of(key) else {
                continue;
            };
            texts[field as usize] = text_of(value).map_err(|reason| (field, reason))?;
        }
        for field in &self.needed {
            if texts[*field as usize].is_none() {
                return Err((*field, Reason::Missing));
            }
        }
        Ok(Some(RawTrade {
            symbol: texts[Field::Symbol as usize],
            account: texts[Field::Account as usize],
            id: texts[Field::TradeId as usize],
            time: texts[Field::Time as usize],
            price: texts[Field::Price as usize],
            quantity: texts[Field::Quantity as usize],
            value: texts[Field::Value as usize],
            side: texts[Field::Side as usize],
        }))
    }
}

impl JsonLines {
    #[inline]
    fn field_of(&mut self, key: &[u8]) -> Option<Field> {
        let guess = &self.wanted[self.next];
        if guess.key == key {
            let field = guess.field;
            self.next = self.following(self.next);
            return Some(field);
        }
        let place = self.wanted.iter().position(|wanted| wanted.key == key)?;
        // What this line shows is how the next ones will be: the key moves to where it was met.
        self.wanted.swap(place, self.next);
        let field = self.wanted[self.next].field;
        self.next = self.following(self.next);
        Some(field)
    }

    #[inline]
    fn following(&self, place: usize) -> usize {
        if place + 1 == self.wanted.len() {
            0
        } else {
            place + 1
        }
    }
}

#[inline]
fn text_of(value: Value<'_>) -> Result<Option<&[u8]>, Reason> {
    match value {
        Value::Bare(b"null") => Ok(None),
        Value::Nested => Err(Reason::Malformed),
        // An escape in a number, a time or a name is nothing that a source writes.
        Value::Text(text) if text.contains(&b'\\') => Err(Reason::Malformed),
        Value::Bare(text) | Value::Text(text) => Ok(Some(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::column::Integers;
    use super::super::rules::SideWords;
    use super::super::time::TimeUnit;
    use super::*;

    const LINE: &[u8] = concat!(
        r#"{"ID": 110574616, "Totaldone": 500000.0, "Trx Amount": 4.5115767058272E-4, "#,
        r#""Amount": 1.10826E9, "Transtype": 1, "Accountid": 1, "#,
        r#""Transtime": "2024-11-05T22:02:53Z"}"#
    )
    .as_bytes();

    fn reader() -> JsonReader {
        let keys = JsonKeys {
            symbol: None,
            account: Some(b"Accountid".to_vec()),
            id: Some(b"ID".to_vec()),
            time: b"Transtime".to_vec(),
            price: b"Amount".to_vec(),
            quantity: b"Trx Amount".to_vec(),
            value: Some(b"Totaldone".to_vec()),
            side: Some(b"Transtype".to_vec()),
        };
        let rules = TradeRules {
            price_scale: None,
            quantity_scale: None,
            value_scale: None,
            time_unit: TimeUnit::Auto,
            sides: SideWords::new(&["1"], &["2"]),
            back_max_ns: i64::MAX,
            ahead_max_ns: i64::MAX,
        };
        JsonReader::new(keys, rules)
    }

    #[test]
    fn the_line_with_17_decimals_is_read_exactly() {
        let mut json = reader();
        json.feed(LINE);
        json.finish();
        let trades = json.rows().take_trades();
        assert_eq!(trades.ids, [110_574_616]);
        assert_eq!(trades.accounts, [1]);
        assert_eq!(trades.sides, [1]);
        assert_eq!(trades.times_ns, [1_730_844_173_000_000_000]);
        assert_eq!(trades.scales, [0, 17, 1]);
        assert_eq!(trades.prices, Integers::Narrow(vec![1_108_260_000]));
        assert_eq!(
            trades.quantities,
            Integers::Narrow(vec![45_115_767_058_272])
        );
        assert_eq!(trades.values, Integers::Narrow(vec![5_000_000]));
        assert!(json.rows().take_bad().is_empty());
    }

    #[test]
    fn keys_come_in_any_order() {
        let mut json = reader();
        json.feed(LINE);
        json.feed(
            b"\n{\"Transtime\":1730844174,\"Transtype\":\"2\",\"Amount\":\"7\",\"note\":[1],",
        );
        json.feed(b"\"Trx Amount\":2,\"ID\":5,\"Accountid\":null}\n");
        json.feed(LINE);
        json.finish();
        let trades = json.rows().take_trades();
        assert_eq!(trades.ids, [110_574_616, 5, 110_574_616]);
        assert_eq!(trades.sides, [1, -1, 1]);
        assert_eq!(trades.accounts, [1, -1, 1]);
    }

    #[test]
    fn bad_lines_are_told_and_the_rest_goes_on() {
        let mut json = reader();
        let text = String::from_utf8(LINE.to_vec()).unwrap();
        let changed = |from: &str, to: &str| text.replace(from, to);
        let cases = [
            (
                changed("1.10826E9", "-1.10826E9"),
                Field::Price,
                Reason::Negative,
            ),
            (changed("1.10826E9", "NaN"), Field::Price, Reason::Nan),
            (
                changed("1.10826E9", "Infinity"),
                Field::Price,
                Reason::Infinite,
            ),
            (
                changed("\"Transtype\": 1", "\"Transtype\": 3"),
                Field::Side,
                Reason::UnknownSide,
            ),
            (
                changed("\"Transtype\": 1, ", ""),
                Field::Side,
                Reason::Missing,
            ),
            (
                changed("\"ID\": 110574616, ", ""),
                Field::TradeId,
                Reason::Missing,
            ),
            (
                changed("\"ID\": 110574616", "\"ID\": {}"),
                Field::TradeId,
                Reason::Malformed,
            ),
            (changed("}", ""), Field::Line, Reason::Malformed),
            ("x".repeat(70_000), Field::Line, Reason::TooLong),
        ];
        for (line, _, _) in &cases {
            json.feed(line.as_bytes());
            json.feed(b"\n");
        }
        json.feed(LINE);
        json.finish();
        let bad = json.rows().take_bad();
        assert_eq!(bad.len(), cases.len());
        for (number, (line, (_, field, reason))) in bad.iter().zip(&cases).enumerate() {
            assert_eq!(
                (line.number, line.field, line.reason),
                (number as u64 + 1, *field, *reason)
            );
        }
        assert_eq!(json.rows().len(), 1);
    }
}
