"""Assets and accounts, and money that comes in, goes out or moves across."""

from outcry.reference import holds
from outcry.reference.accounts import Account, Asset, Withdrawal
from outcry.reference.codes import EXTERNAL_ACCOUNT, Kind, Reason
from outcry.reference.machine import Machine, RefusedError
from outcry.reference.records import AccountCommand, AssetCommand, FundsCommand, SettleCommand
from outcry.reference.shape import MONEY_MAX

_U64 = (1 << 64) - 1


def carry_out(
    machine: Machine, command: AssetCommand | AccountCommand | FundsCommand | SettleCommand
) -> None:
    """Check a command of assets, accounts or funds, carry it out and accept it."""
    match command:
        case AssetCommand():
            add_asset(machine, command)
        case AccountCommand():
            set_account(machine, command)
        case FundsCommand():
            move_funds(machine, command)
        case SettleCommand():
            settle_withdrawal(machine, command)
    machine.emit_accepted(0)


def add_asset(machine: Machine, command: AssetCommand) -> None:
    """Add an asset; number and name stand for one asset each."""
    assets = machine.accounts.assets
    if any(
        command.asset == other.number or command.name == other.name for other in assets.values()
    ):
        raise RefusedError(Reason.ASSET_EXISTS)
    if command.asset > machine.asset_max:
        raise RefusedError(Reason.TOO_MANY_ASSETS)
    assets[command.asset] = Asset(command.asset, command.name, command.decimals)


def set_account(machine: Machine, command: AccountCommand) -> None:
    """Make an account, or state it anew; open orders keep the stamps of their entry."""
    group = command.group or command.account
    if machine.money:
        machine.accounts.accounts[command.account] = Account(
            group, command.maker_rate_ppm, command.taker_rate_ppm, command.state
        )
    else:
        machine.groups[command.account] = group


def move_funds(machine: Machine, command: FundsCommand) -> None:
    """Deposit, withdraw or transfer."""
    require_asset(machine, command.asset)
    match command.kind:
        case Kind.DEPOSIT:
            deposit(machine, command)
        case Kind.WITHDRAW:
            withdraw(machine, command)
        case _:
            transfer(machine, command)


def require_asset(machine: Machine, asset: int) -> Asset:
    """Return the asset of this number, or refuse."""
    if asset not in machine.accounts.assets:
        raise RefusedError(Reason.UNKNOWN_ASSET)
    return machine.accounts.assets[asset]


def deposit(machine: Machine, command: FundsCommand) -> None:
    """Bring money in from outside, as long as the asset's total stays within its maximum."""
    room = MONEY_MAX - machine.accounts.on_deposit(command.asset)
    if command.amount > room:
        raise RefusedError(Reason.TOTAL_ABOVE_MAXIMUM, min(room, _U64))
    machine.accounts.move(command.asset, EXTERNAL_ACCOUNT, command.account, command.amount)


def withdraw(machine: Machine, command: FundsCommand) -> None:
    """Hold money that is to leave, under the sequence of this command."""
    withdrawals = machine.accounts.withdrawals
    count = sum(pending.account == command.account for pending in withdrawals.values())
    if count >= machine.withdrawals_max:
        raise RefusedError(Reason.TOO_MANY_WITHDRAWALS, machine.withdrawals_max)
    holds.require(machine, command.account, command.asset, command.amount)
    withdrawals[machine.sequence] = Withdrawal(command.account, command.asset, command.amount)


def settle_withdrawal(machine: Machine, command: SettleCommand) -> None:
    """End a withdrawal: the money left, or it stays and is available again."""
    pending = machine.accounts.withdrawals.pop(command.withdrawal_sequence, None)
    if pending is None:
        raise RefusedError(Reason.UNKNOWN_WITHDRAWAL)
    if command.post:
        machine.accounts.move(pending.asset, pending.account, EXTERNAL_ACCOUNT, pending.amount)


def transfer(machine: Machine, command: FundsCommand) -> None:
    """Move available money from one account to another."""
    holds.require(machine, command.account, command.asset, command.amount)
    machine.accounts.move(command.asset, command.account, command.to_account, command.amount)
