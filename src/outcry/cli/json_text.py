"""JSON as every command prints it: decimals as text, values of closed sets by name."""

import json
import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import IntEnum
from typing import Annotated, Any

import typer

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def print_json(document: object) -> None:
    """Print a document, and nothing else."""
    typer.echo(json.dumps(plain(document), indent=2))


def print_lines(rows: Iterable[Mapping[str, object]]) -> None:
    """Print a line of JSON for each row, until they end or nobody reads on."""
    try:
        for row in rows:
            sys.stdout.write(f"{json.dumps(row, default=plain)}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has seen enough; the interpreter must not complain of it at its end.
        sys.stdout = open("/dev/null", "w", encoding="ascii")  # noqa: SIM115, PTH123


def plain(value: Any) -> Any:  # noqa: ANN401 (JSON has many types)
    r"""Return what JSON knows; of anything else its text, of bytes in hexadecimal digits.

    >>> from decimal import Decimal
    >>> plain({"price": Decimal("1E+2"), "record": b"\x01\xff", "at": (1, None)})
    {'price': '100', 'record': '01ff', 'at': [1, None]}
    """
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return value.hex()
    if value is None or (isinstance(value, str | int | float) and not isinstance(value, IntEnum)):
        return value
    return str(value)
