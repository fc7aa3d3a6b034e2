"""Historic module ``ptycho_torch.workflows.components``: a whole run by one call (Specification §4.2, §4.5, §4.8)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.archive.locate import locate
from ptychopinn.backends.base import TrainingJob
from ptychopinn.backends.processes import Processes
from ptychopinn.backends.stored_settings import intensity_scale
from ptychopinn.backends.torch.overridden_settings import with_overrides
from ptychopinn.backends.torch.training import train_network
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.raw_data import RawData
from ptychopinn.data.subsample import subsample
from ptychopinn.errors import ConfigError
from ptychopinn.events import Epoch, Event, never
from ptychopinn.files.names import MODEL_FILE
from ptychopinn.historic.components import (
    flipped,
    grouped,
    groups_per_epoch,
    legacy_probe,
    load_data,
    parse_arguments,
    require_scan,
    save_outputs,
    setup_configuration,
)
from ptychopinn.historic.data.central_crop import reassemble_central
from ptychopinn.historic.data.container import PtychoDataContainer
from ptychopinn.historic.params import populate_legacy_params, restore_legacy_params
from ptychopinn.historic.torch.container_prediction import predict_container
from ptychopinn.historic.torch.model_manager import load_torch_bundle, save_torch_bundle
from ptychopinn.historic.torch.ptycho_lightning import PtychoPINN_Lightning
from ptychopinn.log_errors import log_errors

__all__ = [
    "create_ptycho_data_container",
    "load_data",
    "load_inference_bundle",
    "load_inference_bundle_torch",
    "parse_arguments",
    "reassemble_cdi_image",
    "run_cdi_example",
    "run_cdi_example_torch",
    "save_outputs",
    "setup_configuration",
    "train_cdi_model",
    "train_cdi_model_torch",
]

MODEL_NAME = "diffraction_to_obj"

logger = logging.getLogger("ptychopinn-torch")

Image = NDArray[np.floating] | None
# The model that was trained or loaded last: stitching takes it when it is given none.
_latest: dict[str, PtychoPINN_Lightning] = {}


def run_cdi_example(
    train_data: RawData,
    test_data: RawData | None,
    config: TrainingConfig,
    flip_x: bool = False,
    flip_y: bool = False,
    transpose: bool = False,
    M: int = 20,
    do_stitching: bool = False,
    execution_config: PyTorchExecutionConfig | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> tuple[Image, Image, dict[str, Any]]:
    """Train, and with ``do_stitching`` predict and stitch the test scan; see :func:`run_cdi_example_torch`."""
    return run_cdi_example_torch(
        train_data, test_data, config, flip_x, flip_y, transpose, M, do_stitching, execution_config, overrides
    )


@log_errors("ptychopinn-torch")
def run_cdi_example_torch(
    train_data: RawData,
    test_data: RawData | None,
    config: TrainingConfig,
    flip_x: bool = False,
    flip_y: bool = False,
    transpose: bool = False,
    M: int = 20,
    do_stitching: bool = False,
    execution_config: PyTorchExecutionConfig | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> tuple[Image, Image, dict[str, Any]]:
    """Train, and with ``do_stitching`` predict and stitch the test scan.

    Parameters
    ----------
    train_data, test_data : RawData
    config : TrainingConfig
        Written into ``params.cfg`` first.
    flip_x, flip_y, transpose : bool
        Of the test scan's coordinates.
    M : int
        Side of the central square of a patch that is stitched, in pixels.
    do_stitching : bool
    execution_config, overrides
        See :func:`train_cdi_model_torch`.

    Returns
    -------
    (amplitude, phase, results)
        Images (rows, columns) or None, None without stitching or test scan.
    """
    populate_legacy_params(config)
    more = {"execution_config": execution_config, "overrides": overrides}
    given: dict[str, Any] = {name: value for name, value in more.items() if value is not None}
    results = train_cdi_model(train_data, test_data, config, **given)
    if not do_stitching or test_data is None:
        return None, None, results
    amplitude, phase, images = reassemble_cdi_image(test_data, config, flip_x, flip_y, transpose, M)
    return amplitude, phase, {**results, **images}


def train_cdi_model(
    train_data: RawData,
    test_data: RawData | None,
    config: TrainingConfig,
    execution_config: PyTorchExecutionConfig | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Train a model; see :func:`train_cdi_model_torch`."""
    return train_cdi_model_torch(train_data, test_data, config, execution_config, overrides)


