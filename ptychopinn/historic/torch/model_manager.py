"""Historic module ``ptycho_torch.model_manager``: several models in one archive (API specification, section 4.6)."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ptychopinn.archive import safe_dill
from ptychopinn.archive.bundle import Bundle, open_bundle, write_bundle
from ptychopinn.archive.manifest import new_manifest
from ptychopinn.backends.stored_settings import intensity_scale as intensity_scale_of
from ptychopinn.backends.stored_settings import plain_settings, settings_from_params, stored_params
from ptychopinn.backends.torch.lightning_module import TrainingModule
from ptychopinn.backends.torch.saving import NAME
from ptychopinn.config.inference import InferenceConfig
from ptychopinn.config.legacy_bridge import dataclass_to_legacy_dict
from ptychopinn.config.training import TrainingConfig
from ptychopinn.errors import ArchiveError
from ptychopinn.historic.populate import legacy_snapshot, restore_legacy_params
from ptychopinn.historic.torch.ptycho_lightning import PtychoPINN_Lightning
from ptychopinn.version import __version__


def save_torch_bundle(
    models_dict: Mapping[str, nn.Module],
    base_path: str | Path,
    config: TrainingConfig | InferenceConfig,
    intensity_scale: float | None = None,
) -> None:
    """Write ``<base_path>.zip`` with one checkpoint per model.

    Parameters
    ----------
    models_dict : mapping
        Maps names to modules; usually ``autoencoder`` and ``diffraction_to_obj``.
    base_path : path
        Path that ends in ``wts.h5``.
    intensity_scale : float or None
        Factor that converts normalised amplitudes to square roots of counts; None uses the factor of the models.

    Raises
    ------
    ArchiveError
        ``models_dict`` is empty, or one of its values is not a module. The error is also a ValueError.
    """
    for name, model in models_dict.items():
        if not isinstance(model, nn.Module):
            raise ArchiveError(f"the model {name!r} is a {type(model).__name__}", "a torch module")
    if not models_dict:
        raise ArchiveError("models_dict is empty", "at least one model")
    params = _params(config, intensity_scale, list(models_dict.values()))
    members: dict[str, bytes] = {}
    for name, model in models_dict.items():
        members[f"{name}/model.ckpt"] = _checkpoint(model, config)
        members[f"{name}/params.dill"] = safe_dill.dumps(params)
    plain = plain_settings(config) if isinstance(config, TrainingConfig) else {}
    manifest = new_manifest(NAME, f"ptychopinn {__version__}", plain, models_dict)
    write_bundle(f"{base_path}.zip", members, manifest)


def load_torch_bundle(
    base_path: str | Path, model_name: str | None = None
) -> tuple[dict[str, PtychoPINN_Lightning], dict[str, Any]]:
    """Open ``<base_path>.zip``; return its modules (or only the module ``model_name``) and its parameters.

    ``base_path`` ends in ``wts.h5``, or is the path of a packed or unpacked archive. The parameters are also written
    into ``params.cfg``.

    Raises
    ------
    ArchiveError, MissingArchiveError
        The archive is missing (also a FileNotFoundError), cannot be used, or has no model named ``model_name``;
        ``params.cfg`` is unchanged.
    """
    zipped = Path(f"{base_path}.zip")
    packed = zipped.is_file() and not Path(base_path).is_dir()
    bundle = open_bundle(zipped if packed else base_path, NAME)
    names = list(bundle.manifest["models"])
    if model_name is not None and model_name not in names:
        raise ArchiveError(f"{bundle.location.path} has no model {model_name!r}", "one of " + ", ".join(names))
    models, params = {}, {}
    for name in names if model_name is None else [model_name]:
        params = stored_params(bundle, name)
        models[name] = _stored_model(bundle, name, params)
    restore_legacy_params(params)
    return models, params


def create_torch_model_with_gridsize(
    gridsize: int, N: int, params_dict: Mapping[str, Any] | None = None
) -> PtychoPINN_Lightning:
    """Return an untrained model for groups of gridsize x gridsize patterns of N x N pixels.

    ``params_dict`` holds additional settings, with the same keys as ``params.cfg``.
    """
    config = settings_from_params({**(params_dict or {}), "gridsize": gridsize, "N": N})
    return PtychoPINN_Lightning(training=config).eval()


def _params(
    config: TrainingConfig | InferenceConfig, intensity_scale: float | None, models: list[nn.Module]
) -> dict[str, Any]:
    own = {key: value for key, value in dataclass_to_legacy_dict(config).items() if value is not None}
    params = legacy_snapshot(own)
    counts = max([float(getattr(model, "mean_counts", 0.0)) for model in models])
    if intensity_scale is None and (counts > 0 or "intensity_scale" not in params):
        intensity_scale = intensity_scale_of(counts or float(params["nphotons"]), config.model.N)
    return params if intensity_scale is None else {**params, "intensity_scale": float(intensity_scale)}


def _checkpoint(model: nn.Module, config: TrainingConfig | InferenceConfig) -> bytes:
    if isinstance(model, TrainingModule):
        # Other programs read the settings from here, whether or not the model was built from them.
        stored = {**model.hyper_parameters(), "training": plain_settings(model.config)}
    else:
        training = config if isinstance(config, TrainingConfig) else TrainingConfig(model=config.model)
        stored = {"training": plain_settings(training)}
    stream = io.BytesIO()
    torch.save({"state_dict": model.state_dict(), "hyper_parameters": stored}, stream)
    return stream.getvalue()


def _stored_model(bundle: Bundle, name: str, params: dict[str, Any]) -> PtychoPINN_Lightning:
    files = [member for member in bundle.names if member.startswith(f"{name}/") and member.endswith(".ckpt")]
    if not files:
        text = f"{bundle.location.path} has no checkpoint of the model {name!r}"
        raise ArchiveError(text, f"the member {name}/model.ckpt", "Save the model again.")
    try:
        checkpoint = torch.load(io.BytesIO(bundle.read(files[0])), map_location="cpu", weights_only=True)
        if {"training", "data_config"} & set(checkpoint["hyper_parameters"]):
            return PtychoPINN_Lightning.from_checkpoint(checkpoint)
        module = PtychoPINN_Lightning(training=settings_from_params(params)).eval()
        module.load_state_dict(checkpoint["state_dict"])
        return module
    except ArchiveError:
        raise
    except Exception as error:
        raise ArchiveError(
            f"the weights {files[0]} in {bundle.location.path} cannot be read ({type(error).__name__}: {error})",
            "weights that match the settings saved with them",
            "Save the model again, or open it with the version that wrote it.",
        ) from error
