"""A small sound scan to spoil in one way at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from builders import Arrays, gaussian_scan


@pytest.fixture
def scan() -> Arrays:
    return gaussian_scan()


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Save arrays as scan.npz and return the path."""

    def _save(arrays: Arrays, name: str = "scan.npz", compressed: bool = False) -> Path:
        path = tmp_path / name
        (np.savez_compressed if compressed else np.savez)(path, **arrays)
        return path

    return _save
