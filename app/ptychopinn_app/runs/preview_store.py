"""Store the previews of a run in its folder, for the epoch slider (no Qt)."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np

from ptychopinn.events import Preview

FOLDER = "previews"
MOST = 60


class Thinning:
    """Selects the previews to store: at first all, later every second, fourth and so on, plus the newest one."""

    def __init__(self) -> None:
        self._kept: list[int] = []
        self._stride = 1

    def add(self, number: int) -> list[int]:
        """Add the number of the next preview, counted from 0; return the numbers of the previews to delete."""
        self._kept.append(number)
        if len(self._kept) > MOST:
            self._stride *= 2
        deleted = [each for each in self._kept if each % self._stride and each != number]
        self._kept = [each for each in self._kept if each not in deleted]
        return deleted


class PreviewStore:
    """Writes previews; if there are too many, deletes every second one, so that the rest span the run."""

    def __init__(self, run_dir: Path) -> None:
        self._folder = run_dir / FOLDER
        self._kept: dict[int, Path] = {}
        self._thinning = Thinning()
        self._count = 0
        self._broken = False

    def add(self, preview: Preview) -> None:
        """Write a preview. After a write error no more previews are written; the job continues."""
        if self._broken:
            return
        path = self._folder / f"{self._count:06d}-{preview.epoch}.npz"
        try:
            self._folder.mkdir(exist_ok=True)
            # Half precision is enough for a picture and keeps the run small.
            np.savez(path, amplitude=preview.amplitude.astype(np.float16), phase=preview.phase.astype(np.float16))
        except OSError:
            self._broken = True
            return
        self._kept[self._count] = path
        for number in self._thinning.add(self._count):
            with contextlib.suppress(OSError):
                self._kept.pop(number).unlink()
        self._count += 1


def list_previews(run_dir: Path) -> tuple[tuple[int, int], ...]:
    """Return (number, epoch) for each preview of a run, oldest first."""
    previews = []
    for path in sorted((run_dir / FOLDER).glob("*.npz")):
        number, _, epoch = path.stem.partition("-")
        if number.isdigit() and epoch.isdigit():
            previews.append((int(number), int(epoch)))
    return tuple(previews)


def read_preview(run_dir: Path, number: int) -> Preview | None:
    """Read the preview with the given number, or the nearest one that still exists; None if the run has no previews."""
    previews = list_previews(run_dir)
    if not previews:
        return None
    number, epoch = min(previews, key=lambda each: abs(each[0] - number))
    with np.load(run_dir / FOLDER / f"{number:06d}-{epoch}.npz") as arrays:
        return Preview(epoch, arrays["amplitude"].astype(np.float32), arrays["phase"].astype(np.float32))
