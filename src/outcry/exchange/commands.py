"""Commands as the core takes them: the records of those that steer."""

import numpy as np

from outcry.exchange.values import U32_MAX, U64_MAX, to_whole
from outcry.protocol import (
    ACCOUNT,
    ADMIN,
    MASS_CANCEL,
    VERSION,
    AccountState,
    CommandKind,
)


def admin(
    kind: CommandKind,
    *,
    instrument: int = 0,
    state: int = 0,
    price_ticks: int = 0,
    time_ns: int = 0,
) -> bytes:
    """Return `set_state`, `set_reference`, `end_session` or `advance_time`."""
    record = np.zeros(1, ADMIN)
    record["kind"] = kind
    record["version"] = VERSION
    record["instrument"] = instrument
    record["time_ns"] = to_whole("time_ns", time_ns, U64_MAX)
    record["state"] = state
    record["price_ticks"] = price_ticks
    return record.tobytes()


def mass_cancel(*, account: int, instrument: int, side: int, time_ns: int) -> bytes:
    """Return a cancel of all orders that match; 0 matches all."""
    record = np.zeros(1, MASS_CANCEL)
    record["kind"] = CommandKind.MASS_CANCEL
    record["version"] = VERSION
    record["instrument"] = instrument
    record["time_ns"] = to_whole("time_ns", time_ns, U64_MAX)
    record["account"] = to_whole("account", account, U32_MAX)
    record["side"] = side
    return record.tobytes()


def set_account(*, account: int, group: int, time_ns: int) -> bytes:
    """Return an active account of a trade group; 0 makes it its own group."""
    record = np.zeros(1, ACCOUNT)
    record["kind"] = CommandKind.SET_ACCOUNT
    record["version"] = VERSION
    record["time_ns"] = to_whole("time_ns", time_ns, U64_MAX)
    record["account"] = to_whole("account", account, U32_MAX)
    record["group"] = to_whole("group", group, U32_MAX)
    record["state"] = AccountState.ACTIVE
    return record.tobytes()
