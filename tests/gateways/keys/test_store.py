"""Goal: a key is found as long as it stands, by every process, and as it was made; else nobody is.

Method: stores beside each other on one directory, in this process and in another; every column of
`keys.db` and bytes of it changed behind the store's back; a model of random creations, revocations
and looks from three stores.
"""

import hmac
import os
import pickle
import shutil
import sqlite3
import stat
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.errors import (
    DirectoryLocked,
    InvalidSetting,
    InvalidValue,
    KeysDamaged,
    NewerFormat,
    Overloaded,
)
from outcry.gateways.keys import KeyKind, KeyStore, NewKey, Scope
from outcry.gateways.keys.store import ACCOUNT_MAX, LABEL_LENGTH_MAX

PATIENCE_S = 120

PAYLOAD = b"timestamp=1700000000000"
ED25519 = Ed25519PrivateKey.generate()
PEM = ED25519.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def changed(folder: Path, statement: str, *values: object) -> None:
    """Change `keys.db` as a stranger would."""
    connection = sqlite3.connect(folder / "keys.db")
    with connection:
        connection.execute(statement, values)
    connection.close()


def signature_of(made: NewKey) -> str:
    assert made.secret is not None
    return hmac.digest(made.secret.encode(), PAYLOAD, "sha256").hex()


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    """Yield the store of a fresh directory."""
    with KeyStore(tmp_path) as store:
        yield store


def test_a_key_is_found_as_it_was_made(keys: KeyStore, tmp_path: Path) -> None:
    networks = ["10.0.0.0/8", "::1"]
    made = keys.create(7, Scope.READ | Scope.TRADE, networks, label="eine Börse")
    for store in (keys, KeyStore(tmp_path)):
        key = store.find(made.api_key)
        assert key is not None
        assert (key.api_key, key.kind, key.account) == (made.api_key, KeyKind.HMAC, 7)
        assert (key.scopes.names, key.label) == (("read", "trade"), "eine Börse")
        assert key.networks.texts == ("10.0.0.0/8", "::1/128")
        assert key.verify(PAYLOAD, signature_of(made))
        assert not key.verify(PAYLOAD + b"x", signature_of(made))
        assert key.allows("10.9.9.9")
        assert not key.allows("11.9.9.9")
        assert [key.has(scope) for scope in Scope] == [True, True, False, False]
        assert key.has(Scope.READ | Scope.TRADE)
        assert not key.has(Scope.READ | Scope.ADMIN)


def test_names_and_secrets_are_64_letters_and_digits_and_never_alike(keys: KeyStore) -> None:
    made = [keys.create(1, Scope.READ) for _ in range(20)]
    texts = {text for each in made for text in each}
    assert len(texts) == 40
    assert all(len(text or "") == 64 and (text or "").isalnum() for text in texts)


def test_a_secret_is_told_again_to_who_has_the_master_key(keys: KeyStore, tmp_path: Path) -> None:
    made = keys.create(7, Scope.READ)
    assert keys.reveal(made.api_key) == KeyStore(tmp_path).reveal(made.api_key) == made.secret
    changed(tmp_path, "UPDATE keys SET label = 'another'")
    with pytest.raises(KeysDamaged, match="was changed"):
        keys.reveal(made.api_key)


def test_what_has_no_secret_here_is_not_revealed(keys: KeyStore) -> None:
    made = keys.create(7, Scope.TRADE, kind="ed25519", public_key=PEM)
    revoked = keys.create(7, Scope.TRADE)
    keys.revoke(revoked.api_key)
    for api_key, bound in ((made.api_key, "its owner has it"), (revoked.api_key, "is no key here")):
        with pytest.raises(InvalidValue, match=bound):
            keys.reveal(api_key)


def test_nobody_else_is_found(keys: KeyStore) -> None:
    made = keys.create(7, Scope.READ)
    for text in (
        "",
        made.api_key[:-1],
        made.api_key.lower(),
        f"{made.api_key} ",
        "é" * 64,
        "\ud800",
    ):
        assert keys.find(text) is None
    assert keys.problem is None


def test_a_public_key_takes_no_secret_from_us(keys: KeyStore, tmp_path: Path) -> None:
    made = keys.create(7, Scope.TRADE, kind="ed25519", public_key=PEM)
    assert made.secret is None
    key = KeyStore(tmp_path).find(made.api_key)
    assert key is not None
    assert key.verify(PAYLOAD, b64encode(ED25519.sign(PAYLOAD)).decode())
    assert keys.find_bearer(f"{made.api_key}.") is None


