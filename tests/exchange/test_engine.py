"""Goal: an order placed from Python does what the rules say, and what is wrong is named.

Method: short stories through the public face, with every figure written out; a table of bad input
after which the engine's state must be what it was.
"""

import inspect
import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

import outcry
from outcry import (
    CancelReason,
    CommandRejected,
    Engine,
    Fill,
    Filters,
    Instrument,
    InstrumentRejected,
    InvalidValue,
    Level,
    OrderRejected,
    OrderStatus,
    OutcryError,
    Placement,
    QueuePosition,
    RejectReason,
    RequestRepeated,
    UnknownOrder,
    UnknownSymbol,
)

FILTERS = Filters(price_max="1000", quantity_max="100", market_band_ppm=100_000)


@pytest.fixture
def engine() -> Engine:
    engine = Engine(check_invariants=True, mass_max=2, work_max=2)
    engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01", filters=FILTERS)
    return engine


@pytest.fixture
def btc(engine: Engine) -> Instrument:
    return engine.instrument("BTC")


def rest(engine: Engine, side: str, price: str, quantity: str, account: int = 1) -> int:
    placed = engine.place("BTC", side=side, price=price, quantity=quantity, account=account)
    assert placed.status is OrderStatus.RESTING
    return placed.order_id


def test_an_order_fills_at_the_makers_price_and_rests(engine: Engine, btc: Instrument) -> None:
    first = rest(engine, "sell", "100.5", "1")
    second = rest(engine, "sell", "101", "2")
    taken = engine.place(btc, side="buy", price="101.5", quantity="4", account=2)
    assert [(fill.price, fill.quantity) for fill in taken.fills] == [
        (Decimal("100.5"), Decimal(1)),
        (Decimal(101), Decimal(2)),
    ]
    assert [fill.maker_order_id for fill in taken.fills] == [first, second]
    assert [fill.trade_id for fill in taken.fills] == [1, 2]
    assert (taken.status, taken.open_quantity) == (OrderStatus.RESTING, Decimal(1))
    assert (taken.cancel_reason, taken.sequence) == (None, 4)
    assert engine.last_trade(btc) == Decimal(101)
    assert engine.best(btc) == (Level(Decimal("101.5"), Decimal(1), 1), None)


def test_words_and_members_mean_the_same(engine: Engine) -> None:
    by_word = engine.place("BTC", side="buy", price=100, quantity=1, time_in_force="day")
    by_member = engine.place(
        engine.instrument("BTC"),
        side=outcry.Side.BUY,
        price=Decimal(100),
        quantity="1.00",
        time_in_force=outcry.TimeInForce.DAY,
        type=outcry.OrderType.LIMIT,
        self_trade=outcry.SelfTrade.CANCEL_TAKER,
    )
    one, other = engine.order(by_word.order_id), engine.order(by_member.order_id)
    assert (one.side, one.type, one.time_in_force) == (other.side, other.type, other.time_in_force)


@pytest.mark.parametrize(
    ("terms", "status", "reason", "filled"),
    [
        ({"time_in_force": "ioc"}, OrderStatus.CANCELLED, CancelReason.IMMEDIATE_OR_CANCEL, 2),
        ({"time_in_force": "fok"}, OrderStatus.CANCELLED, CancelReason.FILL_OR_KILL, 0),
        ({"type": "market", "price": None}, OrderStatus.CANCELLED, CancelReason.NO_LIQUIDITY, 2),
        ({"quantity": "2"}, OrderStatus.FILLED, None, 2),
        ({}, OrderStatus.RESTING, None, 2),
        ({"account": 1}, OrderStatus.CANCELLED, CancelReason.SELF_TRADE, 0),
        ({"account": 1, "self_trade": "none"}, OrderStatus.RESTING, None, 2),
    ],
)
def test_each_ending_is_told(
    engine: Engine,
    terms: dict[str, Any],
    status: OrderStatus,
    reason: CancelReason | None,
    filled: int,
) -> None:
    rest(engine, "sell", "100", "2")
    usual: dict[str, Any] = {"side": "buy", "price": "100", "quantity": "3", "account": 2}
    placed = engine.place("BTC", **usual | terms)
    assert (placed.status, placed.cancel_reason) == (status, reason)
    assert sum(fill.quantity for fill in placed.fills) == filled
    assert placed.open_quantity == (Decimal(3 - filled) if status.is_open else 0)


