"""New orders: what each type must say, may say and must not, by the API's codes and texts."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from outcry import Engine
from outcry._native import SpotInstrument, SpotOrder
from outcry.exchange import Instrument, OrderStatus, Placement
from outcry.gateways.binance.errors import ApiError
from outcry.gateways.binance.new_order import OrderResult, read_order

SYMBOL = "BTCUSDT"
LIMIT = {"type": "LIMIT", "timeInForce": "GTC", "quantity": "0.5", "price": "60000"}
MAKER = {"type": "LIMIT_MAKER", "quantity": "0.5", "price": "60000"}
MARKET = {"type": "MARKET", "quantity": "0.5"}
AMOUNT = {"type": "MARKET", "quoteOrderQty": "100"}
STOP_LOSS = {"type": "STOP_LOSS", "quantity": "0.5", "stopPrice": "59000"}
TAKE_PROFIT = STOP_LOSS | {"type": "TAKE_PROFIT"}
STOP_LIMIT = LIMIT | {"type": "STOP_LOSS_LIMIT", "stopPrice": "59000"}
PROFIT_LIMIT = STOP_LIMIT | {"type": "TAKE_PROFIT_LIMIT"}
ALL = (LIMIT, MAKER, MARKET, AMOUNT, STOP_LOSS, TAKE_PROFIT, STOP_LIMIT, PROFIT_LIMIT)
STOPS = ALL[4:]
LIMITS = (LIMIT, STOP_LIMIT, PROFIT_LIMIT)


class Shelf:
    """Knows one instrument."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.known = self.engine.add_instrument(
            SYMBOL, base="BTC", quote="USDT", tick="0.01", lot="0.00001"
        )

    def instrument(self, symbol: str) -> Instrument:
        """Return it by its symbol."""
        return self.engine.instrument(symbol)

    def spot(self, instrument: Instrument) -> SpotInstrument:
        """Return what reads its orders."""
        return SpotInstrument(instrument)


SHELF = Shelf()


def ordered(said: dict[str, str], **more: str) -> SpotOrder:
    return read_order(SHELF, {"symbol": SYMBOL, "side": "SELL"} | said | more, "made")


def refused(said: dict[str, str], *left_out: str, **more: str) -> tuple[int, str]:
    full = {"symbol": SYMBOL, "side": "SELL"} | said | more
    for name in left_out:
        del full[name]
    with pytest.raises(ApiError) as raised:
        read_order(SHELF, full, "made")
    assert raised.value.status == 400
    return raised.value.code, raised.value.text


def result(order: SpotOrder) -> OrderResult:
    """Return what is told of it where it rests."""
    placement = Placement(1, OrderStatus.RESTING, Decimal("0.5"), (), None, 1, 0)
    return msgspec.json.decode(order.result_of(placement, -1, 0, 1), type=OrderResult)


def detail(order: SpotOrder) -> str:
    """Return how much is told of it."""
    told = result(order)
    if told.status is msgspec.UNSET:
        return "ACK"
    return "RESULT" if told.fills is msgspec.UNSET else "FULL"


def missing(name: str) -> tuple[int, str]:
    return -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."


def not_required(name: str) -> tuple[int, str]:
    return -1106, f"Parameter '{name}' sent when not required."


def meant(said: dict[str, str], **more: str) -> dict[str, Any]:
    """Return what an order says beside what all say."""
    arguments = ordered(said, **more).arguments()
    common = {name: arguments.pop(name) for name in ("side", "client_order_id", "self_trade")}
    assert common["side"] == "sell"
    assert common["client_order_id"] == more.get("newClientOrderId", "made")
    return {name: value for name, value in arguments.items() if value not in (None, False)}


