from __future__ import annotations

from collections.abc import Callable

import pytest

from builders import random_product
from ptychopinn.product.product import Product


@pytest.fixture
def product() -> Product:
    return random_product()


@pytest.fixture
def make_product() -> Callable[..., Product]:
    return random_product
