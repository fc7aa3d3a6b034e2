"""Batches of groups as arrays, for every framework."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ptychopinn.data.container import GroupedScan


class BatchArrays(NamedTuple):
    """Arrays of one batch of groups.

    Attributes
    ----------
    amplitude : array (group, channel, N, N), float32, in relative units
    offsets_px : array (group, channel, 2), float32
    truth : array (group, rows, columns), complex64; (group, 0, 0) without a known object
    """

    amplitude: NDArray[np.float32]
    offsets_px: NDArray[np.float32]
    truth: NDArray[np.complex64]


def make_batch(scan: GroupedScan, groups: NDArray[np.int64], shape: tuple[int, int], truth: bool) -> BatchArrays:
    """Return the arrays of groups (group, channel); if ``truth`` is True, include canvases of the known object."""
    canvases = np.zeros((len(groups), 0, 0), np.complex64)
    if truth and scan.data.objectGuess is not None:
        canvases = cut_canvases(scan.data.objectGuess, scan.origins(groups), shape)
    return BatchArrays(scan.amplitude(groups), scan.offsets(groups), canvases)


def cut_canvases(obj: NDArray[Any], origins: NDArray[np.int64], shape: tuple[int, int]) -> NDArray[np.complex64]:
    """Cut canvases of ``shape`` around ``origins`` (group, 2) out of an object; pixels beyond its border are 1."""
    layer = np.asarray(obj).reshape(-1, *np.shape(obj)[-2:])[0]
    places, inside = [], []
    for axis, size in enumerate(shape):
        pixels = origins[:, axis, None] - size // 2 + np.arange(size)
        places.append(pixels.clip(0, layer.shape[axis] - 1))
        inside.append(pixels == places[-1])
    cut = layer[places[0][:, :, None], places[1][:, None, :]]
    return np.where(inside[0][:, :, None] & inside[1][:, None, :], cut, 1).astype(np.complex64)
