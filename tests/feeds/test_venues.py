"""The venues' messages: trades exact, and whoever wants books is not held up by trades.

Goal: a number of a message reaches the frame as it was written. Method: a message of each venue as
a line, some with bare numbers of more digits than a float has.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from outcry.feeds import BookReader, join_trades, open_trades

PRICE, QUANTITY = "61837.6300000000000000001", "0.00045115767058272"
BINANCE = '{"e":"trade","E":5,"s":"X","t":7,"p":%s,"q":%s,"T":1723161255342,"m":true}'
KRAKEN = '[0,[["%s","%s","1723161255.342000","s","l",""]],"trade","X"]'
KRAKEN_REST = '{"error":[],"result":{"X":[[%s,"%s",1723161255.342,"s","l","",7]],"last":"1"}}'
COINBASE = (
    '{"channel":"market_trades","sequence_num":0,"events":[{"trades":[{"trade_id":"7",'
    '"product_id":"X","price":"%s","size":"%s","side":"BUY","time":"2024-08-08T23:54:15.342Z"}]}]}'
)
OKX = (
    '{"arg":{"channel":"trades","instId":"X"},"data":[{"instId":"X","tradeId":"7","px":"%s",'
    '"sz":"%s","side":"sell","ts":"1723161255342"}]}'
)
BYBIT = (
    '{"topic":"publicTrade.X","data":[{"s":"X","i":"7","p":"%s","v":"%s","S":"Sell",'
    '"T":1723161255342}]}'
)


@pytest.mark.parametrize(
    ("venue", "message"),
    [
        ("binance", BINANCE),
        ("kraken", KRAKEN),
        ("kraken", KRAKEN_REST),
        ("coinbase", COINBASE),
        ("okx", OKX),
        ("bybit", BYBIT),
    ],
)
def test_a_trade_of_each_venue_is_exact(tmp_path: Path, venue: str, message: str) -> None:
    path = tmp_path / "messages.txt"
    path.write_text(message % (PRICE, QUANTITY) + "\n")
    with open_trades(path) as reader:
        trades = join_trades(list(reader))
    assert (reader.format, dict(reader.bad)) == (venue, {})
    row = trades.frame.row(0, named=True)
    assert Decimal(row["price"]).scaleb(-trades.price_scale) == Decimal(PRICE)
    assert Decimal(row["quantity"]).scaleb(-trades.quantity_scale) == Decimal(QUANTITY)
    assert (row["symbol"], row["side"]) == ("X", -1)
    assert row["time_ns"] == 1_723_161_255_342_000_000


def test_trades_and_books_are_read_apart(tmp_path: Path) -> None:
    """What is wrong in a message of the one does not count for a reader of the other."""
    path = tmp_path / "messages.txt"
    bad_trade = BINANCE.replace("true", '"yes"') % (PRICE, QUANTITY)
    bad_change = '{"e":"depthUpdate","E":5,"s":"X","U":1,"u":"one","b":[],"a":[]}'
    path.write_text("\n".join([BINANCE % (PRICE, QUANTITY), bad_trade, bad_change, "{"]))
    with open_trades(path) as trades:
        assert sum(len(batch) for batch in trades) == 1
    assert dict(trades.bad) == {"unknown_side": 1, "malformed": 1}
    books = BookReader([path])
    assert list(books) == []
    assert dict(books.bad) == {"no_number": 1, "malformed": 1}
