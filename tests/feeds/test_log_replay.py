"""The replay of command logs: the same as all commands at once, with every trade at its time.

Goal: dividing a log into pieces changes nothing, and what is counted is what the engine said.
Method: flows with every kind of command, replayed in pieces of several sizes, against one call and
the events read one by one.
"""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from outcry import _native
from outcry.exchange import Engine
from outcry.feeds import command_log, replay_log
from outcry.protocol import CommandKind, Rejected, Side, Traded, read_events

HEADER_BYTES = 32
COMMANDS = 3_000


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("logs") / "mixed.commands"
    path.write_bytes(_native.simulate("mixed", 5, COMMANDS))
    return path


@pytest.mark.parametrize("piece_bytes", [64, 1_000, 1 << 20])
def test_pieces_end_in_the_state_of_the_whole(
    monkeypatch: pytest.MonkeyPatch, log: Path, piece_bytes: int
) -> None:
    monkeypatch.setattr(command_log, "PIECE_BYTES", piece_bytes)
    told: list[int] = []
    replay = replay_log(log, told.append)
    whole = Engine()
    events = list(read_events(whole.apply(log.read_bytes()[HEADER_BYTES:]).data))
    assert replay.engine.digest == whole.digest
    assert replay.engine.state_hash() == whole.state_hash()
    assert replay.commands.total() == replay.engine.sequence
    assert replay.commands[CommandKind.ADD_INSTRUMENT] == len(whole.instruments())
    assert replay.rejected == Counter(e.reason for e in events if isinstance(e, Rejected))
    assert replay.tape.trades == sum(isinstance(event, Traded) for event in events)
    assert told[-1] == log.stat().st_size
    assert replay.time_ns == whole.time_ns


def test_trades_stand_at_the_time_of_their_command(log: Path) -> None:
    """Each kept trade, against its event and the greatest time up to its command."""
    times, events = [], []
    engine = Engine()
    with command_log.CommandLog(log) as opened:
        for piece in opened.pieces():
            times += piece.times_ns.tolist()
            events += list(read_events(engine.apply(piece.records).data))
    times = np.maximum.accumulate(times).tolist()
    expected = {
        (event.instrument, event.trade_id): (
            times[event.sequence - 1],
            event.price_ticks,
            event.quantity_lots,
            event.aggressor is Side.BUY,
        )
        for event in events
        if isinstance(event, Traded)
    }
    rows = replay_log(log).tape.last_trades().rows()
    assert len(rows) > 100
    for instrument, trade_id, *rest in rows:
        assert expected[instrument, trade_id] == tuple(rest)


def test_shard_of_the_log_is_that_of_its_order_ids(log: Path, tmp_path: Path) -> None:
    content = bytearray(log.read_bytes())
    content[12] = 3
    sharded = tmp_path / "sharded.commands"
    sharded.write_bytes(content)
    replay = replay_log(sharded)
    assert replay.engine.digest != replay_log(log).engine.digest
