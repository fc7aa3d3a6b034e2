"""Measure the memory of this machine and its GPUs, and the memory used by a process tree (no Qt)."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from ptychopinn_app.services.devices import Gpu, find_gpus


@dataclass(frozen=True)
class MemoryReading:
    """Free and used memory at one moment, in bytes; unknown values are None.

    Attributes
    ----------
    free : memory that a program can allocate without swapping
    job : resident memory of the job's process and all its descendants
    gpus : all GPUs; empty without an NVIDIA driver
    """

    free: int | None = None
    job: int | None = None
    gpus: tuple[Gpu, ...] = ()


def read_memory(pid: int | None, with_gpus: bool) -> MemoryReading:
    """Read the memory usage once. With GPUs, this takes about 0.1 s, so do not call it in the GUI thread."""
    import psutil

    job = tree_bytes(pid) if pid is not None else None
    return MemoryReading(psutil.virtual_memory().available, job, find_gpus() if with_gpus else ())


def tree_bytes(pid: int) -> int | None:
    """Return the resident memory of a process and its descendants in bytes; None if there is no such process."""
    import psutil

    try:
        root = psutil.Process(pid)
        processes = root.children(recursive=True)
        total = int(root.memory_info().rss)
    except psutil.Error:
        return None
    for process in processes:
        # A process may end, or belong to another user.
        with contextlib.suppress(psutil.Error):
            total += int(process.memory_info().rss)
    return total
