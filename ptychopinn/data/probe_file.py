"""A probe that replaces the probe of a scan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptychopinn.errors import DataError
from ptychopinn.files.npz_members import read_array


def read_probe(path: Path, n: int) -> NDArray[np.complexfloating]:
    """Read ``probeGuess``, (N, N) or (mode, N, N), from an NPZ file, for patterns ``n`` pixels wide.

    Raises
    ------
    MissingFileError, DataError
        The file is missing or has no probe, or the probe has the wrong size.
    """
    probe = read_array(path, "probeGuess")
    if probe.ndim not in (2, 3) or probe.shape[-2:] != (n, n):
        raise DataError(
            f"probeGuess of {path.name} has shape {probe.shape}, but the patterns are {n} pixels wide",
            f"({n}, {n}) or (modes, {n}, {n})",
            "Choose a probe that was calibrated on this scan.",
        )
    return probe


def fitting_probe(probe: NDArray[np.complexfloating], n: int, source: str) -> NDArray[np.complexfloating]:
    """Return the probe of a reconstruction after checking that it fits patterns ``n`` pixels wide.

    ``source`` names the scan in the message.

    Raises
    ------
    DataError
        The sizes differ.
    """
    if probe.shape[-1] != n:
        raise DataError(
            f"the reconstruction's probe is {probe.shape[-1]} px wide, but the patterns of {source} are {n} px wide",
            "a reconstruction of this scan",
            "Choose the scan that was reconstructed.",
        )
    return probe
