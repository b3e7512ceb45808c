"""Figures of several runs, ours and the peers', and the report they make."""

import statistics
from dataclasses import dataclass, field
from typing import Any

from outcry.bench.machine import Machine
from outcry.bench.targets import TARGETS, Target

Json = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """One figure of each run.

    Attributes:
        name: The row's name, as `matching/w5`.
        unit: The unit of the values.
        values: One for each run, at least one.
        setting: What was held fixed: counts, capacities, batch, threads.
    """

    name: str
    unit: str
    values: tuple[float, ...]
    setting: str

    @property
    def median(self) -> float:
        """The middle value, or the mean of the middle two."""
        return statistics.median(self.values)

    def json(self) -> Json:
        """Return name, unit, median, extremes, the number of runs, their values, the setting."""
        return {
            "name": self.name,
            "unit": self.unit,
            "median": self.median,
            "min": min(self.values),
            "max": max(self.values),
            "runs": len(self.values),
            "values": list(self.values),
            "setting": self.setting,
        }


@dataclass(frozen=True)
class PeerFigure:
    """A peer's figure in the unit of the row it stands beside; `version` is the peer's."""

    version: str
    figure: Figure

    @property
    def name(self) -> str:
        """The peer's name."""
        return self.figure.name


@dataclass(frozen=True)
class Row:
    """Our figure and those of the peers that do the same."""

    figure: Figure
    peers: tuple[PeerFigure, ...] = ()

    @property
    def target(self) -> Target | None:
        """What the median is to reach, None where nothing is set."""
        return TARGETS.get(self.figure.name)

    @property
    def peer(self) -> PeerFigure | None:
        """The peer with the greatest figure: peers are measured in messages a second."""
        return max(self.peers, key=lambda peer: peer.figure.median, default=None)

    @property
    def ratio(self) -> float | None:
        """Our median as a multiple of the best peer's."""
        return None if self.peer is None else self.figure.median / self.peer.figure.median

    def json(self) -> Json:
        """Return the figure, its target, the best peer's median and the ratio to it, every peer."""
        best = self.peer
        return {
            **self.figure.json(),
            "target": None if self.target is None else self.target.json(self.figure.median),
            "peer": None if best is None else {"name": best.name, "median": best.figure.median},
            "ratio": self.ratio,
            "peers": [{"version": peer.version, **peer.figure.json()} for peer in self.peers],
        }


@dataclass
class Report:
    """What was measured.

    Attributes:
        machine: Where.
        commit: Of which sources, None where they are not known.
        quick: Whether workloads were cut short: such figures say nothing.
        rows: The rows that were verified, in their order.
        failures: By row, why a figure counts for nothing.
        notes: By peer, why it is missing.
    """

    machine: Machine
    commit: str | None
    quick: bool
    rows: list[Row] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def json(self) -> Json:
        """Return the report as `--json` writes it."""
        return {
            "machine": vars(self.machine),
            "commit": self.commit,
            "quick": self.quick,
            "rows": [row.json() for row in self.rows],
            "failures": self.failures,
            "notes": self.notes,
        }
