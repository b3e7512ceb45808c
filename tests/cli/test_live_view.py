"""Goal: the live view says what is there and keeps its figures whole at every size of a terminal.

Method: one exchange with traders, drawn on recorded consoles of several widths and heights.
"""

import io
from collections.abc import Iterator

import pytest
from rich.console import Console

from outcry import Exchange
from outcry.cli.live_view import Pulse, opening_lines, plain_line, view
from outcry.cli.traders import BATCH_MAX, Demo
from outcry.exchange import Recovery
from tests.cli.conftest import SETTINGS

PULSE = Pulse(commands_per_second=12_345, trades_per_second=678)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Exchange, Demo]]:
    with Exchange.open(tmp_path_factory.mktemp("demo"), SETTINGS) as exchange:
        demo = Demo(exchange, seed=1)
        for _ in range(12):
            demo.trade(BATCH_MAX)
        yield exchange, demo


def drawn(running: tuple[Exchange, Demo], width: int, height: int) -> list[str]:
    console = Console(
        width=width, height=height, file=io.StringIO(), record=True, force_terminal=True
    )
    exchange, demo = running
    console.print(view(exchange, demo, PULSE, console))
    return [line.rstrip() for line in console.export_text().splitlines()]


@pytest.mark.parametrize(
    ("width", "height"), [(60, 50), (80, 24), (100, 30), (120, 40), (136, 40), (200, 60)]
)
def test_nothing_is_cut(running: tuple[Exchange, Demo], width: int, height: int) -> None:
    lines = drawn(running, width, height)
    text = "\n".join(lines)
    assert "…" not in text
    assert max(map(len, lines)) <= width
    assert len(lines) <= height
    bid, ask = running[0].best(running[1].watched)
    assert bid is not None
    assert ask is not None
    for shown in (f"{bid.price:,}", f"{ask.price:,}", "12,345", "678", "acknowledged p99", "none"):
        assert shown in text


@pytest.mark.parametrize(("width", "beside"), [(200, 3), (100, 2), (60, 1)])
def test_panels_stand_beside_each_other_where_there_is_room(
    running: tuple[Exchange, Demo], width: int, beside: int
) -> None:
    assert drawn(running, width, 60)[0].count("╭") == beside


def test_a_low_terminal_has_fewer_levels(running: tuple[Exchange, Demo]) -> None:
    assert len(drawn(running, 200, 20)) <= 20
    assert drawn(running, 200, 20)[0].startswith("╭")


def test_the_last_trade_stands_first(running: tuple[Exchange, Demo]) -> None:
    lines = drawn(running, 200, 60)
    last = running[1].flow.tape[-1]
    assert f"{last.price:,}" in lines[2]
    assert str(last.quantity) in lines[2]


def test_one_line_says_it_where_nobody_draws(running: tuple[Exchange, Demo]) -> None:
    exchange, demo = running
    line = plain_line(exchange.status(), demo, PULSE)
    assert line.startswith(f"sequence {exchange.status().sequence:,}  12,345 orders/s")
    assert "\n" not in line


def recovery(**changed: object) -> Recovery:
    found: dict[str, object] = {
        "sequence": 1_234,
        "snapshot_sequence": 1_000,
        "replayed_commands": 234,
    }
    found |= {"cut_bytes": 0, "is_new": False, "duration_ns": 1_500_000, "notes": []}
    return Recovery(**{**found, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (recovery(is_new=True), ["a new exchange"]),
        (recovery(), ["goes on at 1,234: snapshot 1,000 and 234 commands in 1.5 ms"]),
        (
            recovery(snapshot_sequence=None, cut_bytes=4_096, notes=["a note"]),
            [
                "goes on at 1,234: the journal and 234 commands in 1.5 ms",
                "cut 4,096 bytes that nobody was told of",
                "a note",
            ],
        ),
    ],
)
def test_what_it_stands_on_is_said_first(found: Recovery, said: list[str]) -> None:
    assert opening_lines("data", "sync", found) == ["data: durability sync", *said]
