"""`outcry status`: how the exchange of a data directory is doing, in use or not."""

from pathlib import Path
from typing import Final

from outcry.cli.data_directory import DATA, DataOption, JsonOption, Row, opened, show_row
from outcry.errors import DirectoryLocked

_TOLD: Final = ("sequence", "open_orders", "durability")


def status(*, data: DataOption = DATA, as_json: JsonOption = False) -> None:
    """Tell what a data directory holds, or which process has it open."""
    try:
        row = _of_own(data)
    except DirectoryLocked as error:
        row = _beside(data, error.pid)
    show_row(row, as_json=as_json)


def _of_own(data: Path) -> Row:
    with opened(data) as exchange:
        told = exchange.status()
        recovery = exchange.recovery
        return {
            "directory": str(data),
            "in_use_by": None,
            **{name: getattr(told, name) for name in _TOLD},
            "snapshot_sequence": recovery.snapshot_sequence,
            "replayed_commands": recovery.replayed_commands,
            "instruments": len(exchange.instruments()),
            "accounts": len(exchange.accounts()),
            "notes": tuple(recovery.notes),
        }


def _beside(data: Path, pid: int | None) -> Row:
    """Tell what the files say while another process writes them."""
    return {
        "directory": str(data),
        "in_use_by": pid,
        "journal_bytes": _bytes_in(data / "journal"),
        "archive_bytes": _bytes_in(data / "archive"),
        "event_bytes": _bytes_in(data / "events"),
        "snapshot_sequence": _newest_snapshot(data / "snapshots"),
    }


def _bytes_in(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*") if file.is_file())


def _newest_snapshot(folder: Path) -> int | None:
    return max((int(file.stem) for file in folder.glob("*.manifest")), default=None)
