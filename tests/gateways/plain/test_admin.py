"""Goal: an administrator steers the exchange over plain routes.

Method: each route changes something, which is then read back, or tried by another account.
"""

from decimal import Decimal
from typing import Any

import pytest

from outcry.exchange import Account, AsyncExchange
from tests.gateways.desk import Desk
from tests.gateways.plain.conftest import Asker, caller_of
from tests.gateways.serving import BOT, MAKER

ACCOUNT = 31
FEES = 4_294_967_295


@pytest.fixture(scope="module")
def pair(admin: Asker) -> str:
    assert admin.ask("POST", "/admin/assets", {"name": "EUR", "decimals": 2}).status_code == 201
    body = {
        "symbol": "BTCEUR",
        "base": "BTC",
        "quote": "EUR",
        "tick": "0.01",
        "lot": "1",
        "filters": {"notional_min": "10.00", "band_ppm": 100_000},
    }
    made = admin.ask("POST", "/admin/instruments", body)
    assert made.status_code == 201, made.text
    filters = made.json()["filters"]
    assert (filters["notional_min"], filters["band_ppm"]) == ("10.00", 100_000)
    return "BTCEUR"


def paid(admin: Asker, number: int, **fields: Any) -> Any:  # noqa: ANN401
    body = {"account": ACCOUNT, "asset": "EUR", "amount": "100.00"}
    return admin.ask(
        "POST", "/admin/deposits", body | {"source": 5, "source_number": number} | fields
    )


def test_an_instrument_is_stated_anew_its_steps_while_it_is_halted(admin: Asker, pair: str) -> None:
    path = f"/admin/instruments/{pair}"
    body = {"tick": "0.05", "lot": "1", "filters": {"orders_max": 7}}
    refused = admin.ask("PUT", path, body)
    assert (refused.status_code, refused.json()["reason"]) == (409, "instrument_not_halted")
    assert refused.json()["detail"] == "tick: is changed while the instrument is halted only"
    admin.ask("PUT", f"{path}/state", {"state": "halted"})
    assert admin.ask("PUT", path, body).json()["tick"] == "0.05"
    admin.ask("PUT", f"{path}/state", {"state": "continuous"})
    # The same steps in other words are no change.
    told = admin.ask("PUT", path, body | {"tick": "0.0500"}).json()
    assert (told["tick"], told["filters"]["orders_max"]) == ("0.05", 7)
    assert told["filters"]["notional_min"] is None


def test_a_halted_instrument_takes_no_order(admin: Asker, bot: Asker, pair: str) -> None:
    path = f"/admin/instruments/{pair}/state"
    assert admin.ask("PUT", path, {"state": "halted"}).json()["state"] == "halted"
    body = {"symbol": pair, "side": "sell", "quantity": "1", "price": "50"}
    refused = bot.ask("POST", "/order", body)
    assert (refused.status_code, refused.json()["reason"]) == (422, "instrument_halted")
    assert admin.ask("PUT", path, {"state": "continuous"}).json()["state"] == "continuous"


def test_a_reference_price_and_the_end_of_a_session(admin: Asker, bot: Asker, pair: str) -> None:
    path = f"/admin/instruments/{pair}"
    assert admin.ask("PUT", f"{path}/reference", {"price": "50.00"}).json() == {"done": True}
    order = bot.order(symbol=pair, side="sell", price="50", quantity="1", time_in_force="day")
    ended = admin.ask("POST", f"{path}/end-session").json()
    assert ended == {"order_ids": [order["order_id"]]}
    assert admin.ask("PUT", f"{path}/reference", {"price": None}).status_code == 200


@pytest.mark.usefixtures("pair")
def test_money_comes_moves_and_leaves(admin: Asker) -> None:
    path = f"/admin/accounts/{ACCOUNT}"
    made = admin.ask("PUT", path, {"maker_rate_ppm": -50, "taker_rate_ppm": 200}).json()
    assert (made["state"], made["maker_rate_ppm"], made["balances"]) == ("active", -50, [])
    assert paid(admin, 1).json() == {"asset": "EUR", "available": "100.00", "held": "0.00"}
    again = paid(admin, 1)
    assert (again.status_code, again.json()["reason"]) == (409, "repeated")
    moved = admin.ask(
        "POST",
        "/admin/transfers",
        {"payer": ACCOUNT, "payee": 1, "asset": "EUR", "amount": "30", "source": 5}
        | {"source_number": 2},
    )
    assert moved.json()["available"] == "70.00"
    held = admin.ask("POST", f"{path}/withdrawals", {"asset": "EUR", "amount": "20"}).json()
    assert held["amount"] == "20.00"
    assert held in admin.ask("GET", "/admin/withdrawals").json()["withdrawals"]
    settle = f"/admin/withdrawals/{held['withdrawal_id']}/settle"
    body = {"posted": True, "source": 5, "source_number": 3}
    assert admin.ask("POST", settle, body).json() == {"done": True}
    assert admin.ask("POST", settle, body | {"source_number": 4}).status_code == 422
    (left,) = admin.ask("GET", path).json()["balances"]
    assert left == {"asset": "EUR", "available": "50.00", "held": "0.00"}


