"""The rows of the REST gateway: a server in a process of its own, loaded from this one.

Beside each stand two echoes, which parse a signed order, check it and answer: what a server could
do at best that is written in the same language on the same machine.
"""

import hmac
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep, time_ns
from typing import Final

from outcry import _native
from outcry.bench.echo import SECRET
from outcry.bench.figure import Figure, PeerFigure, Row
from outcry.errors import UnverifiedFigure
from outcry.exchange import Exchange
from outcry.gateways.keys import KeyStore, Scope
from outcry.projections.history import History

ORDER_SIGNED: Final = "rest/order_signed"
ORDER_P99: Final = "rest/order_signed/p99"
DEPTH: Final = "rest/depth100"
KLINES: Final = "rest/klines500"
ACCOUNT: Final = "rest/account"
OPEN_ORDERS: Final = "rest/open_orders"
UNIT: Final = "k requests/s"
CONNECTIONS: Final = 64
COUNT: Final = 30_000
SYMBOL: Final = "BTCUSDT"
ASSETS: Final = 50
OPEN: Final = 200
LEVELS: Final = 100
CANDLES: Final = 500

_ACCOUNTS: Final = 64
_PRICE: Final = 60_000
_PLENTY: Final = "1000000000"
_NO_LIMIT: Final = str((1 << 32) - 1)
_LIMITS: Final = {
    f"OUTCRY_SERVE__{name}": _NO_LIMIT
    for name in ("REQUEST_WEIGHT_MAX", "RAW_REQUESTS_MAX", "ORDERS_10S_MAX", "ORDERS_1D_MAX")
}
_CATCH_UP_S: Final = 60.0
_STEADY_S: Final = 0.5
_SETTLED_S: Final = 2.0
_OK: Final = 200
_NS_PER_MS: Final = 1_000_000


@dataclass(frozen=True)
class Loaded:
    """What came of a load.

    Attributes:
        rate: Thousands of requests a second.
        p99_ms: 99 of 100 were answered in so long, in milliseconds.
        order_ids: The orders that were told.
    """

    rate: float
    p99_ms: float
    order_ids: list[int]


@dataclass(frozen=True)
class Trader:
    """Who asks: the account and its key."""

    account: int
    api_key: str
    secret: str

    def request(self, method: str, path: str, query: str) -> bytes:
        """Return a signed request as it goes over the wire."""
        said = f"{query}&timestamp={time_ns() // _NS_PER_MS}&recvWindow=60000".lstrip("&")
        signature = hmac.digest(self.secret.encode(), said.encode(), "sha256").hex()
        return (
            f"{method} {path}?{said}&signature={signature} HTTP/1.1\r\nhost: localhost\r\n"
            f"x-mbx-apikey: {self.api_key}\r\ncontent-length: 0\r\n\r\n"
        ).encode()


def public_request(path: str) -> bytes:
    """Return a request that needs no key."""
    return f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode()


def order_signed(folder: Path, runs: int, count: int = 0) -> list[Row]:
    """Measure signed orders, of which about half trade, and check that each was told once."""
    count = count or COUNT
    rates, latencies = [], []
    for _ in range(runs):
        with _venue(folder) as (path, traders):
            requests = [*_orders(traders, count)]
            with _server(path) as port:
                loaded = load(port, requests)
                _require_caught_up(path, count)
            if len(set(loaded.order_ids)) != count:
                problem = f"{len(set(loaded.order_ids))} orders were told of {count}"
                raise UnverifiedFigure(ORDER_SIGNED, problem)
            rates.append(loaded.rate)
            latencies.append(loaded.p99_ms)
    setting = (
        f"{count} LIMIT orders of {_ACCOUNTS} accounts over {CONNECTIONS} connections, each with "
        "one on its way; HMAC checked, acknowledged behind the fdatasync; the history follows"
    )
    return [
        Row(Figure(ORDER_SIGNED, UNIT, tuple(rates), setting), _echoes(runs, count)),
        Row(Figure(ORDER_P99, "ms", tuple(latencies), setting)),
    ]


def _reading(name: str, path: str, query: str, what: str) -> Callable[..., list[Row]]:
    """Return the measurement of a route that reads; with a query it is signed."""

    def measured(folder: Path, runs: int, count: int = 0) -> list[Row]:
        count = count or COUNT
        with _venue(folder) as (directory, traders), _server(directory) as port:
            load(port, [*_orders(traders, 2_000)])
            trader = traders[0]
            is_signed = path in _SIGNED
            rates = []
            for _ in range(runs):
                one = trader.request("GET", path, query) if is_signed else None
                requests = [one or public_request(f"{path}?{query}")] * count
                rates.append(load(port, requests).rate)
        setting = f"{count} requests over {CONNECTIONS} connections; {what}"
        return [Row(Figure(name, UNIT, tuple(rates), setting), _echoes(runs, count))]

    return measured


_SIGNED: Final = ("/api/v3/account", "/api/v3/openOrders")

