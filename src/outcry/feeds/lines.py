"""The lines of a recording, whatever it is compressed with."""

from collections.abc import Iterator

from outcry.feeds.recording import LINE_BYTES_MAX, MalformedRecording
from outcry.feeds.source import ByteSource


def numbered_lines(
    source: ByteSource, bytes_max: int = LINE_BYTES_MAX
) -> Iterator[tuple[int, bytes]]:
    """Yield number, from 1, and content of each line, without its end.

    Raises:
        MalformedRecording: The compression is broken, or a line is longer than `bytes_max`.
    """
    rest, number = b"", 0
    for piece in source.pieces():
        lines = (rest + piece).split(b"\n")
        rest = lines.pop()
        for line in lines:
            number += 1
            yield number, _checked(source, number, line, bytes_max)
        # A line without an end must not fill the memory.
        _checked(source, number + 1, rest, bytes_max)
    if rest:
        yield number + 1, rest.rstrip(b"\r")


def _checked(source: ByteSource, number: int, line: bytes, bytes_max: int) -> bytes:
    if len(line) > bytes_max:
        problem = f"the line is longer than {bytes_max} bytes"
        raise MalformedRecording(source.path, f"line {number}", "length", problem)
    return line.rstrip(b"\r")