def test_each_type_says_to_the_engine_what_it_is() -> None:
    sized = {"quantity": "0.5", "price": "60000"}
    limit = sized | {"type": "limit", "time_in_force": "gtc"}
    stopped = {"type": "stop", "quantity": "0.5", "stop": "59000"}
    assert meant(LIMIT) == limit
    assert meant(MAKER) == sized | {"type": "limit", "post_only": True}
    assert meant(MARKET) == {"type": "market", "quantity": "0.5"}
    assert meant(AMOUNT) == {"type": "market", "amount": "100"}
    assert meant(STOP_LOSS) == stopped | {"trigger": "fall"}
    assert meant(TAKE_PROFIT) == stopped | {"trigger": "rise"}
    stopped_limit = limit | {"type": "stop_limit", "stop": "59000"}
    assert meant(STOP_LIMIT) == stopped_limit | {"trigger": "fall"}
    assert meant(PROFIT_LIMIT) == stopped_limit | {"trigger": "rise"}


@pytest.mark.parametrize("said", STOPS, ids=lambda said: said["type"])
def test_buyers_wait_for_the_other_side(said: dict[str, str]) -> None:
    selling, buying = (ordered(said, side=side).arguments()["trigger"] for side in ("SELL", "BUY"))
    assert {selling, buying} == {"rise", "fall"}


def test_times_in_force_of_limits() -> None:
    for word in ("IOC", "FOK"):
        assert meant(LIMIT, timeInForce=word)["time_in_force"] == word.lower()
    for word in ("GTX", "DAY", "gtc", "GTD"):
        assert refused(LIMIT, timeInForce=word) == (-1115, "Invalid timeInForce.")


@pytest.mark.parametrize(
    ("word", "mode"),
    [
        ("NONE", "none"),
        ("EXPIRE_TAKER", "cancel_taker"),
        ("EXPIRE_MAKER", "cancel_maker"),
        ("EXPIRE_BOTH", "cancel_both"),
        ("DECREMENT", "decrement"),
    ],
)
def test_self_trade_modes(word: str, mode: str) -> None:
    assert ordered(LIMIT, selfTradePreventionMode=word).arguments()["self_trade"] == mode


def test_an_order_that_says_no_self_trade_mode_cancels_makers() -> None:
    assert ordered(LIMIT).arguments()["self_trade"] == "cancel_maker"
    told = (-1130, "Data sent for parameter 'selfTradePreventionMode' is not valid.")
    assert refused(LIMIT, selfTradePreventionMode="TRANSFER") == told


@pytest.mark.parametrize("said", STOPS, ids=lambda said: said["type"])
def test_stops_may_trail_in_place_of_a_stop_price(said: dict[str, str]) -> None:
    trailing = {name: text for name, text in said.items() if name != "stopPrice"}
    arguments = ordered(trailing, trailingDelta="2000").arguments()
    assert arguments["trail_ppm"] == 200_000
    assert arguments["stop"] is None
    for bips in ("0", "2001"):
        told = (-1013, "Filter failure: TRAILING_DELTA")
        assert refused(trailing, trailingDelta=bips) == told
    assert refused(said, trailingDelta="10") == not_required("stopPrice")
    assert refused(said, "stopPrice") == missing("stopPrice")


def test_only_stops_have_a_stop_price_or_trail() -> None:
    for said in (LIMIT, MAKER, MARKET, AMOUNT):
        assert refused(said, stopPrice="1") == not_required("stopPrice")
        assert refused(said, trailingDelta="1") == not_required("trailingDelta")


def test_icebergs_are_limits_until_cancelled() -> None:
    for said in (*LIMITS, MAKER):
        assert ordered(said, icebergQty="0.1").arguments()["display"] == "0.1"
        assert ordered(said, icebergQty="0.00").arguments()["display"] is None
    for said in LIMITS:
        told = (-1013, "Iceberg orders must be GTC.")
        assert refused(said, icebergQty="0.1", timeInForce="IOC") == told
    for said in (MARKET, AMOUNT, STOP_LOSS, TAKE_PROFIT):
        assert refused(said, icebergQty="0.1") == not_required("icebergQty")


@pytest.mark.parametrize("said", ALL, ids=lambda said: said["type"])
def test_each_mandatory_parameter_is_missed(said: dict[str, str]) -> None:
    for name in ("symbol", "side", "type"):
        assert refused(said, name) == missing(name)
        assert refused(said, **{name: ""}) == missing(name)
    optional = {"quoteOrderQty": "quantity"}
    for name in said.keys() - {"type"}:
        assert refused(said, name) == missing(optional.get(name, name))


