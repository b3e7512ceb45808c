"""Goal: whoever was given a key of the demo can trade with it after each restart.

Method: the keys that starts choose are compared, in a store and as a served demo prints them.
"""

import re
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from outcry.cli.demo import ACCOUNTS, _demo_keys
from outcry.gateways.keys import KeyStore, NewKey, Scope

SCOPES = Scope.of("read", "trade")
STOP_S = 60


def test_the_keys_stay_over_restarts(tmp_path: Path) -> None:
    told = []
    for _ in range(3):
        with KeyStore(tmp_path) as keys:
            told.append(_demo_keys(keys))
            assert len(keys.list()) == len(ACCOUNTS)
    assert told[0] == told[1] == told[2]
    with KeyStore(tmp_path) as keys:
        assert all(keys.find_bearer(f"{each.api_key}.{each.secret}") for each in told[0])


def test_a_revoked_key_is_replaced_and_the_other_stays(tmp_path: Path) -> None:
    with KeyStore(tmp_path) as keys:
        first, second = _demo_keys(keys)
        keys.revoke(first.api_key)
        new, kept = _demo_keys(keys)
    assert kept == second
    assert new.api_key != first.api_key


@pytest.mark.parametrize(
    ("account", "scopes", "networks", "label"),
    [
        (1, SCOPES, (), "mine"),
        (1, Scope.of("read"), (), "demo"),
        (1, Scope.of("read", "trade", "admin"), (), "demo"),
        (1, SCOPES, ("10.0.0.0/8",), "demo"),
        (7, SCOPES, (), "demo"),
    ],
)
def test_no_other_key_is_told(
    tmp_path: Path, account: int, scopes: Scope, networks: tuple[str, ...], label: str
) -> None:
    with KeyStore(tmp_path) as keys:
        own = keys.create(account, scopes, networks, label=label)
        assert own not in _demo_keys(keys)


def started(folder: Path) -> tuple[list[NewKey], int]:
    """Serve the demo, ask it as its second account, stop it; return its keys and the status."""
    command = [sys.executable, "-m", "outcry", "serve", str(folder), "--demo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        try:
            text = "".join(lines)
            found = re.findall(r"^  key    (\w{64})\n  secret (\w{64})$", text, re.MULTILINE)
            keys = [NewKey(*each) for each in found]
            address = re.search(r"http://\S+", text)
            assert address is not None
            token = {"authorization": f"Bearer {keys[1].api_key}.{keys[1].secret}"}
            with urlopen(Request(f"{address[0]}/accounts/me", headers=token)) as answer:
                status = answer.status
        finally:
            process.terminate()
            process.wait(STOP_S)
    return keys, status


@pytest.mark.slow
def test_a_served_demo_prints_the_same_keys_again(tmp_path: Path) -> None:
    first, again = started(tmp_path / "demo"), started(tmp_path / "demo")
    assert first == again
    assert (len(first[0]), first[1]) == (2, 200)
