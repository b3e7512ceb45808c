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

#[test]
fn each_kind_of_badness_has_its_own_reason() {
    type Change = fn(&mut RawTrade<'static>);
    let cases: [(Change, Field, Reason); 22] = [
        (
            |trade| trade.price = Some(b"-1"),
            Field::Price,
            Reason::Negative,
        ),
        (
            |trade| trade.price = Some(b"0.00"),
            Field::Price,
            Reason::Zero,
        ),
        (
            |trade| trade.price = Some(b"NaN"),
            Field::Price,
            Reason::Nan,
        ),
        (
            |trade| trade.price = Some(b"Infinity"),
            Field::Price,
            Reason::Infinite,
        ),
        (
            |trade| trade.price = Some(b"1.001"),
            Field::Price,
            Reason::OverPrecise,
        ),
        (
            |trade| trade.price = Some(b"1e38"),
            Field::Price,
            Reason::TooLarge,
        ),
        (
            |trade| trade.price = Some(b"ten"),
            Field::Price,
            Reason::NoNumber,
        ),
        (
            |trade| trade.price = Some(b""),
            Field::Price,
            Reason::Missing,
        ),
        (|trade| trade.price = None, Field::Price, Reason::Missing),
        (
            |trade| trade.quantity = Some(b"0"),
            Field::Quantity,
            Reason::Zero,
        ),
        (
            |trade| trade.quantity = Some(b"1e-40"),
            Field::Quantity,
            Reason::OverPrecise,
        ),
        (
            |trade| trade.value = Some(b"-5"),
            Field::Value,
            Reason::Negative,
        ),
        (
            |trade| trade.side = Some(b"x"),
            Field::Side,
            Reason::UnknownSide,
        ),
        (|trade| trade.side = Some(b""), Field::Side, Reason::Missing),
        (
            |trade| trade.time = Some(b"2024-11-04T22:02:52Z"),
            Field::Time,
            Reason::TimeBack,
        ),
        (
            |trade| trade.time = Some(b"2024-11-07T22:02:54Z"),
            Field::Time,
            Reason::TimeAhead,
        ),
        (
            |trade| trade.time = Some(b"noon"),
            Field::Time,
            Reason::NoTime,
        ),
        (|trade| trade.time = None, Field::Time, Reason::Missing),
        (
            |trade| trade.id = Some(b"-3"),
            Field::TradeId,
            Reason::Negative,
        ),
        (
            |trade| trade.id = Some(b"9223372036854775808"),
            Field::TradeId,
            Reason::TooLarge,
        ),
        (
            |trade| trade.account = Some(b"me"),
            Field::Account,
            Reason::NoNumber,
        ),
        (
            |trade| trade.symbol = Some(b""),
            Field::Symbol,
            Reason::Missing,
        ),
    ];
    for (change, field, reason) in cases {
        let mut trade = good();
        change(&mut trade);
        assert_eq!(refused(&trade), (field, reason));
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
        assert_eq!(rows.len(), 2);
    }
}
