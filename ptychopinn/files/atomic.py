"""Write a file completely or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT)
"""Error numbers of a full disk or an exceeded quota."""


@contextmanager
def naming_full_disk(path: Path) -> Iterator[None]:
    """Set the file name of a disk-full error to `path`; errors raised while writing data have none."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            error.filename = str(path)
        raise


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path next to `path`; its file replaces `path` if the block ends without an error.

    The temporary file keeps the suffix, for writers that depend on it. Its content is on disk (fsync) before the
    rename, so a crash leaves either the old or the new file. Missing parent folders are created. A disk-full error
    names `path`.
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
