"""One sentence with cause and remedy for the faults of a machine: disk, memory, GPU (no Qt, no framework)."""

from __future__ import annotations

import errno
import re

# Messages are matched, because the classes belong to frameworks that are not imported here.
_GPU_MEMORY = re.compile(r"out.of.memory|RESOURCE_EXHAUSTED|CUBLAS_STATUS_ALLOC_FAILED|OOM when allocating", re.I)
_GPU = re.compile(r"\bcuda|cudnn|cublas|\bmps\b|\bhip\b|\bgpu\b", re.I)
_GPU_LOST = re.compile(
    r"CUDA.(driver.)?(error|initialization)|device-side assert|no CUDA|CUDA unknown error|NVIDIA driver"
    r"|(CUDNN|CUBLAS|CUSOLVER|CUFFT)_(STATUS_|INTERNAL_|EXEC)|(CUDA|MPS)Accelerator. can not run",
    re.I,
)
# Writers of the frameworks wrap what the disk says into errors of their own.
_DISK_FULL = re.compile(r"no space left on device|disk quota exceeded|file write failed", re.I)
_FULL = "Free some space, or choose another runs folder in the settings."
_SMALLER = "Try a smaller batch, fewer filters or a smaller grid"


def fault_words(error: BaseException) -> str:
    """Say what happened and how to mend it; empty when the error is none of these."""
    text = str(error)
    if isinstance(error, OSError) and (words := _disk_words(error)):
        return words
    if _DISK_FULL.search(text):
        return f"The disk takes no more data, most likely because it is full. {_FULL}"
    if isinstance(error, OSError):
        return ""
    if isinstance(error, MemoryError):
        return f"The memory of the computer does not suffice. {_SMALLER}, or close other programs."
    if _GPU_MEMORY.search(text):
        where = "graphics card" if _GPU.search(text) or "OutOfMemory" in type(error).__name__ else "computer"
        return f"The memory of the {where} does not suffice. {_SMALLER}, or choose another device."
    if _GPU_LOST.search(text):
        return f"The graphics card does not answer ({_first_line(text)}). Choose the CPU as device, or restart."
    return ""


def _disk_words(error: OSError) -> str:
    where = f" that holds {error.filename}" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk{where} is full. {_FULL}"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        name = error.filename or "A file"
        return f"{name} may not be read or written. Ask for the right to it, or choose another folder."
    if error.errno in (errno.ENOTDIR, errno.ENOENT, errno.EEXIST) and error.filename:
        return f"{error.filename} cannot be used ({error.strerror}). Choose another folder or file."
    if error.errno in (errno.EIO, errno.ESTALE, errno.ENODEV):
        return f"The disk{where} does not answer ({error.strerror}). Check its connection and start again."
    return ""


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0][:120] if text.strip() else "no reason given"
