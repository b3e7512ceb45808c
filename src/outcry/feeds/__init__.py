"""Recorded markets: readers of their files, their replay through the engine, their books."""

from outcry.feeds.books import Best, BookState, VenueBook, VenueLevel
from outcry.feeds.command_log import CommandLog, Commands
from outcry.feeds.formats import TradeOptions
from outcry.feeds.front import TRADE_FORMATS, TradeReader, open_trades
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
from outcry.feeds.messages import BookChange, BookSnapshot
from outcry.feeds.quarantine import BAD_LINES_MAX, Quarantine
from outcry.feeds.quotes import QuoteTape, scaled_decimals
from outcry.feeds.recording import MalformedRecording, Progress, TooManyBadLines
from outcry.feeds.replay import Replay
from outcry.feeds.trades import TRADES_COLUMNS, TRADES_SCHEMA, Trades, join_trades
from outcry.feeds.venues import BookReader

__all__ = [
    "BAD_LINES_MAX",
    "TRADES_COLUMNS",
    "TRADES_SCHEMA",
    "TRADE_FORMATS",
    "Best",
    "BookChange",
    "BookLevel",
    "BookReader",
    "BookRow",
    "BookSnapshot",
    "BookState",
    "CommandLog",
    "Commands",
    "LobsterReplay",
    "MalformedRecording",
    "Message",
    "MessageType",
    "Outcome",
    "Progress",
    "Quarantine",
    "QuoteTape",
    "Replay",
    "TooManyBadLines",
    "TradeOptions",
    "TradeReader",
    "Trades",
    "VenueBook",
    "VenueLevel",
    "join_trades",
    "open_trades",
    "read_books",
    "read_messages",
    "replay_lobster",
    "replay_log",
    "scaled_decimals",
]