def test_an_amount_buys_whole_lots(engine: Engine) -> None:
    rest(engine, "sell", "100", "5")
    bought = engine.place("BTC", side="buy", type="market", amount="250.70", account=2)
    assert [fill.quantity for fill in bought.fills] == [Decimal("2.50")]
    assert bought.cancel_reason is CancelReason.AMOUNT_REMAINDER


def test_a_stop_waits_is_replaced_and_triggers(engine: Engine) -> None:
    rest(engine, "sell", "100", "1")
    rest(engine, "sell", "101", "5")
    stop = engine.place(
        "BTC", side="buy", type="stop_limit", price="102", stop="101", trigger="rise",
        quantity="2", account=2, client_order_id="mine",
    )  # fmt: skip
    assert stop.status is OrderStatus.WAITING
    order = engine.order(stop.order_id)
    assert (order.stop, order.price) == (Decimal(101), Decimal(102))
    assert (order.client_order_id, order.shown_quantity) == ("mine", Decimal(0))
    moved = engine.replace(
        "BTC", client_order_id="mine", price="102", stop="100", quantity="3", account=2
    )
    assert (moved.status, moved.open_quantity) == (OrderStatus.WAITING, Decimal(3))
    engine.place("BTC", side="buy", price="100", quantity="1", account=3)
    with pytest.raises(UnknownOrder):
        engine.order(stop.order_id)
    assert engine.last_trade("BTC") == Decimal(101)


def test_trailing_stops_stand_at_their_distance(engine: Engine) -> None:
    rest(engine, "sell", "100", "1")
    engine.place("BTC", side="buy", price="100", quantity="1", account=2)
    common: dict[str, Any] = {"side": "sell", "type": "stop", "trigger": "fall", "quantity": "1"}
    by_price = engine.place("BTC", **common, trail="2.5")
    by_ppm = engine.place("BTC", **common, trail_ppm=50_000)
    assert engine.order(by_price.order_id).stop == Decimal("97.5")
    assert engine.order(by_ppm.order_id).stop == Decimal(95)


def test_an_iceberg_shows_its_display(engine: Engine, btc: Instrument) -> None:
    placed = engine.place(btc, side="sell", price="100", quantity="5", display="2")
    order = engine.order(placed.order_id)
    assert (order.shown_quantity, order.open_quantity) == (Decimal(2), Decimal(5))
    assert engine.depth(btc).asks == (Level(Decimal(100), Decimal(2), 1),)


def test_a_cancel_returns_what_was_open(engine: Engine) -> None:
    order_id = rest(engine, "sell", "100", "2")
    engine.place("BTC", side="buy", price="100", quantity="0.5", account=2)
    assert engine.cancel("BTC", order_id) == Decimal("1.50")
    engine.place("BTC", side="sell", price="100", quantity="2", client_order_id="a-1")
    assert engine.cancel("BTC", client_order_id="a-1") == Decimal(2)
    assert engine.open_orders == 0


def test_a_replace_keeps_or_loses_its_place(engine: Engine) -> None:
    first = rest(engine, "sell", "100", "2")
    second = rest(engine, "sell", "100", "3")
    assert engine.queue_position(second) == QueuePosition(1, Decimal(2))
    assert engine.replace("BTC", first, price="100", quantity="1").open_quantity == Decimal(1)
    assert engine.queue_position(first) == QueuePosition(0, Decimal(0))
    engine.replace("BTC", first, price="100", quantity="4")
    assert engine.queue_position(first) == QueuePosition(1, Decimal(3))
    gone = engine.place("BTC", side="buy", price="100", quantity="1", account=2)
    assert gone.fills[0].maker_order_id == second
    ended = engine.replace("BTC", second, price="100", quantity="1")
    assert (ended.status, ended.cancel_reason) == (OrderStatus.CANCELLED, CancelReason.REPLACED)


