"""An instrument: what is traded, in which steps and within which bounds."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Self

import numpy as np
import numpy.typing as npt

from outcry._native import to_decimal, to_increment, to_units
from outcry.errors import InvalidValue
from outcry.exchange.values import (
    AMOUNT_MAX,
    PRICE_TICKS_MAX,
    U32_MAX,
    U64_MAX,
    Increment,
    Number,
    to_whole,
)
from outcry.protocol import INSTRUMENT, INSTRUMENT_LIMITS, VERSION, CommandKind

_SYMBOL_MAX = 24
_TICKS_OR_LOTS_MAX = 1 << 50
_DECIMALS_MAX = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The bounds of an instrument's orders.

    A price, quantity or notional must be above 0; None leaves the bound to its default, or out. Of
    the counts and bands, 0 stands for no bound.

    Attributes:
        price_min: Lowest price; one tick by default.
        price_max: Highest price; by default 2^50 ticks, or fewer as with `quantity_max`.
        quantity_min: Smallest quantity; one lot by default.
        quantity_max: Greatest quantity; by default 2^50 lots, or fewer where the value of an order
            could pass 2^100 smallest units of its asset.
        notional_min: Least price times quantity, in the quote asset.
        notional_max: Greatest price times quantity, in the quote asset.
        band_ppm: Prices stay within so many parts per million of the reference price; by default
            anywhere.
        market_band_ppm: Market orders trade within so many parts per million of it; by default at
            any price.
        iceberg_parts_max: Most parts of an iceberg; venues usually allow 100.
        account_orders_max: Most open orders of one account.
        orders_max: Most open orders.
        account_stops_max: Most waiting stops of one account.
        stops_max: Most waiting stops.

    >>> Filters(price_max="100000.00", notional_min="10")
    Filters(price_min=None, price_max='100000.00', ..., notional_min='10', ...)
    """

    price_min: Number | None = None
    price_max: Number | None = None
    quantity_min: Number | None = None
    quantity_max: Number | None = None
    notional_min: Number | None = None
    notional_max: Number | None = None
    band_ppm: int = 0
    market_band_ppm: int = 0
    iceberg_parts_max: int = 100
    account_orders_max: int = 0
    orders_max: int = 0
    account_stops_max: int = 0
    stops_max: int = 0


