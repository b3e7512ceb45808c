"""Writing a file that is whole or not there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from outcry.errors import InvalidValue


def unfinished_beside(path: Path) -> Path:
    """Return the name under which a file is written until it is whole.

    Raises:
        InvalidValue: When something stands at `path` that is no regular file.
    """
    if not path.name or path.is_symlink() or (path.exists() and not path.is_file()):
        raise InvalidValue("output", str(path), "must be a regular file, or not there yet")
    return path.with_name(f"{path.name}.unfinished")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield the name to write under; then the file is at `path`; an error leaves it as it was.

    Raises:
        InvalidValue: When something stands at `path` that is no regular file.
        OSError: The file cannot be moved to its place.
    """
    unfinished = unfinished_beside(path)
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
