"""Find the GPUs of this machine and list the device menu's entries, without importing a framework (no Qt)."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass

TIMEOUT_SECONDS = 5
QUERY = ("--query-gpu=index,name,memory.used,memory.free,memory.total", "--format=csv,noheader,nounits")


@dataclass(frozen=True)
class Gpu:
    """One GPU and its memory in bytes."""

    index: str
    name: str
    used: int
    free: int
    total: int


@dataclass(frozen=True)
class Device:
    """An entry of the device menu: accelerator, label, GPU index and free memory in bytes."""

    accelerator: str
    label: str
    index: str = ""
    free: int | None = None


def parse_gpus(text: str) -> tuple[Gpu, ...]:
    """Parse nvidia-smi output with lines 'index, name, used MiB, free MiB, total MiB'; skip all other lines."""
    rows = ([part.strip() for part in line.split(",")] for line in text.splitlines())
    return tuple(
        Gpu(row[0], row[1], *(int(size) * 2**20 for size in row[2:]))
        for row in rows
        if len(row) == 5 and all(map(str.isdigit, (row[0], *row[2:])))
    )


def find_gpus() -> tuple[Gpu, ...]:
    """Return the GPUs; empty without an NVIDIA driver. Takes about 0.1 s, so do not call it in the GUI thread."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    try:
        done = subprocess.run([tool, *QUERY], capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
    except (OSError, subprocess.SubprocessError):
        return ()
    return parse_gpus(done.stdout)


def menu_entry(gpu: Gpu) -> Device:
    """Return the menu entry of a GPU."""
    label = f"cuda:{gpu.index}  {gpu.name}  ({gpu.free / 2**30:.1f} GB free)"
    return Device("cuda", label, gpu.index, gpu.free)


def find_devices() -> tuple[Device, ...]:
    """Return the entries of the device menu; takes as long as :func:`find_gpus`."""
    return (Device("auto", "Automatic"), Device("cpu", "CPU"), *map(menu_entry, find_gpus()))