ROWS: Final = {
    ORDER_SIGNED: order_signed,
    DEPTH: _reading(
        DEPTH, "/api/v3/depth", f"symbol={SYMBOL}&limit={LEVELS}", f"{LEVELS} levels a side"
    ),
    KLINES: _reading(
        KLINES,
        "/api/v3/klines",
        f"symbol={SYMBOL}&interval=1s&limit={CANDLES}",
        f"{CANDLES} candles asked for",
    ),
    ACCOUNT: _reading(ACCOUNT, "/api/v3/account", "", f"{ASSETS} assets; signed"),
    OPEN_ORDERS: _reading(
        OPEN_ORDERS, "/api/v3/openOrders", f"symbol={SYMBOL}", f"{OPEN} orders; signed"
    ),
}
"""What is measured, by the row that names it."""

NAMES: Final = (ORDER_SIGNED, ORDER_P99, DEPTH, KLINES, ACCOUNT, OPEN_ORDERS)


def load(port: int, requests: list[bytes]) -> Loaded:
    """Send requests to a port of this machine.

    Raises:
        UnverifiedFigure: One was not answered with 200.
    """
    elapsed_ns, latencies_ns, statuses, order_ids, _ = _native.load_http(
        port, requests, CONNECTIONS
    )
    if [status for status, _ in statuses] != [_OK]:
        raise UnverifiedFigure("rest", f"answers by status: {dict(statuses)}")
    rate = len(requests) / elapsed_ns * 1e6
    return Loaded(rate, latencies_ns[1] / _NS_PER_MS, order_ids)


def _orders(traders: list[Trader], count: int) -> Iterator[bytes]:
    """Yield orders that buy and sell in turn around one price: about half of them trade."""
    for place in range(count):
        trader = traders[place % len(traders)]
        side = "BUY" if place % 2 else "SELL"
        price = _PRICE + place % 7 - 3
        query = f"symbol={SYMBOL}&side={side}&type=LIMIT&timeInForce=GTC&quantity=0.001"
        yield trader.request("POST", "/api/v3/order", f"{query}&price={price}")


@contextmanager
def _venue(folder: Path) -> Iterator[tuple[Path, list[Trader]]]:
    """Make an exchange with accounts, money, a book and open orders; remove it behind the block."""
    with TemporaryDirectory(prefix="outcry-bench-", dir=folder) as made:
        path = Path(made)
        with Exchange.open(path) as exchange:
            for name in ("BTC", "USDT", *(f"COIN{place}" for place in range(ASSETS - 2))):
                exchange.add_asset(name, 8)
            exchange.add_instrument(SYMBOL, base="BTC", quote="USDT", tick="0.01", lot="0.00001")
            for account in range(1, _ACCOUNTS + 1):
                exchange.set_account(account, maker_rate_ppm=1_000, taker_rate_ppm=1_000)
            number = 0
            for account in range(1, _ACCOUNTS + 1):
                for asset in exchange.assets() if account == 1 else exchange.assets()[:2]:
                    number += 1
                    exchange.deposit(account, asset, _PLENTY, source=(1, number))
            for place in range(OPEN):
                away = 1_000 + place
                price = _PRICE - away if place % 2 else _PRICE + away
                side = "buy" if place % 2 else "sell"
                exchange.place(SYMBOL, side=side, price=price, quantity="0.01", account=1)
        with KeyStore(path) as keys:
            scopes = Scope.of("read", "trade")
            made_keys = [keys.create(each, scopes) for each in range(1, _ACCOUNTS + 1)]
        yield (
            path,
            [
                Trader(account, key.api_key, key.secret or "")
                for account, key in enumerate(made_keys, 1)
            ],
        )


@contextmanager
def _server(path: Path) -> Iterator[int]:
    """Serve a directory in a process of its own; yield the port."""
    command = [sys.executable, "-m", "outcry", "serve", str(path), "--port", "0"]
    with _process(command, os.environ | _LIMITS) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r":(\d+)$", line.strip())
        if found is None:
            raise UnverifiedFigure("rest", f"the server said {line!r}")
        # What a server does but once, behind its start, is not what is measured.
        sleep(_SETTLED_S)
        yield int(found[1])


@contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


def _require_caught_up(path: Path, orders: int) -> None:
    """Wait until the history has every order.

    Raises:
        UnverifiedFigure: It does not get there.
    """
    history = History(path)
    deadline = monotonic() + _CATCH_UP_S
    last, since = -1, monotonic()
    while monotonic() < deadline:
        applied = history.applied_sequence
        if applied != last:
            last, since = applied, monotonic()
        if applied >= orders and monotonic() - since > _STEADY_S:
            return
        sleep(0.05)
    raise UnverifiedFigure(ORDER_SIGNED, f"the history stands at {last}")


def _echoes(runs: int, count: int) -> tuple[PeerFigure, ...]:
    """Measure the echoes with as many signed orders."""
    return tuple(_echo(kind, runs, count) for kind in ("bare", "starlette"))


def _echo(kind: str, runs: int, count: int) -> PeerFigure:
    trader = Trader(1, "key", SECRET)
    requests = [*_orders([trader], count)]
    program = "import sys; from outcry.bench.echo import main; main(sys.argv[1])"
    command = [sys.executable, "-c", program, kind]
    with _process(command, dict(os.environ)) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        sleep(0.5)
        values = tuple(load(port, requests).rate for _ in range(runs))
    name = f"echo ({kind} ASGI on uvicorn)" if kind == "bare" else "echo (Starlette on uvicorn)"
    parts = f"uvicorn {version('uvicorn')}, Starlette {version('starlette')}"
    return PeerFigure(parts, Figure(name, UNIT, values, "parses, checks the signature, answers"))
