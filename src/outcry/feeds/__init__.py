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
from outcry.feeds.recording import MalformedRecording, Progress

__all__ = [
    "BookLevel",
    "BookRow",
    "CommandLog",
    "Commands",
    "MalformedRecording",
    "Message",
    "MessageType",
    "Progress",
    "read_books",
    "read_messages",
]
