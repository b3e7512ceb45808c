"""Goal: the master key opens what it sealed and nothing else, and a bad file of it is named.

Method: seals damaged by Hypothesis; files of every wrong shape; two makers at once.
"""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.errors import InvalidSetting, KeysDamaged
from outcry.gateways.keys.master import FILE_NAME, VARIABLE, MasterKey

HEX = "0123456789abcdef" * 4


@given(st.binary(), st.binary(), st.integers(0), st.integers(1, 255))
def test_a_seal_opens_whole_and_with_its_own_words_only(
    plain: bytes, about: bytes, place: int, change: int
) -> None:
    key = MasterKey(bytes(32))
    sealed = key.seal(plain, about)
    assert key.open(sealed, about) == plain
    damaged = bytearray(sealed)
    damaged[place % len(sealed)] ^= change
    for bad, words, opener in (
        (bytes(damaged), about, key),
        (sealed[:-1], about, key),
        (b"", about, key),
        (sealed, about + b"x", key),
        (sealed, about, MasterKey(bytes(31) + b"\1")),
    ):
        with pytest.raises(ValueError, match=r"does not open|is too short"):
            opener.open(bad, words)


def test_no_two_seals_are_alike() -> None:
    key = MasterKey(bytes(32))
    assert len({key.seal(b"secret", b"") for _ in range(1_000)}) == 1_000


def test_a_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    sealed = MasterKey.load(tmp_path, {}, may_make=True).seal(b"secret", b"")
    file = tmp_path / FILE_NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert MasterKey.load(tmp_path, {}, may_make=True).open(sealed, b"") == b"secret"
    assert [each.name for each in tmp_path.iterdir()] == [FILE_NAME]


def test_two_makers_end_with_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: MasterKey.load(tmp_path, {}, may_make=True), range(8)))
    sealed = made[0].seal(b"secret", b"")
    assert {key.open(sealed, b"") for key in made} == {b"secret"}
    assert [each.name for each in tmp_path.iterdir()] == [FILE_NAME]


def test_the_variable_counts_before_the_file(tmp_path: Path) -> None:
    sealed = MasterKey(bytes.fromhex(HEX)).seal(b"secret", b"")
    key = MasterKey.load(tmp_path, {VARIABLE: HEX}, may_make=False)
    assert key.open(sealed, b"") == b"secret"
    assert not list(tmp_path.iterdir())
    for text in ("", HEX[1:], HEX + "0", "g" * 64, " " + HEX[1:]):
        with pytest.raises(InvalidSetting, match=rf"^{VARIABLE}: .* 64 hexadecimal digits"):
            MasterKey.load(tmp_path, {VARIABLE: text}, may_make=False)


@pytest.mark.parametrize(
    ("data", "mode", "text"),
    [
        (HEX.encode() + b"\n", 0o644, "may be read by others (mode 644): chmod 600 it"),
        (HEX.encode() + b"\n", 0o640, "may be read by others (mode 640)"),
        (HEX[1:].encode() + b"\n", 0o600, "must be 64 hexadecimal digits, and nothing else"),
        (HEX.encode() + b"\n\n", 0o600, "must be 64 hexadecimal digits"),
        (HEX.encode() + b"0" * 10_000, 0o600, "must be 64 hexadecimal digits"),
        (b"\xff" * 64, 0o600, "must be 64 hexadecimal digits"),
        (b"", 0o600, "must be 64 hexadecimal digits"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, data: bytes, mode: int, text: str) -> None:
    file = tmp_path / FILE_NAME
    file.write_bytes(data)
    file.chmod(mode)
    with pytest.raises(KeysDamaged) as caught:
        MasterKey.load(tmp_path, {}, may_make=True)
    assert str(caught.value).startswith(f"{file}: {text}")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeysDamaged, match=rf"keys\.master: is not there, .* or set {VARIABLE}"):
        MasterKey.load(tmp_path, {}, may_make=False)
