"""New orders of the API: read, placed and told by the core, which makes no number twice."""

from typing import TYPE_CHECKING, Final, Protocol

from msgspec import UNSET, Struct, UnsetType

from outcry.gateways.binance import parameters as read
from outcry.gateways.binance.errors import of_refusal

if TYPE_CHECKING:
    from outcry._native import SpotInstrument, SpotOrder
    from outcry.exchange import Instrument

PARAMETERS: Final = frozenset(
    (
        "symbol",
        "side",
        "type",
        "timeInForce",
        "quantity",
        "quoteOrderQty",
        "price",
        "newClientOrderId",
        "strategyId",
        "strategyType",
        "stopPrice",
        "trailingDelta",
        "icebergQty",
        "newOrderRespType",
        "selfTradePreventionMode",
    )
)


class FillResult(Struct, rename="camel"):
    """A trade of a new order."""

    price: str
    qty: str
    commission: str
    commission_asset: str
    trade_id: int


class OrderResult(Struct, rename="camel"):
    """The shape of the reply to a new order; what its response type leaves out is unset."""

    symbol: str
    order_id: int
    order_list_id: int
    client_order_id: str
    transact_time: int
    price: str | UnsetType = UNSET
    orig_qty: str | UnsetType = UNSET
    executed_qty: str | UnsetType = UNSET
    orig_quote_order_qty: str | UnsetType = UNSET
    cummulative_quote_qty: str | UnsetType = UNSET
    status: str | UnsetType = UNSET
    time_in_force: str | UnsetType = UNSET
    type: str | UnsetType = UNSET
    side: str | UnsetType = UNSET
    stop_price: str | UnsetType = UNSET
    trailing_delta: int | UnsetType = UNSET
    trailing_time: int | UnsetType = UNSET
    iceberg_qty: str | UnsetType = UNSET
    strategy_id: int | UnsetType = UNSET
    strategy_type: int | UnsetType = UNSET
    working_time: int | UnsetType = UNSET
    fills: list[FillResult] | UnsetType = UNSET
    self_trade_prevention_mode: str | UnsetType = UNSET
    prevented_quantity: str | UnsetType = UNSET


class Shelf(read.Finder, Protocol):
    """What knows instruments, and how their orders are read."""

    def spot(self, instrument: "Instrument") -> "SpotInstrument":
        """Return what reads an instrument's orders."""
        ...


def read_order(shelf: Shelf, said: dict[str, str], made_client_order_id: str) -> "SpotOrder":
    """Read a new order.

    Args:
        shelf: Knows the instruments.
        said: The parameters.
        made_client_order_id: Its name where the client has none.

    Raises:
        ApiError: A parameter is missing, wrong, or has no place in this type of order.
    """
    instrument = read.instrument(shelf, said)
    try:
        return shelf.spot(instrument).read_order(said, made_client_order_id)
    except ValueError as refusal:
        raise of_refusal(refusal) from None
