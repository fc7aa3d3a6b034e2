"""Settings for training."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ptychopinn.config.field import advanced_option, option
from ptychopinn.config.model import ModelConfig

SCAN_FILTER = "Scans (*.npz *.h5 *.hdf5 *.cxi)"
# A separate object: its identity tells this default, which means the whole scan, from a 512 that a user set. Hosts rely
# on the value and on its type, so it cannot be a class.
DEFAULT_N_GROUPS = int("512")


def units_option() -> Any:
    """Return a dataclass field for the option ``diff3d_units``."""
    help = "Whether patterns are amplitude (square root of counts) or intensity; 'auto' determines this from the file."
    return advanced_option("auto", "Pattern units", help, "Data")


def probe_option() -> Any:
    """Return a dataclass field for the option ``probe_file``."""
    help = "NPZ file whose probeGuess replaces the probe of the scan, such as a calibrated probe with all its modes."
    return option(None, "Probe", help, "Data", unset="from the scan", path_filter="Probes (*.npz)")


@dataclass
class TrainingConfig:
    """Training workflow settings (API specification, section 5.2)."""

    model: ModelConfig
    train_data_file: Path | None = option(
        None, "Training data", "Scan file to train on.", "Data", unset="none", path_filter=SCAN_FILTER
    )
    test_data_file: Path | None = option(
        None,
        "Test data",
        "Another scan file for validation; by default, part of the training scan is used.",
        "Data",
        unset="part of the scan",
        path_filter=SCAN_FILTER,
    )
    batch_size: int = option(
        16,
        "Batch size",
        "Groups per optimiser step, a power of two; lower it if memory runs out.",
        "Schedule",
        minimum=1,
        maximum=4096,
    )
    nepochs: int = option(50, "Epochs", "Number of training epochs.", "Schedule", minimum=1)
    mae_weight: float = advanced_option(
        0.0, "Amplitude loss weight", "Weight of the mean amplitude error.", "Loss", minimum=0.0, maximum=1.0
    )
    nll_weight: float = advanced_option(
        1.0, "Poisson loss weight", "Weight of the Poisson likelihood of the counts.", "Loss", minimum=0.0, maximum=1.0
    )
    realspace_mae_weight: float = advanced_option(
        0.0, "Truth loss weight", "Weight of the mean error against the true object in the file.", "Loss", minimum=0.0
    )
    realspace_weight: float = advanced_option(
        0.0, "Smoothness weight", "Total variation weight; larger values smooth the object.", "Loss", minimum=0.0
    )
    nphotons: float = advanced_option(
        1e9,
        "Photons",
        "Expected counts per pattern, saved in the model for other programs; training uses the counts of the data.",
        "Data",
        unit="counts",
        positive=True,
    )
    n_groups: int | None = option(
        None, "Groups per epoch", "Number of groups of patterns per epoch.", "Data", minimum=1, unset="whole scan"
    )
    n_images: int | None = None
    n_subsample: int | None = advanced_option(
        None, "Patterns used", "Number of patterns drawn at random from the scan.", "Data", minimum=1, unset="all"
    )
    subsample_seed: int | None = advanced_option(
        None, "Subsampling seed", "Seed for the random choice of patterns.", "Data", minimum=0, unset="as seed"
    )
    neighbor_count: int = option(
        4, "Neighbours", "Number of nearest positions from which a group is drawn.", "Data", minimum=1
    )
    enable_oversampling: bool = advanced_option(
        False, "Oversampling", "Allows more groups than scan positions when the grid size is above 1.", "Data"
    )
    neighbor_pool_size: int | None = advanced_option(
        None,
        "Oversampling pool",
        "Number of nearest positions from which a group is drawn when oversampling.",
        "Data",
        minimum=1,
        unset="as neighbours",
    )
    positions_provided: bool = advanced_option(
        True,
        "Positions are measured",
        "Confirms that the positions were measured; if off, training does not start.",
        "Data",
    )
    probe_trainable: bool = option(False, "Train probe", "Trains the probe together with the network.", "Probe")
    intensity_scale_trainable: bool = advanced_option(
        True, "Train intensity scale", "Trains the overall intensity scale together with the network.", "Probe"
    )
    output_dir: Path = advanced_option(
        Path("training_outputs"),
        "Output folder",
        "Folder for the model, the losses and the log.",
        "Data",
        path_kind="folder",
    )
    sequential_sampling: bool = advanced_option(
        False,
        "Sequential groups",
        "Draws groups around the first positions in the file instead of around random positions.",
        "Data",
    )
    backend: Literal["tensorflow", "pytorch"] = advanced_option(
        "tensorflow", "Backend", "Framework that trains the model.", "Schedule"
    )
    torch_loss_mode: Literal["poisson", "mae"] = advanced_option(
        "poisson",
        "PyTorch loss",
        "'poisson' uses the likelihood of the counts, 'mae' the absolute error of the diffraction amplitude.",
        "Loss",
    )
    diff3d_units: Literal["auto", "amplitude", "intensity"] = units_option()
    probe_file: Path | None = probe_option()
    seed: int = advanced_option(
        42, "Seed", "Random seed; the same seed on the same machine gives the same result.", "Schedule", minimum=0
    )
    max_minutes: float | None = option(
        None,
        "Time limit",
        "Stops training after this time; the learning-rate schedule adapts to it.",
        "Schedule",
        unit="min",
        positive=True,
        unset="none",
    )
    validation_fraction: float = advanced_option(
        0.05, "Validation fraction", "Fraction of patterns reserved for validation.", "Data", minimum=0.0, maximum=0.5
    )

    def __post_init__(self) -> None:
        self.n_groups = groups_from_alias(self.n_groups, self.n_images, "TrainingConfig")
        if self.n_groups is None:
            self.n_groups = DEFAULT_N_GROUPS

    @property
    def chosen_groups(self) -> int | None:
        """Number of groups per epoch if ``n_groups`` is set, otherwise None, which means the whole scan."""
        return None if self.n_groups is DEFAULT_N_GROUPS else self.n_groups

    def __getstate__(self) -> dict[str, Any]:
        # Identity does not survive pickling.
        return {**vars(self), "n_groups": self.chosen_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if self.n_groups is None:
            self.n_groups = DEFAULT_N_GROUPS


def groups_from_alias(n_groups: int | None, n_images: int | None, owner: str) -> int | None:
    """Return ``n_groups`` or, if it is not set, the deprecated ``n_images``; warn if ``n_images`` is set."""
    if n_images is None:
        return n_groups
    warnings.warn(f"{owner}.n_images is deprecated; set n_groups instead.", DeprecationWarning, stacklevel=4)
    return n_images if n_groups is None else n_groups
