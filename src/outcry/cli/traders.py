"""Simulated traders with real balances on an open exchange: what `outcry run` shows."""

from collections import deque
from dataclasses import dataclass, field
from time import perf_counter_ns, time_ns
from typing import Final

import numpy as np
import numpy.typing as npt

from outcry import _native
from outcry.cli.report import Trade
from outcry.errors import DiskNearlyFull, InvalidValue
from outcry.exchange import FEE_ACCOUNT, Exchange, Instrument
from outcry.protocol import EventKind, Traded, read_events

# More at once would act on an older picture of the book; fewer would wait for the disk more often.
BATCH_MAX: Final = 256
LATENCIES_KEPT: Final = 4_096
TRADES_KEPT: Final = 64


@dataclass(slots=True)
class Flow:
    """What the traders did since they began.

    Attributes:
        acknowledged: Commands that were answered.
        trades: Trades among them.
        latencies_ns: From handing over a batch to all its answers, the last ones.
        tape: The last trades of the instrument that is watched.
    """

    acknowledged: int = 0
    trades: int = 0
    latencies_ns: deque[int] = field(default_factory=lambda: deque(maxlen=LATENCIES_KEPT))
    tape: deque[Trade] = field(default_factory=lambda: deque(maxlen=TRADES_KEPT))

    def latency_ns(self, percent: float) -> int:
        """Return what so many percent of the last batches took at most, 0 before the first."""
        if not self.latencies_ns:
            return 0
        return int(np.percentile(np.array(self.latencies_ns), percent))


class Demo:
    """Traders who trade on an exchange, one batch at a time; a new exchange is set up for them.

    Args:
        exchange: The exchange, new or left by earlier traders.
        seed: Whose flow it is; another seed behaves otherwise.
        symbol: The instrument whose trades are kept for the tape; None for the first.

    Raises:
        UnknownSymbol: The exchange has no such instrument.
        InvalidValue: The exchange knows no money, or has others' instruments.
    """

    def __init__(self, exchange: Exchange, seed: int, symbol: str | None = None) -> None:
        if not exchange.settings.money:
            raise InvalidValue("money", "false", "must be true where simulated traders trade")
        self._exchange = exchange
        self._traders = _native.Traders(seed)
        self.flow = Flow()
        if not exchange.instruments():
            self._send(self._traders.setup())
        else:
            self._send(self._resumed())
        instruments = exchange.instruments()
        self.watched: Instrument = (
            exchange.instrument(symbol) if symbol is not None else instruments[0]
        )
        self.flow = Flow()

    @property
    def refused(self) -> int:
        """How many of the traders' commands the engine refused."""
        return self._traders.refused

    def trade(self, count: int) -> None:
        """Let the traders send the next commands, at most `BATCH_MAX`, and hear the answers.

        Raises:
            DiskNearlyFull: None was taken; they go on once there is room.
        """
        start_ns, before = perf_counter_ns(), self._traders.commands
        batch = self._traders.next_batch(time_ns(), min(count, BATCH_MAX))
        try:
            events = self._send(batch)
        except DiskNearlyFull:
            # So few commands are taken in as one, or not at all.
            self._traders.unsent(self._traders.commands - before)
            raise
        self.flow.latencies_ns.append(perf_counter_ns() - start_ns)
        self._note_trades(events)

    def _send(self, records: bytes) -> npt.NDArray[np.void]:
        events = self._exchange.apply(records)
        self._traders.learn(events)
        self.flow.acknowledged = self._traders.commands
        return events

    def _resumed(self) -> bytes:
        """Take up from an exchange what earlier traders left in it."""
        exchange = self._exchange
        first, last = self._traders.accounts()
        if exchange.account(last) is None:
            bound = "must be there: this exchange was not set up for simulated traders"
            raise InvalidValue("account", str(last), bound)
        trades = [
            (each.number, each.ticks(price))
            for each in exchange.instruments()
            if (price := exchange.last_trade(each)) is not None
        ]
        assets = {asset.name: asset for asset in exchange.assets()}
        balances = [
            (account, assets[name].number, assets[name].units(balance.available))
            for account in (*range(first, last + 1), FEE_ACCOUNT)
            for name, balance in exchange.balances(account).items()
            if balance.available > 0
        ]
        return self._traders.resume(time_ns(), trades, balances)

    def _note_trades(self, events: npt.NDArray[np.void]) -> None:
        """Count the trades of a batch, and keep those of the watched instrument for the tape."""
        is_trade = events["kind"] == EventKind.TRADED
        self.flow.trades += int(np.count_nonzero(is_trade))
        watched = self.watched
        if not np.any(is_trade & (events["instrument"] == watched.number)):
            return
        now_ns = time_ns()
        for event in read_events(events):
            if isinstance(event, Traded) and event.instrument == watched.number:
                self.flow.tape.append(
                    Trade(
                        trade_id=event.trade_id,
                        time_ns=now_ns,
                        price=watched.price(event.price_ticks),
                        quantity=watched.quantity(event.quantity_lots),
                        aggressor=str(event.aggressor),
                    )
                )
