"""Commands as the core takes them: records of those that steer, the fields of a stop."""

import numpy as np

from outcry.errors import InvalidValue
from outcry.exchange.instrument import Instrument
from outcry.exchange.values import U32_MAX, U64_MAX, Number, choices, chosen, to_whole
from outcry.protocol import (
    ACCOUNT,
    ADMIN,
    MASS_CANCEL,
    VERSION,
    AccountState,
    CommandKind,
    StopUnit,
    TradingState,
    Trigger,
)

_TRIGGERS = choices(Trigger)
_TRAIL_PPM_MAX = 999_999


def admin(
    kind: CommandKind,
    *,
    instrument: int = 0,
    state: TradingState | None = None,
    price_ticks: int = 0,
    time_ns: int = 0,
) -> bytes:
    """Return `set_state`, `set_reference`, `end_session` or `advance_time`."""
    record = np.zeros(1, ADMIN)
    record["kind"] = kind
    record["version"] = VERSION
    record["instrument"] = instrument
    record["time_ns"] = to_whole("time_ns", time_ns, U64_MAX)
    record["state"] = state or 0
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


def stop_fields(
    instrument: Instrument,
    stop: Number | None,
    trigger: Trigger | str | None,
    trail: Number | None,
    trail_ppm: int | None,
) -> tuple[int, int, StopUnit]:
    """Return stop, trigger and unit as a record holds them; what belongs together the core says."""
    given = {"stop": stop, "trail": trail, "trail_ppm": trail_ppm}
    said = [name for name, value in given.items() if value is not None]
    if len(said) > 1:
        raise InvalidValue("stop", " and ".join(said), "must not be given together")
    side = 0 if trigger is None else chosen("trigger", trigger, _TRIGGERS)
    if trail is not None:
        return instrument.ticks(trail, "trail"), side, StopUnit.TRAIL_TICKS
    if trail_ppm is not None:
        return to_whole("trail_ppm", trail_ppm, _TRAIL_PPM_MAX), side, StopUnit.TRAIL_PPM
    return 0 if stop is None else instrument.ticks(stop, "stop"), side, StopUnit.PRICE
