"""The naive engine: the course of a command, step by step."""

from typing import NamedTuple

from outcry.reference import (
    entry,
    funds,
    holds,
    invariants,
    lists,
    queues,
    replace,
    requests,
    shape,
    standing,
    steering,
)
from outcry.reference.codes import EventKind, Kind, Reason, TradingState
from outcry.reference.instrument import Instrument
from outcry.reference.machine import Machine, RefusedError
from outcry.reference.order import Order, Place
from outcry.reference.records import (
    AccountCommand,
    AdminCommand,
    AssetCommand,
    Command,
    FundsCommand,
    InstrumentCommand,
    ListCommand,
    MassCancelCommand,
    OrderCommand,
    SettleCommand,
    UnreadableBytesError,
    read,
)
from outcry.reference.state import state_hash

_CANCELS = (Kind.CANCEL, Kind.CANCEL_EXTENDED)
_REPLACES = (Kind.REPLACE, Kind.REPLACE_EXTENDED)


class DepthLevel(NamedTuple):
    """A level as the market sees it: what it shows in lots, and by how many orders."""

    price_ticks: int
    quantity_lots: int
    orders: int


class QueuePosition(NamedTuple):
    """What stands before an order at its price: orders, and the lots that they show."""

    orders_ahead: int
    lots_ahead: int


class ReferenceEngine:
    """The machine in plain Python: command records in, event records out.

    Args:
        shard: The shard whose order ids it makes.
        work_max: Most units of due work in one command.
        mass_max: Most orders that one mass cancel or session end touches.
        remembered_requests: Request ids remembered for each account.
        instrument_max: The greatest instrument number.
        money: Whether it keeps assets, accounts and balances.
        accounts_max: Most accounts.
        asset_max: The greatest asset number.
        withdrawals_max: Most pending withdrawals of one account.
        sources_max: Most sources of funds.
        check_invariants: Whether what must hold is looked at after each command.
    """

    def __init__(
        self,
        *,
        shard: int = 0,
        work_max: int = 1024,
        mass_max: int = 1024,
        remembered_requests: int = 128,
        instrument_max: int = 65_535,
        money: bool = False,
        accounts_max: int = 1 << 24,
        asset_max: int = 65_535,
        withdrawals_max: int = 128,
        sources_max: int = 65_536,
        check_invariants: bool = False,
    ) -> None:
        self.machine = Machine(
            shard=shard,
            work_max=work_max,
            mass_max=mass_max,
            remembered_requests=remembered_requests,
            instrument_max=instrument_max,
            money=money,
            accounts_max=accounts_max,
            asset_max=asset_max,
            withdrawals_max=withdrawals_max,
            sources_max=sources_max,
        )
        self._invariants = invariants.Invariants() if check_invariants else None

    def apply(self, data: bytes) -> tuple[int, list[bytes]]:
        """Apply the command at the start of `data`.

        Returns:
            How many bytes it takes, and its event records.

        Raises:
            UnreadableBytesError: the command's end cannot be told; nothing changed then.
        """
        size, command = read(data)
        machine = self.machine
        machine.begin(command.time_ns if command is not None else 0)
        before = holds.balances(machine)
        expire_due(machine)
        number = named_instrument(machine, command)
        work_named_queues(machine, number)
        answer(machine, command, number)
        work_named_queues(machine, number)
        holds.emit_changes(machine, before)
        machine.end()
        if self._invariants is not None:
            self._invariants.check(machine)
        return size, machine.events

    def apply_batch(self, data: bytes) -> bytes:
        """Apply all commands of a batch and return their event records, one behind the other.

        Raises:
            UnreadableBytesError: names the offset; the commands before it are applied.
        """
        offset = 0
        events: list[bytes] = []
        while offset < len(data):
            try:
                size, more = self.apply(data[offset:])
            except UnreadableBytesError as error:
                raise UnreadableBytesError(error.problem, offset) from None
            events += more
            offset += size
        return b"".join(events)

    @property
    def sequence(self) -> int:
        """The sequence of the last command."""
        return self.machine.sequence

    @property
    def time_ns(self) -> int:
        """The engine's time, in nanoseconds since 1970 UTC."""
        return self.machine.time_ns

    @property
    def digest(self) -> int:
        """The fold of all event records so far."""
        return self.machine.digest

    def state_hash(self) -> bytes:
        """Return the SHA-256 of the whole state, 32 bytes."""
        return state_hash(self.machine)

    def has_due_work(self, time_ns: int) -> bool:
        """Tell whether a command at this time would find something due or a queue to work."""
        now = max(time_ns, self.machine.time_ns)
        expires = any(order.is_due(now) for order in self.machine.orders.values())
        return expires or any(
            instrument.queue and instrument.state == TradingState.CONTINUOUS
            for instrument in self.machine.instruments.values()
        )

    def depth(self, instrument: int, side: int, max_levels: int) -> list[DepthLevel]:
        """Return the best levels of a side; an unknown instrument has none."""
        if instrument not in self.machine.instruments:
            return []
        book = self.machine.instruments[instrument]
        levels = book.levels(side)
        return [
            DepthLevel(price, sum(order.shown_lots for order in levels[price]), len(levels[price]))
            for price in book.prices(side)[:max_levels]
        ]

    def order(self, order_id: int) -> Order | None:
        """Return an open order."""
        return self.machine.orders.get(order_id)

    def queue_position(self, order_id: int) -> QueuePosition | None:
        """Return where an order stands at its price; None for one that does not rest."""
        order = self.order(order_id)
        if order is None or order.place != Place.RESTING:
            return None
        levels = self.machine.instruments[order.instrument].levels(order.side)
        level = levels[order.price_ticks]
        ahead = level[: level.index(order)]
        return QueuePosition(len(ahead), sum(other.shown_lots for other in ahead))