@log_errors("ptychopinn-torch")
def train_cdi_model_torch(
    train_data: RawData,
    test_data: RawData | None,
    config: TrainingConfig,
    execution_config: PyTorchExecutionConfig | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Train a model and write archive, checkpoints and losses into ``config.output_dir``.

    Parameters
    ----------
    train_data : RawData
    test_data : RawData or None
        Judges the epochs; None keeps a part of the training scan aside.
    config : TrainingConfig
    execution_config : PyTorchExecutionConfig or None
        None computes on a GPU where there is one.
    overrides : mapping or None
        Torch settings by their names, see :mod:`ptychopinn.historic.torch.config_overrides`.

    Returns
    -------
    dict
        ``history`` (``train_loss``, ``val_loss``; ``loss`` is the former), ``train_container``,
        ``test_container``, ``models``.
    """
    populate_legacy_params(config)
    execution = execution_config or PyTorchExecutionConfig(accelerator="auto")
    config, execution, settings = with_overrides(config, execution, overrides)
    output_dir = Path(config.output_dir)
    output_dir.mkdir(parents=True, exist_ok=True)
    require_scan(train_data, "train_data")
    train_data = subsample(train_data, config.n_subsample, config.subsample_seed)
    groups = groups_per_epoch(train_data, config)
    logger.info("training on %d patterns, %d groups per epoch", train_data.n_patterns, groups)
    job = TrainingJob(train_data, config, output_dir, execution, test_data, groups)
    trained = train_network(job, _log_epoch, never, settings)
    module = trained.module.eval()
    scale = intensity_scale(trained.mean_counts, config.model.N)
    restore_legacy_params({"intensity_scale": scale, **legacy_probe(train_data)})
    models = {"autoencoder": module, MODEL_NAME: module}
    _remember(models)
    if Processes.of(execution).first:
        save_torch_bundle(models, output_dir / MODEL_FILE.removesuffix(".zip"), config, scale)
    losses = list(trained.history.loss)
    return {
        "history": {"train_loss": losses, "val_loss": list(trained.history.val_loss), "loss": losses},
        "train_container": create_ptycho_data_container(train_data, config),
        "test_container": None if test_data is None else create_ptycho_data_container(test_data, config),
        "models": models,
    }


def reassemble_cdi_image(
    test_data: RawData | PtychoDataContainer,
    config: TrainingConfig | InferenceConfig,
    flip_x: bool = False,
    flip_y: bool = False,
    transpose: bool = False,
    M: int = 20,
    coord_scale: float = 1.0,
    model: PtychoPINN_Lightning | None = None,
) -> tuple[NDArray[np.floating], NDArray[np.floating], dict[str, Any]]:
    """Predict the groups of a scan and stitch the central M x M of each patch.

    Parameters
    ----------
    test_data : RawData or PtychoDataContainer
    config : TrainingConfig or InferenceConfig
    flip_x, flip_y, transpose : bool
    M : int
    coord_scale : float
        Factor on the coordinates.
    model : PtychoPINN_Lightning or None
        None takes the one that was trained or loaded last in this process.

    Returns
    -------
    (amplitude, phase, results)
        Images (rows, columns); results hold ``obj_tensor_full``, ``global_offsets``, ``recon_amp``, ``recon_phase``.

    Raises
    ------
    ConfigError
        There is no model yet; it is a ValueError.
    """
    module = model or _latest.get(MODEL_NAME)
    if module is None:
        raise ConfigError("there is no model to predict with", mend="Train one or load one first, or pass model.")
    container = flipped(create_ptycho_data_container(test_data, config), flip_x, flip_y, transpose)
    patches = predict_container(module, container)
    # Sign and axis order of the container's offsets: from the point to the centre, [x, y].
    points = (container.global_offsets - container.local_offsets)[:, 0] * coord_scale
    centres = np.moveaxis(points, 1, 2)[..., ::-1].reshape(-1, 2)
    canvas = reassemble_central(patches.reshape(-1, *patches.shape[-2:]), centres, M)
    amplitude, phase = np.abs(canvas), np.angle(canvas)
    results = {
        "obj_tensor_full": patches,
        "global_offsets": container.global_offsets,
        "recon_amp": amplitude,
        "recon_phase": phase,
    }
    return amplitude, phase, results


def create_ptycho_data_container(
    data: RawData | PtychoDataContainer, config: TrainingConfig | InferenceConfig
) -> PtychoDataContainer:
    """Group a scan as a configuration says; a container is returned as it is."""
    if isinstance(data, PtychoDataContainer):
        return data
    # A short scan has fewer groups than the default asks for.
    limited = config if config.enable_oversampling else replace_groups(config, data.n_patterns)
    probe: Any = data.probe_modes if data.probeGuess is None else data.probeGuess
    return PtychoDataContainer(grouped(data, limited), probe)


def replace_groups(config: Any, most: int) -> Any:
    """Return a configuration with at most so many groups."""
    if config.n_groups is not None and config.n_groups <= most:
        return config
    return replace(config, n_groups=most, n_images=None)


def load_inference_bundle(
    bundle_dir: str | Path, model_name: str = MODEL_NAME
) -> tuple[PtychoPINN_Lightning, dict[str, Any]]:
    """Open one model of an archive and write its parameters into ``params.cfg``.

    Raises
    ------
    MissingArchiveError
        There is none; it is both a FileNotFoundError and a ValueError.
    ArchiveError
        It belongs to another backend, is damaged, or lacks the model.
    """
    models, params = load_inference_bundle_torch(bundle_dir, model_name)
    return models[model_name], params


@log_errors("ptychopinn-torch")
def load_inference_bundle_torch(
    bundle_dir: str | Path, model_name: str | None = None
) -> tuple[dict[str, PtychoPINN_Lightning], dict[str, Any]]:
    """Open the models of an archive, or one of them; see :func:`load_inference_bundle`."""
    locate(bundle_dir)
    models, params = load_torch_bundle(bundle_dir, model_name)
    _remember(models)
    return models, params


def _remember(models: Mapping[str, PtychoPINN_Lightning]) -> None:
    _latest.clear()
    _latest.update(models)


def _log_epoch(event: Event) -> None:
    if isinstance(event, Epoch):
        logger.info("%s", event.line())
