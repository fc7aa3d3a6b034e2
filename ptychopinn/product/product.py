"""The product of a reconstruction: object, probe and positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.errors import DataError


@dataclass(frozen=True, eq=False)
class Product:
    """A finished reconstruction.

    Attributes
    ----------
    object_ : (height, width) complex64
    probe : (modes, N, N) complex64, incoherent modes; (N, N) counts as one mode
    positions_px : (positions, 2) float64, ``[y, x]``, object pixel under probe index ``[N // 2, N // 2]``
    pixel_size_m : side of an object pixel in metres, None if unknown
    losses : loss of every epoch
    name, comments : any text
    photon_energy_eV, detector_distance_m : values of the measurement, None if unknown

    Raises
    ------
    DataError
        The shapes do not match, or the pixel size is not positive.
    """

    object_: NDArray[Any]
    probe: NDArray[Any]
    positions_px: NDArray[Any]
    pixel_size_m: float | None = None
    losses: tuple[float, ...] = ()
    name: str = "PtychoPINN"
    comments: str = ""
    photon_energy_eV: float | None = None
    detector_distance_m: float | None = None

    def __post_init__(self) -> None:
        probe = np.asarray(self.probe, dtype=np.complex64)
        probe = probe[None] if probe.ndim == 2 else probe
        object_ = np.asarray(self.object_, dtype=np.complex64)
        positions = np.asarray(self.positions_px, dtype=np.float64)
        _check(object_.shape, probe.shape, positions.shape, self.pixel_size_m)
        object.__setattr__(self, "object_", object_)
        object.__setattr__(self, "probe", probe)
        object.__setattr__(self, "positions_px", positions)
        object.__setattr__(self, "losses", tuple(float(loss) for loss in self.losses))


def _check(
    object_shape: tuple[int, ...],
    probe_shape: tuple[int, ...],
    positions_shape: tuple[int, ...],
    pixel_size_m: float | None,
) -> None:
    if len(object_shape) != 2 or 0 in object_shape:
        raise DataError(f"The object has shape {object_shape}", "(height, width)")
    if len(probe_shape) != 3 or 0 in probe_shape or probe_shape[1] != probe_shape[2]:
        raise DataError(f"The probe has shape {probe_shape}", "(modes, N, N)")
    if len(positions_shape) != 2 or positions_shape[1] != 2:
        raise DataError(f"The positions have shape {positions_shape}", "(positions, 2), y before x")
    if pixel_size_m is not None and not (np.isfinite(pixel_size_m) and pixel_size_m > 0):
        raise DataError(f"pixel_size_m is {pixel_size_m}", "a positive length in metres, or None if unknown")
