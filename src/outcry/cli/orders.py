"""`outcry place`, `cancel`, `orders`: single orders by hand."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import typer

from outcry.cli.data_directory import DATA, DataOption, opened, row_of, show_row, show_rows
from outcry.cli.json_text import JsonOption
from outcry.errors import InvalidValue
from outcry.exchange.values import U32_MAX, U64_MAX

ORDERS_MAX: Final = 10_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Account = Annotated[int, typer.Option(min=1, max=U32_MAX, help="The account's number.")]


def place(
    symbol: Annotated[str, typer.Argument(help="The instrument's symbol.")],
    side: Annotated[str, typer.Argument(help="buy or sell.")],
    quantity: Annotated[str | None, typer.Argument(help="How much.", show_default=False)] = None,
    *,
    account: Account,
    price: Annotated[str | None, typer.Option(help="The limit.", show_default=False)] = None,
    order_type: Annotated[
        str | None,
        typer.Option(
            "--type",
            help="limit, market, stop or stop_limit; by default as price, stop and trail ask for.",
            show_default=False,
        ),
    ] = None,
    time_in_force: Annotated[
        str | None,
        typer.Option("--tif", help="gtc, ioc, fok, day or gtd.", show_default=False),
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option(
            help="When a gtd order expires, as 2026-12-31T23:59:00Z; in UTC unless it says.",
            show_default=False,
        ),
    ] = None,
    post_only: Annotated[bool, typer.Option("--post-only", help="Never take.")] = False,
    self_trade: Annotated[
        str,
        typer.Option(
            help="Where both sides are of one group: cancel_taker, cancel_maker, cancel_both,"
            " decrement or none."
        ),
    ] = "cancel_taker",
    stop: Annotated[str | None, typer.Option(help="The stop.", show_default=False)] = None,
    trigger: Annotated[
        str | None,
        typer.Option(
            help="Whether the last trade must rise or fall to the stop; by default rise to buy,"
            " fall to sell.",
            show_default=False,
        ),
    ] = None,
    trail: Annotated[
        str | None, typer.Option(help="How far the stop stays behind.", show_default=False)
    ] = None,
    trail_ppm: Annotated[
        int | None,
        typer.Option(min=1, help="The same in parts per million.", show_default=False),
    ] = None,
    display: Annotated[
        str | None, typer.Option(help="What an iceberg shows.", show_default=False)
    ] = None,
    amount: Annotated[
        str | None, typer.Option(help="Of the quote asset, for a market order.", show_default=False)
    ] = None,
    client_order_id: Annotated[
        str | None, typer.Option("--client-id", help="Your own name for it.", show_default=False)
    ] = None,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Place an order and print what became of it, once the disk has it."""
    if quantity is None and amount is None:
        raise InvalidValue("QUANTITY", "or --amount", "must be said")
    stops = (stop, trail, trail_ppm)
    if trigger is None and stops != (None, None, None):
        trigger = "rise" if side == "buy" else "fall"
    with opened(data) as exchange:
        placement = exchange.place(
            symbol,
            side=side,
            quantity=quantity,
            price=price,
            type=order_type or _type_for(price, stops),
            time_in_force=time_in_force or ("gtd" if expires else None),
            account=account,
            post_only=post_only,
            self_trade=self_trade,
            stop=stop,
            trigger=trigger,
            trail=trail,
            trail_ppm=trail_ppm,
            expire_time_ns=time_of(expires) if expires else 0,
            display=display,
            amount=amount,
            client_order_id=client_order_id,
        )
    row = row_of(placement)
    row["fills"] = [fill._asdict() for fill in placement.fills]
    if not as_json:
        row["fills"] = tuple(f"{fill.quantity:f} at {fill.price:f}" for fill in placement.fills)
    show_row(row, as_json=as_json)


def _type_for(price: str | None, stops: tuple[object, ...]) -> str:
    """Return the type that an order with these values has unless it is said."""
    if any(stop is not None for stop in stops):
        return "stop" if price is None else "stop_limit"
    return "market" if price is None else "limit"


def time_of(text: str) -> int:
    """Return a time in nanoseconds since 1970 UTC.

    Raises:
        InvalidValue: It is no time in ISO 8601.

    >>> time_of("1970-01-02T00:00:00.000001Z"), time_of("1970-01-01 01:00+01:00")
    (86400000001000, 0)
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        bound = "must be a time as 2026-12-31T23:59:00Z"
        raise InvalidValue("expires", repr(text), bound) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1_000


def cancel(
    symbol: Annotated[str, typer.Argument(help="The instrument's symbol.")],
    order_id: Annotated[
        int | None, typer.Argument(min=1, max=U64_MAX, help="The order.", show_default=False)
    ] = None,
    *,
    account: Account,
    client_order_id: Annotated[
        str | None,
        typer.Option("--client-id", help="The order by your own name.", show_default=False),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All orders of the account on the instrument.")
    ] = False,
    data: DataOption = DATA,
) -> None:
    """Cancel an order, or all that an account has on an instrument."""
    if [order_id is not None, client_order_id is not None, every].count(True) != 1:
        raise InvalidValue("ORDER_ID", "or --client-id or --all", "must be said, one of them")
    with opened(data) as exchange:
        if every:
            ended = exchange.mass_cancel(account=account, instrument=symbol)
            typer.echo(f"{len(ended):,} orders cancelled")
            return
        quantity = exchange.cancel(
            symbol, order_id or 0, account=account, client_order_id=client_order_id
        )
    name = f"order {order_id}" if order_id else f"order {client_order_id!r}"
    typer.echo(f"{name}: cancelled, {quantity:f} was open")


def orders(
    *,
    account: Annotated[
        int, typer.Option(min=0, max=U32_MAX, help="The account's number; 0 for all.")
    ] = 0,
    symbol: Annotated[
        str | None, typer.Option(help="Of this instrument only.", show_default=False)
    ] = None,
    most: Annotated[int, typer.Option(min=1, max=ORDERS_MAX, help="At most so many.")] = 1_000,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """List open orders, by id."""
    with opened(data) as exchange:
        found = exchange.open_orders(account=account, instrument=symbol, most=most)
    columns = (
        "order_id",
        "symbol",
        "account",
        "side",
        "type",
        "status",
        "price",
        "stop",
        "open_quantity",
        "done_quantity",
        "client_order_id",
    )
    show_rows([row_of(order) for order in found], columns, as_json=as_json)
