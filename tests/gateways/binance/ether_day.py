"""A day of ether: the trades that tickers are tried on, and the members that they have."""

from outcry.exchange import Exchange
from tests.gateways.serving import BOT, MAKER

MINI = {
    "symbol",
    "openPrice",
    "highPrice",
    "lowPrice",
    "lastPrice",
    "volume",
    "quoteVolume",
    "openTime",
    "closeTime",
    "firstId",
    "lastId",
    "count",
}
WINDOW = MINI | {"priceChange", "priceChangePercent", "weightedAvgPrice"}
ZERO = "0.00000000"


def trade_ether(exchange: Exchange) -> None:
    """Trade 0.1 at 3001 (before), then 0.5 at 2950, 1 at 3100 and 0.25 at 3050; add ETHBTC."""
    exchange.mass_cancel(account=MAKER, instrument="ETHUSDT")
    for price, quantity in (("2950", "0.5"), ("3100", "1"), ("3050", "0.25")):
        for side, account in (("sell", MAKER), ("buy", BOT)):
            exchange.place("ETHUSDT", side=side, price=price, quantity=quantity, account=account)
    exchange.add_instrument("ETHBTC", base="ETH", quote="BTC", tick="0.5", lot="0.001")
