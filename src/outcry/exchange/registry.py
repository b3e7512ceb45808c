"""The instruments and assets of a core by name, read from it when they may have changed."""

from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from outcry._native import Market
from outcry.errors import CommandRejected, InvalidValue, UnknownAsset, UnknownSymbol
from outcry.exchange.funds import Asset, read_assets
from outcry.exchange.instrument import Instrument
from outcry.exchange.refusals import of_order
from outcry.exchange.values import shown
from outcry.protocol import INSTRUMENT, INSTRUMENT_LIMITS, TradingState, rows_of

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    Described = tuple[ReadableBuffer, ReadableBuffer, int]


class Source(Protocol):
    """What tells a registry what there is."""

    def instruments(self) -> "ReadableBuffer":
        """Return the `InstrumentRecord` of every instrument, by number."""

    def instrument(self, instrument: int, /) -> "Described | None":
        """Return an instrument's record, its limits' record and its `TradingState`."""

    def assets(self) -> "ReadableBuffer":
        """Return the `AssetRecord` of every asset, by number."""


class Registry:
    """Finds instruments and assets by name.

    A batch of raw records may add or update them too: `forget` makes the registry read again what
    it is asked for. Names and numbers stay for ever.

    Attributes:
        markets: What the core needs to know of the instruments found so far, by symbol.
        has_money: Whether assets are commanded; else they are named by the instruments alone.
    """

    __slots__ = (
        "_asset_names",
        "_assets",
        "_by_number",
        "_fresh",
        "_is_complete",
        "_last",
        "_last_asset",
        "_numbers",
        "_shared",
        "_source",
        "has_money",
        "markets",
    )  # fmt: skip

    def __init__(self, source: Source, *, has_money: bool) -> None:
        self._source = source
        self.has_money: Final = has_money
        self.markets: Final[dict[str, Market]] = {}
        self._numbers: dict[str, int] = {}
        self._fresh: dict[str, Instrument] = {}
        self._by_number: dict[int, Instrument] = {}
        self._shared: dict[str, tuple[int, int]] = {}
        self._assets: dict[str, Asset] = {}
        self._asset_names: dict[int, str] = {}
        self._last = 0
        self._last_asset = 0
        self._is_complete = False

    def find(self, instrument: Instrument | str, field: str = "instrument") -> Instrument:
        """Return an instrument as it stands; `field` is what an error calls the argument.

        Raises:
            InvalidValue: It is neither an instrument nor a symbol, or several have that symbol.
            UnknownSymbol: There is none of that symbol.
        """
        symbol = _symbol_of(instrument, field)
        found = self._fresh.get(symbol)
        return self._read(symbol) if found is None else found

    def numbered(self, number: int) -> Instrument:
        """Return the instrument of a number that the core said."""
        found = self._by_number.get(number)
        if found is None:
            definition, limits, _ = self._describe(number)
            found = Instrument.from_records(definition, limits, self._names())
            self._by_number[number] = found
        return found

    def all(self) -> tuple[Instrument, ...]:
        """Return all instruments, by number."""
        records = rows_of(self._source.instruments(), INSTRUMENT)
        return tuple(self.numbered(number) for number in records["instrument"].tolist())

    def state(self, instrument: Instrument | str) -> TradingState:
        """Return an instrument's trading state.

        Raises:
            InvalidValue: It is neither an instrument nor a symbol.
            UnknownSymbol: There is no such instrument.
        """
        return self._describe(self.find(instrument).number)[2]

    def definition(self, instrument: Instrument | str) -> np.void:
        """Return an instrument's own record.

        Raises:
            InvalidValue: It is neither an instrument nor a symbol.
            UnknownSymbol: There is no such instrument.
        """
        return self._describe(self.find(instrument).number)[0]

    def require_new(self, symbol: str) -> int:
        """Return the next free number for a new instrument of this symbol.

        Raises:
            InvalidValue: It is no text, or there is one already.
        """
        if not isinstance(symbol, str):
            raise InvalidValue("symbol", shown(symbol), "must be a str")
        if not self._is_complete:
            self._read_symbols()
        if symbol in self._numbers or symbol in self._shared:
            raise InvalidValue("symbol", repr(symbol), "must not be an instrument already")
        return self._last + 1

    def keep(self, symbol: str, number: int) -> Instrument:
        """Read an instrument that was just added or updated."""
        self._numbers[symbol] = number
        self._last = max(self._last, number)
        return self._read(symbol)

    def explain(
        self,
        error: CommandRejected,
        instrument: Instrument | str,
        side: int,
        size: tuple[int, int, int],
    ) -> CommandRejected:
        """Return the refusal of an order in the words and decimals of its caller."""
        return of_order(error, self.find(instrument), side, size)

    def forget(self) -> None:
        """Read again what is asked for from now on."""
        self._fresh.clear()
        self._by_number.clear()
        self.markets.clear()
        self._numbers.clear()
        self._is_complete = False
        if self.has_money:
            self._assets.clear()
            self._asset_names.clear()

    def asset(self, name: Asset | str, field: str = "asset") -> Asset:
        """Return the asset of a name; `field` is what an error calls the argument.

        Raises:
            InvalidValue: It is neither an asset nor a name.
            UnknownAsset: There is none of that name.
        """
        known = _name_of(name, field)
        if known not in self._assets and self.has_money:
            self._read_assets()
        found = self._assets.get(known)
        if found is None:
            raise UnknownAsset(known)
        return found

    def assets(self) -> tuple[Asset, ...]:
        """Return all assets, by number."""
        if self.has_money:
            self._read_assets()
        return tuple(sorted(self._assets.values(), key=lambda asset: asset.number))

    def numbered_asset(self, number: int) -> Asset:
        """Return the asset of a number that the core said."""
        if number not in self._asset_names:
            self._read_assets()
        return self._assets[self._asset_names[number]]

    def keep_asset(self, asset: Asset) -> Asset:
        """Remember an asset that was just added."""
        self._assets[asset.name] = asset
        self._asset_names[asset.number] = asset.name
        return asset

    def name_asset(self, name: Asset | str, decimals: int, field: str) -> Asset:
        """Return the asset of a name where assets are not commanded: a new name is a new one.

        Raises:
            InvalidValue: It is neither an asset nor a name; the text calls it `field`.
        """
        known = _name_of(name, field)
        if known not in self._assets:
            self._last_asset += 1
            self.keep_asset(Asset(self._last_asset, known, decimals))
        return self._assets[known]

    def _names(self) -> dict[int, str]:
        if self.has_money and not self._asset_names:
            self._read_assets()
        return self._asset_names

    def _read(self, symbol: str) -> Instrument:
        if symbol not in self._numbers and not self._is_complete:
            self._read_symbols()
        if symbol in self._shared:
            first, second = self._shared[symbol]
            bound = f"is the symbol of instruments {first} and {second}, so it names neither"
            raise InvalidValue("symbol", repr(symbol), bound)
        number = self._numbers.get(symbol)
        if number is None:
            raise UnknownSymbol(symbol)
        definition, limits, _ = self._describe(number)
        found = self._fresh[symbol] = Instrument.from_records(definition, limits, self._names())
        self._by_number[number] = found
        self.markets[symbol] = Market(definition.tobytes())
        return found

    def _read_symbols(self) -> None:
        records = rows_of(self._source.instruments(), INSTRUMENT)
        names, numbers = records["symbol"].tolist(), records["instrument"].tolist()
        self._numbers.clear()
        self._shared.clear()
        for encoded, number in zip(names, numbers, strict=True):
            symbol = encoded.decode("ascii")
            if symbol in self._numbers:
                self._shared[symbol] = self._numbers[symbol], number
            self._numbers[symbol] = number
        for symbol in self._shared:
            del self._numbers[symbol]
        self._last = max(numbers, default=0)
        for name in ("base_asset", "quote_asset"):
            self._last_asset = max(self._last_asset, int(records[name].max(initial=0)))
        self._is_complete = True

    def _describe(self, number: int) -> tuple[np.void, np.void, TradingState]:
        described = self._source.instrument(number)
        assert described is not None, "an instrument is never removed"
        definition, limits, state = described
        return (
            rows_of(definition, INSTRUMENT)[0],
            rows_of(limits, INSTRUMENT_LIMITS)[0],
            TradingState(state),
        )

    def _read_assets(self) -> None:
        for asset in read_assets(self._source.assets()):
            self.keep_asset(asset)


def _symbol_of(instrument: object, field: str) -> str:
    if isinstance(instrument, Instrument):
        return instrument.symbol
    if isinstance(instrument, str):
        return instrument
    bound = f"is of type {type(instrument).__name__}: give an Instrument or its symbol"
    raise InvalidValue(field, shown(instrument), bound)


def _name_of(asset: object, field: str) -> str:
    if isinstance(asset, Asset):
        return asset.name
    if isinstance(asset, str):
        return asset
    bound = f"is of type {type(asset).__name__}: give an Asset or its name"
    raise InvalidValue(field, shown(asset), bound)