def expire_due(machine: Machine) -> None:
    """Step 2: expire what is due, by (expiry, order id), within the bound.

    What its list has ended by then takes no unit.
    """
    due = [order for order in machine.orders.values() if machine.is_due(order)]
    due.sort(key=lambda order: (order.expire_time_ns, order.order_id))
    for order in due:
        if machine.work_left == 0:
            return
        if order.order_id in machine.orders:
            machine.work_left -= 1
            machine.expire(order)


def named_instrument(machine: Machine, command: Command | None) -> int | None:
    """Return the number of the instrument that a command names.

    0 stands for a command that names none and so all; None for a cancel or replace without an
    instrument that finds no order, or a `cancel_list` that finds no list.
    """
    if command is None:
        return 0
    if isinstance(command, OrderCommand) and command.kind in _CANCELS + _REPLACES:
        if command.instrument:
            return command.instrument
        order = machine.find_order(command.account, command.order_id, command.client_order_id)
        return order.instrument if order is not None else None
    if isinstance(command, AdminCommand) and command.kind == Kind.CANCEL_LIST:
        if command.instrument:
            return command.instrument
        order_list = machine.find_list(command.account, command.list_id)
        return order_list.instrument if order_list is not None else None
    return command.instrument


def work_named_queues(machine: Machine, number: int | None) -> None:
    """Steps 3 and 5: work the queue of the named instrument, or of every one by number."""
    instruments: list[Instrument] = [
        instrument for key, instrument in sorted(machine.instruments.items()) if number in (0, key)
    ]
    queues.work_queues(machine, instruments)


def answer(machine: Machine, command: Command | None, number: int | None) -> None:
    """Step 4: check the command, answer it and carry it out."""
    if command is None:
        machine.emit(EventKind.REJECTED, 0, code=Reason.MALFORMED)
        return
    named_order = named_order_id(command)
    instrument = command.instrument
    finding = shape.check(command, machine.time_ns, machine.money)
    if finding is not None:
        machine.emit(EventKind.REJECTED, instrument, named_order, code=finding)
        return
    try:
        first = requests.find(machine, command)
        if first is not None:
            kind = EventKind.DUPLICATE_REQUEST
            machine.emit(kind, instrument, first.order_id, first.sequence, first.code)
            return
        standing.check(machine, command)
        order_id = carry_out(machine, command, number)
    except RefusedError as refusal:
        reason, bound = refusal.reason, refusal.bound
        machine.emit(EventKind.REJECTED, instrument, named_order, bound, reason)
        requests.remember(machine, command, reason, 0)
    else:
        requests.remember(machine, command, 0, order_id)


def named_order_id(command: Command) -> int:
    """Return the order id that an order command says; 0 where there is none."""
    return command.order_id if isinstance(command, OrderCommand) else 0


def carry_out(machine: Machine, command: Command, number: int | None) -> int:
    """Carry a command out and return the order that it made or named, 0 for none.

    Raises:
        RefusedError: a check failed; nothing changed then.
    """
    match command:
        case OrderCommand():
            return carry_out_order(machine, command, number)
        case ListCommand():
            return lists.new_list(machine, command)
        case AdminCommand() if command.kind == Kind.CANCEL_LIST:
            lists.cancel_list(machine, command, number)
        case MassCancelCommand():
            steering.mass_cancel(machine, command)
        case AdminCommand():
            steering.administer(machine, command)
        case InstrumentCommand() if command.kind == Kind.ADD_INSTRUMENT:
            steering.add_instrument(machine, command)
        case InstrumentCommand():
            steering.update_instrument(machine, command)
        case AssetCommand() | AccountCommand() | FundsCommand() | SettleCommand():
            funds.carry_out(machine, command)
    return 0


def carry_out_order(machine: Machine, command: OrderCommand, number: int | None) -> int:
    """Carry out a new order, a cancel or a replace, and return the order.

    Raises:
        RefusedError: a check failed; nothing changed then.
    """
    if command.kind in _CANCELS:
        return replace.cancel(machine, command, number)
    if command.kind in _REPLACES:
        return replace.replace(machine, command, number)
    return entry.new(machine, command)
