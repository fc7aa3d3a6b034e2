"""Choice of the device, and of bfloat16 or float32 convolutions."""

from __future__ import annotations

import tensorflow as tf

from ptychopinn.backends.base import missing_accelerator
from ptychopinn.backends.cpu_features import multiplies_bfloat16

_GPU, _CPU = "/GPU:0", "/CPU:0"


def choose_device(accelerator: str) -> str:
    """Return TensorFlow's device name for an ``accelerator`` setting; ``'auto'`` prefers a GPU.

    Raises
    ------
    ConfigError
        The accelerator is not available on this machine.
    """
    if accelerator == "cpu":
        return _CPU
    present = _take_gpus()
    if accelerator == "auto":
        return _GPU if present else _CPU
    if accelerator in ("gpu", "cuda", "mps") and present:
        return _GPU
    raise missing_accelerator(accelerator, "TensorFlow")


def _take_gpus() -> bool:
    """Return whether GPUs are available; make TensorFlow allocate only the GPU memory that it needs."""
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        if not tf.config.experimental.get_memory_growth(gpu):
            try:
                tf.config.experimental.set_memory_growth(gpu, True)
            except RuntimeError:  # the device is already in use
                break
    return bool(gpus)


def use_bfloat16(precision: str, device: str) -> bool:
    """Return whether convolutions run in bfloat16; with ``'auto'``, they do if the hardware supports it."""
    if precision != "auto":
        return precision == "bf16-mixed"
    if device == _CPU:
        return multiplies_bfloat16()
    details = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
    return bool(details.get("compute_capability", (0, 0)) >= (8, 0))
