"""python-binance, unmodified, sees a venue as it sees the real one.

Goal and method are those of `test_ccxt.py`; what this client returns is the venue's JSON itself.
"""

import pytest

from tests.gateways.clients.conftest import Run, Told


@pytest.fixture(scope="module", params=["sync", "async"])
def told(request: pytest.FixtureRequest, run: Run) -> Told:
    """Return what came of each step."""
    return run("python-binance", "python_binance_client.py", str(request.param))


def test_market_data(told: Told) -> None:
    assert [each["symbol"] for each in told["info"]["symbols"]] == ["BTCUSDT", "ETHUSDT"]
    assert told["symbol"]["filters"][0]["filterType"] == "PRICE_FILTER"
    assert told["depth"]["bids"][0] == ["59999.00000000", "1.00000000"]
    assert told["trades"][0]["qty"] == "0.10000000"
    assert told["old_trades"][0]["id"] == 1
    assert (told["aggregate"][0]["f"], told["aggregate"][0]["l"]) == (1, 1)
    assert len(told["candles"][0]) == 12
    assert told["seconds"][0][4] == "60001.00000000"
    assert told["average"]["price"] == "60001.00000000"
    assert told["day"]["count"] == 1
    assert len(told["prices"]) == 2
    assert told["best"]["askPrice"] == "60001.00000000"
    assert told["window"]["count"] == 1


def test_the_wallet(told: Told) -> None:
    assert [each["coin"] for each in told["coins"]] == ["BTC", "ETH", "USDT"]
    assert told["fee"][0]["takerCommission"] == "0.00200000"
    permissions = told["permissions"]
    assert permissions["enableSpotAndMarginTrading"] is True
    assert permissions["enableWithdrawals"] is False


def test_orders_go_through(told: Told) -> None:
    assert told["limit"]["status"] == "NEW"
    assert told["limit_fetched"]["origQty"] == "0.01000000"
    assert told["open"] == [told["limit_fetched"]]
    assert told["amended"]["amendedOrder"]["qty"] == "0.00500000"
    assert told["replaced"]["cancelResult"] == "SUCCESS"
    assert told["replaced"]["newOrderResponse"]["price"] == "59001.00000000"
    bought = told["market_buy"]
    assert bought["fills"] == [
        {
            "price": "60001.00000000",
            "qty": "0.01000000",
            "commission": "0.00002000",
            "commissionAsset": "BTC",
            "tradeId": bought["fills"][0]["tradeId"],
        }
    ]
    assert told["market_amount"]["status"] == "FILLED"
    assert told["market_sell"]["cummulativeQuoteQty"] == "599.99000000"
    assert told["tested"] == {}


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        ("maker", "LIMIT_MAKER"),
        ("stop_loss", "STOP_LOSS"),
        ("stop_loss_limit", "STOP_LOSS_LIMIT"),
        ("take_profit", "TAKE_PROFIT"),
        ("take_profit_limit", "TAKE_PROFIT_LIMIT"),
        ("trailing", "STOP_LOSS"),
        ("iceberg", "LIMIT"),
    ],
)
def test_every_type_of_order_stands(told: Told, step: str, kind: str) -> None:
    standing = {each["orderId"]: each for each in told["open_at_end"]}
    assert standing[told[step]["orderId"]]["type"] == kind


def test_lists(told: Told) -> None:
    oco = told["oco"]
    assert (oco["contingencyType"], oco["listOrderStatus"]) == ("OCO", "EXECUTING")
    assert [each["orderListId"] for each in told["lists"]] == [oco["orderListId"]]
    assert {each["type"] for each in oco["orderReports"]} == {"STOP_LOSS_LIMIT", "LIMIT_MAKER"}
    pending = told["oto"]["orders"][1]["orderId"]
    standing = {each["orderId"]: each for each in told["open_at_end"]}
    assert standing[pending]["price"] == "64000.00000000"


def test_the_past_is_told(told: Told) -> None:
    ids = [each["orderId"] for each in told["orders"]]
    assert ids == sorted(ids)
    assert len(told["orders_page"]) == 2
    first = told["my_trades"][0]
    assert (first["commission"], first["commissionAsset"]) == ("0.00020000", "BTC")
    assert (first["isBuyer"], first["isMaker"]) == (True, False)
    assert told["counts"][0]["rateLimitType"] == "ORDERS"
    assert told["balance"]["asset"] == "USDT"
    assert told["account"]["canTrade"] is True


@pytest.mark.parametrize(
    ("step", "code", "message"),
    [
        ("maker_takes", -2010, "Order would immediately match and take."),
        ("too_dear", -2010, "Account has insufficient balance for requested action."),
        ("no_such_order", -2013, "Order does not exist."),
        ("no_such_cancel", -2011, "Unknown order sent."),
        (
            "no_price",
            -1102,
            "Mandatory parameter 'price' was not sent, was empty/null, or malformed.",
        ),
        ("wrong_time", -1115, "Invalid timeInForce."),
        ("replaced_again", -2022, "Order cancel-replace failed."),
    ],
)
def test_errors_have_their_codes_and_texts(told: Told, step: str, code: int, message: str) -> None:
    assert (told[step]["code"], told[step]["message"]) == (code, message)
