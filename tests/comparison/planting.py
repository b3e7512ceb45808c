"""Mistakes planted in the naive engine, and the streams that must find them."""

from collections.abc import Callable, Collection, Sequence

import pytest
from _pytest.mark import ParameterSet

from tests.comparison.compare import Difference, EngineFactory, Options, compare_stream

Plant = Callable[[pytest.MonkeyPatch], None]


class Plants:
    """Planted mistakes by name; as a decorator this takes one in."""

    def __init__(self) -> None:
        self._plants: dict[str, Plant] = {}

    def __call__(self, bug: Plant) -> Plant:
        """Take a mistake in under its name."""
        self._plants[bug.__name__] = bug
        return bug

    def __getitem__(self, name: str) -> Plant:
        return self._plants[name]

    def parameters(self, rare: Collection[Plant] = ()) -> list[ParameterSet]:
        """Return the names for a test; those of rare mistakes, which take seconds to show, slow."""
        slow = {bug.__name__ for bug in rare}
        return [
            pytest.param(name, marks=[pytest.mark.slow] if name in slow else [])
            for name in self._plants
        ]


def find_difference(
    make_fast: EngineFactory, options: Sequence[Options], seeds: int, commands: int
) -> Difference | None:
    """Run streams, each of the options in turn, until one shows a difference."""
    for seed in range(seeds):
        found = compare_stream(seed, commands, options[seed % len(options)], make_fast)
        if found is not None:
            return found
    return None
