"""How a model is used on a scan."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ptychopinn.config.field import option
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import groups_from_alias


@dataclass
class InferenceConfig:
    """Reconstruction workflow settings (API specification, section 5.3)."""

    model: ModelConfig
    model_path: Path = option(
        label="Model",
        help="Trained model: a wts.h5.zip or the folder that holds it.",
        group="Data",
        path_filter="Models (*.zip)",
    )
    test_data_file: Path = option(
        label="Scan",
        help="File of the scan to reconstruct.",
        group="Data",
        path_filter="Scans (*.npz *.h5 *.hdf5 *.cxi)",
    )
    n_groups: int | None = option(
        None,
        label="Groups",
        help="Number of groups to reconstruct, in scan order; fewer groups cover only part of the object.",
        minimum=1,
        group="Data",
        unset="whole scan",
    )
    n_images: int | None = None
    n_subsample: int | None = option(
        None,
        label="Patterns used",
        help="Number of patterns drawn at random from the scan.",
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
        unset="0",
    )
    # Without words: reconstruction takes the nearest positions, whatever their number.
    neighbor_count: int = 4
    enable_oversampling: bool = option(
        False,
        label="Oversampling",
        help="Puts every position into four groups instead of two: slower, but with smoother seams.",
        group="Data",
        advanced=True,
    )
    neighbor_pool_size: int | None = None
    debug: bool = option(
        False,
        label="Debug log",
        help="Logs the geometry of groups, probe and object.",
        group="Output",
        advanced=True,
    )
    output_dir: Path = option(
        Path("inference_outputs"),
        label="Output folder",
        help="Folder for object, images and report.",
        group="Output",
        advanced=True,
        path_kind="folder",
    )
    backend: Literal["tensorflow", "pytorch"] = option(
        "tensorflow",
        label="Backend",
        help="Framework that trained the model.",
        group="Output",
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

    def __post_init__(self) -> None:
        self.n_groups = groups_from_alias(self.n_groups, self.n_images, "InferenceConfig")
