"""Goal: books, trades, candles, order flow and profiles say what was traded.

Method: trades are made on an instrument of its own; each answer is compared with sums over them.
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.gateways.plain.conftest import Asker

# Price, quantity, and whether the aggressor bought.
TRADES = [("100", "1.0", True), ("102", "2.0", True), ("101", "0.5", False), ("102", "1.5", False)]
SYMBOL = "ETH/BTC"


@pytest.fixture(scope="module")
def traded(admin: Asker, bot: Asker, maker: Asker) -> list[dict[str, Any]]:
    body = {"symbol": SYMBOL, "base": "ETH", "quote": "USDT", "tick": "1", "lot": "0.1"}
    assert admin.ask("POST", "/admin/instruments", body).status_code == 201
    for price, quantity, is_buy in TRADES:
        sides = ("sell", "buy") if is_buy else ("buy", "sell")
        for asker, side in zip((maker, bot), sides, strict=True):
            asker.order(symbol=SYMBOL, side=side, price=price, quantity=quantity)
    found: list[dict[str, Any]] = bot.ask("GET", f"/trades/{SYMBOL}").json()["trades"]
    return found


def test_trades_are_told_in_their_order(traded: list[dict[str, Any]]) -> None:
    told = [(each["price"], each["quantity"], each["aggressor"] == "buy") for each in traded]
    assert told == TRADES
    assert [Decimal(each["value"]) for each in traded] == [100, 204, Decimal("50.5"), 153]


def test_trades_are_paged_by_id_and_time(traded: list[dict[str, Any]], nobody: Asker) -> None:
    first = nobody.ask("GET", f"/trades/{SYMBOL}?from_id=1&limit=3").json()
    assert (first["trades"], first["next_from_id"]) == (traded[:3], 4)
    rest = nobody.ask("GET", f"/trades/{SYMBOL}?from_id=4&limit=3").json()
    assert (rest["trades"], rest["next_from_id"]) == (traded[3:], None)
    time_ms = traded[2]["time_ms"]
    later = nobody.ask("GET", f"/trades/{SYMBOL}?from={time_ms}").json()["trades"]
    assert later == [each for each in traded if each["time_ms"] >= time_ms]
    assert nobody.ask("GET", f"/trades/{SYMBOL}?to=5").json()["trades"] == []


def test_a_book_tells_its_best_levels(nobody: Asker) -> None:
    book = nobody.ask("GET", "/book/ETHUSDT?levels=3").json()
    assert book["bids"][0]["price"] == "2999.00"
    assert (len(book["bids"]), len(book["asks"])) == (3, 3)
    prices = [Decimal(each["price"]) for each in book["asks"]]
    assert prices == sorted(prices)
    most = nobody.ask("GET", "/book/ETHUSDT?levels=100000").json()
    assert len(most["bids"]) >= 20


@pytest.mark.parametrize("interval", ["1s", "1m", "5m", "1h", "1d", "1w", "1M"])
def test_candles_hold_all_trades(
    traded: list[dict[str, Any]], nobody: Asker, interval: str
) -> None:
    path = f"/candles/{SYMBOL}?interval={interval}&from={traded[0]['time_ms'] - 40 * 86_400_000}"
    path += "" if interval == "1M" else "&limit=1000"
    path = path.replace("from=", "from=") if interval != "1s" else f"/candles/{SYMBOL}?interval=1s"
    told = nobody.ask("GET", path).json()
    candles = told["candles"]
    assert sum(Decimal(each["volume"]) for each in candles) == 5
    assert sum(Decimal(each["buy_volume"]) for each in candles) == 3
    assert sum(Decimal(each["quote_volume"]) for each in candles) == Decimal("507.5")
    assert sum(each["trades"] for each in candles) == 4
    assert (candles[0]["open"], candles[-1]["close"]) == ("100", "102")
    times = [each["open_time_ms"] for each in candles]
    assert times == sorted(set(times))


def test_quiet_intervals_are_told_where_that_is_asked(
    traded: list[dict[str, Any]], nobody: Asker
) -> None:
    start = traded[0]["time_ms"] // 60_000 * 60_000
    path = f"/candles/{SYMBOL}?interval=1s&from={start}&limit=1000"
    sparse = nobody.ask("GET", path).json()["candles"]
    filled = nobody.ask("GET", path + "&fill=true").json()["candles"]
    assert [each for each in filled if each["trades"]] == sparse
    times = [each["open_time_ms"] for each in filled]
    assert times == list(range(times[0], times[-1] + 1, 1_000))
    quiet = [each for each in filled if not each["trades"]]
    assert all(each["open"] == each["close"] and each["volume"] == "0.00000000" for each in quiet)


def test_candles_go_on_where_a_page_ends(traded: list[dict[str, Any]], nobody: Asker) -> None:
    start = traded[0]["time_ms"] // 1_000 * 1_000
    path = f"/candles/{SYMBOL}?interval=1s&fill=true&limit=1"
    first = nobody.ask("GET", f"{path}&from={start}").json()
    assert [each["open_time_ms"] for each in first["candles"]] == [start]
    assert first["next_from_ms"] in (start + 1_000, None)


def test_order_flow_tells_what_aggressors_did(traded: list[dict[str, Any]], nobody: Asker) -> None:
    told = nobody.ask("GET", f"/orderflow/{SYMBOL}?interval=1d&limit=3").json()
    bars = told["bars"]
    assert sum(Decimal(each["buy_volume"]) for each in bars) == 3
    assert sum(Decimal(each["sell_volume"]) for each in bars) == 2
    assert Decimal(bars[-1]["cvd"]) == 1
    assert max(Decimal(each["max_delta"]) for each in bars) == 3
    assert sum(each["trades"] for each in bars) == len(traded)
    quote = nobody.ask("GET", f"/orderflow/{SYMBOL}?interval=1d&unit=quote&limit=3").json()
    assert sum(Decimal(each["delta"]) for each in quote["bars"]) == Decimal("100.5")


@pytest.mark.usefixtures("traded")
def test_a_profile_tells_volume_by_price(nobody: Asker) -> None:
    told = nobody.ask("GET", f"/profile/{SYMBOL}?row_size=1").json()
    rows = {row["price"]: (Decimal(row["volume"]), row["trades"]) for row in told["rows"]}
    assert rows == {"100": (1, 1), "101": (Decimal("0.5"), 1), "102": (Decimal("3.5"), 2)}
    assert (told["poc"], told["value_area_high"], told["complete"]) == ("102", "102", True)
    empty = nobody.ask("GET", f"/profile/{SYMBOL}?from=0&to=1").json()
    assert (empty["rows"], empty["poc"]) == ([], None)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("row_size=0.000000000001", "row_size"),
        ("row_size=0", "row_size"),
        ("row_size=-1", "row_size"),
        ("value_share_ppm=0", "value_share_ppm"),
        ("expansion=three", "expansion"),
        ("from=yesterday", "from"),
        ("from=9&to=1", "to"),
        ("to=99999999999999999999999", "to"),
        ("from=1900-01-01", "from"),
    ],
)
@pytest.mark.usefixtures("traded")
def test_a_wrong_question_is_refused_by_its_field(nobody: Asker, query: str, field: str) -> None:
    answer = nobody.ask("GET", f"/profile/{SYMBOL}?{query}")
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_instruments_are_told_with_their_bounds(nobody: Asker) -> None:
    told = nobody.ask("GET", "/instruments").json()["instruments"]
    bitcoin = next(each for each in told if each["symbol"] == "BTCUSDT")
    assert (bitcoin["tick"], bitcoin["lot"], bitcoin["state"]) == ("0.01", "0.00001", "continuous")
    assert bitcoin["filters"]["notional_min"] == "5.00000000"
