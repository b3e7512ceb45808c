//! What any bytes at all must survive: read as trades in CSV and in JSON, and as levels of a book.
//! Shared by the replay of the corpus and the fuzz target.

use outcry_marketdata::book::{Book, Side, interleaved_checksum, stacked_checksum};
use outcry_marketdata::ingest::{
    BadLine, CsvColumns, CsvReader, Integers, JsonKeys, JsonReader, SideWords, TimeUnit, TradeRows,
    TradeRules, Trades,
};

/// Reads the bytes in every way; panics where one of them breaks its word.
pub(crate) fn exercise(bytes: &[u8]) {
    let lines = bytes.split(|byte| *byte == b'\n').count();
    for size in [bytes.len().max(1), 7] {
        let mut csv = csv_reader();
        let mut json = json_reader();
        for piece in bytes.chunks(size) {
            csv.feed(piece);
            json.feed(piece);
        }
        csv.finish();
        json.finish();
        check(csv.rows(), lines);
        check(json.rows(), lines);
    }
    exercise_book(bytes);
}

fn rules() -> TradeRules {
    TradeRules {
        price_scale: None,
        quantity_scale: Some(8),
        value_scale: None,
        time_unit: TimeUnit::Auto,
        sides: SideWords::new(&["1", "buy"], &["2", "sell"]),
        back_max_ns: 86_400_000_000_000,
        ahead_max_ns: i64::MAX,
    }
}

fn csv_reader() -> CsvReader {
    let columns = CsvColumns {
        id: Some(0),
        price: 1,
        quantity: 2,
        value: Some(3),
        time: 4,
        side: Some(5),
        symbol: Some(6),
        count: 7,
        separator: b',',
        ..CsvColumns::default()
    };
    CsvReader::new(columns, rules())
}

fn json_reader() -> JsonReader {
    let key = |name: &str| name.as_bytes().to_vec();
    let keys = JsonKeys {
        symbol: None,
        account: Some(key("Accountid")),
        id: Some(key("ID")),
        time: key("Transtime"),
        price: key("Amount"),
        quantity: key("Trx Amount"),
        value: Some(key("Totaldone")),
        side: Some(key("Transtype")),
    };
    JsonReader::new(keys, rules())
}

/// Columns are of one length, prices and quantities above zero, and no line is lost or told twice.
fn check(rows: &mut TradeRows, lines: usize) {
    let trades: Trades = rows.take_trades();
    let count = trades.ids.len();
    assert!(rows.is_empty());
    for length in [
        trades.symbols.len(),
        trades.accounts.len(),
        trades.times_ns.len(),
        trades.sides.len(),
        trades.prices.len(),
        trades.quantities.len(),
        trades.values.len(),
    ] {
        assert_eq!(length, count);
    }
    for column in [&trades.prices, &trades.quantities] {
        match column {
            Integers::Narrow(values) => assert!(values.iter().all(|value| *value > 0)),
            Integers::Wide(values) => assert!(values.iter().all(|value| *value > 0)),
        }
    }
    assert!(trades.times_ns.iter().all(|time_ns| *time_ns >= 0));
    assert_eq!(trades.scales[1], 8);
    let bad: Vec<BadLine> = rows.take_bad();
    assert!(bad.is_sorted_by(|left, right| left.number < right.number));
    assert!(count + bad.len() <= lines);
}

/// Lines of `price quantity`, bids and asks in turn, as changes of a book.
fn exercise_book(bytes: &[u8]) {
    let mut book = Book::default();
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let side = if number % 2 == 0 {
            Side::Bid
        } else {
            Side::Ask
        };
        let mut fields = line.splitn(2, |byte| *byte == b',');
        let (Some(price), Some(quantity)) = (fields.next(), fields.next()) else {
            continue;
        };
        let before = book.count(side);
        if book.set_text(side, price, quantity).is_err() {
            assert_eq!(book.count(side), before);
        }
    }
    assert!(
        book.levels(Side::Bid)
            .is_sorted_by(|left, right| left.price > right.price)
    );
    assert!(
        book.levels(Side::Ask)
            .is_sorted_by(|left, right| left.price < right.price)
    );
    assert!(book.levels(Side::Ask).all(|level| level.quantity > 0));
    let _ = stacked_checksum(&book, 10);
    let _ = interleaved_checksum(&book, 25);
}
