"""Goal: an exchange on a disk does what it is asked, remembers it, and says what stops it.

Method: calls that wait and calls that are awaited tell the same stories on real directories; what
cannot be opened and what cannot be asked is named.
"""

import asyncio
import contextlib
import inspect
import os
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

import outcry
from outcry import (
    AsyncExchange,
    Balance,
    CancelReason,
    DirectoryLocked,
    EventsGap,
    Exchange,
    ExchangeHalted,
    InstrumentRejected,
    InsufficientBalance,
    InvalidValue,
    JournalDamaged,
    Level,
    MalformedRecord,
    NewerFormat,
    Order,
    OrderRejected,
    OrderStatus,
    Overloaded,
    QueuePosition,
    RequestRepeated,
    Settings,
    SettingsDiffer,
    TradingState,
    UnknownAsset,
    UnknownOrder,
    UnknownSymbol,
)

FAST = Settings(durability="none", segment_bytes=1 << 20, snapshot_interval_ms=0)
PAIR: dict[str, Any] = {"base": "BTC", "quote": "USD", "tick": "0.5", "lot": "0.02"}


def furnish(exchange: Exchange) -> None:
    exchange.add_asset("BTC", 8)
    exchange.add_asset("USD", 2)
    exchange.add_instrument("BTCUSD", **PAIR)
    exchange.set_account(1)
    exchange.set_account(2, maker_rate_ppm=-100, taker_rate_ppm=1_000)
    exchange.deposit(1, "USD", "1000", source=(1, 1))
    exchange.deposit(2, "BTC", "3", source=(1, 2))


class Awaited:
    """The asyncio form, called as the form that waits: one story serves both."""

    def __init__(self, path: Path) -> None:
        self._runner = asyncio.Runner()
        self._exchange = self._runner.run(AsyncExchange.open(path, FAST))

    def __getattr__(self, name: str) -> Callable[..., object]:
        found = getattr(self._exchange, name)

        async def act(*args: object, **kwargs: object) -> object:
            result = found(*args, **kwargs)
            return await result if isinstance(result, Awaitable) else result

        return lambda *args, **kwargs: self._runner.run(act(*args, **kwargs))

    def close(self) -> None:
        self._runner.run(self._exchange.close())
        self._runner.close()


@pytest.fixture(params=["waited", "awaited"])
def exchange(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Exchange]:
    if request.param == "waited":
        opened = Exchange.open(tmp_path, FAST)
    else:
        opened = cast("Exchange", Awaited(tmp_path))
    with contextlib.closing(opened):
        furnish(opened)
        yield opened


def balance(available: str, held: str = "0") -> Balance:
    return Balance(Decimal(available), Decimal(held))


def test_orders_hold_trade_and_settle(exchange: Exchange) -> None:
    bid = exchange.place("BTCUSD", side="buy", price="100", quantity="2", account=1)
    assert (str(bid.status), bid.open_quantity, bid.fills) == ("resting", Decimal(2), ())
    assert exchange.balances(1) == {"USD": balance("800", "200")}
    taken = exchange.place("BTCUSD", side="sell", price="90", quantity="1", account=2)
    assert (taken.status, taken.open_quantity) == (OrderStatus.FILLED, Decimal(0))
    assert [(fill.price, fill.quantity) for fill in taken.fills] == [(Decimal(100), Decimal(1))]
    assert exchange.balances(1) == {"BTC": balance("1"), "USD": balance("800", "100")}
    assert exchange.balances(2) == {"BTC": balance("2"), "USD": balance("99.90")}
    assert exchange.balances(outcry.FEE_ACCOUNT) == {"USD": balance("0.10")}
    assert exchange.last_trade("BTCUSD") == 100
    assert exchange.order(bid.order_id).done_quantity == 1
    assert exchange.cancel("BTCUSD", bid.order_id, account=1) == 1
    with pytest.raises(UnknownOrder, match=f"{bid.order_id} is no open order here"):
        exchange.order(bid.order_id)


