"""The server: opens all that a venue is made of, serves it, and closes it in order."""

import asyncio
import gc
import os
import resource
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import uvicorn
import uvloop

from outcry.exchange import AsyncExchange, Exchange
from outcry.gateways.app import application
from outcry.gateways.binance import ROUTES, Api
from outcry.gateways.connection import BoundedProtocol, protocol_of
from outcry.gateways.connections import Connections
from outcry.gateways.cores import spare_core
from outcry.gateways.keys import KeyStore
from outcry.gateways.limits import OrderCounts, RequestWeights
from outcry.gateways.logs import configure_logs
from outcry.gateways.plain import plain_application
from outcry.gateways.projector import Projector
from outcry.gateways.venue import Venue
from outcry.projections.history import History
from outcry.settings import ServeSettings, Settings

INTERRUPTED: Final = 130
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
# Objects made and not freed before the collector looks at the young ones.
_COLLECTED_FROM: Final = 50_000
_MS_PER_S: Final = 1_000
# Files that a server has open beside its connections.
_OTHER_FILES: Final = 512

Ready = Callable[[Venue, str], None]
"""Is told of the venue and its address, once it takes requests."""

Prepare = Callable[[Venue], AbstractContextManager[None]]
"""Makes of a venue what goes on beside its server."""


def serve(
    directory: Path, settings: Settings, ready: Ready, prepare: Prepare | None = None
) -> None:
    """Serve the exchange of a directory until a signal asks to end; a second one ends at once.

    Args:
        directory: The exchange's directory; made where there is none.
        settings: How it runs and is served.
        ready: Is called once the first request can come.
        prepare: What goes on beside the server, from before its start to behind its end.

    Raises:
        OutcryError: The directory cannot be opened.
        OSError: The address cannot be listened on.
    """
    configure_logs(settings.serve)
    _raise_files(settings.serve.connections_max + _OTHER_FILES)
    with _listener(settings.serve) as listener:
        uvloop.run(_serve(directory, settings, listener, ready, prepare))


async def _serve(
    directory: Path,
    settings: Settings,
    listener: socket.socket,
    ready: Ready,
    prepare: Prepare | None,
) -> None:
    bounds = settings.serve
    async with AsyncExitStack() as stack:
        venue = await stack.enter_async_context(open_venue(directory, settings))
        if prepare is not None:
            await stack.enter_async_context(_in_thread(prepare(venue)))
        connections = Connections.of(bounds)
        api = Api(venue, ROUTES)
        app = application(api, plain_application(venue, connections))
        server = _Server(_config(app, protocol_of(connections, api), bounds))
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, server.ask_to_end)
        sweeping = asyncio.create_task(connections.sweep())
        limiting = asyncio.create_task(venue.answering.sweep())
        _settle_memory()

        def started() -> None:
            if bounds.spare_core:
                spare_core()
            ready(venue, _address_of(listener))
            # Whoever asks first for candles would wait for this import, and all others with it.
            loop.run_in_executor(None, import_module, "polars")

        server.when_started = started
        try:
            await server.serve(sockets=[listener])
        finally:
            sweeping.cancel()
            limiting.cancel()


@asynccontextmanager
async def _in_thread(block: AbstractContextManager[None]) -> AsyncIterator[None]:
    """Enter and leave a block that waits, with the loop free meanwhile."""
    await asyncio.to_thread(block.__enter__)
    try:
        yield
    finally:
        await asyncio.to_thread(block.__exit__, None, None, None)


@asynccontextmanager
async def open_venue(directory: Path, settings: Settings) -> AsyncIterator[Venue]:
    """Open an exchange and all that is served of it; close it behind the block."""
    async with AsyncExitStack() as stack:
        opened = await asyncio.to_thread(Exchange.open, directory, settings)
        stack.push_async_callback(asyncio.to_thread, opened.close)
        projector = Projector(directory, spares_core=settings.serve.spare_core)
        await projector.start()
        stack.push_async_callback(projector.stop)
        exchange = AsyncExchange(opened)
        stack.push_async_callback(exchange.close)
        keys = stack.enter_context(KeyStore(directory, keys_max=settings.serve.keys_max))
        history = await stack.enter_async_context(History(directory))
        venue = Venue(
            opened=opened,
            exchange=exchange,
            history=history,
            keys=keys,
            projector=projector,
            weights=RequestWeights.of(settings.serve),
            order_counts=OrderCounts.of(settings.serve),
            settings=settings.serve,
        )
        watching = asyncio.create_task(venue.readiness.watch())
        stack.callback(watching.cancel)
        venue.markets.start()
        stack.push_async_callback(venue.markets.stop)
        yield venue


class _Server(uvicorn.Server):
    """uvicorn's server, with signals of our own and word of its start."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.when_started: Callable[[], None] = lambda: None

    def ask_to_end(self) -> None:
        """End in order; at once where it was asked before."""
        if self.should_exit:
            # What was acknowledged stands in the journal: nothing is lost by this.
            os._exit(INTERRUPTED)
        self.should_exit = True

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve, without taking over the signals."""
        await self._serve(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        self.when_started()


def _config(app: Any, protocol: type[BoundedProtocol], bounds: ServeSettings) -> uvicorn.Config:  # noqa: ANN401
    return uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=bounds.keep_alive_ms // _MS_PER_S + 1,
        timeout_graceful_shutdown=bounds.stop_timeout_ms // _MS_PER_S + 1,
    )


def _settle_memory() -> None:
    """Leave what stands at the start out of the collector's rounds, and make these rare.

    A request leaves no cycles behind it; a round would look at all that is open each time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECTED_FROM, 20, 100)


def _listener(bounds: ServeSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in bounds.host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((bounds.host, bounds.port))
        listener.listen(bounds.backlog)
    except OSError as error:
        listener.close()
        error.filename = f"{bounds.host}:{bounds.port}"
        raise
    return listener


def _address_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _raise_files(wanted: int) -> None:
    """Let this process have as many files open as it may, up to what its connections need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
