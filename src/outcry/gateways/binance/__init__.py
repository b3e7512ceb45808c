"""The spot API of Binance: its paths, shapes, texts and limits, in front of an exchange."""

from typing import Final

from outcry.gateways.binance import (
    account,
    exchange_info,
    market_data,
    mass_cancel,
    old_oco,
    order_change,
    order_lists,
    queries,
    stubs,
    trading,
    wallet,
    window_tickers,
)
from outcry.gateways.binance.answer import Request
from outcry.gateways.binance.api import Api

ROUTES: Final = {
    **exchange_info.ROUTES,
    **market_data.ROUTES,
    **window_tickers.ROUTES,
    **trading.ROUTES,
    **order_change.ROUTES,
    **order_lists.ROUTES,
    **old_oco.ROUTES,
    **mass_cancel.ROUTES,
    **queries.ROUTES,
    **account.ROUTES,
    **wallet.ROUTES,
    **stubs.ROUTES,
}
"""Every route of the API, by method and path."""

__all__ = ["ROUTES", "Api", "Request"]
