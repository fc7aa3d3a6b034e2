"""Find new, completely written scans in a folder."""

from __future__ import annotations

from pathlib import Path

from ptychopinn.data.scan_names import SCAN_SUFFIXES, pattern_names

# A file is complete when it has not changed for this long.
SETTLED_S = 2.0
# Some programs create a file long before they fill it; a file that stays empty is a failed export.
EMPTY_SETTLED_S = 20.0

Stamp = tuple[int, int]


def scan_stamps(folder: Path) -> dict[Path, Stamp]:
    """Return the size in bytes and the modification time of every scan file in a folder.

    Two HDF5 files of one scan count as one, under the name of the file with positions and probe.

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
                # Renamed or deleted since the listing, such as a temporary file.
                continue
            stamps[path] = (facts.st_size, facts.st_mtime_ns)
    return _with_pairs_joined(stamps)


def _with_pairs_joined(stamps: dict[Path, Stamp]) -> dict[Path, Stamp]:
    joined = dict(stamps)
    for path, (size, changed) in stamps.items():
        partners = [] if path.suffix.lower() == ".npz" else [path.with_name(name) for name in pattern_names(path)]
        partner = next((other for other in partners if other in joined and other != path), None)
        if partner is not None and path in joined:
            other_size, other_changed = joined.pop(partner)
            joined[path] = (size + other_size, max(changed, other_changed))
    return joined


class Arrivals:
    """Finds files that are new and no longer changing.

    Parameters
    ----------
    known : mapping of path to stamp
        Files to skip until they change.
    """

    def __init__(self, known: dict[Path, Stamp]) -> None:
        self._done = dict(known)
        self._seen: dict[Path, tuple[Stamp, float]] = {}

    @property
    def pending(self) -> int:
        """Return the number of files that are still changing."""
        return len(self._seen)

    def look(self, stamps: dict[Path, Stamp], now_s: float) -> list[Path]:
        """Return files whose stamps have stopped changing; a file is returned again only after a change."""
        self._seen = {path: seen for path, seen in self._seen.items() if path in stamps}
        whole = []
        for path, stamp in stamps.items():
            if self._done.get(path) == stamp:
                continue
            before, since = self._seen.get(path, (None, now_s))
            if before != stamp:
                self._seen[path] = (stamp, now_s)
            elif now_s - since >= (SETTLED_S if stamp[0] > 0 else EMPTY_SETTLED_S):
                del self._seen[path]
                self._done[path] = stamp
                whole.append(path)
        return whole
