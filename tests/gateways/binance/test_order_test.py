"""`order/test` says what `order` says, but for money.

Goal: a client that tests an order is told exactly what would befall it. Method: Hypothesis makes
orders of every type, sound and broken, for an instrument with narrow filters and a book that
moves; each is tested by a rich and by a poor account and then placed by the rich one. Refusals
must be equal in status, code and text; what is accepted must have passed the test, and a test must
leave nothing behind. The poor account's own refusals may come of its own orders only, so it has
none.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outcry.errors import OrderRejected
from outcry.exchange import Exchange, Filters
from tests.gateways.desk import Client, Desk, Reply
from tests.gateways.serving import MAKER, make_venue

RICH, POOR = 21, 22
SYMBOL = "NARROW"
BOUNDS = Filters(
    price_min="50",
    price_max="400",
    quantity_min="0.01",
    quantity_max="20",
    notional_min="10",
    notional_max="1500",
    band_ppm=200_000,
    market_band_ppm=100_000,
    iceberg_parts_max=5,
    account_orders_max=4,
    account_stops_max=2,
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    directory = tmp_path_factory.mktemp("narrow")
    make_venue(directory)
    with Exchange.open(directory) as exchange:
        exchange.add_instrument(
            SYMBOL, base="BTC", quote="USDT", tick="0.5", lot="0.001", filters=BOUNDS
        )
        number = 0
        for account in (RICH, POOR):
            exchange.set_account(account)
            for asset in ("BTC", "USDT"):
                number += 1
                amount = "1000000" if account == RICH else "0.00000001"
                exchange.deposit(account, asset, amount, source=(9, number))
    with Desk(directory) as opened:
        yield opened


def said(**words: object) -> dict[str, object]:
    return {"symbol": SYMBOL, **{name: word for name, word in words.items() if word is not None}}


def texts(*common: str, more: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    return st.sampled_from([*common * 4, *more])


PRICES = texts(
    "95", "99.5", "100", "100.5", "105", more=("49", "79.5", "80", "120", "120.5", "401", "100.3")
)
QUANTITIES = texts(
    "0.1", "0.5", "1", "10", more=("0.009", "0.01", "0.0105", "14.9", "20", "20.001")
)
NAMES = st.sampled_from([None, None, None, "a", "b"])
SIDES = st.sampled_from(["BUY", "SELL"])
FORCES = st.sampled_from(["GTC", "GTC", "GTC", "IOC", "FOK"])
SHOWN = st.sampled_from([None, None, None, "0.1", "0.2", "5", "0.0005"])

LIMITS = st.builds(
    said,
    type=st.just("LIMIT"),
    side=SIDES,
    timeInForce=FORCES,
    price=PRICES,
    quantity=QUANTITIES,
    icebergQty=SHOWN,
    newClientOrderId=NAMES,
)
MAKERS = st.builds(
    said,
    type=st.just("LIMIT_MAKER"),
    side=SIDES,
    price=PRICES,
    quantity=QUANTITIES,
    newClientOrderId=NAMES,
)
MARKETS = st.builds(said, type=st.just("MARKET"), side=SIDES, quantity=QUANTITIES)
AMOUNTS = st.builds(
    said,
    type=st.just("MARKET"),
    side=SIDES,
    quoteOrderQty=texts("50", "100", more=("9.99", "1500", "1501", "1" * 20, "10.00000001")),
)
STOPS = st.builds(
    said,
    type=st.sampled_from(["STOP_LOSS", "TAKE_PROFIT"]),
    side=SIDES,
    stopPrice=PRICES,
    quantity=QUANTITIES,
    newClientOrderId=NAMES,
)
STOP_LIMITS = st.builds(
    said,
    type=st.sampled_from(["STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"]),
    side=SIDES,
    timeInForce=FORCES,
    price=PRICES,
    stopPrice=PRICES,
    quantity=QUANTITIES,
)
TRAILING = st.builds(
    said,
    type=st.sampled_from(["STOP_LOSS", "TAKE_PROFIT"]),
    side=SIDES,
    trailingDelta=st.sampled_from(["1", "500", "2000", "2001"]),
    quantity=QUANTITIES,
)
ORDERS = st.one_of(LIMITS, LIMITS, MAKERS, MARKETS, AMOUNTS, STOPS, STOP_LIMITS, TRAILING)
STEPS = st.lists(
    st.tuples(ORDERS, st.sampled_from(["", "", "", "", "book", "clear", "reference", "halt"])),
    min_size=1,
    max_size=12,
)


def outcome(reply: Reply) -> tuple[int, int, str] | None:
    return None if reply.status == 200 else reply.error


class Floor:
    """The market that the orders come to."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.rich, self.poor = desk.client(RICH), desk.client(POOR)
        self.references = [None, "100", "90"]

    def stir(self, how: str) -> None:
        exchange = self.desk.venue.opened
        if how == "clear":
            self.rich("DELETE", "openOrders", symbol=SYMBOL)
            exchange.mass_cancel(account=MAKER, instrument=SYMBOL)
        elif how == "book":
            exchange.mass_cancel(account=MAKER, instrument=SYMBOL)
            for side, price in (("buy", "99"), ("sell", "101")):
                # The last trade may have moved the band away from here.
                with contextlib.suppress(OrderRejected):
                    exchange.place(SYMBOL, side=side, price=price, quantity="1", account=MAKER)
        elif how == "reference":
            self.references.append(self.references.pop(0))
            exchange.set_reference(SYMBOL, self.references[0])
        elif how == "halt":
            exchange.set_state(SYMBOL, "halted")

    def compare(self, order: dict[str, object]) -> None:
        tested = outcome(self.rich("POST", "order/test", **order))
        of_poor = outcome(self.poor("POST", "order/test", **order))
        placed = outcome(self.rich("POST", "order", **order))
        text = "Account has insufficient balance for requested action."
        if placed == (400, -2010, text):
            placed = None
        assert tested == placed, order
        own = (None, "Duplicate order sent.", "MAX_NUM_ORDERS", "MAX_NUM_ALGO_ORDERS")
        if tested is None or not any(name and name in tested[2] for name in own):
            assert of_poor == tested, order


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_a_test_says_what_the_order_is_told(
    desk: Desk, steps: list[tuple[dict[str, Any], str]]
) -> None:
    floor = Floor(desk)
    floor.stir("clear")
    floor.stir("book")
    for order, how in steps:
        floor.stir(how)
        floor.compare(order)
        if how == "halt":
            desk.venue.opened.set_state(SYMBOL, "continuous")


