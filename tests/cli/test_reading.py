"""What commands that read trades share: options as they are written, and bad lines told.

Goal: a mistake on the command line names itself. Method: a table of options, and a small file.
"""

import json
from pathlib import Path

import pytest

from outcry import InvalidValue
from outcry.cli.reading import read_trades, side_file, trade_options
from outcry.feeds import TooManyBadLines, TradeOptions

GOOD = "time,price,qty\n1723161255342,1.5,2\n"


def test_columns_are_names_or_numbers() -> None:
    options = trade_options(
        ["price=px", "time=0"], ["B"], ["S"], price_scale=2, quantity_scale=8, time_back="2h"
    )
    assert options == TradeOptions(
        {"price": "px", "time": 0}, ("B",), ("S",), 2, 8, time_back_max_ns=7_200 * 10**9
    )


@pytest.mark.parametrize("column", ["price", "price=", "colour=red"])
def test_columns_written_wrongly(column: str) -> None:
    with pytest.raises(InvalidValue, match="column"):
        trade_options([column])


def test_files_are_read_one_behind_the_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [tmp_path / name for name in ("a.csv", "b.csv")]
    for path in paths:
        path.write_text(GOOD + "nonsense\n")
    batches = list(read_trades([str(path) for path in paths], TradeOptions()))
    assert sum(map(len, batches)) == 2
    told = capsys.readouterr().err
    assert "2 bad lines left out (malformed 2)" in told
    aside = [json.loads(line) for line in side_file(str(paths[0]), None).read_text().splitlines()]
    assert [(each["file"], each["line"]) for each in aside] == [(str(path), 3) for path in paths]
    with pytest.raises(TooManyBadLines):
        list(read_trades([str(paths[0])], TradeOptions(), bad_limit=0))
