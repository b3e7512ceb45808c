"""The types of fields that plain requests share, with their bounds."""

from enum import IntEnum
from typing import Annotated, Any, Final, Literal, TypeAlias

from msgspec import Meta

from outcry.gateways.times import TIME_MAX_MS

DECIMAL_PATTERN: Final = r"^[0-9]{1,20}(\.[0-9]{1,24})?$"

Number: TypeAlias = Annotated[
    str, Meta(pattern=DECIMAL_PATTERN, max_length=45, description="A decimal number, as text.")
]
Symbol: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=24, description="An instrument, as `BTCUSDT`.")
]
AssetName: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=16, description="An asset, as `BTC`.")
]
AccountNumber: TypeAlias = Annotated[int, Meta(ge=1, le=4_294_967_295, description="An account.")]
ClientId: TypeAlias = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=36,
        pattern=r"^[!-~]{1,36}$",
        description="The client's own name, unique among the account's open orders.",
    ),
]
Ppm: TypeAlias = Annotated[int, Meta(ge=-1_000_000, le=1_000_000, description="Parts per million.")]
Bips: TypeAlias = Annotated[int, Meta(ge=1, le=999_999, description="Parts per million.")]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=4_294_967_295, description="A count; 0 for none.")]
Time: TypeAlias = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=40,
        description="Milliseconds since 1970 UTC, or ISO 8601, as `2026-01-31T12:00:00Z`.",
    ),
]
TimeMs: TypeAlias = Annotated[
    int, Meta(ge=0, le=TIME_MAX_MS, description="Milliseconds since 1970 UTC.")
]
OrderId: TypeAlias = Annotated[int, Meta(ge=0, le=(1 << 63) - 1, description="An order.")]
TradeId: TypeAlias = Annotated[int, Meta(ge=0, le=(1 << 63) - 1, description="A trade.")]
Rows: TypeAlias = Annotated[
    int,
    Meta(ge=1, le=(1 << 31) - 1, description="Most rows; more than `page_rows_max` is that many."),
]
Source: TypeAlias = Annotated[
    int, Meta(ge=1, le=4_294_967_295, description="Who moves the money: a system's own number.")
]
SourceNumber: TypeAlias = Annotated[
    int,
    Meta(
        ge=1,
        le=(1 << 63) - 1,
        description="The source's rising number: what has come once does not come again.",
    ),
]

SideWord: TypeAlias = Literal["buy", "sell"]
TypeWord: TypeAlias = Literal["limit", "market", "stop", "stop_limit"]
TimeInForceWord: TypeAlias = Literal["gtc", "ioc", "fok", "day", "gtd"]
SelfTradeWord: TypeAlias = Literal[
    "none", "cancel_taker", "cancel_maker", "cancel_both", "decrement"
]
TriggerWord: TypeAlias = Literal["rise", "fall"]
StateWord: TypeAlias = Literal["continuous", "cancel_only", "halted"]
AccountStateWord: TypeAlias = Literal["active", "cancel_only", "frozen"]
StatusWord: TypeAlias = Literal["open", "waiting", "pending", "filled", "cancelled", "expired"]
Interval: TypeAlias = Literal[
    "1s",
    "1m",
    "3m",
    "5m",
    "15m",
    "30m",
    "1h",
    "2h",
    "4h",
    "6h",
    "8h",
    "12h",
    "1d",
    "3d",
    "1w",
    "1M",
]


def word(value: IntEnum) -> Any:  # noqa: ANN401 - one of the words of its field
    """Return the word for a value of a closed set: its name, which is the word of its field."""
    return str(value)
