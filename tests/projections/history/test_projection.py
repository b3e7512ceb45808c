"""Goal: however a history came about, in pieces, behind restarts or anew, it is the same.

Method: one past is folded in one go, and in every other way into another store; all rows are equal.
"""

import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from outcry import Exchange
from outcry.projections import Progress
from outcry.projections.history.projection import HistoryProjection
from outcry.projections.history.store import DAMAGED, FILE, HistoryStore
from tests.projections.history.folding import Everything, everything, fold, opened
from tests.projections.history.streams import SETTINGS, records, send, trade


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a past."""
    path = tmp_path_factory.mktemp("past")
    trade(path, 5, 3_000, piece=23)
    return path


@pytest.fixture(scope="module")
def whole(past: Path) -> Everything:
    """What its history says, folded in one go."""
    fold(past, 1_000_000)
    found = everything(past)
    shutil.rmtree(HistoryProjection.folder(past))
    return found


@pytest.mark.parametrize("commands_max", [1, 29, 700])
def test_batches_do_not_matter(
    past: Path, whole: Everything, tmp_path: Path, commands_max: int
) -> None:
    path = shutil.copytree(past, tmp_path / "data")
    fold(path, commands_max)
    assert everything(path) == whole


def test_a_restart_between_any_two_batches_does_not_matter(
    past: Path, whole: Everything, tmp_path: Path
) -> None:
    path = shutil.copytree(past, tmp_path / "data")
    source = random.Random(1)
    sequence = 0
    while (reached := fold(path, source.randrange(1, 300), source.randrange(1, 3))) > sequence:
        sequence = reached
    assert everything(path) == whole


def test_a_deleted_history_is_made_again(past: Path, whole: Everything, tmp_path: Path) -> None:
    path = shutil.copytree(past, tmp_path / "data")
    fold(path, 500, 2)
    shutil.rmtree(HistoryProjection.folder(path))
    fold(path)
    assert everything(path) == whole


def test_nobody_reads_a_history_that_is_being_made_anew(
    past: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "copy"
    shutil.copytree(past, path)
    fold(path)
    HistoryProjection.folder(path).joinpath(DAMAGED).touch()
    remove, seen = HistoryStore.remove, []

    def watched(folder: Path) -> None:
        with Progress(folder / "progress") as progress:
            seen.append((progress.is_readable, progress.applied_sequence))
        remove(folder)

    monkeypatch.setattr(HistoryStore, "remove", watched)
    opened(path).close()
    assert seen == [(False, 0)]


def test_a_history_that_does_not_read_back_is_made_again(
    past: Path, whole: Everything, tmp_path: Path
) -> None:
    path = shutil.copytree(past, tmp_path / "data")
    fold(path)
    file = HistoryProjection.folder(path) / FILE
    file.write_bytes(b"no database" * 1_000)
    fold(path)
    assert everything(path) == whole


def test_a_history_of_another_past_is_made_again(
    past: Path, whole: Everything, tmp_path: Path
) -> None:
    other, path = tmp_path / "other", shutil.copytree(past, tmp_path / "data")
    trade(other, 6, 1_000)
    fold(other)
    shutil.copytree(HistoryProjection.folder(other), HistoryProjection.folder(path))
    fold(path)
    assert everything(path) == whole


def test_a_history_of_another_format_is_made_again(
    past: Path, whole: Everything, tmp_path: Path
) -> None:
    path = shutil.copytree(past, tmp_path / "data")
    fold(path, 500, 2)
    with sqlite3.connect(HistoryProjection.folder(path) / FILE) as connection:
        connection.execute("UPDATE applied SET format = 0")
    connection.close()
    fold(path)
    assert everything(path) == whole


def test_a_fold_that_was_not_committed_leaves_nothing(past: Path, tmp_path: Path) -> None:
    path = shutil.copytree(past, tmp_path / "data")
    projection = opened(path)
    assert projection.advance(100)
    projection.commit()
    committed = projection.applied_sequence
    assert projection.advance(100)
    assert projection.folded_sequence > committed
    projection.close()
    again = opened(path)
    assert again.applied_sequence == again.folded_sequence == committed
    again.close()


def test_follows_an_exchange_over_its_restarts(tmp_path: Path) -> None:
    stream = records(8)
    for _ in range(3):
        with Exchange.open(tmp_path, SETTINGS) as exchange:
            send(exchange, stream, 400, 41)
        fold(tmp_path, 150)
    in_pieces = everything(tmp_path)
    shutil.rmtree(HistoryProjection.folder(tmp_path))
    fold(tmp_path)
    assert everything(tmp_path) == in_pieces
