"""How PyTorch runs: device, loaders, optimiser, checkpoints. It never reaches the legacy dictionary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ptychopinn.config.field import option
from ptychopinn.config.ranges import field_problems, refuse

# The TensorFlow backend trains without Lightning; of these settings it takes device, precision, optimiser
# and prediction.
TENSORFLOW_FIELDS = frozenset(
    {
        "accelerator",
        "precision",
        "learning_rate",
        "scheduler",
        "gradient_clip_val",
        "accum_steps",
        "early_stop_patience",
        "inference_batch_size",
        "middle_trim",
    }
)


@dataclass
class PyTorchExecutionConfig:
    """Runtime behaviour of the PyTorch backend (API specification, section 4.9); checked on construction.

    Raises
    ------
    ConfigError
        A value outside its range; the message names the field. It is a ValueError.
    """

    accelerator: Literal["cpu", "auto", "gpu", "cuda", "tpu", "mps"] = option(
        "cpu",
        label="Device",
        help="Device that runs the computation; 'auto' uses a GPU if there is one.",
        group="Hardware",
    )
    strategy: str = option(
        "auto",
        label="Strategy",
        help="Lightning strategy that distributes the work over several devices.",
        group="Hardware",
        advanced=True,
    )
    deterministic: bool = option(
        True,
        label="Reproducible",
        help="Makes runs with the same seed identical; off may be faster.",
        group="Hardware",
        advanced=True,
    )
    gradient_clip_val: float | None = option(
        None,
        label="Gradient clipping",
        help="Largest norm of a gradient; the default is 1.",
        minimum=0.0,
        group="Optimiser",
        advanced=True,
        unset="1",
    )
    accum_steps: int = option(
        1,
        label="Accumulate batches",
        help="Batches whose gradients are summed per step: a larger effective batch without more memory.",
        minimum=1,
        group="Optimiser",
        advanced=True,
    )
    num_workers: int = option(
        0,
        label="Loader processes",
        help="Number of processes that load batches; 0 loads in the training process.",
        minimum=0,
        maximum=64,
        group="Hardware",
        advanced=True,
    )
    pin_memory: bool = option(
        False,
        label="Pinned memory",
        help="Speeds up copies to a CUDA device.",
        group="Hardware",
        advanced=True,
    )
    persistent_workers: bool = option(
        False,
        label="Keep loaders",
        help="Keeps the loader processes between epochs; needs at least one loader process.",
        group="Hardware",
        advanced=True,
    )
    prefetch_factor: int | None = option(
        None,
        label="Prefetch",
        help="Batches that each loader process prepares ahead; needs at least one loader process.",
        minimum=1,
        group="Hardware",
        advanced=True,
    )
    learning_rate: float = option(
        1e-3,
        label="Learning rate",
        help="Peak step size of the optimiser.",
        minimum=0.0,
        positive=True,
        group="Optimiser",
    )
    scheduler: Literal["Default", "Exponential", "MultiStage", "Adaptive"] = option(
        "Default",
        label="Schedule",
        help="How the learning rate falls: 'Default' warms up and follows a cosine, 'Exponential' by a factor,"
        " 'MultiStage' in steps, 'Adaptive' when the loss stalls.",
        group="Optimiser",
    )
    enable_progress_bar: bool = option(
        False,
        label="Progress bar",
        help="Shows Lightning's own progress bar.",
        group="Output",
        advanced=True,
    )
    enable_checkpointing: bool = option(
        True,
        label="Checkpoints",
        help="Saves checkpoints of the best epochs beside the model.",
        group="Checkpoints",
        advanced=True,
    )
    checkpoint_save_top_k: int = option(
        1,
        label="Checkpoints kept",
        help="Number of best epochs whose checkpoints are kept; -1 keeps all, 0 none.",
        minimum=-1,
        group="Checkpoints",
        advanced=True,
    )
    checkpoint_monitor_metric: str = option(
        "val_loss",
        label="Judged by",
        help="Metric that decides which epoch is best.",
        group="Checkpoints",
        advanced=True,
    )
    checkpoint_mode: Literal["min", "max"] = option(
        "min",
        label="Better is",
        help="Whether a smaller or a larger metric is better.",
        group="Checkpoints",
        advanced=True,
    )
    early_stop_patience: int = option(
        100,
        label="Patience",
        help="Stops the training after this many epochs without a better validation loss.",
        unit="epochs",
        minimum=1,
        group="Optimiser",
        advanced=True,
    )
    logger_backend: Literal["csv", "tensorboard", "mlflow", "none"] | None = option(
        "mlflow",
        label="Logger",
        help="Experiment tracker that also records the losses; metrics.csv of the run is always written.",
        group="Output",
        advanced=True,
        unset="mlflow",
    )
    inference_batch_size: int | None = option(
        None,
        label="Prediction batch",
        help="Groups per batch during prediction.",
        minimum=1,
        group="Hardware",
        advanced=True,
    )
    middle_trim: int = option(
        0,
        label="Central square",
        help="Side of the central square of each patch used for stitching; 0 uses the whole patch, weighted.",
        unit="px",
        minimum=0,
        group="Output",
        advanced=True,
    )
    # Without words: the historic torch route alone reads it; elsewhere border positions are always reconstructed.
    pad_eval: bool = False
    precision: Literal["auto", "32-true", "bf16-mixed"] = option(
        "auto",
        label="Precision",
        help="Number format of the convolutions; 'auto' uses bfloat16 where the hardware supports it.",
        group="Hardware",
        advanced=True,
    )

    devices: int = option(
        1,
        label="Devices",
        help="Number of devices; more than one works only from the command line.",
        minimum=1,
        maximum=1024,
        group="Hardware",
        advanced=True,
    )

    def __post_init__(self) -> None:
        refuse(field_problems(self))