@pytest.mark.slow
def test_a_test_says_what_the_order_is_told_in_the_long_run(desk: Desk) -> None:
    inner = test_a_test_says_what_the_order_is_told.hypothesis.inner_test  # type: ignore[attr-defined]
    settings(max_examples=800, suppress_health_check=[HealthCheck.too_slow])(
        given(STEPS)(lambda steps: inner(desk, steps))
    )()


def limit(**more: object) -> dict[str, object]:
    return said(type="LIMIT", side="BUY", timeInForce="GTC", price="100", quantity="1") | more


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"price": "300"}, (400, -1013, "Filter failure: PERCENT_PRICE")),
        ({"price": "401"}, (400, -1013, "Filter failure: PRICE_FILTER")),
        ({"price": "100.3"}, (400, -1013, "Filter failure: PRICE_FILTER")),
        ({"quantity": "0.05"}, (400, -1013, "Filter failure: NOTIONAL")),
        ({"quantity": "21"}, (400, -1013, "Filter failure: LOT_SIZE")),
        ({"icebergQty": "0.1"}, (400, -1013, "Filter failure: ICEBERG_PARTS")),
        ({"icebergQty": "2"}, (400, -2010, "IcebergQty exceeds QTY.")),
    ],
)
def test_each_filter_is_named(
    desk: Desk, more: dict[str, object], error: tuple[int, int, str]
) -> None:
    floor = Floor(desk)
    floor.stir("clear")
    desk.venue.opened.set_reference(SYMBOL, "100")
    before = desk.venue.opened.state_hash()
    assert floor.poor("POST", "order/test", **limit(**more)).error == error
    assert floor.poor("POST", "order/test", **limit()).raw == b"{}"
    assert desk.venue.opened.state_hash() == before
    desk.venue.opened.set_reference(SYMBOL, None)


def test_the_rates_are_those_of_the_account(desk: Desk) -> None:
    bot = desk.client(1)
    order = limit(symbol="BTCUSDT", price="59000", quantity="0.01")
    told = bot("POST", "order/test", **order, computeCommissionRates="true").body
    assert told["standardCommissionForOrder"] == {"maker": "0.00100000", "taker": "0.00200000"}
    assert told["taxCommissionForOrder"] == told["specialCommissionForOrder"]
    assert bot("POST", "order/test", **order, computeCommissionRates="false").body == {}
    assert bot("POST", "order/test", **order, computeCommissionRates="x").error[1] == -1130


def test_nobody_tests_for_an_account_that_is_frozen(desk: Desk) -> None:
    exchange = desk.venue.opened
    exchange.set_account(23)
    client: Client = desk.client(23)
    assert client("POST", "order/test", **limit()).status == 200
    exchange.set_account(23, state="frozen")
    text = "This action is disabled on this account."
    assert client("POST", "order/test", **limit()).error == (400, -2010, text)
