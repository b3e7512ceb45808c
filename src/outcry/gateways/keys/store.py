"""The keys of an exchange: made, listed and revoked by any process, found by those that serve."""

import json
import os
import secrets
import string
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock
from time import monotonic_ns
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import Connection, Row, delete, func, insert, select

from outcry._native import HmacSecret
from outcry.errors import DirectoryLocked, InvalidValue, KeysDamaged, NewerFormat, Overloaded
from outcry.gateways.keys import master
from outcry.gateways.keys.database import ABOUT, FILE_NAME, KEYS, Database
from outcry.gateways.keys.key import Key, KeyKind, NewKey, Scope
from outcry.gateways.keys.master import MasterKey
from outcry.gateways.keys.networks import Networks
from outcry.gateways.keys.signatures import (
    Proof,
    public_key_of_der,
    public_key_of_pem,
)

KEYS_MAX: Final = 10_000
"""Most keys of a store, where it is not told otherwise."""
LABEL_LENGTH_MAX: Final = 64
LOOK_NS: Final = 1_000_000
"""How long a change in another process may go unseen, in nanoseconds."""
ACCOUNT_MAX: Final = (1 << 32) - 2
"""The greatest account that can have keys; the one behind it collects the fees."""

_FORMAT: Final = 1
_NAME_LENGTH: Final = 64
_LETTERS: Final = string.ascii_letters + string.digits
_PROOF: Final = b"the master key of these keys"
_ALL_SCOPES: Final = sum(Scope)

_SecretRow = Row[Any]


