"""A server that is killed under load: what was acknowledged is there when it is back.

Goal: no client is ever told of an order or a fill that is not there later. Method: connections
place and cancel signed orders at once; at a random moment the server's process is killed, and
started again. Each acknowledged order must be in the paged history as it was told or further on,
each fill in the account's trades; then the exchange is closed and the history compared with what
a fold of the journal from its beginning gives. Ends after `ROUNDS` kills of one directory.
"""

import asyncio
import random
import signal
from pathlib import Path
from typing import Any

import pytest

from outcry.gateways.keys import NewKey
from outcry.settings import FILE_NAME
from tests.gateways.faults.wire import ACKED, Load, Wire
from tests.gateways.serving import Server, make_venue, served
from tests.projections.history.folding import everything, fold
from tests.projections.history.recount import Recount
from tests.projections.history.streams import all_events
from tests.projections.history.test_fold import assert_equal

ROUNDS = 20
CONNECTIONS = 16
PAGE = 1_000
LATE, TIMEOUT = 503, -1007
ROOM = "[serve]\n" + "".join(
    f"{name} = 4_000_000_000\n"
    for name in ("request_weight_max", "raw_requests_max", "orders_10s_max", "orders_1d_max")
)


def prepared(directory: Path) -> NewKey:
    key = make_venue(directory)
    (directory / FILE_NAME).write_text(ROOM)
    return key


async def load_until_killed(server: Server, key: NewKey, after_s: float) -> Load:
    load = Load(server.address, key)
    running = asyncio.create_task(load.run(CONNECTIONS))
    await asyncio.sleep(after_s)
    server.process.send_signal(signal.SIGKILL)
    await asyncio.wait_for(running, 30)
    return load


async def pages(wire: Wire, path: str, name: str) -> list[dict[str, Any]]:
    """Return all rows of a route that pages by id; the history may have to catch up first."""
    rows: list[dict[str, Any]] = []
    following = 0
    while True:
        said = {"symbol": "BTCUSDT", "limit": PAGE, name: following}
        status, body = await wire.ask("GET", path, said)
        if status == LATE and body["code"] == TIMEOUT:
            continue
        assert status == ACKED, body
        rows += body
        if len(body) < PAGE:
            return rows
        following = body[-1]["orderId" if name == "orderId" else "id"] + 1


async def require_all_there(server: Server, key: NewKey, load: Load) -> None:
    wire = Wire(server.address, key)
    orders = {row["orderId"]: row for row in await pages(wire, "/api/v3/allOrders", "orderId")}
    trades = {row["id"]: row for row in await pages(wire, "/api/v3/myTrades", "fromId")}
    await wire.close()
    for told in load.acknowledged:
        kept = orders[told["orderId"]]
        for name in ("clientOrderId", "price", "origQty", "side", "type", "timeInForce"):
            assert kept[name] == told[name], (told, kept)
        if told["status"] != "NEW":
            assert kept["status"] == told["status"], (told, kept)
            assert kept["executedQty"] == told["executedQty"], (told, kept)
        for fill in told["fills"]:
            trade = trades[fill["tradeId"]]
            assert trade["orderId"] == told["orderId"]
            for name in ("price", "qty", "commission", "commissionAsset"):
                assert trade[name] == fill[name], (fill, trade)
    for order_id in load.cancelled:
        assert orders[order_id]["status"] == "CANCELED", orders[order_id]


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    key = prepared(tmp_path)
    moments = random.Random(6)
    acknowledged = fills = 0
    for _ in range(ROUNDS):
        with served(tmp_path) as server:
            load = asyncio.run(load_until_killed(server, key, moments.uniform(0.05, 1.5)))
        assert not [each for each in load.others if each[0] != 400], load.others
        acknowledged += len(load.acknowledged)
        fills += sum(len(told["fills"]) for told in load.acknowledged)
        with served(tmp_path) as server:
            asyncio.run(require_all_there(server, key, load))
    assert acknowledged > ROUNDS
    assert fills > ROUNDS
    fold(tmp_path)
    assert_equal(everything(tmp_path), Recount.of(tmp_path, all_events(tmp_path)))
