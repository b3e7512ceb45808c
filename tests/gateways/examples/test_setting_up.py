"""An exchange from nothing: by README.md's commands, and by the routes for administrators.

Goal: whoever begins without the demo comes to an accepted order by what the documents say. Method:
the commands of README.md and docs/keys.md are pasted into bash as they stand, a server among them
is ended by Ctrl-C; an exchange that starts empty is set up over HTTP alone.
"""

import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from outcry import Exchange
from outcry.gateways.keys import KeyStore, NewKey, Scope
from outcry.settings import FILE_NAME
from tests.gateways.examples.pasting import at, block_with, commands, pasted
from tests.gateways.faults.asking import Asker
from tests.gateways.serving import STOP_S, served

LIMIT = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.5",
    "price": "60000",
}
ADMIN: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("POST", "/admin/assets", {"name": "BTC", "decimals": 8}),
    ("POST", "/admin/assets", {"name": "USDT", "decimals": 8}),
    (
        "POST",
        "/admin/instruments",
        {"symbol": "BTCUSDT", "base": "BTC", "quote": "USDT", "tick": "0.01", "lot": "0.00001"},
    ),
    ("PUT", "/admin/accounts/1", {"maker_rate_ppm": 100, "taker_rate_ppm": 200}),
    (
        "POST",
        "/admin/deposits",
        {"account": 1, "asset": "BTC", "amount": "2.5", "source": 1, "source_number": 1},
    ),
)


def key_of(directory: Path, account: int, scope: str) -> NewKey:
    """Make a key by the command, beside a server or not."""
    command = [sys.executable, "-m", "outcry", "keys", "create", "--data", str(directory)]
    command += ["--account", str(account), "--scope", scope, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, str] = json.loads(done.stdout)
    return NewKey(told["api_key"], told["secret"])


def asked(address: str, key: NewKey, method: str, path: str, body: object) -> Any:  # noqa: ANN401
    """Ask a plain route by curl, as an administrator would."""
    token = f"Authorization: Bearer {key.api_key}.{key.secret}"
    command = ["curl", "-sS", "-X", method, "-H", token, f"{address}{path}"]
    done = subprocess.run(
        [*command, "-d", json.dumps(body)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_an_empty_exchange_is_set_up_over_http(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    with served(directory) as server:
        # It asked for nothing and has nothing.
        assert server.process.poll() is None
        nobody = Asker(server.address, NewKey("none", "none"))
        assert nobody.get("exchangeInfo", {})[1]["symbols"] == []
        assert nobody.get("ticker/price", {}) == (200, [])
        assert nobody.get("depth", {"symbol": "BTCUSDT"})[1]["code"] == -1121
        admin = key_of(directory, 9, "admin")
        for method, path, body in ADMIN:
            told = asked(server.address, admin, method, path, body)
            assert "reason" not in told, told
        with KeyStore(directory) as keys:
            trader = Asker(server.address, keys.create(1, Scope.of("read", "trade")))
        status, order = trader.signed("POST", "order", LIMIT)
        assert (status, order["status"]) == (200, "NEW")
        assert trader.get("depth", {"symbol": "BTCUSDT"})[1]["asks"] == [
            ["60000.00000000", "0.50000000"]
        ]
    with Exchange.open(directory) as exchange:
        open_orders = exchange.open_orders(account=1)
        assert [each.order_id for each in open_orders] == [order["orderId"]]


@pytest.mark.slow
def test_the_commands_of_the_readme(tmp_path: Path) -> None:
    """Paste them up to the server; serve, end it by Ctrl-C, and paste what comes behind it."""
    text = block_with("README.md", "sh", "outcry serve data/mine")
    asked_for = commands(text)
    place = next(at for at, each in enumerate(asked_for) if each.startswith("outcry serve"))
    first, serving, behind = asked_for[:place], asked_for[place], asked_for[place + 1 :]
    done = pasted("\n".join(first), tmp_path)
    told = {each.command.split("#")[0].strip(): each for each in done}
    assert "2" in told["outcry orders --account 1"].text
    assert "60,000.00" in told["outcry book BTCUSDT"].text
    events = [json.loads(line) for line in told["outcry events --from 6"].text.splitlines()]
    assert {"accepted", "cancelled"} <= {each["event"] for each in events}
    require_served(serving, tmp_path)
    # Simulated traders draw until Ctrl-C, a repair asks a person; both have tests of their own.
    asks = ("outcry run", "outcry journal repair")
    verified, dumped = pasted(
        "\n".join(each for each in behind if not each.startswith(asks)), tmp_path
    )
    assert "good" in verified.text
    assert dumped.command.startswith("outcry journal dump data/mine")


def require_served(command: str, folder: Path) -> None:
    """Run README's command, trade over HTTP on what it serves, and end it by Ctrl-C."""
    words = command.split("#", maxsplit=1)[0].split()
    assert words[:3] == ["outcry", "serve", "data/mine"]
    assert words[3:] == ["--port", "8080"]
    directory = folder / "data" / "mine"
    with KeyStore(directory) as keys:
        key = keys.create(1, Scope.of("read", "trade"))
    with subprocess.Popen(
        [sys.executable, "-m", *words[:4], "0"], cwd=folder, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found is not None
            asker = Asker(found[0], key)
            (standing,) = asker.signed("GET", "openOrders", {})[1]
            assert (standing["price"], standing["status"]) == ("60000.00000000", "NEW")
            assert asker.signed("POST", "order", LIMIT | {"quantity": "0.1"})[0] == 200
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(STOP_S) == 0


@pytest.mark.slow
def test_the_commands_of_the_keys(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    directory.mkdir()
    (directory / FILE_NAME).write_text("")
    with served(directory) as server:
        text = at(server.address, block_with("docs/keys.md", "sh", "outcry keys create"))
        *creating, revoking = commands(text)
        first, _, _, _, listed = pasted("\n".join(creating), tmp_path)
        api_key = first.text.split()[1]
        assert api_key in listed.text
        assert "10.0.0.0/8" in listed.text
        assert "ed25519" in listed.text
        assert revoking.endswith("API_KEY")
        pasted(revoking.replace("API_KEY", api_key), tmp_path)
        with KeyStore(directory) as keys:
            assert [str(key.kind) for key in keys.list()] == ["ed25519"]
    assert (tmp_path / "private.pem").stat().st_size > 0