class KeyStore:
    """The keys in `keys.db` of a directory, sealed with its master key.

    What `create` and `revoke` did is on the disk when they return, and counts from then on in
    every process: `find` looks, at most once a millisecond, whether the file was changed, and
    reads it anew where it was, which takes milliseconds. A store may be used by several threads.

    Attributes:
        problem: Why no key can be found at present, None while all is well: then the file was
            damaged, replaced by another exchange's, removed or locked while this process served.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, KeyStore(folder) as keys:
    ...     made = keys.create(7, Scope.of("read", "trade"), label="a bot")
    ...     key = keys.find(made.api_key)
    >>> key.account, key.has(Scope.TRADE), key.has(Scope.WITHDRAW), key.allows("192.0.2.1")
    (7, True, False, True)
    >>> key.verify(b"timestamp=1", "00" * 32)
    False
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        keys_max: int = KEYS_MAX,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        """Open the keys of a directory, made where there are none.

        Args:
            folder: The exchange's directory.
            keys_max: Most keys.
            environment: Where `OUTCRY_KEYS_MASTER` is looked for.

        Raises:
            KeysDamaged: `keys.db` or `keys.master` was changed, or one is not the other's.
            NewerFormat: A newer program wrote `keys.db`.
            InvalidSetting: `OUTCRY_KEYS_MASTER` holds no key.
            DirectoryLocked: Another process has been changing them for 5 s.
            OSError: The files cannot be read or made.
        """
        self._keys_max = keys_max
        self._keys: dict[str, Key] = {}
        self._rows: dict[str, tuple[_SecretRow, Key]] = {}
        self._loading = Lock()
        self._look_ns = 0
        self.problem: Exception | None = None
        path = Path(folder, FILE_NAME)
        self._database = Database(path)
        try:
            self._master = self._begin(path, environment)
            self._counter = self._load()
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files; nobody is found afterwards."""
        self._database.close()
        self._counter = self._database.counter()
        self._keys = {}
        self._rows = {}

    def find(self, api_key: str) -> Key | None:
        """Return the key of this name as it stood within the last millisecond, None for none."""
        now_ns = monotonic_ns()
        if now_ns >= self._look_ns:
            # A look at the file is a call of the system, which many requests can share.
            self._look_ns = now_ns + LOOK_NS
            if self._database.counter() != self._counter:
                self._follow()
        return self._keys.get(api_key)

    def find_bearer(self, token: str) -> Key | None:
        """Return the key of a bearer token, which is `API_KEY.SECRET` of a key of HMAC."""
        api_key, dot, secret = token.partition(".")
        key = self.find(api_key)
        if key is None or not dot or not key.is_secret(secret):
            return None
        return key

    def refresh(self) -> None:
        """Notice what nobody asked for: a change, and that the file was replaced or removed.

        To be called about once a second by whoever serves; a store with a `problem` tries again.
        """
        try:
            replaced = self._database.watch_again()
        except OSError as error:
            self._fail(error)
            return
        self._follow(is_forced=replaced or self.problem is not None)

    def list(self) -> list[Key]:
        """Return all keys, the oldest first."""
        if self._database.counter() != self._counter:
            self._follow()
        return sorted(self._keys.values(), key=lambda key: (key.created_ns, key.api_key))

    def create(
        self,
        account: int,
        scopes: Scope,
        networks: Iterable[str] = (),
        *,
        kind: KeyKind | str = KeyKind.HMAC,
        public_key: str | bytes | None = None,
        label: str = "",
    ) -> NewKey:
        """Make a key.

        Args:
            account: Whose it is.
            scopes: What it may do.
            networks: The networks it may be used from, as `10.0.0.0/8`; none for everywhere.
            kind: `hmac`, `ed25519` or `rsa`.
            public_key: The public part as PEM, for Ed25519 and RSA.
            label: What to call it.

        Raises:
            InvalidValue: A value cannot be; its field and bound are named.
            Overloaded: There are as many keys as there may be.
            DirectoryLocked: Another process has been changing them for 5 s.
            KeysDamaged: The file was damaged meanwhile.
            OSError: The file cannot be written.
        """
        kind = _checked_kind(kind)
        proof, secret = _new_proof(kind, public_key)
        authority: dict[str, str | int] = {
            "api_key": _random_name(),
            "kind": kind.value,
            "account": _checked_account(account),
            "scopes": _checked_scopes(scopes),
            "networks": " ".join(Networks(networks).texts),
            "created_ns": time.time_ns(),
            "label": _checked_label(label),
        }
        sealed = self._master.seal(proof.material(), _about(authority.values()))
        with self._database.writing() as connection:
            count = connection.execute(select(func.count()).select_from(KEYS)).scalar_one()
            if count >= self._keys_max:
                raise Overloaded("store of keys", self._keys_max)
            connection.execute(insert(KEYS).values(**authority, sealed=sealed))
        self._look_ns = 0
        return NewKey(str(authority["api_key"]), secret)

    def reveal(self, api_key: str) -> str:
        """Return the secret of a key of HMAC again, out of its seal.

        For whoever opened the store has the master key. It is no way for requests: no route asks.

        Raises:
            InvalidValue: There is no such key, or its owner alone has its secret.
            DirectoryLocked: Another process has been bringing a change to the disk for 1 s.
            KeysDamaged: The key was changed.
            OSError: The file cannot be read.
        """
        path = self._database.path
        with self._database.reading() as connection:
            rows = [row for row in _all_rows(connection, path) if row.api_key == api_key]
        if not rows:
            raise InvalidValue("api_key", repr(api_key), "is no key here")
        kind, material = self._opened(path, rows[0])
        if kind is not KeyKind.HMAC:
            raise InvalidValue("api_key", repr(api_key), "has no secret here: its owner has it")
        return material.decode("ascii")

    def revoke(self, api_key: str) -> None:
        """Remove a key: from now on, no process finds it, and its secret is gone.

        Raises:
            InvalidValue: There is no such key.
            DirectoryLocked: Another process has been changing them for 5 s.
            KeysDamaged: The file was damaged meanwhile.
            OSError: The file cannot be written.
        """
        with self._database.writing() as connection:
            removed = connection.execute(delete(KEYS).where(KEYS.c.api_key == api_key)).rowcount
            if not removed:
                raise InvalidValue("api_key", repr(api_key), "is no key here")
        self._look_ns = 0

    def _begin(self, path: Path, environment: Mapping[str, str]) -> MasterKey:
        """Return the master key, having made or compared what `keys.db` says of it."""
        with self._database.writing() as connection:
            self._database.make_tables(connection)
            rows = connection.execute(select(ABOUT))
            about: dict[str, bytes] = {row.name: row.value for row in rows}
            if not about:
                if connection.execute(select(KEYS.c.api_key)).first() is not None:
                    raise KeysDamaged(str(path), "says nothing of its master key")
                key = MasterKey.load(path.parent, environment, may_make=True)
                values = {"format": str(_FORMAT).encode(), "proof": key.seal(_PROOF, _PROOF)}
                told = [{"name": name, "value": value} for name, value in values.items()]
                connection.execute(insert(ABOUT), told)
                return key
            _check_format(path, about.get("format"))
            key = MasterKey.load(path.parent, environment, may_make=False)
            _check_proof(path, key, about.get("proof"))
            return key

    def _follow(self, *, is_forced: bool = False) -> None:
        """Take up what changed.

        Without an error: whatever keeps the keys from being read, none is found until they are.
        """
        with self._loading:
            counter = self._database.counter()
            if counter == self._counter and not is_forced:
                return
            try:
                self._counter = self._load()
            except (DirectoryLocked, KeysDamaged, OSError) as error:
                self._fail(error)
                self._counter = counter
            else:
                self.problem = None

    def _fail(self, problem: Exception) -> None:
        self._keys = {}
        self._rows = {}
        self.problem = problem

    def _load(self) -> bytes:
        """Read all keys, and return the counter that belongs to them."""
        path = self._database.path
        with self._database.reading() as connection:
            rows = _all_rows(connection, path)
            # Within the transaction nobody can change the file, so this is what was read.
            counter = self._database.counter()
        before = self._rows
        after = {}
        for row in rows:
            known = before.get(row.api_key)
            key = known[1] if known is not None and known[0] == row else self._key_of(path, row)
            after[key.api_key] = (row, key)
        self._rows = after
        self._keys = {name: key for name, (_, key) in after.items()}
        return counter

    def _key_of(self, path: Path, row: _SecretRow) -> Key:
        """Return the key of a row, for which every column must be as it was sealed."""
        kind, material = self._opened(path, row)
        try:
            proof = HmacSecret(material) if kind is KeyKind.HMAC else public_key_of_der(material)
        except ValueError:
            raise _changed(path, row) from None
        return Key(
            api_key=row.api_key,
            kind=kind,
            account=row.account,
            scopes=Scope(row.scopes),
            networks=Networks(row.networks.split()),
            created_ns=row.created_ns,
            label=row.label,
            verify=proof.verify,
            is_secret=proof.is_secret,
        )

    def _opened(self, path: Path, row: _SecretRow) -> tuple[KeyKind, bytes]:
        """Return a row's kind, and what was sealed with every other of its columns."""
        try:
            return KeyKind(row.kind), self._master.open(row.sealed, _about(row[:-1]))
        except (ValueError, TypeError):
            raise _changed(path, row) from None


