"""Goal: simulated traders trade with real balances, and go on where others left.

Method: traders on a new exchange, on the same one again, and on exchanges that are not theirs.
"""

from pathlib import Path

import pytest

from outcry import FEE_ACCOUNT, Exchange, InvalidValue, Settings, UnknownSymbol
from outcry.cli.traders import BATCH_MAX, Demo, Flow
from tests.cli.conftest import SETTINGS


def test_traders_trade_pay_and_go_on(tmp_path: Path) -> None:
    with Exchange.open(tmp_path, SETTINGS) as exchange:
        demo = Demo(exchange, seed=1)
        assert demo.watched.symbol == "BTCUSDT"
        assert (demo.flow.acknowledged, demo.flow.trades) == (0, 0)
        for _ in range(12):
            demo.trade(2 * BATCH_MAX)
        flow = demo.flow
        assert 8 * BATCH_MAX < flow.acknowledged <= 12 * BATCH_MAX
        assert len(flow.latencies_ns) == 12
        assert 0 < flow.latency_ns(50) <= flow.latency_ns(99)
        assert 0 < len(flow.tape) <= flow.trades
        assert all(trade.price > 0 and trade.quantity > 0 for trade in flow.tape)
        assert demo.refused < flow.acknowledged // 10
        assert exchange.status().open_orders > 0
        assert exchange.balances(FEE_ACCOUNT)
        left = exchange.status().sequence
    with Exchange.open(tmp_path, SETTINGS) as exchange:
        again = Demo(exchange, seed=2, symbol="ETHUSDT")
        assert exchange.status().sequence > left
        assert again.watched.symbol == "ETHUSDT"
        # They begin by taking back what they no longer know of.
        assert exchange.status().open_orders == 0
        for _ in range(8):
            again.trade(BATCH_MAX)
        assert again.flow.trades > 0
        assert again.refused < again.flow.acknowledged // 10
        with pytest.raises(UnknownSymbol, match="'ABC'"):
            Demo(exchange, seed=1, symbol="ABC")


def test_an_exchange_of_others_is_left_alone(market: Path) -> None:
    with Exchange.open(market, SETTINGS) as exchange:
        before = exchange.status().sequence
        with pytest.raises(InvalidValue, match="account: 1150 must be there"):
            Demo(exchange, seed=1)
        assert exchange.status().sequence == before


def test_traders_need_money(tmp_path: Path) -> None:
    settings = Settings(**{**SETTINGS.model_dump(), "money": False})
    with (
        Exchange.open(tmp_path, settings) as exchange,
        pytest.raises(InvalidValue, match="money: false must be true"),
    ):
        Demo(exchange, seed=1)


def test_a_flow_without_batches_took_no_time() -> None:
    assert Flow().latency_ns(99) == 0
