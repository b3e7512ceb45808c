"""What proves that a request is its key's: a shared secret, or a public key of Ed25519 or RSA."""

import binascii
from base64 import b64decode
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

from outcry._native import HmacSecret
from outcry.errors import InvalidValue

RSA_BITS_MIN: Final = 2_048
RSA_BITS_MAX: Final = 4_096
PEM_BYTES_MAX: Final = 4_096
"""Bytes of a public key's text; one of RSA with 4,096 bits has 800."""

# Of RSA with 4,096 bits: 512 bytes, in base64.
_BASE64_LENGTH_MAX: Final = 684


class PublicKey:
    """The public part of a key of Ed25519, or of RSA with PKCS #1 v1.5 and SHA-256: base64."""

    __slots__ = ("_key",)

    def __init__(self, key: Ed25519PublicKey | RSAPublicKey) -> None:
        self._key = key

    def verify(self, payload: bytes, signature: str) -> bool:
        """Tell whether the signature is that of the payload."""
        if len(signature) > _BASE64_LENGTH_MAX:
            return False
        try:
            told = b64decode(signature, validate=True)
        except (binascii.Error, ValueError):
            return False
        try:
            if isinstance(self._key, Ed25519PublicKey):
                self._key.verify(told, payload)
            else:
                self._key.verify(told, payload, PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True

    def is_secret(self, text: str) -> bool:
        """Tell that no text is the secret: nobody here knows it."""
        del text
        return False

    def material(self) -> bytes:
        """Return what the key is kept by: the public part, as DER."""
        return self._key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def is_ed25519(self) -> bool:
        """Tell whether it is of Ed25519."""
        return isinstance(self._key, Ed25519PublicKey)


Proof = HmacSecret | PublicKey


def public_key_of_pem(text: str | bytes, *, ed25519: bool) -> PublicKey:
    """Return the public key that a PEM file holds.

    Raises:
        InvalidValue: It is none, of another kind, or of too few or too many bits.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(data) > PEM_BYTES_MAX:
        raise InvalidValue("public_key", f"{len(data)} bytes", f"must be at most {PEM_BYTES_MAX}")
    wanted = "an Ed25519" if ed25519 else "an RSA"
    bound = f"must be {wanted} public key as PEM"
    if b"PRIVATE KEY" in data:
        raise InvalidValue("public_key", "a private key", f"{bound}; keep the private part")
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidValue("public_key", "this text", bound) from None
    if isinstance(key, Ed25519PublicKey) and ed25519:
        return PublicKey(key)
    if isinstance(key, RSAPublicKey) and not ed25519:
        if not RSA_BITS_MIN <= key.key_size <= RSA_BITS_MAX:
            bound = f"must have {RSA_BITS_MIN} to {RSA_BITS_MAX}"
            raise InvalidValue("public_key", f"{key.key_size} bits", bound)
        return PublicKey(key)
    raise InvalidValue("public_key", f"this {type(key).__name__}", bound)


def public_key_of_der(data: bytes) -> PublicKey:
    """Return the public key that was kept.

    Raises:
        ValueError: The bytes are none.
    """
    key = load_der_public_key(data)
    if not isinstance(key, Ed25519PublicKey | RSAPublicKey):
        raise ValueError(f"a key of the kind {type(key).__name__}")  # noqa: TRY004 - of a file
    return PublicKey(key)
