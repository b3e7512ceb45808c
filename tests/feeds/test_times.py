"""Times that are wrong, and orders of lines that are not.

Goal: a wrong time is refused alone, by its own reason; every order in which sources write their
lines is read whole. Method: small files, each of one kind.
"""

from pathlib import Path

import polars as pl
import pytest

from outcry.feeds import TradeOptions, open_trades

DAY = 86_400
START = 1_700_000_000

Line = tuple[int, str]


def read(path: Path, lines: list[Line], options: TradeOptions | None = None) -> tuple[int, object]:
    """Return how many trades were read of lines of (second, symbol), and what was bad."""
    rows = [f"{START + second},{symbol},10,1" for second, symbol in lines]
    path.write_text("\n".join(["time,symbol,price,quantity", *rows]) + "\n")
    with open_trades(path, options=options) as reader:
        taken = [batch.frame for batch in reader]
        return sum(frame.height for frame in taken), dict(reader.bad)


def month(symbol: str) -> list[Line]:
    return [(place * DAY // 10, symbol) for place in range(300)]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([*month("A"), *month("B")], id="by instrument"),
        pytest.param(month("A")[::-1], id="the newest first"),
        pytest.param(
            [(place, "A") for place in range(10)]
            + [(40 * DAY + place, "A") for place in range(10)],
            id="a pause of forty days",
        ),
        pytest.param([(place * 3 * DAY, "A") for place in range(50)], id="few trades"),
        pytest.param([*month("A"), *month("A")], id="twice the same"),
        pytest.param(
            [each for two in zip(month("A"), month("B")[::-1], strict=True) for each in two],
            id="both",
        ),
    ],
)
def test_an_order_of_lines_loses_none(tmp_path: Path, lines: list[Line]) -> None:
    assert read(tmp_path / "trades.csv", lines) == (len(lines), {})


@pytest.mark.parametrize(
    ("days", "reason"), [(20, "time_ahead"), (400, "time_ahead"), (-20, "time_back")]
)
@pytest.mark.parametrize("place", [1, 150, 298])
def test_a_wrong_time_is_refused_alone(tmp_path: Path, days: int, reason: str, place: int) -> None:
    lines = month("A")
    lines.insert(place, (lines[place - 1][0] + days * DAY, "A"))
    assert read(tmp_path / "trades.csv", lines) == (300, {reason: 1})


def test_the_last_time_has_a_bound(tmp_path: Path) -> None:
    for days, bad in ((20, {}), (32, {"time_ahead": 1}), (-2, {"time_back": 1})):
        lines = [(0, "A"), (days * DAY, "A")]
        assert read(tmp_path / "trades.csv", lines) == (2 - len(bad), bad)
        forever = TradeOptions(time_back_max_ns=2**63 - 1, time_ahead_max_ns=2**63 - 1)
        assert read(tmp_path / "trades.csv", lines, forever) == (2, {})


def test_messages_of_a_venue_are_read_to_the_last(tmp_path: Path) -> None:
    path = tmp_path / "binance.jsonl"
    message = '{{"e":"trade","E":1,"s":"AB","t":{},"p":"1.0","q":"2","T":{},"m":true}}'
    times = [0, 20 * DAY]
    rows = [message.format(place, (START + time) * 1_000) for place, time in enumerate(times)]
    path.write_text("\n".join(rows) + "\n")
    with open_trades(path, format="binance") as reader:
        assert sum(len(batch) for batch in reader) == 2


@pytest.mark.parametrize("name", ["is_buyer_maker", "isBuyerMaker", "is_buy"])
@pytest.mark.parametrize("as_parquet", [False, True])
def test_a_truth_says_the_side(tmp_path: Path, name: str, as_parquet: bool) -> None:
    frame = pl.DataFrame(
        {"time": [START, START + 1], "price": [1, 2], "quantity": [3, 4], name: [True, False]}
    )
    path = tmp_path / "trades"
    if as_parquet:
        frame.write_parquet(path)
    else:
        frame.write_csv(path)
    with open_trades(path) as reader:
        sides = [side for batch in reader for side in batch.frame["side"]]
    assert sides == ([1, -1] if name == "is_buy" else [-1, 1])


def test_a_head_and_its_values_may_stand_between_blanks(tmp_path: Path) -> None:
    path = tmp_path / "trades.csv"
    path.write_text(f"time, price, quantity, side\n{START}, 1.5, 2, buy\n")
    with open_trades(path) as reader:
        rows = [row for batch in reader for row in batch.frame.iter_rows(named=True)]
        assert not reader.bad
    assert (rows[0]["price"], rows[0]["quantity"], rows[0]["side"]) == (15, 2, 1)
