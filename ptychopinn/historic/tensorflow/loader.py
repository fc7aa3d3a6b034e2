"""Historic module ``ptycho.loader``: conversion of grouped arrays to tensors (API specification, section 4.3)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ptychopinn.data.cover import compact_groups
from ptychopinn.data.raw_data import RawData
from ptychopinn.historic.data import container as patch_container
from ptychopinn.historic.data.container import grouped_arrays, split_grouped
from ptychopinn.historic.tensorflow.tf_helper import ScanOffsets

logger = logging.getLogger("ptychopinn")

__all__ = ["PtychoDataContainer", "load", "split_grouped"]


class PtychoDataContainer(patch_container.PtychoDataContainer):
    """A container whose patterns (``X``) and ground truth (``Y``, ``Y_I``, ``Y_phi``) are TensorFlow tensors."""

    def __init__(self, grouped: Mapping[str, Any], probe: NDArray[np.complexfloating]) -> None:
        super().__init__(grouped, probe)
        self.X, self.Y = tf.constant(self.X), tf.constant(self.Y)
        self.Y_I, self.Y_phi = tf.constant(self.Y_I), tf.constant(self.Y_phi)


def load(
    cb: Callable[[], Any], probeGuess: NDArray[np.complexfloating], which: str | None, create_split: bool
) -> PtychoDataContainer:
    """Return grouped data as a container.

    Parameters
    ----------
    cb : callable
        Returns the grouped arrays; with ``create_split``, also the fraction of the groups for training.
    probeGuess : array (N, N) or (mode, N, N), complex
    which : 'train' or 'test'
        'train' selects the leading part of the groups, 'test' the remainder; ignored without ``create_split``.

    Notes
    -----
    Hosts that leave their "number of samples" at 1 request a single group but mean the whole scan. A single group of a
    larger scan is therefore replaced with groups that cover every position; a log message reports this.

    Raises
    ------
    KeyError
        A key is missing from the grouped arrays; the message names it.
    """
    if not create_split:
        grouped = cb()
        scan = grouped.get("raw_data")
        if isinstance(scan, RawData) and len(grouped["nn_indices"]) == 1 and scan.n_patterns > 1:
            return _whole(scan, grouped, probeGuess)
        return PtychoDataContainer(grouped, probeGuess)
    grouped, fraction = cb()
    return PtychoDataContainer(split_grouped(grouped, fraction, str(which)), probeGuess)


def _whole(scan: RawData, grouped: Mapping[str, Any], probe: NDArray[np.complexfloating]) -> PtychoDataContainer:
    members = grouped["nn_indices"].shape[1]
    logger.info("1 group was requested; the scan is reconstructed from all %d positions", scan.n_patterns)
    groups = compact_groups(scan.positions_px, np.arange(scan.n_patterns), members)
    container = PtychoDataContainer(grouped_arrays(scan, groups), probe)
    container.global_offsets = ScanOffsets.of(container.global_offsets, scan.positions_px)
    return container
