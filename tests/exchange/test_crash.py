"""Goal: what was answered survives the death of the process, and a request id tells of the rest.

Method: a child trades with many calls in flight and prints each answer as it comes; it is killed at
some moment, and what it printed must be in the exchange that is opened behind it.
"""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from outcry import Exchange, RequestRepeated, Settings

CHILD = """
import asyncio, itertools, os, sys
import outcry

async def main():
    exchange = await outcry.AsyncExchange.open(sys.argv[1])
    if exchange.recovery.is_new:
        await exchange.add_asset("BTC", 8)
        await exchange.add_asset("USD", 2)
        await exchange.add_instrument("BTCUSD", base="BTC", quote="USD", tick="1", lot="0.01")
        await exchange.set_account(1)
        await exchange.deposit(1, "USD", "1000000", source=(1, 1))
    requests = itertools.count(int(sys.argv[2]))

    async def trade():
        while True:
            request = next(requests)
            placed = await exchange.place(
                "BTCUSD", side="buy", price="10", quantity="0.01", account=1, request_id=request
            )
            os.write(1, f"{request} {placed.order_id}\\n".encode())

    await asyncio.gather(*(trade() for _ in range(64)))

asyncio.run(main())
"""

SETTINGS = Settings(segment_bytes=1 << 20, remembered_requests=1 << 20, snapshot_interval_ms=50)
FILE = """
segment_bytes = 1048576
remembered_requests = 1048576
snapshot_interval_ms = 50
"""


def trade_and_die(path: Path, first_request: int, lines: int) -> dict[int, int]:
    """Return the answers that a child printed until it was killed behind so many of them."""
    command = [sys.executable, "-c", CHILD, str(path), str(first_request)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        printed = [child.stdout.readline() for _ in range(lines)]
        child.send_signal(signal.SIGKILL)
        printed += child.stdout.readlines()
    whole = [line.split() for line in printed if line.endswith(b"\n")]
    return {int(request): int(order_id) for request, order_id in whole}


@pytest.mark.parametrize("rounds", [2, pytest.param(40, marks=pytest.mark.slow)])
def test_what_was_answered_survives_a_kill(tmp_path: Path, rounds: int) -> None:
    (tmp_path / "outcry.toml").write_text(FILE)
    answered: dict[int, int] = {}
    first_request = 1
    for number in range(rounds):
        told = trade_and_die(tmp_path, first_request, lines=100 + 37 * number)
        assert len(told) >= 100 + 37 * number
        answered |= told
        with Exchange.open(tmp_path, SETTINGS) as exchange:
            orders = exchange.open_orders(account=1, most=1 << 20)
            assert set(answered.values()) <= {order.order_id for order in orders}
            assert 10 * exchange.balances(1)["USD"].held == len(orders)
            first_request = max(answered) + 1_000
            for request in list(told)[-3:]:
                with pytest.raises(RequestRepeated) as caught:
                    exchange.place(
                        "BTCUSD", side="buy", price="10", quantity="0.01", account=1,
                        request_id=request,
                    )  # fmt: skip
                assert caught.value.order_id == told[request]
