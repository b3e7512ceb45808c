"""What the server writes of itself: one line for an event, as JSON or for a console."""

import logging
import sys
import warnings
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

import structlog

if TYPE_CHECKING:
    from structlog.typing import Processor

    from outcry.settings import ServeSettings

REQUEST_ID: Final[ContextVar[int]] = ContextVar("REQUEST_ID", default=0)
"""The request that is being answered, 0 for none; every line that is written meanwhile has it."""

log = structlog.get_logger("outcry.requests")


class _Weight:
    """What `configure_logs` was told, for those who ask before they make a line."""

    is_debugging = False


_weight = _Weight()


def configure_logs(settings: "ServeSettings") -> None:
    """Write events to stderr as `log_format` says, from the weight of `log_level` on.

    Lines of libraries that use Python's own logging come in the same form.
    """
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[Processor] = [
        add_request_id,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer = _renderer(settings.log_format)
    _weight.is_debugging = level <= logging.DEBUG
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Servers and drivers tell each connection at lower weights.
    root.setLevel(max(level, logging.WARNING))
    # The hook is given six arguments, of which one is told.
    warnings.showwarning = _warn  # type: ignore[assignment]


def _warn(message: Warning | str, *_where: object) -> None:
    structlog.get_logger("outcry.warnings").warning("warned", problem=str(message))


def add_request_id(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Name the request that an event belongs to, as the header `x-request-id` does."""
    request_id = REQUEST_ID.get()
    if request_id:
        event.setdefault("request_id", f"{request_id:032x}")
    return event


def is_debugging() -> bool:
    """Return whether lines of weight `debug` are written."""
    return _weight.is_debugging


def log_request(method: str, path: str, status: int, duration_ns: int) -> None:
    """Write the line of a request, which has weight `debug`."""
    log.debug("request", method=method, path=path, status=status, duration_us=duration_ns // 1_000)


def _renderer(log_format: str) -> "Processor":
    if log_format == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
