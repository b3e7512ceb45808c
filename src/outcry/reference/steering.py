"""The commands that steer instruments, and those that touch many orders."""

from outcry.reference import checks, funds
from outcry.reference.codes import CancelReason, EventKind, Kind, Reason, TimeInForce, TradingState
from outcry.reference.instrument import Instrument, check_exact, increments
from outcry.reference.machine import Machine, RefusedError
from outcry.reference.records import (
    AdminCommand,
    InstrumentCommand,
    MassCancelCommand,
)


def mass_cancel(machine: Machine, command: MassCancelCommand) -> None:
    """Cancel the live orders that match, by rising order id, up to the bound.

    One that its list has ended by its turn is passed over.
    """
    if command.instrument:
        checks.instrument_for(machine, command.instrument)
    matching = [
        order
        for order in machine.live_orders()
        if command.account in (0, order.account)
        and command.instrument in (0, order.instrument)
        and command.side in (0, order.side)
        and machine.instruments[order.instrument].state != TradingState.HALTED
    ]
    more = len(matching) > machine.mass_max
    machine.emit_accepted(command.instrument, more=more)
    for order in matching[: machine.mass_max]:
        if order.order_id in machine.orders:
            machine.cancel(order, CancelReason.MASS_CANCEL)


def end_session(machine: Machine, command: AdminCommand) -> None:
    """Expire the instrument's DAY orders, by rising order id, up to the bound.

    One that its list has ended by its turn is passed over.
    """
    instrument = checks.instrument_for(machine, command.instrument)
    matching = [
        order
        for order in machine.live_orders()
        if order.instrument == instrument.number and order.time_in_force == TimeInForce.DAY
    ]
    machine.emit_accepted(instrument.number, more=len(matching) > machine.mass_max)
    for order in matching[: machine.mass_max]:
        if order.order_id in machine.orders:
            machine.expire(order)


def administer(machine: Machine, command: AdminCommand) -> None:
    """Carry out `set_state`, `set_reference`, `end_session` or `advance_time`."""
    match command.kind:
        case Kind.SET_STATE:
            instrument = checks.instrument_for(machine, command.instrument)
            if command.state == TradingState.AUCTION:
                raise RefusedError(Reason.INVALID_STATE)
            instrument.state = TradingState(command.state)
            machine.emit_accepted(instrument.number)
            machine.emit(EventKind.STATE_CHANGED, instrument.number, code=command.state)
        case Kind.SET_REFERENCE:
            instrument = checks.instrument_for(machine, command.instrument)
            instrument.set_reference_ticks = command.price_ticks
            machine.emit_accepted(instrument.number)
        case Kind.END_SESSION:
            end_session(machine, command)
        case _:
            machine.emit_accepted(0)


def add_instrument(machine: Machine, command: InstrumentCommand) -> None:
    """Add an instrument; it begins in continuous trading."""
    if command.instrument in machine.instruments:
        raise RefusedError(Reason.INSTRUMENT_EXISTS)
    if command.instrument > machine.instrument_max:
        raise RefusedError(Reason.TOO_MANY_INSTRUMENTS)
    _require_assets(machine, command)
    _require_exact(command)
    machine.instruments[command.instrument] = Instrument(command.instrument, command)
    machine.emit_accepted(command.instrument)


def update_instrument(machine: Machine, command: InstrumentCommand) -> None:
    """State an instrument's numbers anew; a change of tick or lot forgets the prices.

    Due orders forbid such a change too: they stand in the old ticks until they are expired.
    """
    instrument = checks.instrument_for(machine, command.instrument)
    old = instrument.terms
    if (old.symbol, old.base_asset, old.quote_asset) != (
        command.symbol,
        command.base_asset,
        command.quote_asset,
    ):
        raise RefusedError(Reason.INSTRUMENT_FIXED)
    _require_assets(machine, command)
    _require_exact(command)
    if increments(old) != increments(command):
        if any(order.instrument == instrument.number for order in machine.orders.values()):
            raise RefusedError(Reason.INCREMENTS_LOCKED)
        instrument.last_trade_ticks = 0
        instrument.set_reference_ticks = 0
    instrument.terms = command
    machine.emit_accepted(instrument.number)


def _require_assets(machine: Machine, command: InstrumentCommand) -> None:
    """Refuse decimals that are not those of the assets; without money there are no assets."""
    if not machine.money:
        return
    base = funds.require_asset(machine, command.base_asset)
    quote = funds.require_asset(machine, command.quote_asset)
    if (base.decimals, quote.decimals) != (command.base_decimals, command.quote_decimals):
        raise RefusedError(Reason.ASSET_DECIMALS)


def _require_exact(command: InstrumentCommand) -> None:
    reason = check_exact(command)
    if reason is not None:
        raise RefusedError(reason)
