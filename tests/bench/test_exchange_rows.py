"""The rows of an open exchange: every order is answered once, on a disk, or there is no figure.

Method: few orders; a folder that is said to be in memory; answers that were tampered with.
"""

from pathlib import Path

import pytest

from outcry.bench import exchange_rows
from outcry.errors import UnverifiedFigure

COUNT = 600


def test_each_order_is_answered_once(tmp_path: Path) -> None:
    figure = exchange_rows.asyncio_place(tmp_path, 2, COUNT)
    assert len(figure.values) == 2
    assert all(value > 0 for value in figure.values)
    assert f"{COUNT} limit orders" in figure.setting
    assert "fdatasyncs, p50" in figure.setting
    assert not list(tmp_path.iterdir())


def test_a_folder_in_memory_is_refused_for_a_whole_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange_rows, "file_system", lambda _: "tmpfs")
    with pytest.raises(UnverifiedFigure, match="name a folder on a disk"):
        exchange_rows.asyncio_place(tmp_path, 1)
    assert "; tmpfs; " in exchange_rows.asyncio_place(tmp_path, 1, COUNT).setting


def test_an_order_that_was_not_answered_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = exchange_rows._check
    monkeypatch.setattr(exchange_rows, "_check", lambda placed, count: check(placed[1:], count))
    with pytest.raises(UnverifiedFigure) as failed:
        exchange_rows.asyncio_place(tmp_path, 1, COUNT)
    assert failed.value.problem == f"{COUNT - 1} of {COUNT} orders were answered"
