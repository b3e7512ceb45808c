"""Formats of trades in text: which field is which, and what the sides are called."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from outcry._native import TradeReader, TradeRules
from outcry.errors import InvalidValue

DAY_NS: Final = 86_400_000_000_000
FIELDS: Final = (
    "time",
    "price",
    "quantity",
    "trade_id",
    "value",
    "side",
    "account",
    "symbol",
)
NEEDED: Final = ("time", "price", "quantity")
COLUMNS_MAX: Final = 255

BUY_WORDS: Final = ("buy", "Buy", "BUY", "b", "B", "1")
SELL_WORDS: Final = ("sell", "Sell", "SELL", "s", "S", "-1")
# What Binance calls a trade whose buyer was the maker: its seller was the aggressor.
MAKER_SOLD: Final = ("false", "False", "FALSE")
MAKER_BOUGHT: Final = ("true", "True", "TRUE")
# Columns that say the side as a truth, in lower case, and their words for buy and sell.
_FLAGS: Final = {
    "is_buyer_maker": (MAKER_SOLD, MAKER_BOUGHT),
    "isbuyermaker": (MAKER_SOLD, MAKER_BOUGHT),
    "is_buy": (MAKER_BOUGHT, MAKER_SOLD),
}


@dataclass(frozen=True)
class TradeOptions:
    """How trades are read.

    Attributes:
        columns: By field of `FIELDS`, the name of the column or member, or the number of the
            column from 0; replaces what the format has.
        buy: The words for a buying aggressor, none for those of the format.
        sell: The words for a selling aggressor.
        price_scale: Decimals of prices; None takes the greatest number that is shown.
        quantity_scale: Decimals of quantities.
        value_scale: Decimals of values.
        time_unit: What a number counts when it is a time: `s`, `ms`, `us`, `ns`, or `auto` by its
            digits.
        time_back_max_ns: So far behind the trade before it, of its instrument and account, a time
            may lie that the next line does not agree with.
        time_ahead_max_ns: So far ahead of it the last time of the source may lie.
    """

    columns: Mapping[str, str | int] = field(default_factory=dict)
    buy: tuple[str, ...] = ()
    sell: tuple[str, ...] = ()
    price_scale: int | None = None
    quantity_scale: int | None = None
    value_scale: int | None = None
    time_unit: str = "auto"
    time_back_max_ns: int = DAY_NS
    time_ahead_max_ns: int = 31 * DAY_NS

    def __post_init__(self) -> None:
        """Raise `InvalidValue` for a field that no trade has."""
        for name in self.columns:
            if name not in FIELDS:
                raise InvalidValue("column", name, f"must be one of {', '.join(FIELDS)}")

    def rules(self, buy: tuple[str, ...], sell: tuple[str, ...]) -> TradeRules:
        """Return the rules of the core, with the words of a format where none are given."""
        return TradeRules(
            buy=list(self.buy or buy),
            sell=list(self.sell or sell),
            time_unit=self.time_unit,
            back_max_ns=self.time_back_max_ns,
            ahead_max_ns=self.time_ahead_max_ns,
            price_scale=self.price_scale,
            quantity_scale=self.quantity_scale,
            value_scale=self.value_scale,
        )


# The trade of the trading data system, one a line: Amount is the price.
SYSTEM_KEYS: Final = {
    "trade_id": "ID",
    "value": "Totaldone",
    "quantity": "Trx Amount",
    "price": "Amount",
    "side": "Transtype",
    "account": "Accountid",
    "time": "Transtime",
}
SYSTEM_BUY: Final = ("1",)
SYSTEM_SELL: Final = ("2",)


def json_reader(options: TradeOptions) -> TradeReader:
    """Return a reader of JSON lines: the trading data system's, or with the members named."""
    if options.columns:
        keys = {name: str(key) for name, key in options.columns.items()}
        _need(keys)
        return TradeReader.json(options.rules(BUY_WORDS, SELL_WORDS), **keys)
    return TradeReader.json(options.rules(SYSTEM_BUY, SYSTEM_SELL), **SYSTEM_KEYS)


# Columns of Binance's public dumps; futures have no last one and a head.
BINANCE_TRADES: Final = ("trade_id", "price", "quantity", "value", "time", "side")
BINANCE_AGGREGATES: Final = ("trade_id", "price", "quantity", "", "", "time", "side")
# A dump of trades has no more fields behind the side than one; their count tells which it is.
_AGGREGATE_COUNTS: Final = (7, 8)
_TRADE_COUNTS: Final = (6, 7)


def binance_reader(head: bytes, options: TradeOptions) -> TradeReader:
    """Return a reader of a public dump of Binance, trades or aggregate trades.

    Raises:
        InvalidValue: The first line has another number of columns.
    """
    line = first_line(head)
    fields = line.split(",")
    names = _binance_columns(fields)
    if names is None:
        raise InvalidValue("columns", str(len(fields)), "must be 6 to 8 as in Binance's dumps")
    places = {name: place for place, name in enumerate(names) if name}
    return TradeReader.csv(
        options.rules(MAKER_SOLD, MAKER_BOUGHT),
        separator=ord(","),
        count=len(fields),
        has_header=not fields[0][:1].isdigit(),
        **places,
    )


