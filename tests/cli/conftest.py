"""What the tests of commands share: a command run in this process, and a small market on a disk."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from outcry import Exchange, Settings
from outcry.cli import main

SMALL = """\
durability = "none"
segment_bytes = 1048576
snapshot_interval_ms = 0
"""
SETTINGS = Settings(durability="none", segment_bytes=1 << 20, snapshot_interval_ms=0)


class Said(NamedTuple):
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


Command = Callable[..., Said]


def command_of(capsys: pytest.CaptureFixture[str], *arguments: object) -> Said:
    """Run a command in this process."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    code = left.value.code
    assert isinstance(code, int)
    return Said(code, *capsys.readouterr())


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs `outcry` with its arguments."""
    return lambda *arguments: command_of(capsys, *arguments)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a pair, two accounts with money, and an ask of 0.5 at 60,000.

    They traded there once. All tests of a file share it, so each must leave it as usable as it was.
    """
    folder = tmp_path_factory.mktemp("market")
    (folder / "outcry.toml").write_text(SMALL)
    with Exchange.open(folder) as exchange:
        exchange.add_asset("BTC", 8)
        exchange.add_asset("USDT", 6)
        exchange.add_instrument("BTCUSDT", base="BTC", quote="USDT", tick="0.01", lot="0.0001")
        for number, account in enumerate((1, 2), 1):
            exchange.set_account(account)
            exchange.deposit(account, "BTC", "10", source=(number, 1))
            exchange.deposit(account, "USDT", "1000000", source=(number, 2))
        exchange.place("BTCUSDT", side="sell", price="60000", quantity="0.51", account=1)
        exchange.place("BTCUSDT", side="buy", price="60000", quantity="0.01", account=2)
    return folder