def test_a_bearer_tells_the_secret(keys: KeyStore) -> None:
    made = keys.create(7, Scope.READ)
    other = keys.create(8, Scope.READ)
    found = keys.find_bearer(f"{made.api_key}.{made.secret}")
    assert found is not None
    assert found.account == 7
    for token in (
        f"{made.api_key}.{other.secret}",
        f"{other.api_key}.{made.secret}",
        f"{made.api_key}{made.secret}",
        f"{made.api_key}.{made.secret}.",
        f"{made.api_key}.",
        f"{made.api_key}.é",
        made.api_key,
        "",
        ".",
        "\ud800.\udfff",
    ):
        assert keys.find_bearer(token) is None


def test_no_secret_is_written_or_shown(keys: KeyStore, tmp_path: Path) -> None:
    made = keys.create(7, Scope.READ)
    assert made.secret is not None
    for file in tmp_path.iterdir():
        data = file.read_bytes()
        assert made.secret.encode() not in data
        assert made.secret.encode().hex().encode() not in data
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    shown = repr(keys.find(made.api_key)) + repr(keys.list())
    assert made.api_key in shown
    assert made.secret not in shown


def test_a_revoked_key_leaves_nothing(keys: KeyStore, tmp_path: Path) -> None:
    made, kept = keys.create(7, Scope.READ), keys.create(8, Scope.READ)
    key = keys.find(made.api_key)
    keys.revoke(made.api_key)
    assert keys.find(made.api_key) is None
    assert [each.api_key for each in keys.list()] == [kept.api_key]
    assert made.api_key.encode() not in (tmp_path / "keys.db").read_bytes()
    with pytest.raises(InvalidValue, match=rf"^api_key: '{made.api_key}' is no key here$"):
        keys.revoke(made.api_key)
    # Whoever holds it still has asked before; the store does not reach into it.
    assert key is not None
    assert key.verify(PAYLOAD, signature_of(made))


def test_what_one_store_does_the_other_sees_with_its_next_look(
    keys: KeyStore, tmp_path: Path
) -> None:
    with KeyStore(tmp_path) as other:
        made = other.create(7, Scope.READ)
        assert keys.find(made.api_key) is not None
        keys.revoke(made.api_key)
        assert other.find(made.api_key) is None


PEER = """
import sys
from outcry.gateways.keys import KeyStore, Scope
keys = KeyStore(sys.argv[1])
for line in sys.stdin:
    word, _, name = line.strip().partition(" ")
    if word == "create":
        print(keys.create(7, Scope.READ).api_key, flush=True)
    elif word == "revoke":
        print(keys.revoke(name), flush=True)
    else:
        print(keys.find(name) is not None, flush=True)
"""


