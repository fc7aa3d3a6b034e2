"""The previews of a run, kept in its folder so that one can slide back through them (no Qt)."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np

from ptychopinn.events import Preview

FOLDER = "previews"
MOST = 60


class Thinning:
    """Says which of ever more previews stay: all, then every second, every fourth, …, and always the newest."""

    def __init__(self) -> None:
        self._kept: list[int] = []
        self._stride = 1

    def add(self, number: int) -> list[int]:
        """Take the next number, counted from 0; gives those that have to go."""
        self._kept.append(number)
        if len(self._kept) > MOST:
            self._stride *= 2
        gone = [each for each in self._kept if each % self._stride and each != number]
        self._kept = [each for each in self._kept if each not in gone]
        return gone


class PreviewStore:
    """Writes previews one by one; of too many every second one goes, so that they span the whole run evenly."""

    def __init__(self, run_dir: Path) -> None:
        self._folder = run_dir / FOLDER
        self._kept: dict[int, Path] = {}
        self._thinning = Thinning()
        self._count = 0
        self._broken = False

    def add(self, preview: Preview) -> None:
        """Keep a preview; a disk that cannot take it ends the keeping, not the job."""
        if self._broken:
            return
        path = self._folder / f"{self._count:06d}-{preview.epoch}.npz"
        try:
            self._folder.mkdir(exist_ok=True)
            # Half precision: a picture needs no more, and a run stays small.
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
    """Give (number, epoch) of the previews of a run, oldest first."""
    found = []
    for path in sorted((run_dir / FOLDER).glob("*.npz")):
        number, _, epoch = path.stem.partition("-")
        if number.isdigit() and epoch.isdigit():
            found.append((int(number), int(epoch)))
    return tuple(found)


def read_preview(run_dir: Path, number: int) -> Preview | None:
    """Read the preview with a number, or the one nearest to it that is still there; None without any."""
    kept = list_previews(run_dir)
    if not kept:
        return None
    number, epoch = min(kept, key=lambda each: abs(each[0] - number))
    with np.load(run_dir / FOLDER / f"{number:06d}-{epoch}.npz") as arrays:
        return Preview(epoch, arrays["amplitude"].astype(np.float32), arrays["phase"].astype(np.float32))
