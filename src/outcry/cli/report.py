"""What a replay came to, as plain figures: what `--json` prints and the tables show."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from outcry.cli.figures import decimal_of, rate
from outcry.exchange import Instrument, Level
from outcry.feeds import LobsterReplay, Replay

Json = dict[str, Any]


@dataclass(frozen=True)
class Trade:
    """A trade in decimals; `aggressor` is `buy` or `sell`."""

    trade_id: int
    time_ns: int
    price: Decimal
    quantity: Decimal
    aggressor: str


@dataclass(frozen=True)
class Candle:
    """A candle in decimals, labelled by its open time; `closed` once no trade can join it."""

    open_time_ns: int
    close_time_ns: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    quote_volume: Decimal
    trades: int
    buy_volume: Decimal
    buy_quote_volume: Decimal
    vwap: Decimal
    closed: bool


@dataclass(frozen=True)
class Market:
    """One instrument: its book, best first, its last trades and its candles, in their order."""

    symbol: str
    tick: Decimal
    lot: Decimal
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    trades: int
    last_trades: tuple[Trade, ...]
    candles: tuple[Candle, ...]


@dataclass(frozen=True)
class Report:
    """A finished replay.

    Attributes:
        recording: The file.
        format: `lobster` or `log`.
        messages: How many messages or commands the recording has.
        elapsed_ns: From the first byte read to the last event counted.
        replay: The replay itself.
        markets: Its instruments, by number.
    """

    recording: str
    format: str
    messages: int
    elapsed_ns: int
    replay: Replay
    markets: tuple[Market, ...]

    @property
    def messages_per_second(self) -> int:
        """How many messages a second, reading and counting included."""
        return rate(self.messages, self.elapsed_ns)

    @property
    def engine_commands_per_second(self) -> int:
        """How many commands a second of the engine's own time."""
        return rate(self.replay.commands.total(), self.replay.engine_ns)


def report_of(
    replay: Replay, recording: str, recording_format: str, elapsed_ns: int, levels: int
) -> Report:
    """Gather the figures of a finished replay, with so many levels of each book."""
    messages = replay.commands.total()
    if isinstance(replay, LobsterReplay):
        messages = replay.messages.total()
    markets = tuple(_market(replay, each, levels) for each in replay.engine.instruments())
    return Report(recording, recording_format, messages, elapsed_ns, replay, markets)


def _market(replay: Replay, instrument: Instrument, levels: int) -> Market:
    depth = replay.engine.depth(instrument, levels)
    is_own = pl.col("instrument") == instrument.number
    candles = replay.tape.candles(replay.time_ns).filter(is_own)
    last_trades = replay.tape.last_trades().filter(is_own)
    return Market(
        symbol=instrument.symbol,
        tick=instrument.tick,
        lot=instrument.lot,
        bids=tuple(depth.bids),
        asks=tuple(depth.asks),
        trades=int(candles["trades"].sum()),
        last_trades=tuple(_trade(row, instrument) for row in last_trades.to_dicts()),
        candles=tuple(_candle(row, instrument) for row in _in_ns(candles).to_dicts()),
    )


def _trade(row: dict[str, int], instrument: Instrument) -> Trade:
    return Trade(
        trade_id=row["trade_id"],
        time_ns=row["time_ns"],
        price=decimal_of(row["price_ticks"], instrument.tick),
        quantity=decimal_of(row["quantity_lots"], instrument.lot),
        aggressor="buy" if row["is_buy"] else "sell",
    )


def _in_ns(candles: pl.DataFrame) -> pl.DataFrame:
    return candles.with_columns(pl.col("open_time", "close_time").dt.epoch("ns"))


def _candle(row: dict[str, int], instrument: Instrument) -> Candle:
    tick, lot = instrument.tick, instrument.lot
    return Candle(
        open_time_ns=row["open_time"],
        close_time_ns=row["close_time"],
        open=decimal_of(row["open"], tick),
        high=decimal_of(row["high"], tick),
        low=decimal_of(row["low"], tick),
        close=decimal_of(row["close"], tick),
        volume=decimal_of(row["volume"], lot),
        quote_volume=decimal_of(row["quote_volume"], tick, lot),
        trades=row["trades"],
        buy_volume=decimal_of(row["buy_volume"], lot),
        buy_quote_volume=decimal_of(row["buy_quote_volume"], tick, lot),
        # The mean of prices in ticks has eight decimals.
        vwap=decimal_of(row["vwap"], tick.scaleb(-8)),
        closed=bool(row["closed"]),
    )


def json_of(report: Report) -> Json:
    """Return the report as `--json` prints it: decimals as text, names as in the protocol."""
    replay = report.replay
    document: Json = {
        "recording": report.recording,
        "format": report.format,
        "messages": report.messages,
        "elapsed_ns": report.elapsed_ns,
        "messages_per_second": report.messages_per_second,
        "engine_ns": replay.engine_ns,
        "engine_commands_per_second": report.engine_commands_per_second,
        "commands": {str(kind): count for kind, count in sorted(replay.commands.items())},
        "rejected": {str(reason): count for reason, count in replay.rejected.most_common()},
        "trades": replay.tape.trades,
        "sequence": replay.engine.sequence,
        "digest": f"{replay.engine.digest:016x}",
        "state_hash": replay.engine.state_hash().hex(),
        "instruments": [_market_json(market) for market in report.markets],
    }
    if isinstance(replay, LobsterReplay):
        document["lobster"] = {
            "messages": {kind.name.lower(): n for kind, n in sorted(replay.messages.items())},
            "executions": {str(outcome): n for outcome, n in replay.executions.items()},
            "seeded_executions": {
                str(outcome): n for outcome, n in replay.seeded_executions.items()
            },
            "unpublished": replay.unpublished,
            "unrecorded_trades": replay.unrecorded_trades,
        }
    return document


def _market_json(market: Market) -> Json:
    return {
        "symbol": market.symbol,
        "tick": market.tick,
        "lot": market.lot,
        "bids": [_level_json(level) for level in market.bids],
        "asks": [_level_json(level) for level in market.asks],
        "trades": market.trades,
        "last_trades": [_fields_json(trade) for trade in market.last_trades],
        "candles": [_fields_json(candle) for candle in market.candles],
    }


def _level_json(level: Level) -> Json:
    return {
        "price": level.price,
        "quantity": level.quantity,
        "orders": level.orders,
    }


def _fields_json(figures: Trade | Candle) -> Json:
    return dict(vars(figures))
