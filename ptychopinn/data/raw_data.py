"""A scan as measured: patterns, positions, probe and, if known, object."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.scan_arrays import check_scan_arrays
from ptychopinn.data.units import Units, checked_units, decide_units
from ptychopinn.errors import DataError

# Arrays with one entry for each pattern.
PER_PATTERN = ("xcoords", "ycoords", "xcoords_start", "ycoords_start", "diff3d", "scan_index")
# When patterns are only summed, this many values at a time become float32.
_CHUNK_VALUES = 1 << 22


class RawData:
    """A scan that keeps its arrays as given (API specification, sections 4.3 and 4.5).

    Parameters
    ----------
    xcoords, ycoords : (patterns,) real arrays, object pixels
        Object pixel under probe index ``[N // 2, N // 2]``.
    xcoords_start, ycoords_start : (patterns,) real arrays or None, object pixels
        Positions at the start of each exposure; None means the same as `xcoords`, `ycoords`.
    diff3d : (patterns, N, N) real array
        Diffraction patterns, zero frequency at ``[N // 2, N // 2]``, amplitude or counts.
    probeGuess : (N, N) or (modes, N, N) array, or None
        Probe; incoherent modes add their intensities.
    scan_index : (patterns,) integer array or None
        Scan that each pattern belongs to; None means that all belong to one scan.
    objectGuess : (height, width) or (layers, height, width) array, or None
        Object, if known.
    Y, norm_Y_I, metadata
        Stored for callers that need them.
    diff3d_units : 'amplitude', 'intensity' or None
        Units of `diff3d`; if None, they are determined from the values (`ptychopinn.data.units`).

    Raises
    ------
    DataError
        The shapes or dtypes are wrong or inconsistent; one message lists all faults. The error is also a ValueError.
    """

    def __init__(
        self,
        xcoords: NDArray[Any],
        ycoords: NDArray[Any],
        xcoords_start: NDArray[Any] | None,
        ycoords_start: NDArray[Any] | None,
        diff3d: NDArray[Any],
        probeGuess: NDArray[Any] | None,
        scan_index: NDArray[Any] | None,
        objectGuess: NDArray[Any] | None = None,
        Y: NDArray[Any] | None = None,
        norm_Y_I: Any = None,
        metadata: Any = None,
        *,
        diff3d_units: str | None = None,
    ) -> None:
        if diff3d_units not in (None, "auto"):
            checked_units(str(diff3d_units))
        arrays = {
            "xcoords": xcoords,
            "ycoords": ycoords,
            "xcoords_start": xcoords_start,
            "ycoords_start": ycoords_start,
            "diff3d": diff3d,
            "probeGuess": probeGuess,
            "scan_index": scan_index,
            "objectGuess": objectGuess,
        }
        check_scan_arrays({key: value for key, value in arrays.items() if value is not None})
        self.xcoords = xcoords
        self.ycoords = ycoords
        self.xcoords_start = xcoords if xcoords_start is None else xcoords_start
        self.ycoords_start = ycoords if ycoords_start is None else ycoords_start
        self.diff3d = diff3d
        self.probeGuess = probeGuess
        self.scan_index = np.zeros(len(xcoords), dtype=np.int64) if scan_index is None else scan_index
        self.objectGuess = objectGuess
        self.Y = Y
        self.norm_Y_I = norm_Y_I
        self.metadata = metadata
        self.diff3d_units: str | None = None if diff3d_units == "auto" else diff3d_units
        self._decided: tuple[NDArray[Any], str | None, Units, str] | None = None
        self._counts: tuple[NDArray[Any], Units, float] | None = None

    @classmethod
    def from_coords_without_pc(
        cls,
        xcoords: NDArray[Any],
        ycoords: NDArray[Any],
        diff3d: NDArray[Any],
        probeGuess: NDArray[Any] | None,
        scan_index: NDArray[Any] | None,
        objectGuess: NDArray[Any] | None = None,
        *,
        diff3d_units: str | None = None,
    ) -> Self:
        """Build a scan whose exposures have no separate start positions."""
        return cls(xcoords, ycoords, None, None, diff3d, probeGuess, scan_index, objectGuess, diff3d_units=diff3d_units)

    def take(self, indices: NDArray[np.int64]) -> Self:
        """Return the patterns at `indices`, in that order, as a scan with the units of the whole scan."""
        arrays: dict[str, Any] = {key: getattr(self, key)[indices] for key in PER_PATTERN}
        return type(self)(
            **arrays,
            probeGuess=self.probeGuess,
            objectGuess=self.objectGuess,
            Y=None if self.Y is None else self.Y[indices],
            norm_Y_I=self.norm_Y_I,
            metadata=self.metadata,
            diff3d_units=self.units,
        )

    @property
    def positions_px(self) -> NDArray[np.float64]:
        """Return the scan positions, (patterns, 2) float64, ``[y, x]`` in object pixels."""
        return np.stack([self.ycoords, self.xcoords], axis=1).astype(np.float64, copy=False)

    @property
    def n_patterns(self) -> int:
        """Return the number of diffraction patterns."""
        return int(self.diff3d.shape[0])

    @property
    def pattern_size(self) -> int:
        """Return the width N of a diffraction pattern in pixels."""
        return int(self.diff3d.shape[-1])

    @property
    def probe_modes(self) -> NDArray[np.complex64]:
        """Return the incoherent probe modes, (modes, N, N) complex64.

        Raises
        ------
        DataError
            The scan has no probe.
        """
        if self.probeGuess is None:
            fix = "Add the probe of a reconstruction or a calculated probe to the file."
            raise DataError("The scan has no probe", "probeGuess with shape (N, N) or (modes, N, N)", fix)
        size = self.pattern_size
        return np.asarray(self.probeGuess).reshape(-1, size, size).astype(np.complex64, copy=False)

    @property
    def units(self) -> Units:
        """Return the units of `diff3d`: 'amplitude' or 'intensity'."""
        return self._decide()[0]

    @property
    def units_reason(self) -> str:
        """Return one sentence that explains how the units were determined."""
        return self._decide()[1]

    def amplitude(self, indices: NDArray[np.int64] | slice | None = None) -> NDArray[np.float32]:
        """Return the diffraction amplitude, (n, N, N) float32, of all patterns or of `indices`.

        Counts become float32 before the square root, so no integer dtype can overflow. Negative intensities, which
        background subtraction can cause, are set to zero. The result is a new array.
        """
        patterns = self.diff3d if indices is None else self.diff3d[indices]
        if self.units == "amplitude":
            return np.array(patterns, dtype=np.float32)
        counts = np.array(patterns, dtype=np.float32)
        np.maximum(counts, 0, out=counts)
        return np.sqrt(counts, out=counts)

    def mean_counts(self) -> float:
        """Return the mean counts per pattern."""
        units = self.units
        if self._counts is None or self._counts[0] is not self.diff3d or self._counts[1] != units:
            step = max(1, _CHUNK_VALUES // max(1, self.diff3d[0].size))
            total = 0.0
            for start in range(0, self.n_patterns, step):
                amplitude = self.amplitude(slice(start, start + step))
                total += float(np.square(amplitude, out=amplitude).sum(dtype=np.float64))
            self._counts = (self.diff3d, units, total / self.n_patterns)
        return self._counts[2]

    def _decide(self) -> tuple[Units, str]:
        # Legacy scripts replace `diff3d`, so the decision is remembered for one array only.
        last = self._decided
        if last is None or last[0] is not self.diff3d or last[1] != self.diff3d_units:
            last = (self.diff3d, self.diff3d_units, *decide_units(self.diff3d, self.diff3d_units))
            self._decided = last
        return last[2], last[3]
