"""Bad lines of a recording: counted, written aside, and too many of them an end."""

import json
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TextIO

from outcry.feeds.recording import TooManyBadLines

BAD_LINES_MAX: Final = 1_000

BadLine = tuple[int, str, str, bytes]
"""Number of the line, field, reason, and how the line begins."""


class Quarantine:
    """What becomes of the bad lines of one source or of several; a context manager.

    The side file has one JSON object a bad line, with `file`, `line`, `field`, `reason` and `text`;
    it is made when the first one comes.

    Attributes:
        counts: How many, by reason.
        source: What is being read.
    """

    def __init__(
        self, path: Path | None = None, bad_max: int = BAD_LINES_MAX, *, must_keep: bool = True
    ) -> None:
        """Allow `bad_max` bad lines in all, which are written to `path` where one is given.

        Where they cannot be written there and must not be kept, they are only counted.
        """
        self.counts: Counter[str] = Counter()
        self.source = Path()
        self._path = path
        self._bad_max = bad_max
        self._file: TextIO | None = None
        self._must_keep = must_keep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def path(self) -> Path | None:
        """Where bad lines are written, None where they are only counted."""
        return self._path

    @property
    def total(self) -> int:
        """How many lines were bad."""
        return self.counts.total()

    def add(self, lines: list[BadLine]) -> None:
        """Count these lines and write them aside.

        Raises:
            TooManyBadLines: With these there are more than allowed; the allowed ones and the one
                that passed the bound are written.
        """
        for number, field, reason, text in lines:
            self.counts[reason] += 1
            self._write(number, field, reason, text)
            if self.total > self._bad_max:
                problem = f"{reason}; more than {self._bad_max} lines are bad: {self.summary()}"
                place = f"line {number}"
                raise TooManyBadLines(self.source, place, field, problem, dict(self.counts))

    def summary(self) -> str:
        """Return the counts by reason, the most frequent first."""
        return ", ".join(f"{reason} {count:,}" for reason, count in self.counts.most_common())

    def _write(self, number: int, field: str, reason: str, text: bytes) -> None:
        if self._path is None:
            return
        if self._file is None:
            try:
                self._file = self._path.open("w", encoding="utf-8")
            except OSError:
                if self._must_keep:
                    raise
                self._path = None
                return
        shown = text.decode("utf-8", "replace")
        place = {"file": str(self.source), "line": number}
        row = place | {"field": field, "reason": reason, "text": shown}
        self._file.write(f"{json.dumps(row, ensure_ascii=False)}\n")
