"""Recorded markets: readers of their files, and their replay through the engine."""

from outcry.feeds.command_log import CommandLog, Commands
from outcry.feeds.lobster import (
    BookLevel,
    BookRow,
    Message,
    MessageType,
    read_books,
    read_messages,
)
from outcry.feeds.lobster_replay import LobsterReplay, Outcome, replay_lobster
from outcry.feeds.log_replay import replay_log
from outcry.feeds.recording import MalformedRecording, Progress
from outcry.feeds.replay import Replay

__all__ = [
    "BookLevel",
    "BookRow",
    "CommandLog",
    "Commands",
    "LobsterReplay",
    "MalformedRecording",
    "Message",
    "MessageType",
    "Outcome",
    "Progress",
    "Replay",
    "read_books",
    "read_messages",
    "replay_lobster",
    "replay_log",
]
