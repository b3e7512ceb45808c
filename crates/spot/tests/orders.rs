//! Goal: whatever a client says is read or refused, and what is told of it is whole. The Python
//! tests hold words and results against the API and a naive teller; here are the examples to read
//! first, and texts of any kind.

use outcry_protocol::{OrderType, SelfTrade, Side, Text, TimeInForce, Trigger};
use outcry_spot::{
    Detail, Figures, Fill, Instrument, Kind, NewOrder, Outcome, Refusal, Sizes, Stand, Step,
    write_result,
};
use proptest::prelude::*;

const NAMES: [&str; 14] = [
    "side",
    "type",
    "timeInForce",
    "quantity",
    "quoteOrderQty",
    "price",
    "newClientOrderId",
    "strategyId",
    "strategyType",
    "stopPrice",
    "trailingDelta",
    "icebergQty",
    "newOrderRespType",
    "selfTradePreventionMode",
];

const LIMIT: [(&str, &str); 5] = [
    ("side", "SELL"),
    ("type", "LIMIT"),
    ("timeInForce", "GTC"),
    ("quantity", "0.50"),
    ("price", "60000"),
];

fn read(said: &[(&str, &str)]) -> Result<NewOrder, Refusal> {
    let find = |name: &'static str| {
        let found = said.iter().find(|(known, _)| *known == name);
        found.map(|(_, text)| *text)
    };
    NewOrder::read(find, 8, Text::new("made").unwrap())
}

fn instrument() -> Instrument {
    let step = |decimals| Step {
        mantissa: 1,
        decimals,
    };
    Instrument {
        symbol: "BTCUSDT".to_owned(),
        base: "BTC".to_owned(),
        quote: "USDT".to_owned(),
        figures: Figures {
            tick: step(2),
            lot: step(5),
            base_decimals: 8,
            quote_decimals: 8,
        },
    }
}

#[test]
fn a_limit_says_what_it_is() {
    let order = read(&LIMIT).unwrap();
    assert_eq!((order.side, order.kind), (Side::Sell, Kind::Limit));
    assert_eq!(order.time_in_force, Some(TimeInForce::Gtc));
    assert_eq!(order.self_trade, SelfTrade::CancelMaker);
    assert_eq!(order.quantity.as_deref(), Some("0.50"));
    assert_eq!(order.client_order_id.as_str(), "made");
    assert_eq!(order.detail, Detail::Full);
}

#[test]
fn a_stop_waits_on_the_side_that_its_name_says() {
    assert_eq!(Kind::StopLoss.order_type(), OrderType::Stop);
    assert_eq!(Kind::StopLoss.trigger(Side::Sell), Some(Trigger::Fall));
    assert_eq!(
        Kind::TakeProfitLimit.trigger(Side::Sell),
        Some(Trigger::Rise)
    );
    assert_eq!(Kind::Market.trigger(Side::Buy), None);
}

#[test]
fn what_is_wrong_first_is_told() {
    assert_eq!(read(&[]), Err(Refusal::Missing("side")));
    assert_eq!(read(&LIMIT[..3]), Err(Refusal::Missing("quantity")));
    let more = |field| read(&[&LIMIT[..], &[field]].concat());
    assert_eq!(
        more(("quoteOrderQty", "1")),
        Err(Refusal::NotRequired("quoteOrderQty"))
    );
    assert_eq!(
        more(("icebergQty", "0.000000001")),
        Err(Refusal::TooPrecise("icebergQty"))
    );
    assert_eq!(
        more(("newClientOrderId", "")),
        Err(Refusal::Empty("newClientOrderId"))
    );
}

#[test]
fn a_result_tells_the_trades_and_their_fees() {
    let fills = [Fill {
        trade_id: 7,
        price_ticks: 6_000_100,
        quantity_lots: 20_000,
    }];
    let sizes = Sizes {
        price_ticks: 6_000_000,
        quantity_lots: 50_000,
        ..Sizes::default()
    };
    let outcome = Outcome {
        order_id: 9,
        list_id: -1,
        time: 1_700_000_000_000,
        stand: Stand::Open,
        open_lots: 30_000,
        cancel_reason: None,
        fills: &fills,
        taker_rate_ppm: 1_000,
    };
    let told = write_result(&instrument(), &read(&LIMIT).unwrap(), sizes, &outcome);
    let expected = r#"{"symbol":"BTCUSDT","orderId":9,"orderListId":-1,"clientOrderId":"made",
        "transactTime":1700000000000,"price":"60000.00000000","origQty":"0.50000000",
        "executedQty":"0.20000000","origQuoteOrderQty":"0.00000000",
        "cummulativeQuoteQty":"12000.20000000","status":"PARTIALLY_FILLED","timeInForce":"GTC",
        "type":"LIMIT","side":"SELL","workingTime":1700000000000,
        "fills":[{"price":"60001.00000000","qty":"0.20000000","commission":"12.00020000",
        "commissionAsset":"USDT","tradeId":7}],"selfTradePreventionMode":"EXPIRE_MAKER"}"#;
    let expected: String = expected.lines().map(str::trim).collect();
    assert_eq!(std::str::from_utf8(told.bytes()).unwrap(), expected);
}

/// Texts that are what the API takes, nearly so, or anything.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "BUY",
            "SELL",
            "LIMIT",
            "LIMIT_MAKER",
            "MARKET",
            "STOP_LOSS",
            "TAKE_PROFIT_LIMIT",
            "GTC",
            "IOC",
            "FOK",
            "FULL",
            "ACK",
            "NONE",
            "DECREMENT",
            "1",
            "0",
            "0.0",
            "1000000",
        ])
        .prop_map(str::to_owned),
        "[0-9]{0,22}\\.?[0-9]{0,22}",
        ".{0,40}",
    ]
}

proptest! {
    #[test]
    fn any_fields_are_read_or_refused(
        said in prop::collection::vec((prop::sample::select(NAMES.to_vec()), texts()), 0..14)
    ) {
        let said: Vec<(&str, &str)> = said.iter().map(|(name, text)| (*name, &text[..])).collect();
        if let Ok(order) = read(&said) {
            prop_assert_eq!(order.quantity.is_none(), order.amount.is_some());
            prop_assert_eq!(order.kind.trigger(order.side).is_some(),
                order.stop.is_some() || order.trail_ppm.is_some());
        }
    }
}
