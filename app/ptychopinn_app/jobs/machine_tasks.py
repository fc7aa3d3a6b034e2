"""The short tasks of the helper process that look at the machine (no Qt)."""

from __future__ import annotations

from ptychopinn_app.jobs.spec import Emit, Stop
from ptychopinn_app.services.memory import MemoryReading, read_memory


def memory(emit: Emit, stop: Stop, *, pid: int | None, with_gpus: bool) -> MemoryReading:
    """Look how much memory is free, and how much a process and its descendants take."""
    return read_memory(pid, with_gpus)
