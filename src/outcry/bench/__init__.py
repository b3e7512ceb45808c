"""How fast it is: rows of figures, each verified, beside the peers that are there."""

from outcry.bench.figure import Figure, PeerFigure, Report, Row
from outcry.bench.machine import Machine, commit, this_machine
from outcry.bench.suite import NAMES, Plan, choose, measure
from outcry.bench.targets import TARGETS, Target

__all__ = [
    "NAMES",
    "TARGETS",
    "Figure",
    "Machine",
    "PeerFigure",
    "Plan",
    "Report",
    "Row",
    "Target",
    "choose",
    "commit",
    "measure",
    "this_machine",
]
