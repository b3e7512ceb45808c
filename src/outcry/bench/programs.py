"""Peers in other languages: programs that read a command log and print their figures.

`make bench` builds them from `benchmarks/peers`. A program is called with the log and a number of
runs; it answers one line of JSON: `{"version", "messages", "trades", "lots", "runs", "setting"}`,
`runs` a list of millions of messages a second.
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from outcry import _native
from outcry.bench.figure import Figure, PeerFigure
from outcry.bench.order_flow import trades_of
from outcry.bench.python_rows import UNIT
from outcry.errors import OutcryError
from outcry.protocol import EVENT, LOG_HEADER, rows_of

PROGRAMS: Final = ("exchange-core", "orderbook-rs")
SECONDS_MAX: Final = 900


class PeerError(OutcryError):
    """A peer that was there and gave no figure."""


@dataclass(frozen=True)
class Flow:
    """A workload as a file for the peers, and what our engine makes of it.

    Attributes:
        log: The command log.
        trades: How many trades.
        lots: How many lots they are, together.
    """

    log: Path
    trades: int
    lots: int


def write_flow(workload: str, count: int, folder: Path) -> Flow:
    """Write a workload with its usual seed as a command log; a count of 0 takes it whole."""
    usual = {name: (seed, whole) for name, seed, whole in _native.workloads()}
    seed, whole = usual[workload]
    log = _native.simulate(workload, seed, count or whole)
    path = folder / f"{workload.replace('/', '-')}.commands"
    path.write_bytes(log)
    engine = _native.Engine()
    events = engine.apply_batch(memoryview(log)[LOG_HEADER.itemsize :])
    trades = trades_of(rows_of(events, EVENT))
    return Flow(path, len(trades), int(trades[:, 1].sum()))


def measure(program: Path, flow: Flow, runs: int) -> PeerFigure:
    """Run a peer's program over a flow.

    Raises:
        PeerError: It ended with an error, took too long, or answered something else.
    """
    command = [str(program), str(flow.log), str(runs)]
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=SECONDS_MAX
        )
        said = json.loads(answer.stdout)
        values = tuple(float(value) for value in said["runs"])
        if len(values) != runs:
            raise PeerError(f"{program.name}: it answered {len(values)} runs of {runs}")
        setting = f"{said['setting']}; {_agreement(said['trades'], said['lots'], flow)}"
        return PeerFigure(said["version"], Figure(program.name, UNIT, values, setting))
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no word"])[-1]
        raise PeerError(f"{program.name}: exit code {error.returncode}: {last}") from error
    except subprocess.TimeoutExpired as error:
        raise PeerError(f"{program.name}: not done after {SECONDS_MAX} s") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PeerError(f"{program.name}: its answer cannot be read: {error!r}") from error


def _agreement(trades: int, lots: int, flow: Flow) -> str:
    if (trades, lots) == (flow.trades, flow.lots):
        return f"as many trades ({trades}) and lots as ours"
    return f"{trades} trades of {lots} lots, ours are {flow.trades} of {flow.lots}"