@pytest.mark.parametrize("said", ALL, ids=lambda said: said["type"])
def test_what_an_order_has_no_place_for_is_refused(said: dict[str, str]) -> None:
    word = said["type"]
    if word in ("MARKET", "STOP_LOSS", "TAKE_PROFIT"):
        assert refused(said, price="1") == not_required("price")
        assert refused(said, timeInForce="GTC") == not_required("timeInForce")
    if word != "MARKET":
        assert refused(said, quoteOrderQty="1") == not_required("quoteOrderQty")


@pytest.mark.parametrize("word", ["GTC", "IOC"])
def test_a_maker_has_no_time_in_force(word: str) -> None:
    assert refused(MAKER, timeInForce=word) == not_required("timeInForce")


def test_a_market_order_is_by_quantity_or_by_amount() -> None:
    told = (-1128, "Combination of optional parameters invalid.")
    assert refused(MARKET, quoteOrderQty="1") == told


@pytest.mark.parametrize("name", ["price", "quantity", "stopPrice", "icebergQty"])
def test_numbers_are_plain(name: str) -> None:
    legal = r"legal range is '^([0-9]{1,20})(\.[0-9]{1,20})?$'."
    for text in ("NaN", "Infinity", "-1", "1e3", "9" * 1_000):
        told = (-1100, f"Illegal characters found in parameter '{name}'; {legal}")
        assert refused(STOP_LIMIT, **{name: text}) == told
    told = (-1111, f"Parameter '{name}' has too much precision.")
    assert refused(STOP_LIMIT, **{name: "0.000000001"}) == told


def test_numbers_are_not_nothing() -> None:
    for name in ("price", "quantity", "stopPrice"):
        assert refused(STOP_LIMIT, **{name: "0"}) == (-1013, f"Invalid {name}.")
    assert refused(AMOUNT, quoteOrderQty="0.0") == (-1013, "Invalid quantity.")


def test_words_of_no_set_are_refused() -> None:
    assert refused(LIMIT, symbol="NOSUCH") == (-1121, "Invalid symbol.")
    text = "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'."
    assert refused(LIMIT, symbol="btcusdt") == (-1100, text)
    assert refused(LIMIT, side="buy") == (-1117, "Invalid side.")
    assert refused(LIMIT, type="limit") == (-1116, "Invalid orderType.")
    told = (-1130, "Data sent for parameter 'newOrderRespType' is not valid.")
    assert refused(LIMIT, newOrderRespType="full") == told


def test_strategies_have_numbers() -> None:
    numbered = result(ordered(LIMIT, strategyId="01", strategyType="1000000"))
    assert (numbered.strategy_id, numbered.strategy_type) == (1, 1_000_000)
    told = (-1134, "strategyType was less than 1000000.")
    assert refused(LIMIT, strategyType="999999") == told
    for name, most in (("strategyId", 2**63 - 1), ("strategyType", 2**31 - 1)):
        ordered(LIMIT, **{name: str(most)})
        told = (-1130, f"Data sent for parameter '{name}' is not valid.")
        assert refused(LIMIT, **{name: str(most + 1)}) == told


@pytest.mark.parametrize("said", ALL, ids=lambda said: said["type"])
def test_replies_are_full_for_limit_and_market_and_short_else(said: dict[str, str]) -> None:
    usual = "FULL" if said["type"] in ("LIMIT", "MARKET") else "ACK"
    assert detail(ordered(said)) == usual
    for response in ("ACK", "RESULT", "FULL"):
        assert detail(ordered(said, newOrderRespType=response)) == response


def test_client_order_ids_are_kept_and_made_where_there_is_none() -> None:
    assert ordered(LIMIT).client_order_id == "made"
    assert ordered(LIMIT, newClientOrderId="mine").client_order_id == "mine"
    assert refused(LIMIT, newClientOrderId="m ne")[0] == -1100
