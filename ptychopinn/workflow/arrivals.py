"""Which scans in a folder are new and written to their end."""

from __future__ import annotations

from pathlib import Path

from ptychopinn.data.scan_names import SCAN_SUFFIXES

# A file is whole when it has not grown or changed for this long.
SETTLED_S = 2.0

Stamp = tuple[int, int]


def scan_stamps(folder: Path) -> dict[Path, Stamp]:
    """Give size in bytes and time of change of every scan file in a folder.

    Raises
    ------
    OSError
        The folder cannot be read.
    """
    stamps = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in SCAN_SUFFIXES and not path.name.startswith("."):
            try:
                facts = path.stat()
            except FileNotFoundError:
                # Gone between listing and looking, such as a temporary name.
                continue
            stamps[path] = (facts.st_size, facts.st_mtime_ns)
    return stamps


class Arrivals:
    """Find files that are new since the beginning and no longer change.

    Parameters
    ----------
    known : mapping of path to stamp
        Files that are left out as long as they stay as they are.
    """

    def __init__(self, known: dict[Path, Stamp]) -> None:
        self._done = dict(known)
        self._seen: dict[Path, tuple[Stamp, float]] = {}

    @property
    def pending(self) -> int:
        """Number of files that still change."""
        return len(self._seen)

    def look(self, stamps: dict[Path, Stamp], now_s: float) -> list[Path]:
        """Take the present stamps; give the files that have become whole, each once."""
        self._seen = {path: seen for path, seen in self._seen.items() if path in stamps}
        whole = []
        for path, stamp in stamps.items():
            if self._done.get(path) == stamp:
                continue
            before, since = self._seen.get(path, (None, now_s))
            if before != stamp:
                self._seen[path] = (stamp, now_s)
            elif now_s - since >= SETTLED_S and stamp[0] > 0:
                del self._seen[path]
                self._done[path] = stamp
                whole.append(path)
        return whole
