"""What an open exchange lists, kept in memory: read once, and kept up with what is commanded."""

from typing import TYPE_CHECKING

import numpy as np

from outcry.protocol import ADMIN, ASSET, INSTRUMENT, INSTRUMENT_LIMITS, CommandKind, TradingState

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from outcry._native import Records

    Listed = tuple[Records, Records, int, int | None]

_DEFINING = (CommandKind.ADD_INSTRUMENT, CommandKind.UPDATE_INSTRUMENT)


class Catalogue:
    """The records of all instruments and assets, by number."""

    __slots__ = ("_assets", "_assets_told", "_instruments")

    def __init__(self) -> None:
        self._instruments: dict[int, tuple[bytes, bytes, int]] = {}
        self._assets: dict[int, bytes] = {}
        self._assets_told: bytes | None = None

    def load_instruments(self, listed: "list[Listed]") -> None:
        """Take in all instruments, as the core lists them."""
        self._instruments.clear()
        for definition, limits, state, _ in listed:
            self._keep(bytes(memoryview(definition)), bytes(memoryview(limits)), state)

    def load_assets(self, records: "Records") -> None:
        """Take in all assets, as the core lists them."""
        rows = np.frombuffer(memoryview(records), ASSET)
        self._assets = {int(row["asset"]): row.tobytes() for row in rows}
        self._assets_told = None

    def learn(self, record: bytes) -> None:
        """Take in a command that was accepted."""
        if record[0] in _DEFINING:
            definition, limits = record[: INSTRUMENT.itemsize], record[INSTRUMENT.itemsize :]
            number = int(np.frombuffer(definition, INSTRUMENT)[0]["instrument"])
            known = self._instruments.get(number)
            self._keep(definition, limits, TradingState.CONTINUOUS if known is None else known[2])
        elif record[0] == CommandKind.ADD_ASSET:
            self._assets[int(np.frombuffer(record, ASSET)[0]["asset"])] = record
            self._assets_told = None
        elif record[0] == CommandKind.SET_STATE:
            command = np.frombuffer(record, ADMIN)[0]
            definition, limits, _ = self._instruments[int(command["instrument"])]
            self._keep(definition, limits, int(command["state"]))

    def instruments(self) -> bytes:
        """Return the `InstrumentRecord` of every instrument, by number."""
        return b"".join(self._instruments[number][0] for number in sorted(self._instruments))

    def instrument(self, instrument: int, /) -> "tuple[ReadableBuffer, ReadableBuffer, int] | None":
        """Return an instrument's record, its limits' record and its `TradingState`."""
        return self._instruments.get(instrument)

    def assets(self) -> bytes:
        """Return the `AssetRecord` of every asset, by number."""
        if self._assets_told is None:
            self._assets_told = b"".join(self._assets[number] for number in sorted(self._assets))
        return self._assets_told

    def _keep(self, definition: bytes, limits: bytes, state: int) -> None:
        assert len(limits) == INSTRUMENT_LIMITS.itemsize, "an instrument is two records"
        number = int(np.frombuffer(definition, INSTRUMENT)[0]["instrument"])
        self._instruments[number] = definition, limits, state
