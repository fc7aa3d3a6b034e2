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
"""Damage shows in many ways: an unknown version, a name that is not text, an impossible size. None is a bug."""
