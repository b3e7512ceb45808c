"""`outcry assets`, `instruments` and `accounts`: what an exchange has, and more of it."""

from dataclasses import asdict, fields, replace
from typing import Annotated, Final

import typer

from outcry.cli.data_directory import DATA, DataOption, Row, opened, row_of, show_row, show_rows
from outcry.cli.json_text import JsonOption
from outcry.errors import InvalidValue
from outcry.exchange import Exchange, Filters, Instrument
from outcry.exchange.values import U32_MAX

assets = typer.Typer(name="assets", help="List or add assets.", no_args_is_help=True)
instruments = typer.Typer(
    name="instruments", help="List, add, change or steer instruments.", no_args_is_help=True
)
accounts = typer.Typer(name="accounts", help="List or set accounts.", no_args_is_help=True)

RATE_MAX: Final = 1_000_000

FILTERS: Final = tuple(each.name for each in fields(Filters))
_COUNTS: Final = tuple(each.name for each in fields(Filters) if each.type in (int, "int"))

FilterOptions = Annotated[
    list[str] | None,
    typer.Option(
        "--filter",
        help=f"A bound of its orders; without a value the default. Names: {', '.join(FILTERS)}.",
        metavar="NAME=VALUE",
        show_default=False,
    ),
]
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
    filters: FilterOptions = None,
    data: DataOption = DATA,
) -> None:
    """Add an instrument; it starts in continuous trading."""
    bounds = filtered(Filters(), filters or [])
    with opened(data) as exchange:
        added = exchange.add_instrument(
            symbol, base=base, quote=quote, tick=tick, lot=lot, filters=bounds
        )
    typer.echo(f"instrument {added.number}: {_steps(added)}")


@instruments.command("update")
def update_instrument(
    symbol: Symbol,
    *,
    tick: Annotated[
        str | None, typer.Option(help="The step of prices.", show_default=False)
    ] = None,
    lot: Annotated[
        str | None, typer.Option(help="The step of quantities.", show_default=False)
    ] = None,
    filters: FilterOptions = None,
    data: DataOption = DATA,
) -> None:
    """Change an instrument; what is not said stays.

    With a new tick the bounds of prices, with a new lot those of quantities go back to their
    defaults unless they are said. Neither can change while orders are open.
    """
    with opened(data) as exchange:
        before = exchange.instrument(symbol)
        bounds = before.filters
        if tick is not None:
            bounds = replace(bounds, price_min=None, price_max=None)
        if lot is not None:
            bounds = replace(bounds, quantity_min=None, quantity_max=None)
        after = exchange.update_instrument(
            symbol,
            tick=before.tick if tick is None else tick,
            lot=before.lot if lot is None else lot,
            filters=filtered(bounds, filters or []),
        )
    typer.echo(f"instrument {after.number}: {_steps(after)}")


def filtered(bounds: Filters, told: list[str]) -> Filters:
    """Return filters with those changed that are told of, as `price_max=100`.

    Raises:
        InvalidValue: There is no such filter, or it is a count and its value none.

    >>> filtered(Filters(), ["price_max=100", "orders_max=5", "iceberg_parts_max="])
    Filters(price_min=None, price_max='100', ..., iceberg_parts_max=100, ..., orders_max=5, ...)
    """
    defaults = asdict(Filters())
    changes: dict[str, object] = {}
    for each in told:
        name, _, value = each.partition("=")
        if name not in FILTERS:
            raise InvalidValue("filter", repr(name), f"must be one of {', '.join(FILTERS)}")
        if not value:
            changes[name] = defaults[name]
        elif name not in _COUNTS:
            changes[name] = value
        elif value.isdecimal():
            changes[name] = int(value)
        else:
            raise InvalidValue(name, repr(value), "must be a whole number from 0")
    return Filters(**{**asdict(bounds), **changes})


def _steps(instrument: Instrument) -> str:
    return f"{instrument.symbol}, tick {instrument.tick:f}, lot {instrument.lot:f}"


@instruments.command("show")
def show_instrument(
    symbol: Symbol, *, data: DataOption = DATA, as_json: JsonOption = False
) -> None:
    """Show an instrument with all its bounds."""
    with opened(data) as exchange:
        found = exchange.instrument(symbol)
        row = _instrument_row(exchange, found)
    show_row({**row, **asdict(found.filters)}, as_json=as_json)


@instruments.command("reference")
def set_reference(
    symbol: Symbol,
    price: Annotated[str, typer.Argument(help="The price; `none` leaves it to the last trade.")],
    *,
    data: DataOption = DATA,
) -> None:
    """Set the price that bands go by."""
    with opened(data) as exchange:
        exchange.set_reference(symbol, None if price == "none" else price)
    typer.echo(f"{symbol}: reference {price}")


@instruments.command("end-session")
def end_session(symbol: Symbol, *, data: DataOption = DATA) -> None:
    """Let the day orders of an instrument expire."""
    with opened(data) as exchange:
        ended = exchange.end_session(symbol)
    typer.echo(f"{symbol}: {len(ended):,} orders expired")


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


@accounts.command("withdrawals")
def list_withdrawals(*, data: DataOption = DATA, as_json: JsonOption = False) -> None:
    """List the withdrawals that `outcry settle` has yet to end, by number."""
    with opened(data) as exchange:
        found = exchange.withdrawals()
    rows: list[Row] = [
        {
            "withdrawal": each.sequence,
            "account": each.account,
            "asset": each.asset,
            "amount": each.amount,
        }
        for each in found
    ]
    show_rows(rows, ("withdrawal", "account", "asset", "amount"), as_json=as_json)
