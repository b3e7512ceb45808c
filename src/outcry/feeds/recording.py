"""What readers of recordings have in common: their errors, bounds and numbers."""

from collections.abc import Callable
from pathlib import Path

from outcry.errors import OutcryError

LINE_BYTES_MAX = 65_536
# No bound has more digits, and Python refuses to read thousands of them.
DIGITS_MAX = 20
SHOWN_BYTES = 40

Progress = Callable[[int], None]
"""Told now and then how many bytes of the file, as it lies on the disk, have been read."""


# It is named for what is wrong, as those of `outcry.errors` are.
class MalformedRecording(OutcryError, ValueError):  # noqa: N818
    """A recording that cannot be read on: names the file, the place, the field and the bound.

    Attributes:
        path: The file.
        place: `line N`, from 1, or `byte N`, from 0.
        field: The field that is wrong.
        problem: What is wrong with it, with its bound.
    """

    def __init__(self, path: Path, place: str, field: str, problem: str) -> None:
        super().__init__(path, place, field, problem)
        self.path = path
        self.place = place
        self.field = field
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.path}: {self.place}: {self.field}: {self.problem}"


class TooManyBadLines(MalformedRecording):
    """More lines of a recording are bad than the caller allows; names the last one.

    Attributes:
        counts: How many are bad, by reason.
    """

    def __init__(
        self, path: Path, place: str, field: str, problem: str, counts: dict[str, int]
    ) -> None:
        super().__init__(path, place, field, problem)
        self.counts = counts


class FieldError(ValueError):
    """A field that is wrong, before anybody knows where: a reader adds file and place."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


def whole_number(field: str, text: bytes, low: int, high: int) -> int:
    """Return the integer that `text` states in plain decimal digits.

    Raises:
        FieldError: When it is no such number, or outside `low` to `high`.
    """
    digits = text[1:] if text[:1] == b"-" else text
    if not digits.isdigit():
        raise FieldError(field, f"{shown(text)} is no whole number")
    value = int(text) if len(digits) <= DIGITS_MAX else None
    if value is None or not low <= value <= high:
        raise FieldError(field, f"{shown(text)} is not within {low} to {high}")
    return value


def shown(text: bytes) -> str:
    """Return bytes of a recording as an error message shows them, cut where they are long."""
    start = ascii(text[:SHOWN_BYTES].decode("latin-1"))
    return f"{start}..." if len(text) > SHOWN_BYTES else start
