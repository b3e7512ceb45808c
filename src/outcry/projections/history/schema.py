"""The tables of the history.

Numbers are as SQLite has them, signed and of 64 bits: unsigned ones of the engine stand there bit
by bit. An amount that may be wider is a number where it fits and its digits where it does not, in a
column that leaves both as they are.

Every table grows at its end, or at a few ends: an index that were written to all over would cost a
page for each order. So an order is found by its client's name through a key that begins with its
generation, and by time through ids, which rise with time.
"""

from typing import Final

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text
from sqlalchemy.types import UserDefinedType

from outcry.projections.history.rows import OrderState

FORMAT: Final = 1
"""A database of another format is made anew."""

INT_MAX: Final = (1 << 63) - 1
_UNSIGNED: Final = (1 << 64) - 1


class Amount(UserDefinedType[int]):
    """A number of any size: SQLite keeps in such a column what it is given, as it is given."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return a type that converts nothing."""
        return "BLOB"


def unsigned(number: int) -> int:
    """Return an unsigned number of the engine from the signed one of its column."""
    return number & _UNSIGNED


def _whole(name: str, *, key: bool = False) -> "Column[int]":
    return Column(name, Integer, primary_key=key, nullable=False)


def _amount(name: str) -> "Column[int]":
    return Column(name, Amount, nullable=False)


def _text(name: str) -> "Column[str]":
    return Column(name, Text, nullable=False)


METADATA: Final = MetaData()

APPLIED: Final = Table(
    "applied",
    METADATA,
    _whole("id", key=True),
    _whole("format"),
    _whole("first_sequence"),
    _whole("sequence"),
    _whole("time_ns"),
    _whole("digest"),
)
"""One row: what the store holds, written in the same transaction as what it holds."""

STEPS: Final = Table(
    "steps",
    METADATA,
    _whole("number", key=True),
    _whole("instrument"),
    _text("symbol"),
    _whole("base_asset"),
    _whole("quote_asset"),
    _whole("tick_mantissa"),
    _whole("tick_decimals"),
    _whole("lot_mantissa"),
    _whole("lot_decimals"),
    _whole("base_decimals"),
    _whole("quote_decimals"),
)

ACCOUNTS: Final = Table(
    "accounts",
    METADATA,
    _whole("account", key=True),
    _whole("trade_group"),
    _whole("maker_rate_ppm"),
    _whole("taker_rate_ppm"),
    _whole("state"),
)

ORDERS: Final = Table(
    "orders",
    METADATA,
    _whole("order_id", key=True),
    _whole("steps"),
    _whole("instrument"),
    _whole("account"),
    _whole("side"),
    _whole("order_type"),
    _whole("time_in_force"),
    _whole("self_trade"),
    _whole("post_only"),
    _whole("state"),
    _whole("cancel_code"),
    _whole("price_ticks"),
    _whole("quantity_lots"),
    _amount("amount_units"),
    _whole("filled_lots"),
    _whole("prevented_lots"),
    _amount("value"),
    _whole("stop"),
    _whole("stop_unit"),
    _whole("trigger"),
    _whole("display_lots"),
    _whole("entered_ns"),
    _whole("changed_ns"),
    _whole("working_ns"),
    _whole("expire_ns"),
    _whole("entered_sequence"),
    _whole("changed_sequence"),
    _whole("maker_rate_ppm"),
    _whole("taker_rate_ppm"),
    _whole("list_id"),
    _whole("leg"),
    _text("client_order_id"),
    Column("client_key", Integer, nullable=True),
)
CHANGING: Final = (
    "state",
    "cancel_code",
    "price_ticks",
    "quantity_lots",
    "filled_lots",
    "prevented_lots",
    "value",
    "stop",
    "changed_ns",
    "working_ns",
    "changed_sequence",
)
"""What of an order changes."""

Index("orders_of_account", ORDERS.c.account, ORDERS.c.instrument)
Index(
    "orders_by_name",
    ORDERS.c.client_key,
    sqlite_where=ORDERS.c.client_key.is_not(None),
)
Index("orders_open", ORDERS.c.state, sqlite_where=ORDERS.c.state <= int(OrderState.PENDING))

TRADES: Final = Table(
    "trades",
    METADATA,
    _whole("instrument", key=True),
    _whole("trade_id", key=True),
    _whole("steps"),
    _whole("price_ticks"),
    _whole("quantity_lots"),
    _whole("time_ns"),
    _whole("aggressor"),
    _whole("sequence"),
    sqlite_with_rowid=False,
)

FILLS: Final = Table(
    "fills",
    METADATA,
    _whole("account", key=True),
    _whole("instrument", key=True),
    _whole("trade_id", key=True),
    _whole("is_maker", key=True),
    _whole("order_id"),
    _amount("fee_units"),
    _whole("list_id"),
    sqlite_with_rowid=False,
)
Index("fills_of_order", FILLS.c.order_id)

AGGREGATES: Final = Table(
    "aggregates",
    METADATA,
    _whole("instrument", key=True),
    _whole("aggregate_id", key=True),
    _whole("steps"),
    _whole("price_ticks"),
    _amount("quantity_lots"),
    _whole("first_trade_id"),
    _whole("last_trade_id"),
    _whole("time_ns"),
    _whole("aggressor"),
    sqlite_with_rowid=False,
)

CANDLES: Final = Table(
    "candles_1m",
    METADATA,
    _whole("instrument", key=True),
    _whole("open_time_ns", key=True),
    _whole("steps", key=True),
    _whole("open_ticks"),
    _whole("high_ticks"),
    _whole("low_ticks"),
    _whole("close_ticks"),
    _amount("volume_lots"),
    _amount("value"),
    _amount("buy_volume_lots"),
    _amount("buy_value"),
    _whole("trades"),
    _whole("first_trade_id"),
    _whole("first_time_ns"),
    _whole("last_trade_id"),
    _whole("last_time_ns"),
    sqlite_with_rowid=False,
)

LISTS: Final = Table(
    "lists",
    METADATA,
    _whole("list_id", key=True),
    _whole("instrument"),
    _whole("account"),
    _whole("list_type"),
    _whole("state"),
    _whole("entered_ns"),
    _whole("changed_ns"),
    _whole("first_order_id"),
    _whole("second_order_id"),
    _whole("third_order_id"),
    _text("client_list_id"),
)
Index("lists_of_account", LISTS.c.account)
Index("lists_by_name", LISTS.c.account, LISTS.c.client_list_id)
