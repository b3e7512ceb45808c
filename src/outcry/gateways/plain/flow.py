"""Plain routes of order flow and profiles, made of the trades in the history."""

import asyncio
from decimal import Context, Decimal
from time import time_ns
from typing import TYPE_CHECKING, Annotated, Final, Literal, NamedTuple

from msgspec import Meta, Struct

from outcry.exchange import Instrument
from outcry.gateways.market.buckets import back_ms, end_ms, open_ms
from outcry.gateways.plain.call import PlainCall
from outcry.gateways.plain.fields import Interval, Number, Rows, Time
from outcry.gateways.plain.market_data import times_of
from outcry.gateways.plain.problem import invalid
from outcry.gateways.plain.route import PlainRoute
from outcry.gateways.times import NS_PER_MS
from outcry.gateways.venue import Venue
from outcry.projections.history import TradeRow
from outcry.protocol import Side

if TYPE_CHECKING:
    import polars as pl

    from outcry.marketdata import Profile

TRADES_MAX: Final = 50_000
"""Trades that an answer is made of at most."""

ROWS_MAX: Final = 2_000
"""Rows of a profile."""

_PAGE: Final = 1_000
_TWO: Final = Decimal(2)
_EXACT: Final = Context(prec=100)
_BARS_USUAL: Final = 60
_HOUR_MS: Final = 3_600_000
_ROWS_USUAL: Final = 50


class OrderFlowQuery(Struct, forbid_unknown_fields=True, frozen=True, rename={"from_": "from"}):
    """Which bars of order flow to tell.

    Attributes:
        interval: How long each is.
        from_: Those that open at this time or later; by default the newest.
        to: Those that open at this time or earlier; by default now.
        unit: What flow is counted in: quantities, or price times quantity.
        limit: Most bars.
    """

    interval: Interval = "1m"
    from_: Time | None = None
    to: Time | None = None
    unit: Literal["base", "quote"] = "base"
    limit: Rows = _BARS_USUAL


class FlowBar(Struct, kw_only=True):
    """What aggressors did in an interval.

    Attributes:
        open_time_ms: Where it begins, in milliseconds since 1970 UTC.
        buy_volume: What buying aggressors took.
        sell_volume: What selling aggressors took.
        delta: `buy_volume` less `sell_volume`.
        min_delta: The least that it was after any trade of the bar, 0 at its open.
        max_delta: The greatest.
        cvd: The sum of the deltas since the first bar of the answer.
        trades: How many trades.
        closed: Whether its time is over.
    """

    open_time_ms: int
    buy_volume: str
    sell_volume: str
    delta: str
    min_delta: str
    max_delta: str
    cvd: str
    trades: int
    closed: bool


class OrderFlow(Struct, kw_only=True):
    """Order flow by time; a bar without a trade is left out.

    Attributes:
        symbol: The instrument.
        interval: How long each bar is.
        unit: What flow is counted in.
        bars: The bars.
        next_from_ms: The `from` of the next page, null where this one reaches to `to`.
    """

    symbol: str
    interval: Interval
    unit: str
    bars: list[FlowBar]
    next_from_ms: int | None


class ProfileQuery(Struct, forbid_unknown_fields=True, frozen=True, rename={"from_": "from"}):
    """Which profile to make.

    Attributes:
        from_: Of trades of this time or later; by default of the last hour.
        to: Of trades of this time or earlier; by default until now.
        row_size: How high a row is; by default some fifty rows cover the prices.
        value_share_ppm: What share of the volume the value area holds, in parts per million.
        expansion: How the value area grows from the point of control: by single rows, or by pairs.
    """

    from_: Time | None = None
    to: Time | None = None
    row_size: Number | None = None
    value_share_ppm: Annotated[int, Meta(ge=1, le=1_000_000)] = 700_000
    expansion: Literal["one_row", "two_row"] = "two_row"


class ProfileRow(Struct, kw_only=True):
    """What was traded at the prices of a row.

    Attributes:
        price: Its lower edge.
        volume: What was traded, in the base asset.
        buy_volume: What buying aggressors took of it.
        trades: How many trades.
    """

    price: str
    volume: str
    buy_volume: str
    trades: int


class MarketProfile(Struct, kw_only=True):
    """Volume by price.

    Attributes:
        symbol: The instrument.
        from_ms: The first time that it is of, in milliseconds since 1970 UTC.
        to_ms: The last time.
        row_size: How high a row is; null without a trade.
        poc: Lower edge of the row with the greatest volume; null without a trade, as the next two.
        value_area_high: Lower edge of the value area's highest row.
        value_area_low: Lower edge of its lowest row.
        rows: The rows by rising price, without gaps.
        complete: Whether all trades of the time are in it; else the first 50,000 are.
    """

    symbol: str
    from_ms: int
    to_ms: int
    row_size: str | None
    poc: str | None
    value_area_high: str | None
    value_area_low: str | None
    rows: list[ProfileRow]
    complete: bool


