"""PyTorch execution settings: device, loaders, optimiser, checkpoints. They never reach the legacy dictionary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ptychopinn.config.field import advanced_option, option
from ptychopinn.config.ranges import field_problems, refuse

# The TensorFlow backend trains without Lightning; of these settings it reads device, precision, optimiser and
# prediction.
TENSORFLOW_FIELDS = {"accelerator", "precision", "learning_rate", "scheduler", "gradient_clip_val", "accum_steps"}
TENSORFLOW_FIELDS |= {"early_stop_patience", "inference_batch_size", "middle_trim"}


@dataclass
class PyTorchExecutionConfig:
    """Runtime settings of the PyTorch backend (API specification, section 4.9), validated on construction.

    Raises
    ------
    ConfigError
        A value is outside its range; the message names the field. The error is also a ValueError.
    """

    accelerator: Literal["cpu", "auto", "gpu", "cuda", "tpu", "mps"] = option(
        "cpu", "Device", "Device that runs the computation; 'auto' uses a GPU if one is available.", "Hardware"
    )
    strategy: str = advanced_option(
        "auto", "Strategy", "Lightning strategy that distributes the work over several devices.", "Hardware"
    )
    deterministic: bool = advanced_option(
        True, "Reproducible", "Makes runs with the same seed identical; training may be faster without it.", "Hardware"
    )
    gradient_clip_val: float | None = advanced_option(
        None, "Gradient clipping", "Maximum gradient norm; the default is 1.", "Optimiser", minimum=0.0, unset="1"
    )
    accum_steps: int = advanced_option(
        1,
        "Accumulate batches",
        "Batches per optimiser step; more batches raise the effective batch size without extra memory.",
        "Optimiser",
        minimum=1,
    )
    num_workers: int = advanced_option(
        0, "Loader processes", "Worker processes; 0 loads data in the main process.", "Hardware", minimum=0, maximum=64
    )
    pin_memory: bool = advanced_option(False, "Pinned memory", "Speeds up copies to a CUDA device.", "Hardware")
    persistent_workers: bool = advanced_option(
        False,
        "Keep loaders",
        "Keeps the loader processes alive between epochs; requires at least one loader process.",
        "Hardware",
    )
    prefetch_factor: int | None = advanced_option(
        None,
        "Prefetch",
        "Number of batches that each loader process loads ahead; requires at least one loader process.",
        "Hardware",
        minimum=1,
    )
    learning_rate: float = option(1e-3, "Learning rate", "Peak step size of the optimiser.", "Optimiser", positive=True)
    scheduler: Literal["Default", "Exponential", "MultiStage", "Adaptive"] = option(
        "Default",
        "Schedule",
        "How the learning rate changes: 'Default' warms up, then decays like a cosine; 'Exponential' decays steadily;"
        " 'MultiStage' drops in steps; 'Adaptive' halves the rate when the loss stops falling.",
        "Optimiser",
    )
    enable_progress_bar: bool = advanced_option(False, "Progress bar", "Shows Lightning's own progress bar.", "Output")
    enable_checkpointing: bool = advanced_option(
        True, "Checkpoints", "Saves checkpoints of the best epochs along with the model.", "Checkpoints"
    )
    checkpoint_save_top_k: int = advanced_option(
        1, "Saved checkpoints", "Number of best epochs to save; -1 saves all, 0 none.", "Checkpoints", minimum=-1
    )
    checkpoint_monitor_metric: str = advanced_option(
        "val_loss", "Judged by", "Metric that decides which epoch is best.", "Checkpoints"
    )
    checkpoint_mode: Literal["min", "max"] = advanced_option(
        "min", "Better is", "Whether a smaller or a larger metric is better.", "Checkpoints"
    )
    early_stop_patience: int = advanced_option(
        100,
        "Patience",
        "Stops training after this many epochs without improvement.",
        "Optimiser",
        unit="epochs",
        minimum=1,
    )
    logger_backend: Literal["csv", "tensorboard", "mlflow", "none"] | None = advanced_option(
        "mlflow", "Logger", "Additional logger for the losses; metrics.csv is always written.", "Output", unset="mlflow"
    )
    inference_batch_size: int | None = advanced_option(
        None, "Prediction batch", "Groups per batch during prediction.", "Hardware", minimum=1
    )
    middle_trim: int = advanced_option(
        0,
        "Central square",
        "Stitches only a central square of this width from each patch; 0 stitches whole patches.",
        "Output",
        unit="px",
        minimum=0,
    )
    # No option: only the historic torch route reads it; elsewhere border positions are always reconstructed.
    pad_eval: bool = False
    precision: Literal["auto", "32-true", "bf16-mixed"] = advanced_option(
        "auto", "Precision", "Number format of the convolutions; 'auto' uses bfloat16 if supported.", "Hardware"
    )
    devices: int = advanced_option(
        1,
        "Devices",
        "Number of devices; training on more than one works only from the command line.",
        "Hardware",
        minimum=1,
        maximum=1024,
    )

    def __post_init__(self) -> None:
        refuse(field_problems(self))
