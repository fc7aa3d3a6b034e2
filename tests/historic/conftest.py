"""Small scan files, and a legacy dictionary that is the same before and after."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ptychopinn.historic import params as legacy_params

# Tests are no package: their shared helpers are found by path.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def legacy_cfg() -> Iterator[dict[str, Any]]:
    before = copy.deepcopy(legacy_params.cfg)
    yield legacy_params.cfg
    legacy_params.cfg.clear()
    legacy_params.cfg.update(before)


@pytest.fixture
def scan_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes an NPZ file with a probe of the given shape, and returns its path."""

    def write(name: str = "train.npz", probe_shape: tuple[int, ...] | None = (32, 32)) -> Path:
        rng = np.random.default_rng(3)
        n = 32 if probe_shape is None else probe_shape[-1]
        arrays: dict[str, Any] = {"diff3d": rng.random((5, n, n), dtype=np.float32)}
        arrays |= {key: rng.random(5) for key in ("xcoords", "ycoords")}
        if probe_shape is not None:
            arrays["probeGuess"] = rng.random(probe_shape) + 1j * rng.random(probe_shape)
        np.savez(tmp_path / name, **arrays)
        return tmp_path / name

    return write
