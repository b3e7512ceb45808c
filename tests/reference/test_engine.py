"""The naive engine's own face: what can be read from it, and the digest and hash it keeps.

Method: a small book whose figures are written out; the digest once more, by its formula.
"""

import struct

import pytest

from outcry.reference import DepthLevel, QueuePosition, ReferenceEngine, UnreadableBytesError
from outcry.reference.events import fold
from outcry.reference.state import state_bytes
from tests.scenarios import commands as c


@pytest.fixture
def book() -> ReferenceEngine:
    engine = ReferenceEngine(check_invariants=True)
    engine.apply_batch(
        c.instrument(1)
        + c.sell(101, 5, display=2)
        + c.sell(101, 4, 3)
        + c.sell(103, 1)
        + c.buy(99, 7)
        + c.stop(c.BUY, 1, c.RISE, 200)
    )
    return engine


def test_depth_shows_what_the_market_sees(book: ReferenceEngine) -> None:
    assert book.depth(1, c.SELL, 9) == [DepthLevel(101, 6, 2), DepthLevel(103, 1, 1)]
    assert book.depth(1, c.SELL, 1) == [DepthLevel(101, 6, 2)]
    assert book.depth(1, c.BUY, 9) == [DepthLevel(99, 7, 1)]
    assert book.depth(2, c.BUY, 9) == []


def test_queue_position_counts_what_is_shown_ahead(book: ReferenceEngine) -> None:
    assert book.queue_position(1) == QueuePosition(0, 0)
    assert book.queue_position(2) == QueuePosition(1, 2)
    assert book.queue_position(5) is None
    assert book.queue_position(99) is None


def test_apply_takes_one_command(book: ReferenceEngine) -> None:
    size, events = book.apply(c.cancel(4) + c.cancel(3, account=2))
    assert size == 64
    assert len(events) == 1
    assert book.order(4) is None
    assert book.order(3) is not None


def test_nothing_changes_for_bytes_without_an_end(book: ReferenceEngine) -> None:
    before = book.state_hash()
    with pytest.raises(UnreadableBytesError):
        book.apply(c.buy(1, 1)[:40])
    assert book.state_hash() == before
    with pytest.raises(UnreadableBytesError, match="offset 64"):
        book.apply_batch(c.cancel(4) + b"\xff")
    assert book.order(4) is None


def test_the_digest_folds_every_record(book: ReferenceEngine) -> None:
    events = ReferenceEngine().apply_batch(c.instrument(1) + c.buy(5, 1) + bytes(32))
    digest = 0
    for at in range(0, len(events), 32):
        digest = fold(digest, events[at : at + 32])
    engine = ReferenceEngine()
    engine.apply_batch(c.instrument(1) + c.buy(5, 1) + bytes(32))
    assert engine.digest == digest != book.digest


