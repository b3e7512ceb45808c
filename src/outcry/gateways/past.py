"""How long a reader waits for the history, and what it is told where that does not help."""

import contextlib
from typing import TYPE_CHECKING

from outcry.errors import ExchangeHalted, ProjectionLagging

if TYPE_CHECKING:
    from outcry.exchange import AsyncExchange
    from outcry.projections.history import History, OrderRow


async def caught_up(exchange: "AsyncExchange", history: "History", timeout_s: float) -> "History":
    """Return the history once it has what is durable now.

    Raises:
        ProjectionLagging: It took longer.
        ExchangeHalted: It took longer and the exchange has stopped: what the history lacks may be
            events that found no room on the disk, and those come with the next start.
    """
    sequence = exchange.parts.native.delivered_sequence()
    try:
        await history.wait(sequence, timeout_s)
    except ProjectionLagging:
        halt = exchange.halt
        if halt is not None:
            raise ExchangeHalted(*halt) from None
        raise
    return history


async def past_order(
    exchange: "AsyncExchange", history: "History", timeout_s: float, account: int, order_id: int
) -> "OrderRow | None":
    """Return an account's order as the history has it, None for an unknown one.

    One that has ended is told without waiting, for nothing of it changes any more.

    Raises:
        ProjectionLagging: The history did not have what is durable in time.
        ExchangeHalted: As `caught_up`.
    """
    with contextlib.suppress(ProjectionLagging):
        row = await history.order(account, order_id)
        if row is not None and not row.state.is_open:
            return row
    return await (await caught_up(exchange, history, timeout_s)).order(account, order_id)
