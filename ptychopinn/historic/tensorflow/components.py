"""Historic module ``ptycho.workflows.components``: a complete run in one call."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptychopinn.archive.locate import locate
from ptychopinn.backends.tensorflow.backend import BACKEND
from ptychopinn.backends.tensorflow.models import DIFFRACTION_TO_OBJ, build_models
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.training import TrainingConfig
from ptychopinn.data.raw_data import RawData
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
from ptychopinn.historic.populate import legacy_snapshot, populate_legacy_params
from ptychopinn.historic.tensorflow import model_manager
from ptychopinn.historic.tensorflow.loader import PtychoDataContainer
from ptychopinn.historic.tensorflow.model_manager import LatestTraining, ModelManager
from ptychopinn.historic.tensorflow.tf_helper import reassemble_position
from ptychopinn.log_errors import log_errors

__all__ = [
    "DiffractionToObjectAdapter",
    "ModelManager",
    "create_ptycho_data_container",
    "load_data",
    "load_inference_bundle",
    "parse_arguments",
    "reassemble_cdi_image",
    "run_cdi_example",
    "save_outputs",
    "setup_configuration",
    "train_cdi_model",
]

logger = logging.getLogger("ptychopinn")


class DiffractionToObjectAdapter:
    """Wrapper of the Keras model ``diffraction_to_obj`` that accepts arrays of any float type."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def predict(self, inputs: Any, **keywords: Any) -> NDArray[np.complex64]:
        """Return the object patches (group, N, N, 1) for ``[patterns, positions]``; keywords are passed to Keras."""
        return self._model.predict([np.asarray(part, np.float32) for part in inputs], **{"verbose": 0, **keywords})

    def __call__(self, inputs: Any, **keywords: Any) -> Any:
        """Return the object patches as a tensor."""
        return self._model(list(inputs), **keywords)

    def __getattr__(self, name: str) -> Any:
        if name == "_model":
            raise AttributeError(name)
        return getattr(self._model, name)


@log_errors("ptychopinn")
def run_cdi_example(
    train_data: RawData,
    test_data: RawData | None,
    config: TrainingConfig,
    flip_x: bool = False,
    flip_y: bool = False,
    transpose: bool = False,
    M: int = 20,
    do_stitching: bool = False,
) -> tuple[Image, Image, dict[str, Any]]:
    """Train a model; with ``do_stitching``, also predict and stitch the test scan.

    Parameters
    ----------
    config : TrainingConfig
        Configuration, which is written into ``params.cfg`` first.
    flip_x, flip_y, transpose, M
        See :func:`reassemble_cdi_image`.

    Returns
    -------
    (amplitude, phase, results)
        Amplitude and phase are images (rows, columns), or None without stitching or without a test scan.
    """
    populate_legacy_params(config)
    results = train_cdi_model(train_data, test_data, config)
    if not do_stitching or test_data is None:
        return None, None, results
    amplitude, phase, images = reassemble_cdi_image(test_data, config, flip_x, flip_y, transpose, M)
    return amplitude, phase, {**results, **images}


@log_errors("ptychopinn")
def train_cdi_model(train_data: RawData, test_data: RawData | None, config: TrainingConfig) -> dict[str, Any]:
    """Train a model, which ``ptycho.model_manager.save`` can then write to a file.

    Parameters
    ----------
    test_data : RawData or None
        Scan for validation; if None, part of the training scan is held out.

    Returns
    -------
    dict
        ``history`` (``loss``, ``val_loss``), ``train_container``, ``test_container``, ``models``.
    """
    populate_legacy_params(config)
    job = prepare_job(train_data, test_data, config, None, logger)
    model = BACKEND.train(job, epoch_lines(logger), never)
    scale = publish(job, model.trained.mean_counts)
    models = build_models(model.trained.network, scale)
    model_manager.remember(LatestTraining(model, models, scale))
    return training_results(job, model.history, models, create_ptycho_data_container)


def reassemble_cdi_image(
    test_data: RawData | PtychoDataContainer,
    config: TrainingConfig | InferenceConfig,
    flip_x: bool = False,
    flip_y: bool = False,
    transpose: bool = False,
    M: int = 20,
    coord_scale: float = 1.0,
) -> tuple[NDArray[np.floating], NDArray[np.floating], dict[str, Any]]:
    """Predict the groups of a scan with the latest model, and stitch the central M x M pixels of each patch.

    Parameters
    ----------
    flip_x, flip_y, transpose : bool
        Change the sign of x or y, or swap the two coordinates.
    M : int
        Side of the central square, in pixels.
    coord_scale : float
        Factor applied to the coordinates.

    Returns
    -------
    (amplitude, phase, results)
        Images (rows, columns); ``results`` holds ``obj_tensor_full`` (group, N, N, 1), ``global_offsets``
        (group, 1, 2, 1), ``recon_amp`` and ``recon_phase``.

    Raises
    ------
    ConfigError
        No model is available yet. The error is also a ValueError.
    """
    training = model_manager.latest()
    container = flipped(create_ptycho_data_container(test_data, config), flip_x, flip_y, transpose)
    offsets = np.asarray(container.global_offsets) * coord_scale
    inputs = [
        np.asarray(container.X) * np.float32(training.intensity_scale),
        np.asarray(container.local_offsets, np.float32),
    ]
    patches = training.models[DIFFRACTION_TO_OBJ].predict(inputs, verbose=0)
    canvas = np.squeeze(np.asarray(reassemble_position(patches, offsets, M=M)))
    return image_results(canvas, patches, offsets)


def create_ptycho_data_container(
    data: RawData | PtychoDataContainer, config: TrainingConfig | InferenceConfig
) -> PtychoDataContainer:
    """Return a container with the groups of a scan; if ``data`` is already a container, return it unchanged."""
    if isinstance(data, PtychoDataContainer):
        return data
    return PtychoDataContainer(grouped(data, config), data.probe_modes)


@log_errors("ptychopinn")
def load_inference_bundle(model_dir: str | Path) -> tuple[DiffractionToObjectAdapter, dict[str, Any]]:
    """Load the model ``diffraction_to_obj`` from a packed or unpacked archive, or from a folder that contains one.

    The training settings are returned too, and are written into ``params.cfg``.

    Raises
    ------
    ArchiveError, MissingArchiveError
        The archive is missing (also a FileNotFoundError) or cannot be used. Both errors are also ValueErrors.
    KeyError
        The archive has no ``diffraction_to_obj``.
    """
    folder = Path(model_dir)
    locate(folder)
    base = folder / MODEL_FILE.removesuffix(".zip") if folder.is_dir() else folder
    models = ModelManager.load_multiple_models(str(base))
    if DIFFRACTION_TO_OBJ not in models:
        raise KeyError(f"{folder} contains {', '.join(sorted(models)) or 'no model'}, but no {DIFFRACTION_TO_OBJ!r}")
    return DiffractionToObjectAdapter(models[DIFFRACTION_TO_OBJ]), legacy_snapshot({})
