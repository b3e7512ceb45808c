"""The body of a request, within its bound."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Receive, Scope


class BodyTooLongError(Exception):
    """A body is longer than it may be."""


class DisconnectedError(Exception):
    """The client went away before its request was whole."""


async def read_body(scope: "Scope", receive: "Receive", bytes_max: int) -> bytes:
    """Return the body of a request.

    Raises:
        BodyTooLongError: It has, or says that it has, more bytes than it may.
        DisconnectedError: The client went away.
    """
    said = _said_bytes(scope)
    if said == 0:
        return b""
    if said is not None and said > bytes_max:
        raise BodyTooLongError
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        body += message.get("body", b"")
        if len(body) > bytes_max:
            raise BodyTooLongError
        if not message.get("more_body", False):
            return bytes(body)


def _said_bytes(scope: "Scope") -> int | None:
    """Return how long the headers say that the body is, None where they say it comes in pieces."""
    length = 0
    for name, value in scope["headers"]:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length":
            # The parser has seen to it that these are digits.
            length = int(value)
    return length