# What becomes of an order that meets an offer of 2 at 100 of account 2, as an engine tells it.
ORDERS: list[dict[str, Any]] = [
    {"price": "100", "quantity": "3"},
    {"price": "100", "quantity": "3", "time_in_force": "ioc"},
    {"price": "100", "quantity": "3", "time_in_force": "fok"},
    {"price": "99", "quantity": "3"},
    {"price": "99", "quantity": "3", "display": "1"},
    {"type": "market", "quantity": "3"},
    {"type": "market", "amount": "130.75"},
    {"type": "stop", "stop": "120", "trigger": "rise", "quantity": "1"},
    {"type": "stop_limit", "stop": "120", "trigger": "rise", "price": "121", "quantity": "1"},
    {"price": "100", "quantity": "3", "self_trade": "decrement"},
]


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("account", [1, 2])
def test_a_placement_is_what_an_engine_says(
    exchange: Exchange, order: dict[str, Any], account: int
) -> None:
    engine: Any = outcry.Engine(money=True)
    furnish(engine)
    filters = outcry.Filters(market_band_ppm=500_000)
    told = []
    for venue in (engine, exchange):
        venue.update_instrument("BTCUSD", tick="0.5", lot="0.02", filters=filters)
        venue.set_reference("BTCUSD", "100")
        venue.deposit(2, "USD", "1000", source=(1, 3))
        venue.place("BTCUSD", side="sell", price="100", quantity="2", account=2)
        placed = venue.place("BTCUSD", side="buy", **order, account=account)
        # An exchange has a clock of its own.
        told.append(placed._replace(time_ns=0))
    assert told[0] == told[1]
    assert [str(part) for part in told[0]] == [str(part) for part in told[1]]


@pytest.mark.parametrize("total", ["5", "3", "2", "1"])
def test_a_replaced_order_says_what_is_left(exchange: Exchange, total: str) -> None:
    order = exchange.place("BTCUSD", side="buy", price="100", quantity="4", account=1)
    exchange.place("BTCUSD", side="sell", price="100", quantity="2", account=2)
    moved = exchange.replace("BTCUSD", order.order_id, price="100", quantity=total, account=1)
    left = max(Decimal(total) - 2, Decimal(0))
    assert moved.open_quantity == left
    assert moved.status is (OrderStatus.RESTING if left else OrderStatus.CANCELLED)
    assert moved.cancel_reason is (None if left else CancelReason.REPLACED)


def test_reads_see_what_was_answered(exchange: Exchange) -> None:
    first = exchange.place(
        "BTCUSD", side="buy", price="100", quantity="1", account=1, client_order_id="mine"
    )
    exchange.place("BTCUSD", side="buy", price="100", quantity="2", account=1)
    exchange.place("BTCUSD", side="sell", price="200", quantity="1", account=2)
    orders = exchange.open_orders(account=1)
    assert [type(order) for order in orders] == [Order, Order]
    assert exchange.client_order(1, "mine") == orders[0]
    assert len(exchange.open_orders()) == len(exchange.open_orders(instrument="BTCUSD")) == 3
    assert len(exchange.open_orders(most=1)) == 1
    ahead = exchange.queue_position("BTCUSD", orders[1].order_id)
    assert ahead == QueuePosition(1, Decimal(1))
    depth = exchange.depth("BTCUSD")
    assert depth.bids == (Level(Decimal(100), Decimal(3), 2),)
    assert exchange.best("BTCUSD") == (depth.bids[0], depth.asks[0])
    assert exchange.book_frame("BTCUSD", decimals=False)["quantity_lots"].to_list() == [150, 50]
    assert [asset.name for asset in exchange.assets()] == ["BTC", "USD"]
    assert [account.number for account in exchange.accounts()] == [1, 2]
    assert [account.number for account in exchange.accounts(from_account=2)] == [2]
    assert [account.number for account in exchange.accounts(most=1)] == [1]
    assert [getattr(exchange.account(number), "group", None) for number in (2, 9)] == [2, None]
    assert exchange.instruments() == (exchange.instrument("BTCUSD"),)
    assert len(exchange.state_hash()) == 32
    assert exchange.cancel("BTCUSD", client_order_id="mine", account=1) == 1
    with pytest.raises(UnknownOrder):
        exchange.client_order(1, "mine")
    assert exchange.order(first.order_id + 1).open_quantity == 2


def test_withdrawals_transfers_and_states(exchange: Exchange) -> None:
    withdrawal = exchange.withdraw(1, "USD", "100", request_id=5)
    assert exchange.withdrawals() == (withdrawal,)
    with pytest.raises(RequestRepeated) as caught:
        exchange.withdraw(1, "USD", "100", request_id=5)
    assert caught.value.first_sequence == withdrawal.sequence
    exchange.settle_withdrawal(withdrawal, posted=False, source=(3, 1))
    assert exchange.transfer(1, 2, "USD", "1", source=(3, 2)) == balance("999")
    exchange.set_state("BTCUSD", "halted")
    assert exchange.state("BTCUSD") is TradingState.HALTED
    with pytest.raises(OrderRejected, match="instrument: instrument_halted"):
        exchange.place("BTCUSD", side="buy", price="100", quantity="1", account=1)


