"""How the process that keeps the history up is started."""

import os
import sys
from pathlib import Path

from outcry.projections.history.projection import HistoryProjection


def doubt(data_directory: Path | str) -> None:
    """Say, before the process is started, that nothing can be read where its store is gone."""
    HistoryProjection.doubt(Path(data_directory))


def command(data_directory: Path | str) -> list[str]:
    """Return the command line of the process, which ends when the calling one does."""
    module = "outcry.projections.history"
    return [sys.executable, "-m", module, str(data_directory), "--parent-pid", str(os.getpid())]
