"""`outcry deposit`, `withdraw`, `settle`, `transfer`, `balances`: money by hand."""

from time import time_ns
from typing import Annotated, Final

import typer

from outcry.cli.data_directory import DATA, DataOption, opened, show_rows
from outcry.cli.json_text import JsonOption
from outcry.exchange.values import U32_MAX, U64_MAX

# The sources of money that is moved by hand: a person's numbers never meet those of the clock.
BY_CLOCK: Final = 0x434C49
BY_NUMBER: Final = 0x434C4A

Account = Annotated[int, typer.Argument(min=0, max=U32_MAX, help="The account's number.")]
Asset = Annotated[str, typer.Argument(help="The asset's name.")]
Amount = Annotated[str, typer.Argument(help="The amount, as 12.5.")]
Number = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=2**63 - 1,
        help="Your own number of this payment, above all that you used before: with it a repeat"
        " changes nothing.",
        show_default=False,
    ),
]


def _source(number: int | None) -> tuple[int, int]:
    return (BY_CLOCK, time_ns()) if number is None else (BY_NUMBER, number)


def deposit(
    account: Account,
    asset: Asset,
    amount: Amount,
    *,
    number: Number = None,
    data: DataOption = DATA,
) -> None:
    """Pay money in."""
    with opened(data) as exchange:
        balance = exchange.deposit(account, asset, amount, source=_source(number))
    typer.echo(f"account {account}: {balance.available:f} {asset} available")


def withdraw(account: Account, asset: Asset, amount: Amount, *, data: DataOption = DATA) -> None:
    """Hold money that is to leave; `outcry settle` ends it."""
    with opened(data) as exchange:
        withdrawal = exchange.withdraw(account, asset, amount)
    typer.echo(f"withdrawal {withdrawal.sequence}: {amount} {asset} of account {account} held")


def settle(
    withdrawal: Annotated[int, typer.Argument(min=1, max=U64_MAX, help="The withdrawal.")],
    *,
    void: Annotated[bool, typer.Option("--void", help="The money did not leave.")] = False,
    number: Number = None,
    data: DataOption = DATA,
) -> None:
    """End a withdrawal: the money left, or with --void it stays."""
    with opened(data) as exchange:
        exchange.settle_withdrawal(withdrawal, posted=not void, source=_source(number))
    typer.echo(f"withdrawal {withdrawal}: {'void' if void else 'posted'}")


def transfer(
    payer: Account,
    payee: Annotated[int, typer.Argument(min=1, max=U32_MAX, help="The account that is paid.")],
    asset: Asset,
    amount: Amount,
    *,
    number: Number = None,
    data: DataOption = DATA,
) -> None:
    """Move money from one account to another."""
    with opened(data) as exchange:
        balance = exchange.transfer(payer, payee, asset, amount, source=_source(number))
    typer.echo(f"account {payer}: {balance.available:f} {asset} available")


def balances(account: Account, *, data: DataOption = DATA, as_json: JsonOption = False) -> None:
    """List what an account has; account 4294967295 has the fees."""
    with opened(data) as exchange:
        found = exchange.balances(account)
    rows = [{"asset": name, **balance._asdict()} for name, balance in found.items()]
    show_rows(rows, ("asset", "available", "held"), as_json=as_json)