def test_a_replaced_order_may_trade(engine: Engine) -> None:
    rest(engine, "sell", "100", "2")
    order_id = rest(engine, "buy", "99", "3", account=2)
    placed = engine.replace("BTC", order_id, price="100", quantity="3", account=2)
    assert [fill.taker_order_id for fill in placed.fills] == [order_id]
    assert (placed.status, placed.open_quantity) == (OrderStatus.RESTING, Decimal(1))


def test_a_mass_cancel_goes_on_until_all_are_gone(engine: Engine) -> None:
    bids = [rest(engine, "buy", "100", "1", account=account) for account in (1, 2, 1, 1, 1, 1)]
    ask = rest(engine, "sell", "101", "1")
    mine = (bids[0], *bids[2:])
    assert engine.mass_cancel(account=1, instrument="BTC", side="buy") == mine
    assert engine.mass_cancel() == (bids[1], ask)
    assert engine.mass_cancel() == ()


def test_a_sessions_end_expires_day_orders(engine: Engine) -> None:
    days = [
        engine.place("BTC", side="buy", price="90", quantity="1", time_in_force="day").order_id
        for _ in range(5)
    ]
    stays = rest(engine, "buy", "90", "1")
    assert engine.end_session("BTC") == tuple(days)
    assert engine.order(stays).status is OrderStatus.RESTING


def test_time_expires_all_that_is_due(engine: Engine) -> None:
    for expiry in (50, 40, 60, 50, 30):
        engine.place(
            "BTC", side="buy", price="90", quantity="1", time_in_force="gtd", expire_time_ns=expiry
        )
    expired = [event for event in engine.advance_time(50) if isinstance(event, outcry.Expired)]
    assert [event.order_id for event in expired] == [5, 2, 1, 4]
    assert (engine.time_ns, engine.open_orders) == (50, 1)
    assert engine.advance_time(10)[-1].sequence == engine.sequence
    assert engine.time_ns == 50


def test_a_group_counts_as_one(engine: Engine) -> None:
    engine.set_account(1, group=7)
    engine.set_account(2, group=7)
    rest(engine, "sell", "100", "1", account=1)
    met = engine.place("BTC", side="buy", price="100", quantity="1", account=2)
    assert met.cancel_reason is CancelReason.SELF_TRADE
    engine.set_account(2)
    traded = engine.place("BTC", side="buy", price="100", quantity="1", account=2)
    assert traded.status is OrderStatus.FILLED


def test_a_reference_gives_market_orders_their_worst_price(engine: Engine) -> None:
    engine.set_reference("BTC", "100")
    rest(engine, "sell", "111", "1")
    far = engine.place("BTC", side="buy", type="market", quantity="1", account=2)
    assert (far.fills, far.cancel_reason) == ((), CancelReason.NO_LIQUIDITY)
    engine.set_reference("BTC", None)
    near = engine.place("BTC", side="buy", type="market", quantity="1", account=2)
    assert near.status is OrderStatus.FILLED


def test_states_hold_orders_back(engine: Engine, btc: Instrument) -> None:
    order_id = rest(engine, "sell", "100", "1")
    engine.set_state(btc, "cancel_only")
    with pytest.raises(OrderRejected, match="instrument_cancel_only"):
        engine.place(btc, side="buy", price="100", quantity="1")
    engine.cancel(btc, order_id)
    engine.set_state(btc, outcry.TradingState.HALTED)
    assert engine.state(btc) is outcry.TradingState.HALTED
    with pytest.raises(InstrumentRejected, match="must be continuous, cancel_only or halted"):
        engine.set_state(btc, "auction")


