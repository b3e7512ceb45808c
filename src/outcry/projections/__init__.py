"""Folds over what the exchange did, each kept in a store of its own, with how far it is.

A projection reads commands and events from the data directory, in a process of its own and without
the directory's lock, and can always be made again from them.
"""

from outcry.errors import ProjectionLagging
from outcry.projections.base import Projection
from outcry.projections.progress import Progress

__all__ = ["Progress", "Projection", "ProjectionLagging"]
