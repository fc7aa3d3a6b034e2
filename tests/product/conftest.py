from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ptychopinn.product.product import Product


def random_product(size: int = 8, shape: tuple[int, int] = (41, 50), seed: int = 0, **changes: Any) -> Product:
    """Complex object and probe modes; an odd number of subpixel positions inside the object."""
    rng = np.random.default_rng(seed)
    complex_noise: Callable[..., Any] = lambda *s: rng.normal(size=s) + 1j * rng.normal(size=s)  # noqa: E731
    positions = rng.uniform(size, np.array(shape) - size, size=(7, 2))
    values = {
        "object_": complex_noise(*shape),
        "probe": complex_noise(2, size, size),
        "positions_px": positions,
        "pixel_size_m": 6.5e-9,
        "losses": (3.0, 2.0, 1.5),
        "name": "star",
        "comments": "first try",
    }
    return Product(**{**values, **changes})


@pytest.fixture
def product() -> Product:
    return random_product()


@pytest.fixture
def make_product() -> Callable[..., Product]:
    return random_product