def test_a_repeated_request_is_told_and_does_nothing(engine: Engine) -> None:
    request = 1 << 100
    common: dict[str, Any] = {"side": "buy", "price": "100", "quantity": "1"}
    first = engine.place("BTC", **common, request_id=request)
    with pytest.raises(RequestRepeated, match="request_id: first seen at sequence 2") as caught:
        engine.place("BTC", **common, request_id=request)
    assert caught.value.order_id == first.order_id
    assert (caught.value.first_sequence, caught.value.outcome) == (first.sequence, None)
    with pytest.raises(OrderRejected):
        engine.place("BTC", **common | {"price": "2000"}, request_id=5)
    with pytest.raises(RequestRepeated, match="refused") as caught:
        engine.place("BTC", **common, request_id=5)
    assert caught.value.outcome is RejectReason.PRICE_ABOVE_MAXIMUM
    assert engine.open_orders == 1


def test_depth_and_frame_show_both_sides_best_first(engine: Engine, btc: Instrument) -> None:
    for side, price, quantity in (
        ("buy", "99", "1"),
        ("buy", "99.5", "2"),
        ("sell", "101", "3"),
        ("sell", "100.5", "4"),
        ("sell", "100.5", "0.25"),
    ):
        rest(engine, side, price, quantity)
    depth = engine.depth(btc, levels=1)
    assert depth.bids == (Level(Decimal("99.5"), Decimal(2), 1),)
    assert depth.asks == (Level(Decimal("100.5"), Decimal("4.25"), 2),)
    assert depth.update_number == 5
    frame = engine.book_frame(btc)
    assert frame.schema == {
        "side": pl.Enum(["buy", "sell"]),
        "level": pl.UInt32,
        "price": pl.Decimal(38, 1),
        "quantity": pl.Decimal(38, 2),
        "orders": pl.UInt32,
    }
    assert frame.rows() == [
        ("buy", 1, Decimal("99.5"), Decimal(2), 1),
        ("buy", 2, Decimal(99), Decimal(1), 1),
        ("sell", 1, Decimal("100.5"), Decimal("4.25"), 2),
        ("sell", 2, Decimal(101), Decimal(3), 1),
    ]
    integers = engine.book_frame(btc, levels=1, decimals=False)
    assert integers.rows() == [("buy", 1, 199, 200, 1), ("sell", 1, 201, 425, 2)]


def test_an_empty_book_is_an_empty_frame(engine: Engine) -> None:
    frame = engine.book_frame("BTC")
    assert (frame.height, frame.columns) == (
        0,
        ["side", "level", "price", "quantity", "orders"],
    )
    assert engine.best("BTC") == (None, None)


ORDER: dict[str, Any] = {"side": "buy", "price": "100", "quantity": "1"}
LEG = outcry.Leg(**ORDER)
BadInput = tuple[Callable[[Engine], object], type[OutcryError], str]


def placing(**change: object) -> Callable[[Engine], object]:
    terms: dict[str, Any] = ORDER | change
    return lambda engine: engine.place("BTC", **terms)


def spending(**change: object) -> Callable[[Engine], object]:
    return placing(type="market", price=None, quantity=None, amount="100", **change)