@pytest.mark.usefixtures("pair")
def test_a_frozen_account_keeps_its_rates_and_cannot_withdraw(admin: Asker) -> None:
    path = f"/admin/accounts/{ACCOUNT}"
    before = admin.ask("GET", path).json()
    frozen = admin.ask("POST", f"{path}/freeze").json()
    assert frozen == before | {"state": "frozen"}
    refused = admin.ask("POST", f"{path}/withdrawals", {"asset": "EUR", "amount": "1"})
    assert (refused.status_code, refused.json()["reason"]) == (422, "account_frozen")
    numbers = [each["account"] for each in admin.ask("GET", "/admin/accounts").json()["accounts"]]
    assert ACCOUNT in numbers
    assert admin.ask("GET", "/admin/accounts/4000000").status_code == 404


def test_a_page_of_accounts_reads_no_more_than_a_page(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    accounts = AsyncExchange.accounts

    async def counted(exchange: AsyncExchange, **asked: int) -> tuple[Account, ...]:
        found = await accounts(exchange, **asked)
        read.append(len(found))
        return found

    monkeypatch.setattr(AsyncExchange, "accounts", counted)
    admin = caller_of(desk, 9, "admin")
    for number in range(100, 110):
        assert admin("PUT", f"/admin/accounts/{number}", {}).status == 200
    told: list[int] = []
    start: int | None = 1
    while start is not None:
        page = admin("GET", f"/admin/accounts?from_account={start}&limit=3").body
        told += [each["account"] for each in page["accounts"]]
        start = page["next_from_account"]
    assert told == [BOT, MAKER, *range(100, 110), FEES]
    assert max(read) == 4


def test_new_rates_count_at_once(admin: Asker, bot: Asker) -> None:
    def rate() -> Decimal:
        body = {"symbol": "ETHUSDT", "side": "buy", "type": "market", "quantity": "1"}
        fills = bot.ask("POST", "/order", body).json()["fills"]
        return Decimal(fills[0]["fee"]) / Decimal(fills[0]["quantity"])

    assert rate() == Decimal("0.002")
    for rate_ppm in (500, 2_000):
        body = {"maker_rate_ppm": 500, "taker_rate_ppm": rate_ppm}
        admin.ask("PUT", "/admin/accounts/1", body)
        assert rate() == Decimal(rate_ppm) / 1_000_000


def test_an_account_s_orders_are_cancelled(admin: Asker, maker: Asker) -> None:
    order = maker.order(symbol="BTCUSDT", side="buy", price="40000")
    gone = admin.ask("DELETE", "/admin/accounts/31/orders").json()
    assert gone == {"order_ids": []}
    assert maker.ask("GET", f"/order/{order['order_id']}").json()["order"]["status"] == "open"


def test_a_withdrawal_is_asked_for_with_its_own_scope(admin: Asker, withdrawer: Asker) -> None:
    path = "/accounts/me/withdrawals"
    wanted = {"asset": "USDT", "amount": "12.5"}
    held = withdrawer.ask("POST", path, wanted, idempotency_key="once")
    again = withdrawer.ask("POST", path, wanted, idempotency_key="once")
    other = withdrawer.ask("POST", path, wanted | {"amount": "1"}, idempotency_key="once")
    assert (held.status_code, again.status_code, other.status_code) == (201, 200, 422)
    assert (again.json(), again.headers["idempotent-replayed"]) == (held.json(), "true")
    assert withdrawer.ask("GET", path).json()["withdrawals"] == [held.json()]
    body = {"posted": False, "source": 6, "source_number": 1}
    number = held.json()["withdrawal_id"]
    assert admin.ask("POST", f"/admin/withdrawals/{number}/settle", body).status_code == 200
    assert withdrawer.ask("GET", path).json()["withdrawals"] == []
    settled = withdrawer.ask("POST", path, wanted, idempotency_key="once")
    assert (settled.status_code, settled.json()["reason"]) == (409, "repeated")


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/assets", {"name": "", "decimals": 2}, "name"),
        ("POST", "/assets", {"name": "X Y", "decimals": 2}, "name"),
        ("POST", "/assets", {"name": "X", "decimals": 25}, "decimals"),
        ("POST", "/assets", {"name": "X", "decimals": "2"}, "decimals"),
        ("PUT", "/accounts/0", {}, "account"),
        ("PUT", "/accounts/4294967296", {}, "account"),
        ("PUT", "/accounts/x", {}, "account"),
        ("PUT", "/accounts/7", {"state": "asleep"}, "state"),
        ("PUT", "/accounts/7", {"maker_rate_ppm": 1_000_001}, "maker_rate_ppm"),
        ("PUT", "/instruments/BTCUSDT/state", {"state": "auction"}, "state"),
        ("PUT", "/instruments/BTCUSDT/reference", {"price": "0"}, "price"),
        ("PUT", "/instruments/BTCUSDT", {"tick": "0", "lot": "1"}, "tick"),
        (
            "PUT",
            "/instruments/BTCUSDT",
            {"tick": "1", "lot": "1", "filters": {"bands": 1}},
            "filters.bands",
        ),
        ("POST", "/withdrawals/-1/settle", {}, "withdrawal_id"),
        ("POST", f"/withdrawals/{'9' * 21}/settle", {}, "withdrawal_id"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    admin: Asker, method: str, path: str, body: object, field: str
) -> None:
    answer = admin.ask(method, f"/admin{path}", body)
    assert (answer.status_code, answer.json()["field"]) == (400, field), answer.text
