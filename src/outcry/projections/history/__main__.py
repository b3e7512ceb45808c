"""Keeps the history of a data directory up: `python -m outcry.projections.history DIR`."""

import argparse
import sys
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from outcry.errors import OutcryError
from outcry.projections.history.projection import HistoryProjection
from outcry.projections.history.store import DAMAGED, is_damage
from outcry.projections.runner import run


def main() -> int:
    """Follow a data directory until told to stop; return the code of the process."""
    parser = argparse.ArgumentParser(prog="python -m outcry.projections.history")
    parser.add_argument("data_directory", type=Path, metavar="DIR")
    parser.add_argument("--parent-pid", type=int, metavar="PID", help="end when it is gone")
    given = parser.parse_args()
    path: Path = given.data_directory
    try:
        run(
            path,
            HistoryProjection.name,
            lambda: HistoryProjection.open(path),
            given.parent_pid,
        )
    except (OutcryError, OSError, SQLAlchemyError) as error:
        if isinstance(error, SQLAlchemyError) and is_damage(error):
            HistoryProjection.folder(path).joinpath(DAMAGED).touch()
        sys.stderr.write(f"history: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
