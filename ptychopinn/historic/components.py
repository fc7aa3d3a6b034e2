"""The framework-free half of the historic ``workflows.components`` modules (API specification, sections 4.2, 4.5)."""

from __future__ import annotations

import argparse
import copy
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.model import ModelConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.config.yaml_file import load_yaml_config
from ptychopinn.data import raw_data
from ptychopinn.data.grouping import group
from ptychopinn.data.npz import read
from ptychopinn.data.subsample import subsample_indices
from ptychopinn.errors import ConfigError, DataError
from ptychopinn.historic.data.container import PtychoDataContainer
from ptychopinn.historic.data.grouped_arrays import grouped_arrays
from ptychopinn.historic.populate import populate_legacy_params
from ptychopinn.historic.raw_data import RawData
from ptychopinn.product.images import write_png

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
    """Read a scan, or part of it.

    Parameters
    ----------
    file_path : path
        NPZ file.
    n_images, n_subsample : int or None
        Patterns to take: the first ``n_images``, or ``n_subsample`` random ones in scan order; the latter wins.
        More than there are takes all.
    flip_x, flip_y : bool
        Change the sign of the coordinates.
    swap_xy : bool
        Exchange the coordinates.
    n_samples : int
        Accepted for old callers, which group while they load; grouping is a step of its own here.
    coord_scale : float
        Factor on the coordinates.
    subsample_seed : int or None

    Raises
    ------
    MissingFileError, DataError
        The file is absent or cannot be used.
    """
    raw = RawData.from_scan(read(file_path))
    count = raw.n_patterns
    if n_subsample is not None:
        chosen = subsample_indices(count, min(n_subsample, count), subsample_seed)
    else:
        chosen = np.arange(count if n_images is None else min(n_images, count))
    if len(chosen) < count:
        raw = raw.take(chosen)
    signs = {"x": -coord_scale if flip_x else coord_scale, "y": -coord_scale if flip_y else coord_scale}
    if swap_xy or set(signs.values()) != {1.0}:
        x, y, x_start, y_start = raw.xcoords, raw.ycoords, raw.xcoords_start, raw.ycoords_start
        if swap_xy:
            x, y, x_start, y_start = y, x, y_start, x_start
        raw.xcoords, raw.ycoords = signs["x"] * x, signs["y"] * y
        raw.xcoords_start, raw.ycoords_start = signs["x"] * x_start, signs["y"] * y_start
    return raw


def require_scan(data: Any, name: str) -> None:
    """Refuse what is no scan.

    Raises
    ------
    DataError
        ``data`` is None, a path or something else; it is a ValueError.
    """
    if not isinstance(data, raw_data.RawData):
        raise DataError(f"{name} is a {type(data).__name__}", "a RawData", "Read the file with RawData.from_file.")


def groups_per_epoch(data: raw_data.RawData, config: TrainingConfig) -> int:
    """Return how many groups an epoch takes of a scan: ``n_groups``, or the whole scan while it is not set.

    A host that never sets ``n_groups`` would otherwise train on a part of a large scan only.
    """
    return data.n_patterns if config.chosen_groups is None else config.chosen_groups


def legacy_probe(data: raw_data.RawData) -> dict[str, NDArray[np.complex64]]:
    """Return the probe of a scan as the legacy dictionary keeps it: ``probe``, complex64 (N, N, mode)."""
    if data.probeGuess is None:
        return {}
    return {"probe": np.moveaxis(data.probe_modes, 0, -1).astype(np.complex64)}


def grouped(data: raw_data.RawData, config: TrainingConfig | InferenceConfig) -> dict[str, Any]:
    """Return the grouped arrays of a scan as a configuration asks for them; at most a group per position.

    More than that only with ``enable_oversampling``.
    """
    members = config.model.gridsize**2
    count = data.n_patterns if config.n_groups is None else config.n_groups
    if not (config.enable_oversampling and members > 1):
        count = min(count, data.n_patterns)
    sequential = isinstance(config, TrainingConfig) and config.sequential_sampling
    seed = config.seed if isinstance(config, TrainingConfig) else config.subsample_seed or 0
    groups = group(
        data.positions_px,
        config.model.gridsize,
        count,
        neighbor_count=max(config.neighbor_count, members - 1, 1),
        seed=seed,
        sequential=sequential,
        enable_oversampling=config.enable_oversampling,
        neighbor_pool_size=config.neighbor_pool_size,
    )
    return grouped_arrays(data, groups)


