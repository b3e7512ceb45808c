"""What a bot does with python-binance, unmodified; run by the tests in its own environment.

Usage: python python_binance_client.py sync|async ADDRESS KEY SECRET; writes a JSON object of what
each step returned, or of the exception that it raised.
"""

import asyncio
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

from binance import AsyncClient
from binance.client import BaseClient, Client
from binance.exceptions import BinanceAPIException

SYMBOL = "BTCUSDT"

Step = tuple[str, Callable[[], Any]]
Told = dict[str, Any]
# The client's classes are not typed.
Untyped = Any


def steps(client: Untyped, told: dict[str, Any]) -> Iterator[Step]:
    """Yield each step's name and what it does; `told` has what came of those before."""
    order = {"symbol": SYMBOL, "quantity": "0.01"}
    limit = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": "59000", **order}
    sell = {"side": "SELL", **order}

    def last(name: str) -> dict[str, Any]:
        return {"symbol": SYMBOL, "orderId": told[name]["orderId"]}

    yield "info", client.get_exchange_info
    yield "symbol", lambda: client.get_symbol_info(SYMBOL)
    yield "depth", lambda: client.get_order_book(symbol=SYMBOL, limit=5)
    yield "trades", lambda: client.get_recent_trades(symbol=SYMBOL, limit=5)
    yield "old_trades", lambda: client.get_historical_trades(symbol=SYMBOL, limit=5, fromId=1)
    yield "aggregate", lambda: client.get_aggregate_trades(symbol=SYMBOL, limit=5)
    yield "candles", lambda: client.get_klines(symbol=SYMBOL, interval="1m", limit=5)
    yield "seconds", lambda: client.get_historical_klines(SYMBOL, "1s", "1 hour ago UTC")
    yield "average", lambda: client.get_avg_price(symbol=SYMBOL)
    yield "day", lambda: client.get_ticker(symbol=SYMBOL)
    yield "prices", client.get_all_tickers
    yield "best", lambda: client.get_orderbook_ticker(symbol=SYMBOL)
    yield "account", client.get_account
    yield "balance", lambda: client.get_asset_balance(asset="USDT")
    yield "coins", client.get_all_coins_info
    yield "fee", lambda: client.get_trade_fee(symbol=SYMBOL)
    yield "permissions", client.get_account_api_permissions
    yield "window", lambda: client.get_symbol_ticker_window(symbol=SYMBOL, windowSize="1h")
    yield "limit", lambda: client.create_order(**limit)
    yield "limit_fetched", lambda: client.get_order(**last("limit"))
    yield "open", lambda: client.get_open_orders(symbol=SYMBOL)
    less = {"newQty": "0.005"}
    yield (
        "amended",
        lambda: client._put("order/amend/keepPriority", True, data={**last("limit"), **less}),
    )
    replace = {"cancelReplaceMode": "STOP_ON_FAILURE", **limit, "price": "59001"}
    yield (
        "replaced",
        lambda: client.cancel_replace_order(**replace, cancelOrderId=told["limit"]["orderId"]),
    )
    yield (
        "replaced_again",
        lambda: client.cancel_replace_order(**replace, cancelOrderId=told["limit"]["orderId"]),
    )
    yield "market_buy", lambda: client.order_market_buy(**order)
    yield "market_amount", lambda: client.order_market_buy(symbol=SYMBOL, quoteOrderQty=100)
    yield "market_sell", lambda: client.order_market_sell(**order)
    yield (
        "maker",
        lambda: client.create_order(side="BUY", type="LIMIT_MAKER", price="59000", **order),
    )
    yield (
        "maker_takes",
        lambda: client.create_order(side="BUY", type="LIMIT_MAKER", price="61000", **order),
    )
    yield "stop_loss", lambda: client.create_order(type="STOP_LOSS", stopPrice="57000", **sell)
    at = {"timeInForce": "GTC", "price": "56900"}
    yield (
        "stop_loss_limit",
        lambda: client.create_order(type="STOP_LOSS_LIMIT", stopPrice="57000", **at, **sell),
    )
    yield "take_profit", lambda: client.create_order(type="TAKE_PROFIT", stopPrice="63000", **sell)
    up = {"timeInForce": "GTC", "price": "63000"}
    yield (
        "take_profit_limit",
        lambda: client.create_order(type="TAKE_PROFIT_LIMIT", stopPrice="63000", **up, **sell),
    )
    yield "trailing", lambda: client.create_order(type="STOP_LOSS", trailingDelta=200, **sell)
    yield "iceberg", lambda: client.create_order(**limit, icebergQty="0.001")
    yield "tested", lambda: client.create_test_order(**limit)
    yield from later_steps(client, limit, sell)


def later_steps(client: Untyped, limit: Told, sell: Told) -> Iterator[Step]:
    """Yield the lists, the past, and what is refused."""
    order = {"symbol": SYMBOL, "quantity": "0.01"}
    yield (
        "oco",
        lambda: client.create_oco_order(
            **sell,
            aboveType="LIMIT_MAKER",
            abovePrice="64000",
            belowType="STOP_LOSS_LIMIT",
            belowPrice="56000",
            belowStopPrice="56100",
            belowTimeInForce="GTC",
        ),
    )
    yield "lists", lambda: client._get("openOrderList", True, data={})
    yield (
        "oto",
        lambda: client._post(
            "orderList/oto",
            True,
            data={
                "symbol": SYMBOL,
                "workingType": "LIMIT",
                "workingSide": "BUY",
                "workingPrice": "60500",
                "workingQuantity": "0.001",
                "workingTimeInForce": "GTC",
                "pendingType": "LIMIT",
                "pendingSide": "SELL",
                "pendingPrice": "64000",
                "pendingQuantity": "0.001",
                "pendingTimeInForce": "GTC",
            },
        ),
    )
    yield "open_at_end", lambda: client.get_open_orders(symbol=SYMBOL)
    yield "my_trades", lambda: client.get_my_trades(symbol=SYMBOL)
    yield "orders", lambda: client.get_all_orders(symbol=SYMBOL)
    yield "orders_page", lambda: client.get_all_orders(symbol=SYMBOL, limit=2, orderId=1)
    yield "counts", client.get_current_order_count
    yield "no_such_order", lambda: client.get_order(symbol=SYMBOL, orderId=12_345_678)
    yield "no_such_cancel", lambda: client.cancel_order(symbol=SYMBOL, orderId=12_345_678)
    yield "too_dear", lambda: client.create_order(**{**limit, "quantity": "5000"})
    yield (
        "no_price",
        lambda: client.create_order(side="BUY", type="LIMIT", timeInForce="GTC", **order),
    )
    yield "wrong_time", lambda: client.create_order(**{**limit, "timeInForce": "NEVER"})


async def main(mode: str, address: str, key: str, secret: str) -> None:
    """Do all steps and write what came of them."""
    BaseClient.API_URL = f"{address}/api"
    BaseClient.MARGIN_API_URL = f"{address}/sapi"
    client = await AsyncClient.create(key, secret) if mode == "async" else Client(key, secret)
    told: dict[str, Any] = {}
    for name, act in steps(client, told):
        try:
            found = act()
            told[name] = await found if inspect.isawaitable(found) else found
        except BinanceAPIException as error:
            told[name] = {
                "code": error.code,
                "message": error.message,
                "status": error.status_code,
            }
    if mode == "async":
        await client.close_connection()
    json.dump(told, sys.stdout)


asyncio.run(main(*sys.argv[1:]))
