"""What a newcomer pastes beside `outcry serve --demo` works as it stands.

Goal: the first minutes with the product hold no surprise. Method: a demo is served; the lines that
it prints, and those of README.md and docs/rest.md, are pasted into bash and into the interpreters
of ccxt and python-binance. Only the port is another one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.gateways.examples.pasting import at, block_with, pasted, pasted_into_python
from tests.gateways.serving import served

HEADINGS = ("curl:", "ccxt:", "python-binance:")
LAST = "Ctrl-C stops cleanly."


@dataclass(frozen=True)
class Shown:
    """A demo that is served.

    Attributes:
        address: Where.
        folder: Where a newcomer stands: the repository's folder, as it were.
        lines: What it printed.
    """

    address: str
    folder: Path
    lines: list[str]

    def under(self, heading: str) -> str:
        """Return the lines under a heading as they are printed."""
        start = next(place for place, line in enumerate(self.lines) if line.strip() == heading) + 1
        end = start + self.lines[start:].index("")
        return "\n".join(self.lines[start:end]) + "\n"

    def credentials(self) -> tuple[str, str]:
        """Return the first key and its secret."""
        words = [line.split() for line in self.lines]
        (key, *_), (secret, *_) = (
            [each[1] for each in words if len(each) == 2 and each[0] == name]
            for name in ("key", "secret")
        )
        return key, secret


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Serve a demo where `make run` does."""
    folder = tmp_path_factory.mktemp("newcomer")
    with served(folder / "data" / "demo", "--demo") as server:
        assert server.process.stdout is not None
        lines = []
        for line in server.process.stdout:
            lines.append(line.rstrip("\n"))
            if line.strip() == LAST:
                break
        yield Shown(server.address, folder, lines)


def test_the_lines_of_the_readme(demo: Shown) -> None:
    text = at(demo.address, block_with("README.md", "sh", "/api/v3/depth"))
    depth, klines, ticker = pasted(text, demo.folder)
    assert 1 <= len(depth.body["bids"]) <= 5
    assert depth.body["asks"]
    assert 1 <= len(klines.body) <= 3
    assert len(klines.body[0]) == 12
    assert ticker.body["symbol"] == "ETHBTC"


@pytest.mark.slow
def test_the_ccxt_of_the_readme(demo: Shown) -> None:
    text = at(demo.address, block_with("README.md", "python", "import ccxt"))
    key, secret = demo.credentials()
    text = text.replace('"apiKey": "..."', f'"apiKey": "{key}"')
    text = text.replace('"secret": "..."', f'"secret": "{secret}"')
    assert pasted_into_python("ccxt", text) == "closed"


def test_the_lines_of_the_plain_routes(demo: Shown) -> None:
    text = at(demo.address, block_with("docs/rest.md", "sh", "Idempotency-Key"))
    _, book, me, placed, orders, cancelled = pasted(text, demo.folder)
    assert book.body["symbol"] == "BTCUSDT"
    assert len(book.body["bids"]) <= 5
    assert (me.body["account"], me.body["scopes"]) == (1, ["read", "trade"])
    order = placed.body["order"]
    assert (order["symbol"], order["quantity"]) == ("BTCUSDT", "0.50000")
    standing = [each["order_id"] for each in orders.body["orders"]]
    assert (order["order_id"] in standing) is (order["status"] in ("open", "partly_filled"))
    assert set(cancelled.body["order_ids"]) == set(standing)


def test_the_printed_lines_for_curl(demo: Shown) -> None:
    told = pasted(demo.under("curl:"), demo.folder)
    assert told[0].body["bids"]
    bought = told[-1].body
    assert (bought["symbol"], bought["status"]) == ("BTCUSDT", "FILLED")


def test_the_printed_lines_for_ccxt(demo: Shown) -> None:
    assert pasted_into_python("ccxt", demo.under("ccxt:")) in ("open", "closed")


def test_the_printed_lines_for_python_binance(demo: Shown) -> None:
    assert pasted_into_python("python-binance", demo.under("python-binance:")) == "FILLED"