# What is refused before the engine is asked: nothing changes at all.
UNASKED: list[BadInput] = [
    (placing(price=0.5), InvalidValue, "price: 0.5 is of type float"),
    (placing(price="0"), InvalidValue, "price: 0 must be above 0"),
    (placing(price="-1"), InvalidValue, "price: -1 must be above 0"),
    (placing(price="NaN"), InvalidValue, "price: NaN is not finite"),
    (placing(price="inf"), InvalidValue, "price: inf is not finite"),
    (placing(price="100.25"), InvalidValue, r"price: 100\.25 must be a multiple of 0\.5"),
    (placing(price="1e30"), InvalidValue, "price: 1e30 must be at most 46116860184273879"),
    (placing(quantity=Decimal("0.001")), InvalidValue, r"quantity: .* multiple of 0\.01"),
    (placing(quantity="0"), InvalidValue, "quantity: 0 must be above 0"),
    (placing(quantity=Decimal("-Infinity")), InvalidValue, "quantity: -Infinity is not finite"),
    (placing(quantity=1.0), InvalidValue, "quantity: 1.0 is of type float"),
    (placing(display="0.001"), InvalidValue, "display: "),
    (placing(type="stop", price=None, stop="0", trigger="rise"), InvalidValue, "stop: 0 must"),
    (placing(type="stop", price=None, stop="1", trail="1"), InvalidValue, "stop and trail must"),
    (placing(type="stop", price=None, trail_ppm=10**6), InvalidValue, "trail_ppm: 1000000 must"),
    (placing(trigger="sideways"), InvalidValue, "trigger: sideways must be one of rise, fall"),
    (placing(amount="0.000000001"), InvalidValue, "amount: .* multiple of 0.00000001"),
    (placing(side="long"), InvalidValue, "side: long must be one of buy, sell"),
    (placing(side=3), InvalidValue, "side: 3 must be one of buy, sell"),
    (placing(side=[]), InvalidValue, r"side: \[\] must be one of buy, sell"),
    (placing(side=None), InvalidValue, "side: None must be one of buy, sell"),
    (placing(type=None), InvalidValue, "type: None must be one of limit, market, stop"),
    (placing(type=5), InvalidValue, "type: 5 must be one of limit, market, stop, stop_limit"),
    (placing(self_trade=None), InvalidValue, "self_trade: None must be one of none"),
    (placing(trail_ppm=-1), InvalidValue, "trail_ppm: -1 must be an int from 0 to 999999"),
    (placing(trail_ppm=True), InvalidValue, "trail_ppm: True must be an int from 0 to 999999"),
    (placing(trail="0.7"), InvalidValue, r"trail: 0\.7 must be a multiple of 0\.5"),
    (placing(type="iceberg"), InvalidValue, "type: iceberg must be one of limit, market, stop"),
    (placing(time_in_force="gfd"), InvalidValue, "time_in_force: gfd must be one of gtc, ioc"),
    (placing(self_trade="allow"), InvalidValue, "self_trade: allow must be one of none"),
    (placing(account=-1), InvalidValue, "account: -1 must be an integer from 0"),
    (placing(account=1 << 32), InvalidValue, "account: "),
    (placing(client_order_id=""), InvalidValue, "client_order_id: .* 1 to 36 printable ASCII"),
    (placing(client_order_id="x" * 37), InvalidValue, "client_order_id: "),
    (placing(client_order_id="a b"), InvalidValue, "client_order_id: "),
    (placing(request_id=1 << 128), InvalidValue, "request_id: "),
    (placing(client_order_id="a\ud800"), InvalidValue, "client_order_id: .* 1 to 36 printable"),
    (placing(price=10**5000), InvalidValue, "price: <int> must be written in at most 128 bytes"),
    (placing(account=10**5000), InvalidValue, "account: <int> must be an integer from 0"),
    (placing(trail_ppm=10**5000), InvalidValue, "trail_ppm: <int> must be an int from 0"),
    (placing(side=10**5000), InvalidValue, "side: <int> must be one of buy, sell"),
    (spending(stop="101"), InvalidValue, "stop: and amount must not be given together"),
    (spending(trail="1"), InvalidValue, "trail: and amount must not"),
    (spending(trail_ppm=0), InvalidValue, "trail_ppm: and amount must not"),
    (spending(trigger="rise"), InvalidValue, "trigger: and amount must not"),
    (spending(display="1"), InvalidValue, "display: and amount must not"),
    (spending(expire_time_ns=9), InvalidValue, "expire_time_ns: and amount must not"),
    (lambda engine: engine.advance_time(10**5000), InvalidValue, "time_ns: <int> must be an int"),
    (placing(time_ns=-1), InvalidValue, "time_ns: -1 must be an integer from 0"),
    (placing(expire_time_ns=1.5), InvalidValue, "expire_time_ns: 1.5 must be an integer"),
    (lambda engine: engine.place("ETH", **ORDER), UnknownSymbol, "symbol: 'ETH' is no instrument"),
    (lambda engine: engine.cancel("ETH", 1), UnknownSymbol, "symbol: 'ETH'"),
    (lambda engine: engine.depth("ETH"), UnknownSymbol, "symbol: 'ETH'"),
    (lambda engine: engine.depth("BTC", -1), InvalidValue, "levels: -1 must be an int from 0"),
    (lambda engine: engine.cancel("BTC", -1), InvalidValue, "order_id: -1 must be an integer"),
    (lambda engine: engine.order(99), UnknownOrder, "order_id: unknown_order: 99 is no open"),
    (lambda engine: engine.queue_position(99), UnknownOrder, "order_id: unknown_order: 99"),
    (lambda engine: engine.advance_time(-1), InvalidValue, "time_ns: -1 must be an int from 0"),
    (lambda engine: engine.mass_cancel(account=-1), InvalidValue, "account: -1 must be"),
    (lambda engine: engine.set_reference("BTC", 0.5), InvalidValue, "price: 0.5 is of type"),  # type: ignore[arg-type]
    (lambda engine: engine.set_state("BTC", "open"), InvalidValue, "state: open must be one of"),
]