def test_another_process_revokes_at_once(keys: KeyStore, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PEER, tmp_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as peer:

        def asked(question: str) -> str:
            assert peer.stdin is not None
            assert peer.stdout is not None
            peer.stdin.write(f"{question}\n")
            peer.stdin.flush()
            return peer.stdout.readline().strip()

        for _ in range(25):
            name = asked("create")
            assert keys.find(name) is not None
            asked(f"revoke {name}")
            assert keys.find(name) is None
            mine = keys.create(8, Scope.TRADE).api_key
            assert asked(f"find {mine}") == "True"
            keys.revoke(mine)
            assert asked(f"find {mine}") == "False"
        assert peer.stdin is not None
        peer.stdin.close()
        assert peer.wait(PATIENCE_S) == 0
    assert keys.list() == []


def test_a_change_that_was_told_to_nobody_is_seen_by_nobody(keys: KeyStore, tmp_path: Path) -> None:
    made = keys.create(7, Scope.READ)
    connection = sqlite3.connect(tmp_path / "keys.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("DELETE FROM keys")
    assert keys.find(made.api_key) is not None
    connection.execute("COMMIT")
    connection.close()
    assert keys.find(made.api_key) is None


def test_a_file_that_stays_locked_keeps_everyone_out_until_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outcry.gateways.keys.database._READ_WAIT_S", 0.01)
    keys = KeyStore(tmp_path)
    made = keys.create(7, Scope.READ)
    connection = sqlite3.connect(tmp_path / "keys.db", isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    # What this store has not read yet may be a revocation that somebody was told of.
    assert keys.find(made.api_key) is None
    assert isinstance(keys.problem, DirectoryLocked)
    connection.close()
    keys.refresh()
    assert keys.find(made.api_key) is not None
    assert keys.problem is None


def test_a_write_that_died_halfway_did_nothing(keys: KeyStore, tmp_path: Path) -> None:
    made = keys.create(7, Scope.READ)
    script = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size=1")
connection.execute("PRAGMA cache_spill=1")
connection.execute("BEGIN EXCLUSIVE")
connection.execute("DELETE FROM keys")
connection.execute("CREATE TABLE filler (text)")
for number in range(500):
    connection.execute("INSERT INTO filler VALUES (?)", (str(number) * 500,))
os._exit(1)
"""
    file = tmp_path / "keys.db"
    ended = subprocess.run([sys.executable, "-c", script, file], check=False, timeout=PATIENCE_S)
    assert ended.returncode == 1
    assert (tmp_path / "keys.db-journal").exists()
    for store in (keys, KeyStore(tmp_path)):
        assert store.find(made.api_key) is not None
        assert store.problem is None
    assert keys.create(8, Scope.READ).api_key in {key.api_key for key in keys.list()}


def test_a_lock_that_is_held_for_long_is_named(
    keys: KeyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outcry.gateways.keys.database._WRITE_WAIT_S", 0.05)
    impatient = KeyStore(tmp_path)
    connection = sqlite3.connect(tmp_path / "keys.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(DirectoryLocked, match=r"keys\.db: held by another process"):
        impatient.create(7, Scope.READ)
    assert keys.list() == []
    connection.close()


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"account": 0}, "account: 0 must be from 1 to 4294967294"),
        ({"account": ACCOUNT_MAX + 1}, "account: 4294967295 must be from 1 to 4294967294"),
        ({"scopes": Scope(0)}, "scope: 0 must be from 1 to 15"),
        ({"scopes": 16}, "scope: 16 must be from 1 to 15"),
        ({"networks": ["10.0.0.1/8"]}, "ip: '10.0.0.1/8' must be an IP network"),
        ({"kind": "dsa"}, "kind: 'dsa' must be of hmac, ed25519, rsa"),
        ({"kind": "rsa"}, "public_key: none must be given for the kind rsa"),
        ({"public_key": PEM}, "public_key: a key belongs to the kinds ed25519 and rsa only"),
        ({"kind": "rsa", "public_key": PEM}, "public_key: this Ed25519PublicKey must be an RSA"),
        ({"label": "x" * (LABEL_LENGTH_MAX + 1)}, "must be at most 64 printable characters"),
        ({"label": "a\nb"}, "label: 'a\\nb' must be at most 64 printable characters"),
        ({"label": "\ud800"}, "label: '\\ud800' must be"),
    ],
)
def test_what_cannot_be_is_named_and_makes_nothing(
    keys: KeyStore, values: dict[str, object], text: str
) -> None:
    arguments: dict[str, object] = {"account": 7, "scopes": Scope.READ, **values}
    with pytest.raises(InvalidValue) as caught:
        keys.create(**arguments)  # type: ignore[arg-type]
    assert text in str(caught.value)
    assert keys.list() == []


def test_scopes_have_names() -> None:
    assert Scope.of("read", " TRADE") == Scope.READ | Scope.TRADE
    assert Scope.of("admin", "admin").names == ("admin",)
    for names, text in (((), "scope: none must be"), (("red",), "scope: 'red' must be of read, ")):
        with pytest.raises(InvalidValue, match=text):
            Scope.of(*names)


def test_there_are_at_most_so_many(tmp_path: Path) -> None:
    keys = KeyStore(tmp_path, keys_max=2)
    first = keys.create(1, Scope.READ)
    keys.create(1, Scope.READ)
    with pytest.raises(Overloaded, match="store of keys is full, its bound is 2"):
        keys.create(1, Scope.READ)
    keys.revoke(first.api_key)
    keys.create(1, Scope.READ)
    assert len(keys.list()) == 2


def test_threads_make_and_find_together(keys: KeyStore) -> None:
    def work(number: int) -> bool:
        made = keys.create(number, Scope.READ)
        found = keys.find(made.api_key)
        if number % 2:
            keys.revoke(made.api_key)
            return found is not None and keys.find(made.api_key) is None
        return found is not None

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(work, range(1, 41)))
    assert sorted(key.account for key in keys.list()) == list(range(2, 41, 2))


COLUMNS = {
    "api_key": "a" * 64,
    "kind": "rsa",
    "account": 8,
    "scopes": 15,
    "networks": "",
    "created_ns": 1,
    "label": "mine",
    "sealed": b"x" * 100,
}


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("as_text", [False, True])
def test_a_changed_column_is_named_and_nobody_is_found(
    keys: KeyStore, tmp_path: Path, column: str, as_text: bool
) -> None:
    made = keys.create(7, Scope.READ, ["10.0.0.0/8"])
    value = "\0no such thing" if as_text else COLUMNS[column]
    changed(tmp_path, f"UPDATE keys SET {column} = ?", value)
    assert keys.find(made.api_key) is None
    assert isinstance(keys.problem, KeysDamaged)
    assert str(keys.problem).startswith(f"{tmp_path / 'keys.db'}: ")
    with pytest.raises(KeysDamaged, match="was changed"):
        KeyStore(tmp_path)


def test_a_row_of_another_store_is_no_key_here(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    keys, stranger = KeyStore(ours), KeyStore(theirs)
    made = stranger.create(7, Scope.of("admin"))
    connection = sqlite3.connect(theirs / "keys.db")
    row = connection.execute("SELECT * FROM keys").fetchone()
    connection.close()
    changed(ours, f"INSERT INTO keys VALUES ({', '.join('?' * len(row))})", *row)
    assert keys.find(made.api_key) is None
    assert isinstance(keys.problem, KeysDamaged)


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[NewKey]]:
    """Return a directory with the keys of the accounts 1 to 5."""
    folder = tmp_path_factory.mktemp("five")
    with KeyStore(folder) as keys:
        return folder, [keys.create(account, Scope.READ) for account in range(1, 6)]


@settings(max_examples=100)
@given(st.integers(0), st.binary(min_size=1, max_size=64))
def test_bytes_changed_in_the_file_are_named_or_change_no_key(
    tmp_path_factory: pytest.TempPathFactory,
    five: tuple[Path, list[NewKey]],
    place: int,
    data: bytes,
) -> None:
    whole, made = five
    folder = tmp_path_factory.mktemp("keys")
    shutil.copytree(whole, folder, dirs_exist_ok=True)
    file = folder / "keys.db"
    content = bytearray(file.read_bytes())
    start = place % len(content)
    content[start : start + len(data)] = data[: len(content) - start]
    file.write_bytes(content)
    try:
        damaged = KeyStore(folder)
    except (KeysDamaged, NewerFormat, OSError, DirectoryLocked):
        return
    with damaged:
        for account, each in enumerate(made, 1):
            key = damaged.find(each.api_key)
            if key is not None:
                assert (key.account, key.scopes) == (account, Scope.READ)
                assert key.verify(PAYLOAD, signature_of(each))


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "keys.db").write_bytes(
        b"not a database, but a text that is longer than a header" * 9
    )
    with pytest.raises(KeysDamaged, match=r"keys\.db: file is not a database"):
        KeyStore(tmp_path)


@pytest.mark.parametrize(
    ("statement", "value", "expected"),
    [
        (
            "UPDATE about SET value = ? WHERE name = 'proof'",
            b"",
            (KeysDamaged, "made with another"),
        ),
        (
            "UPDATE about SET value = ? WHERE name = 'format'",
            b"2",
            (NewerFormat, "format 2 is not 1"),
        ),
        ("UPDATE about SET value = ? WHERE name = 'format'", b"x", (KeysDamaged, "its format 'x'")),
        ("DELETE FROM about WHERE name <> ?", b"", (KeysDamaged, "says nothing of its master key")),
        ("DELETE FROM about WHERE name = ?", "proof", (KeysDamaged, "made with another")),
    ],
)
def test_what_the_file_says_of_itself_is_compared(
    keys: KeyStore,
    tmp_path: Path,
    statement: str,
    value: object,
    expected: tuple[type[Exception], str],
) -> None:
    keys.create(7, Scope.READ)
    changed(tmp_path, statement, value)
    with pytest.raises(expected[0], match=expected[1]):
        KeyStore(tmp_path)


def test_another_master_key_opens_nothing(keys: KeyStore, tmp_path: Path) -> None:
    made = keys.create(7, Scope.READ)
    file = tmp_path / "keys.master"
    own = file.read_text()
    other = own.translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))
    file.write_text(other)
    with pytest.raises(KeysDamaged, match=r"keys\.db: was made with another keys\.master"):
        KeyStore(tmp_path)
    file.unlink()
    with pytest.raises(KeysDamaged, match=r"keys\.master: is not there"):
        KeyStore(tmp_path)
    # The variable stands for the file.
    environment = {"OUTCRY_KEYS_MASTER": own.strip()}
    assert KeyStore(tmp_path, environment=environment).find(made.api_key) is not None
    with pytest.raises(InvalidSetting, match=r"^OUTCRY_KEYS_MASTER: "):
        KeyStore(tmp_path, environment={"OUTCRY_KEYS_MASTER": "secret"})


def test_a_replaced_file_is_noticed(keys: KeyStore, tmp_path: Path) -> None:
    made = keys.create(7, Scope.READ)
    file, backup = tmp_path / "keys.db", tmp_path / "backup"
    shutil.copy(file, backup)
    later = keys.create(8, Scope.READ)
    backup.rename(file)
    keys.refresh()
    assert keys.find(later.api_key) is None
    assert keys.find(made.api_key) is not None
    # And what is changed in the new one, at once.
    with KeyStore(tmp_path) as other:
        other.revoke(made.api_key)
    assert keys.find(made.api_key) is None


def test_a_removed_file_is_noticed_and_its_return(keys: KeyStore, tmp_path: Path) -> None:
    made = keys.create(7, Scope.READ)
    file = tmp_path / "keys.db"
    file.rename(tmp_path / "away")
    keys.refresh()
    assert keys.find(made.api_key) is None
    assert isinstance(keys.problem, FileNotFoundError)
    (tmp_path / "away").rename(file)
    keys.refresh()
    assert keys.find(made.api_key) is not None
    assert keys.problem is None


@pytest.mark.parametrize("size", [0, 10, 100, 4_096])
def test_a_file_cut_short_below_a_running_server_stops_nothing_but_keys(
    keys: KeyStore, tmp_path: Path, size: int
) -> None:
    made = keys.create(7, Scope.READ)
    file = tmp_path / "keys.db"
    whole = file.read_bytes()
    os.truncate(file, size)
    keys.find(made.api_key)
    keys.refresh()
    keys.find(made.api_key)
    file.write_bytes(whole)
    changed(tmp_path, "PRAGMA user_version = 7")
    keys.refresh()
    assert keys.find(made.api_key) is not None
    assert keys.problem is None


def test_a_write_ahead_log_does_not_hide_a_change(keys: KeyStore, tmp_path: Path) -> None:
    made = keys.create(7, Scope.READ)
    connection = sqlite3.connect(tmp_path / "keys.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    assert keys.find(made.api_key) is not None
    with KeyStore(tmp_path) as other:
        other.revoke(made.api_key)
    assert keys.find(made.api_key) is None


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from("cccrf"), st.integers(0, 9)), max_size=30)
)
def test_three_stores_are_one(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("keys")
    stores = [KeyStore(folder) for _ in range(3)]
    live: dict[str, int] = {}
    gone: list[str] = []
    for which, step, number in steps:
        if step == "c":
            live[stores[which].create(number + 1, Scope.READ).api_key] = number + 1
        elif step == "r" and live:
            name = list(live)[number % len(live)]
            stores[which].revoke(name)
            gone.append(name)
            del live[name]
        found = {key.api_key: key.account for key in stores[number % 3].list()}
        assert found == live
        for store in stores:
            assert not any(store.find(name) for name in gone)
    for store in stores:
        store.close()


def test_a_closed_store_finds_nobody(tmp_path: Path) -> None:
    keys = KeyStore(tmp_path)
    made = keys.create(7, Scope.READ)
    keys.close()
    keys.close()
    assert keys.find(made.api_key) is None


def test_the_error_survives_a_pickle() -> None:
    error = KeysDamaged("keys.db", "was changed")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (KeysDamaged, "keys.db: was changed")
    assert (again.file, again.problem) == ("keys.db", "was changed")
