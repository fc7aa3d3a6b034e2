"""Devices for the device menu, found without importing a framework."""

from __future__ import annotations

from dataclasses import dataclass

from ptychopinn_app.services import memory

QUERY = ("--query-gpu=index,name,memory.free", "--format=csv,noheader,nounits")


@dataclass(frozen=True)
class Device:
    """A choice of the device menu: the accelerator it stands for, its label, which GPU it is, and its free bytes."""

    accelerator: str
    label: str
    index: str = ""
    free: int | None = None


def parse_gpus(text: str) -> list[Device]:
    """Read the answer of nvidia-smi, one 'index, name, free MiB' per line; other lines are ignored."""
    devices = []
    for line in text.splitlines():
        parts = [part.strip() for part in line.split(",")]
        if len(parts) == 3 and parts[0].isdigit() and parts[2].isdigit():
            free = int(parts[2]) * 2**20
            label = f"cuda:{parts[0]}  {parts[1]}  ({free / 2**30:.1f} GB free)"
            devices.append(Device("cuda", label, parts[0], free))
    return devices


def find_devices() -> tuple[Device, ...]:
    """Give the devices to offer. Blocks for some 0.1 s where there is a GPU: call it off the window's thread."""
    devices = (Device("auto", "Automatic"), Device("cpu", "CPU"))
    return (*devices, *parse_gpus(memory.output("nvidia-smi", *QUERY)))
