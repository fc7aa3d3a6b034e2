"""Settings of a reconstruction with a model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ptychopinn.config.field import advanced_option, option
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import SCAN_FILTER, groups_from_alias, probe_option, units_option


@dataclass
class InferenceConfig:
    """Reconstruction workflow settings (API specification, section 5.3)."""

    model: ModelConfig
    model_path: Path = option(
        label="Model", help="Trained model: wts.h5.zip or its folder.", group="Data", path_filter="Models (*.zip)"
    )
    test_data_file: Path = option(label="Scan", help="Scan file to reconstruct.", group="Data", path_filter=SCAN_FILTER)
    n_groups: int | None = option(
        None,
        "Groups",
        "Number of groups to reconstruct, in scan order; by default, all of them.",
        "Data",
        minimum=1,
        unset="whole scan",
    )
    n_images: int | None = None
    n_subsample: int | None = advanced_option(
        None, "Patterns used", "Number of patterns drawn at random from the scan.", "Data", minimum=1, unset="all"
    )
    subsample_seed: int | None = advanced_option(
        None, "Subsampling seed", "Seed for the random choice of patterns.", "Data", minimum=0, unset="0"
    )
    # No option: reconstruction takes the nearest positions, whatever their number.
    neighbor_count: int = 4
    enable_oversampling: bool = advanced_option(
        False,
        "Oversampling",
        "Puts every position into four groups instead of two: slower, but with smoother seams.",
        "Data",
    )
    neighbor_pool_size: int | None = None
    debug: bool = advanced_option(False, "Debug log", "Logs the geometry of groups, probe and object.", "Output")
    output_dir: Path = advanced_option(
        Path("inference_outputs"),
        "Output folder",
        "Folder for the object and the report.",
        "Output",
        path_kind="folder",
    )
    backend: Literal["tensorflow", "pytorch"] = advanced_option(
        "tensorflow", "Backend", "Framework that trained the model.", "Output"
    )
    diff3d_units: Literal["auto", "amplitude", "intensity"] = units_option()
    probe_file: Path | None = probe_option()

    def __post_init__(self) -> None:
        self.n_groups = groups_from_alias(self.n_groups, self.n_images, "InferenceConfig")
