"""Goal: a directory that cannot be opened is told of in one line; rows read well and parse.

Method: commands on a directory that holds no exchange, on one that this process holds, and on
rows with every type of value.
"""

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

from outcry import Exchange, OrderStatus
from outcry.cli.data_directory import row_of, show_row, show_rows
from tests.cli.conftest import SETTINGS, Command

ROW = {"name": "a", "count": 1_234, "price": Decimal("0E-8"), "status": OrderStatus.RESTING}


def test_a_place_without_exchange_is_named(command: Command, tmp_path: Path) -> None:
    said = command("status", "--data", tmp_path)
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        f"outcry: {tmp_path}: holds no exchange; `outcry init {tmp_path}` makes one\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [("orders",), ("deposit", "1", "BTC", "1"), ("events",), ("instruments", "list")],
)
def test_a_second_process_is_told_who_holds_it(
    command: Command, market: Path, arguments: tuple[str, ...]
) -> None:
    with Exchange.open(market, SETTINGS):
        said = command(*arguments, "--data", market)
    assert (said.code, said.out) == (2, "")
    assert said.err == f"outcry: {market}: held by process {os.getpid()}\n"


def test_the_directory_may_stand_in_the_environment(
    command: Command, market: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTCRY_DATA", str(market))
    assert command("assets", "list").out.split()[-3:] == ["2", "USDT", "6"]


def test_a_setting_that_cannot_be_is_named(
    command: Command, market: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTCRY_SEGMENT_BYTES", "12")
    said = command("status", "--data", market)
    assert said.code == 2
    assert said.err == (
        "outcry: OUTCRY_SEGMENT_BYTES: '12' should be greater than or equal to 1048576\n"
    )


def test_damage_is_named_with_file_and_offset(command: Command, tmp_path: Path) -> None:
    with Exchange.open(tmp_path, SETTINGS) as exchange:
        exchange.add_asset("BTC", 8)
    (segment,) = (tmp_path / "journal").glob("*.journal")
    data = bytearray(segment.read_bytes())
    data[40] ^= 1
    segment.write_bytes(data)
    said = command("status", "--data", tmp_path)
    assert said.code == 2
    assert said.err.startswith(f"outcry: {segment}: offset ")
    assert said.err.count("\n") == 1


def test_rows_read_well(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows([ROW, {"name": "b", "count": None}], ("name", "count", "price"), as_json=False)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [["name", "count", "price"], ["a", "1,234", "0.00000000"], ["b"]]
    show_row({"fills": (ROW["price"], "x")}, as_json=False)
    assert capsys.readouterr().out.split() == ["fills", "0.00000000,", "x"]


def test_rows_parse(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows([ROW], ("name",), as_json=True)
    (row,) = json.loads(capsys.readouterr().out)
    assert row == {"name": "a", "count": 1_234, "price": "0.00000000", "status": "resting"}


def test_what_has_no_fields_is_no_row() -> None:
    with pytest.raises(TypeError, match="int has no named fields"):
        row_of(3)
