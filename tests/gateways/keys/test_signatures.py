"""Goal: a signature counts exactly where it is the payload's, whatever text is given for one.

Method: HMAC against Python's own over random secrets and payloads; the signatures of fresh keys of
Ed25519 and RSA, whole and damaged; texts that are no signature at all.
"""

import hmac
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from outcry._native import HmacSecret
from outcry.errors import InvalidValue
from outcry.gateways.keys.signatures import (
    PEM_BYTES_MAX,
    PublicKey,
    public_key_of_der,
    public_key_of_pem,
)

ED25519 = ed25519.Ed25519PrivateKey.generate()
RSA = rsa.generate_private_key(65_537, 2_048)
PAYLOAD = b"symbol=BTCUSDT&side=BUY&timestamp=1700000000000"

# Texts of any characters, also such as no encoding has, and hexadecimal digits in excess.
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=[])),
    st.text("0123456789abcdefABCDEF \n\t\x00\xb2é", min_size=60, max_size=70),
    st.text("ABab01+/= \n", max_size=800),
)


def pem_of(key: ed25519.Ed25519PublicKey | rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def signed(payload: bytes, *, by_rsa: bool) -> str:
    raw = RSA.sign(payload, padding.PKCS1v15(), SHA256()) if by_rsa else ED25519.sign(payload)
    return b64encode(raw).decode()


def public(*, by_rsa: bool) -> PublicKey:
    return PublicKey(RSA.public_key() if by_rsa else ED25519.public_key())


@given(st.binary(max_size=200), st.binary(max_size=300))
def test_hmac_is_that_of_the_standard_library(secret: bytes, payload: bytes) -> None:
    proof, signature = HmacSecret(secret), hmac.digest(secret, payload, "sha256").hex()
    assert proof.verify(payload, signature)
    assert proof.verify(payload, signature.upper())
    # A begun hash is copied, never used up.
    assert proof.verify(payload, signature)
    assert not proof.verify(payload + b"x", signature)
    assert not HmacSecret(secret + b"x").verify(payload, signature)


def test_hmac_is_that_of_binances_documents() -> None:
    # The example of the public documents of Binance's spot API.
    secret = b"NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
    payload = (
        b"symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1"
        b"&recvWindow=5000&timestamp=1499827319559"
    )
    signature = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
    assert HmacSecret(secret).verify(payload, signature)


@given(st.integers(0, 63), st.sampled_from("0123456789abcdef"))
def test_one_other_digit_is_another_signature(place: int, digit: str) -> None:
    signature = hmac.digest(b"secret", PAYLOAD, "sha256").hex()
    other = signature[:place] + digit + signature[place + 1 :]
    assert HmacSecret(b"secret").verify(PAYLOAD, other) is (other == signature)


@given(TEXTS)
def test_no_text_is_a_signature_by_chance(text: str) -> None:
    for proof in (HmacSecret(b"secret"), public(by_rsa=False), public(by_rsa=True)):
        assert not proof.verify(PAYLOAD, text)
        assert not proof.is_secret(text)


@given(TEXTS)
def test_blanks_between_digits_are_no_digits(text: str) -> None:
    signature = hmac.digest(b"secret", PAYLOAD, "sha256").hex()
    assert not HmacSecret(b"secret").verify(PAYLOAD, signature + text + " ")
    assert not HmacSecret(b"secret").verify(PAYLOAD, signature[:62] + " " + signature[63:])


@given(TEXTS)
def test_only_the_secret_is_the_secret(text: str) -> None:
    proof = HmacSecret(text.encode("utf-8", "surrogatepass"))
    # A text that has no UTF-8 is nobody's secret.
    assert proof.is_secret(text) is (text == text.encode("utf-8", "replace").decode())
    assert not proof.is_secret(f"{text}x")


@pytest.mark.parametrize("by_rsa", [False, True])
def test_a_public_key_takes_what_its_private_part_signed(by_rsa: bool) -> None:
    key, signature = public(by_rsa=by_rsa), signed(PAYLOAD, by_rsa=by_rsa)
    assert key.verify(PAYLOAD, signature)
    assert not key.verify(PAYLOAD + b" ", signature)
    assert not key.verify(PAYLOAD, signature[:-4])
    assert not key.verify(PAYLOAD, signature + "AAAA")
    assert not key.verify(
        PAYLOAD, signature.replace(signature[5], "A" if signature[5] != "A" else "B")
    )
    assert not key.verify(PAYLOAD, f" {signature}")
    assert not public(by_rsa=not by_rsa).verify(PAYLOAD, signature)


@pytest.mark.parametrize("by_rsa", [False, True])
def test_a_public_key_is_kept_as_its_material(by_rsa: bool) -> None:
    private = RSA.public_key() if by_rsa else ED25519.public_key()
    read = public_key_of_pem(pem_of(private).decode(), ed25519=not by_rsa)
    again = public_key_of_der(read.material())
    assert again.material() == read.material()
    assert again.verify(PAYLOAD, signed(PAYLOAD, by_rsa=by_rsa))


@given(st.binary(max_size=100))
def test_other_bytes_are_no_kept_key(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of `cryptography`, in words of its own
        public_key_of_der(data)


def test_a_pem_of_another_kind_is_named() -> None:
    small = rsa.generate_private_key(65_537, 1_024).public_key()
    elliptic = ec.generate_private_key(ec.SECP256R1()).public_key()
    private = ED25519.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem = pem_of(ED25519.public_key())
    for data, is_ed25519, text in (
        (pem, False, "public_key: this Ed25519PublicKey must be an RSA public key as PEM"),
        (pem_of(RSA.public_key()), True, "public_key: this RSAPublicKey must be an Ed25519"),
        (pem_of(elliptic), True, "must be an Ed25519 public key as PEM"),
        (pem_of(small), False, "public_key: 1024 bits must have 2048 to 4096"),
        (private, True, "public_key: a private key must be an Ed25519 public key as PEM; keep"),
        (b"", True, "public_key: this text must be an Ed25519 public key as PEM"),
        (pem[:60], True, "public_key: this text must be"),
        (pem + b" " * PEM_BYTES_MAX, True, "must be at most 4096"),
    ):
        with pytest.raises(InvalidValue) as caught:
            public_key_of_pem(data, ed25519=is_ed25519)
        assert text in str(caught.value)


@given(TEXTS)
def test_any_text_is_a_key_or_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidValue, match="public_key"):
        public_key_of_pem(text, ed25519=True)