def test_a_mass_cancel_goes_on_until_all_are_gone(tmp_path: Path) -> None:
    settings = FAST.model_copy(update={"mass_max": 2, "money": False})
    with Exchange.open(tmp_path, settings) as exchange:
        exchange.add_instrument("X", base="A", quote="B", tick="1", lot="1")
        placed = [
            exchange.place("X", side="buy", price=price, quantity=1, time_in_force="day").order_id
            for price in range(1, 8)
        ]
        assert exchange.mass_cancel(side="sell") == ()
        assert exchange.mass_cancel() == tuple(placed)
        day = exchange.place("X", side="buy", price=1, quantity=1, time_in_force="day").order_id
        assert exchange.end_session("X") == (day,)


REFUSED: list[tuple[Callable[[Any], object], type[Exception], str]] = [
    (
        lambda e: e.place("BTCUSD", side="buy", price="100", quantity="11", account=1),
        InsufficientBalance,
        "1000.00 USD are available, 1100.00 are needed",
    ),
    (
        lambda e: e.place("BTCUSD", side="buy", price="100.2", quantity="1", account=1),
        InvalidValue,
        "price: 100.2 must be a multiple of 0.5",
    ),
    (
        lambda e: e.place("BTCUSD", side="buy", price="100", quantity="1", account=1, time_ns=5),
        InvalidValue,
        "time_ns: 5 must be 0",
    ),
    (
        lambda e: e.place("ETHUSD", side="buy", price="100", quantity="1", account=1),
        UnknownSymbol,
        "symbol: 'ETHUSD'",
    ),
    (lambda e: e.cancel("BTCUSD", 99, account=1), UnknownOrder, "99 is no open order"),
    (lambda e: e.deposit(1, "EUR", "1", source=(1, 9)), UnknownAsset, "asset: 'EUR'"),
    (lambda e: e.deposit(1, "USD", "1", source=(1, 1)), RequestRepeated, "below the last one"),
    (lambda e: e.add_asset("USD", 4), outcry.AccountRejected, "asset_exists"),
    (lambda e: e.add_instrument("BTCUSD", **PAIR), InvalidValue, "symbol: 'BTCUSD'"),
    (
        lambda e: e.add_instrument("X", **PAIR, base_decimals=7),
        InstrumentRejected,
        "asset_decimals",
    ),
    (lambda e: e.balances(2**32), InvalidValue, "account: 4294967296"),
    (lambda e: e.open_orders(most=-1), InvalidValue, "most: -1"),
    (lambda e: e.depth("BTCUSD", -1), InvalidValue, "levels: -1"),
    (lambda e: e.apply(b"\x41" * 63), MalformedRecord, "offset 0"),
]


@pytest.mark.parametrize(("act", "error", "text"), REFUSED)
def test_what_cannot_be_done_is_named_and_changes_nothing(
    exchange: Exchange, act: Callable[[Any], object], error: type[Exception], text: str
) -> None:
    before = exchange.balances(1), exchange.open_orders(), exchange.assets()
    with pytest.raises(error, match=text) as caught:
        act(exchange)
    assert type(caught.value) is error
    assert (exchange.balances(1), exchange.open_orders(), exchange.assets()) == before


def test_a_batch_is_answered_in_its_order(exchange: Exchange) -> None:
    orders = outcry.limit_orders(
        instrument=1, account=1, side=[1, 9, 1], price_ticks=[10, 10, 12], quantity_lots=5
    )
    events = list(outcry.read_events(exchange.apply(orders)))
    kinds = [type(event).__name__ for event in events if type(event) is not outcry.BalanceChanged]
    assert kinds == ["Accepted", "Rejected", "Accepted"]
    assert exchange.apply(b"").shape == (0,)


@pytest.mark.parametrize("count", [1_025, 70_000])
def test_a_batch_of_any_length_is_done_whole(exchange: Exchange, count: int) -> None:
    orders = outcry.limit_orders(
        instrument=1,
        account=1,
        side=1,
        price_ticks=1,
        quantity_lots=np.ones(count, np.uint64),
        time_in_force=outcry.TimeInForce.IOC,
    )
    events = exchange.apply(orders)
    assert np.count_nonzero(events["kind"] == outcry.EventKind.ACCEPTED) == count
    sequences = events["sequence_or_price"][events["kind"] == outcry.EventKind.ACCEPTED]
    assert (np.diff(sequences) > 0).all()


