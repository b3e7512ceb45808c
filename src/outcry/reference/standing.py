"""Check 3: the account of a command exists, and its state lets it do this."""

from outcry.reference.codes import FEE_ACCOUNT, AccountState, Kind, Reason
from outcry.reference.machine import Machine, RefusedError
from outcry.reference.records import (
    AccountCommand,
    AdminCommand,
    Command,
    FundsCommand,
    ListCommand,
    MassCancelCommand,
    OrderCommand,
)

_CANCELS = (Kind.CANCEL, Kind.CANCEL_EXTENDED)


def check(machine: Machine, command: Command) -> None:
    """Refuse a command that its account may not give; a machine without accounts lets all pass."""
    if not machine.money:
        return
    match command:
        case OrderCommand() if command.kind in _CANCELS:
            require_account(machine, command.account)
        case OrderCommand() | ListCommand():
            require_trader(machine, command.account)
        case MassCancelCommand() | AdminCommand():
            if command.account:
                require_account(machine, command.account)
        case AccountCommand():
            check_settable(machine, command.account)
        case FundsCommand():
            check_funds(machine, command)
        case _:
            pass


def require_account(machine: Machine, account: int) -> None:
    """Refuse an account that is not there."""
    if not machine.accounts.exists(account):
        raise RefusedError(Reason.UNKNOWN_ACCOUNT)


def require_trader(machine: Machine, account: int) -> None:
    """Refuse an account that may not enter or change orders: the fee account never may."""
    require_account(machine, account)
    if account == FEE_ACCOUNT:
        raise RefusedError(Reason.ACCOUNT_RESERVED)
    require_active(machine, account)


def require_active(machine: Machine, account: int) -> None:
    """Refuse an account that is not active."""
    state = machine.accounts.state_of(account)
    if state == AccountState.CANCEL_ONLY:
        raise RefusedError(Reason.ACCOUNT_CANCEL_ONLY)
    if state == AccountState.FROZEN:
        raise RefusedError(Reason.ACCOUNT_FROZEN)


def check_settable(machine: Machine, account: int) -> None:
    """Refuse to set the fee account, and a new account where there are as many as may be."""
    if account == FEE_ACCOUNT:
        raise RefusedError(Reason.ACCOUNT_RESERVED)
    accounts = machine.accounts.accounts
    if account not in accounts and len(accounts) >= machine.accounts_max:
        raise RefusedError(Reason.TOO_MANY_ACCOUNTS, machine.accounts_max)


def check_funds(machine: Machine, command: FundsCommand) -> None:
    """Any account may be paid, one that is not frozen may withdraw, an active one may transfer."""
    require_account(machine, command.account)
    if command.kind == Kind.WITHDRAW:
        if machine.accounts.state_of(command.account) == AccountState.FROZEN:
            raise RefusedError(Reason.ACCOUNT_FROZEN)
    elif command.kind == Kind.TRANSFER:
        require_active(machine, command.account)
        require_account(machine, command.to_account)
