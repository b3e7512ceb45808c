"""A data directory from outside: audits, repairs and dumps of what an exchange left."""

import shutil
from pathlib import Path

import pytest

from outcry import Exchange
from outcry.errors import DirectoryLocked, JournalDamaged, OpenFailed
from outcry.exchange.journal import audit, journaled_commands, repair


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which an exchange took 2 assets, 1 instrument, 1 account and 20 orders."""
    directory = tmp_path_factory.mktemp("left") / "data"
    with Exchange.open(directory) as exchange:
        exchange.add_asset("BTC", 8)
        usd = exchange.add_asset("USD", 2)
        pair = exchange.add_instrument("BTCUSD", base="BTC", quote="USD", tick="1", lot="0.01")
        exchange.set_account(7)
        exchange.deposit(7, usd, "1000", source=(1, 1))
        for price in range(1, 21):
            exchange.place(pair, side="buy", price=str(price), quantity="0.1", account=7)
    return directory


@pytest.fixture
def copy(left: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(left, tmp_path / "copy"))


def damage(directory: Path) -> Path:
    (segment,) = (directory / "journal").glob("*.journal")
    data = bytearray(segment.read_bytes())
    data[2_500] ^= 1
    segment.write_bytes(data)
    return segment


def test_what_was_left_is_good(left: Path) -> None:
    told: list[tuple[int, int]] = []
    seen = audit(left, lambda reached, last: told.append((reached, last)))
    assert (seen.verdict, seen.exit_code, seen.findings) == ("good", 0, [])
    assert seen.last_sequence == seen.replayed_commands == 25
    assert seen.reached_snapshots == seen.good_snapshots != []
    assert told[-1] == (25, 25)


def test_commands_are_read_from_any_sequence(left: Path) -> None:
    commands = list(journaled_commands(left, 6))
    assert [command.sequence for command in commands] == list(range(6, 26))
    assert commands[0].row["price_ticks"] == 1
    assert [command.time_ns for command in commands] == sorted(c.time_ns for c in commands)
    assert next(journaled_commands(left)).row == {
        "kind": "add_asset",
        "asset": 1,
        "name": "BTC",
        "decimals": 8,
    }


def test_damage_is_named_and_repaired_by_order(copy: Path) -> None:
    with pytest.raises(OpenFailed, match="nothing is damaged"):
        repair(copy)
    segment = damage(copy)
    seen = audit(copy)
    assert (seen.verdict, seen.exit_code) == ("damaged", 1)
    assert any(finding.file.name == segment.name for finding in seen.findings)
    with pytest.raises(JournalDamaged, match=segment.name):
        Exchange.open(copy)
    done = repair(copy)
    assert 0 < done.last_sequence < 25
    assert all(file.exists() for file in done.quarantined)
    with Exchange.open(copy) as exchange:
        assert exchange.status().sequence == done.last_sequence
    assert audit(copy).verdict == "good"


def test_nothing_is_unusable_and_nothing_is_made(tmp_path: Path) -> None:
    seen = audit(tmp_path)
    assert (seen.verdict, seen.exit_code) == ("unusable", 2)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_in_use_is_not_repaired(copy: Path) -> None:
    with Exchange.open(copy), pytest.raises(DirectoryLocked):
        repair(copy)
