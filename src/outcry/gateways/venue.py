"""What the gateways serve: the exchange, its history, its markets, who may ask and how much."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from outcry._native import SpotInstrument
from outcry.exchange import Asset, AsyncExchange, Exchange, Instrument
from outcry.gateways import past
from outcry.gateways.answering import Answering
from outcry.gateways.figures import Figures
from outcry.gateways.limits import FirstFills
from outcry.gateways.market import Markets
from outcry.gateways.metrics import Meter
from outcry.gateways.projector import Projector
from outcry.gateways.readiness import Readiness
from outcry.gateways.request_ids import made_ids

if TYPE_CHECKING:
    from itertools import count

    from outcry.exchange import Status
    from outcry.gateways.keys import KeyStore
    from outcry.gateways.limits import OrderCounts, RequestWeights
    from outcry.projections.history import History, OrderRow
    from outcry.settings import ServeSettings


@dataclass(slots=True)
class Venue:
    """Everything that a route is given.

    Attributes:
        opened: The exchange, for threads.
        exchange: The same for the event loop.
        history: What happened: closed orders, fills, trades, finished candles.
        keys: Who may ask.
        projector: Keeps the history's process running.
        weights: How much each address may ask.
        order_counts: How many orders each account may send.
        settings: The bounds of the gateways.
        first_fills: Gives back the orders that trade.
        markets: Tape, candles and tickers of this process.
        answering: Bounds the requests at work.
        readiness: Tells whether they can be answered.
        meter: Counts what is answered.
        defining: Is held while an asset or instrument is added, for two at once would be given one
            number.
    """

    opened: Exchange
    exchange: AsyncExchange
    history: "History"
    keys: "KeyStore"
    projector: Projector
    weights: "RequestWeights"
    order_counts: "OrderCounts"
    settings: "ServeSettings"
    first_fills: FirstFills = field(init=False)
    markets: "Markets" = field(init=False)
    answering: Answering = field(init=False)
    readiness: Readiness = field(init=False)
    meter: Meter = field(default_factory=Meter)
    defining: asyncio.Lock = field(default_factory=asyncio.Lock)
    _figures: dict[int, tuple[Instrument, Figures]] = field(default_factory=dict)
    _spot: dict[int, tuple[Instrument, SpotInstrument]] = field(default_factory=dict)
    _taker_rates: dict[int, int] = field(default_factory=dict)
    _assets: tuple[bytes, tuple[Asset, ...]] = (b"", ())
    _request_ids: "count[int]" = field(default_factory=made_ids)

    def __post_init__(self) -> None:
        bounds = self.settings
        self.first_fills = FirstFills(self.order_counts)
        self.markets = Markets(
            *(self.exchange, self.history, self.figures),
            history_timeout_s=self._history_timeout_s,
            listener=self.first_fills,
        )
        self.readiness = Readiness(
            *(self.exchange, self.keys, self.history, self.projector),
            late_s=self._history_timeout_s,
        )
        self.answering = Answering(bounds.requests_in_flight_max, bounds.answer_timeout_ms / 1_000)

    def instrument(self, symbol: str) -> Instrument:
        """Return an instrument.

        Raises:
            UnknownSymbol: There is none of that symbol.
        """
        return self.exchange.instrument(symbol)

    def figures(self, instrument: Instrument) -> Figures:
        """Return how an instrument's numbers are said."""
        known = self._figures.get(instrument.number)
        if known is None or known[0] is not instrument:
            known = self._figures[instrument.number] = (instrument, Figures(instrument))
        return known[1]

    def spot(self, instrument: Instrument) -> SpotInstrument:
        """Return how the spot API reads an instrument's orders and tells their results."""
        known = self._spot.get(instrument.number)
        if known is None or known[0] is not instrument:
            known = self._spot[instrument.number] = (instrument, SpotInstrument(instrument))
        return known[1]

    def assets(self) -> tuple[Asset, ...]:
        """Return all assets, by number, without asking the engine.

        Every command that adds one is sent by this process, which keeps the records of those that
        were accepted; they are read again only where they are others than before.
        """
        records = self.exchange.parts.catalogue.assets()
        if records != self._assets[0]:
            self._assets = records, self.exchange.parts.registry.assets()
        return self._assets[1]

    def status(self) -> "Status | None":
        """Return how the exchange is doing, None once it is closed; other halts leave that."""
        halt = self.exchange.halt
        return None if halt is not None and halt[0] == "closed" else self.exchange.status()

    def depth_json(self, instrument: Instrument, levels: int) -> bytes:
        """Return the best levels of a book as the API tells them."""
        parts = self.exchange.parts
        return parts.native.depth_text(parts.registry.markets[instrument.symbol], levels)

    def next_request_id(self) -> int:
        """Return a request id that nobody else has."""
        return next(self._request_ids)

    async def taker_rate_ppm(self, account: int) -> int:
        """Return what an account pays as a taker, in parts per million of what it receives."""
        rate = self._taker_rates.get(account)
        if rate is None:
            found = await self.exchange.account(account)
            rate = self._taker_rates[account] = 0 if found is None else found.taker_rate_ppm
        return rate

    def forget_rates(self, account: int) -> None:
        """Read an account's rates anew: they were set."""
        self._taker_rates.pop(account, None)

    async def caught_up(self) -> "History":
        """Return the history once it has what is durable now.

        Raises:
            ProjectionLagging: It took longer than `history_timeout_ms`.
            ExchangeHalted: It did, and the exchange has stopped.
        """
        return await past.caught_up(self.exchange, self.history, self._history_timeout_s)

    async def past_order(self, account: int, order_id: int) -> "OrderRow | None":
        """Return an account's order as the history has it, at once where it has ended there.

        Raises:
            ProjectionLagging: It took longer than `history_timeout_ms`.
            ExchangeHalted: It did, and the exchange has stopped.
        """
        asked = account, order_id
        return await past.past_order(self.exchange, self.history, self._history_timeout_s, *asked)

    @property
    def _history_timeout_s(self) -> float:
        return self.settings.history_timeout_ms / 1_000
