"""Two servers that parse a signed order, check it and answer: what HTTP itself costs."""

import hmac
import socket
import sys
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SECRET: Final = "0" * 64
"""What the requests to an echo are signed with."""

_encode = msgspec.json.Encoder().encode
_HEADERS: Final = [(b"content-type", b"application/json")]


def answer(query: bytes) -> bytes:
    """Return what is told of a signed query; an empty object where the signature is wrong."""
    payload, _, signature = query.rpartition(b"&signature=")
    expected = hmac.digest(SECRET.encode(), payload, "sha256").hex()
    if not hmac.compare_digest(expected, signature.decode()):
        return b"{}"
    said = dict(parse_qsl(payload.decode()))
    return _encode({"symbol": said["symbol"], "orderId": 1, "status": "NEW", **said})


async def bare(scope: Any, _receive: Any, send: Any) -> None:  # noqa: ANN401 - as ASGI has it
    """Answer as an ASGI callable."""
    body = answer(scope["query_string"])
    headers = [*_HEADERS, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _starlette(request: Request) -> Response:
    return Response(answer(request.scope["query_string"]), media_type="application/json")


def main(kind: str) -> None:
    """Serve an echo, `bare` or `starlette`, on a free port, which is the first line of output."""
    app: Any = bare
    if kind == "starlette":
        app = Starlette(routes=[Route("/api/v3/order", _starlette, methods=["POST"])])
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1_024)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
    )
    uvicorn.Server(config).run(sockets=[listener])
