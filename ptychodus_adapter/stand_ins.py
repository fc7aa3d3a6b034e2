"""Light types with the fields and methods of the host's product, for programs without the host."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PixelGeometry:
    """Size of a pixel in metres."""

    width_m: float
    height_m: float


@dataclass(frozen=True)
class ObjectCenter:
    """Middle of an object in metres."""

    x_m: float
    y_m: float


@dataclass(frozen=True)
class ProbePosition:
    """Middle of the probe in metres."""

    index: int
    x_m: float
    y_m: float


@dataclass(frozen=True)
class ObjectPosition:
    """A position in pixels of an object."""

    index: int
    x_px: float
    y_px: float


@dataclass(frozen=True)
class ObjectGeometry:
    """Grid of an object; its middle is pixel ((width - 1) / 2, (height - 1) / 2)."""

    width_px: int
    height_px: int
    pixel_width_m: float
    pixel_height_m: float
    center_x_m: float
    center_y_m: float

    def map_coordinates_probe_to_object(self, position: ProbePosition) -> ObjectPosition:
        """Return a position in pixels."""
        x = (position.x_m - self.center_x_m) / self.pixel_width_m + (self.width_px - 1) / 2
        y = (position.y_m - self.center_y_m) / self.pixel_height_m + (self.height_px - 1) / 2
        return ObjectPosition(position.index, x, y)


class _Layers:
    """Complex images (layer, rows, columns)."""

    def __init__(self, array: NDArray[np.complexfloating]) -> None:
        self._array = np.asarray(array).reshape(-1, *np.shape(array)[-2:])

    def get_array(self) -> NDArray[np.complexfloating]:
        """Return all images (layer, rows, columns)."""
        return self._array


class Object(_Layers):
    """A complex object (layer, rows, columns) and its position."""

    def __init__(
        self,
        array: NDArray[np.complexfloating],
        pixel_geometry: PixelGeometry,
        center: ObjectCenter,
        layer_spacing_m: Sequence[float] = (),
    ) -> None:
        super().__init__(array)
        self._pixel, self._center = pixel_geometry, center
        self.layer_spacing_m = layer_spacing_m

    def get_layer(self, number: int) -> NDArray[np.complexfloating]:
        """Return one layer (rows, columns)."""
        return self._array[number]

    def get_pixel_geometry(self) -> PixelGeometry:
        """Return the size of a pixel."""
        return self._pixel

    def get_center(self) -> ObjectCenter:
        """Return the middle in metres."""
        return self._center

    def get_geometry(self) -> ObjectGeometry:
        """Return the grid."""
        rows, columns = self._array.shape[-2:]
        pixel, centre = self._pixel, self._center
        return ObjectGeometry(columns, rows, pixel.width_m, pixel.height_m, centre.x_m, centre.y_m)


class Probe(_Layers):
    """Incoherent modes (mode, N, N)."""

    def get_probe_no_opr(self) -> Probe:
        """Return the probe itself: it does not vary over the scan."""
        return self


class ReconstructorLibrary:
    """The part of a library that a host uses: its logger."""

    def __init__(self, logger_name: str) -> None:
        self._logger = logging.getLogger(logger_name)

    def get_logger(self) -> logging.Logger:
        """Return the logger of this library."""
        return self._logger


@dataclass(frozen=True)
class Product:
    """Positions, probe and object of a reconstruction, with its losses."""

    metadata: Any
    probe_positions: Sequence[ProbePosition]
    probes: Probe
    object_: Object
    losses: Sequence[Any]
