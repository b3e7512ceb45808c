"""Parameters of a call, read as what they must be."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final, NamedTuple, Protocol, TypeVar

import msgspec

from outcry.errors import OutcryError
from outcry.exchange import Instrument
from outcry.gateways.binance.errors import (
    INVALID_SYMBOL,
    ApiError,
    empty,
    illegal,
    missing,
    not_valid,
    too_precise,
)
from outcry.gateways.figures import PLACES
from outcry.gateways.times import NS_PER_MS, NS_PER_US

T = TypeVar("T")
Parameters = Mapping[str, str]

_NUMBER: Final = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
_WHOLE: Final = r"^[0-9]{1,20}$"
_CLIENT_ID: Final = r"^[\.A-Z\:/a-z0-9_-]{1,36}$"
_SYMBOL: Final = r"^[A-Z0-9-_.]{1,20}$"
_SYMBOLS: Final = r"^\[(\"[A-Z0-9-_.]{1,20}\"(,\"[A-Z0-9-_.]{1,20}\"){0,}){0,1}\]$"
_is_symbol = re.compile(_SYMBOL.replace("$", r"\Z"), re.ASCII).match
_is_number = re.compile(_NUMBER.replace("$", r"\Z"), re.ASCII).match
_is_whole = re.compile(_WHOLE.replace("$", r"\Z"), re.ASCII).match
_is_client_id = re.compile(_CLIENT_ID.replace("$", r"\Z"), re.ASCII).match

MICROSECONDS_FROM: Final = 100_000_000_000_000
"""From here on a time counts microseconds: as milliseconds it lies in the year 5138."""

_LAST_NS: Final = (1 << 63) - 1
TIME_MAX_US: Final = _LAST_NS // NS_PER_US
"""The latest time that can be told, in microseconds since 1970 UTC."""

_U64_MAX: Final = (1 << 64) - 1


class Finder(Protocol):
    """What knows instruments by symbol."""

    def instrument(self, symbol: str) -> Instrument:
        """Return the instrument of a symbol."""
        ...


def text(parameters: Parameters, name: str) -> str:
    """Return a parameter that must be there."""
    found = parameters.get(name)
    if not found:
        raise missing(name)
    return found


def decimal(parameters: Parameters, name: str, instrument: Instrument) -> Decimal:
    """Return a decimal number of an instrument's order.

    Raises:
        ApiError: It is missing, no plain decimal number, not above 0, or has more decimals than
            any number of the instrument.
    """
    found = text(parameters, name)
    if not _is_number(found):
        raise illegal(name, _NUMBER)
    point = found.find(".")
    if point >= 0 and len(found) - point - 1 > PLACES:
        # Zeros say nothing.
        found = found.rstrip("0")
        if len(found) - point - 1 > _decimals_max(instrument):
            raise too_precise(name)
    value = Decimal(found)
    if not value:
        raise ApiError(-1013, f"Invalid {name}.")
    return value


def _decimals_max(instrument: Instrument) -> int:
    """Return how many decimals a number of an instrument can have."""
    steps = (instrument.tick_increment, instrument.lot_increment)
    return max(PLACES, instrument.quote_decimals, *(decimals for _, decimals in steps))


def whole_or_none(parameters: Parameters, name: str, most: int = _U64_MAX) -> int | None:
    """Return a whole number, None where it is not there.

    Raises:
        ApiError: It is empty, no whole number, or above `most`.
    """
    found = parameters.get(name)
    if found is None:
        return None
    if not found:
        raise empty(name)
    if not _is_whole(found):
        raise illegal(name, _WHOLE)
    value = int(found)
    if value > most:
        raise not_valid(name)
    return value


def whole(parameters: Parameters, name: str, most: int = _U64_MAX) -> int:
    """Return a whole number that must be there; raises as `whole_or_none`."""
    if not parameters.get(name):
        raise missing(name)
    found = whole_or_none(parameters, name, most)
    assert found is not None
    return found


class Time(NamedTuple):
    """A time that a call says, in milliseconds or microseconds.

    Attributes:
        first_ns: Its first nanosecond, since 1970 UTC.
        last_ns: Its last one.
    """

    first_ns: int
    last_ns: int


def time_or_none(parameters: Parameters, name: str) -> Time | None:
    """Return a time, None where it is not there.

    Raises:
        ApiError: It is no whole number, or later than microseconds can tell; milliseconds that
            nanoseconds cannot tell stand for the last one.

    >>> time_or_none({"startTime": "1500000000000"}, "startTime")
    Time(first_ns=1500000000000000000, last_ns=1500000000000999999)
    >>> time_or_none({"startTime": "1500000000000001"}, "startTime")
    Time(first_ns=1500000000000001000, last_ns=1500000000000001999)
    """
    found = whole_or_none(parameters, name, TIME_MAX_US)
    if found is None:
        return None
    unit_ns = NS_PER_US if found >= MICROSECONDS_FROM else NS_PER_MS
    first_ns = found * unit_ns
    return Time(min(first_ns, _LAST_NS), min(first_ns + unit_ns - 1, _LAST_NS))


def page_size(parameters: Parameters, usual: int, most: int) -> int:
    """Return how many rows are asked for; more than `most` is `most`.

    Raises:
        ApiError: It is no whole number above 0.
    """
    found = whole_or_none(parameters, "limit")
    if found is None:
        return usual
    if found == 0:
        raise not_valid("limit")
    return min(found, most)


def client_id_or_none(parameters: Parameters, name: str) -> str | None:
    """Return a client's name for an order, None where it is not there.

    Raises:
        ApiError: It is empty, too long, or has other characters than the API takes.
    """
    found = parameters.get(name)
    if found == "":
        raise empty(name)
    if found is not None and not _is_client_id(found):
        raise illegal(name, _CLIENT_ID)
    return found


def choice_or_none(parameters: Parameters, name: str, choices: Mapping[str, T]) -> T | None:
    """Return what a word of a closed set means, None where it is not there.

    Raises:
        ApiError: It is empty, or none of the set.
    """
    found = parameters.get(name)
    if found is None:
        return None
    if not found:
        raise empty(name)
    if found not in choices:
        raise not_valid(name)
    return choices[found]


def truth(parameters: Parameters, name: str, *, usual: bool = False) -> bool:
    """Return whether a parameter is `true`, what is usual where it is not there.

    Raises:
        ApiError: It is neither.
    """
    found = choice_or_none(parameters, name, _TRUTHS)
    return usual if found is None else found


# Some clients say it as Python does.
_TRUTHS: Final = {"true": True, "false": False, "True": True, "False": False}


def names(parameters: Parameters, name: str, most: int) -> list[str] | None:
    """Return a list of names, said as a JSON array; None where it is not there.

    Raises:
        ApiError: It is no array of texts, too long, or has one twice.
    """
    found = parameters.get(name)
    if found is None:
        return None
    try:
        listed = msgspec.json.decode(found, type=list[str])
    except msgspec.DecodeError:
        raise illegal(name, _SYMBOLS) from None
    if len(listed) > most:
        raise ApiError(-1101, f"Too many values sent for parameter '{name}', at most {most}.")
    if len(set(listed)) < len(listed):
        raise ApiError(-1151, "Symbol is present multiple times in the list.")
    return listed


def require_known(parameters: Parameters, known: frozenset[str]) -> None:
    """Refuse parameters that the route does not read.

    Raises:
        ApiError: There is one.
    """
    if not known.issuperset(parameters):
        read = len(parameters.keys() & known)
        raise ApiError(
            -1104,
            f"Not all sent parameters were read; read '{read}' parameter(s)"
            f" but was sent '{len(parameters)}'.",
        )


def instrument(find: Finder, parameters: Parameters) -> Instrument:
    """Return the instrument that a call is about.

    Raises:
        ApiError: It is not said, or there is none of that symbol.
    """
    symbol = text(parameters, "symbol")
    try:
        return find.instrument(symbol)
    except (OutcryError, ValueError):
        raise _no_symbol(symbol, "symbol", _SYMBOL) from None


def instruments(find: Finder, symbols: Iterable[str]) -> list[Instrument]:
    """Return the instruments that a call lists.

    Raises:
        ApiError: There is none of a symbol.
    """
    found = []
    for symbol in symbols:
        try:
            found.append(find.instrument(symbol))
        except (OutcryError, ValueError):
            raise _no_symbol(symbol, "symbols", _SYMBOLS) from None
    return found


def _no_symbol(symbol: str, name: str, legal: str) -> ApiError:
    """Return the error of a symbol that none is called, in words of its own where none can be."""
    return ApiError(*INVALID_SYMBOL) if _is_symbol(symbol) else illegal(name, legal)
