"""What must hold after every command, whatever it was."""

from outcry.reference.codes import OrderType, Side, TimeInForce, TradingState
from outcry.reference.instrument import Instrument
from outcry.reference.machine import Machine, Trade
from outcry.reference.order import Order, Place, is_within


class Invariants:
    """Looks at the machine after each command; it remembers what it must compare with."""

    def __init__(self) -> None:
        self._entries: dict[int, int] = {}
        self._counts: dict[int, int] = {}

    def check(self, machine: Machine) -> None:
        """Assert all that must hold."""
        for trade in machine.trades:
            check_trade(trade)
        for order in machine.orders.values():
            check_order(order)
        for instrument in machine.instruments.values():
            check_book(instrument)
            self._check_count(machine, instrument)
        placed = sorted(
            order.order_id
            for instrument in machine.instruments.values()
            for order in placed_orders(instrument)
        )
        assert placed == sorted(machine.orders), "each open order stands in one place"

    def _check_count(self, machine: Machine, instrument: Instrument) -> None:
        """Open orders stay within their bound, or below what they were when it was lowered."""
        count = sum(
            order.instrument == instrument.number and not machine.is_due(order)
            for order in machine.orders.values()
        )
        most = instrument.terms.limits.orders_max
        before = self._counts.get(instrument.number, 0)
        assert most == 0 or count <= max(most, before), "open orders stay within their bound"
        self._counts[instrument.number] = count


def check_trade(trade: Trade) -> None:
    """A trade is at the maker's price, within the taker's worst, and never of a post-only taker."""
    assert trade.price_ticks == trade.maker.price_ticks, "a trade is at the maker's price"
    assert is_within(trade.taker.side, trade.worst_ticks, trade.price_ticks), "never worse"
    assert trade.quantity_lots > 0, "both sides trade the same lots, at least one"
    assert trade.maker.side != trade.taker.side, "a buyer trades with a seller"
    assert not trade.taker.post_only, "post-only never takes"
    is_fok = trade.taker.time_in_force == TimeInForce.FOK
    assert not is_fok or trade.taker.is_filled, "fill or kill fills all"


def check_order(order: Order) -> None:
    """Lots add up, and only what may stay is still there."""
    assert order.open_lots > 0, "an open order has something open"
    assert order.open_lots + order.done_lots == order.quantity_lots, "lots add up"
    if order.place != Place.RESTING:
        assert order.shown_lots == 0, "what waits shows nothing"
        return
    assert 0 < order.shown_lots <= order.open_lots, "what rests shows something"
    assert order.display_lots == 0 or order.shown_lots <= order.display_lots, "one slice at most"
    assert order.display_lots > 0 or order.shown_lots == order.open_lots, "nothing is hidden"
    assert order.time_in_force not in (TimeInForce.IOC, TimeInForce.FOK), "never rests"
    assert order.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT), "never rests"


def check_book(instrument: Instrument) -> None:
    """The book is not crossed, and each level stands in the order in which slices came to it."""
    for side in (Side.BUY, Side.SELL):
        for price, level in instrument.levels(side).items():
            entries = [order.book_entry for order in level]
            assert level, "no level is empty"
            assert entries == sorted(entries), "first come, first served"
            assert all(order.price_ticks == price for order in level), "a level has one price"
    if instrument.state == TradingState.CONTINUOUS and instrument.bids and instrument.asks:
        assert max(instrument.bids) < min(instrument.asks), "the book is not crossed"


def placed_orders(instrument: Instrument) -> list[Order]:
    """Return every order of an instrument by where it stands."""
    resting = instrument.resting(Side.BUY) + instrument.resting(Side.SELL)
    return resting + instrument.waiting + instrument.queue
