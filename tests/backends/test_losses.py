"""The loss of both backends against a float64 reference."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from scipy.special import xlogy

from ptychopinn.backends.method import DARK

RNG = np.random.default_rng(3)


@pytest.mark.parametrize(
    ("backend", "as_tensor"), [("torch", "torch.as_tensor"), ("tensorflow", "tensorflow.constant")]
)
@pytest.mark.parametrize("scale", [1e-2, 1.0, 30.0])
def test_the_loss_is_half_the_poisson_deviance(backend: str, as_tensor: str, scale: float) -> None:
    amplitude = np.abs(RNG.normal(size=(3, 8, 8))) * scale
    amplitude[:, 0] = 0
    intensity = np.abs(RNG.normal(size=(3, 8, 8))) * scale**2
    counts, rate = amplitude**2, intensity + DARK
    expected = (rate - counts + xlogy(counts, counts) - xlogy(counts, rate)).mean()
    module, _, name = as_tensor.rpartition(".")
    tensor = getattr(importlib.import_module(module), name)
    losses = importlib.import_module(f"ptychopinn.backends.{backend}.losses")
    found = losses.relative_deviance(*(tensor(each.astype(np.float32)) for each in (amplitude, intensity)))
    assert float(found) == pytest.approx(expected, rel=1e-4, abs=1e-6)
