"""What trades cost, as the history knows it.

A new order can be a maker in the command that placed it: it rested, its trades set off a stop, and
that traded with it. Its fee there goes by its maker rate, or by what the taker paid where that is a
rebate.
"""

from typing import Final

import msgspec

from outcry.gateways.binance.call import Call
from outcry.gateways.binance.new_order import OrderResult
from outcry.gateways.figures import format_of
from outcry.gateways.venue import Venue
from outcry.projections.history import FillRow

_ROWS: Final = 1_000


def commission_of(row: FillRow, assets: dict[int, str]) -> tuple[str, str]:
    """Return what a trade cost, below 0 for a rebate, and in which asset."""
    steps = row.steps
    decimals = steps.base_decimals if row.fee_asset == steps.base_asset else steps.quote_decimals
    fee = steps.amount(row.fee_asset, row.fee_units)
    return format(fee, format_of(decimals)), assets[row.fee_asset]


async def with_maker_fees(venue: Venue, call: Call, reply: bytes) -> bytes:
    """Return the reply to an order with what the history says that each of its trades cost.

    Raises:
        ProjectionLagging: The history does not know them in time.
    """
    told = msgspec.json.decode(reply, type=OrderResult)
    if not told.fills:
        return reply
    names = {asset.number: asset.name for asset in venue.assets()}
    rows = await _fills(venue, call.account, told.symbol, told.order_id)
    for fill in told.fills:
        fill.commission, fill.commission_asset = commission_of(rows[fill.trade_id], names)
    return msgspec.json.encode(told)


async def _fills(venue: Venue, account: int, symbol: str, order_id: int) -> dict[int, FillRow]:
    """Return all trades of an order by id."""
    history = await venue.caught_up()
    number = venue.instrument(symbol).number
    found: dict[int, FillRow] = {}
    while True:
        page = await history.fills(
            account, number, order_id=order_id, from_id=max(found, default=0) + 1, limit=_ROWS
        )
        found |= {row.trade_id: row for row in page}
        if len(page) < _ROWS:
            return found
