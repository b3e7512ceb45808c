"""The part of `outcry._native` that does for the gateways what each request needs."""

from asyncio import Future
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar, final

import numpy.typing as npt
from _typeshed import ReadableBuffer

from outcry._native import OrderEntry

# NumPy's stubs tell that an array is a buffer from Python 3.12 on only.
_Bytes: TypeAlias = ReadableBuffer | npt.NDArray[Any]
_Side = TypeVar("_Side", bound=int)
_SelfTrade = TypeVar("_SelfTrade", bound=int)

# An `outcry.exchange.Instrument` and its `Placement`: they lie above.
_Instrument: TypeAlias = Any
_Placement: TypeAlias = Any

def read_form(raw: bytes, fields_max: int, left_out: str, /) -> tuple[dict[str, str], bytes]:
    """Return form fields, percent-decoded, and the form as it came but for the field `left_out`.

    Raises:
        ValueError: `illegal`: they are no text; `too_many`: there are more than `fields_max`;
            `repeated`: two have the same name.
    """

@final
class HmacSecret:
    """A secret that client and server share: HMAC-SHA256 (RFC 2104).

    Both comparisons take a time that says nothing of where the texts differ.
    """

    def __new__(cls, secret: bytes, /) -> HmacSecret: ...
    def verify(self, payload: bytes, signature: str, /) -> bool:
        """Tell whether a signature, in hexadecimal digits of either case, is the payload's."""

    def is_secret(self, text: str, /) -> bool:
        """Tell whether the text is the secret."""

    def material(self) -> bytes:
        """Return what the key is kept by."""

@final
class SpotInstrument:
    """An instrument as the spot API reads its orders and tells their results."""

    def __new__(cls, instrument: _Instrument, /) -> SpotInstrument: ...
    def read_order(self, said: dict[str, str], made_client_order_id: str, /) -> SpotOrder:
        """Return the new order that parameters say; without a name it gets the made one.

        Raises:
            ValueError: A parameter is missing, wrong, or has no place in this type of order: the
                kind of refusal, the parameter, and what more there is to say of it.
        """

@final
class SpotOrder:
    """A new order that was read; its numbers may still be no steps of its instrument."""

    @property
    def instrument(self) -> _Instrument:
        """What it trades."""

    @property
    def client_order_id(self) -> str:
        """The client's name for it, or the one that was made for it."""

    def arguments(self) -> dict[str, Any]:
        """Return what `place` takes of it; amount is None where the quantity is said."""

    def place(
        self, entry: OrderEntry, account: int, request_id: int, taker_rate_ppm: int, unit_ns: int, /
    ) -> Future[tuple[bytes, int, bool, bool, bool]]:
        """Place it; return its result as JSON, its id, whether it traded, is open, and made.

        An order that rested and set off a stop, which traded with it, was the maker of that trade:
        its result tells a taker's commission there, which is not what it paid.

        Args:
            entry: The exchange of an event loop.
            account: Whose it is.
            request_id: A number under which the account asks once only; 0 for none.
            taker_rate_ppm: What the account pays as a taker, in parts per million.
            unit_ns: The unit of the result's times, in nanoseconds.

        Raises:
            InvalidValue: A number is no step of its instrument.
            OrderRejected: The engine refused it.
            RequestRepeated: The account used the request id before.
        """

    def result_of(
        self, placement: _Placement, list_id: int, taker_rate_ppm: int, unit_ns: int, /
    ) -> bytes:
        """Return the result as JSON of its placement as an order of a list."""

@final
class OrderReports:
    """Tells open orders in words that it is given."""

    def __new__(
        cls,
        sides: Mapping[_Side, str],
        types: Mapping[tuple[int, int, int, bool], str],
        times_in_force: Mapping[tuple[int, int], str],
        statuses: Mapping[tuple[int, bool], str],
        self_trades: Mapping[_SelfTrade, str],
        /,
    ) -> OrderReports:
        """Take the words by the engine's numbers.

        Args:
            sides: By side.
            types: By type, side, trigger (0 for none) and whether it must not take.
            times_in_force: By time in force and type.
            statuses: By status and whether it has traded.
            self_trades: By mode.
        """

    @staticmethod
    def unclear(orders: _Bytes, /) -> list[int]:
        """Return the ids of those orders of which `OpenOrderRow`s do not tell all."""

    def text(
        self,
        orders: _Bytes,
        describe: Callable[[int], tuple[ReadableBuffer, object, object] | None],
        kept: Sequence[object],
        unit_ns: int,
        /,
    ) -> bytes:
        """Return a list of the reports of `OpenOrderRow`s as JSON.

        Args:
            orders: The rows.
            describe: Returns of an instrument's number its record, and more.
            kept: Those of them that are unclear, with the attributes of the history's `OrderRow`.
            unit_ns: The unit of times, in nanoseconds.

        Raises:
            KeyError: There is no word for an order.
        """

def balances_text(balances: _Bytes, assets: _Bytes, leaves_out_empty: bool, /) -> bytes:
    """Return a list of balances as the spot API's JSON.

    Args:
        balances: Rows of `BalanceRow`.
        assets: The records of the assets that are told, in their order.
        leaves_out_empty: Whether an asset without a row is not told; else it is told as nothing.
    """