# What the engine refuses: nothing changes but the sequence.
REFUSED: list[BadInput] = [
    (lambda engine: engine.cancel("BTC", 99), UnknownOrder, "order_id: unknown_order: 99 is no"),
    (lambda engine: engine.cancel("BTC", 1, account=2), UnknownOrder, "unknown_order: 1 is no"),
    (lambda engine: engine.cancel("BTC", 0), OrderRejected, "order_id: invalid_order_id"),
    (
        lambda engine: engine.replace("BTC", 99, price="1", quantity="1"),
        UnknownOrder,
        "unknown_order: 99 is no",
    ),
    (
        lambda engine: engine.replace("BTC", client_order_id="none", price="1", quantity="1"),
        UnknownOrder,
        "the name is no open order",
    ),
    (placing(price="1000.5"), OrderRejected, "price_above_maximum, the bound is 1000.0"),
    (placing(quantity="100.01"), OrderRejected, "quantity_above_maximum, the bound is 100.00"),
    (placing(price=None), OrderRejected, "price: invalid_price, must be above 0"),
    (placing(quantity=None), OrderRejected, "quantity: invalid_quantity, must be above 0"),
    (placing(account=0), OrderRejected, "account: invalid_account, must be above 0"),
    (placing(display="2"), OrderRejected, "display: invalid_display, must be at most"),
    (placing(stop="5"), OrderRejected, "stop: invalid_stop"),
    (placing(type="stop", price=None, stop="5"), OrderRejected, "trigger: invalid_trigger"),
    (placing(time_in_force="gtd"), OrderRejected, "expire_time_ns: invalid_expiry"),
    (placing(post_only=True, time_in_force="ioc"), OrderRejected, "post_only: invalid_flags"),
    (placing(price="101", post_only=True), OrderRejected, "price: would_take"),
    (
        placing(type="market", price=None, time_in_force="gtc"),
        OrderRejected,
        "time_in_force: invalid_time_in_force, must be",
    ),
]


@pytest.mark.parametrize(("act", "error", "text"), UNASKED)
def test_what_cannot_be_taken_is_named_and_changes_nothing(
    engine: Engine, act: Callable[[Engine], object], error: type[OutcryError], text: str
) -> None:
    rest(engine, "sell", "101", "1")
    before = engine.state_hash()
    with pytest.raises(error, match=text) as caught:
        act(engine)
    assert type(caught.value) is error
    assert getattr(caught.value, "field", None)
    assert engine.state_hash() == before


@pytest.mark.parametrize(("act", "error", "text"), REFUSED)
def test_what_the_engine_refuses_changes_the_sequence_alone(
    engine: Engine, act: Callable[[Engine], object], error: type[CommandRejected], text: str
) -> None:
    rest(engine, "sell", "101", "1")
    sequence, book, opened = engine.sequence, engine.depth("BTC"), engine.open_orders
    with pytest.raises(error, match=text) as caught:
        act(engine)
    assert type(caught.value) is error
    assert isinstance(caught.value, CommandRejected)
    assert str(caught.value).startswith(f"{caught.value.field}: ")
    assert caught.value.sequence == engine.sequence == sequence + 1
    assert (engine.depth("BTC"), engine.open_orders) == (book, opened)
    assert [type(event) for event in engine.last_events()] == [outcry.Rejected]


