"""`outcry status`: how the exchange of a data directory is doing, in use or not."""

import fcntl
import json
import time
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.error import URLError
from urllib.request import urlopen

import typer

from outcry.cli.data_directory import DATA, DataOption, Row, opened, show_row
from outcry.cli.json_text import JsonOption
from outcry.errors import DirectoryLocked
from outcry.settings import Settings

REFRESH_S: Final = 1.0
ANSWER_S: Final = 5.0
_TOLD: Final = ("sequence", "open_orders", "durability")
_CLEAR: Final = "\x1b[H\x1b[J"


def status(
    *,
    data: DataOption = DATA,
    url: Annotated[
        str | None,
        typer.Option(
            help="Where it is served; by default where its settings say.", show_default=False
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Show it anew every second, until Ctrl-C.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Tell what a data directory holds; of one that is served, how the server is doing."""
    try:
        row = _row(data, url)
        show_row(row, as_json=as_json)
        while watch:
            time.sleep(REFRESH_S)
            if row["in_use_by"] is not None or _is_held(data):
                row = _row(data, url)
            if not as_json:
                typer.echo(_CLEAR, nl=False)
            show_row(row, as_json=as_json)
    except KeyboardInterrupt:
        return


def _row(data: Path, url: str | None) -> Row:
    try:
        return _of_own(data)
    except DirectoryLocked as error:
        row = _beside(data, error.pid)
        return row | _served(data, url, error.pid)


def _is_held(data: Path) -> bool:
    """Tell whether a process has the directory open, without opening it: that would hold it up."""
    with (data / "lock").open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


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


def _served(data: Path, url: str | None, pid: int | None) -> Row:
    """Tell what the server says of itself; nothing where the directory is served elsewhere."""
    address = url or _address(data)
    told = _asked(f"{address.rstrip('/')}/status")
    if told is None or told.pop("process_id", None) != pid:
        return {} if url is None else {"served_at": f"{url} does not serve this directory"}
    exchange: dict[str, Any] = told.pop("exchange")
    problems = tuple(told.pop("problems", ()))
    return {"served_at": address, "problems": problems, **told, **exchange}


def _address(data: Path) -> str:
    serve = Settings.load(data).serve
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(serve.host, serve.host)
    return f"http://[{host}]:{serve.port}" if ":" in host else f"http://{host}:{serve.port}"


def _asked(url: str) -> dict[str, Any] | None:
    if not url.startswith(("http://", "https://")):
        return None
    try:
        with urlopen(url, timeout=ANSWER_S) as answer:
            told = json.load(answer)
    except (URLError, OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _bytes_in(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*") if file.is_file())


def _newest_snapshot(folder: Path) -> int | None:
    return max((int(file.stem) for file in folder.glob("*.manifest")), default=None)
