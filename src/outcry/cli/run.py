"""`outcry run`: a durable exchange with simulated traders, to look at."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from types import FrameType
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.live import Live

from outcry.cli.live_view import Pulse, opening_lines, plain_line, view
from outcry.cli.traders import BATCH_MAX, Demo
from outcry.exchange import Exchange
from outcry.exchange.values import U32_MAX

DEMO_DIRECTORY: Final = Path("data/demo")
FRAMES_PER_SECOND: Final = 4
PULSE_SECONDS: Final = 1.0
# Where nobody looks on, the command ends by itself.
SECONDS_UNWATCHED: Final = 10.0
RATE_MAX: Final = 10_000_000
INTERRUPTED: Final = 130


class Stopping:
    """Whether somebody asked the command to end."""

    def __init__(self) -> None:
        self.is_asked = False

    def ask(self, _number: int, _frame: FrameType | None) -> None:
        """Note the first signal; a second one ends the process at once."""
        if self.is_asked:
            # What was acknowledged stands in the journal: nothing is lost by this.
            os._exit(INTERRUPTED)
        self.is_asked = True


class Pace:
    """Spreads commands over time; a rate of 0 is as fast as it goes."""

    def __init__(self, rate: int, now: Callable[[], float] = monotonic) -> None:
        self._rate, self._now = rate, now
        self._start, self._sent = now(), 0

    def due(self) -> int:
        """Return how many commands to send now, 0 for none even after a short sleep."""
        if not self._rate:
            return BATCH_MAX
        count = self._count()
        if count < 1:
            sleep(min(1 / self._rate, 1 / FRAMES_PER_SECOND))
            count = self._count()
        if count > self._rate:
            # Whoever fell a second behind does not run after it.
            self._start, self._sent = self._now(), 0
            return min(self._rate, BATCH_MAX)
        count = max(0, min(count, BATCH_MAX))
        self._sent += count
        return count

    def _count(self) -> int:
        return int((self._now() - self._start) * self._rate) - self._sent


class PulseCounter:
    """Counts by the second."""

    def __init__(self, demo: Demo, now: Callable[[], float] = monotonic) -> None:
        self._demo, self._now = demo, now
        self._since, self._commands, self._trades = now(), 0, 0
        self.pulse = Pulse(0, 0)

    def beat(self) -> bool:
        """Take a new pulse when a second has passed; return whether one was taken."""
        elapsed = self._now() - self._since
        if elapsed < PULSE_SECONDS:
            return False
        flow = self._demo.flow
        commands, trades = flow.acknowledged - self._commands, flow.trades - self._trades
        self.pulse = Pulse(int(commands / elapsed), int(trades / elapsed))
        self._since, self._commands, self._trades = self._now(), flow.acknowledged, flow.trades
        return True


def run(
    directory: Annotated[
        Path, typer.Argument(help="The data directory; made if it is not there.", metavar="DIR")
    ] = DEMO_DIRECTORY,
    *,
    rate: Annotated[
        int, typer.Option(min=0, max=RATE_MAX, help="Orders a second; 0 for as many as it takes.")
    ] = 20_000,
    seconds: Annotated[
        float | None,
        typer.Option(
            min=0,
            help=f"End after so long; {SECONDS_UNWATCHED:.0f} where the output is no terminal.",
            show_default=False,
        ),
    ] = None,
    instrument: Annotated[
        str | None,
        typer.Option(help="The symbol to show; by default the first.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=U32_MAX, help="Other traders.")] = 1,
) -> None:
    """Run a durable exchange on which simulated traders trade, and watch it.

    Ctrl-C stops cleanly, a second one at once; the next start goes on where it was.
    """
    console = Console()
    if seconds is None and not console.is_terminal:
        seconds = SECONDS_UNWATCHED
    stopping = Stopping()
    with _signals_go_to(stopping), Exchange.open(directory) as exchange:
        for line in opening_lines(str(directory), exchange.settings.durability, exchange.recovery):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        demo = Demo(exchange, seed, instrument)
        end = None if seconds is None else monotonic() + seconds
        _trade(exchange, demo, Pace(rate), console, lambda: stopping.is_asked or _is_past(end))
        sequence = exchange.close()
    flow = demo.flow
    done = f"{flow.acknowledged:,} orders acknowledged, {flow.trades:,} trades"
    console.print(f"closed at {sequence:,}: {done}", highlight=False)


def _is_past(end: float | None) -> bool:
    return end is not None and monotonic() >= end


@contextmanager
def _signals_go_to(stopping: Stopping) -> Iterator[None]:
    before = {number: signal.signal(number, stopping.ask) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def _trade(
    exchange: Exchange, demo: Demo, pace: Pace, console: Console, is_over: Callable[[], bool]
) -> None:
    counter = PulseCounter(demo)
    if not console.is_terminal:
        while not is_over():
            _send(demo, pace)
            if counter.beat():
                sys.stdout.write(f"{plain_line(exchange.status(), demo, counter.pulse)}\n")
                sys.stdout.flush()
        return
    with Live(console=console, auto_refresh=False, screen=True) as live:
        drawn = 0.0
        while not is_over():
            _send(demo, pace)
            counter.beat()
            if monotonic() - drawn >= 1 / FRAMES_PER_SECOND:
                live.update(view(exchange, demo, counter.pulse, console), refresh=True)
                drawn = monotonic()


def _send(demo: Demo, pace: Pace) -> None:
    count = pace.due()
    if count:
        demo.trade(count)
