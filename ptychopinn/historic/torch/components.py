"""Historic module ``ptycho_torch.workflows.components``: a complete run in one call."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from ptychopinn.archive.locate import locate
from ptychopinn.backends.processes import Processes
from ptychopinn.backends.torch.training import train_network
from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.raw_data import RawData
from ptychopinn.errors import ConfigError
from ptychopinn.events import never
from ptychopinn.files.names import MODEL_FILE
from ptychopinn.historic.components import (
    Image,
    epoch_lines,
    flipped,
    grouped,
    image_results,
    load_data,
    parse_arguments,
    prepare_job,
    publish,
    save_outputs,
    setup_configuration,
    training_results,
)
from ptychopinn.historic.data.central_crop import reassemble_central
from ptychopinn.historic.data.container import PtychoDataContainer
from ptychopinn.historic.names import second_name
from ptychopinn.historic.populate import populate_legacy_params
from ptychopinn.historic.torch.model_manager import load_torch_bundle, save_torch_bundle
from ptychopinn.historic.torch.ptycho_lightning import PtychoPINN_Lightning, module_builder
from ptychopinn.historic.torch.settings import with_overrides
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

# Patterns that go through the network at a time.
_PATTERNS = 256

# The model that was trained or loaded last, for stitching without a model.
_latest: dict[str, PtychoPINN_Lightning] = {}


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
    """Train and stitch as in :func:`ptychopinn.historic.tensorflow.components.run_cdi_example`.

    ``execution_config`` and ``overrides`` are those of :func:`train_cdi_model_torch`.
    """
    populate_legacy_params(config)
    options: dict[str, Any] = {"execution_config": execution_config, "overrides": overrides}
    results = train_cdi_model(train_data, test_data, config, **{k: v for k, v in options.items() if v is not None})
    if not do_stitching or test_data is None:
        return None, None, results
    amplitude, phase, images = reassemble_cdi_image(test_data, config, flip_x, flip_y, transpose, M)
    return amplitude, phase, {**results, **images}


@log_errors("ptychopinn-torch")
def train_cdi_model_torch(
    train_data: RawData,
    test_data: RawData | None,
    config: TrainingConfig,
    execution_config: PyTorchExecutionConfig | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Train as in :func:`ptychopinn.historic.tensorflow.components.train_cdi_model`.

    The archive, checkpoints and losses are written to ``output_dir``. ``history`` also contains ``train_loss``.

    Parameters
    ----------
    execution_config : PyTorchExecutionConfig or None
        If None, a GPU is used if available.
    overrides : mapping or None
        Torch settings by name; see :func:`ptychopinn.historic.torch.settings.read_overrides`.
    """
    populate_legacy_params(config)
    execution = execution_config or PyTorchExecutionConfig(accelerator="auto")
    config, execution, settings = with_overrides(config, execution, overrides)
    job = prepare_job(train_data, test_data, config, execution, logger)
    job.output_dir.mkdir(parents=True, exist_ok=True)
    trained = train_network(job, epoch_lines(logger), never, module_builder(settings))
    module = cast(PtychoPINN_Lightning, trained.module.eval())
    scale = publish(job, trained.mean_counts)
    models = {"autoencoder": module, MODEL_NAME: module}
    _remember(models)
    if Processes.from_config(execution).is_main:
        save_torch_bundle(models, job.output_dir / MODEL_FILE.removesuffix(".zip"), config, scale)
    results = training_results(job, trained.history, models, create_ptycho_data_container)
    results["history"]["train_loss"] = results["history"]["loss"]
    return results


run_cdi_example = second_name(run_cdi_example_torch, globals())
train_cdi_model = second_name(train_cdi_model_torch, globals())


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
    """Predict and stitch a scan as in :func:`ptychopinn.historic.tensorflow.components.reassemble_cdi_image`.

    If ``model`` is None, the model that was last trained or loaded in this process is used.
    """
    module = model or _latest.get(MODEL_NAME)
    if module is None:
        raise ConfigError(
            "no model is available for prediction",
            mend="Train or load a model first, or pass one with model=.",
        )
    container = flipped(create_ptycho_data_container(test_data, config), flip_x, flip_y, transpose)
    patches = predict_container(module, container)
    # Sign and axis order of the container's offsets: from the point to the centre, [x, y].
    points = (container.global_offsets - container.local_offsets)[:, 0] * coord_scale
    centres = np.moveaxis(points, 1, 2)[..., ::-1].reshape(-1, 2)
    canvas = reassemble_central(patches.reshape(-1, *patches.shape[-2:]), centres, M)
    return image_results(canvas, patches, container.global_offsets)


def predict_container(module: PtychoPINN_Lightning, container: PtychoDataContainer) -> NDArray[np.complex64]:
    """Predict the object patches (group, channel, N, N) of a container."""
    step = max(_PATTERNS // container.X.shape[-1], 1)
    probe = torch.as_tensor(np.asarray(container.probe, np.complex64))
    patterns = np.moveaxis(container.X, -1, 1)
    offsets = np.moveaxis(container.local_offsets, -1, 1).astype(np.float32)
    parts = []
    for start in range(0, len(patterns), step):
        x = torch.from_numpy(np.ascontiguousarray(patterns[start : start + step]))
        positions = torch.from_numpy(offsets[start : start + step])
        parts.append(module.forward_predict(x, positions, probe, torch.ones(len(x))).numpy())
    return np.concatenate(parts)


def create_ptycho_data_container(
    data: RawData | PtychoDataContainer, config: TrainingConfig | InferenceConfig
) -> PtychoDataContainer:
    """Return a container with the groups of a scan; if ``data`` is already a container, return it unchanged."""
    if isinstance(data, PtychoDataContainer):
        return data
    probe: Any = data.probe_modes if data.probeGuess is None else data.probeGuess
    return PtychoDataContainer(grouped(data, config), probe)


def load_inference_bundle(
    bundle_dir: str | Path, model_name: str = MODEL_NAME
) -> tuple[PtychoPINN_Lightning, dict[str, Any]]:
    """Open one model of an archive; see :func:`ptychopinn.historic.torch.model_manager.load_torch_bundle`."""
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
