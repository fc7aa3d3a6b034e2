"""Memory of this machine, of a process with its children, and of its GPUs, without a library (no Qt).

Where the system does not tell a number it is None; nothing here raises for that.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TIMEOUT_SECONDS = 5
GPU_QUERY = ("--query-gpu=index,memory.used,memory.total", "--format=csv,noheader,nounits")


@dataclass(frozen=True)
class GpuMemory:
    """Memory of one GPU in bytes."""

    index: str
    used: int
    total: int


@dataclass(frozen=True)
class MemoryReading:
    """What was free and used at one moment, in bytes; None where the system does not tell.

    Attributes
    ----------
    free : what a program may still take without another one losing its own
    job : resident memory of a process and all its descendants
    gpus : every GPU, none where there is no NVIDIA driver
    """

    free: int | None = None
    job: int | None = None
    gpus: tuple[GpuMemory, ...] = ()


def read_memory(pid: int | None, with_gpus: bool) -> MemoryReading:
    """Look once. Takes some milliseconds, with GPUs some 0.1 s: call it off the window's thread."""
    job = tree_bytes(process_table(), pid) if pid is not None else None
    return MemoryReading(free_memory(), job, gpu_memory() if with_gpus else ())


def free_memory() -> int | None:
    """Give the free memory of the machine."""
    if sys.platform == "win32":
        return _windows_memory()
    if sys.platform == "darwin":
        return parse_vm_stat(output("vm_stat"))
    try:
        return parse_meminfo(Path("/proc/meminfo").read_text(encoding="utf-8"))
    except OSError:
        return None


def parse_meminfo(text: str) -> int | None:
    """Read the free bytes from the content of /proc/meminfo."""
    match = re.search(r"^MemAvailable:\s+(\d+) kB$", text, re.MULTILINE)
    return 1024 * int(match[1]) if match is not None else None


def parse_vm_stat(text: str) -> int | None:
    """Read the free bytes from the answer of vm_stat: free, inactive and purgeable pages."""
    page = re.search(r"page size of (\d+) bytes", text)
    pages = {name: int(count) for name, count in re.findall(r"^Pages ([\w -]+):\s+(\d+)\.", text, re.MULTILINE)}
    if page is None or "free" not in pages:
        return None
    return int(page[1]) * sum(pages.get(name, 0) for name in ("free", "inactive", "purgeable", "speculative"))


def process_table() -> dict[int, tuple[int, int]]:
    """Give process id -> (parent's id, resident bytes); empty where the system does not tell."""
    if sys.platform == "win32":
        return {}
    if sys.platform == "linux":
        return dict(filter(None, map(parse_stat, _stat_lines())))
    return parse_ps(output("ps", "-axo", "pid=,ppid=,rss="))


def parse_stat(line: str) -> tuple[int, tuple[int, int]] | None:
    """Read a line of /proc/<id>/stat; the name of the program, in brackets, may hold anything."""
    head, _, tail = line.rpartition(")")
    fields = tail.split()
    pid = head.partition(" ")[0]
    if not pid.isdigit() or len(fields) < 22:
        return None
    return int(pid), (int(fields[1]), int(fields[21]) * os.sysconf("SC_PAGE_SIZE"))


def parse_ps(text: str) -> dict[int, tuple[int, int]]:
    """Read lines of 'process parent kilobytes'; other lines are ignored."""
    rows = (line.split() for line in text.splitlines())
    numbers = (tuple(int(part) for part in row) for row in rows if len(row) == 3 and all(map(str.isdigit, row)))
    return {pid: (parent, 1024 * kilobytes) for pid, parent, kilobytes in numbers}


def tree_bytes(table: dict[int, tuple[int, int]], root: int) -> int | None:
    """Add up a process and its descendants; None when the process is not in the table."""
    if root not in table:
        return None
    children = defaultdict(list)
    for pid, (parent, _) in table.items():
        children[parent].append(pid)
    total, waiting, seen = 0, [root], set()
    while waiting:
        pid = waiting.pop()
        if pid not in seen:
            seen.add(pid)
            total += table[pid][1]
            waiting += children[pid]
    return total


def gpu_memory() -> tuple[GpuMemory, ...]:
    """Ask nvidia-smi for the memory of every GPU."""
    return parse_gpu_memory(output("nvidia-smi", *GPU_QUERY))


def parse_gpu_memory(text: str) -> tuple[GpuMemory, ...]:
    """Read lines of 'index, used MiB, total MiB'; other lines are ignored."""
    rows = ([part.strip() for part in line.split(",")] for line in text.splitlines())
    return tuple(
        GpuMemory(row[0], int(row[1]) * 2**20, int(row[2]) * 2**20)
        for row in rows
        if len(row) == 3 and all(map(str.isdigit, row))
    )


def output(*command: str) -> str:
    """Return what a command prints; empty where it is missing or fails."""
    tool = shutil.which(command[0])
    if tool is None:
        return ""
    try:
        done = subprocess.run(
            [tool, *command[1:]], capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout


def _stat_lines() -> Iterator[str]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            # A process may end while it is looked at.
            with contextlib.suppress(OSError):
                yield (folder / "stat").read_text(encoding="utf-8", errors="replace")


class _WindowsMemory(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows interface."""

    _fields_ = [
        ("length", ctypes.c_ulong),
        ("load", ctypes.c_ulong),
        *((name, ctypes.c_ulonglong) for name in ("total", "free", "page_total", "page_free", "virtual_total")),
        ("virtual_free", ctypes.c_ulonglong),
        ("extended_free", ctypes.c_ulonglong),
    ]


def _windows_memory() -> int | None:
    status = _WindowsMemory()
    status.length = ctypes.sizeof(status)
    kernel = getattr(ctypes, "windll", None)
    if kernel is None or not kernel.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return int(status.free)
