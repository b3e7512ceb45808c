"""`outcry assets`, `instruments` and `accounts`: what an exchange has, and more of it."""

from typing import Annotated, Final

import typer

from outcry.cli.data_directory import (
    DATA,
    DataOption,
    JsonOption,
    Row,
    opened,
    row_of,
    show_rows,
)
from outcry.exchange import Exchange, Instrument

assets = typer.Typer(name="assets", help="List or add assets.", no_args_is_help=True)
instruments = typer.Typer(name="instruments", help="List, add or steer instruments.")
accounts = typer.Typer(name="accounts", help="List or set accounts.", no_args_is_help=True)

U32_MAX: Final = 2**32 - 1
RATE_MAX: Final = 1_000_000

Symbol = Annotated[str, typer.Argument(help="The instrument's symbol.")]


@assets.command("list")
def list_assets(*, data: DataOption = DATA, as_json: JsonOption = False) -> None:
    """List the assets, by number."""
    with opened(data) as exchange:
        rows = [row_of(asset) for asset in exchange.assets()]
    show_rows(rows, ("number", "name", "decimals"), as_json=as_json)


@assets.command("add")
def add_asset(
    name: Annotated[str, typer.Argument(help="1 to 16 printable ASCII characters.")],
    decimals: Annotated[int, typer.Argument(min=0, max=24, help="Of its smallest unit.")],
    *,
    data: DataOption = DATA,
) -> None:
    """Add an asset."""
    with opened(data) as exchange:
        asset = exchange.add_asset(name, decimals)
    typer.echo(f"asset {asset.number}: {asset.name}, {asset.decimals} decimals")


@instruments.command("list")
def list_instruments(*, data: DataOption = DATA, as_json: JsonOption = False) -> None:
    """List the instruments, by number, with their state and the best of their books."""
    with opened(data) as exchange:
        rows = [_instrument_row(exchange, each) for each in exchange.instruments()]
    columns = ("number", "symbol", "base", "quote", "tick", "lot", "state", "bid", "ask", "last")
    show_rows(rows, columns, as_json=as_json)


def _instrument_row(exchange: Exchange, instrument: Instrument) -> Row:
    bid, ask = exchange.best(instrument)
    return {
        "number": instrument.number,
        "symbol": instrument.symbol,
        "base": instrument.base,
        "quote": instrument.quote,
        "tick": instrument.tick,
        "lot": instrument.lot,
        "state": exchange.state(instrument),
        "bid": None if bid is None else bid.price,
        "ask": None if ask is None else ask.price,
        "last": exchange.last_trade(instrument),
    }


@instruments.command("add")
def add_instrument(
    symbol: Symbol,
    *,
    base: Annotated[str, typer.Option(help="The asset that is bought and sold.")],
    quote: Annotated[str, typer.Option(help="The asset that it is paid in.")],
    tick: Annotated[str, typer.Option(help="The step of prices, as 0.01.")],
    lot: Annotated[str, typer.Option(help="The step of quantities, as 0.00001.")],
    data: DataOption = DATA,
) -> None:
    """Add an instrument; it starts in continuous trading."""
    with opened(data) as exchange:
        added = exchange.add_instrument(symbol, base=base, quote=quote, tick=tick, lot=lot)
    typer.echo(f"instrument {added.number}: {added.symbol}, tick {tick}, lot {lot}")


@instruments.command("state")
def set_state(
    symbol: Symbol,
    state: Annotated[str, typer.Argument(help="continuous, cancel_only or halted.")],
    *,
    data: DataOption = DATA,
) -> None:
    """Let an instrument trade, take cancels only, or stand still."""
    with opened(data) as exchange:
        exchange.set_state(symbol, state)
    typer.echo(f"{symbol}: {state}")


@accounts.command("list")
def list_accounts(*, data: DataOption = DATA, as_json: JsonOption = False) -> None:
    """List the accounts, by number."""
    with opened(data) as exchange:
        rows = [row_of(account) for account in exchange.accounts()]
    columns = ("number", "state", "maker_rate_ppm", "taker_rate_ppm", "group")
    show_rows(rows, columns, as_json=as_json)


@accounts.command("set")
def set_account(
    account: Annotated[int, typer.Argument(min=1, max=U32_MAX, help="Its number.")],
    *,
    state: Annotated[str, typer.Option(help="active, cancel_only or frozen.")] = "active",
    maker_rate_ppm: Annotated[
        int,
        typer.Option(
            "--maker", min=-RATE_MAX, max=RATE_MAX, help="Fee in parts per million; < 0: rebate."
        ),
    ] = 0,
    taker_rate_ppm: Annotated[
        int, typer.Option("--taker", min=0, max=RATE_MAX, help="Fee in parts per million.")
    ] = 0,
    group: Annotated[
        int | None,
        typer.Option(
            min=1, max=U32_MAX, help="Trade group; by default its own.", show_default=False
        ),
    ] = None,
    data: DataOption = DATA,
) -> None:
    """Make an account, or state it anew."""
    with opened(data) as exchange:
        exchange.set_account(
            account,
            state=state,
            maker_rate_ppm=maker_rate_ppm,
            taker_rate_ppm=taker_rate_ppm,
            group=group,
        )
    typer.echo(f"account {account}: {state}")
