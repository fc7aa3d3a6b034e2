"""Model archives of the PyTorch backend."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import torch
from torch import Tensor

from ptychopinn.archive import safe_dill
from ptychopinn.archive.bundle import Bundle, open_bundle, write_bundle
from ptychopinn.archive.manifest import MODELS, new_manifest
from ptychopinn.backends.stored_settings import (
    legacy_params,
    plain_history,
    plain_settings,
    settings_from_params,
    settings_from_plain,
    stored_history,
    stored_params,
)
from ptychopinn.backends.torch.cnn_options import CnnOptions
from ptychopinn.backends.torch.lightning_module import TrainingModule
from ptychopinn.backends.torch.network import PtychoNetwork
from ptychopinn.backends.torch.training import TrainedNetwork
from ptychopinn.config.training import TrainingConfig
from ptychopinn.errors import ArchiveError, MissingFileError
from ptychopinn.version import __version__

NAME = "pytorch"
_MODEL = "diffraction_to_obj"


def save_archive(path: Path, trained: TrainedNetwork, config: TrainingConfig) -> None:
    """Write ``wts.h5.zip``; both of its models contain the complete network."""
    settings = plain_settings(config)
    checkpoint = io.BytesIO()
    stored = {**trained.module.hyper_parameters(), "training": settings, **plain_history(trained.history)}
    torch.save({"state_dict": trained.module.state_dict(), "hyper_parameters": stored}, checkpoint)
    params = legacy_params(config, trained.mean_counts)
    members: dict[str, bytes] = {}
    for model in MODELS:
        members[f"{model}/model.ckpt"] = checkpoint.getvalue()
        members[f"{model}/params.dill"] = safe_dill.dumps(params)
    write_bundle(path, members, new_manifest(NAME, f"ptychopinn {__version__}", settings))


def load_archive(path: Path) -> tuple[TrainedNetwork, TrainingConfig]:
    """Open an archive of this backend; nothing in it is executed.

    Raises
    ------
    ArchiveError
        The archive belongs to another backend or is damaged, or its weights do not match its settings.
    """
    bundle = open_bundle(path, NAME)
    data = io.BytesIO(bundle.read(f"{_MODEL}/model.ckpt"))
    try:
        checkpoint = torch.load(data, map_location="cpu", weights_only=True)
        stored = checkpoint["hyper_parameters"]
        config = _stored_settings(stored, bundle)
        module = _stored_module(stored, weights_by_module(checkpoint["state_dict"]), config)
    except ArchiveError:
        raise
    except Exception as error:
        raise ArchiveError(
            f"the weights in {path} cannot be read ({type(error).__name__}: {error})",
            "weights that match the settings saved with them",
            "Save the model again, or open it with the version that wrote it.",
        ) from error
    return TrainedNetwork(module, stored_history(stored)), config


def weights_by_module(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights under their names in a Lightning module; those of a bare network get the prefix ``network.``."""
    prefix = "network." if "probe_parts" in weights else ""
    return {f"{prefix}{name}": value for name, value in weights.items()}


def _stored_settings(stored: Mapping[str, Any], bundle: Bundle) -> TrainingConfig:
    # Historic programs saved the settings next to the checkpoint only.
    plain = stored.get("training") or bundle.manifest["config"]
    return settings_from_plain(plain) if plain else settings_from_params(stored_params(bundle, _MODEL))


def _stored_module(stored: Mapping[str, Any], weights: dict[str, Tensor], config: TrainingConfig) -> TrainingModule:
    # Only historic programs store variants of the network, in their own settings.
    model, data = stored.get("model_config", {}), stored.get("data_config", {})
    mask = model.get("probe_mask")
    network = PtychoNetwork(
        config,
        int(weights["network.probe_parts"].shape[0]),
        mask=mask.clone() if isinstance(mask, Tensor) else None,
        options=CnnOptions.from_stored(model, data),
    )
    network.mixed = bool(stored.get("mixed", False))
    module = TrainingModule(network, config, mean_counts=float(stored.get("mean_counts", 0.0)))
    module.load_state_dict(weights)
    return module.eval()


def read_checkpoint(path: str | Path | IO[bytes]) -> dict[str, Any]:
    """Read a checkpoint file into CPU memory; nothing in it is executed.

    Raises
    ------
    MissingFileError
        The file does not exist.
    ArchiveError
        The file is damaged, contains no weights, or contains more than weights and plain settings.
    """
    if isinstance(path, (str, Path)) and not Path(path).is_file():
        raise MissingFileError(f"File not found: {path}", "the .ckpt file of a training run", "Check the path.")
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, OSError) as error:
        raise ArchiveError(
            f"{path} cannot be read as a checkpoint",
            "a .ckpt file written by a training run of this program",
            "Copy the file again, or choose another one.",
        ) from error
    if not isinstance(checkpoint, dict) or "state_dict" not in checkpoint:
        expected = "a checkpoint written by this program"
        raise ArchiveError(f"{path} contains no weights", expected, "Choose another file.")
    return checkpoint
