"""The imbalance of trades: what was bought against what was sold, candle by candle."""

from datetime import timedelta
from typing import Final, Literal, TypeAlias

import polars as pl

from outcry.errors import InvalidValue
from outcry.marketdata.candles import CandleStream
from outcry.marketdata.columns import Trades, frame_of

Imbalance: TypeAlias = Literal["ratio", "normalised", "share"]
IMBALANCES: Final = ("ratio", "normalised", "share")


def imbalance(candles: object, kind: Imbalance = "normalised") -> pl.Series:
    """Return the imbalance of trades of each candle or bar as floats.

    With b bought and s sold: `ratio` b / s, null where nothing was sold; `normalised`
    (b - s) / (b + s) from -1 to 1, 0 without volume; `share` b / (b + s), null without volume. Not
    the order flow imbalance of quotes: that is `ofi`.

    >>> bar = pl.DataFrame({"volume": [53.0], "buy_volume": [45.0]})
    >>> imbalance(bar, "ratio").to_list()
    [5.625]

    Raises:
        InvalidValue: There is no such kind, or no column `volume` or `buy_volume`.
    """
    frame = frame_of(candles)
    for name in ("volume", "buy_volume"):
        if name not in frame.columns:
            raise InvalidValue(name, "no column", "must be there")
    bought = pl.col("buy_volume").cast(pl.Float64)
    volume = pl.col("volume").cast(pl.Float64)
    sold = (pl.col("volume") - pl.col("buy_volume")).cast(pl.Float64)
    kinds: dict[str, pl.Expr] = {
        "ratio": pl.when(sold != 0).then(bought / sold),
        "normalised": pl.when(volume != 0).then((bought - sold) / volume).otherwise(0.0),
        "share": pl.when(volume != 0).then(bought / volume),
    }
    if kind not in kinds:
        raise InvalidValue("kind", str(kind), f"must be one of {', '.join(kinds)}")
    return frame.select(kinds[kind].alias("imbalance")).to_series()


class ImbalanceStream:
    """The imbalance of each bar of trades as they come.

    A late trade within the horizon tells its bar anew, as that of `CandleStream` does.

    >>> stream = ImbalanceStream("1m")
    >>> def trade(time_ns, quantity, side):
    ...     return pl.DataFrame(
    ...         {"time_ns": [time_ns], "price": [1], "quantity": [quantity], "side": [side]}
    ...     )
    >>> stream.update(trade(1, 3, "buy"))["imbalance"].to_list()
    [1.0]
    >>> stream.peek(trade(2, 1, "sell"))["imbalance"].to_list()
    [0.5]
    >>> stream.update(trade(2, 3, "sell"))["imbalance"].to_list()
    [0.0]
    """

    def __init__(
        self,
        interval: str = "1m",
        kind: Imbalance = "normalised",
        *,
        horizon: str | int | timedelta = "1h",
        grace: str | int | timedelta = 0,
    ) -> None:
        """Make an empty stream; `kind` as in `imbalance`, the rest as in `CandleStream`.

        Raises:
            InvalidValue: An argument cannot be taken.
        """
        if kind not in IMBALANCES:
            raise InvalidValue("kind", str(kind), f"must be one of {', '.join(IMBALANCES)}")
        self._kind: Imbalance = kind
        self._candles = CandleStream(interval, horizon=horizon, grace=grace)

    def update(self, trades: Trades) -> pl.DataFrame:
        """Take trades; return the bars that changed or closed.

        Returns:
            The group's columns as in `candles`, `open_time`, `imbalance`, `closed` and
            `correction`: then it is that of the trades behind the horizon alone.

        Raises:
            InvalidValue: A column cannot be taken.
        """
        return self._told(self._candles.update(trades))

    def peek(self, trades: Trades) -> pl.DataFrame:
        """Return the forming bars as they would be with these trades, which are not taken."""
        return self._told(self._candles.peek(trades))

    def _told(self, bars: pl.DataFrame) -> pl.DataFrame:
        keys = bars.columns[: bars.columns.index("interval")]
        found = bars.select(*keys, "open_time", "closed", "correction")
        return found.insert_column(len(keys) + 1, imbalance(bars, self._kind))
