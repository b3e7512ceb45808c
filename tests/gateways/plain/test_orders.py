"""Goal: an order is placed, seen and cancelled by its owner, and once only under a key.

Method: requests to a server with a book of two accounts; what was traded is compared with the
rates and prices of that book.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from pathlib import Path

import httpx
import pytest

from outcry.gateways.app import application
from outcry.gateways.binance import ROUTES, Api
from outcry.gateways.connections import Connections
from outcry.gateways.plain import plain_application
from tests.gateways.desk import ROOMY, Desk, Reply
from tests.gateways.plain.conftest import SETTINGS, Asker, caller_of, key_of
from tests.gateways.serving import BOT, make_venue, served

BODY = {"symbol": "BTCUSDT", "side": "buy", "quantity": "0.5", "price": "50000.00"}

STOP = BODY | {"type": "stop", "price": None, "trigger": "rise"}
TRAILING = STOP | {"side": "sell", "trigger": "fall"}


@dataclass(frozen=True)
class Poster:
    """Posts orders under one key, each to a server that has just started."""

    desk: Desk
    key: str

    def __call__(self, body: Mapping[str, object]) -> Reply:
        """Post an order."""
        plain = plain_application(self.desk.venue, Connections.of(ROOMY.serve))
        self.desk._app = application(Api(self.desk.venue, ROUTES), plain)
        caller = caller_of(self.desk, BOT, "read", "trade")
        return caller("POST", "/order", body, idempotency_key=self.key)


def test_an_order_rests_and_is_seen(bot: Asker) -> None:
    order = bot.order(client_order_id="first", time_in_force="gtc", display="0.1")
    seen = bot.ask("GET", f"/order/{order['order_id']}").json()
    assert seen == {"order": order, "fills": []}
    assert (order["status"], order["price"], order["open_quantity"]) == (
        *("open", "50000.00", "0.50000"),
    )
    assert (order["client_order_id"], order["display"]) == ("first", "0.10000")
    listed = bot.ask("GET", "/orders?symbol=BTCUSDT&limit=1000").json()["orders"]
    assert order in listed


def test_an_order_that_trades_tells_its_fills_and_fees(bot: Asker) -> None:
    body = {"symbol": "ETHUSDT", "side": "buy", "type": "market", "quantity": "1.5"}
    answer = bot.ask("POST", "/order", body)
    placed = answer.json()
    order, fills = placed["order"], placed["fills"]
    assert (order["status"], order["filled_quantity"]) == ("filled", "1.5000")
    values = [Decimal(fill["price"]) * Decimal(fill["quantity"]) for fill in fills]
    assert [Decimal(fill["value"]) for fill in fills] == values
    assert Decimal(order["filled_value"]) == sum(values)
    for fill in fills:
        assert Decimal(fill["fee"]) == Decimal(fill["quantity"]) * Decimal("0.002")
        assert (fill["fee_asset"], fill["is_maker"]) == ("ETH", False)
    seen = bot.ask("GET", f"/order/{order['order_id']}").json()
    assert seen == placed


def test_an_order_by_amount_and_stops(bot: Asker) -> None:
    amount = bot.order(type="market", quantity=None, price=None, amount="600")
    assert (amount["amount"], amount["status"] in ("filled", "cancelled")) == ("600.00000000", True)
    stop = bot.order(type="stop_limit", stop="70000", trigger="rise", price="71000")
    assert (stop["status"], stop["stop"], stop["trigger"]) == ("waiting", "70000.00", "rise")
    trailing = bot.order(type="stop", price=None, side="sell", trail_ppm=20_000, trigger="fall")
    assert (trailing["stop"], trailing["trail_ppm"]) == (None, 20_000)
    for order in (stop, trailing):
        assert bot.ask("GET", f"/order/{order['order_id']}").json()["order"] == order


def test_an_order_is_cancelled_once(bot: Asker) -> None:
    order = bot.order(client_order_id="short")
    path = f"/order/{order['order_id']}"
    assert bot.ask("DELETE", path).json() == {
        "order_id": order["order_id"],
        "symbol": "BTCUSDT",
        "client_order_id": "short",
        "cancelled_quantity": "0.50000",
    }
    again = bot.ask("DELETE", path)
    assert (again.status_code, again.json()["reason"]) == (409, "not_open")
    ended = bot.ask("GET", path).json()["order"]
    assert (ended["status"], ended["cancel_reason"]) == ("cancelled", "requested")


def test_all_orders_of_a_side_are_cancelled(bot: Asker) -> None:
    ids = [bot.order(symbol="ETHUSDT", price=price)["order_id"] for price in ("100", "101")]
    kept = bot.order(symbol="ETHUSDT", side="sell", price="9000")
    gone = bot.ask("DELETE", "/orders?symbol=ETHUSDT&side=buy").json()
    assert gone == {"order_ids": ids}
    assert bot.ask("DELETE", f"/order/{kept['order_id']}").status_code == 200


def test_ended_orders_are_paged_by_id(bot: Asker) -> None:
    for price in ("10.00", "11.00", "12.00"):
        order = bot.order(symbol="ETHUSDT", price=price)
        bot.ask("DELETE", f"/order/{order['order_id']}")
    found: list[int] = []
    from_id: int | None = 0
    while from_id is not None:
        page = bot.ask("GET", f"/orders?ended=true&symbol=ETHUSDT&from_id={from_id}&limit=2").json()
        found += [order["order_id"] for order in page["orders"]]
        from_id = page["next_from_id"]
    whole = bot.ask("GET", "/orders?ended=true&symbol=ETHUSDT&limit=1000").json()["orders"]
    assert found == [order["order_id"] for order in whole]
    assert len(found) >= 3


class TestIdempotency:
    numbers = count()

    @pytest.fixture
    def keyed(self, desk: Desk) -> Poster:
        return Poster(desk, f"key {next(self.numbers)}")

    def test_a_repeat_is_answered_with_the_first_order(self, bot: Asker) -> None:
        first = bot.ask("POST", "/order", BODY, idempotency_key="a key")
        again = bot.ask("POST", "/order", BODY, idempotency_key="a key")
        assert (first.status_code, again.status_code) == (201, 200)
        assert "idempotent-replayed" not in first.headers
        assert again.headers["idempotent-replayed"] == "true"
        assert again.json() == first.json()
        assert again.headers["x-request-id"] == first.headers["x-request-id"]

    def test_the_same_key_with_another_body_is_refused(self, bot: Asker) -> None:
        bot.ask("POST", "/order", BODY, idempotency_key="another")
        other = bot.ask("POST", "/order", BODY | {"price": "49000"}, idempotency_key="another")
        assert other.status_code == 422
        assert other.json()["reason"] == "idempotency_key_reused"
        assert other.json()["field"] == "idempotency-key"

    def test_a_request_that_could_not_be_taken_leaves_its_key_free(self, bot: Asker) -> None:
        bad = bot.ask("POST", "/order", BODY | {"price": "50000.001"}, idempotency_key="free")
        assert bad.status_code == 400
        assert bot.ask("POST", "/order", BODY, idempotency_key="free").status_code == 201

    def test_a_refusal_is_repeated_as_one(self, bot: Asker) -> None:
        body = BODY | {"quantity": "100000"}
        first = bot.ask("POST", "/order", body, idempotency_key="poor")
        again = bot.ask("POST", "/order", body, idempotency_key="poor")
        assert (first.status_code, again.status_code) == (422, 422)
        assert first.json()["reason"] == again.json()["reason"] == "insufficient_balance"
        assert again.headers["idempotent-replayed"] == "true"

    def test_keys_belong_to_their_accounts(self, bot: Asker, maker: Asker) -> None:
        own = bot.ask("POST", "/order", BODY, idempotency_key="shared")
        other = maker.ask("POST", "/order", BODY, idempotency_key="shared")
        assert (own.status_code, other.status_code) == (201, 201)
        assert own.json()["order"]["order_id"] != other.json()["order"]["order_id"]

    @pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
    def test_a_key_has_a_shape(self, bot: Asker, key: str) -> None:
        refused = bot.ask("POST", "/order", BODY, idempotency_key=key)
        assert (refused.status_code, refused.json()["field"]) == (400, "idempotency-key")

    @pytest.mark.parametrize(
        ("body", "other"),
        [
            (BODY, {"price": "49000.00"}),
            (BODY, {"quantity": "0.4"}),
            (BODY, {"display": "0.1"}),
            (BODY, {"time_in_force": "day"}),
            (BODY, {"expire_ms": 4_000_000_000_000, "time_in_force": "gtd"}),
            (BODY, {"client_order_id": "another"}),
            (
                {"symbol": "ETHUSDT", "side": "buy", "type": "market", "amount": "600"},
                {"amount": "500"},
            ),
            (STOP | {"type": "stop_limit", "stop": "70000", "price": "71000"}, {"stop": "69000"}),
            (TRAILING | {"trail_ppm": 20_000}, {"trail_ppm": 30_000}),
            (TRAILING | {"trail": "100"}, {"trail": "101"}),
        ],
    )
    def test_what_is_forgotten_here_is_told_from_the_order(
        self, keyed: Poster, body: Mapping[str, object], other: Mapping[str, object]
    ) -> None:
        first = keyed(body)
        answers = [keyed(each) for each in (body, {**body, **other})]
        assert [first.status, *(each.status for each in answers)] == [201, 200, 422]
        assert answers[0].body == first.body
        assert answers[1].body["reason"] == "idempotency_key_reused"

    def test_a_stop_that_was_met_is_still_that_of_its_key(self, keyed: Poster) -> None:
        body = STOP | {"type": "stop_limit", "stop": "60002", "price": "40000"}
        assert keyed(body).body["order"]["status"] == "waiting"
        buyer = caller_of(keyed.desk, BOT, "trade")
        buyer("POST", "/order", BODY | {"type": "market", "quantity": "1", "price": None})
        again = keyed(body)
        assert (again.status, again.body["order"]["status"]) == (200, "open")

    def test_an_amended_order_is_still_that_of_its_key(self, keyed: Poster) -> None:
        order_id = keyed(BODY).body["order"]["order_id"]
        bot = keyed.desk.client(BOT)
        said = {"symbol": "BTCUSDT", "orderId": order_id, "newQty": "0.2"}
        assert bot("PUT", "order/amend/keepPriority", **said).status == 200
        again = keyed(BODY)
        assert (again.status, again.body["order"]["quantity"]) == (200, "0.20000")

    def test_it_holds_over_a_restart(self, tmp_path: Path) -> None:
        (tmp_path / "outcry.toml").write_text(SETTINGS)
        make_venue(tmp_path)
        key = key_of(tmp_path, BOT, "trade", "read")
        answers: list[httpx.Response] = []
        for bodies in ([BODY], [BODY, BODY | {"price": "49000.00"}]):
            with served(tmp_path) as server, httpx.Client(base_url=server.address) as client:
                asker = Asker(client, key)
                answers += [
                    asker.ask("POST", "/order", body, idempotency_key="kept") for body in bodies
                ]
        assert [answer.status_code for answer in answers] == [201, 200, 422]
        assert answers[0].json() == answers[1].json()
        assert answers[2].json()["reason"] == "idempotency_key_reused"
