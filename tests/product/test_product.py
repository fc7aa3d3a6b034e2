from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ptychopinn.errors import DataError
from ptychopinn.product.product import Product


def test_arrays_get_their_dtype_and_one_probe_is_one_mode() -> None:
    product = Product(np.ones((5, 7)), np.ones((4, 4)), np.ones((3, 2), dtype=np.float32), losses=(1, 2))
    assert product.object_.dtype == np.complex64
    assert product.probe.shape == (1, 4, 4) and product.probe.dtype == np.complex64
    assert product.positions_px.dtype == np.float64
    assert product.losses == (1.0, 2.0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"object_": np.ones((2, 5, 7))}, r"object has shape \(2, 5, 7\)"),
        ({"probe": np.ones((4, 5))}, r"probe has shape \(1, 4, 5\)"),
        ({"positions_px": np.ones(6)}, r"positions have shape \(6,\)"),
        ({"pixel_size_m": 0.0}, "pixel_size_m is 0"),
        ({"pixel_size_m": float("nan")}, "positive length"),
    ],
)
def test_mismatched_arrays_are_refused(change: dict[str, Any], says: str) -> None:
    sound = {"object_": np.ones((5, 7)), "probe": np.ones((4, 4)), "positions_px": np.ones((3, 2))}
    with pytest.raises(DataError, match=says):
        Product(**{**sound, **change})
