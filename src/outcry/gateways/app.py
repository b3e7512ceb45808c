"""The root of the server: hot routes go to callables of their own, all else to Starlette."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from outcry.gateways.binance import Api
from outcry.gateways.body import DisconnectedError

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


def application(api: Api, others: "Asgi") -> "Asgi":
    """Return the ASGI application of a server.

    Args:
        api: The spot API.
        others: What answers all paths that are not its own.
    """

    async def serve(scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "http" or not api.has(scope["path"]):
            await others(scope, receive, send)
            return
        try:
            await api(scope, receive, send)
        except DisconnectedError:
            # Nobody is left to answer to.
            return

    return serve