def test_events_above_their_bound_are_dropped_and_said(tmp_path: Path) -> None:
    settings = FAST.model_copy(update={"client_reply_bytes_max": 1 << 16, "money": False})
    with Exchange.open(tmp_path, settings) as exchange:
        exchange.add_instrument("X", base="A", quote="B", tick="1", lot="1")
        many = outcry.limit_orders(
            instrument=1, account=1, side=1, price_ticks=1, quantity_lots=np.ones(50_000, np.uint64)
        )
        with contextlib.suppress(EventsGap):
            exchange.apply(many)
        # All of it was done, and nothing of it is left for whoever calls next.
        assert exchange.status().open_orders == 50_000
        assert len(exchange.apply(many[:3])) == 3
        assert exchange.place("X", side="buy", price=1, quantity=1).order_id == 50_004


def test_a_batch_may_define_instruments(exchange: Exchange) -> None:
    source = outcry.Engine()
    source.add_instrument("OTHER", base="BTC", quote="USD", tick="1", lot="1", quote_decimals=2)
    definition = np.frombuffer(bytes(memoryview(source._native.instruments())), outcry.INSTRUMENT)
    records = definition.copy()
    records["instrument"] = 7
    limits = np.zeros(1, outcry.INSTRUMENT_LIMITS)
    limits["kind"], limits["version"] = outcry.CommandKind.INSTRUMENT_LIMITS, 1
    limits["instrument"] = 7
    exchange.apply(records.tobytes() + limits.tobytes())
    assert exchange.instrument("OTHER").number == 7
    assert exchange.add_instrument("NEXT", **PAIR).number == 8


def test_a_batch_that_cannot_be_read_on_keeps_what_was_done(exchange: Exchange) -> None:
    order = outcry.limit_orders(instrument=1, account=1, side=1, price_ticks=9, quantity_lots=1)
    with pytest.raises(MalformedRecord, match="offset 64") as caught:
        exchange.apply(order.tobytes() + b"\x41" * 10)
    assert len(exchange.open_orders()) == 1
    events = list(outcry.read_events(cast("bytes", caught.value.events)))
    assert [type(event) for event in events] == [outcry.Accepted, outcry.BalanceChanged]


def test_what_was_answered_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    with Exchange.open(tmp_path, FAST) as exchange:
        assert exchange.recovery.is_new
        furnish(exchange)
        order = exchange.place("BTCUSD", side="buy", price="100", quantity="2", account=1)
        before = exchange.balances(1), exchange.state_hash(), exchange.status().sequence
    for _ in range(2):
        with Exchange.open(tmp_path, FAST) as exchange:
            assert not exchange.recovery.is_new
            assert exchange.recovery.sequence == before[2]
            assert (exchange.balances(1), exchange.state_hash()) == before[:2]
            assert exchange.order(order.order_id).price == 100
            assert exchange.depth("BTCUSD").bids[0].quantity == 2
            with pytest.raises(RequestRepeated):
                exchange.deposit(1, "USD", "1000", source=(1, 1))
            before = exchange.balances(1), exchange.state_hash(), exchange.status().sequence
    placed = None
    with Exchange.open(tmp_path, FAST) as exchange:
        placed = exchange.place("BTCUSD", side="sell", price="100", quantity="1", account=2)
    assert [fill.maker_order_id for fill in placed.fills] == [order.order_id]


def test_the_file_of_a_directory_says_how_it_runs(tmp_path: Path) -> None:
    (tmp_path / "outcry.toml").write_text('durability = "interval"\ndurability_interval_ms = 20\n')
    with Exchange.open(tmp_path) as exchange:
        assert exchange.status().durability == "interval 20 ms"
        assert exchange.settings.durability_interval_ms == 20


@pytest.mark.parametrize("field", ["shard", "money", "mass_max", "accounts_max"])
def test_rules_cannot_change_over_a_directorys_life(tmp_path: Path, field: str) -> None:
    Exchange.open(tmp_path, FAST).close()
    other = FAST.model_copy(update={field: False if field == "money" else 3})
    with pytest.raises(SettingsDiffer, match=field):
        Exchange.open(tmp_path, other)
    Exchange.open(tmp_path, FAST).close()


def test_a_second_process_is_told_who_holds_the_directory(tmp_path: Path) -> None:
    script = (
        "import sys, outcry\n"
        "try: outcry.Exchange.open(sys.argv[1])\n"
        "except outcry.DirectoryLocked as held: print(held.pid, held)\n"
    )
    with Exchange.open(tmp_path, FAST):
        with pytest.raises(DirectoryLocked) as caught:
            Exchange.open(tmp_path, FAST)
        assert caught.value.pid == os.getpid()
        told = subprocess.run(
            [sys.executable, "-c", script, tmp_path], check=True, capture_output=True, text=True
        ).stdout
    assert told == f"{os.getpid()} {tmp_path}: held by process {os.getpid()}\n"


