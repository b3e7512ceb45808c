"""What a bot does with ccxt, unmodified; run by the tests in ccxt's own environment.

Usage: python ccxt_client.py sync|async ADDRESS KEY SECRET; writes a JSON object of what each step
returned, or of the exception that it raised.
"""

import asyncio
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import ccxt
import ccxt.async_support

SYMBOL = "BTC/USDT"

Step = tuple[str, Callable[[], Any]]
Exchange = Any


def options(address: str, key: str, secret: str) -> dict[str, Any]:
    """Return what a user changes: the addresses and the keys."""
    urls = {
        "public": f"{address}/api/v3",
        "private": f"{address}/api/v3",
        "v1": f"{address}/api/v1",
        "sapi": f"{address}/sapi/v1",
    }
    return {
        "apiKey": key,
        "secret": secret,
        "urls": {"api": urls},
        "options": {
            "fetchMarkets": {"types": ["spot"]},
            "fetchCurrencies": False,
            "fetchMargins": False,
        },
    }


def order(exchange: Exchange, *arguments: object, **params: object) -> Callable[[], Any]:
    """Return the step of creating an order: of a kind, a side, an amount and maybe a price."""
    kind, side, amount, *price = arguments
    return lambda: exchange.create_order(SYMBOL, kind, side, amount, *(price or [None]), params)


def steps(exchange: Exchange, told: dict[str, Any]) -> Iterator[Step]:
    """Yield each step's name and what it does; `told` has what came of those before."""

    def last(name: str) -> str:
        return str(told[name]["id"])

    yield "markets", exchange.load_markets
    yield "ticker", lambda: exchange.fetch_ticker(SYMBOL)
    yield "tickers", lambda: exchange.fetch_tickers([SYMBOL, "ETH/USDT"])
    yield "bids_asks", lambda: exchange.fetch_bids_asks([SYMBOL])
    yield "book", lambda: exchange.fetch_order_book(SYMBOL, 5)
    yield "trades", lambda: exchange.fetch_trades(SYMBOL, limit=5)
    yield "candles", lambda: exchange.fetch_ohlcv(SYMBOL, "1m", limit=5)
    yield "candles_from_0", lambda: exchange.fetch_ohlcv(SYMBOL, "1h", since=0, limit=5)
    yield "time", exchange.fetch_time
    yield "balance", exchange.fetch_balance
    yield "limit", order(exchange, "limit", "buy", 0.01, 59_000)
    yield "limit_fetched", lambda: exchange.fetch_order(last("limit"), SYMBOL)
    yield "open", lambda: exchange.fetch_open_orders(SYMBOL)
    yield "limit_cancelled", lambda: exchange.cancel_order(last("limit"), SYMBOL)
    yield "limit_after", lambda: exchange.fetch_order(last("limit"), SYMBOL)
    yield "market_buy", order(exchange, "market", "buy", 0.01)
    yield (
        "market_cost",
        lambda: exchange.create_market_buy_order_with_cost(SYMBOL, 100),
    )
    yield "market_sell", order(exchange, "market", "sell", 0.01)
    yield "maker", order(exchange, "limit", "buy", 0.01, 59_000, postOnly=True)
    yield "maker_takes", order(exchange, "limit", "buy", 0.01, 61_000, postOnly=True)
    yield "ioc", order(exchange, "limit", "buy", 0.01, 59_000, timeInForce="IOC")
    yield "fok", order(exchange, "limit", "buy", 0.01, 60_500, timeInForce="FOK")
    yield "stop_loss", order(exchange, "market", "sell", 0.01, stopLossPrice=57_000)
    yield "stop_loss_limit", order(exchange, "limit", "sell", 0.01, 56_900, stopLossPrice=57_000)
    yield "take_profit", order(exchange, "market", "sell", 0.01, takeProfitPrice=63_000)
    yield (
        "take_profit_limit",
        order(exchange, "limit", "sell", 0.01, 63_000, takeProfitPrice=63_000),
    )
    yield "trailing", order(exchange, "STOP_LOSS", "sell", 0.01, trailingDelta=200)
    yield "iceberg", order(exchange, "limit", "buy", 0.01, 59_000, icebergQty="0.001")
    for mode in ("NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT"):
        yield (
            f"self_trade_{mode}",
            order(exchange, "limit", "buy", 0.01, 59_000, selfTradePreventionMode=mode),
        )
    yield "to_edit", order(exchange, "limit", "buy", 0.01, 59_000)
    yield (
        "edited",
        lambda: exchange.edit_order(last("to_edit"), SYMBOL, "limit", "buy", 0.02, 59_010),
    )
    oco = {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "quantity": "0.01",
        "aboveType": "LIMIT_MAKER",
        "abovePrice": "64000",
        "belowType": "STOP_LOSS_LIMIT",
        "belowPrice": "56000",
        "belowStopPrice": "56100",
        "belowTimeInForce": "GTC",
    }
    yield "oco", lambda: exchange.private_post_orderlist_oco(oco)
    yield "open_at_end", lambda: exchange.fetch_open_orders(SYMBOL)
    yield "cancelled_all", lambda: exchange.cancel_all_orders(SYMBOL)
    yield "open_after", lambda: exchange.fetch_open_orders(SYMBOL)
    yield "my_trades", lambda: exchange.fetch_my_trades(SYMBOL)
    yield "my_trades_page", lambda: exchange.fetch_my_trades(SYMBOL, limit=1, params={"fromId": 2})
    yield "closed", lambda: exchange.fetch_closed_orders(SYMBOL)
    yield "orders", lambda: exchange.fetch_orders(SYMBOL)
    yield "orders_since", lambda: exchange.fetch_orders(SYMBOL, since=1)
    yield "too_dear", order(exchange, "limit", "buy", 5_000, 59_000)
    yield "no_such_cancel", lambda: exchange.cancel_order("99999999", SYMBOL)
    yield "no_such_order", lambda: exchange.fetch_order("99999999", SYMBOL)
    yield "no_such_symbol", lambda: exchange.public_get_depth({"symbol": "NOPE"})
    raw = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "price": "59000",
    }
    yield "lot_size", lambda: exchange.private_post_order({**raw, "quantity": "0.0000001"})
    yield "notional", lambda: exchange.private_post_order({**raw, "quantity": "0.00001"})


def wallet_steps(exchange: Exchange) -> Iterator[Step]:
    """Yield what bots ask of the wallet."""
    yield "fees", exchange.fetch_trading_fees
    yield "deposits", exchange.fetch_deposits


async def main(mode: str, address: str, key: str, secret: str) -> None:
    """Do all steps and write what came of them."""
    library = ccxt.async_support if mode == "async" else ccxt
    exchange = library.binance(options(address, key, secret))
    told: dict[str, Any] = {}
    for name, act in chain(wallet_steps(exchange), steps(exchange, told)):
        try:
            found = act()
            told[name] = await found if inspect.isawaitable(found) else found
        except ccxt.BaseError as error:
            told[name] = {"raised": type(error).__name__, "text": str(error)}
    if mode == "async":
        await exchange.close()
    usual = options(address, key, secret)
    del usual["options"]["fetchCurrencies"]
    told["currencies"] = ccxt.binance(usual).fetch_currencies()
    told["markets"] = {name: market["active"] for name, market in told["markets"].items()}
    stranger = ccxt.binance(options(address, key, "not the secret"))
    try:
        stranger.fetch_balance()
    except ccxt.BaseError as error:
        told["wrong_secret"] = {"raised": type(error).__name__, "text": str(error)}
    json.dump(told, sys.stdout)


asyncio.run(main(*sys.argv[1:]))
