"""Historic module ``ptycho.loader``: grouped arrays become tensors (Specification §4.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ptychopinn.data import patch_container
from ptychopinn.data.patch_container import split_grouped

__all__ = ["PtychoDataContainer", "load", "split_grouped"]


class PtychoDataContainer(patch_container.PtychoDataContainer):
    """The container with patterns (``X``) and ground truth (``Y``, ``Y_I``, ``Y_phi``) as TensorFlow tensors."""

    def __init__(self, grouped: Mapping[str, Any], probe: NDArray[np.complexfloating]) -> None:
        super().__init__(grouped, probe)
        self.X, self.Y = tf.constant(self.X), tf.constant(self.Y)
        self.Y_I, self.Y_phi = tf.constant(self.Y_I), tf.constant(self.Y_phi)


def load(
    cb: Callable[[], Any], probeGuess: NDArray[np.complexfloating], which: str | None, create_split: bool
) -> PtychoDataContainer:
    """Return the container of grouped data.

    Parameters
    ----------
    cb : callable
        Returns the grouped arrays, with ``create_split`` a pair of them and the fraction for training.
    probeGuess : array (N, N) or (mode, N, N), complex
    which : 'train' or 'test'
        Leading part or the rest; without ``create_split`` it has no meaning and may be None.
    create_split : bool

    Raises
    ------
    KeyError
        A key is missing; it is named.
    """
    if not create_split:
        return PtychoDataContainer(cb(), probeGuess)
    grouped, fraction = cb()
    return PtychoDataContainer(split_grouped(grouped, fraction, str(which)), probeGuess)
