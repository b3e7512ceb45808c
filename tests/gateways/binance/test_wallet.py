"""The wallet: coins, fees, assets, what a key may do and whether its account may trade.

Goal: a client that loads these before it trades finds what is true here, in the venue's shapes.
Method: one venue whose figures are known is asked; without a key there is nothing to tell.
"""

import pytest

from outcry.protocol import AccountState
from tests.gateways.binance.conftest import OTHER
from tests.gateways.desk import Client, Desk

COINS = "/sapi/v1/capital/config/getall"
FEES = "/sapi/v1/asset/tradeFee"
ASSETS = "/sapi/v3/asset/getUserAsset"
RESTRICTIONS = "/sapi/v1/account/apiRestrictions"
STATUS = "/sapi/v1/account/status"
TRADING = "/sapi/v1/account/apiTradingStatus"


def test_every_asset_is_a_coin(bot: Client) -> None:
    held = {each["asset"]: each for each in bot("GET", "account").body["balances"]}
    told = {each["coin"]: each for each in bot("GET", COINS).body}
    assert list(told) == ["BTC", "ETH", "USDT"]
    for name, coin in told.items():
        assert (coin["free"], coin["locked"]) == (held[name]["free"], held[name]["locked"])
        assert (coin["trading"], coin["depositAllEnable"]) == (True, False)
    (network,) = told["BTC"]["networkList"]
    assert (network["network"], network["isDefault"]) == ("BTC", True)
    assert network["withdrawIntegerMultiple"] == "0.00000001"


def test_what_an_account_has_nothing_of_is_a_coin_too(other: Client) -> None:
    (ether,) = [each for each in other("GET", COINS).body if each["coin"] == "ETH"]
    assert (ether["free"], ether["locked"]) == ("0.00000000", "0.00000000")


def test_fees_are_those_of_the_account(bot: Client, other: Client) -> None:
    own = {"makerCommission": "0.00100000", "takerCommission": "0.00200000"}
    assert bot("GET", FEES).body == [{"symbol": symbol, **own} for symbol in ("BTCUSDT", "ETHUSDT")]
    assert bot("GET", FEES, symbol="ETHUSDT").body == [{"symbol": "ETHUSDT", **own}]
    assert other("GET", FEES, symbol="ETHUSDT").body[0]["takerCommission"] == "0.00000000"
    assert bot("GET", FEES, symbol="NOPE").error == (400, -1121, "Invalid symbol.")


@pytest.mark.parametrize("path", [COINS, FEES])
def test_without_a_key_there_is_nothing_to_tell(desk: Desk, path: str) -> None:
    for query in (b"", b"timestamp=1&recvWindow=5000&signature=00"):
        assert desk.ask("GET", path, query).body == []


@pytest.mark.parametrize("path", [COINS, FEES])
def test_a_key_is_looked_at(desk: Desk, path: str) -> None:
    key = {"X-MBX-APIKEY": "x" * 64}
    assert desk.ask("GET", path, headers=key).error[:2] == (401, -2015)
    assert desk.client(1, "trade")("GET", path).error[:2] == (401, -2015)


def test_assets_are_those_that_the_account_has(other: Client) -> None:
    told = other("POST", ASSETS, needBtcValuation="true").body
    assert [each["asset"] for each in told] == ["BTC", "USDT"]
    assert told[0] == {
        "asset": "BTC",
        "free": "10.00000000",
        "locked": "0.00000000",
        "freeze": "0.00000000",
        "withdrawing": "0.00000000",
        "ipoable": "0.00000000",
        "btcValuation": "0",
    }
    assert [each["asset"] for each in other("POST", ASSETS, asset="USDT").body] == ["USDT"]
    assert other("POST", ASSETS, asset="ETH").body == []


def test_assets_have_their_details(bot: Client) -> None:
    path = "/sapi/v1/asset/assetDetail"
    assert list(bot("GET", path).body) == ["BTC", "ETH", "USDT"]
    assert bot("GET", path, asset="BTC").body == {
        "BTC": {
            "minWithdrawAmount": "0.00000000",
            "depositStatus": False,
            "withdrawFee": "0.00000000",
            "withdrawStatus": False,
        }
    }


@pytest.mark.parametrize("scopes", [("read",), ("read", "trade"), ("read", "withdraw")])
def test_a_key_is_told_what_it_may_do(desk: Desk, scopes: tuple[str, ...]) -> None:
    told = desk.client(1, *scopes)("GET", RESTRICTIONS).body
    assert told["enableReading"] is True
    assert told["enableSpotAndMarginTrading"] is ("trade" in scopes)
    assert told["enableWithdrawals"] is ("withdraw" in scopes)
    assert (told["ipRestrict"], told["enableFutures"], told["enableMargin"]) == (False,) * 3
    assert told["createTime"] > 1_700_000_000_000


def test_an_account_is_told_whether_it_may_trade(desk: Desk, other: Client) -> None:
    assert other("GET", STATUS).body == {"data": "Normal"}
    assert other("GET", TRADING).body["data"]["isLocked"] is False

    async def close() -> None:
        await desk.venue.exchange.set_account(
            OTHER, maker_rate_ppm=0, taker_rate_ppm=0, state=AccountState.CANCEL_ONLY
        )

    desk.run(close())
    assert other("GET", STATUS).body == {"data": "Locked"}
    assert other("GET", TRADING).body["data"]["isLocked"] is True