def _changed(path: Path, row: _SecretRow) -> KeysDamaged:
    name = repr(row.api_key)[:12]
    problem = f"the key {name}... was changed, or sealed with another {master.FILE_NAME}"
    return KeysDamaged(str(path), problem)


def _all_rows(connection: Connection, path: Path) -> list[_SecretRow]:
    try:
        return list(connection.execute(select(KEYS)).all())
    except (TypeError, ValueError) as error:
        # What stands in a column is not of its type.
        raise KeysDamaged(str(path), f"a key was changed: {error}") from None


def _about(columns: Iterable[object]) -> bytes:
    """Return what is sealed with a key's material, so that nobody can widen what it may do."""
    return json.dumps([_FORMAT, *columns]).encode()


def _check_format(path: Path, value: bytes | None) -> None:
    text = (value or b"").decode("ascii", "replace")
    if not text.isdecimal():
        raise KeysDamaged(str(path), f"its format {text!r} is none")
    if int(text) != _FORMAT:
        raise NewerFormat(str(path), "format", int(text), _FORMAT)


def _check_proof(path: Path, key: MasterKey, value: bytes | None) -> None:
    try:
        key.open(value or b"", _PROOF)
    except ValueError:
        problem = f"was made with another {master.FILE_NAME}, or one of the two was changed"
        raise KeysDamaged(str(path), problem) from None


def _random_name() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_NAME_LENGTH))


def _new_proof(kind: KeyKind, public_key: str | bytes | None) -> tuple[Proof, str | None]:
    if kind is KeyKind.HMAC:
        if public_key is not None:
            raise InvalidValue("public_key", "a key", "belongs to the kinds ed25519 and rsa only")
        secret = _random_name()
        return HmacSecret(secret.encode()), secret
    if public_key is None:
        raise InvalidValue("public_key", "none", f"must be given for the kind {kind}")
    return public_key_of_pem(public_key, ed25519=kind is KeyKind.ED25519), None


def _checked_kind(kind: str) -> KeyKind:
    try:
        return KeyKind(kind)
    except ValueError:
        raise InvalidValue("kind", repr(kind), f"must be of {', '.join(KeyKind)}") from None


def _checked_account(account: int) -> int:
    if not 1 <= account <= ACCOUNT_MAX:
        raise InvalidValue("account", str(account), f"must be from 1 to {ACCOUNT_MAX}")
    return account


def _checked_scopes(scopes: Scope) -> int:
    if not 0 < int(scopes) <= _ALL_SCOPES:
        raise InvalidValue("scope", str(int(scopes)), f"must be from 1 to {_ALL_SCOPES}")
    return int(scopes)


def _checked_label(label: str) -> str:
    if len(label) > LABEL_LENGTH_MAX or not label.isprintable():
        bound = f"must be at most {LABEL_LENGTH_MAX} printable characters"
        raise InvalidValue("label", repr(label), bound)
    return label
