"""Write a file completely or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT)
"""Numbers of the errors of a disk, or of what the user may have of it, that takes no more data."""


@contextmanager
def naming_full_disk(path: Path) -> Iterator[None]:
    """Make the error of a full disk name `path`: one that comes while data are written has no name of its own."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            error.filename = str(path)
        raise


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside `path` that replaces it when the block ends without an error.

    The temporary file keeps the suffix, for writers that look at it. Its content is on the disk
    (fsync) before the rename, so a crash leaves either the old file or the new one. Missing parent
    folders are made. The error of a full disk names `path`.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.stem[:100]}.{secrets.token_hex(6)}.tmp{target.suffix}")
    try:
        with naming_full_disk(target):
            yield temporary
            _flush_to_disk(temporary, os.O_RDWR)
            os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    if os.name == "posix":  # Other systems cannot open a folder to flush the rename.
        _flush_to_disk(target.parent, os.O_RDONLY)


def _flush_to_disk(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
