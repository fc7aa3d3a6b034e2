"""Framework-free part of the historic ``workflows.components`` modules (API specification, sections 4.2 and 4.5)."""

from __future__ import annotations

import argparse
import copy
import logging
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.backends.base import History, TrainingJob
from ptychopinn.backends.stored_settings import intensity_scale
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.config.yaml_file import load_yaml_config
from ptychopinn.data import raw_data
from ptychopinn.data.grouping import group
from ptychopinn.data.npz import read
from ptychopinn.data.subsample import subsample, subsample_indices
from ptychopinn.errors import ConfigError, DataError
from ptychopinn.events import Epoch, Event, Report
from ptychopinn.historic.data.container import PtychoDataContainer, grouped_arrays
from ptychopinn.historic.populate import populate_legacy_params, restore_legacy_params
from ptychopinn.historic.probe import set_probe_guess
from ptychopinn.historic.raw_data import RawData
from ptychopinn.product.images import write_png

Image = NDArray[np.floating] | None

_MODEL_FIELDS = {entry.name for entry in fields(ModelConfig)}
_TRAINING_FIELDS = {entry.name for entry in fields(TrainingConfig)} - {"model"}
_FLAG_TYPES: dict[str, type] = {"int": int, "float": float, "str": str, "Path": Path}


def load_data(
    file_path: str | Path,
    n_images: int | None = None,
    n_subsample: int | None = None,
    flip_x: bool = False,
    flip_y: bool = False,
    swap_xy: bool = False,
    n_samples: int = 1,
    coord_scale: float = 1.0,
    subsample_seed: int | None = None,
) -> RawData:
    """Read a scan: all patterns, the first ``n_images``, or ``n_subsample`` random patterns in scan order.

    If both numbers are given, ``n_subsample`` takes precedence. ``flip_x`` and ``flip_y`` change the sign of the
    coordinates, ``swap_xy`` swaps them, and ``coord_scale`` multiplies them. ``n_samples`` is ignored because
    grouping is a separate step.

    Raises
    ------
    MissingFileError, DataError
        The file is missing or cannot be used.
    """
    raw = RawData.from_scan(read(file_path))
    if n_subsample is not None:
        raw = raw.take(subsample_indices(raw.n_patterns, n_subsample, subsample_seed))
    elif n_images is not None and n_images < raw.n_patterns:
        raw = raw.take(np.arange(n_images))
    signs = (-1 if flip_x else 1, -1 if flip_y else 1)
    if swap_xy or signs != (1, 1) or coord_scale != 1:
        points = np.array([[raw.xcoords, raw.ycoords], [raw.xcoords_start, raw.ycoords_start]])
        points = points[:, ::-1] if swap_xy else points
        points = points * (coord_scale * np.array(signs)[:, None])
        (raw.xcoords, raw.ycoords), (raw.xcoords_start, raw.ycoords_start) = points
    return raw


def groups_per_epoch(data: raw_data.RawData, config: TrainingConfig) -> int:
    """Return the number of groups per epoch: ``n_groups`` or, if it is not set, the number of patterns.

    With the default of 512 groups, a host that never sets ``n_groups`` would train on only part of a large scan.
    """
    return data.n_patterns if config.chosen_groups is None else config.chosen_groups


def grouped(data: raw_data.RawData, config: TrainingConfig | InferenceConfig) -> dict[str, Any]:
    """Return the grouped arrays of a scan for a configuration.

    At most one group per position is created unless ``enable_oversampling`` is set.
    """
    members = config.model.gridsize**2
    count = data.n_patterns if config.n_groups is None else config.n_groups
    if not (config.enable_oversampling and members > 1):
        count = min(count, data.n_patterns)
    training = config if isinstance(config, TrainingConfig) else None
    groups = group(
        data.positions_px,
        config.model.gridsize,
        count,
        neighbor_count=max(config.neighbor_count, members - 1, 1),
        seed=training.seed if training else config.subsample_seed or 0,
        sequential=training is not None and training.sequential_sampling,
        enable_oversampling=config.enable_oversampling,
        neighbor_pool_size=config.neighbor_pool_size,
    )
    return grouped_arrays(data, groups)


def flipped(container: PtychoDataContainer, flip_x: bool, flip_y: bool, transpose: bool) -> PtychoDataContainer:
    """Return a container with x or y negated, or x and y swapped; the patterns stay the same."""
    if not (flip_x or flip_y or transpose):
        return container
    sign = np.array([-1.0 if flip_x else 1.0, -1.0 if flip_y else 1.0])[None, None, :, None]
    order = [1, 0] if transpose else [0, 1]
    turned = copy.copy(container)
    for name in ("local_offsets", "global_offsets", "coords_nn"):
        setattr(turned, name, (sign * np.asarray(getattr(container, name)))[:, :, order])
    return turned


def save_outputs(
    amplitude: NDArray[np.floating] | None,
    phase: NDArray[np.floating] | None,
    results: dict[str, Any],
    output_prefix: str | Path,
) -> None:
    """Write ``reconstructed_amplitude.png`` and ``reconstructed_phase.png`` into a folder; create it if needed.

    An image (rows, columns) that is None is skipped. ``results`` is not written.
    """
    folder = Path(output_prefix)
    folder.mkdir(parents=True, exist_ok=True)
    for name, image in (("amplitude", amplitude), ("phase", phase)):
        if image is not None:
            write_png(folder / f"reconstructed_{name}.png", np.squeeze(np.asarray(image)), "gray")


