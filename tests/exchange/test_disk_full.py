"""Goal: a disk without room stops no reader, and whoever was answered finds it there.

Method: a reserve that no disk can keep free has commands refused; a limit of file sizes, in a
process of its own, makes the journal fail.
"""

import asyncio
import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from outcry import AsyncExchange, DiskNearlyFull, Exchange, Overloaded, Settings

RESERVE_MOST = 1 << 40
CHILD_S = 120

CHILD = """
import asyncio, json, resource, sys
import outcry

SYMBOL = "BTCUSD"

async def main():
    settings = outcry.Settings(segment_bytes=1 << 20, snapshot_interval_ms=50)
    opened = outcry.Exchange.open(sys.argv[1], settings)
    opened.add_asset("BTC", 8)
    opened.add_asset("USD", 2)
    opened.add_instrument(SYMBOL, base="BTC", quote="USD", tick="1", lot="0.01")
    opened.set_account(1)
    opened.deposit(1, "USD", "1000000000", source=(1, 1))
    exchange = outcry.AsyncExchange(opened)
    limit = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    placed, reads = set(), 0

    async def trade():
        while True:
            try:
                order = await exchange.place(
                    SYMBOL, side="buy", price="10", quantity="0.01", account=1
                )
            except outcry.ExchangeHalted as halt:
                return halt.reason
            placed.add(order.order_id)

    async def read():
        nonlocal reads
        while exchange.halt is None:
            assert "USD" in await exchange.balances(1)
            reads += 1
        # One is sent before it is known whether the state is there.
        return len(await exchange.open_orders(account=1, most=1 << 20))

    trading = [trade() for _ in range(64)]
    outcomes = await asyncio.gather(*trading, *(read() for _ in range(8)))
    told = {order.order_id for order in await exchange.open_orders(account=1, most=1 << 20)}
    assert placed <= told, "everything that was answered is there"
    assert outcomes[64:] == [len(told)] * 8
    assert {order.order_id for order in opened.open_orders(account=1, most=1 << 20)} == told
    assert 10 * opened.balances(1)["USD"].held == len(told)
    assert opened.depth(SYMBOL).bids[0].orders == len(told)
    status = opened.status()
    assert status.open_orders == len(told)
    assert status.sequence == status.durable_sequence == status.delivered_sequence
    late = outcry.AsyncExchange(opened)
    assert (await late.order(max(told))).order_id == max(told)
    for client in (exchange, late):
        try:
            client.cancel(SYMBOL, max(told), account=1)
        except outcry.ExchangeHalted as halt:
            assert halt.reason == outcomes[0]
        else:
            raise AssertionError("a halted exchange takes no command")
    await late.close()
    await exchange.close()
    state = opened.state_hash().hex()
    print(json.dumps([outcomes[0], sorted(told), reads, state, status.sequence]))

asyncio.run(main())
"""


@pytest.fixture
def market(tmp_path: Path) -> Path:
    """An exchange with an order in it, closed."""
    with Exchange.open(tmp_path) as exchange:
        exchange.add_asset("BTC", 8)
        exchange.add_asset("USD", 2)
        exchange.add_instrument("BTCUSD", base="BTC", quote="USD", tick="1", lot="0.01")
        exchange.set_account(7)
        exchange.deposit(7, "USD", "1000", source=(1, 1))
        exchange.place("BTCUSD", side="buy", price="100", quantity="2", account=7)
    if shutil.disk_usage(tmp_path).free > RESERVE_MOST:
        pytest.skip("the disk is larger than any reserve")
    return tmp_path


def test_without_room_commands_are_refused_and_reads_go_on(market: Path) -> None:
    with Exchange.open(market, Settings(disk_reserve_bytes=RESERVE_MOST)) as exchange:
        status = exchange.status()
        assert status.is_disk_short
        assert status.disk_needed_bytes >= RESERVE_MOST
        assert status.disk_free_bytes is not None
        with pytest.raises(DiskNearlyFull, match="the disk is nearly full") as caught:
            exchange.place("BTCUSD", side="buy", price="100", quantity="1", account=7)
        assert isinstance(caught.value, Overloaded)
        assert caught.value.free_bytes < caught.value.needed_bytes
        for refused in (
            lambda: exchange.cancel("BTCUSD", 1, account=7),
            lambda: exchange.deposit(7, "USD", "1", source=(1, 2)),
            lambda: exchange.add_asset("ETH", 8),
            lambda: exchange.mass_cancel(account=7),
        ):
            with pytest.raises(DiskNearlyFull):
                refused()
        assert [order.order_id for order in exchange.open_orders(account=7)] == [1]
        assert exchange.balances(7)["USD"].held == 200
        assert exchange.depth("BTCUSD").bids[0].orders == 1
        assert exchange.halt is None


def test_calls_that_are_awaited_are_refused_as_well(market: Path) -> None:
    settings = Settings(disk_reserve_bytes=RESERVE_MOST)

    async def main() -> None:
        async with await AsyncExchange.open(market, settings) as exchange:
            with pytest.raises(DiskNearlyFull):
                await exchange.place("BTCUSD", side="buy", price="100", quantity="1", account=7)
            assert (await exchange.order(1)).order_id == 1

    asyncio.run(main())


def test_the_error_survives_a_pickle() -> None:
    error = DiskNearlyFull(7, 9)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (DiskNearlyFull, str(error))
    assert (again.free_bytes, again.bound) == (7, 9)


def test_without_a_reserve_nothing_is_refused(market: Path) -> None:
    with Exchange.open(market, Settings(disk_reserve_bytes=0)) as exchange:
        exchange.cancel("BTCUSD", 1, account=7)
        assert exchange.status().disk_needed_bytes == 0


def test_a_close_without_its_snapshot_warns_and_loses_nothing(market: Path) -> None:
    exchange = Exchange.open(market, Settings(snapshot_interval_ms=0))
    exchange.cancel("BTCUSD", 1, account=7)
    state = exchange.state_hash()
    # Where they cannot be written, as where the disk has no room.
    shutil.rmtree(market / "snapshots")
    with pytest.warns(RuntimeWarning, match="^last snapshot: not written, the next opening makes"):
        sequence = exchange.close()
    with Exchange.open(market) as exchange:
        assert (exchange.recovery.sequence, exchange.recovery.snapshot_sequence) == (sequence, None)
        assert exchange.state_hash() == state


@pytest.mark.parametrize("limit", [1 << 19, 1 << 18])
def test_behind_a_fault_of_the_disk_what_is_durable_is_read(tmp_path: Path, limit: int) -> None:
    command = [sys.executable, "-c", CHILD, str(tmp_path), str(limit)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=CHILD_S, check=False)
    assert ran.returncode == 0, ran.stderr
    reason, told, reads, state, sequence = json.loads(ran.stdout)
    assert reason in {"file_size_limit", "segment_failed", "short_write"}
    assert reads > 0
    with Exchange.open(tmp_path, Settings(segment_bytes=1 << 20)) as exchange:
        orders = exchange.open_orders(account=1, most=1 << 20)
        assert {order.order_id for order in orders} >= set(told)
        # What was written and not synced may be found as well.
        if exchange.recovery.sequence == sequence:
            assert exchange.state_hash().hex() == state
