"""Historic module ``ptycho.model_manager``: Keras models in ``wts.h5.zip`` (API specification, section 4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ptychopinn.archive.bundle import open_bundle, write_bundle
from ptychopinn.archive.manifest import new_manifest
from ptychopinn.backends.stored_settings import configured_params, stored_params
from ptychopinn.backends.tensorflow.backend import TensorFlowModel
from ptychopinn.backends.tensorflow.saving import NAME, model_members, read_model, save_archive
from ptychopinn.errors import ConfigError
from ptychopinn.files.names import MODEL_FILE
from ptychopinn.historic.populate import legacy_snapshot, restore_legacy_params
from ptychopinn.version import __version__


class LatestTraining(NamedTuple):
    """The latest training run of this process, kept here because the historic calls do not pass it on.

    ``intensity_scale`` is the factor that converts normalised amplitudes to the input of the Keras ``models``.
    """

    model: TensorFlowModel
    models: Mapping[str, Any]
    intensity_scale: float


_latest: list[LatestTraining] = []


def remember(training: LatestTraining) -> None:
    """Set the latest training run of this process."""
    _latest[:] = [training]


def latest() -> LatestTraining:
    """Return the latest training run of this process.

    Raises
    ------
    ConfigError
        There has been no training run. The error is also a ValueError.
    """
    if not _latest:
        raise ConfigError("no model has been trained in this process", mend="Train a model first.")
    return _latest[0]


def save(out_prefix: str | Path) -> None:
    """Write the models of the latest training run of this process to ``<out_prefix>/wts.h5.zip``.

    Raises
    ------
    ConfigError
        There has been no training run. The error is also a ValueError.
    """
    model, folder = latest().model, Path(out_prefix)
    folder.mkdir(parents=True, exist_ok=True)
    params = legacy_snapshot(configured_params(model.config, model.trained.mean_counts))
    save_archive(folder / MODEL_FILE, model.trained, model.config, params=params)


class ModelManager:
    """Saves and loads several Keras models together with the legacy settings."""

    @staticmethod
    def save_multiple_models(
        models_dict: Mapping[str, Any],
        base_path: str | Path,
        custom_objects: Mapping[str, Any] | None,
        intensity_scale: float,
    ) -> None:
        """Write models to ``<base_path>.zip``.

        Parameters
        ----------
        models_dict : mapping of str to keras.Model
        base_path : path
            Path that ends in ``wts.h5``.
        custom_objects : mapping or None
            Layers by name; only the names are saved. A layer must be registered with Keras to be loaded.
        """
        params = legacy_snapshot({"intensity_scale": float(intensity_scale)})
        members = model_members(models_dict, params, sorted(custom_objects or {}))
        write_bundle(f"{base_path}.zip", members, new_manifest(NAME, f"ptychopinn {__version__}", {}, models_dict))

    @staticmethod
    def load_multiple_models(base_path: str | Path, model_names: list[str] | None = None) -> dict[str, Any]:
        """Load the named models (all if ``model_names`` is None); write the archive's settings into ``params.cfg``.

        ``base_path`` ends in ``wts.h5``, or is the path of a packed or unpacked archive.

        Raises
        ------
        ArchiveError, MissingArchiveError
            The archive is missing or cannot be used; ``params.cfg`` is unchanged.
        KeyError
            The archive lacks one of the named models.
        """
        bundle = open_bundle(_existing(Path(base_path)), NAME)
        present = list(bundle.manifest["models"])
        names = present if model_names is None else list(model_names)
        unknown = [name for name in names if name not in present]
        if unknown:
            raise KeyError(f"{bundle.location.path} has no model {unknown[0]!r}; it contains {', '.join(present)}")
        params = [stored_params(bundle, name) for name in names or present]
        models = {name: read_model(bundle, name) for name in names}
        restore_legacy_params(params[0])
        return models


def _existing(base: Path) -> Path:
    packed = base.with_name(base.name + ".zip")
    if packed.exists():
        return packed
    # An unpacked archive has its members in the folder itself.
    return base if base.exists() else base.parent
