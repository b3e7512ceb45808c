"""Commands through an engine, with what came of them kept in little room."""

from collections import Counter
from time import perf_counter_ns
from typing import Final

import numpy as np
import numpy.typing as npt

from outcry.exchange import Engine
from outcry.marketdata import TRADE, Tape
from outcry.protocol import CommandKind, EventKind, RejectReason, Side, place_events

TRADES_KEPT: Final = 100


class Replay:
    """An engine that is fed commands in pieces, and the tape of what traded.

    Attributes:
        engine: The engine.
        tape: The trades.
        commands: How many commands of each kind were given.
        rejected: How many were refused, by reason.
        time_ns: Engine time: the latest that any command stated.
        engine_ns: How long the engine worked, without reading, translating and counting.
    """

    def __init__(self, engine: Engine) -> None:
        """Feed this engine, which nothing else feeds meanwhile."""
        self.engine = engine
        self.tape = Tape(TRADES_KEPT)
        self.commands: Counter[CommandKind] = Counter()
        self.rejected: Counter[RejectReason] = Counter()
        self.time_ns = 0
        self.engine_ns = 0

    def apply(
        self,
        records: bytes | memoryview,
        kinds: npt.NDArray[np.uint8],
        times_ns: npt.NDArray[np.int64],
    ) -> npt.NDArray[np.void]:
        """Apply whole commands, of these kinds and times, and return their events.

        Returns:
            Their events, dtype `outcry.protocol.PLACED_EVENT`.
        """
        first_sequence = self.engine.sequence + 1
        start_ns = perf_counter_ns()
        events = self.engine.apply(records)
        self.engine_ns += perf_counter_ns() - start_ns
        placed = place_events(events.data)
        self._count(kinds, placed)
        # Time never runs back in the engine, whatever a command states.
        times_ns = np.maximum(np.maximum.accumulate(times_ns), self.time_ns)
        self.time_ns = int(times_ns[-1])
        traded = placed[placed["kind"] == EventKind.TRADED]
        if len(traded):
            places = (traded["sequence"] - np.uint64(first_sequence)).astype(np.int64)
            self.tape.add(_trades(traded, times_ns[places]))
        return placed

    def _count(self, kinds: npt.NDArray[np.uint8], placed: npt.NDArray[np.void]) -> None:
        for kind, count in _counted(kinds):
            self.commands[CommandKind(kind)] += count
        for reason, count in _counted(placed["reason"][placed["kind"] == EventKind.REJECTED]):
            self.rejected[RejectReason(reason)] += count


def _counted(codes: npt.NDArray[np.integer]) -> list[tuple[int, int]]:
    """Return each code that is there, and how often."""
    counts = np.bincount(codes)
    return [(code, int(counts[code])) for code in np.flatnonzero(counts).tolist()]


def _trades(traded: npt.NDArray[np.void], times_ns: npt.NDArray[np.int64]) -> npt.NDArray[np.void]:
    """Return events of trades as the rows that a tape takes."""
    trades = np.empty(len(traded), TRADE)
    for name in ("instrument", "trade_id", "price_ticks", "quantity_lots"):
        trades[name] = traded[name]
    trades["time_ns"] = times_ns
    trades["is_buy"] = traded["aggressor"] == Side.BUY
    return trades
