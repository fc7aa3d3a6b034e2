"""Batches of groups as arrays."""

from __future__ import annotations

import tracemalloc

import numpy as np

from ptychopinn.data.batches import cut_canvases
from ptychopinn.physics.exit_wave import cut_patch


def test_canvases_are_cut_at_their_origins_and_are_empty_beyond_the_border() -> None:
    rng = np.random.default_rng(0)
    obj = (rng.standard_normal((40, 33)) + 1j * rng.standard_normal((40, 33))).astype(np.complex64)
    origins = np.array([[20, 16], [0, 0], [39, 32], [-5, 50], [-90, 200]])
    found = cut_canvases(obj[None], origins, (16, 16))
    assert found.dtype == np.complex64
    for canvas, origin in zip(found, origins, strict=True):
        assert np.array_equal(canvas, cut_patch(obj, origin - 8, 16))


def test_a_batch_does_not_copy_the_known_object() -> None:
    obj = np.ones((1000, 1000), np.complex64)
    tracemalloc.start()
    cut_canvases(obj, np.array([[500, 500]]), (32, 32))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < obj.nbytes / 20
