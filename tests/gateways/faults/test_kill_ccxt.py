"""A server that is killed while ccxt trades on it: ccxt finds all that it was told.

Goal and bound are those of `test_kill.py`; here the clients are those of others, unmodified, in an
environment of their own. Method: programs of several ccxt clients each write every acknowledged
reply to a file before they go on; after so many of them the server is killed, and started again.
By `fetch_order`, `fetch_my_trades` and `fetch_open_orders` each order must be as it was told or
further on, each fill there, each cancelled order cancelled. Then the history is compared with a
recount of the journal. Ends after `ROUNDS` kills of one directory.
"""

import json
import random
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest

from outcry import Exchange
from outcry.gateways.keys import KeyStore, NewKey, Scope
from tests.gateways.faults.test_kill import ROUNDS, prepared
from tests.gateways.serving import served
from tests.projections.history.folding import everything, fold
from tests.projections.history.recount import Recount
from tests.projections.history.streams import all_events
from tests.projections.history.test_fold import assert_equal

PYTHON = Path(__file__).resolve().parents[3] / "build" / "clients" / "ccxt" / "bin" / "python"
PROGRAM = Path(__file__).with_name("ccxt_load.py")
SECOND = 3
"""The account of the second program; the first has the venue's own."""
STOP_S = 60


@dataclass(frozen=True)
class Crew:
    """A program of ccxt clients.

    Attributes:
        process: Its process.
    """

    process: "subprocess.Popen[str]"

    @classmethod
    @contextmanager
    def of(cls, key: NewKey, path: Path) -> Iterator[Self]:
        """Start one that writes what it is told to a file."""
        with subprocess.Popen(
            [PYTHON, PROGRAM, key.api_key, key.secret or "", path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        ) as process:
            try:
                yield cls(process)
            finally:
                assert process.stdin is not None
                process.stdin.close()
                process.wait(STOP_S)

    def ask(self, what: str, address: str) -> None:
        """Let it begin to do something."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{what} {address}\n")

    def line(self) -> str:
        """Return the next that it says."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the program ended"
        return line.strip()

    def checked(self, address: str) -> dict[str, Any]:
        """Let it look for what it was told; return what it found."""
        self.ask("check", address)
        told: dict[str, Any] = json.loads(self.line())
        assert not told["faults"], told["faults"][:10]
        return told


def second_key(directory: Path) -> NewKey:
    with Exchange.open(directory) as exchange:
        exchange.set_account(SECOND, maker_rate_ppm=1_000, taker_rate_ppm=2_000)
        for number, (asset, amount) in enumerate((("BTC", "10"), ("USDT", "1000000")), 1):
            exchange.deposit(SECOND, asset, amount, source=(2, number))
    with KeyStore(directory) as keys:
        return keys.create(SECOND, Scope.of("read", "trade"))


@pytest.mark.slow
def test_ccxt_finds_all_that_it_was_told(tmp_path: Path) -> None:
    if not PYTHON.exists():
        pytest.skip("ccxt is not installed; `make test` brings it")
    directory = tmp_path / "exchange"
    keys = (prepared(directory), second_key(directory))
    moments = random.Random(6)
    orders = fills = cancelled = 0
    with ExitStack() as stack:
        crews = [
            stack.enter_context(Crew.of(key, tmp_path / f"{place}.jsonl"))
            for place, key in enumerate(keys)
        ]
        for _ in range(ROUNDS):
            with served(directory) as server:
                for crew in crews:
                    crew.ask("trade", server.address)
                for crew in crews:
                    assert crew.line() == "order"
                for _ in range(moments.randint(1, 400)):
                    assert crews[0].line() != "broken"
                server.process.send_signal(signal.SIGKILL)
                for crew in crews:
                    while crew.line() != "broken":
                        continue
            with served(directory) as server:
                found = [crew.checked(server.address) for crew in crews]
            orders += sum(each["orders"] for each in found)
            fills += sum(each["fills"] for each in found)
            cancelled = sum(each["cancelled"] for each in found)
    assert orders > 2 * ROUNDS
    assert fills > ROUNDS
    assert cancelled > ROUNDS
    fold(directory)
    assert_equal(everything(directory), Recount.of(directory, all_events(directory)))
