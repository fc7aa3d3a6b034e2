"""Model archives of the TensorFlow backend (API specification, section 4.6)."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from ptychopinn.archive import safe_dill
from ptychopinn.archive.bundle import Bundle, open_bundle, write_bundle
from ptychopinn.archive.manifest import new_manifest
from ptychopinn.backends.stored_settings import (
    intensity_scale,
    legacy_params,
    plain_history,
    plain_settings,
    settings_from_plain,
    stored_history,
)
from ptychopinn.backends.tensorflow.cnn import CnnNetwork, Decoder
from ptychopinn.backends.tensorflow.models import (
    DIFFRACTION_TO_OBJ,
    GroupOffsets,
    IntensityScaler,
    PatternsLast,
    TrimObject,
    build_models,
    network_of,
)
from ptychopinn.backends.tensorflow.network import PtychoNetwork
from ptychopinn.backends.tensorflow.training import TrainedNetwork
from ptychopinn.backends.tensorflow.unrolled import UnrolledNetwork
from ptychopinn.config.training import TrainingConfig
from ptychopinn.errors import ArchiveError
from ptychopinn.version import __version__

NAME = "tensorflow"
_TRAINING = "training.dill"
_LAYERS = (CnnNetwork, Decoder, GroupOffsets, IntensityScaler, PatternsLast, PtychoNetwork, TrimObject, UnrolledNetwork)
_CUSTOM_OBJECTS = [layer.__name__ for layer in _LAYERS]


def save_archive(
    path: Path,
    trained: TrainedNetwork,
    config: TrainingConfig,
    *,
    with_saved_model: bool = True,
    params: Mapping[str, Any] | None = None,
) -> None:
    """Write ``wts.h5.zip`` with both models; by default, add ``diffraction_to_obj`` as a SavedModel too.

    ``params``, if given, replaces the default content of ``params.dill``.
    """
    settings = plain_settings(config)
    training = {
        "training": settings,
        "mean_counts": trained.mean_counts,
        "mixed": trained.network.mixed,
        **plain_history(trained.history),
    }
    models = build_models(trained.network, intensity_scale(trained.mean_counts, config.model.N))
    params = params or legacy_params(config, trained.mean_counts)
    members = model_members(models, params, _CUSTOM_OBJECTS, with_saved_model=with_saved_model)
    members[_TRAINING] = safe_dill.dumps(training)
    write_bundle(path, members, new_manifest(NAME, f"ptychopinn {__version__}", settings, models))


def model_members(
    models: Mapping[str, Any], params: Mapping[str, Any], custom_objects: list[str], *, with_saved_model: bool = True
) -> dict[str, bytes]:
    """Return the archive members of Keras models.

    Parameters
    ----------
    models : mapping of str to keras.Model
    params : mapping
        Content of ``params.dill``, that is ``params.cfg`` after training.
    custom_objects : list of str
        Names of the registered layers.
    with_saved_model : bool
        Whether to add ``diffraction_to_obj`` as a SavedModel.
    """
    members: dict[str, bytes] = {}
    for name, model in models.items():
        members[f"{name}/model.keras"] = _keras_file(model)
        members[f"{name}/params.dill"] = safe_dill.dumps(dict(params))
        members[f"{name}/custom_objects.dill"] = safe_dill.dumps(list(custom_objects))
    if with_saved_model and DIFFRACTION_TO_OBJ in models:
        for member, data in _saved_model(models[DIFFRACTION_TO_OBJ]).items():
            members[f"{DIFFRACTION_TO_OBJ}/saved_model/{member}"] = data
    return members


def load_archive(path: Path) -> tuple[TrainedNetwork, TrainingConfig]:
    """Open an archive of this backend; nothing in it is executed.

    Raises
    ------
    ArchiveError
        The archive belongs to another backend, is damaged, or was not written by this program.
    """
    bundle = open_bundle(path, NAME)
    stored = bundle.read_plain(_TRAINING)
    network = network_of(read_model(bundle, DIFFRACTION_TO_OBJ)).with_precision(bool(stored["mixed"]))
    config = settings_from_plain(stored["training"])
    return TrainedNetwork(network, float(stored["mean_counts"]), stored_history(stored)), config


def read_model(bundle: Bundle, name: str) -> Any:
    """Return a Keras model from an archive, loaded in safe mode.

    Raises
    ------
    ArchiveError
        The model is missing or damaged, or needs an unknown layer.
    """
    data = bundle.read(f"{name}/model.keras")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        file.write_bytes(data)
        try:
            return keras.models.load_model(file, compile=False, safe_mode=True)
        except Exception as error:
            raise ArchiveError(
                f"the model {name!r} in {bundle.location.path} cannot be read ({type(error).__name__}: {error})",
                "a Keras model saved by this program",
                "Save the model again, or open it with the version that wrote it.",
            ) from error


def _keras_file(model: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        model.save(file)
        return file.read_bytes()


@contextmanager
def _quiet(*names: str) -> Iterator[None]:
    """Keep messages about temporary files out of the host's log."""
    loggers = [logging.getLogger(name) for name in names]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)


def _saved_model(model: Any) -> dict[str, bytes]:
    """Return the files of a SavedModel whose serving signature uses the names in the API specification."""
    shapes = {tensor.name: tf.TensorSpec(tensor.shape, tf.float32, name=tensor.name) for tensor in model.inputs}

    def serve(**inputs: Any) -> dict[str, Any]:
        return {model.output_names[0]: model([inputs[tensor.name] for tensor in model.inputs], training=False)}

    module = tf.Module()
    module.variables_ = [variable.value for variable in model.variables]
    module.serve = tf.function(serve)
    signatures = {"serving_default": module.serve.get_concrete_function(**shapes)}
    with tempfile.TemporaryDirectory() as folder:
        with _quiet("absl", "tensorflow"):
            tf.saved_model.save(module, folder, signatures=signatures)
        files = (file for file in Path(folder).rglob("*") if file.is_file())
        return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}
