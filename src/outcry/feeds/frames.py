"""What surrounds a venue's messages in a recording: the lines, and what a recorder wrote around.

Three forms are read: a message a line; `<nanoseconds of receipt> <message>`; and the raw recordings
of cryptofeed, one JSON object a line with what was received in its member `data`.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from outcry.feeds.lines import numbered_lines
from outcry.feeds.source import ByteSource

FRAME_BYTES_MAX: Final = 1 << 26
_DECODER: Final = msgspec.json.Decoder(float_hook=str)
_SHOWN: Final = 256


class Frame(msgspec.Struct, frozen=True):
    """One message of a recording.

    Attributes:
        line: The number of its line, from 1.
        start: How the line begins.
        document: The message, numbers with a point as their text; None where it is no JSON.
        received_ns: When it was received, None where the recording does not say.
        connection: By which connection, empty where it does not say.
        address: What the connection or the request was opened to.
    """

    line: int
    start: bytes
    document: Any
    received_ns: int | None = None
    connection: str = ""
    address: str = ""


def read_document(content: bytes) -> Any:  # noqa: ANN401
    """Return JSON with the text of each number that has a point; None for what is no JSON."""
    try:
        return _DECODER.decode(content)
    except (ValueError, RecursionError):
        return None


def read_frames(source: ByteSource) -> Iterator[Frame]:
    """Yield the messages of a recording, in their order.

    Raises:
        MalformedRecording: The compression is broken, or a line is longer than `FRAME_BYTES_MAX`.
    """
    addresses: dict[str, str] = {}
    for number, line in numbered_lines(source, FRAME_BYTES_MAX):
        if not line.strip():
            continue
        if line[:1].isdigit():
            received, _, message = line.partition(b" ")
            received_ns = int(received) if received.isdigit() and len(received) < 20 else None  # noqa: PLR2004
            yield Frame(number, line[:_SHOWN], read_document(message), received_ns)
            continue
        document = read_document(line)
        if not isinstance(document, dict) or "t" not in document or not _is_recorder(document):
            yield Frame(number, line[:_SHOWN], document)
            continue
        if document["t"] == "connect":
            addresses[str(document.get("conn"))] = str(document.get("addr", ""))
        elif document["t"] in {"recv", "http"}:
            yield _recorded(number, line, document, addresses)


def _is_recorder(document: dict[str, Any]) -> bool:
    return document["t"] in {"header", "http", "connect", "send", "recv", "close"}


def _recorded(
    number: int, line: bytes, document: dict[str, Any], addresses: dict[str, str]
) -> Frame:
    connection = str(document.get("conn", ""))
    data = document.get("data")
    message = read_document(data.encode()) if isinstance(data, str) else None
    address = str(document.get("url") or addresses.get(connection, ""))
    received_ns = _nanoseconds(document.get("ts"))
    return Frame(number, line[:_SHOWN], message, received_ns, connection, address)


def _nanoseconds(seconds: object) -> int | None:
    """Return decimal seconds, as text or whole, as nanoseconds; digits behind the ninth are cut."""
    whole, _, fraction = str(seconds).partition(".")
    if not whole.isdigit() or not (fraction or "0").isdigit():
        return None
    return int(whole) * 1_000_000_000 + int(fraction[:9].ljust(9, "0"))
