"""What an account has, pays and may still send."""

from decimal import Decimal

from outcry.exchange import Exchange
from tests.gateways.desk import MUCH, Client, Desk
from tests.gateways.serving import BOT

ORDER: dict[str, object] = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.5",
    "price": "50000",
}


def balances(client: Client, **said: object) -> dict[str, tuple[str, str]]:
    rows = client("GET", "account", **said).body["balances"]
    return {row["asset"]: (row["free"], row["locked"]) for row in rows}


def test_an_account_says_all_that_clients_read(desk: Desk, bot: Client) -> None:
    told = bot("GET", "account").body
    rows = told.pop("balances")
    update_time = told.pop("updateTime")
    assert update_time == desk.venue.opened.status().time_ns // 1_000_000
    assert told == {
        "makerCommission": 10,
        "takerCommission": 20,
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": {
            "maker": "0.00100000",
            "taker": "0.00200000",
            "buyer": "0.00000000",
            "seller": "0.00000000",
        },
        "canTrade": True,
        "canWithdraw": True,
        "canDeposit": True,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "accountType": "SPOT",
        "permissions": ["SPOT"],
        "uid": BOT,
    }
    # 0.1 BTC was bought at 60,001, with 0.2 % of it as commission.
    assert {row["asset"]: row["free"] for row in rows} == {
        "BTC": "100.09980000",
        "ETH": "1000.09980000",
        "USDT": f"{10_000_000 - Decimal('6000.1') - Decimal('300.1'):.8f}",
    }
    assert {row["locked"] for row in rows} == {"0.00000000"}


def test_an_order_holds_and_a_cancel_releases(bot: Client) -> None:
    free = Decimal(balances(bot)["USDT"][0])
    order = bot("POST", "order", **ORDER).body
    assert balances(bot)["USDT"] == (f"{free - 25_000:.8f}", "25000.00000000")
    bot("DELETE", "order", symbol="BTCUSDT", orderId=order["orderId"])
    assert balances(bot)["USDT"] == (f"{free:.8f}", "0.00000000")


def test_empty_balances_can_be_left_out(desk: Desk) -> None:
    desk.venue.opened.set_account(31)
    client = desk.client(31)
    zero = ("0.00000000", "0.00000000")
    assert balances(client) == dict.fromkeys(("BTC", "ETH", "USDT"), zero)
    assert balances(client, omitZeroBalances="true") == {}
    desk.venue.opened.deposit(31, "ETH", "0.00000001", source=(31, 1))
    assert balances(client, omitZeroBalances="true") == {"ETH": ("0.00000001", "0.00000000")}
    assert balances(client, omitZeroBalances="false")["BTC"] == zero
    assert client("GET", "account", omitZeroBalances="yes").error[1] == -1130


def test_assets_with_more_decimals_are_told_in_full(desk: Desk) -> None:
    exchange: Exchange = desk.venue.opened
    exchange.add_asset("FINE", 12)
    exchange.set_account(32)
    exchange.deposit(32, "FINE", "1.000000000001", source=(32, 1))
    assert balances(desk.client(32), omitZeroBalances="true") == {
        "FINE": ("1.000000000001", "0.000000000000")
    }


def test_a_state_says_what_may_be_done(desk: Desk) -> None:
    exchange = desk.venue.opened
    exchange.set_account(33)
    client = desk.client(33)
    for state, can_trade, can_withdraw in (
        ("cancel_only", False, True),
        ("frozen", False, False),
        ("active", True, True),
    ):
        exchange.set_account(33, state=state)
        told = client("GET", "account").body
        assert (told["canTrade"], told["canWithdraw"]) == (can_trade, can_withdraw)


def test_commission_is_told_by_symbol(desk: Desk, bot: Client) -> None:
    told = bot("GET", "account/commission", symbol="BTCUSDT").body
    nothing = dict.fromkeys(("maker", "taker", "buyer", "seller"), "0.00000000")
    assert told == {
        "symbol": "BTCUSDT",
        "standardCommission": nothing | {"maker": "0.00100000", "taker": "0.00200000"},
        "specialCommission": nothing,
        "taxCommission": nothing,
        "discount": {
            "enabledForAccount": False,
            "enabledForSymbol": False,
            "discountAsset": "USDT",
            "discount": "0.00000000",
        },
    }
    assert bot("GET", "account/commission").error[1] == -1102
    assert bot("GET", "account/commission", symbol="NONE").error[1] == -1121
    desk.venue.opened.set_account(34, maker_rate_ppm=-50, taker_rate_ppm=75)
    rates = desk.client(34)("GET", "account/commission", symbol="BTCUSDT").body
    assert rates["standardCommission"]["maker"] == "-0.00005000"
    assert rates["standardCommission"]["taker"] == "0.00007500"


def test_orders_are_counted(desk: Desk) -> None:
    desk.venue.opened.set_account(35)
    desk.venue.opened.deposit(35, "USDT", "1000000", source=(35, 1))
    client = desk.client(35)

    def counts() -> list[tuple[str, int, int]]:
        rows = client("GET", "rateLimit/order").body
        assert {row["rateLimitType"] for row in rows} == {"ORDERS"}
        assert {row["limit"] for row in rows} == {MUCH}
        return [(row["interval"], row["intervalNum"], row["count"]) for row in rows]

    assert counts() == [("SECOND", 10, 0), ("DAY", 1, 0)]
    reply = client("POST", "order", **ORDER)
    assert reply.headers["x-mbx-order-count-1d"] == "1"
    refused = client("POST", "order", **ORDER | {"quantity": "500"})
    assert refused.error[1] == -2010
    assert "x-mbx-order-count-1d" not in refused.headers
    assert counts()[1] == ("DAY", 1, 1)


def test_an_account_that_is_none_has_no_key_that_counts(desk: Desk) -> None:
    client = desk.client(999)
    for path, said in (("account", {}), ("account/commission", {"symbol": "BTCUSDT"})):
        assert client("GET", path, **said).error[:2] == (401, -2015)


def test_an_account_is_told_the_filters_of_a_symbol(desk: Desk, bot: Client) -> None:
    told = bot("GET", "myFilters", symbol="BTCUSDT").body
    assert (told["exchangeFilters"], told["assetFilters"]) == ([], [])
    (symbol,) = desk.get("exchangeInfo", symbol="BTCUSDT").body["symbols"]
    assert told["symbolFilters"] == symbol["filters"]
    assert bot("GET", "myFilters", symbol="NONE").error == (400, -1121, "Invalid symbol.")


def test_no_order_goes_to_several_books(bot: Client) -> None:
    assert bot("GET", "myAllocations", symbol="BTCUSDT", orderId=1, limit=5).body == []
    assert bot("GET", "myAllocations", symbol="NONE").error == (400, -1121, "Invalid symbol.")
    times = {"startTime": 2, "endTime": 1}
    assert bot("GET", "myAllocations", symbol="BTCUSDT", **times).error[:2] == (400, -1130)
