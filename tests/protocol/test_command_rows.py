"""Commands as rows: what each record says, by name, and nothing that says nothing."""

import numpy as np
import pytest

from outcry.protocol import CommandKind, cancels, dtypes, limit_orders
from outcry.protocol.command_rows import command_rows


def test_orders_are_read_by_name() -> None:
    orders = limit_orders(
        instrument=1, account=[7, 8], side=[1, 2], price_ticks=100, quantity_lots=[3, 4]
    )
    records = orders.tobytes() + cancels(instrument=1, account=7, order_id=9).tobytes()
    first, second, third = command_rows(records)
    assert first["kind"] == "new"
    assert (first["side"], second["side"]) == ("buy", "sell")
    assert (second["account"], second["price_ticks"], second["quantity_lots"]) == (8, 100, 4)
    assert third == {"kind": "cancel", "instrument": 1, "account": 7, "order_id": 9}


def test_amounts_are_whole_and_sources_are_pairs() -> None:
    record = np.zeros(1, dtypes.FUNDS)
    record["kind"], record["asset"], record["account"] = CommandKind.DEPOSIT, 2, 7
    record["request_id"], record["amount"] = (5, 6), (1, 2)
    (row,) = command_rows(record.tobytes())
    assert row["source"] == [5, 6]
    assert row["amount"] == 1 + 2 * 2**64
    assert "request_id" not in row


def test_an_instrument_is_one_row_with_its_limits() -> None:
    head, limits = np.zeros(1, dtypes.INSTRUMENT), np.zeros(1, dtypes.INSTRUMENT_LIMITS)
    head["kind"], head["symbol"] = CommandKind.ADD_INSTRUMENT, b"BTCUSDT"
    limits["kind"], limits["band_ppm"] = CommandKind.INSTRUMENT_LIMITS, 500
    (row,) = command_rows(head.tobytes() + limits.tobytes())
    assert (row["kind"], row["symbol"], row["band_ppm"]) == ("add_instrument", "BTCUSDT", 500)


@pytest.mark.parametrize("kind", [0x5F, 0x01, 0x9F])
def test_a_record_that_is_no_command_is_its_kind_alone(kind: int) -> None:
    size = 32 << (kind >> 6)
    after = cancels(instrument=1, account=7, order_id=9).tobytes()
    rows = list(command_rows(bytes([kind]) + bytes(size - 1) + after))
    assert rows[0] == {"kind": f"{kind:#04x}"}
    assert rows[1]["kind"] == "cancel"
