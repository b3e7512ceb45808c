"""The instruments of an engine by symbol, read from the core when they may have changed."""

from typing import Final

import numpy as np
import numpy.typing as npt

from outcry import _native
from outcry.errors import InvalidValue, UnknownSymbol
from outcry.exchange.instrument import Identity, Instrument, Terms
from outcry.protocol import INSTRUMENT, INSTRUMENT_LIMITS, CommandKind, TradingState, rows_of


class Registry:
    """Finds instruments by symbol, adds and updates them.

    A batch of raw records may add or update instruments too: `forget` makes the registry read
    again what it is asked for. Symbols and numbers stay for ever.

    Attributes:
        numbers: The numbers of the instruments found so far, by symbol.
    """

    __slots__ = ("_assets", "_fresh", "_native", "numbers")

    def __init__(self, native: _native.Engine) -> None:
        self._native = native
        self.numbers: Final[dict[str, int]] = {}
        self._fresh: dict[str, Instrument] = {}
        self._assets: dict[str, int] = {}

    def find(self, instrument: Instrument | str, field: str = "instrument") -> Instrument:
        """Return an instrument as it stands; `field` is what an error calls the argument.

        Raises:
            InvalidValue: It is neither an instrument nor a symbol.
            UnknownSymbol: There is none of that symbol.
        """
        symbol = _symbol_of(instrument, field)
        found = self._fresh.get(symbol)
        return self._read(symbol) if found is None else found

    def numbered(self, number: int) -> Instrument:
        """Return the instrument of a number that the core said."""
        return self.find(self._describe(number)[0]["symbol"].decode("ascii"))

    def all(self) -> tuple[Instrument, ...]:
        """Return all instruments, by number."""
        symbols = self._records()["symbol"].tolist()
        return tuple(self.find(symbol.decode("ascii")) for symbol in symbols)

    def state(self, instrument: Instrument | str) -> TradingState:
        """Return an instrument's trading state.

        Raises:
            UnknownSymbol: There is no such instrument.
        """
        return self._describe(self.find(instrument).number)[2]

    def forget(self) -> None:
        """Read again what is asked for from now on."""
        self._fresh.clear()

    def add(self, symbol: str, base: str, quote: str, terms: Terms, time_ns: int) -> Instrument:
        """Add an instrument under the next free number.

        Raises:
            InvalidValue: A value cannot be taken, as a symbol that is there already.
            InstrumentRejected: The engine refused it.
        """
        if self._number_of(symbol) is not None:
            raise InvalidValue("symbol", repr(symbol), "must not be an instrument already")
        records = self._records()
        identity = Identity(
            number=int(records["instrument"].max(initial=0)) + 1,
            symbol=symbol,
            base_asset=self._asset(base, records),
            quote_asset=self._asset(quote, records),
        )
        self._native.command(terms.command(CommandKind.ADD_INSTRUMENT, identity, time_ns))
        return self.find(symbol)

    def update(self, instrument: Instrument | str, terms: Terms, time_ns: int) -> Instrument:
        """State an instrument anew.

        Raises:
            InvalidValue: A value cannot be taken.
            UnknownSymbol: There is no such instrument.
            InstrumentRejected: The engine refused it.
        """
        found = self.find(instrument)
        record = self._describe(found.number)[0]
        identity = Identity(
            number=found.number,
            symbol=found.symbol,
            base_asset=int(record["base_asset"]),
            quote_asset=int(record["quote_asset"]),
        )
        self._native.command(terms.command(CommandKind.UPDATE_INSTRUMENT, identity, time_ns))
        return self._read(found.symbol)

    def _read(self, symbol: str) -> Instrument:
        number = self._number_of(symbol)
        if number is None:
            raise UnknownSymbol(symbol)
        definition, limits, _ = self._describe(number)
        names = {number: name for name, number in self._assets.items()}
        found = self._fresh[symbol] = Instrument.from_records(definition, limits, names)
        return found

    def _number_of(self, symbol: str) -> int | None:
        if symbol not in self.numbers:
            records = self._records()
            symbols = (name.decode("ascii") for name in records["symbol"].tolist())
            self.numbers.update(zip(symbols, records["instrument"].tolist(), strict=True))
        return self.numbers.get(symbol)

    def _describe(self, number: int) -> tuple[np.void, np.void, TradingState]:
        described = self._native.instrument(number)
        assert described is not None, "an instrument is never removed"
        definition, limits, state = described
        return (
            rows_of(definition, INSTRUMENT)[0],
            rows_of(limits, INSTRUMENT_LIMITS)[0],
            TradingState(state),
        )

    def _records(self) -> npt.NDArray[np.void]:
        return rows_of(self._native.instruments(), INSTRUMENT)

    def _asset(self, name: str, records: npt.NDArray[np.void]) -> int:
        """Return the asset's number, the next free one for a new name."""
        if name not in self._assets:
            used = [*self._assets.values(), *records["base_asset"], *records["quote_asset"]]
            self._assets[name] = int(max(used, default=0)) + 1
        return self._assets[name]


def _symbol_of(instrument: object, field: str) -> str:
    if isinstance(instrument, Instrument):
        return instrument.symbol
    if isinstance(instrument, str):
        return instrument
    bound = f"is of type {type(instrument).__name__}: give an Instrument or its symbol"
    raise InvalidValue(field, repr(instrument), bound)
