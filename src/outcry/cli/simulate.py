"""`outcry simulate`: an order flow made by seed, as a command log."""

from pathlib import Path
from typing import Annotated, Final

import typer

from outcry import _native
from outcry.cli.whole_file import whole_file
from outcry.exchange.values import U32_MAX

WORKLOADS: Final = {name: (seed, count) for name, seed, count in _native.workloads()}
DEMO: Final = "mixed"
COUNT_MAX: Final = 2**28


def simulate(
    out: Annotated[Path, typer.Argument(help="The command log to write.")],
    workload: Annotated[
        str, typer.Option(help=f"The flow: {', '.join(WORKLOADS)}.", metavar="NAME")
    ] = DEMO,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=U32_MAX, help="Another seed, another flow.", show_default=False),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=COUNT_MAX,
            help="New orders for w1 (about twice as many commands) and w5, else commands.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Make a deterministic order flow and write it as a command log for `outcry replay`.

    Seed and count are by default those with which the flow's published figures were made. The same
    flow, seed and count make the same bytes on every machine.
    """
    usual_seed, usual_count = WORKLOADS.get(workload, (0, 0))
    with whole_file(out) as unfinished:
        log = _native.simulate(
            workload,
            usual_seed if seed is None else seed,
            usual_count if count is None else count,
        )
        unfinished.write_bytes(log)
    typer.echo(f"{out}: {len(log):,} bytes")
