"""Errors raised by Python's zip reader for damaged files."""

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
"""Exceptions that reading a damaged zip file can raise; none of them indicates a bug in this program."""