_COUNTS = (
    "band_ppm",
    "market_band_ppm",
    "account_orders_max",
    "orders_max",
    "account_stops_max",
    "stops_max",
)


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument as it stands; prices and quantities convert by it, exactly.

    Attributes:
        number: Its number in commands, from 1.
        symbol: Its name.
        base: The asset that is bought and sold.
        quote: The asset that it is paid in.
        tick: The step of prices.
        lot: The step of quantities.
        base_decimals: Decimals of the base asset's smallest unit.
        quote_decimals: Decimals of the quote asset's smallest unit.
        filters: The bounds of its orders, in decimals.

    >>> from outcry import Engine
    >>> btc = Engine().add_instrument(
    ...     "BTCUSDT", base="BTC", quote="USDT", tick="0.01", lot="0.00001"
    ... )
    >>> btc.ticks("60000.00"), btc.lots("0.5")
    (6000000, 50000)
    >>> btc.price(6000000), btc.quantity(50000)
    (Decimal('60000.00'), Decimal('0.50000'))
    """

    number: int
    symbol: str
    base: str
    quote: str
    tick: Decimal
    lot: Decimal
    base_decimals: int
    quote_decimals: int
    filters: Filters
    _tick: Increment = field(repr=False)
    _lot: Increment = field(repr=False)

    @property
    def tick_increment(self) -> Increment:
        """The tick as a mantissa and its decimals."""
        return self._tick

    @property
    def lot_increment(self) -> Increment:
        """The lot as a mantissa and its decimals."""
        return self._lot

    def ticks(self, price: Number, name: str = "price") -> int:
        """Return a price in ticks.

        Raises:
            InvalidValue: It is a float, not finite, not above 0, no multiple of the tick, or above
                2^63 - 1 ticks; the text calls it `name`.
        """
        mantissa, decimals = self._tick
        return to_units(name, price, mantissa, decimals, PRICE_TICKS_MAX)

    def lots(self, quantity: Number, name: str = "quantity") -> int:
        """Return a quantity in lots.

        Raises:
            InvalidValue: It is a float, not finite, not above 0, no multiple of the lot, or above
                2^64 - 1 lots; the text calls it `name`.
        """
        mantissa, decimals = self._lot
        return to_units(name, quantity, mantissa, decimals, U64_MAX)

    def amount_units(self, amount: Number, name: str = "amount") -> int:
        """Return an amount of the quote asset in its smallest units.

        Raises:
            InvalidValue: It is a float, not finite, not above 0, no whole number of smallest
                units, or above 2^100 of them; the text calls it `name`.
        """
        return to_units(name, amount, 1, self.quote_decimals, AMOUNT_MAX)

    def price(self, ticks: int) -> Decimal:
        """Return so many ticks as a price."""
        mantissa, decimals = self._tick
        return to_decimal(ticks, mantissa, decimals)

    def quantity(self, lots: int) -> Decimal:
        """Return so many lots as a quantity."""
        mantissa, decimals = self._lot
        return to_decimal(lots, mantissa, decimals)

    def amount(self, units: int) -> Decimal:
        """Return so many smallest units of the quote asset as an amount."""
        return to_decimal(units, 1, self.quote_decimals)

    def cost(self, price_ticks: int, lots: int, amount_units: int) -> Decimal | None:
        """Return what a buyer needs at a price or for an amount, None where neither is said."""
        if amount_units:
            return self.amount(amount_units)
        return self.value(price_ticks * lots) if price_ticks * lots else None

    def value(self, ticks_lots: int) -> Decimal:
        """Return the value of so many ticks times lots, in the quote asset."""
        (tick, tick_decimals), (lot, lot_decimals) = self._tick, self._lot
        decimals = tick_decimals + lot_decimals - self.quote_decimals
        # An instrument's values are whole in smallest units.
        value = ticks_lots * tick * lot
        return self.amount(value // 10**decimals if decimals > 0 else value * 10**-decimals)

    @classmethod
    def from_records(cls, definition: np.void, limits: np.void, assets: Mapping[int, str]) -> Self:
        """Read an instrument from its two records and the names of its assets."""
        tick = (int(definition["tick_mantissa"]), int(definition["tick_decimals"]))
        lot = (int(definition["lot_mantissa"]), int(definition["lot_decimals"]))
        quote_decimals = int(definition["quote_decimals"])
        base, quote = int(definition["base_asset"]), int(definition["quote_asset"])
        return cls(
            number=int(definition["instrument"]),
            symbol=definition["symbol"].decode("ascii"),
            base=assets.get(base, f"#{base}"),
            quote=assets.get(quote, f"#{quote}"),
            tick=to_decimal(1, *tick),
            lot=to_decimal(1, *lot),
            base_decimals=int(definition["base_decimals"]),
            quote_decimals=quote_decimals,
            filters=_read_filters(definition, limits, tick, lot, quote_decimals),
            _tick=tick,
            _lot=lot,
        )


def _read_filters(
    definition: np.void, limits: np.void, tick: Increment, lot: Increment, quote_decimals: int
) -> Filters:
    def notional(name: str) -> Decimal | None:
        low, high = (int(word) for word in limits[name])
        return to_decimal(low | high << 64, 1, quote_decimals) if low or high else None

    return Filters(
        price_min=to_decimal(int(definition["price_min_ticks"]), *tick),
        price_max=to_decimal(int(definition["price_max_ticks"]), *tick),
        quantity_min=to_decimal(int(definition["quantity_min_lots"]), *lot),
        quantity_max=to_decimal(int(definition["quantity_max_lots"]), *lot),
        notional_min=notional("notional_min"),
        notional_max=notional("notional_max"),
        iceberg_parts_max=int(definition["iceberg_parts_max"]),
        **{name: int(limits[name]) for name in _COUNTS},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What of an instrument never changes: its number, its symbol, its assets' numbers."""

    number: int
    symbol: str
    base_asset: int
    quote_asset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an update may change: steps, decimals of the assets, filters."""

    tick: Number
    lot: Number
    base_decimals: int
    quote_decimals: int
    filters: Filters

    def command(self, kind: CommandKind, identity: Identity) -> bytes:
        """Return the two records of a command that adds or updates an instrument.

        Raises:
            InvalidValue: A value cannot be taken; what only the engine can judge is left to it.
        """
        tick = to_increment("tick", self.tick)
        lot = to_increment("lot", self.lot)
        definition = np.zeros(1, INSTRUMENT)
        definition["kind"] = kind
        definition["version"] = VERSION
        definition["instrument"] = identity.number
        definition["base_asset"] = identity.base_asset
        definition["quote_asset"] = identity.quote_asset
        definition["symbol"] = _symbol_bytes(identity.symbol)
        definition["tick_mantissa"], definition["tick_decimals"] = tick
        definition["lot_mantissa"], definition["lot_decimals"] = lot
        for name in ("base_decimals", "quote_decimals"):
            definition[name] = to_whole(name, getattr(self, name), _DECIMALS_MAX)
        parts_max = self.filters.iceberg_parts_max
        definition["iceberg_parts_max"] = to_whole("iceberg_parts_max", parts_max, U32_MAX)
        self._write_bounds(definition, tick, lot)
        return definition.tobytes() + self._limits(identity.number).tobytes()

    def _write_bounds(
        self, definition: npt.NDArray[np.void], tick: Increment, lot: Increment
    ) -> None:
        filters = self.filters

        def ticks(name: str, price: Number | None) -> int | None:
            return None if price is None else to_units(name, price, *tick, PRICE_TICKS_MAX)

        def lots(name: str, quantity: Number | None) -> int | None:
            return None if quantity is None else to_units(name, quantity, *lot, U64_MAX)

        price_max, quantity_max = self._maxima(
            tick,
            lot,
            ticks("price_max", filters.price_max),
            lots("quantity_max", filters.quantity_max),
        )
        definition["price_min_ticks"] = ticks("price_min", filters.price_min) or 1
        definition["price_max_ticks"] = price_max
        definition["quantity_min_lots"] = lots("quantity_min", filters.quantity_min) or 1
        definition["quantity_max_lots"] = quantity_max

    def _maxima(
        self, tick: Increment, lot: Increment, price_max: int | None, quantity_max: int | None
    ) -> tuple[int, int]:
        """Return both maxima, the ones not said as wide as 2^100 smallest units allow."""
        lot_unit = _smallest_units(lot[0], lot[1], self.base_decimals)
        value_unit = _smallest_units(tick[0] * lot[0], tick[1] + lot[1], self.quote_decimals)
        room = AMOUNT_MAX // value_unit
        if price_max is None:
            fair = math.isqrt(room) if quantity_max is None else room // quantity_max
            price_max = max(1, min(_TICKS_OR_LOTS_MAX, fair))
        if quantity_max is None:
            fair = min(room // price_max, AMOUNT_MAX // lot_unit)
            quantity_max = max(1, min(_TICKS_OR_LOTS_MAX, fair))
        return price_max, quantity_max

    def _limits(self, number: int) -> npt.NDArray[np.void]:
        limits = np.zeros(1, INSTRUMENT_LIMITS)
        limits["kind"] = CommandKind.INSTRUMENT_LIMITS
        limits["version"] = VERSION
        limits["instrument"] = number
        for name in _COUNTS:
            limits[name] = to_whole(name, getattr(self.filters, name), U32_MAX)
        for name in ("notional_min", "notional_max"):
            amount = getattr(self.filters, name)
            if amount is not None:
                units = to_units(name, amount, 1, self.quote_decimals, AMOUNT_MAX)
                limits[name] = units & U64_MAX, units >> 64
        return limits


def _smallest_units(mantissa: int, decimals: int, unit_decimals: int) -> int:
    """Return `mantissa / 10^decimals` in units of `10^-unit_decimals`, rounded down, at least 1."""
    units: int = mantissa * 10**unit_decimals // 10**decimals
    return max(1, units)


def _symbol_bytes(symbol: str) -> bytes:
    if symbol.isascii() and symbol.isprintable() and " " not in symbol:
        encoded = symbol.encode("ascii")
        if 0 < len(encoded) <= _SYMBOL_MAX:
            return encoded
    bound = f"must be 1 to {_SYMBOL_MAX} printable ASCII characters without blanks"
    raise InvalidValue("symbol", repr(symbol), bound)