def first_segment(path: Path) -> Path:
    return min((path / "journal").glob("*.journal"))


def test_damage_is_named_by_file_and_offset(tmp_path: Path) -> None:
    with Exchange.open(tmp_path, FAST) as exchange:
        furnish(exchange)
    segment = first_segment(tmp_path)
    data = bytearray(segment.read_bytes())
    data[700] ^= 1
    segment.write_bytes(data)
    for snapshot in (tmp_path / "snapshots").iterdir():
        snapshot.unlink()
    with pytest.raises(JournalDamaged) as caught:
        Exchange.open(tmp_path, FAST)
    assert Path(caught.value.file) == segment
    assert 0 < caught.value.offset <= 700


def test_a_newer_format_is_refused_by_name(tmp_path: Path) -> None:
    with Exchange.open(tmp_path, FAST) as exchange:
        furnish(exchange)
    manifest = max((tmp_path / "snapshots").glob("*.manifest"))
    assert manifest.exists()
    segment = first_segment(tmp_path)
    data = bytearray(segment.read_bytes())
    data[8] = 9
    data[60:64] = crc32c(bytes(data[:60])).to_bytes(4, "little")
    segment.write_bytes(data)
    with pytest.raises(NewerFormat) as caught:
        Exchange.open(tmp_path, FAST)
    assert (caught.value.found, caught.value.known) == (9, 1)
    assert "format 9 is not 1" in str(caught.value)


def crc32c(data: bytes) -> int:
    crc = 0xFFFF_FFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F6_3B78 if crc & 1 else 0)
    return crc ^ 0xFFFF_FFFF


def test_a_closed_exchange_says_so(tmp_path: Path) -> None:
    exchange = Exchange.open(tmp_path, FAST)
    furnish(exchange)
    assert exchange.close() == 7
    assert exchange.close() is None
    assert exchange.halt == ("closed", "the exchange was closed")
    acts: list[Callable[[], object]] = [
        lambda: exchange.place("BTCUSD", side="buy", price="1", quantity="1", account=1),
        lambda: exchange.balances(1),
        lambda: exchange.depth("BTCUSD"),
        lambda: exchange.apply(outcry.cancels(instrument=1, account=1, order_id=1)),
        exchange.status,
        exchange.snapshot,
        lambda: next(exchange.events(1)),
    ]
    for act in acts:
        with pytest.raises(ExchangeHalted, match="closed"):
            act()


def test_threads_call_at_the_same_time(tmp_path: Path) -> None:
    with Exchange.open(tmp_path, FAST) as exchange, ThreadPoolExecutor(8) as threads:
        furnish(exchange)
        start = threading.Barrier(8)

        def trade(number: int) -> list[int]:
            start.wait()
            place = exchange.place
            return [
                place("BTCUSD", side="buy", price=number + 1, quantity="0.02", account=1).order_id
                for _ in range(50)
            ]

        placed = [order_id for ids in threads.map(trade, range(8)) for order_id in ids]
        assert sorted(placed) == list(range(1, 401))
        assert exchange.status().clients <= 9


def test_bounds_on_clients_are_named(tmp_path: Path) -> None:
    settings = FAST.model_copy(update={"clients_max": 1})
    with Exchange.open(tmp_path, settings) as exchange:

        async def attach() -> None:
            AsyncExchange(exchange)

        with pytest.raises(Overloaded, match="the number of clients is full, its bound is 1"):
            asyncio.run(attach())


def test_both_forms_have_the_same_calls() -> None:
    def calls(form: type) -> set[str]:
        public = {name for name, _ in inspect.getmembers(form) if not name.startswith("_")}
        # Questions that others made are asked of the awaited form alone, by the gateways.
        return public - {"open", "close", "ask"}

    assert calls(Exchange) == calls(AsyncExchange)
    for name in calls(Exchange):
        for form in (Exchange, AsyncExchange):
            documentation = inspect.getdoc(getattr(form, name))
            assert documentation, f"{form.__name__}.{name}"


def test_a_child_does_not_keep_the_directory_locked(tmp_path: Path) -> None:
    exchange = Exchange.open(tmp_path)
    with warnings.catch_warnings():
        # The threads stay with the parent, which is the point.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        signal.pause()
    try:
        exchange.close()
        Exchange.open(tmp_path).close()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
