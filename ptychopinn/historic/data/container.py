"""Grouped patterns with their positions, as the historic data loader hands them on (API specification, section 4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_KEYS = ("X_full", "coords_nn", "coords_relative", "coords_offsets", "nn_indices")


class PtychoDataContainer:
    """Normalised amplitudes of groups, ground truth, offsets, probe.

    Parameters
    ----------
    grouped : mapping
        See :func:`ptychopinn.historic.data.grouped_arrays.grouped_arrays`.
    probe : array (N, N) or (mode, N, N), complex

    Attributes
    ----------
    X : array (group, N, N, channel), float32
    Y : array (group, N, N, channel), complex64
        Object patches; ones without ground truth.
    Y_I, Y_phi : arrays like Y, float32
        Modulus and phase of Y.
    local_offsets : array (group, 1, 2, channel), float64
        [x, y], centre of the group minus point.
    global_offsets : array (group, 1, 2, 1), float64
        [x, y], centre of the group.
    coords_nn : array (group, 1, 2, channel), float64
    nn_indices : array (group, channel), int
    probe : array as given

    Raises
    ------
    KeyError
        ``grouped`` lacks a key; it is named.
    """

    def __init__(self, grouped: Mapping[str, Any], probe: NDArray[np.complexfloating]) -> None:
        missing = [key for key in _KEYS if key not in grouped]
        if missing:
            raise KeyError(f"the grouped data lack {missing[0]!r}; generate_grouped_data makes it")
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
    """Return the leading ``fraction`` of the groups (``which`` 'train') or the rest ('test')."""
    count = len(grouped["nn_indices"])
    cut = round(count * fraction)
    part = slice(0, cut) if which == "train" else slice(cut, count)

    def taken(key: str, value: Any) -> Any:
        grouped_axis = key != "objectGuess" and isinstance(value, np.ndarray) and value.shape[:1] == (count,)
        return value[part] if grouped_axis else value

    return {key: taken(key, value) for key, value in grouped.items()}
