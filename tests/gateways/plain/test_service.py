"""Goal: who watches over the server learns how it is doing.

Method: the routes are asked before and after orders; figures must have moved by as much.
"""

import re
import time
from pathlib import Path

import httpx
import pytest

from tests.gateways.plain.conftest import SETTINGS, Asker, key_of
from tests.gateways.serving import BOT, Server, make_venue, served

READY_S = 120


def test_the_process_is_alive(nobody: Asker) -> None:
    answer = nobody.ask("GET", "/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_the_server_becomes_ready(nobody: Asker) -> None:
    until = time.monotonic() + READY_S
    while (answer := nobody.ask("GET", "/readyz")).status_code != 200:
        assert time.monotonic() < until, answer.text
        time.sleep(0.05)  # tidy-ok: polled, with a bound
    told = answer.json()
    assert told["ready"]
    assert [(each["name"], each["detail"]) for each in told["checks"]] == [
        *(("exchange", ""), ("keys", ""), ("history", "")),
    ]


def figures(asker: Asker) -> dict[str, float]:
    answer = asker.ask("GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_metrics_count_orders_rejects_and_requests(nobody: Asker, bot: Asker) -> None:
    before = figures(nobody)
    bot.order()
    bot.order()
    bot.ask("POST", "/order", {"symbol": "BTCUSDT", "side": "buy", "quantity": "1", "price": "1"})
    poor = {"symbol": "BTCUSDT", "side": "buy", "quantity": "90000", "price": "50000"}
    assert bot.ask("POST", "/order", poor).status_code == 422
    after = figures(nobody)

    def moved(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert moved("outcry_orders_accepted_total") == 2
    assert moved('outcry_orders_rejected_total{reason="insufficient_balance"}') == 1
    assert moved("outcry_order_latency_seconds_count") == 2
    assert moved('outcry_order_latency_seconds_bucket{le="+Inf"}') == 2
    assert moved('outcry_requests_total{method="POST",route="/order",status="201"}') == 2
    assert moved("outcry_sequence") >= 4
    assert after["outcry_fsync_seconds_count"] > 0
    assert after["outcry_fsync_seconds_sum"] > 0
    assert after['outcry_fsync_seconds_bucket{le="+Inf"}'] == after["outcry_fsync_seconds_count"]
    assert after["outcry_command_ring_bytes_max"] > 0
    assert after["outcry_connections"] >= 1
    assert "outcry_history_lag_commands" in after
    assert after["process_resident_memory_bytes"] > 0


def test_spot_requests_are_counted_too(nobody: Asker) -> None:
    name = 'outcry_requests_total{method="GET",route="/api/v3/ping",status="200"}'
    before = figures(nobody).get(name, 0)
    nobody.ask("GET", "/api/v3/ping")
    nobody.ask("GET", f"/{'x' * 100}")
    after = figures(nobody)
    assert after[name] == before + 1
    assert not any("xxx" in each for each in after)


def test_status_is_that_of_this_server(nobody: Asker, server: Server) -> None:
    told = nobody.ask("GET", "/status").json()
    assert told["process_id"] == server.process.pid
    assert (told["halted"], told["exchange"]["durability"]) == (None, "sync")
    assert told["requests_at_work"] == 1


def test_each_answer_has_a_request_id_of_its_own(nobody: Asker) -> None:
    paths = ["/healthz", "/nowhere", "/orders", "/api/v3/ping", "/api/v3/order"]
    ids = [nobody.ask("GET", path).headers["x-request-id"] for path in paths]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)


@pytest.fixture
def narrow(tmp_path: Path) -> Path:
    text = SETTINGS.replace("request_weight_max = 100000000", "request_weight_max = 100")
    text = text.replace("orders_10s_max = 100000", "orders_10s_max = 2")
    (tmp_path / "outcry.toml").write_text(f"{text}log_level = 'debug'\nlog_format = 'json'\n")
    make_venue(tmp_path)
    return tmp_path


def test_limits_are_those_of_the_spot_api(narrow: Path) -> None:
    key = key_of(narrow, BOT, "trade", "read")
    with served(narrow) as server, httpx.Client(base_url=server.address) as client:
        asker = Asker(client, key)
        body = {"symbol": "BTCUSDT", "side": "buy", "quantity": "1", "price": "5"}
        answers = [asker.ask("POST", "/order", body) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        assert answers[-1].json()["reason"] == "too_many_orders"
        used = 0
        while (answer := asker.ask("GET", "/instruments")).status_code == 200:
            used = int(answer.headers["x-mbx-used-weight-1m"])
            assert used <= 100
        assert (answer.status_code, answer.json()["reason"]) == (429, "too_many_requests")
        assert int(answer.headers["retry-after"]) <= 60
        assert used > 80
        # Whoever looks after the server reaches it all the same, even when the address is banned.
        while asker.ask("GET", "/instruments").status_code != 418:
            pass
        for path in ("/healthz", "/metrics", "/status"):
            assert asker.ask("GET", path).status_code == 200
        for path in ("/readyz", "/admin/accounts"):
            assert asker.ask("GET", path).status_code in {200, 403, 503}
