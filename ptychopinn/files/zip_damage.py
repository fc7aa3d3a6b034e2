"""What Python's zip reader raises on damaged bytes, in one place for all files that are zip files."""

from __future__ import annotations

import struct
import zipfile
import zlib

ZIP_DAMAGE: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    OverflowError,
    MemoryError,
)
"""Damage meets the reader in many places: a version it does not know, a name that is no text, a size
that no machine has. None of these is a fault of the program."""
