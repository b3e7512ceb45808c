"""Assets, what accounts have of them, and money on its way out."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from outcry._native import to_decimal, to_units
from outcry.exchange.values import AMOUNT_MAX, Number
from outcry.protocol import ASSET, AccountState, rows_of

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

FEE_ACCOUNT = (1 << 32) - 1
"""The venue's account of fees: it may transfer and withdraw, not trade."""

EXTERNAL_ACCOUNT = 0
"""The account of what is on deposit, with its sign turned."""

Source = tuple[int, int]
"""Where money comes from or goes to, and that source's rising number; both from 1."""


@dataclass(frozen=True, slots=True)
class Asset:
    """What accounts have: a currency, a coin, a share.

    Attributes:
        number: Its number in commands, from 1.
        name: Its name.
        decimals: Decimals of its smallest unit.

    >>> Asset(1, "BTC", 8).units("0.5"), Asset(1, "BTC", 8).amount(50_000_000)
    (50000000, Decimal('0.50000000'))
    """

    number: int
    name: str
    decimals: int

    def units(self, amount: Number, field: str = "amount") -> int:
        """Return an amount in smallest units.

        Raises:
            InvalidValue: It is a float, not finite, not above 0, no whole number of smallest
                units, or above 2^100 of them; the text calls it `field`.
        """
        return to_units(field, amount, 1, self.decimals, AMOUNT_MAX)

    def amount(self, units: int) -> Decimal:
        """Return so many smallest units, which may be below 0, as an amount."""
        size = to_decimal(abs(units), 1, self.decimals)
        return size.copy_negate() if units < 0 else size


@dataclass(frozen=True, slots=True)
class Account:
    """What an account may do and what it pays.

    Attributes:
        number: Its number, from 1.
        state: What it may do.
        maker_rate_ppm: What it pays as a maker, in parts per million of what it receives.
        taker_rate_ppm: What it pays as a taker.
        group: The group that self-trade prevention goes by.
    """

    number: int
    state: AccountState
    maker_rate_ppm: int
    taker_rate_ppm: int
    group: int


class Balance(NamedTuple):
    """What an account has of an asset.

    Attributes:
        available: Free to trade, to withdraw, to pay with.
        held: Held by open orders and pending withdrawals.
    """

    available: Decimal
    held: Decimal


class Withdrawal(NamedTuple):
    """Money that is held until `settle_withdrawal` says that it left, or stays.

    Attributes:
        sequence: Its name: the sequence of the command that asked for it.
        account: Whose it is.
        asset: The asset's name.
        amount: How much.
    """

    sequence: int
    account: int
    asset: str
    amount: Decimal


def read_assets(records: "ReadableBuffer") -> tuple[Asset, ...]:
    """Read assets from rows of dtype `ASSET`."""
    rows = rows_of(records, ASSET)[["asset", "name", "decimals"]].tolist()
    return tuple(Asset(number, name.decode("ascii"), decimals) for number, name, decimals in rows)
