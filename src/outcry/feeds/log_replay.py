"""The replay of a command log."""

from pathlib import Path

from outcry.exchange import Engine
from outcry.feeds.command_log import CommandLog
from outcry.feeds.recording import Progress
from outcry.feeds.replay import Replay


def replay_log(path: Path, progress: Progress | None = None) -> Replay:
    """Apply a command log to a fresh engine of the log's shard, piece by piece.

    A command that the engine refuses is counted; it belongs to what was recorded.

    Raises:
        MalformedRecording: When the file is no command log, or damaged.
        OSError: When it cannot be read.
    """
    with CommandLog(path) as log:
        replay = Replay(Engine(shard=log.shard))
        for commands in log.pieces(progress):
            replay.apply(commands.records, commands.kinds, commands.times_ns)
    return replay
