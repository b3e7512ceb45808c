"""Goal: a person makes, sees and revokes API keys while the exchange is in use or not.

Method: the commands in this process on a small market, beside a store as a server holds it.
"""

import hmac
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from outcry import Exchange
from outcry.gateways.keys import KeyStore, Scope
from tests.cli.conftest import SETTINGS, Command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the directory of an exchange."""
    Exchange.open(tmp_path, SETTINGS).close()
    return tmp_path


def test_a_key_is_made_shown_and_revoked(command: Command, folder: Path) -> None:
    with KeyStore(folder) as server, Exchange.open(folder, SETTINGS):
        arguments = ["--account", 7, "--scope", "read,trade", "--ip", "10.0.0.0/8", "--ip", "::1"]
        made = command("keys", "create", "--data", folder, *arguments, "--label", "bot", "--json")
        assert made.code == 0
        assert made.err == "The secret is told this once; keep it.\n"
        told = json.loads(made.out)
        key = server.find(told["api_key"])
        assert key is not None
        signature = hmac.digest(told["secret"].encode(), b"timestamp=1", "sha256").hex()
        assert key.verify(b"timestamp=1", signature)

        listed = command("keys", "list", "--data", folder, "--json")
        (row,) = json.loads(listed.out)
        assert row.pop("created").startswith("20")
        assert row == {
            "api_key": told["api_key"],
            "kind": "hmac",
            "account": 7,
            "scopes": ["read", "trade"],
            "networks": ["10.0.0.0/8", "::1/128"],
            "label": "bot",
        }
        table = command("keys", "list", "--data", folder).out
        assert told["api_key"] in table
        assert told["secret"] not in table

        revoked = command("keys", "revoke", told["api_key"], "--data", folder)
        assert revoked == (0, f"{told['api_key']}: revoked\n", "")
        assert server.find(told["api_key"]) is None
        again = command("keys", "revoke", told["api_key"], "--data", folder)
        assert again.code == 2
        assert again.err == f"outcry: api_key: '{told['api_key']}' is no key here\n"


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_of_a_public_key_there_is_no_secret_to_tell(
    command: Command, folder: Path, kind: str
) -> None:
    private = (
        Ed25519PrivateKey.generate() if kind == "ed25519" else generate_private_key(65_537, 2_048)
    )
    pem = folder / "public.pem"
    pem.write_bytes(
        private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    arguments = ["--account", 7, "--scope", "trade", "--kind", kind, "--public-key", pem]
    made = command("keys", "create", "--data", folder, *arguments, "--json")
    assert (made.code, made.err) == (0, "")
    told = json.loads(made.out)
    assert list(told) == ["api_key"]
    with KeyStore(folder) as keys:
        key = keys.find(told["api_key"])
        assert key is not None
        assert (key.kind, key.scopes) == (kind, Scope.TRADE)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--account", 0, "--scope", "read"], "account: 0 must be from 1 to 4294967294"),
        (["--account", 7, "--scope", "reed"], "scope: 'reed' must be of read, trade, withdraw"),
        (["--account", 7, "--scope", ""], "scope: '' must be of read"),
        (["--account", 7, "--scope", "read", "--ip", "here"], "ip: 'here' must be an IP network"),
        (["--account", 7, "--scope", "read", "--kind", "dsa"], "kind: 'dsa' must be of hmac, "),
        (["--account", 7, "--scope", "read", "--kind", "rsa"], "public_key: none must be given"),
        (["--account", 7, "--scope", "read", "--label", "x" * 65], "label: 'xxx"),
        (
            ["--account", 7, "--scope", "read", "--kind", "rsa", "--public-key", "gone.pem"],
            "gone.pem: No such file",
        ),
    ],
)
def test_what_cannot_be_is_named(
    command: Command, folder: Path, arguments: list[object], text: str
) -> None:
    said = command("keys", "create", "--data", folder, *arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"outcry: {text}")


def test_the_settings_bound_them(
    command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTCRY_SERVE__KEYS_MAX", "1")
    arguments = ["--data", folder, "--account", 7, "--scope", "read"]
    assert command("keys", "create", *arguments).code == 0
    said = command("keys", "create", *arguments)
    assert said.err == "outcry: the store of keys is full, its bound is 1\n"


def test_a_directory_without_an_exchange_gets_no_keys(command: Command, tmp_path: Path) -> None:
    for arguments in (["list"], ["create", "--account", 7, "--scope", "read"], ["revoke", "x"]):
        said = command("keys", *arguments, "--data", tmp_path)
        assert said.code == 2
        assert "holds no exchange; `outcry init" in said.err
    assert not list(tmp_path.iterdir())


def test_damage_is_named(command: Command, folder: Path) -> None:
    command("keys", "create", "--data", folder, "--account", 7, "--scope", "read")
    (folder / "keys.master").chmod(0o644)
    said = command("keys", "list", "--data", folder)
    assert said.code == 2
    assert said.err.startswith(f"outcry: {folder / 'keys.master'}: may be read by others")
