"""Grouped arrays in the layout of the API specification, section 4.3: [x, y] order, channels last, legacy signs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.batches import cut_canvases
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import DataError

_KEYS = ("X_full", "coords_nn", "coords_relative", "coords_offsets", "nn_indices")


def grouped_arrays(raw: RawData, groups: NDArray[np.int64]) -> dict[str, Any]:
    """Return the grouped arrays of a scan as a dictionary (API specification, section 4.3).

    Parameters
    ----------
    groups : array (group, channel), int64
        Indices of the patterns, for example from :func:`ptychopinn.data.grouping.group`.

    Returns
    -------
    dict
        ``diffraction``, ``X_full`` (group, N, N, channel) float32 amplitude; ``Y`` of the same shape, complex64, or
        None; ``coords_nn``, ``coords_relative``, ``local_offsets``, ``coords_start_nn``, ``coords_start_relative``
        (group, 1, 2, channel) and ``coords_offsets``, ``coords_start_offsets`` (group, 1, 2, 1) float64, [x, y];
        ``nn_indices`` (group, channel); ``objectGuess`` as given; ``diff3d_units`` 'amplitude'; ``raw_data``,
        the scan itself.
    """
    n = raw.pattern_size
    diffraction = np.moveaxis(raw.amplitude(groups.reshape(-1)).reshape(*groups.shape, n, n), 1, -1)
    result: dict[str, Any] = {
        "diffraction": np.ascontiguousarray(diffraction),
        "X_full": normalised(diffraction, n),
        "nn_indices": groups,
        "objectGuess": raw.objectGuess,
        "diff3d_units": "amplitude",
        "raw_data": raw,
    }
    start = (raw.xcoords_start, raw.ycoords_start)
    for name, axes in (("coords", (raw.xcoords, raw.ycoords)), ("coords_start", start)):
        points = np.stack([np.asarray(values, np.float64)[groups] for values in axes], axis=1)[:, None]
        offsets = points.mean(axis=3, keepdims=True)
        # The legacy sign: from the point to the centre of its group.
        result.update({f"{name}_nn": points, f"{name}_offsets": offsets, f"{name}_relative": offsets - points})
    result["local_offsets"] = result["coords_relative"]
    result["Y"] = None if raw.objectGuess is None else object_patches(raw.objectGuess, result["coords_nn"], n)
    return result


def normalised(diffraction: NDArray[np.floating], n: int) -> NDArray[np.float32]:
    """Scale amplitudes (group, N, N, channel) by one factor to a mean summed intensity of (N/2) squared per pattern."""
    power = float(np.mean(np.sum(np.square(diffraction, dtype=np.float64), axis=(1, 2))))
    if not power > 0:
        raise DataError("the patterns of these groups are all zero", "counts", "Check diff3d and its units.")
    return (diffraction * np.float32(n / 2 / np.sqrt(power))).astype(np.float32)


def object_patches(obj: NDArray[Any], points: NDArray[np.float64], n: int) -> NDArray[np.complex64]:
    """Cut patches (group, N, N, channel) out of an object at points (group, 1, 2, channel), [x, y].

    Pixels outside the object are 1.
    """
    pixels = np.floor(points[:, 0, ::-1] + 0.5).astype(np.int64)
    patches = cut_canvases(obj, np.moveaxis(pixels, 1, 2).reshape(-1, 2), (n, n))
    return np.ascontiguousarray(np.moveaxis(patches.reshape(len(points), -1, n, n), 1, -1))


class PtychoDataContainer:
    """Normalised amplitudes of groups, with ground truth, offsets and probe.

    Parameters
    ----------
    grouped : mapping
        See :func:`grouped_arrays`.
    probe : array (N, N) or (mode, N, N), complex

    Attributes
    ----------
    X : array (group, N, N, channel), float32
    Y : array (group, N, N, channel), complex64
        Object patches; all values are 1 if there is no ground truth.
    Y_I, Y_phi : arrays like Y, float32
        Modulus and phase of Y.
    local_offsets : array (group, 1, 2, channel), float64
        [x, y] of the group centre minus [x, y] of the scan point.
    global_offsets : array (group, 1, 2, 1), float64
        [x, y] of the group centre.
    coords_nn : array (group, 1, 2, channel), float64
    nn_indices : array (group, channel), int
    probe : array as given

    Raises
    ------
    KeyError
        ``grouped`` lacks a key; the error names it.
    """

    def __init__(self, grouped: Mapping[str, Any], probe: NDArray[np.complexfloating]) -> None:
        missing = [key for key in _KEYS if key not in grouped]
        if missing:
            raise KeyError(f"the grouped data have no {missing[0]!r}; expected the result of generate_grouped_data")
        self.X: Any = np.asarray(grouped["X_full"], np.float32)
        truth = grouped.get("Y")
        patches = np.ones(self.X.shape, np.complex64) if truth is None else np.asarray(truth, np.complex64)
        self.Y: Any = patches
        self.Y_I: Any = np.abs(patches)
        self.Y_phi: Any = np.angle(patches)
        self.local_offsets = np.asarray(grouped["coords_relative"])
        self.global_offsets = np.asarray(grouped["coords_offsets"])
        self.coords_nn = np.asarray(grouped["coords_nn"])
        self.nn_indices = np.asarray(grouped["nn_indices"])
        self.probe = probe

    def __len__(self) -> int:
        return len(self.nn_indices)


def split_grouped(grouped: Mapping[str, Any], fraction: float, which: str) -> dict[str, Any]:
    """Return the leading ``fraction`` of the groups (``which='train'``) or the rest (``which='test'``)."""
    count = len(grouped["nn_indices"])
    cut = round(count * fraction)
    part = slice(0, cut) if which == "train" else slice(cut, count)

    def taken(key: str, value: Any) -> Any:
        grouped_axis = key != "objectGuess" and isinstance(value, np.ndarray) and value.shape[:1] == (count,)
        return value[part] if grouped_axis else value

    return {key: taken(key, value) for key, value in grouped.items()}
