"""The grouped arrays of the API specification: axis order [x, y], channels last, legacy signs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError


def grouped_arrays(raw: RawData, groups: NDArray[np.int64]) -> dict[str, Any]:
    """Return the dictionary of the API specification, section 4.3, for groups of a scan.

    Parameters
    ----------
    raw : RawData
    groups : array (group, channel), int64
        Indices of the patterns, for example from :func:`ptychopinn.data.grouping.group`.

    Returns
    -------
    dict
        ``diffraction``, ``X_full`` (group, N, N, channel) float32 amplitude; ``Y`` alike, complex64, or None;
        ``coords_nn``, ``coords_relative``, ``local_offsets``, ``coords_start_nn``, ``coords_start_relative``
        (group, 1, 2, channel) and ``coords_offsets``, ``coords_start_offsets`` (group, 1, 2, 1) float64, [x, y];
        ``nn_indices`` (group, channel); ``objectGuess`` as given; ``diff3d_units`` 'amplitude'; ``raw_data``,
        the scan itself.
    """
    patterns = raw.amplitude(groups.reshape(-1)).reshape(*groups.shape, raw.pattern_size, raw.pattern_size)
    diffraction = np.ascontiguousarray(np.moveaxis(patterns, 1, -1))
    points = _coordinates(raw.xcoords, raw.ycoords, groups)
    start = _coordinates(raw.xcoords_start, raw.ycoords_start, groups)
    offsets, start_offsets = points.mean(axis=3, keepdims=True), start.mean(axis=3, keepdims=True)
    # The legacy sign: from the point to the centre of its group.
    relative = offsets - points
    return {
        "diffraction": diffraction,
        "X_full": normalised(diffraction, raw.pattern_size),
        "Y": None if raw.objectGuess is None else object_patches(raw.objectGuess, points, raw.pattern_size),
        "coords_nn": points,
        "coords_offsets": offsets,
        "coords_relative": relative,
        "local_offsets": relative,
        "coords_start_nn": start,
        "coords_start_offsets": start_offsets,
        "coords_start_relative": start_offsets - start,
        "nn_indices": groups,
        "objectGuess": raw.objectGuess,
        "diff3d_units": "amplitude",
        "raw_data": raw,
    }


def normalised(diffraction: NDArray[np.floating], n: int) -> NDArray[np.float32]:
    """Scale amplitudes (group, N, N, channel) by one factor: the mean summed intensity becomes (N/2) squared."""
    power = float(np.mean(np.sum(np.square(diffraction, dtype=np.float64), axis=(1, 2))))
    if not power > 0:
        raise DataError("the patterns of these groups are all zero", "counts", "Check diff3d and its units.")
    return (diffraction * np.float32(n / 2 / np.sqrt(power))).astype(np.float32)


def object_patches(obj: NDArray[Any], points: NDArray[np.float64], n: int) -> NDArray[np.complex64]:
    """Cut the patches (group, N, N, channel) of an object at points (group, 1, 2, channel), [x, y]; 1 outside."""
    layer = np.asarray(obj).reshape(-1, *np.shape(obj)[-2:])[0].astype(np.complex64)
    corner = np.floor(points[:, 0] + 0.5).astype(np.int64) - n // 2
    steps = np.arange(n)
    rows = corner[:, 1, :, None] + steps
    columns = corner[:, 0, :, None] + steps
    height, width = layer.shape
    inside = ((rows >= 0) & (rows < height))[..., :, None] & ((columns >= 0) & (columns < width))[..., None, :]
    cut = layer[rows.clip(0, height - 1)[..., :, None], columns.clip(0, width - 1)[..., None, :]]
    return np.ascontiguousarray(np.moveaxis(np.where(inside, cut, np.complex64(1)), 1, -1))


def _coordinates(x: NDArray[Any], y: NDArray[Any], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.stack([np.asarray(x, np.float64)[groups], np.asarray(y, np.float64)[groups]], axis=1)[:, None]
