"""The checks that a new order and a replaced one have in common: reference, filters, state."""

from collections.abc import Iterator
from dataclasses import dataclass

from outcry.reference.codes import Reason, TradingState
from outcry.reference.instrument import Instrument
from outcry.reference.machine import Machine, RefusedError
from outcry.reference.order import Order, band_high, band_low

_U64 = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Terms:
    """The numbers that the filters look at. None: the order has no such price.

    `notional_price_ticks` is the limit, of a market order the reference, of a stop without limit
    the stop; `order_id` is the order's own where it is open already. Of the legs before it in its
    list there are `legs_before`, of which `stops_before` are stops.
    """

    account: int
    limit_ticks: int | None
    stop_ticks: int | None
    quantity_lots: int
    notional_price_ticks: int | None
    display_lots: int
    amount: int | None = None
    waits: bool = False
    order_id: int = 0
    legs_before: int = 0
    stops_before: int = 0


def instrument_for(machine: Machine, number: int) -> Instrument:
    """Return the instrument of this number, or refuse."""
    if number not in machine.instruments:
        raise RefusedError(Reason.UNKNOWN_INSTRUMENT)
    return machine.instruments[number]


def require_continuous(instrument: Instrument) -> None:
    """Refuse what enters or changes an order while the instrument only lets cancel, or nothing."""
    if instrument.state == TradingState.HALTED:
        raise RefusedError(Reason.INSTRUMENT_HALTED)
    if instrument.state == TradingState.CANCEL_ONLY:
        raise RefusedError(Reason.INSTRUMENT_CANCEL_ONLY)


def check_filters(machine: Machine, instrument: Instrument, terms: Terms) -> None:
    """Refuse with the first filter that does not let the order pass, and its bound."""
    _require_all(price_limits(instrument, terms))
    _require_all(quantity_limits(instrument, terms))
    _require_all(notional_limits(instrument, terms))
    _require_all(iceberg_limits(instrument, terms))
    _require_all(count_limits(machine, instrument, terms))


def check_late_filters(instrument: Instrument, terms: Terms) -> None:
    """Refuse a pending order that enters with the filters that its list could not look at."""
    _require_all(price_limits(instrument, terms))
    _require_all(notional_limits(instrument, terms))


def _require_all(limits: Iterator[tuple[bool, Reason, int]]) -> None:
    for holds, reason, bound in limits:
        if not holds:
            raise RefusedError(reason, bound & _U64)


def price_limits(instrument: Instrument, terms: Terms) -> Iterator[tuple[bool, Reason, int]]:
    """Yield the filters of the limit price, then those of the stop price."""
    low, high = instrument.terms.price_min_ticks, instrument.terms.price_max_ticks
    band_ppm = instrument.terms.limits.band_ppm
    reference = instrument.reference_price()
    for price in (terms.limit_ticks, terms.stop_ticks):
        if price is None:
            continue
        yield price >= low, Reason.PRICE_BELOW_MINIMUM, low
        yield price <= high, Reason.PRICE_ABOVE_MAXIMUM, high
        if band_ppm and reference:
            lower, upper = band_low(reference, band_ppm), band_high(reference, band_ppm)
            yield price >= lower, Reason.PRICE_BELOW_BAND, lower
            yield price <= upper, Reason.PRICE_ABOVE_BAND, upper


def quantity_limits(instrument: Instrument, terms: Terms) -> Iterator[tuple[bool, Reason, int]]:
    """Yield the filters of quantity; an amount order has none."""
    if terms.amount is None:
        low, high = instrument.terms.quantity_min_lots, instrument.terms.quantity_max_lots
        yield terms.quantity_lots >= low, Reason.QUANTITY_BELOW_MINIMUM, low
        yield terms.quantity_lots <= high, Reason.QUANTITY_ABOVE_MAXIMUM, high


def notional_limits(instrument: Instrument, terms: Terms) -> Iterator[tuple[bool, Reason, int]]:
    """Yield the filters of the notional, where its price is known."""
    limits = instrument.terms.limits
    if terms.amount is not None:
        notional = terms.amount
    elif terms.notional_price_ticks is not None:
        notional = terms.notional_price_ticks * terms.quantity_lots * instrument.value_unit
    else:
        return
    yield notional >= limits.notional_min, Reason.NOTIONAL_BELOW_MINIMUM, limits.notional_min
    if limits.notional_max:
        yield notional <= limits.notional_max, Reason.NOTIONAL_ABOVE_MAXIMUM, limits.notional_max


def iceberg_limits(instrument: Instrument, terms: Terms) -> Iterator[tuple[bool, Reason, int]]:
    """Yield the filter of iceberg parts."""
    most = instrument.terms.iceberg_parts_max
    if terms.display_lots and most:
        parts = -(terms.quantity_lots // -terms.display_lots)
        yield parts <= most, Reason.TOO_MANY_ICEBERG_PARTS, most


def count_limits(
    machine: Machine, instrument: Instrument, terms: Terms
) -> Iterator[tuple[bool, Reason, int]]:
    """Yield the filters of open orders, then for a stop those of waiting stops.

    The order's own account comes first, then the instrument; the order itself is left out, and
    the legs before it in its list count.
    """
    limits = instrument.terms.limits

    def count(account: int | None, waiting: bool) -> int:
        return sum(
            order.instrument == instrument.number
            and order.order_id != terms.order_id
            and (account is None or order.account == account)
            and (order.counts_as_waiting or not waiting)
            and not machine.is_due(order)
            for order in machine.orders.values()
        )

    bounds: list[tuple[int, Reason, int | None, bool]] = [
        (limits.account_orders_max, Reason.TOO_MANY_ACCOUNT_ORDERS, terms.account, False),
        (limits.orders_max, Reason.TOO_MANY_ORDERS, None, False),
    ]
    if terms.waits:
        bounds += [
            (limits.account_stops_max, Reason.TOO_MANY_ACCOUNT_STOPS, terms.account, True),
            (limits.stops_max, Reason.TOO_MANY_STOPS, None, True),
        ]
    for most, reason, account, waiting in bounds:
        before = terms.stops_before if waiting else terms.legs_before
        if most:
            yield count(account, waiting) + before < most, reason, most


def market_reference(machine: Machine, instrument: Instrument, opposite_side: int) -> int:
    """Return the reference of a market order, where the best opposite price stands in; 0: none."""
    reference = instrument.reference_price()
    return reference or instrument.best_price(opposite_side, machine.time_ns)


def check_client_order_id(machine: Machine, account: int, client_order_id: bytes) -> None:
    """Refuse a client order id that a live order of the account has; no id is always free."""
    if machine.find_order(account, 0, client_order_id) is not None:
        raise RefusedError(Reason.DUPLICATE_CLIENT_ORDER_ID)


def require_live(
    machine: Machine, account: int, order_id: int, client_order_id: bytes, instrument: int
) -> Order:
    """Return the order that a cancel or replace names, or refuse."""
    order = machine.find_order(account, order_id, client_order_id)
    if order is None or order.instrument != instrument:
        raise RefusedError(Reason.UNKNOWN_ORDER)
    return order
