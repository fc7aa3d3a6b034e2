"""Why a job failed: cause and remedy as sentences (no Qt, no framework)."""

from __future__ import annotations

import errno
import re
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ptychopinn.errors import JobCancelled

LOG_TAIL_CHARACTERS = 4000
# Messages are matched, because the classes belong to frameworks that are not imported here.
_GPU_MEMORY = re.compile(r"out.of.memory|RESOURCE_EXHAUSTED|CUBLAS_STATUS_ALLOC_FAILED|OOM when allocating", re.I)
_GPU = re.compile(r"\bcuda|cudnn|cublas|\bmps\b|\bhip\b|\bgpu\b", re.I)
_GPU_LOST = re.compile(
    r"CUDA.(driver.)?(error|initialization)|device-side assert|no CUDA|CUDA unknown error|NVIDIA driver"
    r"|(CUDNN|CUBLAS|CUSOLVER|CUFFT)_(STATUS_|INTERNAL_|EXEC)|(CUDA|MPS)Accelerator. can not run",
    re.I,
)
# Writers of the frameworks wrap errors of the disk into errors of their own.
_DISK_FULL = re.compile(r"no space left on device|disk quota exceeded|file write failed", re.I)
_FULL = "Free some space, or choose another runs folder in the settings."
_SMALLER = "Try a smaller batch size, network width or grid size"


@dataclass(frozen=True)
class JobFailure:
    """Why a job produced no result: an exception, a stop request, a native crash, or termination by the system."""

    kind: Literal["exception", "cancelled", "crash", "killed"]
    summary: str
    details: str = ""
    exit_code: int | None = None


def failure_of(error: BaseException, details: str) -> JobFailure:
    """Describe an exception: library errors and machine faults in sentences, all others by class and message."""
    own = type(error).__module__.split(".")[0] == "ptychopinn"
    words = str(error) if own else fault_words(error)
    kind: Literal["exception", "cancelled"] = "cancelled" if isinstance(error, JobCancelled) else "exception"
    return JobFailure(kind, words or f"{type(error).__name__}: {error}", details)


def death_of(code: int | None, log: Path | None) -> JobFailure:
    """Describe a process that ended without a reply, including the end of its log."""
    tail = ""
    if log is not None and log.is_file():
        tail = log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL_CHARACTERS:]
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        if -code == signal.SIGKILL:
            hint = f"This usually means the computer ran out of memory. {_SMALLER}."
            return JobFailure("killed", f"The job process was terminated by {name}. {hint}", tail, code)
        return JobFailure("crash", f"The job process crashed with {name}. The end of its log is below.", tail, code)
    return JobFailure("crash", f"The job process exited with code {code} and produced no result.", tail, code)


def fault_words(error: BaseException) -> str:
    """Return the cause and remedy of a disk, memory or GPU fault; empty for any other error."""
    text = str(error)
    if isinstance(error, OSError) and (words := _disk_words(error)):
        return words
    if _DISK_FULL.search(text):
        return f"Writing failed; the disk is probably full. {_FULL}"
    if isinstance(error, OSError):
        return ""
    if isinstance(error, MemoryError):
        return f"Not enough memory. {_SMALLER}, or close other programs."
    if _GPU_MEMORY.search(text):
        on_gpu = bool(_GPU.search(text)) or "OutOfMemory" in type(error).__name__
        return f"Not enough {'GPU ' if on_gpu else ''}memory. {_SMALLER}, or choose another device."
    if _GPU_LOST.search(text):
        reason = text.strip().splitlines()[0][:120]
        return f"The GPU is not responding ({reason}). Select the CPU, or restart the computer."
    return ""


def _disk_words(error: OSError) -> str:
    disk = f"The disk containing {error.filename}" if error.filename else "The disk"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{disk} is full. {_FULL}"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"Permission denied for {error.filename or 'a file'}. Ask for access, or choose another folder."
    if error.errno in (errno.ENOTDIR, errno.ENOENT, errno.EEXIST) and error.filename:
        return f"{error.filename} cannot be used ({error.strerror}). Choose another folder or file."
    if error.errno in (errno.EIO, errno.ESTALE, errno.ENODEV):
        return f"{disk} is not responding ({error.strerror}). Check its connection, then start the job again."
    return ""
