"""Those who ask: keys of every kind, signed with or borne."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from outcry.gateways.keys import KeyStore, Scope
from tests.gateways.desk import Desk, Reply

HERE = "127.0.0.1"
KINDS = ("hmac", "ed25519", "rsa")
ALL_SCOPES = frozenset(("read", "trade", "withdraw", "admin"))

Sign = Callable[[bytes], str]


@dataclass(frozen=True)
class Ask:
    """A request, not yet signed.

    Attributes:
        method: Its method.
        path: Its path.
        said: Its parameters.
        body: What its body says, None for no body.
        headers: Its headers beside those of the key.
    """

    method: str
    path: str
    said: Mapping[str, object] = field(default_factory=dict)
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def body_bytes(self) -> bytes:
        """Return the body as it is sent."""
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Caller:
    """Someone who asks with a key, or without.

    Attributes:
        desk: Where.
        name: Who it is, for those who read of a failure.
        headers: What a request says of its key.
        sign: Makes the signature of a payload; None where nothing is signed.
        address: Where it asks from.
    """

    desk: Desk
    name: str
    headers: Mapping[str, str]
    sign: Sign | None = None
    address: str = HERE

    def __call__(self, ask: Ask) -> Reply:
        """Send a request."""
        said, body = dict(ask.said), ask.body_bytes()
        if self.sign is not None:
            said |= {"timestamp": time.time_ns() // 1_000_000, "recvWindow": 60_000}
        query = urlencode(said, quote_via=quote).encode()
        if self.sign is not None:
            query += b"&signature=" + quote(self.sign(query + body), safe="").encode()
        headers = {**ask.headers, **self.headers}
        return self.desk.ask(
            ask.method, ask.path, query, body, headers=headers, address=self.address
        )


@dataclass(frozen=True)
class Proof:
    """A key of an account: its name, and what it proves itself with.

    Attributes:
        api_key: Its name.
        sign: Makes signatures.
        secret: The secret of a key of HMAC, else None.
    """

    api_key: str
    sign: Sign
    secret: str | None

    def signing(self, desk: Desk, name: str, *, address: str = HERE) -> Caller:
        """Return who signs with it."""
        return Caller(desk, name, {"X-MBX-APIKEY": self.api_key}, self.sign, address)

    def bearing(self, desk: Desk, name: str, *, address: str = HERE) -> Caller:
        """Return who says it with its secret."""
        token = f"Bearer {self.api_key}.{self.secret}"
        return Caller(desk, name, {"authorization": token}, None, address)


@cache
def private_rsa(place: int) -> RSAPrivateKey:
    """Return an RSA key; making one takes long."""
    del place
    return generate_private_key(65_537, 2_048)


def new_proof(
    keys: KeyStore,
    account: int,
    kind: str,
    scopes: frozenset[str],
    *,
    networks: tuple[str, ...] = (),
    label: str = "",
) -> Proof:
    """Make a key of an account."""
    scope = Scope.of(*scopes)
    if kind == "hmac":
        made = keys.create(account, scope, networks, label=label)
        secret = made.secret
        assert secret is not None
        return Proof(made.api_key, lambda payload: _hmac(secret, payload), secret)
    signer: Sign
    if kind == "ed25519":
        edwards = Ed25519PrivateKey.generate()
        public = edwards.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        signer = lambda payload: _text(edwards.sign(payload))  # noqa: E731
    else:
        private = private_rsa(account)
        public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        signer = lambda payload: _text(private.sign(payload, PKCS1v15(), SHA256()))  # noqa: E731
    made = keys.create(account, scope, networks, kind=kind, public_key=public, label=label)
    return Proof(made.api_key, signer, None)


def _hmac(secret: str, payload: bytes) -> str:
    return hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()


def _text(signature: bytes) -> str:
    return base64.b64encode(signature).decode()
