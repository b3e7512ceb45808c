"""`outcry keys`: make, list and revoke the API keys of a data directory, in use or not."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from outcry.cli.data_directory import DATA, JOURNAL, DataOption, Row, show_row, show_rows
from outcry.cli.json_text import JsonOption
from outcry.errors import OpenFailed
from outcry.gateways.keys import PEM_BYTES_MAX, Key, KeyKind, KeyStore, Scope
from outcry.settings import Settings

_COLUMNS: Final = ("api_key", "kind", "account", "scopes", "networks", "created", "label")
_NS_PER_S: Final = 1_000_000_000

app = typer.Typer(
    name="keys",
    help="Make, list or revoke API keys; at once, without a restart.",
    no_args_is_help=True,
)


@app.command()
def create(
    *,
    account: Annotated[int, typer.Option(help="Whose key it is.", metavar="NUMBER")],
    scope: Annotated[
        str,
        typer.Option(
            help="What it may do: read, trade, withdraw, admin; several with commas between.",
            metavar="SCOPES",
        ),
    ],
    ip: Annotated[
        list[str] | None,
        typer.Option(
            help="A network it may be used from, as 10.0.0.0/8; again for each. Default: any.",
            metavar="NETWORK",
            show_default=False,
        ),
    ] = None,
    kind: Annotated[
        str, typer.Option(help="How requests are signed: hmac, ed25519 or rsa.", metavar="KIND")
    ] = KeyKind.HMAC.value,
    public_key: Annotated[
        Path | None,
        typer.Option(
            help="The public key, a PEM file, for ed25519 and rsa.",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    label: Annotated[str, typer.Option(help="What to call it.", metavar="TEXT")] = "",
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Make a key and tell its secret, this once."""
    scopes = Scope.of(*scope.split(","))
    pem = None if public_key is None else _pem(public_key)
    with _opened(data) as keys:
        made = keys.create(account, scopes, ip or (), kind=kind, public_key=pem, label=label)
    row: Row = {"api_key": made.api_key}
    if made.secret is not None:
        row["secret"] = made.secret
    show_row(row, as_json=as_json)
    if made.secret is not None:
        typer.echo("The secret is told this once; keep it.", err=True)


@app.command(name="list")
def list_keys(*, data: DataOption = DATA, as_json: JsonOption = False) -> None:
    """List the keys, the oldest first; no secret is told."""
    with _opened(data) as keys:
        show_rows([_row(key) for key in keys.list()], _COLUMNS, as_json=as_json)


@app.command()
def revoke(
    api_key: Annotated[str, typer.Argument(help="The key's name.", metavar="API_KEY")],
    *,
    data: DataOption = DATA,
) -> None:
    """Revoke a key: a running server refuses its next request, and its secret is gone."""
    with _opened(data) as keys:
        keys.revoke(api_key)
    typer.echo(f"{api_key}: revoked")


def _opened(data: Path) -> KeyStore:
    if not (data / JOURNAL).is_dir():
        raise OpenFailed(f"{data}: holds no exchange; `outcry init {data}` makes one")
    return KeyStore(data, keys_max=Settings.load(data).serve.keys_max)


def _pem(file: Path) -> bytes:
    # One byte more than can be taken, so that a larger file is named as too large.
    with file.open("rb") as opened:
        return opened.read(PEM_BYTES_MAX + 1)


def _row(key: Key) -> Row:
    return {
        "api_key": key.api_key,
        "kind": key.kind.value,
        "account": key.account,
        "scopes": key.scopes.names,
        "networks": key.networks.texts,
        "created": datetime.fromtimestamp(key.created_ns // _NS_PER_S, UTC).isoformat(),
        "label": key.label,
    }
