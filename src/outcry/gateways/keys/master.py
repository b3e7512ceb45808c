"""The master key, which everything in `keys.db` is sealed with, and the file that holds it."""

import os
import re
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from outcry.errors import InvalidSetting, KeysDamaged

FILE_NAME: Final = "keys.master"
VARIABLE: Final = "OUTCRY_KEYS_MASTER"
"""The variable of the environment that counts before the file."""

_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")
_BOUND: Final = "must be 64 hexadecimal digits"
# Whoever is not the owner may not read it.
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class MasterKey:
    """Seals bytes with AES-256-GCM, and opens them again."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    @classmethod
    def load(cls, folder: Path, environment: Mapping[str, str], *, may_make: bool) -> Self:
        """Return the master key of the environment, or of `keys.master`.

        Args:
            folder: Where the file is.
            environment: The variables.
            may_make: Whether to make one where there is none.

        Raises:
            InvalidSetting: The variable holds no key.
            KeysDamaged: The file holds no key, may be read by others or is not there.
            OSError: The file cannot be read or made.
        """
        text = environment.get(VARIABLE)
        if text is not None:
            if not _HEX.fullmatch(text):
                raise InvalidSetting(VARIABLE, f"a text of {len(text)} characters", _BOUND)
            return cls(bytes.fromhex(text))
        path = folder / FILE_NAME
        if may_make and not path.exists():
            _make(path)
        return cls(_read(path))

    def seal(self, plain: bytes, about: bytes) -> bytes:
        """Return bytes that nobody can read or change, nor take for something else's."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """Return what was sealed.

        Raises:
            ValueError: It was sealed with another key, changed, or is something else's.
        """
        if len(sealed) < _NONCE_BYTES:
            raise ValueError("is too short for a seal")
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about)
        except InvalidTag:
            raise ValueError("does not open with the master key") from None


def _make(path: Path) -> None:
    """Write a new key, whole and on the disk; one that another process has just made stays."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    try:
        with os.fdopen(file, "wb") as out:
            out.write(secrets.token_hex(_BYTES).encode() + b"\n")
            out.flush()
            os.fsync(out.fileno())
        try:
            path.hardlink_to(part)
        except FileExistsError:
            return
    finally:
        part.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            data = file.read(2 * _BYTES + 2)
    except FileNotFoundError:
        text = f"is not there, though keys were sealed with it; or set {VARIABLE}"
        raise KeysDamaged(str(path), text) from None
    if mode & _OTHERS:
        raise KeysDamaged(str(path), f"may be read by others (mode {mode:o}): chmod 600 it")
    text = data.decode("ascii", "replace").removesuffix("\n")
    if not _HEX.fullmatch(text):
        raise KeysDamaged(str(path), f"{_BOUND}, and nothing else")
    return bytes.fromhex(text)
