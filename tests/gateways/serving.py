"""A server in a process of its own, for tests that speak to it as its users do."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from outcry import Exchange, Filters
from outcry.gateways.keys import KeyStore, NewKey, Scope
from outcry.settings import FILE_NAME

START_S = 120
STOP_S = 120
PATIENCE = "OUTCRY_SERVE__HISTORY_TIMEOUT_MS"
BOT, MAKER = 1, 2
"""The accounts: the client's, and the one that quotes."""


@dataclass(frozen=True)
class Server:
    """A server that takes requests.

    Attributes:
        address: Where.
        process: Its process.
        directory: Its exchange.
    """

    address: str
    process: "subprocess.Popen[str]"
    directory: Path


def make_venue(directory: Path) -> NewKey:
    """Make an exchange with two instruments, money, a book and a first trade.

    Returns:
        A key of the account `BOT`.
    """
    with Exchange.open(directory) as exchange:
        for name in ("BTC", "ETH", "USDT"):
            exchange.add_asset(name, 8)
        filters = Filters(notional_min="5", account_orders_max=200, account_stops_max=20)
        for base, lot in (("BTC", "0.00001"), ("ETH", "0.0001")):
            exchange.add_instrument(
                f"{base}USDT", base=base, quote="USDT", tick="0.01", lot=lot, filters=filters
            )
        number = 0
        for account in (BOT, MAKER):
            exchange.set_account(account, maker_rate_ppm=1_000, taker_rate_ppm=2_000)
            for asset, amount in (("BTC", "100"), ("ETH", "1000"), ("USDT", "10000000")):
                number += 1
                exchange.deposit(account, asset, amount, source=(1, number))
        for symbol, middle in (("BTCUSDT", 60_000), ("ETHUSDT", 3_000)):
            for level in range(1, 21):
                for side, price in (("buy", middle - level), ("sell", middle + level)):
                    exchange.place(symbol, side=side, price=price, quantity="1", account=MAKER)
            exchange.place(symbol, side="buy", type="market", quantity="0.1", account=BOT)
    with KeyStore(directory) as keys:
        return keys.create(BOT, Scope.of("read", "trade"))


@contextmanager
def served(directory: Path, *options: str, log: IO[str] | None = None) -> Iterator[Server]:
    """Serve the exchange of a directory on a free port; what it logs goes to a file, if told.

    Unless it has settings of its own, reads wait for its history as long as for its start.
    """
    command = [sys.executable, "-m", "outcry", "serve", str(directory), "--port", "0", *options]
    patience = {} if (directory / FILE_NAME).exists() else {PATIENCE: str(START_S * 1_000)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | patience
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://\S+", line)
            assert found is not None, line
            yield Server(found[0], process, directory)
        finally:
            process.terminate()
            process.wait(STOP_S)
