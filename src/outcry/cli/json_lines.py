"""Rows as lines of JSON, for whoever reads on."""

import json
import sys
from collections.abc import Iterable, Mapping


def print_lines(rows: Iterable[Mapping[str, object]]) -> None:
    """Print a line of JSON for each row, until they end or nobody reads on."""
    try:
        for row in rows:
            sys.stdout.write(f"{json.dumps(row, default=plain)}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has seen enough; the interpreter must not complain of it at its end.
        sys.stdout = open("/dev/null", "w", encoding="ascii")  # noqa: SIM115, PTH123


def plain(value: object) -> str:
    r"""Return what JSON does not know as text.

    >>> plain(b"\x01\xff")
    '01ff'
    """
    return value.hex() if isinstance(value, bytes) else str(value)
