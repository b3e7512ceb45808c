"""What must hold after every command, whatever it was."""

from collections import Counter
from copy import deepcopy

from outcry.reference.accounts import Accounts
from outcry.reference.balance_invariants import BalanceInvariants
from outcry.reference.codes import EventKind, OrderType, SelfTrade, Side, TimeInForce, TradingState
from outcry.reference.instrument import Instrument
from outcry.reference.list_invariants import ListInvariants
from outcry.reference.machine import Machine, Remembered, Trade
from outcry.reference.order import Order, Place, is_within


class Invariants:
    """Looks at the machine after each command; it remembers what it must compare with."""

    def __init__(self) -> None:
        self._sequence = 0
        self._time_ns = 0
        self._order_count = 0
        self._accounts = Accounts()
        self._counts: dict[int, Counter[tuple[int, bool]]] = {}
        self._answers: dict[tuple[int, bytes], Remembered] = {}
        self._done: Counter[int] = Counter()
        self._balances = BalanceInvariants()
        self._lists = ListInvariants()

    def check(self, machine: Machine) -> None:
        """Assert all that must hold."""
        self._check_time(machine)
        self._check_refusal(machine)
        self._check_answers(machine)
        for trade in machine.trades:
            check_trade(trade)
        self._check_lots(machine)
        for order in machine.orders.values():
            check_order(order)
        for instrument in machine.instruments.values():
            check_book(instrument)
            self._check_counts(machine, instrument)
        placed = sorted(
            order.order_id
            for instrument in machine.instruments.values()
            for order in placed_orders(instrument)
        )
        assert placed == sorted(machine.orders), "each open order stands in one place"
        self._lists.check(machine)
        if machine.money:
            self._balances.check(machine)

    def _check_time(self, machine: Machine) -> None:
        """Each command takes the next sequence, and time never goes back."""
        assert machine.sequence == self._sequence + 1, "no sequence is left out"
        assert machine.time_ns >= self._time_ns, "time never goes back"
        self._sequence, self._time_ns = machine.sequence, machine.time_ns

    def _check_refusal(self, machine: Machine) -> None:
        """What is refused or was answered before makes no order and moves no money."""
        kinds = {record[0] for record in machine.events}
        if kinds & {EventKind.REJECTED, EventKind.DUPLICATE_REQUEST}:
            assert machine.order_count == self._order_count, "a refusal makes no order"
            now, before = machine.accounts, self._accounts
            assert now.accounts == before.accounts, "a refusal changes no account"
            assert now.assets == before.assets, "a refusal changes no asset"
            assert now.withdrawals == before.withdrawals, "a refusal changes no withdrawal"
            assert machine.trades or now.owned == before.owned, "a refusal moves no money"
        self._order_count = machine.order_count
        self._accounts = deepcopy(machine.accounts)

    def _check_answers(self, machine: Machine) -> None:
        """What was answered once stays answered so, as long as it is remembered."""
        answers = {
            (account, answer.request_id): answer
            for account, remembered in machine.requests.items()
            for answer in remembered
        }
        for key in answers.keys() & self._answers.keys():
            again = self._answers[key] == answers[key]
            assert again or answers[key].sequence == machine.sequence, "an answer stays as it was"
        self._answers = answers

    def _check_lots(self, machine: Machine) -> None:
        """Filled, prevented, open and cancelled lots make up what was asked for."""
        for trade in machine.trades:
            self._done[trade.maker.order_id] += trade.quantity_lots
            self._done[trade.taker.order_id] += trade.quantity_lots
        for prevention in machine.preventions:
            self._done[prevention.maker.order_id] += prevention.quantity_lots
            self._done[prevention.taker.order_id] += prevention.quantity_lots
        for order, cancelled_lots in machine.endings:
            done = self._done.pop(order.order_id, 0)
            if order.amount_left is None:
                assert done + cancelled_lots == order.quantity_lots, "ended lots add up"
            else:
                assert order.amount_left >= 0, "no more than the amount is spent"
        for order in machine.orders.values():
            assert order.done_lots == self._done[order.order_id], "done lots traded or were kept"

    def _check_counts(self, machine: Machine, instrument: Instrument) -> None:
        """Open orders and stops stay within their bounds, or below what they were before.

        They may be more than the bound where the bound was lowered below them.
        """
        live = [order for order in machine.live_orders() if order.instrument == instrument.number]
        stops = [order for order in live if order.counts_as_waiting]
        limits = instrument.terms.limits
        bounds = [
            (live, False, limits.orders_max, limits.account_orders_max),
            (stops, True, limits.stops_max, limits.account_stops_max),
        ]
        before = self._counts.get(instrument.number, Counter())
        now = Counter[tuple[int, bool]]()
        for orders, waiting, most, account_most in bounds:
            now.update((order.account, waiting) for order in orders)
            now[0, waiting] = len(orders)
            for (account, is_stops), count in now.items():
                bound = account_most if account else most
                if is_stops == waiting and bound:
                    within = max(bound, before[account, waiting])
                    assert count <= within, "open orders stay within their bound"
        self._counts[instrument.number] = now


def check_trade(trade: Trade) -> None:
    """A trade is at the maker's price, within the taker's worst, and never of a post-only taker."""
    maker, taker = trade.maker, trade.taker
    assert trade.price_ticks == trade.maker_limit_ticks, "a trade is at the maker's price"
    assert is_within(taker.side, trade.taker_worst_ticks, trade.price_ticks), "never worse"
    assert trade.quantity_lots > 0, "both sides trade the same lots, at least one"
    assert maker.side != taker.side, "a buyer trades with a seller"
    assert not taker.post_only, "post-only never takes"
    may_meet = maker.group != taker.group or taker.self_trade == SelfTrade.NONE
    assert may_meet, "no group trades with itself but by its mode"
    is_fok = taker.time_in_force == TimeInForce.FOK
    assert not is_fok or taker.is_filled, "fill or kill fills all"


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
    return resting + instrument.waiting + instrument.queue + instrument.pending
