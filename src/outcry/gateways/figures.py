"""How the numbers of an instrument are said: decimal texts of at least eight places."""

from decimal import ROUND_DOWN, Context, Decimal
from functools import lru_cache
from typing import Final

from outcry.exchange import Instrument
from outcry.protocol import Side

PLACES: Final = 8
"""Decimals of every number that the API tells; assets with more are told with all of theirs."""

# The usual 28 digits do not hold every value of a trade.
_EXACT: Final = Context(prec=100)
_RATES_KEPT: Final = 1_024
_NOTHING: Final = Decimal(0)


def format_of(decimals: int) -> str:
    """Return the format of numbers with so many decimals.

    >>> format(Decimal("0.5"), format_of(2))
    '0.50000000'
    """
    return f".{max(PLACES, decimals)}f"


class Figures:
    """Says the numbers of one instrument.

    Attributes:
        zero: Nothing, as a number.
    """

    __slots__ = (
        "_amount",
        "_base",
        "_price",
        "_quantity",
        "_quote",
        "zero",
    )

    def __init__(self, instrument: Instrument) -> None:
        self._price = format_of(_decimals(instrument.tick))
        self._quantity = format_of(instrument.base_decimals)
        self._amount = format_of(instrument.quote_decimals)
        self._base = (instrument.base, Decimal(1).scaleb(-instrument.base_decimals))
        self._quote = (instrument.quote, Decimal(1).scaleb(-instrument.quote_decimals))
        self.zero: Final = format(_NOTHING, format_of(0))

    def price(self, price: Decimal) -> str:
        """Say a price."""
        return format(price, self._price)

    def quantity(self, quantity: Decimal) -> str:
        """Say a quantity of the base asset."""
        return format(quantity, self._quantity)

    def amount(self, amount: Decimal) -> str:
        """Say an amount of the quote asset."""
        return format(amount, self._amount)

    def commission(
        self, side: Side, price: Decimal, quantity: Decimal, rate_ppm: int
    ) -> tuple[str, str]:
        """Return the fee of what a trade brings, and its asset.

        Rounded down to the asset's smallest unit, as the engine takes it.

        Args:
            side: Of the order that pays it.
            price: The trade's price.
            quantity: The trade's quantity.
            rate_ppm: The fee, in parts per million of what is received; a rebate is no fee.
        """
        if side is Side.BUY:
            (asset, unit), received, spec = self._base, quantity, self._quantity
        else:
            (asset, unit), received, spec = (
                self._quote,
                _EXACT.multiply(price, quantity),
                self._amount,
            )
        if rate_ppm <= 0:
            return self.zero, asset
        fee = _EXACT.multiply(received, _fraction(rate_ppm))
        return format(fee.quantize(unit, ROUND_DOWN, _EXACT), spec), asset


@lru_cache(_RATES_KEPT)
def _fraction(rate_ppm: int) -> Decimal:
    """Return a rate in parts per million as a number."""
    return Decimal(rate_ppm).scaleb(-6)


def _decimals(step: Decimal) -> int:
    exponent = step.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0
