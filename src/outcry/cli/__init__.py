"""The command `outcry`."""

from outcry.cli.main import main

__all__ = ["main"]
