"""Check that zip members are safe to open: plain relative names, regular files, plausible sizes."""

from __future__ import annotations

import re
import stat
import zipfile

from ptychopinn.errors import ArchiveError

MAX_MEMBERS = 10_000
MAX_MEMBER_BYTES = 16 << 30
MAX_TOTAL_BYTES = 32 << 30
MAX_RATIO = 500
"""Deflate reaches 1000:1 only on zeros; weights and checkpoints compress far less."""

_RATIO_FROM_BYTES = 64 << 20
_ENCRYPTED = 0x1
_DRIVE = re.compile(r"^[A-Za-z]:")


def check_members(archive: zipfile.ZipFile, source: str) -> None:
    """Reject a zip file with members that a model archive never contains.

    Raises
    ------
    ArchiveError
        A member's name points outside the archive (absolute, '..', drive letter, backslash); a member is a link or
        a device, is encrypted or occurs twice; or the number or the size of the members is implausible.
    """
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise _unsafe(source, f"it has {len(infos):,} members, more than the limit of {MAX_MEMBERS:,}")
    names: set[str] = set()
    for info in infos:
        fault = name_fault(info.orig_filename) or _kind_fault(info) or _size_fault(info)
        if fault is None and info.filename in names:
            fault = "is in the archive twice"
        if fault is not None:
            raise _unsafe(source, f"its member {info.orig_filename!r} {fault}")
        names.add(info.filename)
    total = sum(info.file_size for info in infos)
    if total > MAX_TOTAL_BYTES:
        raise _unsafe(source, f"it would unpack to {total / 2**30:,.1f} GiB")


def name_fault(name: str) -> str | None:
    """Return a description of the fault in a member's name, or None."""
    if "\\" in name:
        return "has a backslash in its name"
    if "\0" in name:
        return "has a null byte in its name"
    if name.startswith("/") or _DRIVE.match(name):
        return "has an absolute path"
    if ".." in name.split("/"):
        return "points outside the archive ('..')"
    return None


def _kind_fault(info: zipfile.ZipInfo) -> str | None:
    mode = info.external_attr >> 16
    kind = stat.S_IFMT(mode)
    if kind == stat.S_IFLNK:
        return "is a link"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is not a regular file"
    return "is encrypted" if info.flag_bits & _ENCRYPTED else None


def _size_fault(info: zipfile.ZipInfo) -> str | None:
    if info.file_size > MAX_MEMBER_BYTES:
        return f"declares {info.file_size / 2**30:,.1f} GiB"
    if info.file_size > _RATIO_FROM_BYTES and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        return f"would expand from {info.compress_size:,} to {info.file_size:,} bytes"
    return None


def _unsafe(source: str, fault: str) -> ArchiveError:
    return ArchiveError(
        f"{source} is not safe to open: {fault}",
        "an archive saved by PtychoPINN Studio",
        "Nothing was unpacked. Use a model from a source that you trust.",
    )
