"""`outcry place`, `cancel`, `orders`: single orders by hand."""

from typing import Annotated, Final

import typer

from outcry.cli.data_directory import (
    DATA,
    DataOption,
    JsonOption,
    opened,
    row_of,
    show_row,
    show_rows,
)

U32_MAX: Final = 2**32 - 1
U64_MAX: Final = 2**64 - 1
ORDERS_MAX: Final = 10_000

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
            help="limit, market, stop or stop_limit; by default limit with a price, else market.",
            show_default=False,
        ),
    ] = None,
    time_in_force: Annotated[
        str | None,
        typer.Option("--tif", help="gtc, ioc, fok or day.", show_default=False),
    ] = None,
    post_only: Annotated[bool, typer.Option("--post-only", help="Never take.")] = False,
    stop: Annotated[str | None, typer.Option(help="The stop.", show_default=False)] = None,
    trigger: Annotated[str | None, typer.Option(help="rise or fall.", show_default=False)] = None,
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
    with opened(data) as exchange:
        placement = exchange.place(
            symbol,
            side=side,
            quantity=quantity,
            price=price,
            type=order_type or ("market" if price is None else "limit"),
            time_in_force=time_in_force,
            account=account,
            post_only=post_only,
            stop=stop,
            trigger=trigger,
            display=display,
            amount=amount,
            client_order_id=client_order_id,
        )
    row = row_of(placement)
    row["fills"] = [fill._asdict() for fill in placement.fills]
    if not as_json:
        row["fills"] = tuple(f"{fill.quantity:f} at {fill.price:f}" for fill in placement.fills)
    show_row(row, as_json=as_json)


def cancel(
    symbol: Annotated[str, typer.Argument(help="The instrument's symbol.")],
    order_id: Annotated[int, typer.Argument(min=1, max=U64_MAX, help="The order.")],
    *,
    account: Account,
    data: DataOption = DATA,
) -> None:
    """Cancel an order."""
    with opened(data) as exchange:
        quantity = exchange.cancel(symbol, order_id, account=account)
    typer.echo(f"order {order_id}: cancelled, {quantity:f} was open")


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
