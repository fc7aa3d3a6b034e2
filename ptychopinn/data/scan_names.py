"""Suffixes of scan files, and likely names of the partner of an HDF5 file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ptychopinn.files.names import HDF5_SUFFIXES

SCAN_SUFFIXES = (".npz", *HDF5_SUFFIXES)
# Words in the name of a parameter file, and the matching words of its pattern file.
_PARTNERS = (("product-in", "diffraction"), ("product", "diffraction"), ("para", "dp"), ("product", "patterns"))


def pattern_names(path: Path) -> Iterator[str]:
    """Yield likely names of the pattern file that belongs to a parameter file, best first."""
    return _exchanged(path, _PARTNERS)


def partner_names(path: Path) -> Iterator[str]:
    """Yield likely names of the partner of a parameter or pattern file, best first."""
    yield from pattern_names(path)
    yield from _exchanged(path, tuple((second, first) for first, second in _PARTNERS))


def _exchanged(path: Path, words: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for one, other in words:
        if one in path.stem:
            yield path.stem.replace(one, other) + path.suffix
