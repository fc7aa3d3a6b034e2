"""Convert a host's patterns and product to a scan of this library."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.errors import DataError
from ptychopinn.historic.raw_data import RawData


def create_raw_data(parameters: Any) -> RawData:
    """Build a scan from a host's input (API specification, section 4.3).

    ``parameters`` holds the patterns (pattern, N, N) as counts or amplitudes, the bad pixels (N, N), and a product
    with positions, probe and object.

    Raises
    ------
    DataError
        The patterns are not square, or the arrays do not match. The error is also a ValueError.
    """
    patterns = np.asarray(parameters.diffraction_patterns)
    if patterns.ndim != 3 or patterns.shape[-1] != patterns.shape[-2]:
        text = f"the patterns have shape {patterns.shape}"
        raise DataError(text, "(pattern, N, N)", "Crop the patterns to a square.")
    product = parameters.product
    positions = positions_px(product)
    return RawData.from_coords_without_pc(
        xcoords=positions[:, 1],
        ycoords=positions[:, 0],
        diff3d=without_bad_pixels(patterns, parameters.bad_pixels),
        probeGuess=np.asarray(product.probes.get_probe_no_opr().get_array()),
        scan_index=np.zeros(len(positions), np.int64),
        objectGuess=np.asarray(product.object_.get_layer(0)),
    )


def positions_px(product: Any) -> NDArray[np.float64]:
    """Return scan positions (position, 2), (y, x): the object-pixel coordinates of probe index ``[N//2, N//2]``.

    The host's positions refer to the centre of an array: index n/2 before ptychodus 1.6, and (n-1)/2 since then. The
    latter lies between the central pixels of an even array, so half a pixel is added.
    """
    geometry = product.object_.get_geometry()
    points = list(product.probe_positions)
    positions = np.array([_yx(geometry.map_coordinates_probe_to_object(point)) for point in points], np.float64)
    return positions.reshape(-1, 2) + _centre_shift(geometry, points)


def _yx(position: Any) -> tuple[float, float]:
    names = ("y_px", "x_px") if hasattr(position, "y_px") else ("coordinate_y_px", "coordinate_x_px")
    return getattr(position, names[0]), getattr(position, names[1])


def _centre_shift(geometry: Any, points: list[Any]) -> NDArray[np.float64]:
    if not points:
        return np.zeros(2)
    names = [entry.name for entry in dataclasses.fields(points[0])][1:3]
    centre = (geometry.center_x_m, geometry.center_y_m)
    middle = dataclasses.replace(points[0], **dict(zip(names, centre, strict=True)))
    row, column = _yx(geometry.map_coordinates_probe_to_object(middle))
    return np.array([geometry.height_px / 2 - row, geometry.width_px / 2 - column])


def without_bad_pixels(patterns: NDArray[Any], bad: NDArray[np.bool_] | None) -> NDArray[Any]:
    """Return patterns (pattern, N, N) with bad pixels (N, N) replaced by the median of the surrounding good pixels."""
    if bad is None or not np.any(bad):
        return patterns
    repaired = patterns.copy()
    good = ~np.asarray(bad, bool)
    for row, column in np.argwhere(~good):
        # The window grows until it holds a good pixel.
        for reach in range(1, max(good.shape)):
            window = (slice(max(row - reach, 0), row + reach + 1), slice(max(column - reach, 0), column + reach + 1))
            if good[window].any():
                around = patterns[:, window[0], window[1]][:, good[window]]
                repaired[:, row, column] = np.median(around, axis=1).astype(patterns.dtype)
                break
    return repaired
