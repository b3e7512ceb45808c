"""Goal: the process keeps up beside an exchange, and is killed anywhere without harm.

Method: the real process follows a directory that an exchange in this one writes: it is killed at
random moments, its journal is rotated, archived and cut short behind it, and what it holds in the
end equals a history that is made anew.
"""

import asyncio
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from outcry import Exchange, Settings, _native
from outcry.errors import ProjectionLagging
from outcry.projections import Progress
from outcry.projections.history import FillRow, History, TradeRow, command
from outcry.projections.history.projection import HistoryProjection
from tests.projections.history.folding import everything, fold, opened
from tests.projections.history.streams import SETTINGS, apply, records, send
from tests.scenarios import commands as c

WAIT_S = 120.0


@contextmanager
def running(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the process until the block ends."""
    process = subprocess.Popen(command(path))
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(WAIT_S)


def wait(path: Path, sequence: int, timeout_s: float = WAIT_S) -> None:
    """Wait until a history has a sequence."""

    async def wait_for_it() -> None:
        async with History(path) as history:
            await history.wait(sequence, timeout_s)
            assert history.lag(sequence) == 0

    asyncio.run(wait_for_it())


def assert_made_anew_it_is_the_same(path: Path) -> None:
    """Compare the history with one that is folded from the beginning."""
    found = everything(path)
    assert found.orders
    shutil.rmtree(HistoryProjection.folder(path))
    fold(path)
    assert everything(path) == found


def test_reads_answer_for_what_was_acknowledged(tmp_path: Path) -> None:
    async def trade() -> None:
        with Exchange.open(tmp_path, SETTINGS) as exchange, running(tmp_path):
            async with History(tmp_path) as history:
                stream = records(21)
                for _ in range(30):
                    send(exchange, stream, 20, 20)
                    sequence = exchange.status().sequence
                    await history.wait(sequence, WAIT_S)
                    assert history.applied_sequence >= sequence
                    for order in exchange.open_orders(account=1):
                        row = await history.order(1, order.order_id)
                        assert row is not None
                        assert row.state.is_open
                assert history.first_sequence == 1
                assert history.silent_s < WAIT_S

    asyncio.run(trade())
    assert_made_anew_it_is_the_same(tmp_path)


@pytest.mark.parametrize("kills", [2, pytest.param(8, marks=pytest.mark.slow)])
def test_killed_at_any_moment_it_goes_on(tmp_path: Path, kills: int) -> None:
    source = random.Random(2)
    stream = records(22)
    with Exchange.open(tmp_path, SETTINGS) as exchange:
        for _ in range(kills):
            with running(tmp_path) as process:
                send(exchange, stream, 500, source.randrange(5, 80))
                wait(tmp_path, source.randrange(exchange.status().sequence))
                process.send_signal(signal.SIGKILL)
        with running(tmp_path):
            wait(tmp_path, exchange.status().sequence)
    assert_made_anew_it_is_the_same(tmp_path)


def test_ends_when_told_with_all_that_is_there(tmp_path: Path) -> None:
    with Exchange.open(tmp_path, SETTINGS) as exchange:
        send(exchange, records(23), 2_000, 100)
        last = exchange.status().sequence
    with running(tmp_path) as process:
        wait(tmp_path, 1)
        process.terminate()
        assert process.wait(WAIT_S) == 0
    with Progress(HistoryProjection.folder(tmp_path) / "progress") as progress:
        assert progress.applied_sequence == last


def test_ends_behind_its_parent(tmp_path: Path) -> None:
    with Exchange.open(tmp_path, SETTINGS) as exchange:
        send(exchange, records(24), 100, 100)
    # The parent starts it, says its number and is gone.
    parent = (
        "import subprocess, sys\n"
        "from outcry.projections.history import command\n"
        "print(subprocess.Popen(command(sys.argv[1])).pid)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", parent, str(tmp_path)], capture_output=True, check=True, text=True
    )
    child = os.pidfd_open(int(said.stdout))
    try:
        # Readable once the process has ended.
        assert _readable(child, WAIT_S)
    finally:
        os.close(child)


def _readable(descriptor: int, timeout_s: float) -> bool:
    found, _, _ = select.select([descriptor], [], [], timeout_s)
    return bool(found)


def test_a_second_process_waits_for_the_first(tmp_path: Path) -> None:
    with Exchange.open(tmp_path, SETTINGS) as exchange:
        send(exchange, records(25), 300, 300)
        last = exchange.status().sequence
    with running(tmp_path) as first:
        wait(tmp_path, last)
        with running(tmp_path) as second:
            with pytest.raises(subprocess.TimeoutExpired):
                second.wait(0.5)
            first.terminate()
            assert first.wait(WAIT_S) == 0
            wait(tmp_path, last)


@pytest.mark.slow
def test_what_it_has_not_applied_is_kept_and_what_it_has_may_go(tmp_path: Path) -> None:
    # Small segments, archived and removed as soon as nobody needs them.
    settings = Settings(
        segment_bytes=1 << 20,
        snapshot_interval_ms=20,
        plain_segments=0,
        snapshots_kept=1,
        archive_bytes_max=1,
        events_bytes_max=1,
    )
    stream = records(26)
    refused = [c.cancel(1, account=9)] * 20_000
    with Exchange.open(tmp_path, settings) as exchange:
        with running(tmp_path):
            for _ in range(4):
                send(exchange, stream, 200, 50)
                apply(exchange, refused)
                wait(tmp_path, exchange.status().sequence)
        kept_from = oldest(tmp_path)
        # Nobody follows: from here on everything is kept.
        for _ in range(4):
            send(exchange, stream, 200, 50)
            apply(exchange, refused)
        exchange.snapshot()
        with running(tmp_path):
            wait(tmp_path, exchange.status().sequence)
            poll(lambda: oldest(tmp_path) > kept_from)
        assert_has_no_gap(tmp_path)
        assert_begins_late(tmp_path, exchange, stream)


def assert_begins_late(path: Path, exchange: Exchange, stream: Iterator[bytes]) -> None:
    """Compare a history whose beginning is no longer kept with the one that has it."""
    for _ in range(3):
        send(exchange, stream, 200, 50)
    with running(path):
        wait(path, exchange.status().sequence)
    whole = everything(path)
    shutil.rmtree(HistoryProjection.folder(path))
    projection = opened(path)
    while projection.advance(1_000):
        projection.commit()
    first = projection.first_sequence
    projection.close()
    assert 1 < first < exchange.status().sequence
    late = everything(path)
    for name in ("trades", "fills"):
        expected = [row for row in getattr(whole, name) if row.sequence >= first]
        assert expected
        assert [plain(row) for row in getattr(late, name)] == [plain(row) for row in expected]
    known = {row.order_id: row for row in whole.orders}
    assert {row.order_id for row in late.orders} >= {
        row.order_id for row in whole.orders if row.state.is_open or row.entered_sequence >= first
    }
    for row in late.orders:
        expected_row = known[row.order_id]
        assert (row.state, row.value) == (expected_row.state, expected_row.value)
        assert row.filled_lots + row.prevented_lots == (
            expected_row.filled_lots + expected_row.prevented_lots
        )


def plain(row: FillRow | TradeRow) -> dict[str, object]:
    """Return a row without what its steps and its order's rates make of it."""
    said = msgspec.structs.asdict(row)
    return {name: said[name] for name in said if name not in {"steps", "fee_units", "fee_asset"}}


def oldest(path: Path) -> int:
    """Return the oldest command whose events are kept."""
    found = _native.EventReader.oldest(path)
    assert found is not None
    return found


def poll(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline_s = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < deadline_s
        threading.Event().wait(0.01)


def assert_has_no_gap(path: Path) -> None:
    """Compare what should count without gaps."""
    found = everything(path)
    for instrument in (1, 2, 3):
        trades = [row.trade_id for row in found.trades if row.steps.instrument == instrument]
        assert trades == list(range(1, len(trades) + 1))
    assert sorted(row.order_id for row in found.orders) == list(range(1, len(found.orders) + 1))


def test_a_history_that_lags_says_so(tmp_path: Path) -> None:
    with Exchange.open(tmp_path, SETTINGS) as exchange, running(tmp_path):
        send(exchange, records(27), 50, 50)
        last = exchange.status().sequence
        wait(tmp_path, last)
        with pytest.raises(ProjectionLagging, match=f"{last + 1} is not yet"):
            wait(tmp_path, last + 1, 0.05)