class Quoted(str):
    """A symbol by another class."""

    __slots__ = ()


# Every method that takes an instrument; what it says of another thing, it says of this argument.
TAKERS: list[tuple[Callable[[Engine, Any], object], str]] = [
    (lambda engine, taken: engine.place(taken, **ORDER), "instrument"),
    (lambda engine, taken: engine.replace(taken, 1, price="100", quantity="2"), "instrument"),
    (lambda engine, taken: engine.cancel(taken, 1), "instrument"),
    (lambda engine, taken: engine.end_order(taken, 1), "instrument"),
    (lambda engine, taken: engine.place_list(taken, "oto", [LEG, LEG]), "instrument"),
    (lambda engine, taken: engine.open_lists(instrument=taken), "instrument"),
    (lambda engine, taken: engine.mass_cancel(instrument=taken), "instrument"),
    (lambda engine, taken: engine.end_session(taken), "instrument"),
    (lambda engine, taken: engine.set_state(taken, "halted"), "instrument"),
    (lambda engine, taken: engine.set_reference(taken, "100"), "instrument"),
    (lambda engine, taken: engine.update_instrument(taken, tick="0.5", lot="0.01"), "instrument"),
    (lambda engine, taken: engine.instrument(taken), "symbol"),
    (lambda engine, taken: engine.state(taken), "instrument"),
    (lambda engine, taken: engine.last_trade(taken), "instrument"),
    (lambda engine, taken: engine.best(taken), "instrument"),
    (lambda engine, taken: engine.depth(taken), "instrument"),
    (lambda engine, taken: engine.book_frame(taken), "instrument"),
    (lambda engine, taken: engine.orders(instrument=taken), "instrument"),
]


def test_the_table_has_every_method_that_takes_an_instrument() -> None:
    taking = {
        name
        for name, method in inspect.getmembers(Engine, inspect.isroutine)
        if not name.startswith("_")
        and {"instrument", "symbol"} & set(inspect.signature(method).parameters)
    }
    tried = {act.__code__.co_names[0] for act, _ in TAKERS}
    assert taking - {"add_instrument", "cancel_list"} == tried


@pytest.mark.parametrize(("act", "field"), TAKERS)
@pytest.mark.parametrize(
    "thing", [99, 1.5, b"BTC", ["BTC"], object()], ids=lambda thing: type(thing).__name__
)
def test_only_instruments_and_symbols_are_taken(
    engine: Engine, act: Callable[[Engine, Any], object], field: str, thing: object
) -> None:
    rest(engine, "buy", "100", "1")
    before = engine.state_hash()
    with pytest.raises(InvalidValue) as caught:
        act(engine, thing)
    kind = type(thing).__name__
    bound = f"is of type {kind}: give an Instrument or its symbol"
    assert (caught.value.field, caught.value.value) == (field, repr(thing))
    assert caught.value.bound == bound
    assert engine.state_hash() == before


@pytest.mark.parametrize(("act", "field"), TAKERS)
def test_an_instrument_or_its_symbol_means_the_same(
    act: Callable[[Engine, Any], object], field: str
) -> None:
    digests = []
    for kind in (str, Quoted, None):
        engine = Engine()
        engine.add_instrument("X", base="X", quote="USD", tick="1", lot="1")
        engine.add_instrument("BTC", base="BTC", quote="USD", tick="0.5", lot="0.01")
        taken = engine.instrument("BTC") if kind is None else kind("BTC")
        rest(engine, "buy", "100", "1")
        act(engine, taken)
        digests.append((engine.digest, engine.state_hash()))
        with pytest.raises(UnknownSymbol, match="symbol: 'ETH'"):
            act(engine, "ETH")
    assert digests[0] == digests[1] == digests[2]
    assert field in {"instrument", "symbol"}