def parse_arguments() -> argparse.Namespace:
    """Return the parsed command line: ``--config FILE``, and a flag for every field of the configuration."""
    parser = argparse.ArgumentParser(description="Train on a scan and reconstruct it.")
    parser.add_argument("--config", type=Path, metavar="FILE", help="YAML file with settings; flags override it")
    parser.add_argument("--do_stitching", action="store_true", help="reconstruct the test scan afterwards")
    for entry in [*fields(ModelConfig), *fields(TrainingConfig)]:
        annotation = str(entry.type)
        if annotation == "bool":
            parser.add_argument(f"--{entry.name}", action=argparse.BooleanOptionalAction, default=None)
        elif entry.name != "model":
            kind = next((kind for word, kind in _FLAG_TYPES.items() if word in annotation), str)
            parser.add_argument(f"--{entry.name}", type=kind)
    return parser.parse_args()


def setup_configuration(args: argparse.Namespace, yaml_path: str | Path | None) -> TrainingConfig:
    """Return the configuration from a YAML file and from flags, which override the file; write it into ``params.cfg``.

    Attributes of ``args`` that are None are ignored. Model settings in the file may be nested under ``model``.

    Raises
    ------
    OSError
        The file cannot be read.
    ConfigError
        The file is not valid YAML, or has an unknown key. The error is also a ValueError.
    """
    content = load_yaml_config(yaml_path) if yaml_path else {}
    values = {**{key: value for key, value in content.items() if key != "model"}, **content.get("model", {})}
    names = _MODEL_FIELDS | _TRAINING_FIELDS
    if unknown := sorted(set(values) - names):
        raise ConfigError(f"{yaml_path} has the unknown key {unknown[0]!r}", "fields of TrainingConfig and ModelConfig")
    values.update({key: value for key, value in vars(args).items() if key in names and value is not None})
    for key in ("train_data_file", "test_data_file", "output_dir"):
        if values.get(key) is not None:
            values[key] = Path(values[key])
    model = ModelConfig(**{key: value for key, value in values.items() if key in _MODEL_FIELDS})
    config = TrainingConfig(model, **{key: value for key, value in values.items() if key in _TRAINING_FIELDS})
    populate_legacy_params(config)
    return config


def prepare_job(
    train_data: raw_data.RawData,
    test_data: raw_data.RawData | None,
    config: TrainingConfig,
    execution: PyTorchExecutionConfig | None,
    logger: logging.Logger,
) -> TrainingJob:
    """Return the training job for a scan; if ``n_subsample`` is set, the job uses only that many patterns.

    Raises
    ------
    DataError
        ``train_data`` is not a scan. The error is also a ValueError.
    """
    if not isinstance(train_data, raw_data.RawData):
        text = f"train_data is a {type(train_data).__name__}"
        raise DataError(text, "a RawData", "Read the file with RawData.from_file.")
    train_data = subsample(train_data, config.n_subsample, config.subsample_seed)
    groups = groups_per_epoch(train_data, config)
    logger.info("training on %d patterns, %d groups per epoch", train_data.n_patterns, groups)
    return TrainingJob(train_data, config, Path(config.output_dir), execution, test_data, groups)


def publish(job: TrainingJob, mean_counts: float) -> float:
    """Write the intensity scale and the probe of a training run into ``params.cfg``; return the intensity scale."""
    scale = intensity_scale(mean_counts, job.config.model.N)
    restore_legacy_params({"intensity_scale": scale})
    if job.train_data.probeGuess is not None:
        set_probe_guess(probe_guess=job.train_data.probe_modes)
    return scale


def training_results(
    job: TrainingJob, history: History, models: dict[str, Any], container_of: Callable[[Any, TrainingConfig], Any]
) -> dict[str, Any]:
    """Return the dictionary of losses, containers and models that ``train_cdi_model`` returns."""
    return {
        "history": {"loss": list(history.loss), "val_loss": list(history.val_loss)},
        "train_container": container_of(job.train_data, job.config),
        "test_container": None if job.test_data is None else container_of(job.test_data, job.config),
        "models": models,
    }


def image_results(
    canvas: NDArray[np.complexfloating], patches: NDArray[np.complexfloating], offsets: Any
) -> tuple[NDArray[np.floating], NDArray[np.floating], dict[str, Any]]:
    """Return the result of ``reassemble_cdi_image`` for a canvas (rows, columns): amplitude, phase and a dictionary."""
    amplitude, phase = np.abs(canvas), np.angle(canvas)
    results = {"obj_tensor_full": patches, "global_offsets": offsets, "recon_amp": amplitude, "recon_phase": phase}
    return amplitude, phase, results


def epoch_lines(logger: logging.Logger) -> Report:
    """Return an event handler that logs one line for every epoch."""

    def report(event: Event) -> None:
        if isinstance(event, Epoch):
            logger.info("%s", event.line())

    return report
