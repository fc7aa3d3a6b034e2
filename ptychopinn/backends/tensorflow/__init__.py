"""The TensorFlow and Keras backend; its parts load when they are first read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ptychopinn.backends.tensorflow.backend import BACKEND

# TensorFlow reports every optional accelerator that is absent; its warnings and errors still come through.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# Keras reads its backend once, when it is imported.
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

__all__ = ["BACKEND"]


def __getattr__(name: str) -> Any:
    if name != "BACKEND":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ptychopinn.backends.tensorflow.backend import BACKEND

    return BACKEND
