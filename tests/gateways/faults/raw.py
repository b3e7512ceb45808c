"""Sockets that send bytes as they are, and read what comes back as HTTP says it must be."""

import os
import socket
import struct
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from outcry.gateways.keys import NewKey
from tests.gateways.desk import Params, Reply, signed

PATIENCE_S: Final = 120
"""How long anything is waited for: the machine may have other things to do."""

PING: Final = b"GET /api/v3/ping HTTP/1.1\r\nhost: x\r\n\r\n"


class RawReply(Reply):
    """What came back over a socket."""

    @property
    def error(self) -> tuple[int, int, str]:
        """Return status, code and text of an error of the spot API."""
        assert self.headers["content-type"] == "application/json;charset=UTF-8", self
        return super().error


class Raw:
    """A connection to a server.

    Args:
        address: Where the server is.
        source: The address to come from.
        read_bytes: The room of the socket for what is not read yet, None for the usual one.
    """

    def __init__(
        self, address: str, source: str = "127.0.0.1", read_bytes: int | None = None
    ) -> None:
        where = urlsplit(address)
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE_S)
        if read_bytes is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, read_bytes)
        self.socket.bind((source, 0))
        self.socket.connect((where.hostname, where.port))
        self._read = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.socket.close()

    def send(self, data: bytes) -> Self:
        """Send bytes; a server that does not want them all may close before."""
        try:
            self.socket.sendall(data)
        except (ConnectionResetError, BrokenPipeError):
            # What it said before is there to be read.
            return self
        return self

    def end(self) -> Self:
        """Say that nothing more will be sent."""
        self.socket.shutdown(socket.SHUT_WR)
        return self

    def reset(self) -> None:
        """Break the connection off."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def leave(self) -> None:
        """Say that nothing more will be sent, and wait until the server has ended, too."""
        with self:
            self.end()
            while self.socket.recv(1 << 16):
                pass

    def reply(self, *, has_body: bool = True) -> RawReply:
        """Read one reply.

        Raises:
            EOFError: The connection ended before.
        """
        while b"\r\n\r\n" not in self._read:
            self._more()
        head, _, self._read = self._read.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        version, status, _ = first.split(" ", 2)
        assert version == "HTTP/1.1"
        headers = dict(line.split(": ", 1) for line in lines)
        assert len(headers) == len(lines), head
        length = int(headers.get("content-length", 0)) if has_body else 0
        while len(self._read) < length:
            self._more()
        raw, self._read = self._read[:length], self._read[length:]
        return RawReply(int(status), {name.lower(): headers[name] for name in headers}, raw)

    def is_closed(self) -> bool:
        """Wait for what comes next; return whether it is the connection's end."""
        try:
            self._more()
        except (EOFError, ConnectionResetError):
            return not self._read
        return False

    def _more(self) -> None:
        came = self.socket.recv(1 << 16)
        if not came:
            raise EOFError(self._read)
        self._read += came


def asked(address: str, data: bytes) -> RawReply:
    """Send bytes over a connection of their own and return the first reply."""
    with Raw(address) as raw:
        return raw.send(data).reply()


def post(path: str, body: bytes, *fields: str, method: str = "POST") -> bytes:
    """Return a request with a body of known length."""
    lines = [f"{method} {path} HTTP/1.1", "host: x", f"content-length: {len(body)}", *fields]
    return "\r\n".join([*lines, "\r\n"]).encode() + body


def chunked(path: str, *chunks: bytes) -> bytes:
    """Return a request whose body comes in chunks."""
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n".encode()
    return head + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))


def signed_request(key: NewKey, method: str, path: str, said: Params) -> bytes:
    """Return a signed request below `/api/v3`, all in its query."""
    stamp = {"timestamp": time.time_ns() // 1_000_000, "recvWindow": 60_000}
    query = signed(key, {**said, **stamp}).decode()
    lines = [f"{method} /api/v3/{path}?{query} HTTP/1.1", f"x-mbx-apikey: {key.api_key}", "\r\n"]
    return "\r\n".join(lines).encode()


def resident_bytes(process: int) -> int:
    """Return how much memory a process has."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
