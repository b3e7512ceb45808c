"""Every reply of the API against the naive engine, over random courses of trading.

Goal: what a client is told is what the rules say, by an engine that shares no code. Method:
Hypothesis trades on an instrument of its own with two accounts: each request is also a command of
the naive engine, whose events say what the reply must hold. After each step both accounts' open
orders and balances are compared, and at the end every order that ever was and every trade. Times
and ids are not compared. Ends when the examples of the profile are through.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from outcry import Exchange
from outcry.gateways.binance import words
from outcry.protocol import (
    Accepted,
    Cancelled,
    Prevented,
    SelfTrade,
    Traded,
)
from outcry.reference.holds import balances
from tests.gateways.binance.twin import (
    ASSETS,
    MAKER_PPM,
    TAKER_PPM,
    UNITS,
    Known,
    Twin,
    lots_text,
    money,
    price_text,
    refusal,
    value_text,
)
from tests.gateways.desk import Client, Desk, Reply
from tests.scenarios import commands as c

ZERO = "0.00000000"
SIDES = {"BUY": c.BUY, "SELL": c.SELL}
PRICES = st.integers(196, 204).map(lambda half: half * 50)
LOTS = st.integers(1, 30).map(lambda tenth: tenth * 10_000)
FORCES = {"GTC": c.GTC, "IOC": c.IOC, "FOK": c.FOK}
WHICH = st.integers(0, 40)
MODES = st.sampled_from(sorted(words.SELF_TRADES))


class Trading(RuleBasedStateMachine):
    """Two accounts on a market of their own."""

    twin: ClassVar[Twin]

    def __init__(self) -> None:
        super().__init__()
        self.number, self.symbol = self.twin.open_market()
        self.clients = self.twin.clients
        self.accounts = tuple(self.clients)
        self.orders: dict[int, Known] = {}
        self.names = 0
        self.trades: list[tuple[int, int, Traded]] = []

    def ask(self, account: int, method: str, path: str, **said: object) -> Reply:
        client: Client = self.clients[account]
        reply = client(method, path, symbol=self.symbol, **said)
        assert reply.status < 500, reply
        return reply

    def learn(self, events: list[Any]) -> None:
        """Note what befell orders that are known; new ones must be known before."""
        for event in events:
            match event:
                case Traded(maker_order_id=maker, taker_order_id=taker):
                    for order_id in (maker, taker):
                        known = self.orders[order_id]
                        known.filled += event.quantity_lots
                        known.value += event.quantity_lots * event.price_ticks
                    self.trades.append((maker, taker, event))
                case Prevented(maker_order_id=maker, taker_order_id=taker):
                    for order_id in (maker, taker):
                        self.orders[order_id].prevented += event.quantity_lots
                case Cancelled(order_id=order_id, reason=reason):
                    known = self.orders[order_id]
                    known.end = words.end_word(reason, has_traded=known.filled > 0)

    def name(self) -> str:
        self.names += 1
        return f"{self.symbol}-{self.names}"

    def accepted(self, reply: Reply, events: list[Any], orders: list[Known]) -> bool:
        """Compare whether a request was accepted; note its orders if so."""
        told = refusal(events)
        if told is not None:
            assert reply.error == (400, *told)
            return False
        assert reply.status == 200, (reply, events)
        ids = [event.order_id for event in events if isinstance(event, Accepted)]
        for order_id, known in zip(ids, orders, strict=True):
            self.orders[order_id] = known
        self.learn(events)
        return True

    def placed(self, account: int, record: bytes, said: dict[str, object], lots: int) -> None:
        """Place an order with both and compare the replies."""
        name = self.name()
        said = said | {"newClientOrderId": name}
        reply = self.ask(account, "POST", "order", newOrderRespType="FULL", **said)
        self.compare_placed(account, reply, self.twin.apply(record), (said, lots))

    def compare_placed(
        self, account: int, reply: Reply, events: list[Any], asked: tuple[dict[str, object], int]
    ) -> None:
        said, lots = asked
        known = Known(0, account, said, lots)
        if not self.accepted(reply, events, [known]):
            return
        body = reply.body
        known.order_id = body["orderId"]
        # A stop that was set off by the order's own trades comes behind it in the same command.
        order_id = next(key for key, each in self.orders.items() if each is known)
        fills = [
            event
            for event in events
            if isinstance(event, Traded)
            and order_id in {event.maker_order_id, event.taker_order_id}
        ]
        assert body["clientOrderId"] == said["newClientOrderId"]
        assert [self.fill(each, said) for each in fills] == body["fills"]
        assert body["status"] == known.status
        assert body["executedQty"] == lots_text(known.filled)
        assert body["cummulativeQuoteQty"] == value_text(known.value)
        assert body["origQty"] == lots_text(lots or known.filled)
        for given in ("side", "type"):
            assert body[given] == said[given]

    def fill(self, event: Traded, said: dict[str, object]) -> dict[str, object]:
        if said["side"] == "BUY":
            received, asset = event.quantity_lots * 1_000, "BTC"
        else:
            received, asset = event.price_ticks * event.quantity_lots * 10, "USDT"
        return {
            "price": price_text(event.price_ticks),
            "qty": lots_text(event.quantity_lots),
            "commission": money(received * TAKER_PPM // 1_000_000),
            "commissionAsset": asset,
            "tradeId": event.trade_id,
        }

    @rule(
        who=st.booleans(),
        order=st.tuples(st.sampled_from(sorted(SIDES)), PRICES, LOTS),
        force=st.sampled_from(["GTC", "GTC", "GTC", "IOC", "FOK"]),
        mode=MODES,
        parts=st.sampled_from([0, 0, 0, 2, 5]),
    )
    def limit(
        self, who: bool, order: tuple[str, int, int], force: str, mode: str, parts: int
    ) -> None:
        side, price, lots = order
        account = self.accounts[who]
        said: dict[str, object] = {
            "side": side,
            "type": "LIMIT",
            "timeInForce": force,
            "quantity": lots_text(lots),
            "price": price_text(price),
            "selfTradePreventionMode": mode,
        }
        more: dict[str, Any] = {}
        if parts and force == "GTC":
            more["display"] = max(lots // parts, 1)
            said["icebergQty"] = lots_text(more["display"])
        record = c.new(
            SIDES[side],
            price,
            lots,
            account,
            instrument=self.number,
            time_in_force=FORCES[force],
            self_trade=words.SELF_TRADES[mode],
            **more,
        )
        self.placed(account, record, said, lots)

    @rule(who=st.booleans(), side=st.sampled_from(sorted(SIDES)), price=PRICES, lots=LOTS)
    def maker(self, who: bool, side: str, price: int, lots: int) -> None:
        account = self.accounts[who]
        said: dict[str, object] = {
            "side": side,
            "type": "LIMIT_MAKER",
            "quantity": lots_text(lots),
            "price": price_text(price),
        }
        record = c.new(
            SIDES[side],
            price,
            lots,
            account,
            post_only=True,
            instrument=self.number,
            self_trade=SelfTrade.CANCEL_MAKER,
        )
        self.placed(account, record, said, lots)

    @rule(
        who=st.booleans(),
        side=st.sampled_from(sorted(SIDES)),
        lots=LOTS,
        amount=st.one_of(st.none(), st.integers(1, 300)),
        mode=MODES,
    )
    def market(self, who: bool, side: str, lots: int, amount: int | None, mode: str) -> None:
        account = self.accounts[who]
        said: dict[str, object] = {"side": side, "type": "MARKET", "selfTradePreventionMode": mode}
        more: dict[str, Any] = {
            "instrument": self.number,
            "self_trade": words.SELF_TRADES[mode],
        }
        if amount is None:
            said["quantity"] = lots_text(lots)
            record = c.market(SIDES[side], lots, account, **more)
        else:
            lots = 0
            said["quoteOrderQty"] = amount
            record = c.amount(SIDES[side], amount * UNITS, account, **more)
        self.placed(account, record, said, lots)

    @rule(
        who=st.booleans(),
        order=st.tuples(st.sampled_from(sorted(SIDES)), PRICES, LOTS),
        word=st.sampled_from(["STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"]),
        stop=PRICES,
    )
    def stop(self, who: bool, order: tuple[str, int, int], word: str, stop: int) -> None:
        side, price, lots = order
        account = self.accounts[who]
        said: dict[str, object] = {
            "side": side,
            "type": word,
            "timeInForce": "GTC",
            "quantity": lots_text(lots),
            "price": price_text(price),
            "stopPrice": price_text(stop),
        }
        rises = (word == "STOP_LOSS_LIMIT") == (side == "BUY")
        record = c.stop(
            SIDES[side],
            lots,
            c.RISE if rises else c.FALL,
            stop,
            account,
            price=price,
            instrument=self.number,
            self_trade=SelfTrade.CANCEL_MAKER,
        )
        self.placed(account, record, said, lots)

    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        if not self.orders:
            return
        order_id = sorted(self.orders)[which % len(self.orders)]
        known = self.orders[order_id]
        was_open = self.twin.naive.order(order_id) is not None
        reply = self.ask(known.account, "DELETE", "order", orderId=known.order_id)
        record = c.cancel(order_id, account=known.account, instrument=self.number)
        self.learn(self.twin.apply(record))
        if not was_open:
            assert reply.error == (400, -2011, "Unknown order sent.")
            return
        body = reply.body
        assert body["status"] == known.status == "CANCELED"
        assert body["executedQty"] == lots_text(known.filled)
        assert body["cummulativeQuoteQty"] == value_text(known.value)
        assert body["origClientOrderId"] == known.said["newClientOrderId"]

    @rule(which=WHICH, price=PRICES, lots=LOTS, stops=st.booleans())
    def cancel_replace(self, which: int, price: int, lots: int, stops: bool) -> None:
        if not self.orders:
            return
        order_id = sorted(self.orders)[which % len(self.orders)]
        known = self.orders[order_id]
        side = str(known.said["side"])
        was_open = self.twin.naive.order(order_id) is not None
        said: dict[str, object] = {
            "side": side,
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": lots_text(lots),
            "price": price_text(price),
            "newClientOrderId": self.name(),
        }
        reply = self.ask(
            known.account,
            "POST",
            "order/cancelReplace",
            cancelReplaceMode="STOP_ON_FAILURE" if stops else "ALLOW_FAILURE",
            cancelOrderId=known.order_id,
            newOrderRespType="FULL",
            **said,
        )
        told = reply.body
        if was_open:
            record = c.cancel(order_id, account=known.account, instrument=self.number)
            self.learn(self.twin.apply(record))
        both = told if reply.status == 200 else told["data"]
        assert both["cancelResult"] == ("SUCCESS" if was_open else "FAILURE")
        if not was_open and stops:
            assert (reply.status, told["code"]) == (400, -2022)
            assert both["newOrderResult"] == "NOT_ATTEMPTED"
            return
        record = c.new(
            SIDES[side],
            price,
            lots,
            known.account,
            instrument=self.number,
            self_trade=SelfTrade.CANCEL_MAKER,
        )
        events = self.twin.apply(record)
        has_placed = refusal(events) is None
        assert both["newOrderResult"] == ("SUCCESS" if has_placed else "FAILURE")
        codes = {0: (400, -2022), 1: (409, -2021)}
        if was_open and has_placed:
            assert reply.status == 200
        else:
            assert (reply.status, told["code"]) == codes[was_open + has_placed]
        inner = Reply(200 if has_placed else 400, {}, encoded(both["newOrderResponse"]))
        self.compare_placed(known.account, inner, events, (said, lots))

    @rule(which=WHICH, tenths=st.integers(1, 9))
    def amend(self, which: int, tenths: int) -> None:
        if not self.orders:
            return
        order_id = sorted(self.orders)[which % len(self.orders)]
        known = self.orders[order_id]
        order = self.twin.naive.order(order_id)
        if order is not None and (order.is_stop or order.list_id):
            return
        left = 0 if order is None else order.open_lots * tenths // 10
        if order is not None and not left:
            return
        lots = known.filled + known.prevented + left
        reply = self.ask(
            known.account,
            "PUT",
            "order/amend/keepPriority",
            orderId=known.order_id,
            newQty=lots_text(lots or 1),
        )
        if order is None:
            assert reply.error == (400, -2011, "Unknown order sent.")
            return
        record = c.replace(
            order_id, order.price_ticks, lots, account=known.account, instrument=self.number
        )
        events = self.twin.apply(record)
        told = refusal(events)
        if told is not None:
            assert reply.error == (400, *told)
            return
        self.learn(events)
        known.lots = lots
        amended = reply.body["amendedOrder"]
        assert amended["qty"] == lots_text(lots)
        assert amended["executedQty"] == lots_text(known.filled)
        assert amended["status"] == known.status

    @rule(who=st.booleans(), low=PRICES, high=PRICES, lots=LOTS)
    def oco(self, who: bool, low: int, high: int, lots: int) -> None:
        account = self.accounts[who]
        names = self.name(), self.name()
        reply = self.ask(
            account,
            "POST",
            "orderList/oco",
            side="SELL",
            quantity=lots_text(lots),
            belowType="STOP_LOSS_LIMIT",
            belowStopPrice=price_text(low),
            belowPrice=price_text(low - 50),
            belowTimeInForce="GTC",
            belowClientOrderId=names[0],
            aboveType="LIMIT_MAKER",
            abovePrice=price_text(high),
            aboveClientOrderId=names[1],
        )
        common: dict[str, Any] = {"instrument": self.number, "self_trade": SelfTrade.CANCEL_MAKER}
        record = c.oco(
            c.stop(c.SELL, lots, c.FALL, low, account, price=low - 50, **common),
            c.new(c.SELL, high, lots, account, post_only=True, **common),
            account=account,
            instrument=self.number,
        )
        said: list[dict[str, object]] = [
            {"side": "SELL", "type": word, "newClientOrderId": name}
            for word, name in zip(("STOP_LOSS_LIMIT", "LIMIT_MAKER"), names, strict=True)
        ]
        legs = [Known(0, account, each, lots) for each in said]
        if self.accepted(reply, self.twin.apply(record), legs):
            body = reply.body
            for leg, report in zip(legs, body["orderReports"], strict=True):
                leg.order_id = report["orderId"]
                assert report["status"] == leg.status
                assert report["executedQty"] == lots_text(leg.filled)
            assert body["contingencyType"] == "OCO"

    @rule(who=st.booleans())
    def cancel_all(self, who: bool) -> None:
        account = self.accounts[who]
        reply = self.ask(account, "DELETE", "openOrders")
        record = c.mass_cancel(account=account, instrument=self.number)
        before = {key for key in self.orders if self.twin.naive.order(key) is not None}
        self.learn(self.twin.apply(record))
        gone = {key for key in before if self.twin.naive.order(key) is None}
        if not gone:
            assert reply.error == (400, -2011, "Unknown order sent.")
            return
        parts = [each.get("orderReports", [each]) for each in reply.body]
        told = {row["orderId"]: row for part in parts for row in part}
        assert told.keys() == {self.orders[key].order_id for key in gone}
        for key in gone:
            known = self.orders[key]
            assert told[known.order_id]["executedQty"] == lots_text(known.filled)

    @invariant()
    def open_orders_are_equal(self) -> None:
        for account in self.accounts:
            told = {row["orderId"]: row for row in self.ask(account, "GET", "openOrders").body}
            naive = {
                self.orders[order.order_id].order_id: order
                for order in self.twin.naive.machine.orders.values()
                if order.account == account and order.instrument == self.number
            }
            assert told.keys() == naive.keys()
            for order_id, order in naive.items():
                known, row = self.orders[order.order_id], told[order_id]
                assert row["origQty"] == lots_text(order.open_lots + order.done_lots)
                assert row["executedQty"] == lots_text(known.filled)
                assert row["cummulativeQuoteQty"] == value_text(order.traded_value)
                assert row["price"] == price_text(order.price_ticks)
                assert row["icebergQty"] == lots_text(order.display_lots)
                assert row["status"] == known.status
                self.require_same(known, row)

    @invariant()
    def balances_are_equal(self) -> None:
        naive = balances(self.twin.naive.machine)
        for account in self.accounts:
            reply = self.clients[account]("GET", "account")
            told = {row["asset"]: (row["free"], row["locked"]) for row in reply.body["balances"]}
            for number, asset in enumerate(ASSETS):
                balance = naive.get((account, number + 1))
                expected = (balance.available, balance.held) if balance else (0, 0)
                assert told[asset] == (money(expected[0]), money(expected[1]))

    def require_same(self, known: Known, row: dict[str, Any]) -> None:
        assert row["clientOrderId"] == known.said["newClientOrderId"]
        for name in ("side", "type"):
            assert row[name] == known.said[name]
        stop = known.said.get("stopPrice")
        if stop is not None:
            assert row["stopPrice"] == stop
        lost = known.prevented
        if known.end == "EXPIRED_IN_MATCH" and known.lots:
            lost = known.lots - known.filled
        assert row.get("preventedQuantity", ZERO) == lots_text(lost)

    def teardown(self) -> None:
        """Compare all that ever was, and leave the market empty."""
        for account in self.accounts:
            told = {row["orderId"]: row for row in self.ask(account, "GET", "allOrders").body}
            own = [known for known in self.orders.values() if known.account == account]
            assert told.keys() == {known.order_id for known in own}
            for known in own:
                row = told[known.order_id]
                assert row["status"] == known.status, (known, row)
                assert row["executedQty"] == lots_text(known.filled)
                assert row["cummulativeQuoteQty"] == value_text(known.value)
                self.require_same(known, row)
                one = self.ask(account, "GET", "order", orderId=known.order_id).body
                assert one == row
            self.require_trades(account)
        for account in self.accounts:
            self.ask(account, "DELETE", "openOrders")
            self.twin.apply(c.mass_cancel(account=account, instrument=self.number))

    def require_trades(self, account: int) -> None:
        expected = []
        for maker, taker, event in self.trades:
            for order_id, is_maker in ((maker, True), (taker, False)):
                known = self.orders[order_id]
                if known.account == account:
                    expected.append(self.trade_row(known, event, is_maker=is_maker))
        told = self.ask(account, "GET", "myTrades").body
        for row in told:
            del row["time"], row["orderListId"], row["symbol"], row["isBestMatch"]
        key = ("id", "isMaker")
        expected.sort(key=lambda row: [row[name] for name in key])
        told.sort(key=lambda row: [row[name] for name in key])
        assert told == expected

    def trade_row(self, known: Known, event: Traded, *, is_maker: bool) -> dict[str, Any]:
        rate = MAKER_PPM if is_maker else TAKER_PPM
        fill = self.fill(event, known.said)
        if known.said["side"] == "BUY":
            received = event.quantity_lots * 1_000
        else:
            received = event.price_ticks * event.quantity_lots * 10
        return {
            "id": event.trade_id,
            "orderId": known.order_id,
            "price": fill["price"],
            "qty": fill["qty"],
            "quoteQty": value_text(event.price_ticks * event.quantity_lots),
            "commission": money(received * rate // 1_000_000),
            "commissionAsset": fill["commissionAsset"],
            "isBuyer": known.said["side"] == "BUY",
            "isMaker": is_maker,
        }


def encoded(value: object) -> bytes:
    return json.dumps(value).encode()


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    directory: Path = tmp_path_factory.mktemp("twin")
    with Exchange.open(directory) as exchange:
        for asset in ASSETS:
            exchange.add_asset(asset, 8)
    with Desk(directory) as desk:
        twin = Twin(desk)
        for number, asset in enumerate(ASSETS):
            twin.apply(c.add_asset(number + 1, asset, 8))
        twin.clients = twin.open_accounts()
        yield twin


COURSE = settings(
    stateful_step_count=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def run(twin: Twin, examples: int) -> None:
    course = type("Course", (Trading,), {"twin": twin})
    run_state_machine_as_test(course, settings=settings(COURSE, max_examples=examples))


def test_replies_are_those_of_the_naive_engine(twin: Twin) -> None:
    run(twin, 8)


@pytest.mark.slow
def test_replies_are_those_of_the_naive_engine_in_the_long_run(twin: Twin) -> None:
    run(twin, 400)
