"""NumPy dtypes of the records, made from the layouts that the core tells.

A record within a record is flat here: an extended order has the fields of an order, then its own.
Texts are `S`, reserved bytes `V`, 128-bit numbers two words, low word first.

>>> ORDER.itemsize, EVENT.itemsize
(64, 32)
>>> EXTENDED_ORDER["price_ticks"] == ORDER["price_ticks"]
True
"""

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from outcry._native import Records, layouts

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

DTypeStruct = np.dtype[np.void]


def _dtype(size: int, fields: list[tuple[str, int, str]]) -> DTypeStruct:
    names, offsets, formats = zip(*fields, strict=True)
    described = {"names": names, "formats": formats, "offsets": offsets, "itemsize": size}
    return np.dtype(described)  # type: ignore[call-overload, no-any-return]


_DTYPES: Final = {name: _dtype(size, fields) for name, size, fields in layouts()}

ORDER: Final = _DTYPES["OrderRecord"]
EXTENDED_ORDER: Final = _DTYPES["ExtendedOrderRecord"]
AMOUNT_ORDER: Final = _DTYPES["AmountOrderRecord"]
MASS_CANCEL: Final = _DTYPES["MassCancelRecord"]
ADMIN: Final = _DTYPES["AdminRecord"]
LIST: Final = _DTYPES["ListRecord"]
INSTRUMENT: Final = _DTYPES["InstrumentRecord"]
INSTRUMENT_LIMITS: Final = _DTYPES["InstrumentLimitsRecord"]
ASSET: Final = _DTYPES["AssetRecord"]
ACCOUNT: Final = _DTYPES["AccountRecord"]
FUNDS: Final = _DTYPES["FundsRecord"]
SETTLE: Final = _DTYPES["SettleRecord"]
EVENT: Final = _DTYPES["EventRecord"]
LOG_HEADER: Final = _DTYPES["LogHeader"]
# Rows that the core makes for Python alone.
PLACED_EVENT: Final = _DTYPES["PlacedRow"]
LEVEL: Final = _DTYPES["LevelRow"]
OPEN_ORDER: Final = _DTYPES["OpenOrderRow"]
ORDER_LIST: Final = _DTYPES["ListRow"]
BALANCE: Final = _DTYPES["BalanceRow"]
WITHDRAWAL: Final = _DTYPES["WithdrawalRow"]


def rows_of(records: "Records | ReadableBuffer", dtype: DTypeStruct) -> npt.NDArray[np.void]:
    """Return the core's records as a read-only array of their dtype, without a copy."""
    return np.frombuffer(memoryview(records), dtype)
