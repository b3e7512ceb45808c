//! What a trade must be to be taken: each kind of badness by its own name, and no trace of it.

use super::super::rules::SideWords;
use super::super::time::TimeUnit;
use super::*;

const DAY_NS: i64 = 86_400_000_000_000;

fn rules() -> TradeRules {
    TradeRules {
        price_scale: Some(2),
        quantity_scale: None,
        value_scale: None,
        time_unit: TimeUnit::Auto,
        sides: SideWords::new(&["b"], &["s"]),
        back_max_ns: DAY_NS,
        ahead_max_ns: 2 * DAY_NS,
    }
}

fn good() -> RawTrade<'static> {
    RawTrade {
        symbol: Some(b"BTCUSDT"),
        account: Some(b"7"),
        id: Some(b"110574616"),
        time: Some(b"2024-11-05T22:02:53Z"),
        price: Some(b"100.25"),
        quantity: Some(b"0.5"),
        value: Some(b"50.125"),
        side: Some(b"b"),
    }
}

fn refused(trade: &RawTrade<'_>) -> (Field, Reason) {
    let mut rows = TradeRows::new(rules());
    rows.push(1, b"first", &good());
    rows.push(2, b"second", trade);
    rows.finish();
    assert_eq!(rows.len(), 1);
    let bad = rows.take_bad();
    assert_eq!(
        (bad.len(), bad[0].number, bad[0].text.as_slice()),
        (1, 2, b"second".as_slice())
    );
    (bad[0].field, bad[0].reason)
}

#[test]
fn a_trade_becomes_integers() {
    let mut rows = TradeRows::new(rules());
    rows.push(1, b"", &good());
    let trades = rows.take_trades();
    assert_eq!(rows.symbol_names(), ["BTCUSDT"]);
    assert_eq!(trades.times_ns, [1_730_844_173_000_000_000]);
    assert_eq!(
        (trades.ids[0], trades.accounts[0], trades.sides[0]),
        (110_574_616, 7, 1)
    );
    assert_eq!(trades.prices, Integers::Narrow(vec![10_025]));
    assert_eq!(trades.quantities, Integers::Narrow(vec![5]));
    assert_eq!(trades.values, Integers::Narrow(vec![50_125]));
    assert_eq!(trades.scales, [2, 1, 3]);
    assert!(rows.take_bad().is_empty() && rows.is_empty());
}

#[test]
fn what_a_source_does_not_have_is_marked() {
    let mut rows = TradeRows::new(rules());
    let bare = RawTrade {
        symbol: None,
        account: None,
        id: None,
        value: None,
        side: None,
        ..good()
    };
    rows.push(1, b"", &bare);
    rows.push(2, b"", &bare);
    let trades = rows.take_trades();
    assert_eq!(trades.ids, [1, 2]);
    assert_eq!(trades.symbols, [NO_SYMBOL; 2]);
    assert_eq!(trades.accounts, [NO_ACCOUNT; 2]);
    assert_eq!(trades.values, Integers::Narrow(vec![-1; 2]));
    assert_eq!(trades.sides, [0, 0]);
}

fn with(field: Field, text: Option<&'static str>) -> RawTrade<'static> {
    let mut trade = good();
    let text = text.map(str::as_bytes);
    match field {
        Field::Line => unreachable!("a trade has no such field"),
        Field::Symbol => trade.symbol = text,
        Field::Account => trade.account = text,
        Field::TradeId => trade.id = text,
        Field::Time => trade.time = text,
        Field::Price => trade.price = text,
        Field::Quantity => trade.quantity = text,
        Field::Value => trade.value = text,
        Field::Side => trade.side = text,
    }
    trade
}

#[test]
fn each_kind_of_badness_has_its_own_reason() {
    let cases = [
        (Field::Price, Some("-1"), Reason::Negative),
        (Field::Price, Some("0.00"), Reason::Zero),
        (Field::Price, Some("NaN"), Reason::Nan),
        (Field::Price, Some("Infinity"), Reason::Infinite),
        (Field::Price, Some("1.001"), Reason::OverPrecise),
        (Field::Price, Some("1e38"), Reason::TooLarge),
        (Field::Price, Some("ten"), Reason::NoNumber),
        (Field::Price, Some(""), Reason::Missing),
        (Field::Price, None, Reason::Missing),
        (Field::Quantity, Some("0"), Reason::Zero),
        (Field::Quantity, Some("1e-40"), Reason::OverPrecise),
        (Field::Value, Some("-5"), Reason::Negative),
        (Field::Side, Some("x"), Reason::UnknownSide),
        (Field::Side, Some(""), Reason::Missing),
        (Field::Time, Some("2024-11-04T22:02:52Z"), Reason::TimeBack),
        (Field::Time, Some("2024-11-07T22:02:54Z"), Reason::TimeAhead),
        (Field::Time, Some("noon"), Reason::NoTime),
        (Field::Time, None, Reason::Missing),
        (Field::TradeId, Some("-3"), Reason::Negative),
        (
            Field::TradeId,
            Some("9223372036854775808"),
            Reason::TooLarge,
        ),
        (Field::Account, Some("me"), Reason::NoNumber),
        (Field::Symbol, Some(""), Reason::Missing),
    ];
    for (field, text, reason) in cases {
        assert_eq!(refused(&with(field, text)), (field, reason), "{text:?}");
    }
}

#[test]
fn times_at_the_bounds_are_taken() {
    for time in [b"2024-11-04T22:02:53Z", b"2024-11-07T22:02:53Z"] {
        let mut rows = TradeRows::new(rules());
        rows.push(1, b"", &good());
        rows.push(
            2,
            b"",
            &RawTrade {
                time: Some(time),
                ..good()
            },
        );
        rows.finish();
        assert_eq!(rows.len(), 2);
    }
}

#[test]
fn a_time_that_the_next_line_denies_is_refused_alone() {
    let at = |time, symbol: &'static [u8]| RawTrade {
        time: Some(time),
        symbol: Some(symbol),
        id: None,
        ..good()
    };
    let mut rows = TradeRows::new(rules());
    rows.push(1, b"", &at(b"2024-11-05T00:00:00Z".as_slice(), b"A"));
    rows.push(2, b"wrong", &at(b"2024-11-25T00:00:00Z".as_slice(), b"A"));
    rows.push(3, b"", &at(b"2024-12-05T00:00:00Z".as_slice(), b"B"));
    let precise = RawTrade {
        quantity: Some(b"0.125"),
        ..at(b"2024-11-05T00:00:01Z".as_slice(), b"A")
    };
    rows.push(4, b"", &precise);
    rows.push(5, b"", &at(b"2024-12-30T00:00:00Z".as_slice(), b"A"));
    rows.push(6, b"", &at(b"2024-12-30T00:00:01Z".as_slice(), b"A"));
    rows.finish();
    let bad = rows.take_bad();
    assert_eq!(bad.len(), 1);
    assert_eq!(
        (bad[0].number, bad[0].text.as_slice()),
        (2, b"wrong".as_slice())
    );
    assert_eq!(
        (bad[0].field, bad[0].reason),
        (Field::Time, Reason::TimeAhead)
    );
    let trades = rows.take_trades();
    assert_eq!(trades.symbols, [0, 1, 0, 0, 0]);
    assert_eq!(trades.ids, [1, 2, 3, 4, 5]);
    assert_eq!(
        trades.quantities,
        Integers::Narrow(vec![500, 500, 125, 500, 500])
    );
}
