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
    if not _says_body(scope):
        return b""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body", False) or message["type"] == "http.disconnect":
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        if len(body) > bytes_max:
            raise BodyTooLongError
        message = await receive()
        body += message.get("body", b"")
    if len(body) > bytes_max:
        raise BodyTooLongError
    return body


def _says_body(scope: "Scope") -> bool:
    for name, value in scope["headers"]:
        if name == b"transfer-encoding" or (name == b"content-length" and value != b"0"):
            return True
    return False