class ScaledTrades(NamedTuple):
    """Trades as integers.

    Attributes:
        frame: The columns.
        scales: The decimals of prices, quantities and values.
    """

    frame: "pl.DataFrame"
    scales: tuple[int, int, int]


async def order_flow(call: PlainCall) -> OrderFlow:
    """Tell what aggressors bought and sold, bar by bar.

    Made of at most 50,000 trades: a page of more ends early, and `next_from_ms` goes on.
    """
    asked = call.parameters(OrderFlowQuery)
    venue = call.venue
    instrument = venue.instrument(call.path["symbol"])
    start_ms, until_ms = times_of(asked.from_, asked.to)
    now_ms = time_ns() // NS_PER_MS
    until_ms = now_ms if until_ms is None else min(until_ms, now_ms)
    limit = min(asked.limit, venue.settings.page_rows_max)
    first_ms, stop_ms = _bars_of(asked.interval, (start_ms, until_ms), limit)
    rows, is_whole = await _trades(venue, instrument, first_ms, stop_ms)
    if not is_whole:
        # The last bar may lack trades; a bar of more than all trades is told as far as it goes.
        cut_ms = open_ms(asked.interval, rows[-1].time_ns // NS_PER_MS)
        kept = [row for row in rows if row.time_ns // NS_PER_MS < cut_ms]
        rows, stop_ms = (kept, cut_ms) if kept else (rows, end_ms(asked.interval, cut_ms))
    bars = await asyncio.to_thread(_flow_bars, rows, asked, now_ms) if rows else []
    is_last = stop_ms > until_ms or (start_ms is None and is_whole)
    return OrderFlow(
        symbol=instrument.symbol,
        interval=asked.interval,
        unit=asked.unit,
        bars=bars,
        next_from_ms=None if is_last else stop_ms,
    )


def _bars_of(interval: str, times_ms: tuple[int | None, int], limit: int) -> tuple[int, int]:
    """Return where the first bar of a page begins, and where its last one ends."""
    start_ms, until_ms = times_ms
    if start_ms is None:
        last_ms = open_ms(interval, until_ms)
        return max(0, back_ms(interval, last_ms, limit - 1)), end_ms(interval, last_ms)
    first_ms = open_ms(interval, start_ms)
    if first_ms < start_ms:
        first_ms = end_ms(interval, first_ms)
    stop_ms = first_ms
    for _ in range(limit):
        if stop_ms > until_ms:
            break
        stop_ms = end_ms(interval, stop_ms)
    return first_ms, stop_ms


async def _trades(
    venue: Venue, instrument: Instrument, first_ms: int, stop_ms: int
) -> tuple[list[TradeRow], bool]:
    """Return the first trades of a span of time, and whether they are all."""
    if stop_ms <= first_ms:
        return [], True
    history = await venue.caught_up()
    rows: list[TradeRow] = []
    from_id = None
    while len(rows) < TRADES_MAX:
        page = await history.trades(
            instrument.number,
            from_id=from_id,
            start_ns=first_ms * NS_PER_MS,
            end_ns=stop_ms * NS_PER_MS - 1,
            limit=_PAGE,
        )
        rows += page
        if len(page) < _PAGE:
            return rows, True
        from_id = page[-1].trade_id + 1
    return rows, False


def _frame(rows: list[TradeRow]) -> ScaledTrades:
    """Return trades as the kernels take them; at the finest steps where they changed."""
    import polars as pl  # noqa: PLC0415 - takes long, and few ask

    price_scale = max(row.steps.tick_decimals for row in rows)
    quantity_scale = max(row.steps.lot_decimals for row in rows)
    prices, quantities = [], []
    for row in rows:
        steps = row.steps
        prices.append(
            row.price_ticks * steps.tick_mantissa * 10 ** (price_scale - steps.tick_decimals)
        )
        quantities.append(
            row.quantity_lots * steps.lot_mantissa * 10 ** (quantity_scale - steps.lot_decimals)
        )
    frame = pl.DataFrame(
        {
            "time_ns": pl.Series([row.time_ns for row in rows], dtype=pl.Int64),
            "trade_id": pl.Series([row.trade_id for row in rows], dtype=pl.Int64),
            "price": pl.Series(prices, dtype=pl.Int64),
            "quantity": pl.Series(quantities, dtype=pl.Int64),
            "side": pl.Series(
                [1 if row.aggressor is Side.BUY else -1 for row in rows], dtype=pl.Int8
            ),
        }
    )
    return ScaledTrades(frame, (price_scale, quantity_scale, price_scale + quantity_scale))


def _flow_bars(rows: list[TradeRow], asked: OrderFlowQuery, now_ms: int) -> list[FlowBar]:
    from outcry.marketdata import delta_bars  # noqa: PLC0415 - as above

    frame = delta_bars(_frame(rows), asked.interval, None, asked.unit)
    told = []
    for row in frame.iter_rows(named=True):
        open_time_ms = round(row["open_time"].timestamp() * 1_000)
        # What was bought and sold make the volume together, and the delta apart.
        bought = _EXACT.divide(_EXACT.add(row["volume"], row["delta"]), _TWO)
        sold = _EXACT.subtract(row["volume"], bought)
        told.append(
            FlowBar(
                open_time_ms=open_time_ms,
                buy_volume=f"{bought:f}",
                sell_volume=f"{sold:f}",
                delta=f"{row['delta']:f}",
                min_delta=f"{row['min_delta']:f}",
                max_delta=f"{row['max_delta']:f}",
                cvd=f"{row['cvd']:f}",
                trades=row["trades"],
                closed=end_ms(asked.interval, open_time_ms) <= now_ms,
            )
        )
    return told


async def profile(call: PlainCall) -> MarketProfile:
    """Tell volume by price, its point of control and its value area.

    Made of at most 50,000 trades, the first of the time, in at most 2,000 rows.
    """
    asked = call.parameters(ProfileQuery)
    venue = call.venue
    instrument = venue.instrument(call.path["symbol"])
    start_ms, until_ms = times_of(asked.from_, asked.to)
    now_ms = time_ns() // NS_PER_MS
    until_ms = now_ms if until_ms is None else min(until_ms, now_ms)
    first_ms = max(0, until_ms - _HOUR_MS) if start_ms is None else start_ms
    rows, is_whole = await _trades(venue, instrument, first_ms, until_ms + 1)
    empty = MarketProfile(
        symbol=instrument.symbol,
        from_ms=first_ms,
        to_ms=max(first_ms, until_ms),
        row_size=None,
        poc=None,
        value_area_high=None,
        value_area_low=None,
        rows=[],
        complete=is_whole,
    )
    if not rows:
        return empty
    size = _row_size(asked, instrument, rows)
    made = await asyncio.to_thread(_made, rows, size, asked)
    return _told(empty, made, instrument, size)


def _row_size(asked: ProfileQuery, instrument: Instrument, rows: list[TradeRow]) -> Decimal:
    prices = [row.steps.price(row.price_ticks) for row in rows]
    span = max(prices) - min(prices)
    if asked.row_size is None:
        ticks = max(1, int(span / _ROWS_USUAL / instrument.tick))
        return instrument.price(ticks)
    size = Decimal(asked.row_size)
    bound = f"above 0, and at most {ROWS_MAX} rows"
    if not size:
        raise invalid("row_size", "must be above 0", bound)
    if span / size >= ROWS_MAX:
        raise invalid("row_size", f"{size} makes more than {ROWS_MAX} rows", bound)
    return size


def _made(rows: list[TradeRow], size: Decimal, asked: ProfileQuery) -> "Profile":
    from outcry.marketdata import market_profile  # noqa: PLC0415 - as above

    share = asked.value_share_ppm / 1_000_000
    return market_profile(_frame(rows), size, asked.expansion, share)


def _told(
    empty: MarketProfile, made: "Profile", instrument: Instrument, size: Decimal
) -> MarketProfile:
    empty.row_size = f"{size:f}"
    for name in ("poc", "value_area_high", "value_area_low"):
        edge = getattr(made, name)
        setattr(empty, name, None if edge is None else f"{edge:f}")
    decimals = f".{instrument.base_decimals}f"
    empty.rows = [
        ProfileRow(
            price=f"{row['price']:f}",
            volume=format(row["volume"], decimals),
            buy_volume=format(row["buy_volume"], decimals),
            trades=row["trades"],
        )
        for row in made.rows.iter_rows(named=True)
    ]
    return empty


ROUTES: Final = (
    PlainRoute(
        *("GET", "/orderflow/{symbol}", order_flow, OrderFlow, "market data"),
        query=OrderFlowQuery,
        weight=50,
    ),
    PlainRoute(
        *("GET", "/profile/{symbol}", profile, MarketProfile, "market data"),
        query=ProfileQuery,
        weight=50,
    ),
)
