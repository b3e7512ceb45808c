"""Commands as the core takes them: the records of those that steer and of those that move money.

Time stands in each at the same place; whoever sends a record writes it there.
"""

import numpy as np
import numpy.typing as npt

from outcry.errors import InvalidValue
from outcry.exchange.funds import Asset, Source
from outcry.exchange.values import U32_MAX, U64_MAX, shown, to_between, to_flag, to_whole
from outcry.protocol import (
    ACCOUNT,
    ADMIN,
    ASSET,
    FUNDS,
    MASS_CANCEL,
    SETTLE,
    VERSION,
    CommandKind,
    DTypeStruct,
)

RATE_MAX_PPM = 1_000_000
_REQUEST_MAX = (1 << 128) - 1


def admin(
    kind: CommandKind, *, instrument: int = 0, state: int = 0, price_ticks: int = 0
) -> npt.NDArray[np.void]:
    """Return `set_state`, `set_reference`, `end_session` or `advance_time`."""
    record = record_of(ADMIN, kind)
    record["instrument"] = instrument
    record["state"] = state
    record["price_ticks"] = price_ticks
    return record


def mass_cancel(*, account: int, instrument: int, side: int) -> npt.NDArray[np.void]:
    """Return a cancel of all orders that match; 0 matches all."""
    record = record_of(MASS_CANCEL, CommandKind.MASS_CANCEL)
    record["instrument"] = instrument
    record["account"] = to_whole("account", account, U32_MAX)
    record["side"] = side
    return record


def add_asset(asset: Asset) -> npt.NDArray[np.void]:
    """Return a new asset."""
    record = record_of(ASSET, CommandKind.ADD_ASSET)
    record["asset"] = asset.number
    record["name"] = asset.name.encode("ascii")
    record["decimals"] = asset.decimals
    return record


def set_account(
    *, account: int, state: int, maker_rate_ppm: int, taker_rate_ppm: int, group: int
) -> npt.NDArray[np.void]:
    """Return an account's state, fee rates and trade group; group 0 is the account alone."""
    record = record_of(ACCOUNT, CommandKind.SET_ACCOUNT)
    record["account"] = to_whole("account", account, U32_MAX)
    record["group"] = to_whole("group", group, U32_MAX)
    rate = to_between("maker_rate_ppm", maker_rate_ppm, -RATE_MAX_PPM, RATE_MAX_PPM)
    record["maker_rate_ppm"] = rate
    record["taker_rate_ppm"] = to_whole("taker_rate_ppm", taker_rate_ppm, RATE_MAX_PPM)
    record["state"] = state
    return record


def deposit(account: int, asset: int, units: int, source: Source) -> npt.NDArray[np.void]:
    """Return money in."""
    record = _funds(CommandKind.DEPOSIT, account, asset, units)
    record["request_id"] = numbered(source)
    return record


def withdraw(account: int, asset: int, units: int, request_id: int) -> npt.NDArray[np.void]:
    """Return money that is held until it is known to have left."""
    record = _funds(CommandKind.WITHDRAW, account, asset, units)
    record["request_id"] = request(request_id)
    return record


def transfer(
    payer: int, payee: int, asset: int, units: int, source: Source
) -> npt.NDArray[np.void]:
    """Return money from one account to another."""
    record = _funds(CommandKind.TRANSFER, payer, asset, units, "payer")
    record["to_account"] = to_whole("payee", payee, U32_MAX)
    record["request_id"] = numbered(source)
    return record


def settle_withdrawal(sequence: int, *, posted: bool, source: Source) -> npt.NDArray[np.void]:
    """Return the end of a withdrawal."""
    record = record_of(SETTLE, CommandKind.SETTLE_WITHDRAWAL)
    record["source"] = numbered(source)
    record["withdrawal_sequence"] = to_whole("withdrawal", sequence, U64_MAX)
    record["post"] = to_flag("posted", posted)
    return record


def request(request_id: int) -> tuple[int, int]:
    """Return a request id as its two words, low word first.

    Raises:
        InvalidValue: It is no integer of 128 bits.
    """
    whole = to_whole("request_id", request_id, _REQUEST_MAX)
    return whole & U64_MAX, whole >> 64


def numbered(source: Source) -> Source:
    """Return a source and its rising number.

    Raises:
        InvalidValue: They are not two integers of 64 bits above 0.
    """
    try:
        name, number = source
    except (TypeError, ValueError):
        bound = "must be a source and its rising number"
        raise InvalidValue("source", shown(source), bound) from None
    return to_between("source", name, 1, U64_MAX), to_between("source", number, 1, U64_MAX)


def _funds(
    kind: CommandKind, account: int, asset: int, units: int, field: str = "account"
) -> npt.NDArray[np.void]:
    record = record_of(FUNDS, kind)
    record["asset"] = asset
    record["account"] = to_whole(field, account, U32_MAX)
    record["amount"] = units & U64_MAX, units >> 64
    return record


def record_of(dtype: DTypeStruct, kind: CommandKind) -> npt.NDArray[np.void]:
    """Return one record of this kind, all else in it zero."""
    record = np.zeros(1, dtype)
    record["kind"] = kind
    record["version"] = VERSION
    return record