def _binance_columns(fields: list[str]) -> tuple[str, ...] | None:
    """Tell trades from aggregates by where the side stands, or by the head's names."""
    if not fields[0][:1].isdigit():
        is_aggregate = fields[0].lower().startswith("agg")
    else:
        # Aggregates of spot have 8 columns, of futures 7 as spot trades do; the side tells.
        is_aggregate = len(fields) == 8 or not _is_flag(fields[5:6])  # noqa: PLR2004
    counts = _AGGREGATE_COUNTS if is_aggregate else _TRADE_COUNTS
    if len(fields) not in counts:
        return None
    return BINANCE_AGGREGATES if is_aggregate else BINANCE_TRADES


def _is_flag(fields: list[str]) -> bool:
    return bool(fields) and fields[0] in (*MAKER_SOLD, *MAKER_BOUGHT)


def is_binance_dump(head: bytes) -> bool:
    """Tell a public dump of Binance by its first line."""
    fields = first_line(head).split(",")
    if not fields[0][:1].isdigit():
        names = ",".join(fields).lower()
        return names.startswith(("id,price,qty", "agg_trade_id,price,quantity"))
    last = [each for each in fields[5:8] if _is_flag([each])]
    return _binance_columns(fields) is not None and bool(last)


def csv_reader(head: bytes, options: TradeOptions) -> TradeReader:
    """Return a reader of a CSV file whose columns are mapped, or named as the fields are.

    Raises:
        InvalidValue: A column that is needed is not there.
    """
    line = first_line(head)
    separator = max(",;\t|", key=line.count)
    fields = [each.strip().strip('"') for each in line.split(separator)]
    if len(fields) > COLUMNS_MAX:
        raise InvalidValue("columns", str(len(fields)), f"must be at most {COLUMNS_MAX}")
    columns = options.columns or guessed_columns(fields)
    side = columns.get("side")
    if side is not None:
        options = with_side_words(options, fields[_place(fields, side)])
    has_header = any(isinstance(column, str) for column in columns.values())
    places = {name: _place(fields, column) for name, column in columns.items()}
    _need(places)
    return TradeReader.csv(
        options.rules(BUY_WORDS, SELL_WORDS),
        separator=ord(separator),
        count=len(fields),
        has_header=has_header,
        **places,
    )


# What files usually call the fields, in lower case.
_GUESSES: Final = {
    "time": ("time", "timestamp", "time_ns", "ts", "date", "datetime", "transact_time"),
    "price": ("price", "px", "p"),
    "quantity": ("quantity", "qty", "amount", "size", "volume", "sz", "q"),
    "trade_id": ("trade_id", "id", "tradeid", "tid"),
    "value": ("value", "quote_qty", "quote_quantity", "cost", "turnover"),
    "side": ("side", "taker_side", "aggressor", "direction", *_FLAGS),
    "account": ("account", "account_id", "accountid"),
    "symbol": ("symbol", "instrument", "pair", "market"),
}


def guessed_columns(fields: list[str]) -> dict[str, str | int]:
    """Return which column is which, by what files usually call them."""
    lower = {each.lower(): each for each in reversed(fields)}
    found: dict[str, str | int] = {}
    for name, guesses in _GUESSES.items():
        known = next((lower[guess] for guess in guesses if guess in lower), None)
        if known is not None:
            found[name] = known
    return found


def _place(fields: list[str], column: str | int) -> int:
    if isinstance(column, int):
        if not 0 <= column < len(fields):
            raise InvalidValue("column", str(column), f"must be 0 to {len(fields) - 1}")
        return column
    if column not in fields:
        raise InvalidValue("column", column, f"is none of {', '.join(fields)}")
    return fields.index(column)


def _need(columns: Mapping[str, object]) -> None:
    for name in NEEDED:
        if name not in columns:
            bound = f"must name a column, as --column {name}=NAME or NUMBER"
            raise InvalidValue("column", name, bound)


def first_line(head: bytes) -> str:
    """Return the first line of a text, without a mark of byte order."""
    line = head.partition(b"\n")[0].rstrip(b"\r").removeprefix(b"\xef\xbb\xbf")
    return line.decode("utf-8", "replace")


def with_side_words(options: TradeOptions, column: str) -> TradeOptions:
    """Return the options with the words of a column that says the side as a truth."""
    words = _FLAGS.get(column.lower())
    if words is None or options.buy or options.sell:
        return options
    return replace(options, buy=words[0], sell=words[1])


def with_columns(options: TradeOptions, columns: Mapping[str, str | int]) -> TradeOptions:
    """Return the options with other columns."""
    return replace(options, columns=dict(columns))
