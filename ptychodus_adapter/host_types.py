"""The host's data types, or stand-ins with the same fields if no host is installed."""

from __future__ import annotations

import importlib
import logging
from abc import ABC
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray


def _host_module(*names: str) -> ModuleType | None:
    """Return the first of the named modules of ``ptychodus.api`` that can be imported, or None."""
    for name in names:
        try:
            return importlib.import_module(f"ptychodus.api.{name}")
        except ImportError:
            continue
    return None


# The module of the interfaces was renamed in ptychodus 1.5.
_reconstruct = _host_module("reconstruct", "reconstructor")
_product = _host_module("product")


@dataclass(frozen=True)
class PixelGeometry:
    """Size of a pixel in metres."""

    width_m: float
    height_m: float


@dataclass(frozen=True)
class ObjectCenter:
    """Centre of an object in metres."""

    x_m: float
    y_m: float


@dataclass(frozen=True)
class ProbePosition:
    """Centre of the probe in metres."""

    index: int
    x_m: float
    y_m: float


@dataclass(frozen=True)
class ObjectPosition:
    """A position in object pixels."""

    index: int
    x_px: float
    y_px: float


@dataclass(frozen=True)
class ObjectGeometry:
    """Grid of an object; its centre is pixel ((width - 1) / 2, (height - 1) / 2)."""

    width_px: int
    height_px: int
    pixel_width_m: float
    pixel_height_m: float
    center_x_m: float
    center_y_m: float

    def map_coordinates_probe_to_object(self, position: ProbePosition) -> ObjectPosition:
        """Convert a position from metres to object pixels."""
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
    """A complex object (layer, rows, columns) with its pixel size and centre."""

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
        """Return the centre in metres."""
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


class _ReconstructorLibrary:
    """The minimal interface that a host expects of a library: a logger."""

    def __init__(self, logger_name: str) -> None:
        self._logger = logging.getLogger(logger_name)

    def get_logger(self) -> logging.Logger:
        """Return the logger of this library."""
        return self._logger


@dataclass(frozen=True)
class _Product:
    """Positions, probe and object of a reconstruction, with its losses."""

    metadata: Any
    probe_positions: Sequence[ProbePosition]
    probes: Probe
    object_: Object
    losses: Sequence[Any]


@dataclass(frozen=True)
class _ReconstructInput:
    """Patterns (pattern, N, N), bad pixels (N, N) and the initial product."""

    diffraction_patterns: Any
    bad_pixels: Any
    product: Any


@dataclass(frozen=True)
class _ReconstructOutput:
    """Product, progress and status of a reconstruction job."""

    product: Any
    progress: int = 0
    status: int = 0


@dataclass(frozen=True)
class _LossValue:
    """Loss of an epoch; epochs are counted from 0."""

    epoch: int
    value: float


@dataclass(frozen=True)
class _TrainOutput:
    """Losses, progress and status of a training run."""

    training_loss: Sequence[Any] = field(default_factory=list)
    validation_loss: Sequence[Any] = field(default_factory=list)
    progress: int = 0
    status: int = 0


ReconstructInput: Any = getattr(_reconstruct, "ReconstructInput", _ReconstructInput)
ReconstructOutput: Any = getattr(_reconstruct, "ReconstructOutput", _ReconstructOutput)
TrainOutput: Any = getattr(_reconstruct, "TrainOutput", _TrainOutput)
TrainableReconstructor: Any = getattr(_reconstruct, "TrainableReconstructor", ABC)
ReconstructorLibrary: Any = getattr(_reconstruct, "ReconstructorLibrary", _ReconstructorLibrary)
LossValue: Any = getattr(_product, "LossValue", _LossValue)
Product: Any = getattr(_product, "Product", _Product)