def test_an_instrument_of_another_engine_is_known_by_its_symbol(engine: Engine) -> None:
    other = Engine()
    other.add_instrument("X", base="X", quote="USD", tick="1", lot="1")
    coarse = other.add_instrument("BTC", base="BTC", quote="USD", tick="10", lot="1")
    placed = engine.place(coarse, side="buy", price="100.5", quantity="0.25")
    assert engine.order(placed.order_id).price == Decimal("100.5")
    assert engine.best("BTC")[0] == Level(Decimal("100.5"), Decimal("0.25"), 1)


def test_an_order_goes_by_the_steps_as_they_stand(engine: Engine, btc: Instrument) -> None:
    engine.update_instrument(btc, tick="0.25", lot="0.1")
    placed = engine.place(btc, side="buy", price="100.25", quantity="0.3")
    assert str(placed.open_quantity) == "0.3"
    with pytest.raises(InvalidValue, match=r"quantity: 0\.01 must be a multiple of 0\.1"):
        engine.place(btc, side="buy", price="100.25", quantity="0.01")


def test_a_placement_is_a_plain_named_tuple(engine: Engine) -> None:
    rest(engine, "sell", "100", "1")
    placed = engine.place("BTC", side="buy", price="100", quantity="1", account=2)
    fill = Fill(1, Decimal("100.0"), Decimal("1.00"), 1, 2)
    expected = Placement(2, OrderStatus.FILLED, Decimal("0.00"), (fill,), None, 3, 0)
    assert type(placed) is Placement
    assert type(placed.fills[0]) is Fill
    assert (placed, repr(placed), hash(placed)) == (expected, repr(expected), hash(expected))
    assert placed.status is OrderStatus.FILLED
    assert pickle.loads(pickle.dumps(placed)) == placed
    assert placed._replace(sequence=4).sequence == 4


def test_every_placement_tells_its_own_figures() -> None:
    """Decimals that were made before are handed out again: never for other units."""
    engine = Engine()
    for symbol, lot in (("A", "0.01"), ("B", "0.25")):
        engine.add_instrument(symbol, base=symbol, quote="USD", tick="0.01", lot=lot)
    for lots in [*range(1, 2_000), *range(2_000, 0, -1)]:
        for symbol, quantity in (("A", Decimal(lots).scaleb(-2)), ("B", lots * Decimal("0.25"))):
            price = Decimal(lots).scaleb(-2)
            sold = engine.place(symbol, side="sell", price=price, quantity=quantity, account=1)
            bought = engine.place(symbol, side="buy", price=price, quantity=quantity, account=2)
            assert str(sold.open_quantity) == str(quantity)
            assert str(bought.open_quantity) == "0.00"
            fill = bought.fills[0]
            assert (str(fill.price), str(fill.quantity)) == (str(price), str(quantity))


def test_errors_survive_a_pickle() -> None:
    errors: list[OutcryError] = [
        InvalidValue("price", "0", "must be above 0"),
        UnknownSymbol("ETH"),
        OrderRejected(RejectReason.PRICE_ABOVE_MAXIMUM, 7, 0, 3),
        UnknownOrder(RejectReason.UNKNOWN_ORDER, 0, 9, 3),
        RequestRepeated(1, 2, 0),
        outcry.MalformedRecord(64, "kind", "0x00 is no command"),
        outcry.EngineBusy(),
        outcry.UnverifiedFigure("matching/w1", "the hash differs"),
        outcry.DirectoryLocked("data", 7),
        outcry.JournalDamaged("data/journal/1.journal", 64, "a bit"),
        outcry.NewerFormat("data/journal/1.journal", "format", 2, 1),
        outcry.SettingsDiffer("shard", 1, 2),
        outcry.Overloaded("command ring", 8),
        outcry.ExchangeHalted("disk_full", "write"),
        outcry.EventsGap(3, 9),
        outcry.EventsGone(5),
        outcry.InvalidSetting("spin", "2", "must be a truth"),
    ]
    for error in errors:
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again)) == (type(error), str(error))