def flipped(container: PtychoDataContainer, flip_x: bool, flip_y: bool, transpose: bool) -> PtychoDataContainer:
    """Return a container whose coordinates have other signs, or [y, x] instead of [x, y]; patterns stay."""
    if not (flip_x or flip_y or transpose):
        return container
    sign = np.array([-1.0 if flip_x else 1.0, -1.0 if flip_y else 1.0])[None, None, :, None]
    order = [1, 0] if transpose else [0, 1]
    turned = copy.copy(container)
    turned.local_offsets = (sign * np.asarray(container.local_offsets))[:, :, order]
    turned.global_offsets = (sign * np.asarray(container.global_offsets))[:, :, order]
    turned.coords_nn = (sign * np.asarray(container.coords_nn))[:, :, order]
    return turned


def save_outputs(
    amplitude: NDArray[np.floating] | None,
    phase: NDArray[np.floating] | None,
    results: dict[str, Any],
    output_prefix: str | Path,
) -> None:
    """Write ``reconstructed_amplitude.png`` and ``reconstructed_phase.png`` into a folder, which is made.

    Parameters
    ----------
    amplitude, phase : arrays (rows, columns), or None
        None writes no picture.
    results : dict
        Of :func:`run_cdi_example`; nothing of it is written.
    output_prefix : path
    """
    folder = Path(output_prefix)
    folder.mkdir(parents=True, exist_ok=True)
    for name, image in (("amplitude", amplitude), ("phase", phase)):
        if image is not None:
            write_png(folder / f"reconstructed_{name}.png", np.squeeze(np.asarray(image)), "gray")


def parse_arguments() -> argparse.Namespace:
    """Return the command line's settings: ``--config FILE``, and a flag for every field of the configuration."""
    parser = argparse.ArgumentParser(description="Train on a scan and reconstruct it.")
    parser.add_argument("--config", type=Path, metavar="FILE", help="YAML file of settings; flags win over it")
    parser.add_argument("--do_stitching", action="store_true", help="reconstruct the test scan afterwards")
    for cls in (ModelConfig, TrainingConfig):
        for entry in fields(cls):
            if entry.name != "model":
                _add_flag(parser, entry.name, str(entry.type))
    return parser.parse_args()


def setup_configuration(args: argparse.Namespace, yaml_path: str | Path | None) -> TrainingConfig:
    """Return the configuration of a YAML file with the given flags on top, and write it into ``params.cfg``.

    Parameters
    ----------
    args : Namespace
        Attributes that are None were not given.
    yaml_path : path or None
        Flat keys, or those of the model under ``model``.

    Raises
    ------
    OSError
        The file cannot be read.
    ConfigError
        It has an unknown key; it is a ValueError.
    """
    content = load_yaml_config(yaml_path) if yaml_path else {}
    values = {**{key: value for key, value in content.items() if key != "model"}, **content.get("model", {})}
    unknown = sorted(set(values) - _MODEL_FIELDS - _TRAINING_FIELDS)
    if unknown:
        raise ConfigError(f"{yaml_path} has the key {unknown[0]!r}", "fields of TrainingConfig and ModelConfig")
    known = _MODEL_FIELDS | _TRAINING_FIELDS
    values.update({key: value for key, value in vars(args).items() if key in known and value is not None})
    for key in ("train_data_file", "test_data_file", "output_dir"):
        if values.get(key) is not None:
            values[key] = Path(values[key])
    model = ModelConfig(**{key: value for key, value in values.items() if key in _MODEL_FIELDS})
    config = TrainingConfig(model, **{key: value for key, value in values.items() if key in _TRAINING_FIELDS})
    populate_legacy_params(config)
    return config


def _add_flag(parser: argparse.ArgumentParser, name: str, annotation: str) -> None:
    flag = f"--{name}"
    if annotation == "bool":
        parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=None)
        return
    kind = next((known for word, known in _FLAG_TYPES.items() if word in annotation), str)
    parser.add_argument(flag, type=kind, default=None)