def test_the_digest_of_one_record_by_its_formula() -> None:
    keys = (0x9E3779B97F4A7C15, 0x6A09E667F3BCC909, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B)
    words = (1, 2, 3, 4)
    products = [(words[at] ^ keys[at]) * (words[at + 1] ^ keys[at + 1]) for at in (0, 2)]
    folded = [product % 2**64 ^ product // 2**64 for product in products]
    expected = (folded[0] + folded[1]) * 0xA54FF53A5F1D36F1 % 2**64
    assert fold(0, struct.pack("<4Q", *words)) == expected


def test_the_state_of_an_empty_engine_by_its_layout() -> None:
    without_money = state_bytes(ReferenceEngine().machine)
    assert without_money == b"outcry-state-3" + bytes(32 + 1 + 3 * 4)
    with_money = state_bytes(ReferenceEngine(money=True).machine)
    assert with_money == b"outcry-state-3" + bytes(32) + b"\1" + bytes(7 * 4)


def test_the_state_of_orders_by_its_layout() -> None:
    engine = ReferenceEngine()
    plain = c.sell(101, 4, post_only=True)
    engine.apply_batch(c.instrument(1) + c.sell(101, 5, display=2, client_id="a") + plain)
    state = state_bytes(engine.machine)
    numbers = struct.pack("<BqqQQ", 1, 0, 0, 1, 2)
    head = 14 + 33 + 4 + 4 + 4
    instrument_size = 4 + 96 + 56 + len(numbers)
    assert state[head + 156 : head + instrument_size] == numbers
    orders = state[head + instrument_size :]
    order_size, extra_size = 94, 114
    # Five groups of orders and the lists.
    assert len(orders) == 6 * 4 + 2 * order_size + extra_size
    assert orders[:8] == struct.pack("<II", 0, 2)
    order, extra = orders[8 : 8 + order_size], orders[8 + order_size :][:extra_size]
    assert order[:64] == struct.pack("<QQIIii", 1, 2, 2, 2, 0, 0) + bytes(32)
    assert order[64:69] == bytes([c.SELL, c.LIMIT, c.GTC, 1, 0])
    assert order[69:] == struct.pack("<qQQB", 101, 5, 0, 1)
    assert extra[:16] == struct.pack("<QQ", 2, 2)
    assert extra[16:-44] == bytes(extra_size - 60)
    assert extra[-44:] == b"a".ljust(36, b"\0") + bytes(8)
    order = orders[8 + order_size + extra_size :][:order_size]
    assert order[64:69] == bytes([c.SELL, c.LIMIT, c.GTC, 1, 1])
    assert order[69:] == struct.pack("<qQQB", 101, 4, 0, 0)
    assert orders[-16:] == bytes(16)


def test_the_state_of_a_list_by_its_layout() -> None:
    """A working order that has traded, a trailing stop that is pending, and their list, with money.

    The stamps: entered at 5, changed at 9, 2 lots traded at 99.
    """
    engine = ReferenceEngine(money=True)
    trailing = c.stop(c.SELL, 7, c.FALL, 30, stop_unit=c.TRAIL_TICKS, price=8)
    engine.apply_batch(
        c.add_asset(1, "BTC", 3)
        + c.add_asset(2, "USDT", 5)
        + c.instrument(1)
        + c.set_account(1, maker_rate_ppm=-3, taker_rate_ppm=4)
        + c.set_account(2)
        + c.deposit(1, 2, 1_000, number=1)
        + c.deposit(2, 1, 10, number=2)
        + c.oto(c.buy(99, 5), trailing, time_ns=5)
        + c.sell(99, 2, time_ns=9)
    )
    state = state_bytes(engine.machine)
    tail = struct.pack("<IQBBIBQQ", 1, 8, 2, 1, 1, 2, 1, 2)
    assert state[-len(tail) :] == tail
    working, pending, sizes = _legs(state[: -len(tail)])
    assert sizes == [1, 0, 0, 0, 1]
    assert working[:32] == struct.pack("<QQIIii", 1, 8, 1, 1, -3, 4)
    assert working[32:64] == struct.pack("<QQQQ", 5, 9, 198, 0)
    assert working[69:94] == struct.pack("<qQQB", 99, 3, 2, 1)
    assert working[94:] == struct.pack("<Q", 3) + bytes(98) + struct.pack("<Q", 8)
    assert pending[32:64] == struct.pack("<QQQQ", 5, 5, 0, 0)
    assert pending[64:94] == bytes([2, 4, 1, 1, 0]) + struct.pack("<qQQB", 8, 7, 0, 1)
    extra = struct.pack("<QQqBBqqqqIQ", 0, 0, 0, c.FALL, c.TRAIL_TICKS, 30, 0, 0, 0, 0, 0)
    assert pending[94:] == extra + bytes(36) + struct.pack("<Q", 8)


def _legs(state: bytes) -> tuple[bytes, bytes, list[int]]:
    """Return the bid, the pending order and the sizes of the five groups at the end of a state."""
    size = 94 + 114
    groups = state[-(5 * 4 + 2 * size) :]
    starts = [0, 4 + size, 8 + size, 12 + size, 16 + size]
    counts = [int.from_bytes(groups[at : at + 4], "little") for at in starts]
    return groups[4 : 4 + size], groups[20 + size :], counts


def test_the_state_of_money_by_its_layout() -> None:
    engine = ReferenceEngine(money=True)
    engine.apply_batch(
        c.add_asset(1, "BTC", 3)
        + c.set_account(7, 9, maker_rate_ppm=-5, taker_rate_ppm=6, state=2)
        + c.deposit(7, 1, 2**70, number=4, source=3)
        + c.withdraw(7, 1, 5)
    )

    def money(amount: int) -> bytes:
        return amount.to_bytes(16, "little", signed=True)

    expected = [
        struct.pack("<II16sB", 1, 1, b"BTC", 3) + money(-(2**70)),
        struct.pack("<IIIiiB", 1, 7, 9, -5, 6, 2),
        struct.pack("<III", 1, 7, 1) + money(2**70 - 5) + money(5),
        struct.pack("<IQII", 1, 4, 7, 1) + money(5),
        struct.pack("<IQQQH", 1, 3, 4, 3, 0),
        bytes(8),
    ]
    assert state_bytes(engine.machine)[14 + 33 :] == b"".join(expected)


def test_due_work(book: ReferenceEngine) -> None:
    book.apply(c.buy(50, 1, time_in_force=c.GTD, expire_ns=10))
    assert not book.has_due_work(9)
    assert book.has_due_work(10)
