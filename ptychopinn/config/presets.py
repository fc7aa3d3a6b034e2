"""Defaults of our own command line and app; the dataclasses use the defaults of the API specification."""

from __future__ import annotations

from typing import Any

# Sweeps of the iterative engine: a first picture, the probe, a finished object.
QUICK_LOOK_SWEEPS = 8
CALIBRATION_SWEEPS = 30
REFINEMENT_SWEEPS = 20


def own_model_defaults() -> dict[str, Any]:
    """Return the model settings that gave the best image on every test scan for a given training time."""
    return {"architecture": "unrolled", "gridsize": 4}


def own_training_defaults() -> dict[str, Any]:
    """Return the training settings that go with :func:`own_model_defaults`."""
    return {"backend": "pytorch", "batch_size": 2, "neighbor_count": 24, "nepochs": 60}


def own_execution_defaults() -> dict[str, Any]:
    """Return the execution settings of our own entry points: a GPU if available, no logger, no checkpoints."""
    return {"accelerator": "auto", "logger_backend": "none", "enable_checkpointing": False}
