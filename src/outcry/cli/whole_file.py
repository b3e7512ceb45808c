"""Writing a file that is whole or not there."""

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
