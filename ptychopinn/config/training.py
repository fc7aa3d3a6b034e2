"""How a model is trained."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ptychopinn.config.field import option
from ptychopinn.config.model import ModelConfig

# An object of its own: identity separates this default, which means the whole scan, from a 512 that somebody set. Hosts
# rely on the value and on its type, so it cannot be a type of its own.
DEFAULT_N_GROUPS = int("512")


@dataclass
class TrainingConfig:
    """Training workflow settings (API specification, section 5.2)."""

    model: ModelConfig
    train_data_file: Path | None = option(
        None,
        label="Training data",
        help="File of the scan to train on.",
        group="Data",
        unset="none",
        path_filter="Scans (*.npz *.h5 *.hdf5 *.cxi)",
    )
    test_data_file: Path | None = option(
        None,
        label="Test data",
        help="File of another scan for validation; by default, part of the training scan is used.",
        group="Data",
        unset="part of the scan",
        path_filter="Scans (*.npz *.h5 *.hdf5 *.cxi)",
    )
    batch_size: int = option(
        16,
        label="Batch size",
        help="Groups per optimiser step, a power of two; lower it when memory runs out.",
        minimum=1,
        maximum=4096,
        group="Schedule",
    )
    nepochs: int = option(
        50,
        label="Epochs",
        help="Number of training epochs.",
        minimum=1,
        group="Schedule",
    )
    mae_weight: float = option(
        0.0,
        label="Amplitude loss weight",
        help="Weight of the mean absolute error of the diffraction amplitude.",
        minimum=0.0,
        maximum=1.0,
        group="Loss",
        advanced=True,
    )
    nll_weight: float = option(
        1.0,
        label="Poisson loss weight",
        help="Weight of the Poisson likelihood of the counts.",
        minimum=0.0,
        maximum=1.0,
        group="Loss",
        advanced=True,
    )
    realspace_mae_weight: float = option(
        0.0,
        label="Truth loss weight",
        help="Weight of the mean absolute difference from the true object in the file, if there is one.",
        minimum=0.0,
        group="Loss",
        advanced=True,
    )
    realspace_weight: float = option(
        0.0,
        label="Smoothness weight",
        help="Weight of the total variation of the object: larger values give smoother objects.",
        minimum=0.0,
        group="Loss",
        advanced=True,
    )
    nphotons: float = option(
        1e9,
        label="Photons",
        help="Expected counts per pattern, written into the model for programs that read it; training itself takes"
        " the counts of the data.",
        unit="counts",
        minimum=0.0,
        positive=True,
        group="Data",
        advanced=True,
    )
    n_groups: int | None = option(
        None,
        label="Groups per epoch",
        help="Number of groups of patterns per epoch.",
        minimum=1,
        group="Data",
        unset="whole scan",
    )
    n_images: int | None = None
    n_subsample: int | None = option(
        None,
        label="Patterns used",
        help="Number of patterns drawn at random from the scan before grouping.",
        minimum=1,
        group="Data",
        advanced=True,
        unset="all",
    )
    subsample_seed: int | None = option(
        None,
        label="Subsampling seed",
        help="Seed of the random choice of patterns.",
        minimum=0,
        group="Data",
        advanced=True,
        unset="as seed",
    )
    neighbor_count: int = option(
        4,
        label="Neighbours",
        help="Number of nearest positions from which the other members of a group are drawn.",
        minimum=1,
        group="Data",
    )
    enable_oversampling: bool = option(
        False,
        label="Oversampling",
        help="Allows more groups than scan positions when the grid size is above 1.",
        group="Data",
        advanced=True,
    )
    neighbor_pool_size: int | None = option(
        None,
        label="Oversampling pool",
        help="Number of nearest positions from which groups are drawn when oversampling.",
        minimum=1,
        group="Data",
        advanced=True,
        unset="as neighbours",
    )
    positions_provided: bool = option(
        True,
        label="Positions are measured",
        help="States that the positions in the file are measured; training refuses to start without positions.",
        group="Data",
        advanced=True,
    )
    probe_trainable: bool = option(
        False,
        label="Train the probe",
        help="Trains the probe together with the network.",
        group="Probe",
    )
    intensity_scale_trainable: bool = option(
        True,
        label="Train the scale",
        help="Trains the overall intensity scale together with the network.",
        group="Probe",
        advanced=True,
    )
    output_dir: Path = option(
        Path("training_outputs"),
        label="Output folder",
        help="Folder for model, losses, settings and log.",
        group="Data",
        advanced=True,
        path_kind="folder",
    )
    sequential_sampling: bool = option(
        False,
        label="Sequential groups",
        help="Draws groups around the first positions in file order instead of random ones.",
        group="Data",
        advanced=True,
    )
    backend: Literal["tensorflow", "pytorch"] = option(
        "tensorflow", label="Backend", help="Framework that trains the model.", group="Schedule", advanced=True
    )
    torch_loss_mode: Literal["poisson", "mae"] = option(
        "poisson",
        label="PyTorch loss",
        help="'poisson' uses the likelihood of the counts, 'mae' the absolute error of the diffraction amplitude.",
        group="Loss",
        advanced=True,
    )
    diff3d_units: Literal["auto", "amplitude", "intensity"] = option(
        "auto",
        label="Pattern units",
        help="Units of the patterns: amplitude (square root of counts) or intensity; 'auto' decides from the file.",
        group="Data",
        advanced=True,
    )
    probe_file: Path | None = option(
        None,
        label="Probe",
        help="NPZ file whose probeGuess replaces the probe of the scan, such as a calibrated one with all its modes.",
        group="Data",
        unset="of the scan",
        path_filter="Probes (*.npz)",
    )
    seed: int = option(
        42,
        label="Seed",
        help="Random seed; the same seed on the same machine gives the same result.",
        minimum=0,
        group="Schedule",
        advanced=True,
    )
    max_minutes: float | None = option(
        None,
        label="Time limit",
        help="Stops the training after this time; the learning rate schedule adapts.",
        unit="min",
        minimum=0.0,
        positive=True,
        group="Schedule",
        unset="none",
    )
    validation_fraction: float = option(
        0.05,
        label="Validation part",
        help="Fraction of the patterns used for validation.",
        minimum=0.0,
        maximum=0.5,
        group="Data",
        advanced=True,
    )

    def __post_init__(self) -> None:
        self.n_groups = groups_from_alias(self.n_groups, self.n_images, "TrainingConfig")
        if self.n_groups is None:
            self.n_groups = DEFAULT_N_GROUPS

    @property
    def chosen_groups(self) -> int | None:
        """Number of groups in an epoch, None while ``n_groups`` is not set: the whole scan."""
        return None if self.n_groups is DEFAULT_N_GROUPS else self.n_groups

    def __getstate__(self) -> dict[str, Any]:
        # Identity does not survive pickling.
        return {**vars(self), "n_groups": self.chosen_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if self.n_groups is None:
            self.n_groups = DEFAULT_N_GROUPS


def groups_from_alias(n_groups: int | None, n_images: int | None, owner: str) -> int | None:
    """Return ``n_groups``, or the deprecated ``n_images`` when only that is given (with a warning)."""
    if n_images is None:
        return n_groups
    warnings.warn(f"{owner}.n_images is deprecated; set n_groups instead.", DeprecationWarning, stacklevel=4)
    return n_images if n_groups is None else n_groups
