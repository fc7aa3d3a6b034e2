"""The settings of ``ptycho_torch.config_params``: plain values that programs fill in, copy and pickle.

The values are checked when they are converted to a configuration and when a training run starts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


@dataclass
class DataConfig:
    """Patterns, neighbours and normalisation; ``grid_size`` is (rows, columns).

    The bounds are fractions of the scan: only positions inside them are used for training and, without ``pad_eval``,
    for prediction. The neighbour distances are in steps of the scan. ``n_subsample`` is the number of groups around
    every position. ``nphotons`` is written into archives; training uses the counts of the data.
    """

    nphotons: float = 1e5
    N: int = 64
    C: int = 4
    K: int = 6
    K_quadrant: int = 30
    n_subsample: int = 7
    subsample_seed: int | None = None
    grid_size: tuple[int, int] = (2, 2)
    neighbor_function: str = "Nearest"
    min_neighbor_distance: float = 0.0
    max_neighbor_distance: float = 3.0
    scan_pattern: str = "Isotropic"
    normalize: str = "Batch"
    probe_scale: float = 4.0
    probe_normalize: bool = True
    probe_ramp_removal: bool = False
    data_scaling: str = "Parseval"
    phase_subtraction: bool = True
    x_bounds: tuple[float, float] = (0.1, 0.9)
    y_bounds: tuple[float, float] = (0.1, 0.9)


@dataclass
class ModelConfig:
    """Network, object, probe and losses; ``probe_mask`` is a mask tensor, a bool or None.

    If ``probe_reference_coeff`` is above 0, the probe is trainable, and a penalty of this weight keeps it near
    the initial guess. ``intensity_scale``, ``max_position_jitter``, ``num_datasets``, ``C_model``, ``C_forward`` and
    ``offset`` have no effect: counts, canvas size and channels are determined from the data.
    """

    mode: str = "Unsupervised"
    intensity_scale_trainable: bool = False
    intensity_scale: float = 10000.0
    max_position_jitter: int = 10
    num_datasets: int = 1
    C_model: int = 4
    n_filters_scale: int = 2
    amp_activation: str = "silu"
    batch_norm: bool = False
    probe_mask: torch.Tensor | bool | None = None
    edge_pad: int = 10
    decoder_last_c_outer_fraction: float = 0.125
    decoder_last_amp_channels: int = 1
    use_shared_decoder: bool = False
    eca_encoder: bool = False
    cbam_encoder: bool = True
    cbam_bottleneck: bool = False
    cbam_decoder: bool = False
    eca_decoder: bool = False
    spatial_decoder: bool = False
    decoder_spatial_kernel: int = 7
    object_big: bool = True
    probe_big: bool = True
    offset: int = 6
    C_forward: int = 4
    pad_object: bool = True
    gaussian_smoothing_sigma: float = 0.0
    loss_function: str = "Poisson"
    amp_loss: str | None = None
    phase_loss: str | None = None
    amp_loss_coeff: float = 1.0
    phase_loss_coeff: float = 1.0
    probe_reference_coeff: float = 0.0
    amplitude_variance_loss: bool = False
    amplitude_variance_coeff: float = 0.01


@dataclass
class TrainingConfig:
    """Optimiser, schedule, devices and files; the ``finetune`` values belong to staged fine-tuning.

    If any of ``stage_1_epochs`` to ``stage_3_epochs`` is above 0, three stages replace ``epochs``: stage 1 compares
    only the shapes of the patterns; stage 2 changes gradually to the configured loss according to
    ``physics_weight_schedule`` (cosine, linear, exponential); stage 3 continues at ``stage_3_lr_factor`` times the
    learning rate. After the main training, ``epochs_fine_tune`` epochs follow at ``fine_tune_gamma`` times the
    learning rate. Staged fine-tuning unfreezes the network from its output to its input, each part with its own
    learning-rate factor. ``notes``, ``model_name`` and ``framework`` are only labels.
    """

    training_directories: list[str] = field(default_factory=list)
    nll: bool = True
    device: str = "cuda"
    strategy: str | None = "ddp"
    n_devices: int = 1
    learning_rate: float = 1e-3
    epochs: int = 50
    batch_size: int = 16
    epochs_fine_tune: int = 0
    fine_tune_gamma: float = 0.1
    scheduler: str = "Default"
    warmup_epochs: int = 0
    min_lr_ratio: float = 0.1
    num_workers: int = 4
    accum_steps: int = 1
    gradient_clip_val: float | None = None
    framework: str = "Lightning"
    orchestrator: str = "Lightning"
    stage_1_epochs: int = 0
    stage_2_epochs: int = 0
    stage_3_epochs: int = 0
    physics_weight_schedule: str = "cosine"
    stage_3_lr_factor: float = 0.1
    torch_loss_mode: str = "poisson"
    experiment_name: str = "Synthetic_Runs"
    notes: str = ""
    model_name: str = "PtychoPINNv2"
    train_data_file: str | Path | None = None
    test_data_file: str | Path | None = None
    output_dir: str | Path = "training_outputs"
    n_groups: int | None = None
    enable_staged_finetuning: bool = False
    finetune_stage1_epochs: int = 7
    finetune_stage2_epochs: int = 7
    finetune_stage3_epochs: int = 5
    finetune_stage1_lr_decoder: float = 0.1
    finetune_stage2_lr_encoder_top: float = 0.01
    finetune_stage2_lr_decoder: float = 0.05
    finetune_stage2_lr_phase_head: float = 0.1
    finetune_stage3_lr_encoder_bottom: float = 0.005
    finetune_stage3_lr_encoder_top: float = 0.01
    finetune_stage3_lr_decoder: float = 0.02
    finetune_stage3_lr_phase_head: float = 0.05
    finetune_skip_stage3: bool = True
    finetune_early_stop_patience: int = 3
    finetune_val_split: float = 0.05


@dataclass
class InferenceConfig:
    """Prediction and stitching.

    ``batch_size`` is the number of patterns in a batch. Only the central square of every patch is used;
    ``middle_trim`` is its width in pixels (0 for the whole patch). The weights fade over ``window`` pixels at the edges
    of the square. ``experiment_number`` is the index of the scan, starting from 0.
    """

    batch_size: int = 1000
    middle_trim: int = 32
    experiment_number: int = 0
    patch_weighting: str = "probe"
    pad_eval: bool = True
    window: int = 20


@dataclass
class DatagenConfig:
    """Simulated training data; ``image_size`` is (rows, columns) in pixels."""

    objects_per_probe: int = 4
    diff_per_object: int = 7000
    object_class: str = "dead_leaves"
    image_size: tuple[int, int] = (250, 250)
    probe_paths: list[str] = field(default_factory=list)
    beamstop_diameter: int = 4


def update_existing_config(instance: Any, values: Mapping[str, Any]) -> None:
    """Set fields of a settings object from ``values``; ignore names that are not fields."""
    names = {entry.name for entry in dataclasses.fields(instance)}
    for name, value in values.items():
        if name in names:
            setattr(instance, name, value)
